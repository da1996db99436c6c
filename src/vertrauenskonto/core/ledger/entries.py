"""Entries: the only facts of an account (TA-1 11.1).

An entry says what happened between the company and a customer, on which day it happened *for the
customer* (`on`), and on which day we knew (`recorded`). Nothing is edited: a mistake is corrected
by an entry that reverses it and, where needed, a new one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

Dimension = Literal["willing", "able", "assessable"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)

TOTAL = "total"
ORGANISATION = "organisation"
PERSON_PREFIX = "person:"

POINTS_MAX = 1000.0


@dataclass(frozen=True, slots=True)
class Posting:
    """Points on one precondition of trust: positive a deposit, negative a withdrawal.

    `points` has at most two decimals, is not 0 and lies within ±1000.
    """

    dimension: Dimension
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something that happened, booked with points, or the reversal of an earlier entry.

    `target` is `organisation` or `person:<id>`. `contact` says that the customer perceived it as
    directed to them; only such entries end a silence. A reversal has `reverses` set, no postings
    and is no contact. `promise` names the promise whose outcome this is, for the rules that look
    at earlier outcomes of the same promise. `remark` says why booked points differ from the kind's.
    """

    id: str
    on: date
    recorded: date
    kind: str = ""
    target: str = ORGANISATION
    contact: bool = False
    postings: tuple[Posting, ...] = ()
    reverses: str | None = None
    source: str = ""
    note: str = ""
    promise: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """A time without silence charges, `[starts, ends)`; `ends` None: open (a closed account).

    Versions share an `id`; for a knowledge day the version recorded last counts.
    """

    id: str
    starts: date
    ends: date | None
    recorded: date

    def covers(self, day: date) -> bool:
        """Tell whether `day` lies inside."""
        return self.starts <= day and (self.ends is None or day < self.ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The trust account of one customer: its entries and suspensions, in any order."""

    id: str
    entries: tuple[Entry, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    segment: str = field(default="")


def live_entries(
    entries: Iterable[Entry], *, as_of: date, known_at: date | None = None
) -> list[Entry]:
    """Return the entries that count for value date `as_of` as known on `known_at`, in given order.

    An entry counts when it was known, had happened, is no reversal itself and no known reversal
    names it. A reversal therefore acts on *every* value date, from the day it was recorded.
    `known_at` None: everything that was ever recorded. (TA-1 11.2)
    """
    known = [e for e in entries if known_at is None or e.recorded <= known_at]
    reversed_ids = {e.reverses for e in known if e.reverses is not None}
    return [e for e in known if e.reverses is None and e.on <= as_of and e.id not in reversed_ids]


def known_suspensions(
    suspensions: Iterable[Suspension], *, known_at: date | None = None
) -> list[Suspension]:
    """Return the version of each suspension that counts on knowledge day `known_at`."""
    latest: dict[str, Suspension] = {}
    for suspension in suspensions:
        if known_at is not None and suspension.recorded > known_at:
            continue
        other = latest.get(suspension.id)
        if other is None or other.recorded < suspension.recorded:
            latest[suspension.id] = suspension
    return list(latest.values())


def counts_in_view(entry: Entry, view: str) -> bool:
    """Tell whether an entry's postings count in `total`, `organisation` or `person:<id>`."""
    return view in (TOTAL, entry.target)


def persons(entries: Iterable[Entry]) -> list[str]:
    """Return the ids of the contact persons that entries are directed at, sorted."""
    return sorted(
        {e.target.removeprefix(PERSON_PREFIX) for e in entries if e.target != ORGANISATION}
    )
