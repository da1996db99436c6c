"""CloudEvents 1.0 in: structured, binary and batched, by a strict model of our own.

`source` and `id` of the event name the entry; `time` says when it happened, `data` the rest.
"""

import re
from dataclasses import replace
from typing import Annotated, Any, Literal
from urllib.parse import unquote

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field, ValidationError

from vertrauenskonto.api.bulk import BulkOut, answered, read, too_many
from vertrauenskonto.api.callers import caller, door, needs, viewer
from vertrauenskonto.api.entries import answered as answered_singly
from vertrauenskonto.api.events import KnownAs, OutcomeOut, Source, SourceId, Target, outcome
from vertrauenskonto.api.fields import Day, Instant, Strict, absent, said, text
from vertrauenskonto.api.problems import Refusal, Wrong
from vertrauenskonto.api.reading import is_json, language, media_type, parsed
from vertrauenskonto.api.wrong import wrongs
from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.db.actions import intake
from vertrauenskonto.db.actions.intake import Report
from vertrauenskonto.db.queries import policies

router = Router(tags=["entries"])

ROWS_MAX = 1_000
TYPE = "de.vertrauenskonto.event.v1"
_STRUCTURED = "application/cloudevents+json"
_BATCH = "application/cloudevents-batch+json"
# Names of attributes are small letters and digits (CloudEvents 1.0, 3).
_ATTRIBUTE = re.compile(r"[a-z0-9]{1,40}")
_KNOWN = frozenset(
    {"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema"}
)


class DataIn(Strict):
    """What `data` of an event says; the rest stands in its attributes."""

    kind: Annotated[str, said(80)]
    known_as: KnownAs = absent()
    value_date: Day = absent()
    recorded_date: Day = absent()
    target: Target = "organisation"
    promise: Annotated[str, text(200)] = ""
    note: Annotated[str, text(4000)] = ""


class CloudEventIn(Strict):
    """A CloudEvent; `subject` is the customer's key, absent if `data.known_as` says who it is.

    Extension attributes are dropped before this is checked: senders' infrastructure adds them.
    """

    specversion: Literal["1.0"]
    id: SourceId
    source: Source
    type: Literal["de.vertrauenskonto.event.v1"]
    subject: Annotated[str, said(40)] = absent()
    time: Instant = absent()
    datacontenttype: Annotated[
        str, Field(pattern=r"^application/([a-zA-Z0-9.-]+\+)?json(;.*)?$")
    ] = absent()
    dataschema: Annotated[str, text(500)] = absent()
    data: DataIn


_REF = {"$ref": "#/components/schemas/CloudEventIn"}
_BODY = {
    "required": True,
    "content": {
        _STRUCTURED: {"schema": _REF},
        _BATCH: {"schema": {"type": "array", "maxItems": ROWS_MAX, "items": _REF}},
        "application/json": {
            "schema": {"$ref": "#/components/schemas/DataIn"},
        },
    },
}
_DECLARED = needs("write")
_DECLARED["openapi_extra"] = {**_DECLARED["openapi_extra"], "requestBody": _BODY}


@router.post(
    "/events/cloudevents",
    response={200: OutcomeOut | BulkOut, 201: OutcomeOut, 202: OutcomeOut},
    url_name="cloudevents",
    **_DECLARED,
)
def cloudevents(request: HttpRequest) -> HttpResponse:
    """Book one CloudEvent (structured, or binary with `ce-` headers), or up to 1,000 as a batch.

    A single one is answered like `POST /entries`, a batch like `POST /entries/bulk`.
    """
    kind = media_type(request)
    spoken = language(request)
    given = _given(request, kind)
    reports, said = _read(given, spoken, may_backfill="backfill" in caller(request).scopes)
    if kind != _BATCH and said:
        raise Refusal("invalid", wrong=said[0])
    taken = intake.take(
        viewer(request),
        [reports[number] for number in sorted(reports)],
        door=door(request),
        policies=policies.history(),
    )
    taken = [replace(one, field=_pointer(one.field)[1:]) for one in taken]
    if kind != _BATCH:
        return answered_singly(request, taken[0])
    rows = {number: _refused(given[number], wrong, spoken) for number, wrong in said.items()}
    rows |= {n: outcome(one, spoken) for n, one in zip(sorted(reports), taken, strict=True)}
    return answered(rows, len(given))


