"""Balances: what every account is worth today, kept beside the facts so that lists are quick.

A balance changes with each booking, and by the passing of time. One definition values both: the
core for a few accounts, the engine's text for many (`db/valuing.py`); a test demands that they agree.
No balance is kept for who is merged into somebody else, or whose data may not be evaluated.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, connections, transaction

from vertrauenskonto.core.errors import Invalid
from vertrauenskonto.core.ledger.balance import (
    balance_before,
    days_above,
    decayed_points,
    reading,
    valued,
)
from vertrauenskonto.core.ledger.entries import DIMENSIONS, TOTAL, Account
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db import models, raw, valuing
from vertrauenskonto.db.actions import obligations
from vertrauenskonto.db.aliases import members
from vertrauenskonto.db.clock import SLACK
from vertrauenskonto.db.queries import ledger as queries
from vertrauenskonto.db.queries.balances import not_evaluated
from vertrauenskonto.db.queries.segments import segments

# From so many accounts on, the engine's start-up costs less than the core's pace.
MANY = 100
# Few enough that a booking waits for no more than a moment, many enough to be quick.
CHUNK = 20_000
# A server values several ranges at once; more than its processors would not help.
CONNECTIONS = 4


def keep_current(
    accounts: Mapping[int, Account],
    policies: PolicyHistory,
    *,
    as_of: date,
    left_out: Collection[int] | None = None,
    at: datetime | None = None,
) -> None:
    """Value the accounts (by row number of the customer) on `as_of` and store their balances.

    Of those that may not be evaluated, or are merged into another, a balance is removed instead;
    who knows already which these are gives them as `left_out`. The caller holds the transaction
    and locks the customers.
    """
    without = _without_balance(accounts, left_out)
    valuing.put(
        [
            _balance(pk, account, policies, as_of)
            for pk, account in sorted(accounts.items())
            if pk not in without
        ]
    )
    obligations.watch(set(accounts) - without, policies, today=as_of, at=at)


def refresh(
    customer_ids: Collection[int],
    policies: PolicyHistory,
    *,
    as_of: date,
    at: datetime | None = None,
) -> None:
    """Read the accounts of the customers, however many, and store what they are worth on `as_of`.

    As `keep_current`, but reads what is in the database, the rows of this transaction included.
    `at`: when this is, for the history of obligations; None: with the newest transaction.
    """
    wanted = sorted(set(customer_ids) - _without_balance(customer_ids))
    policy = policies.in_force(as_of)
    if len(wanted) >= MANY:
        merged = members(wanted) if models.Alias.objects.exists() else {}
        alone = {pk: () for pk in wanted if pk not in merged}
        found = segments(alone, policy=policy)
        try:
            valuing.store({pk: found.get(pk, "") for pk in alone}, policies, as_of=as_of)
            obligations.watch(alone, policies, today=as_of, at=at)
            wanted = sorted(merged)
        except Invalid:
            # Nothing was written: the engine cannot add up so slow a silence, the core can.
            pass
    for chunk in _chunks(wanted, 1000):
        keep_current(queries.accounts(chunk, policy=policy), policies, as_of=as_of, at=at)


def bring_up(today: date, policies: PolicyHistory, *, at: datetime | None = None) -> int:
    """Bring every balance that is of another day or version to `today`; count them.

    Safe to run twice, at once, late, or to be killed: each chunk is one transaction that takes only
    what is still behind, and a balance that somebody is booking on is left to that booking.
    """
    policy = policies.in_force(today)
    stale = sorted({*_behind(today, policy.label), *_without_one()})
    count = _bring_up_all(list(_chunks(stale, CHUNK)), today, policies, at)
    obligations.everybody_watched(policy)
    return count


def _bring_up_all(
    chunks: Sequence[Sequence[int]], today: date, policies: PolicyHistory, at: datetime | None
) -> int:
    if connection.vendor != "postgresql" or len(chunks) <= 1:
        return sum(_bring_up(chunk, today, policies, at) for chunk in chunks)

    def work(chunk: Sequence[int]) -> int:
        try:
            return _bring_up(chunk, today, policies, at)
        finally:
            # Django gives each thread a connection of its own, and nobody else would close it.
            connections.close_all()

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return sum(pool.map(work, chunks))


@transaction.atomic
def _bring_up(
    chunk: Sequence[int], today: date, policies: PolicyHistory, at: datetime | None
) -> int:
    named = [raw.listed(chunk)]
    sql = f"SELECT customer_id FROM balance WHERE {raw.among('customer_id')}"  # noqa: S608
    there = {pk for (pk,) in raw.fetched(sql, named)}
    # Waiting for nobody: whoever holds a row is about to write a balance of today.
    lock = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    behind, values = _is_behind(today, policies.in_force(today).label)
    rows = raw.fetched(f"{sql} AND {behind}{lock}", [*named, *values])
    wanted = {*(pk for (pk,) in rows), *(pk for pk in chunk if pk not in there)}
    refresh(wanted, policies, as_of=today, at=at)
    return len(wanted)


def _is_behind(today: date, label: str) -> raw.Statement:
    """Return the condition that a balance is of another day or version, and its parameters."""
    # Of tomorrow: by a clock that was steadied. Later: by one that was ahead, and nobody's present.
    sql = "(as_of_date < %s OR as_of_date > %s OR (as_of_date = %s AND policy <> %s))"
    days = [connection.ops.adapt_datefield_value(day) for day in (today, today + SLACK, today)]
    return sql, (*days, label)


def _behind(today: date, label: str) -> list[int]:
    sql, values = _is_behind(today, label)
    return [pk for (pk,) in raw.fetched(f"SELECT customer_id FROM balance WHERE {sql}", values)]  # noqa: S608


def _without_one() -> list[int]:
    """Return the customers who have entries and may be evaluated, but have no balance."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id FROM customer c WHERE NOT EXISTS "
            "(SELECT 1 FROM balance b WHERE b.customer_id = c.id) AND EXISTS "
            "(SELECT 1 FROM entry e WHERE e.customer_id = c.id)"
        )
        found = [pk for (pk,) in cursor.fetchall()]
    left_out = not_evaluated(found)
    return [pk for pk in found if pk not in left_out]


def _without_balance(
    customer_ids: Collection[int], known: Collection[int] | None = None
) -> set[int]:
    """Return those of the customers for whom no balance is kept, and remove what they have."""
    left_out = not_evaluated(customer_ids) if known is None else set(known)
    if left_out:
        models.Balance.objects.filter(pk__in=left_out).delete()
    return left_out


def _chunks(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


# Any: values as the database's driver takes them.
def _balance(pk: int, account: Account, policies: PolicyHistory, as_of: date) -> tuple[Any, ...]:
    """Return a row in the order of `valuing.COLUMNS`."""
    read = reading(account, policies.in_force(as_of), as_of=as_of, known_at=None, view=TOTAL)
    points = decayed_points(read.entries, read.rules.parameters, as_of=as_of)
    value = valued(read, *points)
    days = days_above(read, *points)
    earlier = valuing.earlier_day(as_of)
    before = balance_before(read, day=earlier)
    return (
        pk,
        as_of,
        value.policy,
        account.segment,
        value.balance,
        value.silence,
        value.silence_charges,
        value.weakest.dimension,
        value.weakest.expected,
        value.weakest.reason,
        value.verdict,
        *(value.verdicts[d] for d in DIMENSIONS),
        bool(value.below_threshold),
        max((e.on for e in read.live if e.contact), default=None),
        None if days is None else as_of + timedelta(days=days),
        valuing.looked_until(as_of),
        None if before is None else earlier,
        before,
        None if before is None else value.balance - before,
    )
