"""How a customer's data may be processed: restriction, objection, erasure, and the report."""

from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router

from vertrauenskonto.api.accounts import Key
from vertrauenskonto.api.callers import (
    caller,
    door,
    looked,
    needs,
    require_scope,
    sees_scores,
    today,
    viewer,
)
from vertrauenskonto.api.fields import Said, Strict, said
from vertrauenskonto.api.reading import language
from vertrauenskonto.db import access
from vertrauenskonto.db.actions import privacy as actions
from vertrauenskonto.db.queries import access_reports
from vertrauenskonto.db.queries import privacy as queries

router = Router(tags=["privacy"])

Word = Annotated[str, said(40)]
State = Literal["normal", "restricted", "objected", "erased"]


class ReasonIn(Strict):
    """Why, by one of the words that the product knows; a wrong one is answered with the list."""

    reason: Word


class LiftIn(ReasonIn):
    """What is lifted, and why."""

    what: Literal["restricted", "objected"]


class StateOut(Said):
    """How the data may be processed afterwards."""

    state: State


class ChangeOut(Said):
    """One change of how the data may be processed."""

    state: State
    recorded_date: date
    reason: str
    actor: str
    channel: str


class ProcessingOut(Said):
    """How the data may be processed today, what stands, and how it came to that."""

    state: State
    standing: list[State]
    changes: list[ChangeOut]


@router.get("/customers/{key}/processing", response=ProcessingOut, **needs("read"))
def processing(request: HttpRequest, key: Key) -> Any:
    """Show how a customer's data may be processed."""
    asker = viewer(request)
    shown = ProcessingOut.model_validate(queries.processing(asker, key))
    for change in shown.changes:
        change.actor = access.shown_actor(asker, change.actor)
    return shown


_TYPES = {"json": "application/json", "html": "text/html", "pdf": "application/pdf"}
_REPORT = needs("privacy")
_REPORT["openapi_extra"] = {
    **_REPORT["openapi_extra"],
    "responses": {
        200: {
            "content": {
                "application/json": {"schema": {"type": "object"}},
                "text/html": {"schema": {"type": "string"}},
                "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            }
        }
    },
}


@router.get("/customers/{key}/report", response={200: None}, url_name="report", **_REPORT)
def report(
    request: HttpRequest, key: Key, form: Literal["json", "html", "pdf"] = "json"
) -> HttpResponse:
    """Report what is kept of a customer (GDPR article 15), in plain words; takes `names` as well.

    Balance, verdicts and weights are in it only where the token has the scope `scores` too.
    """
    require_scope(caller(request), "names")
    found = access_reports.access_report(
        viewer(request),
        key,
        form=form,
        language=language(request),
        as_of=today(),
        with_scores=sees_scores(caller(request)),
    )
    looked(request, [key], "access_report")
    return HttpResponse(found, content_type=_TYPES[form])


@router.post("/customers/{key}/restriction", response={204: None}, **needs("privacy"))
def restrict(request: HttpRequest, key: Key, body: ReasonIn) -> HttpResponse:
    """Restrict the processing (GDPR article 18): kept, and nothing else."""
    actions.restrict(viewer(request), key, reason=body.reason, door=door(request))
    return HttpResponse(status=204)


@router.post("/customers/{key}/objection", response={204: None}, **needs("privacy"))
def object_to(request: HttpRequest, key: Key, body: ReasonIn) -> HttpResponse:
    """Record an objection (GDPR article 21): the evaluation of the account ends."""
    actions.object_to(viewer(request), key, reason=body.reason, door=door(request))
    return HttpResponse(status=204)


@router.post("/customers/{key}/lifting", response=StateOut, **needs("privacy"))
def lift(request: HttpRequest, key: Key, body: LiftIn) -> Any:
    """Lift a restriction or an objection; the other may still stand."""
    state = actions.lift(
        viewer(request), key, what=body.what, reason=body.reason, door=door(request)
    )
    return {"state": state}


@router.post("/customers/{key}/erasure", response={204: None}, **needs("privacy"))
def erase(request: HttpRequest, key: Key, body: ReasonIn) -> HttpResponse:
    """Forget a customer (GDPR article 17); cannot be taken back."""
    actions.erase(viewer(request), key, reason=body.reason, door=door(request))
    return HttpResponse(status=204)
