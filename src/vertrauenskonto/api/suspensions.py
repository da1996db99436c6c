"""Suspensions: times in which silence costs a customer nothing, and closed accounts."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router

from vertrauenskonto.api.accounts import Key
from vertrauenskonto.api.callers import door, looked, needs, viewer
from vertrauenskonto.api.events import Reason
from vertrauenskonto.api.fields import Day, Said, Strict, absent
from vertrauenskonto.db.actions import suspensions as actions
from vertrauenskonto.db.queries import policies
from vertrauenskonto.db.queries import suspensions as queries

router = Router(tags=["customers"])

Name = Annotated[
    str,
    Path(
        max_length=40,
        pattern=r"^[a-z][a-z0-9_-]{0,39}$",
        description="A word of your choice, nothing personal; `closed`: the account is closed.",
    ),
]


class SuspensionIn(Strict):
    """From when to when silence costs nothing; `ends`, the first day it counts again, may be absent."""

    starts: Day
    ends: Day = absent()
    reason: Reason


class SuspensionOut(Said):
    """The latest version of a suspension; `ends` null: until further notice."""

    name: str
    starts: date
    ends: date | None
    reason: str
    recorded: date


class SuspensionsOut(Said):
    """All suspensions of an account, the first to start first."""

    suspensions: list[SuspensionOut]


@router.get("/customers/{key}/suspensions", response=SuspensionsOut, **needs("read"))
def suspensions(request: HttpRequest, key: Key) -> Any:
    """List the times in which silence costs a customer nothing."""
    found = queries.suspensions(viewer(request), key)
    looked(request, [key], "customer")
    return {"suspensions": found}


@router.put("/customers/{key}/suspensions/{name}", response={204: None}, **needs("customers"))
def suspend(request: HttpRequest, key: Key, name: Name, body: SuspensionIn) -> HttpResponse:
    """Record a suspension, or a new version of it: once a day for each name.

    Under the name `closed` without `ends` it closes the account, which takes the right `lead`.
    """
    actions.rest(
        viewer(request),
        key,
        name=name,
        starts=body.starts,
        ends=body.ends if "ends" in body.model_fields_set else None,
        reason=body.reason,
        door=door(request),
        policies=policies.history(),
    )
    return HttpResponse(status=204)
