"""What a promise's row says of its standing, and when the clock has something to do for it next."""

from datetime import date, datetime, timedelta

from django.db import transaction

from vertrauenskonto.core.calendar.working_time import WorkingTime
from vertrauenskonto.core.errors import Invalid, Text
from vertrauenskonto.core.promises import Standing
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import jobs
from vertrauenskonto.db.queries.calendars import Calendars
from vertrauenskonto.db.queries.promises import standing_of

# Working time left to tell the customer when the owner is warned; never more than half of what
# there was from the beginning, or every short promise would begin with a warning.
WARNING_MINUTES = 4 * 60
# A promise becomes overdue with the instant after it was due.
_AFTER = timedelta(microseconds=1)
_PART = 1000


def place(row: models.Promise, now: Standing, calendar: WorkingTime, *, at: datetime) -> None:
    """Write a standing into its row, and when the clock looks at it next; does not save."""
    row.state = now.state(at, ends=row.ends_at)
    row.due_at = now.due
    row.told_at = now.told_at
    row.is_at_risk = now.is_at_risk
    row.renegotiated = now.renegotiated
    row.ended_at = now.ended_at
    if now.outcome is None and row.state != "overdue" and row.warned_at is not None:
        # A new date, or one corrected, is warned of anew.
        warned_for = warning_of(now, calendar)
        if warned_for > row.warned_at:
            row.warned_at = None
    row.next_at = _next(row, now, calendar, at)


def move(row: models.Promise, due_at: datetime, due_date: date | None) -> None:
    """Write a new date into its row; an appointment keeps its length, and what was offered is over.

    Raises:
        Invalid: an appointment that moves to a day without a time.
    """
    if row.sort == "appointment":
        if due_date is not None:
            raise Invalid(
                Text(
                    de="Zu welcher Uhrzeit? Ein Termin braucht mehr als einen Tag.",
                    en="At what time? An appointment needs more than a day.",
                )
            )
        if row.ends_at is not None:
            row.ends_at += due_at - row.due_at
        row.confirmed_at = None
        models.Slot.objects.filter(promise=row).delete()
    row.due_at, row.due_date = due_at, due_date


def warning_of(now: Standing, calendar: WorkingTime) -> datetime:
    """Return when to warn of a promise: with working time left to tell the customer before."""
    try:
        between = calendar.between(now.made_at, now.due)
        lead = min(WARNING_MINUTES, max(int(between // 2), 1))
        return max(calendar.lead(now.due, lead), now.made_at)
    except Invalid:
        # Outside of what the calendar knows there is no working time to count: warn a day before.
        return max(now.due - timedelta(days=1), now.made_at)


def keep_notice(row: models.Promise, was: Standing, calendar: WorkingTime, *, at: datetime) -> None:
    """Write down how much working time lay between the customer knowing and a date; does not save.

    `was`: how the promise stood before. Who knew already keeps what they had.
    """
    if was.told_at is not None or at > was.due:
        return
    try:
        row.notice_minutes = int(calendar.between(at, was.due))
    except Invalid:
        row.notice_minutes = None


def reckon_anew(*, now: datetime) -> None:
    """Have the warnings of all open promises reckoned again, by the calendars that count now."""
    jobs.enqueue("reckon_promises", due_at=now)


def reckon_all(*, now: datetime) -> int:
    """Place the warnings that are still to come by the calendars that count now; count them.

    Safe to run twice, or to be stopped anywhere.
    """
    calendars = Calendars()
    waiting = models.Promise.objects.filter(
        ended_at=None, warned_at=None, told_at=None, due_at__gt=now
    ).order_by("pk")
    found = last = 0
    while True:
        with transaction.atomic():
            rows = list(waiting.filter(pk__gt=last).select_for_update()[:_PART])
            for row in rows:
                calendar = calendars.of(row.customer_id, row.team_id)
                row.next_at = warning_of(standing_of(row), calendar)
            models.Promise.objects.bulk_update(rows, ["next_at"], batch_size=500)
        if not rows:
            return found
        found, last = found + len(rows), rows[-1].pk


def _next(
    row: models.Promise, now: Standing, calendar: WorkingTime, at: datetime
) -> datetime | None:
    if now.outcome is not None:
        return None
    if row.state == "overdue":
        return now.lapses_at if row.customer_id is not None else None
    if row.warned_at is None and now.told_at is None:
        return warning_of(now, calendar)
    return max(now.due, row.ends_at or now.due) + _AFTER
