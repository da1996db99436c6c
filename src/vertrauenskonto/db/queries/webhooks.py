"""Webhooks out: the endpoints, the log of deliveries, and the message as it leaves."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, evaluated, installation, require
from vertrauenskonto.db.aliases import holders
from vertrauenskonto.notify.webhooks import Parcel

# How long an address that failed is left alone, whatever else waits for it.
REST_MAX = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRow:
    """One endpoint as a list shows it; its secret is never shown again."""

    id: int
    url: str
    events: tuple[str, ...]
    with_names: bool
    is_active: bool
    created_at: datetime
    failing_since_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """One message to one endpoint; attempts hold `at`, `status` and perhaps `error`."""

    id: int
    endpoint_id: int
    key: str
    type: str
    state: str
    created_at: datetime
    attempts: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """What to do with a delivery now: send the parcel, or wait until the endpoint has rested.

    Neither: nothing is left that may be told.
    """

    parcel: Parcel | None = None
    rest_until_at: datetime | None = None


def endpoints(viewer: Viewer) -> list[EndpointRow]:
    """Return all endpoints, the oldest first.

    Raises:
        Denied: the viewer may not audit.
    """
    require(viewer, "audit")
    return [
        EndpointRow(
            id=row.pk,
            url=row.url,
            events=tuple(row.events),
            with_names=row.with_names,
            is_active=row.is_active,
            created_at=row.created_at,
            failing_since_at=row.failing_since_at,
        )
        for row in models.Endpoint.objects.order_by("pk")
    ]


def deliveries(
    viewer: Viewer, *, endpoint_id: int | None = None, before: int | None = None, limit: int = 100
) -> list[DeliveryRow]:
    """Return the log of deliveries, the newest first; `before` is the last number seen.

    Raises:
        Denied: the viewer may not audit.
    """
    require(viewer, "audit")
    rows = models.Delivery.objects.order_by("-pk")
    if endpoint_id is not None:
        rows = rows.filter(endpoint=endpoint_id)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [
        DeliveryRow(
            id=row.pk,
            endpoint_id=row.endpoint_id,
            key=row.key,
            type=row.type,
            state=row.state,
            created_at=row.created_at,
            attempts=tuple(row.attempts),
        )
        for row in rows[:limit]
    ]


def dispatch(delivery_id: int, *, now: datetime) -> Dispatch | None:
    """Return what to do with a delivery; None if nobody waits for it any more."""
    rows = models.Delivery.objects.select_related("endpoint")
    row = rows.filter(pk=delivery_id, state="waiting").first()
    if row is None:
        return None
    endpoint = row.endpoint
    if not endpoint.is_active:
        return Dispatch()
    rest = endpoint.resting_until_at
    # Further away than any rest: the clock was set back since.
    if rest is not None and now < rest <= now + REST_MAX and not row.attempts:
        return Dispatch(rest_until_at=rest)
    body = _told(row.body, with_names=endpoint.with_names)
    if body is None:
        return Dispatch()
    secrets = [endpoint.secret]
    if endpoint.previous_until_at is not None and now < endpoint.previous_until_at:
        secrets.append(endpoint.previous_secret)
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Dispatch(parcel=Parcel(url=endpoint.url, key=row.key, body=data, secrets=tuple(secrets)))


def _told(body: Mapping[str, Any], *, with_names: bool) -> dict[str, Any] | None:
    """Return a message as it may leave today, None if nothing is left of it.

    Customers whose processing has been restricted since are left out, and names are added only
    here, so that no name waits in the log.
    """
    data = dict(body["data"])
    items = data.get("entries")
    told = [dict(item) for item in items] if items is not None else [data]
    keys = {item["customer"] for item in told if "customer" in item}
    if keys:
        # Who was merged meanwhile is told of under the key known then, as long as the account may
        # be evaluated that it counts under now.
        held = holders(keys)
        customers = evaluated(installation("work")).filter(
            pk__in={holder.root.pk for holder in held.values()}
        )
        found = dict(customers.values_list("pk", "profile__name"))
        names = {key: found[h.root.pk] for key, h in held.items() if h.root.pk in found}
        told = [item for item in told if item.get("customer") in names]
        if not told:
            return None
        if with_names:
            told = [{**item, "customer_name": names[item["customer"]] or ""} for item in told]
    return {**body, "data": {**data, "entries": told} if items is not None else told[0]}
