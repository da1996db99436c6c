"""Going live: accounts that begin before it rest until then, as soon as they begin."""

from collections.abc import Mapping
from datetime import date

from vertrauenskonto.db import models
from vertrauenskonto.db.actions.facts import Door, write
from vertrauenskonto.db.queries.going_live import BEFORE_GOING_LIVE, unspared

REASON = "going_live"


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