def _given(request: HttpRequest, kind: str) -> list[Any]:
    if kind == _BATCH:
        given = parsed(request.body)
        if not isinstance(given, list):
            raise Refusal("invalid", Text(de="Hier gehört eine Liste hin.", en="Send an array."))
        if len(given) > ROWS_MAX:
            raise too_many(ROWS_MAX)
        return [_without_extensions(event) for event in given]
    if kind == _STRUCTURED:
        return [_without_extensions(parsed(request.body))]
    if "ce-specversion" in request.headers and is_json(kind):
        return [_binary(request, kind)]
    raise Refusal(
        "media_type",
        Text(
            de=f"Hier gehört {_STRUCTURED}, {_BATCH} oder JSON mit den Kopfzeilen ce-… hin.",
            en=f"This takes {_STRUCTURED}, {_BATCH} or JSON with the headers ce-….",
        ),
    )


def _binary(request: HttpRequest, kind: str) -> dict[str, Any]:
    """Return the event whose attributes stand in headers, percent-decoded (HTTP binding 3.1.3)."""
    event: dict[str, Any] = {
        name: unquote(request.headers[f"ce-{name}"])
        for name in _KNOWN - {"datacontenttype"}
        if f"ce-{name}" in request.headers
    }
    return {**event, "datacontenttype": kind, "data": parsed(request.body)}


def _without_extensions(event: Any) -> Any:
    if not isinstance(event, dict):
        return event
    # Names that no extension may have stay, and are refused as unknown fields.
    return {
        name: value
        for name, value in event.items()
        if name in _KNOWN
        or name in ("data", "data_base64")
        or not _ATTRIBUTE.fullmatch(name)
        or isinstance(value, dict | list)
    }


def _read(
    given: list[Any], spoken: Language, *, may_backfill: bool
) -> tuple[dict[int, Report], dict[int, list[Wrong]]]:
    bad: dict[int, list[Wrong]] = {}
    plain = []
    places = []
    for number, event in enumerate(given):
        try:
            plain.append(_plain(CloudEventIn.model_validate(event)))
            places.append(number)
        except ValidationError as error:
            bad[number] = wrongs(error.errors(include_url=False), skip=0, place="body")
    reports, rows = read(plain, spoken, may_backfill=may_backfill)
    for number, row in rows.items():
        text = Text(de=row["text"], en=row["text"])
        bad[places[number]] = [
            Wrong(place="body", pointer=_pointer(row["field"][1:]), code=row["code"], text=text)
        ]
    return {places[number]: one for number, one in reports.items()}, bad


def _plain(event: CloudEventIn) -> dict[str, Any]:
    """Return the event as `POST /entries` would get it."""
    plain: dict[str, Any] = event.data.model_dump(mode="json", exclude_unset=True)
    plain |= {"source": event.source, "source_id": event.id}
    if "subject" in event.model_fields_set:
        plain["customer"] = event.subject
    if "time" in event.model_fields_set:
        plain["happened_at"] = event.time.isoformat()
    return plain


def _pointer(field: str) -> str:
    names = {"customer": "subject", "happened_at": "time", "source_id": "id", "": ""}
    if field in names or field == "source":
        found = names.get(field, field)
        return f"/{found}" if found else ""
    return f"/data/{field}"


def _refused(given: Any, wrong: list[Wrong], spoken: Language) -> dict[str, Any]:
    event = given if isinstance(given, dict) else {}
    errors = [{k: v for k, v in one.said(spoken).items() if k != "in"} for one in wrong]
    return {
        "outcome": "refused",
        "source": event["source"][:200] if isinstance(event.get("source"), str) else "",
        "source_id": event["id"][:200] if isinstance(event.get("id"), str) else "",
        "code": wrong[0].code,
        "field": wrong[0].pointer,
        "text": wrong[0].text.in_language(spoken),
        "errors": errors,
    }
