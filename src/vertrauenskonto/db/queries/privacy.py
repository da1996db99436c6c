"""Privacy: how customers' data may be processed, who was erased, and how long what is kept."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, customer_id, require
from vertrauenskonto.db.aliases import members
from vertrauenskonto.db.processing import STATES, State, standing
from vertrauenskonto.db.retention import RULES, Rule

# A gap this long between what was written makes a clock doubtful, until this long after it.
CLOCK_GAP_MAX = timedelta(days=45)
CLOCK_PROOF_AGE = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of how a customer's data may be processed, by whom and through which door."""

    state: State
    recorded_date: date
    reason: str
    actor: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Processing:
    """How a customer's data may be processed today, what stands, and how it came to that."""

    state: State
    standing: tuple[State, ...]
    changes: tuple[Change, ...]


def is_clock_doubtful(now: datetime) -> bool:
    """Tell whether the clock rather was set far forward than that nobody wrote for so long.

    What was written in the last days proves nothing: it may bear the same wrong time. The worker's
    own traces never do.
    """
    proof = now - CLOCK_PROOF_AGE
    times = models.Transaction.objects.filter(booked_at__lte=proof)
    return times.exists() and not times.filter(booked_at__gt=now - CLOCK_GAP_MAX).exists()


def state(customer_id: int) -> State:
    """Return how the data of the customer (by row number) may be processed today."""
    return states([customer_id])[customer_id]


def states(customer_ids: Collection[int]) -> dict[int, State]:
    """Return how the data of the customers (by row number) may be processed today, in one query."""
    found: dict[int, State] = dict.fromkeys(customer_ids, "normal")
    rows = models.Processing.objects.filter(customer_id__in=customer_ids).order_by("pk")
    for pk, word in rows.values_list("customer_id", "state"):
        found[pk] = next(known for known in STATES if known == word)
    return found


def processing(viewer: Viewer, key: str) -> Processing:
    """Return how the data of the customer whom the viewer calls `key` may be processed.

    Raises:
        NotFound: there is no such customer for this viewer.
        Denied: the viewer may not see accounts.
    """
    require(viewer, "see_accounts")
    return history(customer_id(viewer, key))


def history(pk: int) -> Processing:
    """Return what `processing` does for a customer by row number."""
    rows = models.Processing.objects.filter(customer=pk).select_related("transaction")
    changes = tuple(
        Change(
            state=next(known for known in STATES if known == row.state),
            recorded_date=row.recorded_date,
            reason=row.reason,
            actor=row.transaction.actor,
            channel=row.transaction.channel,
        )
        for row in rows.order_by("pk")
    )
    return Processing(
        state=changes[-1].state if changes else "normal",
        standing=standing((change.state, change.reason) for change in changes),
        changes=changes,
    )


def family(root: int) -> tuple[int, ...]:
    """Return the row numbers of a customer and of all that are merged into it."""
    return (root, *members([root]).get(root, ()))


def erased_keys() -> tuple[str, ...]:
    """Return the keys of all customers that were ever erased, sorted."""
    rows = models.Processing.objects.filter(state="erased").order_by("customer__key")
    return tuple(rows.values_list("customer__key", flat=True).distinct())


def retention() -> tuple[Rule, ...]:
    """Return how long what is kept here: our rules with the days that the company chose."""
    chosen = dict(models.Retention.objects.order_by("name").values_list("name", "days"))
    return tuple(
        replace(rule, days=chosen[rule.name]) if rule.name in chosen else rule for rule in RULES
    )
