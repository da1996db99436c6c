"""Long work in the background: asking for it, stopping it, tidying up; `db.long_works` does it."""

from datetime import datetime

from django.db import transaction

from vertrauenskonto.core.errors import Denied, Invalid, Language, NotFound, Text
from vertrauenskonto.db import exporting, models
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.db.actions import jobs
from vertrauenskonto.db.queries.long_works import FILE_KEPT, OPEN, RIGHTS, Name, path


def ask(
    viewer: Viewer,
    name: Name,
    *,
    now: datetime,
    form: str = "csv",
    language: Language = "de",
) -> int:
    """Ask for work to be done soon, and return its number; what is under way is not begun twice.

    `form` and `language` are those of an export.

    Raises:
        Denied: the viewer lacks the right that this takes, or is no person.
        Invalid: there is no such format.
    """
    require(viewer, RIGHTS[name])
    if viewer.person_id is None:
        raise Denied(
            Text(
                de="Dazu braucht es ein Benutzerkonto.",
                en="This takes a user account.",
            )
        )
    if form not in exporting.FORMATS:
        raise Invalid(
            Text(
                de=f"Das Format „{form}“ gibt es nicht; möglich: {', '.join(exporting.FORMATS)}.",
                en=f"There is no format '{form}'; choose from {', '.join(exporting.FORMATS)}.",
            )
        )
    with transaction.atomic():
        # Two clicks at once: the second waits here and finds what the first began.
        models.Person.objects.select_for_update().get(pk=viewer.person_id)
        waiting = models.LongWork.objects.filter(name=name, state__in=OPEN)
        if name == "export":
            waiting = waiting.filter(asker=viewer.person_id)
        under_way = waiting.order_by("pk").first()
        if under_way is not None:
            return under_way.pk
        row = models.LongWork.objects.create(
            name=name,
            asker_id=viewer.person_id,
            asked_at=now,
            options={"form": form, "language": language} if name == "export" else {},
        )
        jobs.enqueue("long_work", key=f"long:{row.pk}", arguments={"work": row.pk}, due_at=now)
    return row.pk


def cancel(viewer: Viewer, work_id: int, *, now: datetime) -> None:
    """Stop work that waits or runs; what has ended stays as it is.

    Raises:
        Denied: the viewer lacks the right that this takes.
        NotFound: there is no such work, or it is somebody else's export.
    """
    row = models.LongWork.objects.filter(pk=work_id).first()
    right = next((r for name, r in RIGHTS.items() if row is not None and name == row.name), None)
    require(viewer, right or "audit")
    if row is None or (row.name == "export" and row.asker_id != viewer.person_id):
        raise NotFound(
            Text(
                de=f"Es gibt keinen Auftrag mit der Nummer {work_id}.",
                en=f"There is no work number {work_id}.",
            )
        )
    models.LongWork.objects.filter(pk=work_id, state__in=OPEN).update(
        state="cancelled", ended_at=now
    )


def tidy(*, now: datetime) -> None:
    """Delete files that were kept long enough, and work that ended so long ago that nobody asks."""
    kept = models.LongWork.objects.filter(ended_at__gt=now - FILE_KEPT, name="export")
    names = {path(pk).name for pk in kept.values_list("pk", flat=True)}
    for found in path(0).parent.glob("export-*.zip"):
        if found.name not in names:
            found.unlink(missing_ok=True)
    ended = models.LongWork.objects.exclude(state__in=OPEN).order_by("-pk")
    for name in RIGHTS:
        last = [*ended.filter(name=name).values_list("pk", flat=True)[:20]]
        ended.filter(name=name).exclude(pk__in=last).delete()
