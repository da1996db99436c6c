"""Attachments: files beside an entry, put there as they are and read by whoever may see names."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router
from pydantic import Field

from vertrauenskonto.api.callers import door, looked, needs, viewer
from vertrauenskonto.api.fields import Said
from vertrauenskonto.api.reading import as_json, media_type
from vertrauenskonto.db.actions import notes
from vertrauenskonto.db.queries import attachments as queries

router = Router(tags=["entries"])

Source = Annotated[str, Query(min_length=1, max_length=80)]
SourceId = Annotated[str, Query(min_length=1, max_length=200)]
_BINARY = {"schema": {"type": "string", "format": "binary"}}


class AttachmentOut(Said):
    """A file beside an entry; name, type and size are null once it was erased."""

    key: str
    attached_at: datetime
    name: str | None
    media_type: str | None
    bytes: int | None


class AttachmentsOut(Said):
    """The files of an entry, in the order in which they were attached."""

    attachments: list[AttachmentOut]


class AttachedOut(Said):
    """The key by which the file is read; it is bound to the log."""

    key: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def _declared(scope: str, **more: Mapping[Any, Any]) -> dict[str, Any]:
    declared = needs(scope)
    return {**declared, "openapi_extra": {**declared["openapi_extra"], **more}}


@router.post(
    "/entries/attachments",
    response={201: AttachedOut},
    url_name="attach",
    **_declared(
        "write",
        requestBody={"required": True, "content": dict.fromkeys(notes.MEDIA_TYPES, _BINARY)},
    ),
)
def attach(
    request: HttpRequest,
    source: Source,
    source_id: SourceId,
    name: Annotated[str, Query(min_length=1, max_length=200)],
) -> HttpResponse:
    """Attach a file to an entry: the body is the file, its type in Content-Type, up to 10 MB.

    The same file again on the same entry is the one that is there. It is erased with the customer.
    """
    key = notes.attach(
        viewer(request),
        (source, source_id),
        name=name,
        media_type=media_type(request),
        contents=request.body,
        door=door(request),
    )
    return HttpResponse(
        as_json({"key": key.hex()}), status=201, content_type="application/json; charset=utf-8"
    )


@router.get("/entries/attachments", response=AttachmentsOut, **needs("names"))
def attachments(request: HttpRequest, source: Source, source_id: SourceId) -> Any:
    """List the files of an entry."""
    customer, rows = queries.of_entry(viewer(request), source, source_id)
    looked(request, [customer], "attachment")
    return {"attachments": rows}


@router.get(
    "/entries/attachments/{key}",
    response={200: None},
    url_name="attachment",
    **_declared(
        "names",
        responses={200: {"content": dict.fromkeys(notes.MEDIA_TYPES, _BINARY)}},
    ),
)
def attachment(
    request: HttpRequest, key: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
) -> HttpResponse:
    """Read a file; it is sent to be saved, never shown by the browser in our name."""
    found = queries.file(viewer(request), key)
    looked(request, [found.customer], "attachment")
    response = HttpResponse(found.contents, content_type=found.media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "no-store"
    return response
