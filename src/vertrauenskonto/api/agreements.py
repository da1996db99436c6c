"""Agreements: what the installation may do only since somebody agreed."""

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Router

from vertrauenskonto.api.callers import needs, viewer
from vertrauenskonto.api.fields import Said
from vertrauenskonto.db import access
from vertrauenskonto.db import agreements as queries

router = Router(tags=["administration"])


class AgreementOut(Said):
    """That something was agreed from a day on, or no longer; the latest of a name counts."""

    name: str
    is_in_force: bool
    recorded_date: date
    purpose: str
    actor: str


class AgreementsOut(Said):
    """The whole history, the oldest first."""

    agreements: list[AgreementOut]


@router.get("/agreements", response=AgreementsOut, **needs("admin"))
def agreements(request: HttpRequest) -> Any:
    """List what was agreed and taken back; whoever may audit reads it."""
    asker = viewer(request)
    access.require(asker, "audit")
    shown = [AgreementOut.model_validate(one) for one in queries.records()]
    for one in shown:
        one.actor = access.shown_actor(asker, one.actor)
    return {"agreements": shown}
