"""Jobs: putting work off, claiming it with a lease, and saying what became of it.

A worker that dies simply stops renewing its lease; when it has run out, another takes the job over.
So a job may run twice, or by two workers at once: every job must be safe to repeat. Leases and
delays that reach further into the future than any could have been granted come from a clock that
was set back since, and do not count.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe

from django.db.models import F, Q, QuerySet

from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, require

LEASE = timedelta(minutes=2)
# Between attempts; the job is given up when there are no more.
DELAYS = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)
DELAY_MAX = max(DELAYS)
_CANDIDATES = 10
_ERROR_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A job that is ours until its lease runs out; `attempts` counts this one."""

    job_id: int
    name: str
    arguments: Mapping[str, object]
    lease: str
    attempts: int


def enqueue(
    name: str,
    *,
    due_at: datetime,
    key: str | None = None,
    arguments: Mapping[str, object] | None = None,
) -> None:
    """Put a job into the queue; one whose key was ever used before is there already.

    Called inside a transaction, the job exists if and only if that transaction does.
    """
    row = models.Job(name=name, key=key, arguments=dict(arguments or {}), due_at=due_at)
    models.Job.objects.bulk_create([row], ignore_conflicts=True)


def claim(*, now: datetime) -> Claim | None:
    """Take the job that has been due longest and is nobody's, or None."""
    due = Q(due_at__lte=now) | Q(attempts__gt=0, due_at__gt=now + DELAY_MAX)
    free = Q(lease="") | Q(leased_until_at__lte=now) | Q(leased_until_at__gt=now + LEASE)
    rows = models.Job.objects.filter(due & free, state="waiting").order_by("due_at", "pk")
    for row in rows[:_CANDIDATES]:
        lease = token_urlsafe(16)
        # Only if nobody else took it, postponed it or tried it since we looked.
        taken = models.Job.objects.filter(
            pk=row.pk, state="waiting", lease=row.lease, attempts=row.attempts, due_at=row.due_at
        ).update(lease=lease, leased_until_at=now + LEASE, attempts=F("attempts") + 1)
        if taken:
            return Claim(
                job_id=row.pk,
                name=row.name,
                arguments=row.arguments,
                lease=lease,
                attempts=row.attempts + 1,
            )
    return None


def renew(claimed: Claim, *, now: datetime) -> bool:
    """Keep a job longer; tell whether it is still ours."""
    return bool(_ours(claimed).update(leased_until_at=now + LEASE))


def finish(claimed: Claim, *, now: datetime) -> bool:
    """Say that a job is done; tell whether it was still ours to say so."""
    done = _ours(claimed).update(
        state="done", lease="", leased_until_at=None, error="", ended_at=now
    )
    return bool(done)


def postpone(claimed: Claim, *, until: datetime) -> bool:
    """Put a job off that has more to do later; its failures so far are forgotten."""
    # One attempt, not none: a delay that a clock set back makes too long must be recognised.
    put_off = _ours(claimed).update(due_at=until, attempts=1, lease="", leased_until_at=None)
    return bool(put_off)


def release(claimed: Claim) -> bool:
    """Give a job back untouched, because the worker is asked to stop."""
    return bool(_ours(claimed).update(attempts=F("attempts") - 1, lease="", leased_until_at=None))


def fail(claimed: Claim, *, now: datetime, error: str) -> bool:
    """Say that an attempt failed: it is tried again later, or given up after the last delay.

    `error` names class and place, never data. Tells whether it was still ours to say so.
    """
    rows = _ours(claimed)
    error = error[:_ERROR_LENGTH_MAX]
    if claimed.attempts > len(DELAYS):
        given_up = rows.update(
            state="given_up", lease="", leased_until_at=None, error=error, ended_at=now
        )
        return bool(given_up)
    due_at = now + DELAYS[claimed.attempts - 1]
    return bool(rows.update(due_at=due_at, lease="", leased_until_at=None, error=error))


def try_again(viewer: Viewer, *, now: datetime) -> int:
    """Put all jobs that were given up into the queue once more; return how many.

    Raises:
        Denied: the viewer may not administer.
    """
    require(viewer, "administer")
    return models.Job.objects.filter(state="given_up").update(
        state="waiting", due_at=now, attempts=0, error="", ended_at=None
    )


def beat(key: str, *, now: datetime) -> None:
    """Say that a worker is alive."""
    models.Worker.objects.update_or_create(key=key, defaults={"seen_at": now})


def leave(key: str) -> None:
    """Say that a worker ends."""
    models.Worker.objects.filter(key=key).delete()


def tidy(*, before: datetime) -> int:
    """Forget jobs that ended before an instant, and workers not seen since; return how many jobs."""
    models.Worker.objects.filter(seen_at__lt=before).delete()
    return models.Job.objects.filter(state__in=("done", "given_up"), ended_at__lt=before).delete()[
        0
    ]


def _ours(claimed: Claim) -> QuerySet[models.Job]:
    return models.Job.objects.filter(pk=claimed.job_id, lease=claimed.lease, state="waiting")
