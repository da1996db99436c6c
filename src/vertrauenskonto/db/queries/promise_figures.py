"""How well we keep our word: figures over promises that ended, by what they draw on; never by person.

One question to the database adds up the promises alike; the core makes rates with intervals of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, repeat

from django.db.models import Count, Q, QuerySet

from vertrauenskonto.core.errors import Denied, Text
from vertrauenskonto.core.promise_figures import (
    Ended,
    Figures,
    StopPromising,
    figures,
    figures_by_kind,
    stop_promising,
)
from vertrauenskonto.core.promises import LATE_MINUTES_MIN
from vertrauenskonto.db import access, models
from vertrauenskonto.db.access import Viewer

_ROLES = ("administrator", "lead", "analyst")
_COLUMNS = (
    "capability",
    "state",
    "sort",
    "is_before_order",
    "is_first_contact",
    "renegotiated",
    "notice_minutes",
    "is_late",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The figures of a window: over all, by capability, and what to stop promising."""

    all: Figures
    by_kind: Mapping[str, Figures]
    stop: tuple[StopPromising, ...]


def kept(viewer: Viewer, *, since: datetime, until: datetime, team: int | None = None) -> Kept:
    """Return the figures over promises to customers that ended in `[since, until)`.

    `team`: of those it is responsible for, where that may be shown.

    Raises:
        Denied: the viewer neither leads nor analyses, or may not see this team's figures.
    """
    may_see(viewer)
    rows = models.Promise.objects.filter(
        ended_at__gte=since, ended_at__lt=until, customer__isnull=False
    ).order_by()
    if team is not None:
        access.team_view(viewer, team, is_rate=True)
        rows = rows.filter(team=team)
    ended = list(_ended(rows))
    # Promises without a word of what they draw on are in the sum, not a kind of their own.
    named = figures_by_kind(one for one in ended if one.kind)
    return Kept(all=figures(ended), by_kind=named, stop=stop_promising(named))


def teams(viewer: Viewer) -> tuple[tuple[int, str], ...]:
    """Return the teams that are large enough to hide their members: number and name.

    Raises:
        Denied: as `kept`.
    """
    may_see(viewer)
    members = Count("person", filter=Q(person__is_active=True))
    rows = models.Team.objects.annotate(members=members).filter(
        members__gte=access.TEAM_SIZE_MIN_FOR_RATES
    )
    return tuple(rows.order_by("name").values_list("pk", "name"))


def may_see(viewer: Viewer) -> None:
    """Go on if the viewer leads or analyses.

    Raises:
        Denied: she does not.
    """
    if viewer.role not in _ROLES:
        raise Denied(
            Text(
                de="Die Zahlen zu Zusagen sehen Leitung und Analyse.",
                en="The figures on promises are for leads and analysts.",
            )
        )


def _ended(rows: "QuerySet[models.Promise]") -> "chain[Ended]":
    late = Q(sort="appointment", late_minutes__gte=LATE_MINUTES_MIN)
    counted = rows.annotate(is_late=late).values_list(*_COLUMNS).annotate(n=Count("pk"))
    return chain.from_iterable(
        repeat(
            Ended(
                kind=kind,
                how=how,
                before_order=is_before,
                is_first_contact=is_first,
                notice_hours=None if minutes is None else minutes / 60,
                renegotiated=renegotiated,
                is_punctual=not is_late if sort == "appointment" else None,
            ),
            n,
        )
        for kind, how, sort, is_before, is_first, renegotiated, minutes, is_late, n in counted
    )
