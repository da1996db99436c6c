"""Jobs: what waits, what was given up, and whether anybody is at work."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max

from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, require


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """One job as a list shows it; `error` holds class and place of the last failure."""

    id: int
    name: str
    state: str
    due_at: datetime
    attempts: int
    error: str


def page(viewer: Viewer, *, state: str = "given_up", limit: int = 100) -> list[JobRow]:
    """Return the jobs in a state, the longest due first.

    Raises:
        Denied: the viewer may not audit.
    """
    require(viewer, "audit")
    rows = models.Job.objects.filter(state=state).order_by("due_at", "pk")[:limit]
    return [
        JobRow(
            id=row.pk,
            name=row.name,
            state=row.state,
            due_at=row.due_at,
            attempts=row.attempts,
            error=row.error,
        )
        for row in rows
    ]


def counts() -> dict[str, int]:
    """Return how many jobs are in each state."""
    found = dict.fromkeys(("waiting", "done", "given_up"), 0)
    rows = models.Job.objects.values("state").annotate(n=Count("pk")).order_by("state")
    return found | {row["state"]: row["n"] for row in rows}


def last_heartbeat() -> datetime | None:
    """Return when a worker was last seen, None if never."""
    seen: datetime | None = models.Worker.objects.aggregate(last=Max("seen_at"))["last"]
    return seen
