"""Parents and subsidiaries: who belongs to whom, and what a group of accounts comes to.

A group is summed up by its worst child and by counting, never by adding up or by revenue: a good
child doesn't pay for a bad one.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from vertrauenskonto.db import models, raw
from vertrauenskonto.db.access import (
    Viewer,
    customer_id,
    customers,
    evaluated,
    may,
    require,
    shown_key,
)
from vertrauenskonto.db.aliases import roots


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One account of a group; `balance` None: nothing is booked on it, so nothing is known.

    `parent` is the key of the one above, "" for the head; `depth` counts from it. `name` is None
    for who may see no names. `verdict` is yes, no or unknown.
    """

    key: str
    name: str | None
    parent: str
    depth: int
    balance: float | None
    verdict: str
    below_threshold: bool
    as_of: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RollUp:
    """What a group of accounts comes to: its head, its subsidiaries at any depth, the worst one.

    `accounts` counts head and visible children; of those `below_threshold` and `unknown` (verdict
    unknown or nothing booked). `not_visible` counts children that this viewer may not see or whose
    accounts are not valued; nothing else of them is told. `as_of` is the oldest valuation shown.
    `own` is None if the head itself is not valued. `id` (row number), `key` and `name` are the
    head's, `parent` the key of what stands above it, "" if nothing does that the viewer sees.
    """

    id: int
    key: str
    name: str | None
    parent: str
    own: Member | None
    children: tuple[Member, ...]
    worst: Member | None
    accounts: int
    below_threshold: int
    unknown: int
    not_visible: int
    as_of: date | None


def parents(customer_ids: Collection[int]) -> dict[int, int]:
    """Return the parent organisation of each customer that has one; both are roots of merges."""
    rows = models.Parent.objects.filter(customer_id__in=customer_ids).order_by("pk")
    said: dict[int, int | None] = dict(rows.values_list("customer_id", "parent_id"))
    named = {pk: parent for pk, parent in said.items() if parent is not None}
    ends = roots(set(named.values()))
    return {pk: ends[parent] for pk, parent in named.items() if ends[parent] != pk}


def ancestors(customer_id: int) -> list[int]:
    """Return the parent of a customer, its parent, and so on; ends where a circle would begin."""
    found: list[int] = []
    here = customer_id
    while (parent := parents([here]).get(here)) is not None and parent not in found:
        found.append(parent)
        here = parent
    return found


def roll_up(viewer: Viewer, key: str) -> RollUp:
    """Return what the group of accounts below a customer comes to, for this viewer.

    Raises:
        Denied: the viewer may see no balances.
        NotFound: there is no such customer for the viewer.
    """
    require(viewer, "see_accounts")
    head = customer_id(viewer, key)
    above, depths = _below(head)
    parent = parents([head]).get(head)
    rows = {row.pk: row for row in _seen(viewer, [head, *above, *([parent] if parent else [])])}
    valued = {pk for pk, row in rows.items() if row.is_valued}
    shown = {pk: shown_key(viewer, row.key) for pk, row in rows.items()}
    found = {
        pk: _member(viewer, rows[pk], shown.get(above.get(pk, 0), ""), depths[pk])
        for pk in sorted(valued & depths.keys())
    }
    below = [found[pk] for pk in above if pk in found]
    booked = [m for m in below if m.balance is not None]
    return RollUp(
        id=head,
        key=shown[head],
        name=_name(viewer, rows[head]),
        parent=shown.get(parent or 0, ""),
        own=found.get(head),
        children=tuple(below),
        worst=min(booked, key=lambda m: (m.balance or 0.0, m.key), default=None),
        accounts=len(found),
        below_threshold=sum(m.below_threshold for m in found.values()),
        unknown=sum(m.verdict == "unknown" for m in found.values()),
        not_visible=sum(pk not in found for pk in above),
        as_of=min((m.as_of for m in found.values() if m.as_of), default=None),
    )


def _below(head: int) -> tuple[dict[int, int], dict[int, int]]:
    """Return the parent and the depth of everybody below, level by level."""
    children: dict[int, list[int]] = defaultdict(list)
    for child, parent in sorted(set(raw.fetched(_TREE, [head, head, head]))):
        children[parent].append(child)
    above: dict[int, int] = {}
    depths = {head: 0}
    ahead = [head]
    while ahead:
        level = {pk: children[pk] for pk in sorted(ahead, key=lambda pk: min(children[pk] or [0]))}
        ahead = []
        for parent, found in level.items():
            for child in found:
                if child not in depths:
                    above[child] = parent
                    depths[child] = depths[parent] + 1
                    ahead.append(child)
    return above, depths


# Each child below a customer with whose child it is, asked for once, however deep a group is. From
# somebody on it goes to those merged into them (their children are theirs), and to their children,
# unless these are merged into somebody. The latest word counts; `path` ends what goes in a circle.
_TREE = """WITH RECURSIVE below(customer, holder, above, path) AS (
  SELECT CAST(%s AS BIGINT), CAST(%s AS BIGINT), CAST(0 AS BIGINT), ',' || CAST(%s AS TEXT) || ','
  UNION ALL
  SELECT coalesce(a.customer_id, p.customer_id),
    CASE WHEN a.customer_id IS NULL THEN p.customer_id ELSE b.holder END,
    CASE WHEN a.customer_id IS NULL THEN b.holder ELSE b.above END,
    b.path || CAST(coalesce(a.customer_id, p.customer_id) AS TEXT) || ','
  FROM below b CROSS JOIN (SELECT 1 AS is_merge UNION ALL SELECT 0) way
  LEFT JOIN alias a ON way.is_merge = 1 AND a.into_id = b.customer
    AND NOT EXISTS (SELECT 1 FROM alias l WHERE l.customer_id = a.customer_id AND l.id > a.id)
  LEFT JOIN parent p ON way.is_merge = 0 AND p.parent_id = b.customer
    AND NOT EXISTS (SELECT 1 FROM parent l WHERE l.customer_id = p.customer_id AND l.id > p.id)
    AND NOT EXISTS (SELECT 1 FROM alias m WHERE m.customer_id = p.customer_id
      AND m.into_id IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM alias l WHERE l.customer_id = m.customer_id AND l.id > m.id))
  WHERE coalesce(a.customer_id, p.customer_id) IS NOT NULL
    AND b.path NOT LIKE '%%,' || CAST(coalesce(a.customer_id, p.customer_id) AS TEXT) || ',%%')
SELECT customer, above FROM below WHERE customer = holder AND above > 0"""


# Any: rows carry what is annotated.
def _seen(viewer: Viewer, wanted: Collection[int]) -> "QuerySet[Any, Any]":
    """Return those of the customers who exist for a viewer, with name, balance, and if it counts."""
    valued = evaluated(viewer).order_by().filter(pk=OuterRef("pk"))
    rows = customers(viewer).filter(pk__in=wanted).select_related("profile", "balance")
    return rows.annotate(is_valued=Exists(valued))


def _member(viewer: Viewer, row: Any, parent: str, depth: int) -> Member:
    balance: models.Balance | None = getattr(row, "balance", None)
    return Member(
        key=shown_key(viewer, row.key),
        name=_name(viewer, row),
        parent=parent,
        depth=depth,
        balance=balance.balance if balance else None,
        verdict=balance.verdict if balance else "unknown",
        below_threshold=balance.below_threshold if balance else False,
        as_of=balance.as_of_date if balance else None,
    )


def _name(viewer: Viewer, row: Any) -> str | None:
    if not may(viewer, "see_names"):
        return None
    profile: models.Profile | None = getattr(row, "profile", None)
    return profile.name if profile else ""
