"""Suspensions: times without silence charges, as their latest versions say."""

from dataclasses import dataclass
from datetime import date

from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, customer_id, require
from vertrauenskonto.db.aliases import members


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """A time without silence charges, `[starts, ends)`; `ends` None: until further notice."""

    name: str
    starts: date
    ends: date | None
    reason: str
    recorded: date


def suspensions(viewer: Viewer, key: str) -> tuple[Rest, ...]:
    """Return the suspensions of a customer and of those merged into it, the first to start first.

    Raises:
        NotFound: there is no such customer for this viewer.
        Denied: the viewer may not see accounts.
    """
    require(viewer, "see_accounts")
    pk = customer_id(viewer, key)
    rows = models.Suspension.objects.filter(customer__in=[pk, *members([pk]).get(pk, ())])
    latest = {(row.customer_id, row.key): row for row in rows.order_by("recorded_date", "pk")}
    found = [
        Rest(
            name=row.key,
            starts=row.starts_date,
            ends=row.ends_date,
            reason=row.reason,
            recorded=row.recorded_date,
        )
        for row in latest.values()
    ]
    return tuple(sorted(found, key=lambda one: (one.starts, one.name)))
