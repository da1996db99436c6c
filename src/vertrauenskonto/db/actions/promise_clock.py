"""The clock's part in promises: it warns before the date, says what is overdue, ends what lapsed.

Each promise names the instant at which the clock looks at it next, so a run costs what is due and
not what there is. A run that dies anywhere is repeated: a part's rows, steps and entries are written
together or not at all, and a step taken is never due again.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction

from vertrauenskonto.core import promises as rules
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import ledger, promise_times
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.ledger import Draft
from vertrauenskonto.db.actions.promises import day_at, drafts_of
from vertrauenskonto.db.queries.calendars import Calendars
from vertrauenskonto.db.queries.promises import standing_of
from vertrauenskonto.db.retrying import patiently

# Promises looked at together.
PART = 1000
# What a run can change of a promise; its date and what people said of it stay theirs.
_KEEP = "UPDATE promise SET state = %s, ended_at = %s, next_at = %s, warned_at = %s WHERE id = %s"


def run(*, now: datetime, door: Door, policies: PolicyHistory) -> int:
    """Do for all promises what the clock has to do until now; return how many were due."""
    calendars = Calendars()
    found = 0
    while part := patiently(lambda: _part(now, door, policies, calendars)):
        found += part
    return found


@transaction.atomic
def _part(now: datetime, door: Door, policies: PolicyHistory, calendars: Calendars) -> int:
    due = models.Promise.objects.filter(next_at__lte=now).order_by("next_at", "pk")
    locked = due.select_for_update(
        of=("self",), skip_locked=connection.features.has_select_for_update_skip_locked
    )
    rows = list(locked.select_related("customer")[:PART])
    steps: list[models.PromiseStep] = []
    drafts: list[Draft] = []
    for row in rows:
        step = _due_step(row, now)
        if step is not None:
            steps.append(_written(row, step, door))
            standing, bookings = rules.taken(standing_of(row), step)
            drafts += _drafts(row, bookings, steps[-1])
        else:
            standing = standing_of(row)
            is_over = standing.state(now, ends=row.ends_at) == "overdue"
            state = "overdue" if is_over else "warned"
            steps.append(
                models.PromiseStep(
                    promise=row, at=now, written_at=door.at, actor="system", what=state
                )
            )
            if state == "warned":
                row.warned_at = now
        promise_times.place(row, standing, calendars.of(row.customer_id, row.team_id), at=now)
    if drafts:
        # An account that may no longer be booked on stays as it is; the promise ends all the same.
        ledger.book(drafts, door=door, policies=policies)
    models.PromiseStep.objects.bulk_create(steps)
    _keep(rows)
    return len(rows)


def _keep(rows: Sequence[models.Promise]) -> None:
    # Not `bulk_update`: for a thousand rows it takes longer to word than everything else here.
    at = connection.ops.adapt_datetimefield_value
    values = [
        [row.state, at(row.ended_at), at(row.next_at), at(row.warned_at), row.pk] for row in rows
    ]
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(_KEEP, values)


def _due_step(row: models.Promise, now: datetime) -> rules.Step | None:
    """Return the step that ends a promise nobody kept, None where it is not over yet."""
    return rules.lapsed(standing_of(row), now, day_at(row.due_at, row.zone))


def _written(row: models.Promise, step: rules.Step, door: Door) -> models.PromiseStep:
    booked = f"{row.key}:lapsed:{row.due_at:%Y%m%dT%H%M%S}" if row.customer_id is not None else ""
    return models.PromiseStep(
        promise=row,
        at=step.at,
        written_at=door.at,
        actor="system",
        what=step.what,
        entry_source_id=booked,
    )


def _drafts(
    row: models.Promise, bookings: Iterable[rules.Booking], step: models.PromiseStep
) -> list[Draft]:
    if row.customer is None:
        return []
    return [
        drafts_of(row, row.customer.key, booking, step.entry_source_id, note=row.wording)
        for booking in bookings
    ]
