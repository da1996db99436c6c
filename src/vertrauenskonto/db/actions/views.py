"""Saved views: keeping a list of customers under a name, sharing it, renaming and dropping it."""

from collections.abc import Mapping

from django.db import IntegrityError, transaction

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound, Problem, Text
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, require

NAME_LENGTH_MAX = 80
VIEWS_MAX = 50
# Never kept: it names customers.
_TEXT = "text"


@transaction.atomic
def save(viewer: Viewer, name: str, filters: Mapping[str, str], *, is_shared: bool = False) -> int:
    """Keep filters under a name and return the view's number; her view of that name is replaced.

    Raises:
        Denied: the viewer is no person, or may not share views.
        Invalid: the name is missing or too long, or she has very many views.
    """
    called = _name(name)
    if is_shared:
        require(viewer, "lead")
    if viewer.person_id is None:
        raise Denied(Text(de="Dazu braucht es ein Benutzerkonto.", en="This takes a user account."))
    # Two clicks at once: the second waits here and finds what the first kept.
    person = models.Person.objects.select_for_update().get(pk=viewer.person_id)
    own = models.SavedView.objects.filter(owner=person)
    if not own.filter(name=called).exists() and own.count() >= VIEWS_MAX:
        raise _wrong(
            Text(
                de=f"Mehr als {VIEWS_MAX} Ansichten findet niemand wieder; löschen Sie eine.",
                en=f"Nobody finds more than {VIEWS_MAX} views again; delete one.",
            )
        )
    kept = {key: value for key, value in sorted(filters.items()) if value and key != _TEXT}
    row, _ = models.SavedView.objects.update_or_create(
        owner=person, name=called, defaults={"filters": kept, "is_shared": is_shared}
    )
    return row.pk


def rename(viewer: Viewer, view: int, name: str) -> None:
    """Give one's own view another name.

    Raises:
        NotFound: she has no such view.
        Invalid: the name is missing or too long.
        Conflict: she has a view of that name already.
    """
    called = _name(name)
    try:
        with transaction.atomic():
            changed = _own(viewer, view).update(name=called)
    except IntegrityError as error:
        raise Conflict(
            Text(
                de=f"Sie haben schon eine Ansicht „{called}“.",
                en=f"You have a view '{called}' already.",
            )
        ) from error
    _refuse_none(changed, view)


def share(viewer: Viewer, view: int, *, is_shared: bool) -> None:
    """Show one's own view to everybody, or to oneself only.

    Raises:
        Denied: the viewer may not share views.
        NotFound: she has no such view.
    """
    require(viewer, "lead")
    _refuse_none(_own(viewer, view).update(is_shared=is_shared), view)


def drop(viewer: Viewer, view: int) -> None:
    """Delete one's own view; one that is gone already is gone."""
    _own(viewer, view).delete()


def _own(viewer: Viewer, view: int):  # type: ignore[no-untyped-def] # stubs cannot name it
    return models.SavedView.objects.filter(pk=view, owner=viewer.person_id)


def _refuse_none(changed: int, view: int) -> None:
    if not changed:
        raise NotFound(
            Text(
                de=f"Sie haben keine Ansicht mit der Nummer {view}.",
                en=f"You have no view number {view}.",
            )
        )


def _name(name: str) -> str:
    called = " ".join(name.split())
    if not called:
        raise _wrong(Text(de="Geben Sie der Ansicht einen Namen.", en="Give the view a name."))
    if len(called) > NAME_LENGTH_MAX:
        raise _wrong(
            Text(
                de=f"Der Name hat {len(called)} Zeichen; möglich sind {NAME_LENGTH_MAX}.",
                en=f"The name has {len(called)} characters; {NAME_LENGTH_MAX} are possible.",
            )
        )
    return called


def _wrong(text: Text) -> Invalid:
    return Invalid(text, problems=[Problem(code="name", field="name", text=text)])
