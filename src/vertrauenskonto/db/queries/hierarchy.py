"""Parents and subsidiaries: who belongs to whom, and what a group of accounts comes to.

A group is summed up by its worst child and by counting, never by adding up or by revenue: a good
child doesn't pay for a bad one.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from vertrauenskonto.db import models
from vertrauenskonto.db.access import (
    Viewer,
    customer_id,
    customers,
    evaluated,
    may,
    require,
    shown_key,
)
from vertrauenskonto.db.aliases import members, roots


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
    `own` is None if the head itself is not valued.
    """

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


def children(customer_ids: Collection[int]) -> dict[int, list[int]]:
    """Return the subsidiaries right below each of these customers, which are roots of merges."""
    groups = members(customer_ids)
    everybody = {*customer_ids, *(pk for below in groups.values() for pk in below)}
    named = models.Parent.objects.filter(parent_id__in=everybody)
    candidates = set(named.values_list("customer_id", flat=True))
    # One merged into another is no child of its own any more.
    ends = roots(candidates)
    found: dict[int, list[int]] = defaultdict(list)
    for child, parent in sorted(parents({pk for pk in candidates if ends[pk] == pk}).items()):
        if parent in customer_ids:
            found[parent].append(child)
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
    rows = _visible(viewer, [head, *above])
    shown = {pk: shown_key(viewer, k) for pk, k in _keys(viewer, {*rows, head}).items()}
    names = _names(viewer, rows)
    found = {
        pk: Member(
            key=shown[pk],
            name=names.get(pk, "") if may(viewer, "see_names") else None,
            parent=shown.get(above.get(pk, 0), ""),
            depth=depths[pk],
            balance=row.balance if row else None,
            verdict=row.verdict if row else "unknown",
            below_threshold=row.below_threshold if row else False,
            as_of=row.as_of_date if row else None,
        )
        for pk, row in rows.items()
    }
    below = [found[pk] for pk in above if pk in found]
    valued = [m for m in below if m.balance is not None]
    return RollUp(
        own=found.get(head),
        children=tuple(below),
        worst=min(valued, key=lambda m: (m.balance or 0.0, m.key), default=None),
        accounts=len(found),
        below_threshold=sum(m.below_threshold for m in found.values()),
        unknown=sum(m.verdict == "unknown" for m in found.values()),
        not_visible=sum(pk not in found for pk in above),
        as_of=min((m.as_of for m in found.values() if m.as_of), default=None),
    )


def _below(head: int) -> tuple[dict[int, int], dict[int, int]]:
    """Return the parent and the depth of everybody below, level by level."""
    above: dict[int, int] = {}
    depths = {head: 0}
    ahead = [head]
    while ahead:
        level = children(ahead)
        ahead = []
        for parent, found in level.items():
            for child in found:
                if child not in depths:
                    above[child] = parent
                    depths[child] = depths[parent] + 1
                    ahead.append(child)
    return above, depths


def _visible(viewer: Viewer, wanted: Collection[int]) -> dict[int, models.Balance | None]:
    seen = evaluated(viewer).filter(pk__in=wanted).values_list("pk", flat=True)
    balances = models.Balance.objects.in_bulk(list(wanted))
    return {pk: balances.get(pk) for pk in sorted(seen)}


def _keys(viewer: Viewer, wanted: Collection[int]) -> dict[int, str]:
    return dict(customers(viewer).filter(pk__in=wanted).values_list("pk", "key"))


def _names(viewer: Viewer, wanted: Collection[int]) -> dict[int, str]:
    if not may(viewer, "see_names"):
        return {}
    rows = models.Profile.objects.filter(customer_id__in=wanted).order_by("pk")
    return dict(rows.values_list("customer_id", "name"))
