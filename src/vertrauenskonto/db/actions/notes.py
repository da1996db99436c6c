"""Attachments: files beside an entry, erasable, bound to the log by a commitment."""

from collections.abc import Mapping
from secrets import token_bytes

from django.db import transaction

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.seal import file_commitment
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.db.actions.clock import steadied
from vertrauenskonto.db.actions.facts import Door, write
from vertrauenskonto.db.actions.holding import held
from vertrauenskonto.db.drafts import Refused, is_storable
from vertrauenskonto.db.queries.attachments import entry_for

BYTES_MAX = 10_000_000
_NAME_MAX = 200
_OFFICE = "application/vnd.openxmlformats-officedocument"
# What may be attached, and how such a file begins; texts and mails begin as they like.
MEDIA_TYPES: Mapping[str, tuple[bytes, ...]] = {
    "application/pdf": (b"%PDF",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/webp": (b"RIFF",),
    "text/plain": (),
    "text/csv": (),
    "message/rfc822": (),
    f"{_OFFICE}.wordprocessingml.document": (b"PK\x03\x04",),
    f"{_OFFICE}.spreadsheetml.sheet": (b"PK\x03\x04",),
    "application/vnd.oasis.opendocument.text": (b"PK\x03\x04",),
}


@transaction.atomic
def attach(
    viewer: Viewer,
    named: tuple[str, str],
    *,
    name: str,
    media_type: str,
    contents: bytes,
    door: Door,
) -> bytes:
    """Attach a file to an entry, named by (source, source id); return the file's commitment.

    By the commitment it is found. The same file again on the same entry is the one that is there.

    Raises:
        Denied: the viewer may not book.
        NotFound: there is no such entry, or not for this viewer.
        Refused: the file has no name, no contents, more than 10 MB, or is of another type.
        Conflict: the customer was erased.
    """
    require(viewer, "book")
    entry = entry_for(viewer, *named)
    _refuse(name, media_type, contents)
    # One at a time per customer, so that the same file sent twice at once is one.
    held([entry.customer.key])
    known = list(models.Evidence.objects.filter(entry=entry).values_list("commitment", flat=True))
    for kept in models.Attachment.objects.filter(commitment__in=known).order_by("pk"):
        if (kept.name, bytes(kept.contents)) == (name, contents):
            return bytes(kept.commitment)
    nonce = token_bytes(32)
    bound = file_commitment(nonce, name, media_type, contents)
    write([models.Evidence(entry=entry, commitment=bound)], door=steadied(door))
    models.Attachment.objects.create(
        commitment=bound, name=name, media_type=media_type, contents=contents, nonce=nonce
    )
    return bound


def _refuse(name: str, media_type: str, contents: bytes) -> None:
    if not name.strip() or len(name) > _NAME_MAX or not is_storable(name) or not name.isprintable():
        raise Refused(
            "name",
            "name",
            Text(
                de=f"Eine Datei braucht einen Namen mit höchstens {_NAME_MAX} Zeichen.",
                en=f"A file needs a name of {_NAME_MAX} characters at most.",
            ),
        )
    if not 0 < len(contents) <= BYTES_MAX:
        raise Refused(
            "size",
            "",
            Text(
                de=f"„{name}“ hat {len(contents)} Bytes; möglich sind 1 bis {BYTES_MAX}.",
                en=f"'{name}' has {len(contents)} bytes; possible are 1 to {BYTES_MAX}.",
            ),
        )
    begins = MEDIA_TYPES.get(media_type)
    if begins is None or (begins and not contents.startswith(begins)):
        raise Refused(
            "media_type",
            "",
            Text(
                de=f"„{name}“ ist keine Datei vom Typ „{media_type}“, oder dieser Typ geht nicht; "
                f"möglich sind {', '.join(MEDIA_TYPES)}.",
                en=f"'{name}' is no file of type '{media_type}', or this type is not taken; choose "
                f"from {', '.join(MEDIA_TYPES)}.",
            ),
        )
