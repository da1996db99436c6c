"""What the list of customers can be narrowed by for a viewer, and the views that she finds there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from vertrauenskonto.core.errors import Text
from vertrauenskonto.db import models, raw
from vertrauenskonto.db.access import TEAM_SIZE_MIN, Viewer, may
from vertrauenskonto.db.queries import policies
from vertrauenskonto.db.valuing import earlier_day


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A saved view; `is_own`: hers to rename and delete. `filters` as in the page's address."""

    number: int
    name: str
    filters: Mapping[str, str]
    is_own: bool
    is_shared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What there is to choose from.

    `segments` by name with their labels, of the policy in force. `teams` are those whose queue may
    be asked for, `people` (key and name) those whose customers may: the staff rule, `db/access.py`.
    `scores_agreed`: balances may leave the program.
    """

    views: tuple[View, ...]
    segments: Mapping[str, Text]
    teams: tuple[str, ...]
    people: tuple[tuple[str, str], ...]
    scores_agreed: bool
    threshold: float
    changed_since: date


def choices(viewer: Viewer, *, today: date) -> Choices:
    """Return what the viewer can narrow the list by."""
    documents, named, saved = raw.together(
        policies.DOCUMENTS, _agreements_and_teams(viewer), _saved(viewer)
    )
    policy = policies.history_of(documents).in_force(today) if documents else None
    # The latest record of an agreement counts.
    latest = {name: is_in_force for number, name, is_in_force in named if number}
    agreed = {name for name, is_in_force in latest.items() if is_in_force}
    sees_people = agreed & {"works_council", "no_works_council"} and may(viewer, "lead")
    return Choices(
        views=tuple(_view(viewer, row) for row in saved),
        segments={s.name: s.label for s in policy.segments} if policy else {},
        teams=tuple(name for number, name, _ in named if not number),
        people=_people() if sees_people else (),
        scores_agreed="scores" in agreed,
        threshold=policy.parameters.threshold if policy else 0.0,
        changed_since=earlier_day(today),
    )


def views(viewer: Viewer) -> tuple[View, ...]:
    """Return a viewer's own views and those that are shared, by name."""
    return tuple(_view(viewer, row) for row in raw.fetched(*_saved(viewer)))


# The list asks for all of this each time: few statements, on one way to the server and back.
def _agreements_and_teams(viewer: Viewer) -> raw.Statement:
    """Return the statement of what was agreed, and of the teams that hide their members, and hers."""
    sql = (
        "SELECT id, name, is_in_force FROM agreement UNION ALL "
        "SELECT 0, t.name, NULL FROM team t LEFT JOIN person p ON p.team_id = t.id AND p.is_active "
        "GROUP BY t.id, t.name HAVING COUNT(p.id) >= %s OR t.id = %s ORDER BY 1, 2"
    )
    return sql, [TEAM_SIZE_MIN, viewer.team_id]


def _saved(viewer: Viewer) -> raw.Statement:
    sql = (
        "SELECT id, name, filters, is_shared, owner_id FROM saved_view "
        "WHERE owner_id = %s OR is_shared ORDER BY name, id"
    )
    return sql, [viewer.person_id]


# Any: a row as the database gives it.
def _view(viewer: Viewer, row: tuple[Any, ...]) -> View:
    number, name, filters, is_shared, owner = row
    # SQLite, and psycopg below Django, give JSON as text.
    told = json.loads(filters) if isinstance(filters, str) else filters
    return View(
        number=number,
        name=name,
        filters=told,
        is_own=owner == viewer.person_id,
        is_shared=bool(is_shared),
    )


def _people() -> tuple[tuple[str, str], ...]:
    rows = models.Person.objects.filter(is_active=True, has_seen_own_view=True)
    return tuple(rows.order_by("name", "key").values_list("key", "name"))
