# ruff: noqa: S608 - the texts are made of our own names, values are parameters
"""The ledger as arrays: what counts of many accounts, with the points booked or given anew.

What is given anew is what `core.ledger.booking.replayed` says under one version of the policy; an
entry of a kind that the version does not have keeps the points it was booked with. Only accounts
at the limit of purchasable points or with a renegotiated promise pass through the core one by one.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from vertrauenskonto.core.ledger.booking import RECOVERY_CAP, needs_history, replayed
from vertrauenskonto.core.ledger.entries import DIMENSIONS, Account, Entry
from vertrauenskonto.core.ledger.kinds import PROMISE_RENEGOTIATED, Kind, base_kind
from vertrauenskonto.core.ledger.policy import Policy, PolicyHistory
from vertrauenskonto.db import raw
from vertrauenskonto.db.models.ledger import HUNDREDTHS
from vertrauenskonto.db.queries.segments import segments
from vertrauenskonto.engine.replaying import (
    Books,
    Entries,
    Flags,
    Floats,
    Ints,
    Suspensions,
    rules_of,
)
from vertrauenskonto.engine.rules import ALWAYS, EPOCH

# Of so many numbers in a row at least one is asked for, where they are read as a range.
_DENSE = 4
# Points are whole hundredths; sums of them are not exact.
_NOISE = 1e-6
# Columns of `_entries` before the texts.
_NUMBERS = 10
_POINTS = ", ".join(f"e.{d}" for d in DIMENSIONS)


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """All rows of some customers, as they are booked, by number; points one row per dimension.

    `customers` are those with entries, each holding an account; `groups` names who is merged into
    each. `capped`: their points are the most that may count. `kinds` are the names that `kind` counts through.
    """

    customers: tuple[int, ...]
    groups: Mapping[int, Sequence[int]]
    account: Ints
    id: Ints
    day: Ints
    recorded: Ints
    contact: Flags
    points: Floats
    reverses: Ints
    capped: Flags
    kind: Ints
    kinds: tuple[str, ...]
    promise: Sequence[str]
    promised: Flags
    suspensions: Suspensions

    @cached_property
    def live(self) -> Ints:
        """Which rows count, in order of their days: no reversals, and nothing that is reversed."""
        undoing = self.reverses != 0
        rows = np.flatnonzero(~undoing & ~np.isin(self.id, self.reverses[undoing]))
        return rows[np.argsort(self.day[rows], kind="stable")]

    def accounts_of(self, rows: Flags) -> Flags:
        """Return which rows belong to the accounts of some rows."""
        found = np.zeros(len(self.customers), dtype=bool)
        found[self.account[rows]] = True
        return found[self.account]


def read(groups: Mapping[int, Sequence[int]]) -> Ledger:
    """Read the ledger of customers, and of those merged into each."""
    holder = {one: pk for pk, merged in groups.items() for one in (pk, *merged)}
    rows = _entries(holder)
    there = sorted({holder[row[0]] for row in rows})
    place = {pk: n for n, pk in enumerate(there)}
    kinds = sorted({row[-2] for row in rows})
    kind_place = {name: n for n, name in enumerate(kinds)}
    numbers: Ints = np.array([row[:-2] for row in rows], dtype=np.int64)
    numbers = numbers.reshape(len(rows), _NUMBERS)
    return Ledger(
        customers=tuple(there),
        groups={pk: groups[pk] for pk in there},
        account=np.array([place[holder[row[0]]] for row in rows], dtype=np.int64),
        id=numbers[:, 1],
        day=numbers[:, 2],
        recorded=numbers[:, 3],
        contact=numbers[:, 4].astype(bool),
        points=(numbers[:, 5:8] / HUNDREDTHS).T,
        reverses=numbers[:, 8],
        capped=numbers[:, 9].astype(bool),
        kind=np.array([kind_place[row[-2]] for row in rows], dtype=np.int64),
        kinds=tuple(kinds),
        promise=[row[-1] for row in rows],
        promised=np.array([row[-1] != "" for row in rows], dtype=bool),
        suspensions=_suspensions(holder, place),
    )


def _entries(customer_ids: Collection[int]) -> raw.Rows:
    day = (
        "(e.{} - DATE '1970-01-01')"
        if connection.vendor == "postgresql"
        else "CAST(julianday(e.{}) - 2440587.5 AS INTEGER)"
    )
    contact = "e.contact::int" if connection.vendor == "postgresql" else "e.contact"
    sql = (
        f"SELECT e.customer_id, e.id, {day.format('value_date')}, {day.format('recorded_date')}, "
        f"{contact}, {_POINTS}, COALESCE(e.reverses_id, 0), "
        f"CASE WHEN e.remark = '{RECOVERY_CAP}' THEN 1 ELSE 0 END, e.kind, e.promise "
        "FROM entry e WHERE "
    )
    low, high = min(customer_ids, default=0), max(customer_ids, default=0)
    if high - low < _DENSE * len(customer_ids):
        found = raw.fetched(f"{sql} e.customer_id BETWEEN %s AND %s", [low, high])
        return [row for row in found if row[0] in customer_ids]
    return raw.fetched(f"{sql} {raw.among('e.customer_id')}", [raw.listed(customer_ids)])


def _suspensions(holder: Mapping[int, int], place: Mapping[int, int]) -> Suspensions:
    """Return the version of each suspension that counts today."""
    sql = "SELECT customer_id, key, starts_date, ends_date, recorded_date FROM suspension WHERE "
    rows = raw.fetched(f"{sql} {raw.among('customer_id')} ORDER BY id", [raw.listed(holder)])
    latest: dict[tuple[int, str], tuple[date, date | None, date]] = {}
    for customer_id, key, starts, ends, recorded in rows:
        before = latest.get((customer_id, key))
        if before is None or before[2] < recorded:
            latest[customer_id, key] = (starts, ends, recorded)
    kept = [
        (place[holder[pk]], _number(starts), ALWAYS if ends is None else _number(ends))
        for (pk, _), (starts, ends, _) in latest.items()
        if holder[pk] in place
    ]
    account, starts, ends = np.array(kept, dtype=np.int64).reshape(len(kept), 3).T
    return Suspensions(account=account, starts=starts, ends=ends)


def _number(day: date | str) -> int:
    found = date.fromisoformat(day) if isinstance(day, str) else day
    return found.toordinal() - EPOCH


class Under:
    """A ledger under one version of the rules."""

    def __init__(self, ledger: Ledger, policy: Policy) -> None:
        self._ledger = ledger
        self._policy = policy
        self._names = ("", *(s.name for s in policy.segments))
        # A group that only an older version has follows the general rules.
        known = {name: n for n, name in enumerate(self._names)}
        chosen = segments(ledger.groups, policy=policy) if policy.segments else {}
        self._segment: Ints = np.array(
            [known.get(chosen.get(pk, ""), 0) for pk in ledger.customers], dtype=np.int64
        )
        self._rules = rules_of(policy, self._names, self._segment)

    def booked(self) -> Books:
        """Return the accounts with the points they were booked with."""
        return self._books(self._ledger.points, self._ledger.contact)

    def given_anew(self) -> Books:
        """Return the accounts with the points that this version would have given to everything."""
        ledger = self._ledger
        segment = self._segment[ledger.account]
        known, contact, points = self._table()
        here = known[segment, ledger.kind]
        given = np.where(here, points[:, segment, ledger.kind], ledger.points)
        # What a recovery may count was settled by what its incident took.
        given = np.where(ledger.capped, np.minimum(given, ledger.points), given)
        is_contact = np.where(here, contact[segment, ledger.kind], ledger.contact)
        self._correct(given)
        return self._books(given, is_contact)

    def _table(self) -> tuple[Flags, Flags, Floats]:
        """Return, by segment and kind: whether there is such a kind, its contact flag, its points."""
        shape = (len(self._names), len(self._ledger.kinds))
        known, contact = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
        points = np.zeros((len(DIMENSIONS), *shape))
        for s, name in enumerate(self._names):
            kinds = self._policy.for_segment(name).kinds
            for k, kind_name in enumerate(self._ledger.kinds):
                kind = kinds.get(kind_name)
                if kind is not None:
                    known[s, k], contact[s, k] = True, kind.contact
                    points[:, s, k] = [kind.points.get(d, 0.0) for d in DIMENSIONS]
        return known, contact, points

    def _correct(self, points: Floats) -> None:
        """Correct, in place, what depends on earlier entries of the same account."""
        ledger = self._ledger
        rows = self._bought(points) | self._renegotiated()
        if not rows.any():
            return
        undoing = np.flatnonzero(ledger.reverses)
        rows[undoing] |= np.isin(ledger.reverses[undoing], ledger.id[rows])
        found = np.flatnonzero(rows)
        found = found[np.lexsort((ledger.id[found], ledger.account[found]))]
        for own in np.split(found, np.flatnonzero(np.diff(ledger.account[found])) + 1):
            self._book_again(own, points)

    def _bought(self, points: Floats) -> Flags:
        """Return the rows of purchasable kinds in accounts that may have reached the limit."""
        ledger = self._ledger
        bought = self._of_kinds(lambda kind: kind.purchasable)
        gained = np.where(bought, np.maximum(points, 0.0).sum(axis=0), 0.0)
        total = np.bincount(ledger.account, weights=gained, minlength=len(ledger.customers))
        over = total > self._policy.booking.purchasable_points_max - _NOISE
        found: Flags = bought & over[ledger.account]
        return found

    def _renegotiated(self) -> Flags:
        """Return the rows of promises that were renegotiated and have another outcome besides."""
        ledger = self._ledger
        found = np.zeros(len(ledger.id), dtype=bool)
        promised = ledger.promised
        starts = promised & self._of_kinds(
            lambda kind: base_kind(kind.name) == PROMISE_RENEGOTIATED
        )
        if not starts.any():
            return found
        outcomes = promised & self._of_kinds(needs_history)
        outcomes &= ledger.accounts_of(starts)
        by_promise: dict[tuple[int, str], list[int]] = {}
        for n in np.flatnonzero(outcomes).tolist():
            by_promise.setdefault((int(ledger.account[n]), ledger.promise[n]), []).append(n)
        for rows in by_promise.values():
            if len(rows) > 1 and starts[rows].any():
                found[rows] = True
        return found

    def _of_kinds(self, fits: Callable[[Kind], bool]) -> Flags:
        """Return the rows that are no reversals and whose kind, under this version, fits."""
        kinds = [self._policy.kinds.get(name) for name in self._ledger.kinds]
        known = np.array([kind is not None and fits(kind) for kind in kinds], dtype=bool)
        found: Flags = known[self._ledger.kind] & (self._ledger.reverses == 0)
        return found

    def _book_again(self, rows: Ints, points: Floats) -> None:
        ledger = self._ledger
        entries = tuple(
            Entry(
                id=str(ledger.id[n]),
                on=date.fromordinal(int(ledger.day[n]) + EPOCH),
                recorded=date.fromordinal(int(ledger.recorded[n]) + EPOCH),
                kind="" if ledger.reverses[n] else ledger.kinds[ledger.kind[n]],
                promise=ledger.promise[n],
                reverses=str(ledger.reverses[n]) if ledger.reverses[n] else None,
            )
            for n in rows
        )
        segment = self._names[self._segment[ledger.account[rows[0]]]]
        account = Account(id="", entries=entries, segment=segment)
        row_of = {str(ledger.id[n]): n for n in rows}
        for entry in replayed(account, PolicyHistory((self._policy,))).entries:
            if entry.remark:
                given = {p.dimension: p.points for p in entry.postings}
                points[:, row_of[entry.id]] = [given.get(d, 0.0) for d in DIMENSIONS]

    def _books(self, points: Floats, contact: NDArray[np.bool_]) -> Books:
        ledger = self._ledger
        honest = np.array(
            [
                [self._policy.for_segment(name).is_honesty(kind) for kind in ledger.kinds]
                for name in self._names
            ],
            dtype=bool,
        ).reshape(len(self._names), len(ledger.kinds))
        rows = ledger.live
        account = ledger.account[rows]
        entries = Entries(
            account=account,
            day=ledger.day[rows],
            points=points[:, rows],
            contact=contact[rows],
            honesty=honest[self._segment[account], ledger.kind[rows]],
        )
        return Books(entries, ledger.suspensions, self._rules)
