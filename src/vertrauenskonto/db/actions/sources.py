"""Sources: entering and changing them, trying them, and setting them going when they are due."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Problem, Text, TrustError
from vertrauenskonto.db import mappings, models
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.db.actions import jobs
from vertrauenskonto.db.secrets import enciphered
from vertrauenskonto.db.source_places import KINDS, Kind, connection_of, tried
from vertrauenskonto.fetch.database import address_parts, check_query
from vertrauenskonto.fetch.sftp import UnknownKey

__all__ = ["KINDS", "Asked", "Kind", "Rhythm", "Trial", "add", "change", "remove", "set_going"]

# How often it is looked whether a source is due, at most.
_LOOKED_AFTER = timedelta(minutes=1)
_MINUTES_MIN, _MINUTES_MAX = 5, 7 * 24 * 60
# What a source connects to: where it changes, the password is asked for again.
_AIMS: Mapping[str, tuple[str, ...]] = {
    "folder": (),
    "sql": ("url",),
    "sftp": ("host", "port", "user"),
    "mailbox": ("host", "port", "user"),
}
Rhythm = Literal["minutes", "daily"]
assert set(_AIMS) == set(get_args(Kind)), "every kind connects somewhere, or nowhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A source as somebody describes it; `secret` None: as before."""

    title: str
    kind: Kind
    mapping: str
    place: Mapping[str, Any]
    secret: str | None = None
    every_minutes: int | None = None
    daily_minute: int | None = None
    is_on: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What became of trying a source; `host_key`: one that a person must confirm first."""

    is_good: bool
    text: Text
    host_key: str = ""


def add(viewer: Viewer, asked: Asked, *, now: datetime) -> int:
    """Enter a source and return its number; it is first read when its time comes.

    Raises:
        Denied: the viewer may not lead.
        Invalid: something is missing or wrong; each is a problem with its field.
    """
    require(viewer, "lead")
    _check(asked)
    row = models.Source(
        created_at=now, due_at=now, kind=asked.kind, secret=enciphered(asked.secret or "")
    )
    _fill(row, asked)
    row.due_at = next_due(row, now)
    row.save(force_insert=True)
    return row.pk


@transaction.atomic
def change(viewer: Viewer, source_id: int, asked: Asked, *, now: datetime) -> None:
    """Change a source; a password goes only to the place for which it was entered.

    Raises:
        Denied, Invalid: as `add`.
        NotFound: there is no such source.
    """
    row = _locked(viewer, source_id)
    _check(asked)
    moved = any(row.place.get(name) != asked.place.get(name) for name in _AIMS[asked.kind])
    if moved and asked.secret is None and row.secret:
        raise _wrong(
            "secret",
            Text(
                de="Der Ort ist ein anderer: geben Sie das Kennwort neu ein.",
                en="The place is another one: enter the password again.",
            ),
        )
    host_key = "" if moved else row.place.get("host_key", "")
    if row.kind in ("sql", "mailbox") and (moved or _reads_other(row, asked)):
        row.cursor = ""
    _fill(row, asked)
    if row.kind == "sftp":
        row.place["host_key"] = host_key
    if asked.secret is not None:
        row.secret = enciphered(asked.secret)
    row.error = {}
    row.due_at = next_due(row, now)
    row.save()


def remove(viewer: Viewer, source_id: int) -> None:
    """Remove a source; what it booked stays, and so do the runs.

    Raises:
        NotFound: there is no such source.
    """
    _source(viewer, source_id).delete()


def run_now(viewer: Viewer, source_id: int, *, now: datetime) -> None:
    """Read a source as soon as a worker is free.

    Raises:
        NotFound: there is no such source.
    """
    row = _source(viewer, source_id)
    _enqueue(row, now)


def try_it(viewer: Viewer, source_id: int) -> Trial:
    """Connect as a run would, and say honestly what happened; nothing is read or changed.

    Raises:
        NotFound: there is no such source.
    """
    row = _source(viewer, source_id)
    try:
        return Trial(is_good=True, text=tried(connection_of(row), row))
    except UnknownKey as unknown:
        return Trial(is_good=False, text=unknown.text, host_key=unknown.fingerprint)
    except TrustError as refusal:
        return Trial(is_good=False, text=refusal.text)


@transaction.atomic
def confirm_key(viewer: Viewer, source_id: int, host_key: str) -> None:
    """Pin the key that a person compared; from then on only a server with this key is believed.

    Raises:
        NotFound: there is no such source.
        Conflict: it is no SFTP server.
    """
    row = _locked(viewer, source_id)
    if row.kind != "sftp" or not host_key:
        raise Conflict(Text(de="Hier gibt es keinen Schlüssel.", en="There is no key here."))
    row.place = {**row.place, "host_key": host_key}
    row.save(update_fields=["place"])


def set_going(*, now: datetime) -> datetime | None:
    """Put every source that is due into the queue; return when to look again, None for tomorrow.

    The day's last look is not repeated: the next day begins with its own.
    """
    for row in models.Source.objects.filter(is_on=True, due_at__lte=now).order_by("due_at"):
        _enqueue(row, now)
    zone = ZoneInfo(settings.TIME_ZONE)
    again = now + _LOOKED_AFTER
    return again if again.astimezone(zone).date() == now.astimezone(zone).date() else None


def next_due(row: models.Source, now: datetime) -> datetime:
    """Return when a source is read next."""
    if row.daily_minute is None:
        return now + timedelta(minutes=row.every_minutes or _MINUTES_MAX)
    zone = ZoneInfo(settings.TIME_ZONE)
    local = now.astimezone(zone)
    hour, minute = divmod(row.daily_minute, 60)
    today = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    due = today if today > local else today + timedelta(days=1)
    return due.astimezone(now.tzinfo)


def _enqueue(row: models.Source, now: datetime) -> None:
    # The same moment again is the same job; a source put off meanwhile is not taken twice.
    key = f"read_source:{row.pk}:{now.isoformat()}"
    with transaction.atomic():
        due = next_due(row, now)
        models.Source.objects.filter(pk=row.pk).update(due_at=due)
        jobs.enqueue("read_source", key=key, due_at=now, arguments={"source": row.pk})


def _fill(row: models.Source, asked: Asked) -> None:
    row.title, row.mapping, row.place = asked.title, asked.mapping, dict(asked.place)
    row.every_minutes, row.daily_minute = asked.every_minutes, asked.daily_minute
    row.is_on = asked.is_on


def _reads_other(row: models.Source, asked: Asked) -> bool:
    return any(row.place.get(n) != asked.place.get(n) for n in ("query", "column", "folder"))


def _check(asked: Asked) -> None:
    if not asked.title.strip():
        raise _wrong("title", Text("Geben Sie der Quelle einen Namen.", "Name the source."))
    if asked.kind != "mailbox":
        try:
            mappings.text_of(asked.mapping)
        except NotFound:
            text = Text("Wählen Sie eine Zuordnung.", "Choose a mapping.")
            raise _wrong("mapping", text) from None
    if asked.daily_minute is None and not (
        _MINUTES_MIN <= (asked.every_minutes or 0) <= _MINUTES_MAX
    ):
        raise _wrong("every", Text("Wählen Sie, wie oft.", "Choose how often."))
    if asked.kind == "sql":
        _check_sql(asked)
    for name in _AIMS[asked.kind]:
        if not asked.place.get(name):
            raise _wrong(name, Text("Das fehlt noch.", "This is missing."))


def _check_sql(asked: Asked) -> None:
    for field, check in (("url", address_parts), ("query", check_query)):
        try:
            check(str(asked.place.get(field, "")))
        except Invalid as refusal:
            raise _wrong(field, refusal.text) from None
    if address_parts(str(asked.place["url"])).get("password"):
        raise _wrong(
            "url",
            Text(
                de="Das Kennwort gehört in das Feld darunter; dort wird es verschlüsselt.",
                en="The password belongs in the field below; there it is enciphered.",
            ),
        )


def _wrong(field: str, text: Text) -> Invalid:
    return Invalid(text, problems=[Problem(code="source", field=field, text=text)])


def _locked(viewer: Viewer, source_id: int) -> models.Source:
    _source(viewer, source_id)
    return models.Source.objects.select_for_update().get(pk=source_id)


def _source(viewer: Viewer, source_id: int) -> models.Source:
    require(viewer, "lead")
    row = models.Source.objects.filter(pk=source_id).first()
    if row is None:
        raise NotFound(Text(de="Diese Quelle gibt es nicht.", en="There is no such source."))
    return row
