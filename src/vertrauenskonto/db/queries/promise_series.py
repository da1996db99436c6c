"""Promises that come again: what was agreed with a customer, and until when it is written down."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from vertrauenskonto.core.promise_series import RHYTHMS, Rhythm
from vertrauenskonto.db import access, models
from vertrauenskonto.db.access import Viewer, may, require


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSeries:
    """A series as a viewer sees it; `wording` is empty where she sees no names."""

    id: int
    wording: str
    capability: str
    rhythm: Rhythm
    every: int
    first_date: date
    last_date: date | None
    made_until_date: date | None
    ended_date: date | None


def visible(viewer: Viewer) -> QuerySet[models.Series]:
    """Return the series that exist for a viewer; for modules of `db` only.

    Raises:
        Denied: the viewer may not see accounts.
    """
    require(viewer, "see_accounts")
    rows = models.Series.objects.order_by("pk")
    if viewer.role != "contact":
        return rows
    assert viewer.person_id is not None, "a contact is a person"
    return rows.filter(customer__in=access.looked_after(viewer.person_id, viewer.team_id))


def of_customer(viewer: Viewer, key: str) -> tuple[ShownSeries, ...]:
    """Return what comes again for a customer, what is not ended first.

    Raises:
        NotFound: there is no such customer for this viewer.
        Denied: the viewer may not see accounts.
    """
    rows = visible(viewer).filter(customer=access.customer_id(viewer, key))
    found = [_shown(row, shows=may(viewer, "see_names")) for row in rows]
    return tuple(sorted(found, key=lambda one: (one.ended_date is not None, one.id)))


def _shown(row: models.Series, *, shows: bool) -> ShownSeries:
    return ShownSeries(
        id=row.pk,
        wording=row.wording if shows else "",
        capability=row.capability,
        rhythm=next(r for r in RHYTHMS if r == row.rhythm),
        every=row.every,
        first_date=row.first_date,
        last_date=row.last_date,
        made_until_date=row.made_until_date,
        ended_date=row.ended_date,
    )
