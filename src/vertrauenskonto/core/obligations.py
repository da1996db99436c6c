"""Obligations: when an account makes somebody act, when that is over, and by which day it is due.

A trigger is a bad state: the balance lies below the threshold, a precondition reads "no", an entry
breached honesty. It opens an obligation on the first day it is seen, and then rests until the state
is over: the threshold until the balance has its buffer again, so that an account swinging around it
calls nobody twice. (TA-1 11.5, alarm state)

    armed --seen--> resting, somebody must act --over--> armed
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple, get_args

from vertrauenskonto.core.calendar.working_time import WorkingTime
from vertrauenskonto.core.ledger.balance import valuation
from vertrauenskonto.core.ledger.entries import DIMENSIONS, Account, live_entries
from vertrauenskonto.core.ledger.opinions import DECIMALS
from vertrauenskonto.core.ledger.policy import Parameters, Policy

Sort = Literal["threshold", "willing", "able", "assessable", "honesty"]
SORTS: tuple[Sort, ...] = get_args(Sort)

# Working days until somebody must have acted.
DUE_DAYS, HONESTY_DUE_DAYS = 3, 1
SNOOZE_DAYS_MAX = 30


class Trigger(NamedTuple):
    """A bad state of an account; `entry` names what breached honesty, "" with the other sorts."""

    sort: Sort
    entry: str = ""


THRESHOLD = Trigger("threshold")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What an account shows on one day: its bad states, and whether it has its buffer."""

    triggers: frozenset[Trigger]
    has_buffer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What follows from what was seen.

    `fired` triggers open an obligation or join the one that is open, and rest from now on;
    `rearmed` ones rest no longer; `ended` causes of the open obligation are over; `closes` says
    that it is over as a whole.
    """

    fired: frozenset[Trigger]
    rearmed: frozenset[Trigger]
    ended: frozenset[Trigger]
    closes: bool


def change(
    seen: Seen, *, resting: Collection[Trigger], causes: Collection[Trigger], is_open: bool
) -> Change:
    """Return what follows for an account; `causes` are those of its open obligation, if it has one.

    An open obligation is over when its causes are and the balance has its buffer again. What
    breached honesty is over only once it is reversed; somebody may also leave it (see `db.actions`).
    """
    over = {t for t in (*resting, *causes) if _is_over(t, seen)}
    fired = seen.triggers - set(resting)
    left = (set(causes) - over) | fired
    return Change(
        fired=frozenset(fired),
        rearmed=frozenset(over & set(resting)),
        ended=frozenset(over & set(causes)),
        closes=is_open and not left and seen.has_buffer,
    )


def _is_over(trigger: Trigger, seen: Seen) -> bool:
    return seen.has_buffer if trigger == THRESHOLD else trigger not in seen.triggers


def buffer_target(parameters: Parameters) -> float:
    """Return the balance from which an account has its buffer again, in points."""
    return parameters.threshold + parameters.rearm_margin


def has_buffer(balance: float, parameters: Parameters) -> bool:
    """Tell whether a balance has its buffer, after rounding to 9 decimals like the threshold."""
    return round(balance, DECIMALS) >= round(buffer_target(parameters), DECIMALS)


def triggers(
    account: Account, policy: Policy, *, as_of: date, known_at: date | None = None
) -> frozenset[Trigger]:
    """Return the bad states of an account under one version of the policy, as on `as_of`."""
    value = valuation(account, policy, as_of=as_of, known_at=known_at)
    rules = policy.for_segment(account.segment)
    live = live_entries(account.entries, as_of=as_of, known_at=known_at)
    found = {Trigger("honesty", e.id) for e in live if rules.is_honesty(e.kind)}
    found |= {Trigger(d) for d in DIMENSIONS if value.verdicts[d] == "no"}
    return frozenset(found | {THRESHOLD} if value.below_threshold else found)


def only_by_rules(account: Account, before: Policy, now: Policy, *, today: date) -> set[Trigger]:
    """Return the bad states that an account has only because the version `now` came into force.

    They were there under the new rules on their first day, whatever became known later, and are not
    there today under the old ones.
    """
    first = now.valid_from
    at_once = triggers(account, now, as_of=first, known_at=first)
    return set(at_once - triggers(account, before, as_of=today))


def due_date(fired: Collection[Trigger], *, today: date, working: WorkingTime) -> date:
    """Return the day by which somebody must have acted on these triggers, in days of their work."""
    is_honesty = any(trigger.sort == "honesty" for trigger in fired)
    return working.add_days(today, HONESTY_DUE_DAYS if is_honesty else DUE_DAYS)
