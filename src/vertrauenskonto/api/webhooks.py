"""Webhooks out: the endpoints that are told what happens, and what became of each delivery."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from ninja.responses import Status
from pydantic import Field

from vertrauenskonto.api.callers import door, needs, now, viewer
from vertrauenskonto.api.feeds import Number
from vertrauenskonto.api.fields import Limit, Said, Strict, said
from vertrauenskonto.api.pages import Cursor, after_number, encoded
from vertrauenskonto.db.actions import webhooks as actions
from vertrauenskonto.db.queries import webhooks as queries

router = Router(tags=["administration"])


class EndpointIn(Strict):
    """An address and what it is told of; customers are named only if asked for."""

    url: Annotated[str, said(500)]
    events: Annotated[list[Annotated[str, said(40)]], Field(min_length=1, max_length=20)]
    with_names: Annotated[bool, Field(strict=True)] = False


class SwitchIn(Strict):
    """On or off."""

    is_active: Annotated[bool, Field(strict=True)]


class EndpointOut(Said):
    """An endpoint; its secret was shown once."""

    id: int
    url: str
    events: list[str]
    with_names: bool
    is_active: bool
    created_at: datetime
    failing_since_at: datetime | None


class EndpointsOut(Said):
    """All endpoints, the oldest first."""

    endpoints: list[EndpointOut]


class EndpointIssued(Said):
    """A new endpoint, or a new secret for one; the secret signs messages and is shown this once."""

    id: int
    secret: str


class DeliveryOut(Said):
    """One message to one endpoint, with every attempt."""

    id: int
    endpoint_id: int
    key: str
    type: str
    state: str
    created_at: datetime
    attempts: list[dict[str, Any]]


class DeliveryPage(Said):
    """Some deliveries, the newest first; `next` is absent on the last page."""

    deliveries: list[DeliveryOut]
    next: str | None = None


class Sent(Said):
    """The id under which a message was put into the queue."""

    key: str


@router.get("/webhooks", response=EndpointsOut, **needs("admin"))
def endpoints(request: HttpRequest) -> Any:
    """List the endpoints."""
    return {"endpoints": queries.endpoints(viewer(request))}


@router.post("/webhooks", response={201: EndpointIssued}, **needs("admin"))
def add(request: HttpRequest, body: EndpointIn) -> Any:
    """Add an endpoint; messages are signed as Standard Webhooks says."""
    found = actions.add(
        viewer(request),
        body.url,
        events=body.events,
        with_names=body.with_names,
        own_networks=settings.WEBHOOK_NETWORKS,
        now=now(),
    )
    return Status(201, {"id": found.endpoint_id, "secret": found.secret})


@router.delete("/webhooks/{endpoint_id}", response={204: None}, **needs("admin"))
def remove(request: HttpRequest, endpoint_id: Number) -> HttpResponse:
    """Remove an endpoint with its deliveries."""
    actions.remove(viewer(request), endpoint_id)
    return HttpResponse(status=204)


@router.post("/webhooks/{endpoint_id}/state", response={204: None}, **needs("admin"))
def switch(request: HttpRequest, endpoint_id: Number, body: SwitchIn) -> HttpResponse:
    """Switch an endpoint on or off; what happens while it is off is not told later."""
    actions.switch(viewer(request), endpoint_id, is_active=body.is_active)
    return HttpResponse(status=204)


@router.post("/webhooks/{endpoint_id}/secret", response={201: EndpointIssued}, **needs("admin"))
def rotate(request: HttpRequest, endpoint_id: Number) -> Any:
    """Give an endpoint a new secret; for a day messages carry signatures by both."""
    found = actions.rotate(viewer(request), endpoint_id, now=now())
    return Status(201, {"id": found.endpoint_id, "secret": found.secret})


@router.post("/webhooks/{endpoint_id}/ping", response={202: Sent}, **needs("admin"))
def ping(request: HttpRequest, endpoint_id: Number) -> Any:
    """Send an endpoint a message without content, to try it."""
    key = actions.ping(viewer(request), endpoint_id, door=door(request))
    return Status(202, {"key": key})


@router.get("/deliveries", response=DeliveryPage, **needs("admin"))
def deliveries(
    request: HttpRequest,
    cursor: Cursor = None,
    limit: Limit = 100,
    endpoint_id: Annotated[int | None, Query(ge=1, le=2**53)] = None,
) -> Mapping[str, Any]:
    """List deliveries, the newest first, of one endpoint or of all."""
    rows = queries.deliveries(
        viewer(request), endpoint_id=endpoint_id, before=after_number(cursor), limit=limit
    )
    more = encoded(rows[-1].id) if len(rows) == limit else None
    return {"deliveries": rows, "next": more}


@router.post("/deliveries/{delivery_id}/resend", response={204: None}, **needs("admin"))
def resend(request: HttpRequest, delivery_id: Number) -> HttpResponse:
    """Send a message once more, under the same id, whatever became of it."""
    actions.resend(viewer(request), delivery_id, now=now())
    return HttpResponse(status=204)
