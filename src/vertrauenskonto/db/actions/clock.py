"""The day on which facts are recorded: by the server's clock, and never before the newest fact."""

from dataclasses import replace
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from vertrauenskonto.db import models, raw
from vertrauenskonto.db.actions.facts import Door, write
from vertrauenskonto.db.clock import NEWEST, believable, refuse_jump

__all__ = ["NEWEST", "confirm", "on_day", "steadied"]

# Under this name agreements hold that somebody looked at the clock; it is agreed nowhere else.
CLOCK = "clock"


def steadied(door: Door, newest: raw.Rows | None = None) -> Door:
    """Return the door with a day that is not before the newest of the ledger.

    A clock up to a day behind stops nobody, and what was known on a day never changes afterwards.
    Further behind the clock is believed: otherwise one booking by a clock that was ahead would hold
    every later one in the future. `newest`: the rows of `NEWEST`, from who asked already.

    Raises:
        ClockDoubtful: the clock is far ahead of the newest transaction.
    """
    last = believable(door.at, newest)
    refuse_jump(door.at, last)
    return _not_before(door, last)


def on_day(door: Door) -> Door:
    """Return what `steadied` does whatever the clock says: for what people have a right to."""
    return _not_before(door, believable(door.at))


@transaction.atomic
def confirm(*, door: Door) -> None:
    """Record that the clock is right; from then on writing goes on."""
    row = models.Agreement(
        name=CLOCK, is_in_force=True, recorded_date=door.today, purpose="doctor --confirm-clock"
    )
    write([row], door=door, is_clock_confirmed=True)


def _not_before(door: Door, last: datetime | None) -> Door:
    # The day of the newest transaction, by the clock of whoever wrote it.
    return door if last is None else replace(door, today=max(door.today, _day(last)))


def _day(at: datetime) -> date:
    return timezone.localtime(at).date()
