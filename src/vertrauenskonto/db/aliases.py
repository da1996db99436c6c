"""Who is the same customer as whom: aliases followed to their root, as known on any day.

A customer merged into another keeps its rows; readers gather them. `into` may itself be merged
later, so a merge is a tree, and taking one merge back touches one edge of it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from vertrauenskonto.db import models, raw


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A customer as a key named it, and the customer whose account counts: itself or its root."""

    customer: models.Customer
    root: models.Customer


def merged_into(
    customer_ids: Collection[int], *, known_at: date | None = None
) -> dict[int, int | None]:
    """Return, for those that ever were merged, what they are merged into directly, or None."""
    sql = f"SELECT customer_id, into_id, recorded_date FROM alias WHERE {raw.among('customer_id')}"  # noqa: S608
    rows = raw.fetched(f"{sql} ORDER BY id", [raw.listed(customer_ids)])
    return {pk: into for pk, into, on in rows if known_at is None or on <= known_at}


def roots(customer_ids: Collection[int], *, known_at: date | None = None) -> dict[int, int]:
    """Return, for each row number, the customer whose account counts for it."""
    edges: dict[int, int] = {}
    asked: set[int] = set()
    ahead = set(customer_ids)
    while ahead:
        found = {a: b for a, b in merged_into(ahead, known_at=known_at).items() if b is not None}
        asked |= ahead
        edges |= found
        ahead = set(found.values()) - asked
    return {pk: _end(pk, edges) for pk in customer_ids}


def members(
    customer_ids: Collection[int], *, known_at: date | None = None
) -> dict[int, tuple[int, ...]]:
    """Return, for those that have any, the customers merged into them, directly or further down."""
    children: dict[int, list[int]] = defaultdict(list)
    ahead, asked = set(customer_ids), set[int]()
    while ahead:
        asked |= ahead
        sql = f"SELECT DISTINCT customer_id FROM alias WHERE {raw.among('into_id')}"  # noqa: S608
        candidates = {pk for (pk,) in raw.fetched(sql, [raw.listed(ahead)])}
        now = merged_into(candidates, known_at=known_at) if candidates else {}
        for pk, into in now.items():
            if into in ahead:
                children[into].append(pk)
        ahead = {pk for pk, into in now.items() if into in ahead} - asked
    return {pk: below for pk in customer_ids if pk in children and (below := _below(pk, children))}


def holders(keys: Iterable[str], *, lock: bool = False) -> dict[str, Holder]:
    """Return who the keys name and whose accounts count, left out those that name nobody.

    With `lock` the customers and their roots are locked first, in the order of their numbers, so
    that nobody merges or books on them at the same time; the caller holds the transaction.
    """
    named = {c.pk: c for c in models.Customer.objects.filter(key__in=set(keys)).order_by("pk")}
    known = roots(named)
    held: dict[int, models.Customer] = {}
    while lock and not {*named, *known.values()} <= held.keys():
        # Whoever merged while we waited may have given somebody another root.
        rows = models.Customer.objects.select_for_update().order_by("pk")
        held |= {row.pk: row for row in rows.filter(pk__in={*named, *known.values()})}
        known = roots(named)
    ends = held or models.Customer.objects.in_bulk(set(known.values()))
    return {c.key: Holder(customer=c, root=ends[known[pk]]) for pk, c in named.items()}


def _end(pk: int, edges: Mapping[int, int]) -> int:
    # `merge` writes no circle; should a foreign hand have done so, this still ends.
    seen = {pk}
    while (into := edges.get(pk)) is not None and into not in seen:
        seen.add(into)
        pk = into
    return pk


def _below(pk: int, children: Mapping[int, Iterable[int]]) -> tuple[int, ...]:
    found: set[int] = set()
    ahead = [pk]
    while ahead:
        for child in children.get(ahead.pop(), ()):
            if child not in found and child != pk:
                found.add(child)
                ahead.append(child)
    return tuple(sorted(found))
