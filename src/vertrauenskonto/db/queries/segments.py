"""Which segment a customer belongs to: by hand, or by the first rule of the policy that fits."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from django.db import connection

from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.db import models, raw
from vertrauenskonto.db.aliases import roots
from vertrauenskonto.db.queries.chunks import chunks


def segments(
    groups: Mapping[int, Sequence[int]],
    *,
    policy: Policy | None = None,
    known_at: date | None = None,
    chosen: Mapping[int, str] | None = None,
) -> dict[int, str]:
    """Return the segment of each customer; "" for those under the general rules are left out.

    `groups` names, for each customer, the customers merged into it. What the customer itself says
    counts before what a merged one says. By hand wins; an empty name by hand means: by rule.
    `chosen`: by hand, from who asked already.
    """
    everybody = {*groups, *(pk for merged in groups.values() for pk in merged)}
    latest = chosen
    if latest is None:
        rows = raw.fetched(*by_hand(everybody))
        latest = {pk: name for pk, name, on in rows if known_at is None or on <= known_at}
    rules = [s for s in policy.segments if s.column and s.values] if policy else []
    said = _attributes(everybody, {s.column.casefold() for s in rules}, known_at) if rules else {}
    found = {}
    for pk, merged in groups.items():
        group = (pk, *merged)
        named = next((name for one in group if (name := latest.get(one))), "")
        if not named:
            values = {
                name: value
                for one in reversed(group)
                for name, value in said.get(one, {}).items()
                if value
            }
            named = next((s.name for s in rules if values.get(s.column.casefold()) in s.values), "")
        if named:
            found[pk] = named
    return found


def by_hand(customer_ids: Collection[int]) -> raw.Statement:
    """Return the statement of who was put where by hand, and on which day that was recorded."""
    among = raw.among("customer_id")
    sql = f"SELECT customer_id, segment, recorded_date FROM membership WHERE {among} ORDER BY id"  # noqa: S608
    return sql, [raw.listed(customer_ids)]


def last_by_hand(customer: str, known_at: date | None) -> raw.Statement:
    """Return the question, within another, for where the customer of a column was put by hand."""
    known = "" if known_at is None else "AND m.recorded_date <= %s"
    sql = f"SELECT m.segment FROM membership m WHERE m.customer_id = {customer} {known}"  # noqa: S608
    days = [] if known_at is None else [connection.ops.adapt_datefield_value(known_at)]
    return f"{sql} ORDER BY m.id DESC LIMIT 1", days


def _attributes(
    customer_ids: Collection[int], names: Collection[str], known_at: date | None
) -> dict[int, dict[str, str]]:
    rows = models.Attribute.objects.filter(customer_id__in=customer_ids, name__in=names)
    if known_at is not None:
        rows = rows.filter(recorded_date__lte=known_at)
    said: dict[int, dict[str, str]] = defaultdict(dict)
    for pk, name, value in rows.order_by("pk").values_list("customer_id", "name", "value"):
        said[pk][name] = value
    return said


def latest_attributes(keys: Collection[str]) -> dict[tuple[str, str], str]:
    """Return what the customers' attributes say now, by (customer key, name)."""
    found: dict[tuple[str, str], str] = {}
    sql = "SELECT c.key, a.name, a.value FROM attribute a JOIN customer c ON c.id = a.customer_id "
    where = f"WHERE {raw.among('c.key')} ORDER BY a.id"
    for key, name, value in raw.fetched(sql + where, [raw.listed(keys)]) if keys else ():
        found[key, name] = value
    return found


def possible_members(segment: str, policy: Policy | None) -> set[int]:
    """Return every customer who may belong to a segment: those of whom something ever said so.

    Merged customers are given by their roots. The latest word decides: ask `segments`.
    """
    said = set(models.Membership.objects.filter(segment=segment).values_list("customer", flat=True))
    for own in policy.segments if policy else ():
        if own.name == segment and own.column and own.values:
            rows = models.Attribute.objects.filter(name=own.column.casefold(), value__in=own.values)
            said |= set(rows.values_list("customer", flat=True))
    found: set[int] = set()
    for chunk in chunks(said):
        found |= set(roots(chunk).values())
    return found
