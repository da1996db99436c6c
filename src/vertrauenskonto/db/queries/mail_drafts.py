"""Drafts from mails that wait for a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from vertrauenskonto.core.errors import NotFound, Text
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, customers, require
from vertrauenskonto.db.matching import folded

LISTED_MAX = 50
_NAMED_MAX = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """A customer whom a mail may be about, and the addresses that say so."""

    key: str
    name: str
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    """A mail as it waits."""

    id: int
    received_at: datetime
    sent_date: date
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    attachments: tuple[str, ...]
    kind: str
    candidates: tuple[Meant, ...]


def waiting(viewer: Viewer) -> tuple[tuple[DraftRow, ...], int]:
    """Return the drafts that wait, oldest first, and how many there are in all.

    Raises:
        Denied: the viewer may not lead.
    """
    require(viewer, "lead")
    rows = models.MailDraft.objects.filter(state="waiting").order_by("pk")
    listed = list(rows[:LISTED_MAX])
    names = _names(viewer, listed)
    return tuple(_row(row, names) for row in listed), rows.count()


def draft(viewer: Viewer, draft_id: int) -> DraftRow:
    """Return one draft that waits.

    Raises:
        Denied: the viewer may not lead.
        NotFound: there is none, or it is decided.
    """
    require(viewer, "lead")
    row = models.MailDraft.objects.filter(pk=draft_id, state="waiting").first()
    if row is None:
        raise NotFound(Text(de="Diesen Entwurf gibt es nicht.", en="There is no such draft."))
    return _row(row, _names(viewer, [row]))


def _names(viewer: Viewer, rows: list[models.MailDraft]) -> dict[str, str]:
    keys = {one["key"] for row in rows for one in row.candidates}
    found = customers(viewer).filter(key__in=keys).values_list("key", "profile__name")
    return {key: name or "" for key, name in found}


def _row(row: models.MailDraft, names: Mapping[str, str]) -> DraftRow:
    told = row.contents
    return DraftRow(
        id=row.pk,
        received_at=row.received_at,
        sent_date=row.sent_date,
        sender=told.get("from", ""),
        recipients=tuple(told.get("to", ())),
        subject=told.get("subject", ""),
        text=told.get("text", ""),
        attachments=tuple(told.get("attachments", ())),
        kind=row.kind,
        candidates=tuple(
            Meant(key=one["key"], name=names[one["key"]], by=tuple(one["by"]))
            for one in row.candidates
            if one["key"] in names
        ),
    )


def named(viewer: Viewer, text: str) -> tuple[Meant, ...]:
    """Return some customers whose name holds a text, for a mail that names none we know.

    Raises:
        Denied: the viewer may not lead.
    """
    require(viewer, "lead")
    if not folded(text):
        return ()
    found = customers(viewer).filter(profile__search_name__contains=folded(text))
    rows = found.order_by("profile__search_name", "pk").values_list("key", "profile__name")
    return tuple(Meant(key=key, name=name or "", by=()) for key, name in rows[:_NAMED_MAX])
