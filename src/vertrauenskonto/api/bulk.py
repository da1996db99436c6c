"""Bulk intake: up to 10,000 events a call, as JSON or NDJSON; each row's outcome in order."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import TypeAdapter, ValidationError

from vertrauenskonto.api.callers import caller, door, needs, viewer
from vertrauenskonto.api.entries import BACKFILL
from vertrauenskonto.api.events import EventIn, Outcome, OutcomeOut, outcome, report
from vertrauenskonto.api.fields import Said
from vertrauenskonto.api.problems import Refusal, Wrong
from vertrauenskonto.api.reading import Unreadable, as_json, is_json, language, media_type, parsed
from vertrauenskonto.api.wrong import wrongs
from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.db.actions import intake
from vertrauenskonto.db.actions.intake import Report
from vertrauenskonto.db.queries import policies

router = Router(tags=["entries"])

ROWS_MAX = 10_000
NDJSON = "application/x-ndjson"
_EVENTS = TypeAdapter(list[EventIn])
_Row = dict[str, Any]


class RowError(Said):
    """One thing wrong with a row; `pointer` leads into the row."""

    pointer: str
    code: str
    text: str
    value: str | None = None


class RowOut(OutcomeOut):
    """What became of one row; `row` counts from 0. Source and id are empty if not readable."""

    row: int
    errors: list[RowError] | None = None


class BulkOut(Said):
    """How many rows had which outcome, and each row's outcome in order."""

    counts: dict[Outcome, int]
    rows: list[RowOut]


_SCHEMA = {"type": "array", "maxItems": ROWS_MAX, "items": {"$ref": "#/components/schemas/EventIn"}}
_BODY = {
    "required": True,
    "content": {
        "application/json": {"schema": _SCHEMA},
        NDJSON: {
            "schema": {"type": "string", "description": "One event as JSON on each line."},
            "example": '{"source":"shop","source_id":"1","kind":"order_received",'
            '"customer":"c_0","value_date":"2026-03-18"}\n',
        },
    },
}
_DECLARED = needs("write")
_DECLARED["openapi_extra"] = {**_DECLARED["openapi_extra"], "requestBody": _BODY}


@router.post("/entries/bulk", response={200: BulkOut}, url_name="bulk", **_DECLARED)
def bulk(request: HttpRequest) -> HttpResponse:
    """Book up to 10,000 events, as a JSON array or as NDJSON, gzip-encoded if you like.

    Every row gets its outcome: `booked`, `replayed` (booked before with the same contents),
    `conflict` (before with other contents), `queued` (it is not certain who is meant) or `refused`.
    A wrong row never stops the others. The call is one transaction: after a lost connection send it
    again, nothing is booked twice.
    """
    given, unreadable = _rows(request)
    spoken = language(request)
    reports, said = read(
        given, spoken, may_backfill="backfill" in caller(request).scopes, unreadable=unreadable
    )
    taken = intake.take(
        viewer(request),
        [reports[number] for number in sorted(reports)],
        door=door(request),
        policies=policies.history(),
    )
    for number, one in zip(sorted(reports), taken, strict=True):
        said[number] = outcome(one, spoken)
    return answered(said, len(given))


def read(
    given: Sequence[Any],
    spoken: Language,
    *,
    may_backfill: bool,
    unreadable: dict[int, Unreadable] | None = None,
) -> tuple[dict[int, Report], dict[int, _Row]]:
    """Return the reports by row number, and the outcomes of rows that are none."""
    bad = {n: _not_json(error, spoken) for n, error in (unreadable or {}).items()}
    places = [n for n in range(len(given)) if n not in bad]
    try:
        events = _EVENTS.validate_python([given[n] for n in places])
    except ValidationError as error:
        found: dict[int, list[Any]] = {}
        for one in error.errors(include_url=False):
            found.setdefault(places[int(one["loc"][0])], []).append(one)
        for number, errors in found.items():
            bad[number] = _refused(given[number], wrongs(errors, skip=1, place="body"), spoken)
        places = [n for n in places if n not in bad]
        events = _EVENTS.validate_python([given[n] for n in places])
    reports = {}
    for number, event in zip(places, events, strict=True):
        if "recorded_date" in event.model_fields_set and not may_backfill:
            wrong = Wrong(place="body", pointer="/recorded_date", code="backfill", text=BACKFILL)
            bad[number] = _refused(given[number], [wrong], spoken)
        else:
            reports[number] = report(event)
    return reports, bad


def answered(said: dict[int, _Row], count: int) -> HttpResponse:
    """Return the answer that says what became of every row."""
    rows = [{"row": number, **said[number]} for number in range(count)]
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["outcome"]] = counts.get(row["outcome"], 0) + 1
    # Not through the response model: ten thousand rows would be checked against it one by one.
    return HttpResponse(
        as_json({"counts": counts, "rows": rows}), content_type="application/json; charset=utf-8"
    )


def too_many(most: int) -> Refusal:
    """Return the refusal of a call with too many rows."""
    return Refusal(
        "too_large",
        Text(
            de=f"Höchstens {most} Vorfälle je Aufruf; teilen Sie sie auf.",
            en=f"At most {most} events a call; split them.",
        ),
    )


def _rows(request: HttpRequest) -> tuple[list[Any], dict[int, Unreadable]]:
    kind = media_type(request)
    if kind in (NDJSON, "application/ndjson", "application/jsonl"):
        return _lines(request.body)
    if not is_json(kind):
        raise Refusal(
            "media_type",
            Text(
                de=f"Hier gehört application/json (eine Liste) oder {NDJSON} hin.",
                en=f"This takes application/json (an array) or {NDJSON}.",
            ),
        )
    given = parsed(request.body)
    if not isinstance(given, list):
        text = Text(de="Hier gehört eine Liste hin.", en="This takes an array.")
        raise Refusal(
            "invalid", wrong=[Wrong(place="body", pointer="", code="list_type", text=text)]
        )
    if len(given) > ROWS_MAX:
        raise too_many(ROWS_MAX)
    return given, {}


def _lines(raw: bytes) -> tuple[list[Any], dict[int, Unreadable]]:
    # With the number of the line in what was sent: rows are counted without the empty ones.
    lines = [(at, line) for at, line in enumerate(raw.split(b"\n"), start=1) if line.strip()]
    if len(lines) > ROWS_MAX:
        raise too_many(ROWS_MAX)
    given: list[Any] = []
    unreadable = {}
    for number, (at, line) in enumerate(lines):
        try:
            given.append(parsed(line, first_line=at))
        except Unreadable as error:
            given.append(None)
            unreadable[number] = error
    return given, unreadable


def _not_json(error: Unreadable, spoken: Language) -> _Row:
    return {
        "outcome": "refused",
        "source": "",
        "source_id": "",
        "code": error.code,
        "text": error.text.in_language(spoken),
    }


def _refused(given: Any, found: Sequence[Wrong], spoken: Language) -> _Row:
    row = given if isinstance(given, dict) else {}
    first = found[0]
    errors = []
    for wrong in found:
        said = wrong.said(spoken)
        del said["in"]
        errors.append(said)
    return {
        "outcome": "refused",
        "source": _name(row.get("source")),
        "source_id": _name(row.get("source_id")),
        "code": first.code,
        "field": first.pointer,
        "text": first.text.in_language(spoken),
        "errors": errors,
    }


def _name(given: Any) -> str:
    return given[:200] if isinstance(given, str) else ""
