"""Going live: accounts that begin before it rest until then, and follow when the day moves."""

from collections.abc import Mapping
from datetime import date

from django.db import transaction

from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import balances
from vertrauenskonto.db.actions.choices import choose
from vertrauenskonto.db.actions.clock import steadied
from vertrauenskonto.db.actions.facts import Door, write
from vertrauenskonto.db.aliases import roots
from vertrauenskonto.db.queries import going_live as queries
from vertrauenskonto.db.queries.going_live import BEFORE_GOING_LIVE, REASON, unspared
from vertrauenskonto.db.queries.policies import history_or_none

_CHUNK = 10_000


def move(day: date | None, *, door: Door) -> None:
    """Choose the day of going live, and let the rests before it follow. Who may, the caller decides."""
    choose("go_live_date", day.isoformat() if day else "")
    known = history_or_none()
    if known is not None:
        follow(known, door=door)


def follow(policies: PolicyHistory, *, door: Door) -> int:
    """Give rests that end on another day than going live a version that ends then; count them.

    A rest has one version a day, so one from today follows tomorrow. Safe to run twice or to be
    killed: each part is a transaction, and the next run finds what is left.
    """
    live = queries.day()
    if live is None:
        return 0
    door = steadied(door)
    wanted = [one for one in queries.left_behind(live) if one.recorded < door.today]
    for n in range(0, len(wanted), _CHUNK):
        part = wanted[n : n + _CHUNK]
        named = {one.customer for one in part}
        with transaction.atomic():
            # Nobody books there, or moves the day once more, meanwhile.
            locked = models.Customer.objects.select_for_update().filter(pk__in=named).order_by("pk")
            whose = {row.pk: row for row in locked}
            rows = [
                models.Suspension(
                    customer=whose[one.customer],
                    key=one.name,
                    starts_date=one.starts,
                    ends_date=one.ends,
                    recorded_date=door.today,
                    reason=REASON,
                )
                for one in part
            ]
            write(rows, door=door)
            balances.refresh(set(roots(named).values()), policies, as_of=door.today)
    return len(wanted)


def spare(days: Mapping[int, date], live: date | None, *, door: Door) -> bool:
    """Let silence before going live cost nothing for who is about to get the first entry before it.

    `days`: the first day about to be booked, by customer. Return whether anything was written; the
    caller holds the transaction and values the accounts anew.
    """
    firsts = {} if live is None else {pk: first for pk, first in days.items() if first < live}
    if live is None or not firsts:
        return False
    names = unspared(firsts, live)
    rest({pk: firsts[pk] for pk in names}, live, names=names, door=door)
    return bool(names)


def rest(
    since: Mapping[int, date], live: date, *, names: Mapping[int, str] | None = None, door: Door
) -> None:
    """Suspend silence from a day until going live, by customer; the caller holds the transaction."""
    if not since:
        return
    whose = models.Customer.objects.in_bulk(list(since))
    rows = [
        models.Suspension(
            customer=whose[pk],
            key=(names or {}).get(pk, BEFORE_GOING_LIVE),
            starts_date=first,
            ends_date=live,
            recorded_date=door.today,
            reason=REASON,
        )
        for pk, first in sorted(since.items())
    ]
    write(rows, door=door)
