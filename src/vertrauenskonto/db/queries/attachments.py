"""Attachments: the files beside an entry, for whoever may see names."""

from dataclasses import dataclass
from datetime import datetime

from vertrauenskonto.core.errors import NotFound, Text
from vertrauenskonto.db import access, models
from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.queries.entries import missing


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentRow:
    """A file beside an entry; `key` names it for ever. Without name and size: it was erased."""

    key: str
    attached_at: datetime
    name: str | None
    media_type: str | None
    bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file with its contents, and the customer on whose account its entry counts."""

    customer: str
    name: str
    media_type: str
    contents: bytes


def entry_for(viewer: Viewer, source: str, source_id: str) -> models.Entry:
    """Return an entry on the account of a customer who exists for the viewer; for `db` only.

    Raises:
        NotFound: there is none, or not for this viewer; analysts know entries by pseudonyms only.
    """
    row = models.Entry.objects.select_related("customer")
    found = row.filter(source=source, source_id=source_id).first()
    if found is None or viewer.role == "analyst":
        raise missing(source, source_id)
    try:
        access.customer_id(viewer, found.customer.key)
    except NotFound:
        raise missing(source, source_id) from None
    return found


def of_entry(viewer: Viewer, source: str, source_id: str) -> tuple[str, tuple[AttachmentRow, ...]]:
    """Return the customer of an entry, and the files that were attached to it, in order.

    Raises:
        Denied: the viewer may not see names.
        NotFound: there is no such entry, or not for this viewer.
    """
    access.require(viewer, "see_names")
    entry = entry_for(viewer, source, source_id)
    return entry.customer.key, files_of(entry)


def files_of(entry: models.Entry) -> tuple[AttachmentRow, ...]:
    """Return the files that were attached to an entry, in order; for modules of `db` only."""
    bound = models.Evidence.objects.filter(entry=entry).select_related("transaction")
    rows = list(bound.order_by("pk"))
    kept = models.Attachment.objects.in_bulk([bytes(row.commitment) for row in rows])
    files = {bytes(key): file for key, file in kept.items()}
    return tuple(_shown(row, files.get(bytes(row.commitment))) for row in rows)


def file(viewer: Viewer, key: str) -> File:
    """Return a file by its key.

    Raises:
        Denied: the viewer may not see names.
        NotFound: there is none, or not for this viewer, or it was erased.
    """
    access.require(viewer, "see_names")
    bound = models.Evidence.objects.select_related("entry__customer")
    evidence = bound.filter(commitment=bytes.fromhex(key)).first()
    kept = models.Attachment.objects.filter(pk=bytes.fromhex(key)).first()
    if evidence is not None and kept is not None:
        entry_for(viewer, evidence.entry.source, evidence.entry.source_id)
        return File(
            customer=evidence.entry.customer.key,
            name=kept.name,
            media_type=kept.media_type,
            contents=bytes(kept.contents),
        )
    raise NotFound(
        Text(
            de=f"Es gibt keine Datei „{key}“ (mehr).",
            en=f"There is no file '{key}' (any more).",
        )
    )


def _shown(row: models.Evidence, file: models.Attachment | None) -> AttachmentRow:
    return AttachmentRow(
        key=bytes(row.commitment).hex(),
        attached_at=row.transaction.booked_at,
        name=file.name if file else None,
        media_type=file.media_type if file else None,
        bytes=len(bytes(file.contents)) if file else None,
    )
