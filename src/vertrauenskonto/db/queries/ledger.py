"""Accounts as core values, read from the facts."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from vertrauenskonto.core.ledger.entries import DIMENSIONS, Account, Entry, Posting, Suspension
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.db import models, raw
from vertrauenskonto.db.aliases import members
from vertrauenskonto.db.models.ledger import HUNDREDTHS
from vertrauenskonto.db.queries.segments import last_by_hand, segments


def accounts(
    customer_ids: Collection[int],
    *,
    known_at: date | None = None,
    policy: Policy | None = None,
    has_merges: bool = True,
    merged: Mapping[int, Collection[int]] | None = None,
) -> dict[int, Account]:
    """Return the accounts of the customers, by row number; few queries, however many there are.

    What was booked on customers merged into one of them counts for it; `known_at` says which merges
    and memberships of segments were known (entries and suspensions carry their day themselves).
    `policy`: the version whose rules put customers into segments; None: only by hand. To get the
    one account that counts for a merged customer, ask for its root (`db.aliases`). `has_merges`:
    False from who knows that nobody ever was merged; `merged`: from who knows who was.
    """
    if merged is None:
        merged = members(customer_ids, known_at=known_at) if has_merges else {}
    # Whose account a row belongs to; several of those asked for may lie on one branch.
    holders: dict[int, list[int]] = {pk: [pk] for pk in customer_ids}
    for pk, below in merged.items():
        for one in below:
            holders.setdefault(one, []).append(pk)
    everybody = raw.listed(holders)
    by_hand, days = last_by_hand("c.id", known_at)
    named, booked = raw.together(
        (_CUSTOMERS.format(by_hand, raw.among("c.id")), [*days, everybody]),
        (_ENTRIES.format(raw.among("e.customer_id")), [everybody]),
    )
    entries: dict[int, list[Entry]] = defaultdict(list)
    for row in booked:
        entry = _entry(row)
        for pk in holders[row[0]]:
            entries[pk].append(entry)
    suspensions: dict[int, list[Suspension]] = defaultdict(list)
    for customer_id, _, _, key, starts, ends, recorded in named:
        for pk in holders[customer_id] if key is not None else ():
            # Two customers may have used one name for different times.
            name = key if customer_id == pk else f"{customer_id}/{key}"
            suspensions[pk].append(Suspension(id=name, starts=starts, ends=ends, recorded=recorded))
    known = {row[0]: row[1] for row in named}
    chosen = {row[0]: row[2] or "" for row in named}
    keys: dict[int, str] = {pk: known[pk] for pk in sorted(set(customer_ids) & known.keys())}
    groups = {pk: tuple(merged.get(pk, ())) for pk in keys}
    segment = segments(groups, policy=policy, known_at=known_at, chosen=chosen)
    return {
        pk: Account(
            id=key,
            entries=tuple(entries[pk]),
            suspensions=tuple(suspensions[pk]),
            segment=segment.get(pk, ""),
        )
        for pk, key in keys.items()
    }


def account(key: str) -> Account:
    """Return the account of the customer with this key.

    Raises:
        models.Customer.DoesNotExist: there is none; `db.access` turns that into NotFound.
    """
    customer = models.Customer.objects.get(key=key)
    return accounts([customer.pk])[customer.pk]


def entry_id(source: str, source_id: str) -> str:
    """Return the id by which the core knows an entry."""
    return f"{source}:{source_id}"


# Plainly: these pass with every booking, and the ORM would take longer than the database.
_CUSTOMERS = """SELECT c.id, c.key, ({}), s.key, s.starts_date, s.ends_date, s.recorded_date
FROM customer c LEFT JOIN suspension s ON s.customer_id = c.id WHERE {} ORDER BY s.id"""
_ENTRIES = f"""SELECT e.customer_id, e.source, e.source_id, e.kind, e.value_date, e.recorded_date,
  e.target, e.contact, e.promise, e.remark, r.source, r.source_id, {", ".join(f"e.{d}" for d in DIMENSIONS)}
FROM entry e LEFT JOIN entry r ON r.id = e.reverses_id WHERE {{}} ORDER BY e.id"""  # noqa: S608


def _entry(row: tuple[Any, ...]) -> Entry:
    _, source, source_id, kind, on, recorded, target, contact, promise, remark = row[:10]
    undone, undone_id, *points = row[10:]
    return Entry(
        id=entry_id(source, source_id),
        on=on,
        recorded=recorded,
        kind=kind,
        target=target,
        contact=contact,
        postings=tuple(
            Posting(d, hundredths / HUNDREDTHS)
            for d, hundredths in zip(DIMENSIONS, points, strict=True)
            if hundredths
        ),
        reverses=None if undone is None else entry_id(undone, undone_id),
        source=source,
        promise=promise,
        remark=remark,
    )
