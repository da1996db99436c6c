"""Whether the server's clock can be believed: held against the newest transaction.

A clock set far forward would date facts into the future, and nothing can take them back.
"""

from datetime import UTC, datetime, timedelta

from django.conf import settings

from vertrauenskonto.core.errors import Text, TrustError
from vertrauenskonto.db import models, raw

# A clock a little behind is steadied; what lies further ahead was written by a wrong clock.
SLACK = timedelta(days=1)
# The newest transaction's instant.
NEWEST: raw.Statement = (
    "SELECT booked_at FROM booking_transaction ORDER BY booked_at DESC LIMIT 1",
    (),
)


class ClockDoubtful(TrustError):
    """For long nothing was written, so the clock may be ahead; somebody has to look at it."""

    def __init__(self, at: datetime, newest: datetime) -> None:
        days = (at - newest).days
        super().__init__(
            Text(
                de=f"Laut Uhr ist der {at:%d.%m.%Y}, aber seit {days} Tagen wurde nichts gebucht. "
                "Geht die Uhr vor? Es wurde nichts geschrieben. Geht sie richtig, bestätigt das, "
                "wer die Installation betreibt: vertrauenskonto doctor --confirm-clock",
                en=f"By the clock it is {at:%Y-%m-%d}, but nothing was booked for {days} days. Is "
                "the clock ahead? Nothing was written. If it is right, whoever runs the "
                "installation confirms that: vertrauenskonto doctor --confirm-clock",
            )
        )


def believable(at: datetime, newest: raw.Rows | None = None) -> datetime | None:
    """Return the newest transaction's instant that is no more than a day after `at`, if any.

    `newest`: the rows of `NEWEST`, from who asked already.
    """
    rows = raw.fetched(*NEWEST) if newest is None else newest
    if not rows:
        return None
    [(found,)] = rows
    # SQLite keeps instants in UTC without saying so.
    last: datetime | None = found if found.tzinfo else found.replace(tzinfo=UTC)
    if last is not None and last > at + SLACK:
        earlier = models.Transaction.objects.filter(booked_at__lte=at + SLACK)
        last = earlier.order_by("-booked_at").values_list("booked_at", flat=True).first()
    return last


def is_far_ahead(at: datetime, newest: datetime | None) -> bool:
    """Tell whether `at` lies further after the newest transaction than the settings allow."""
    days: int = settings.CLOCK_GAP_DAYS
    return bool(days) and newest is not None and at - newest > timedelta(days=days)


def refuse_jump(at: datetime, newest: datetime | None) -> None:
    """Go on if the clock can be believed.

    Raises:
        ClockDoubtful: it cannot.
    """
    if newest is not None and is_far_ahead(at, newest):
        raise ClockDoubtful(at, newest)
