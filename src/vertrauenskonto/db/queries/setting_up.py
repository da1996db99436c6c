"""How far the set-up has come, and what the first honest page says."""

from dataclasses import dataclass
from datetime import date

from django.db import connection

from vertrauenskonto.db import agreements, models
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.db.queries.choices import choice
from vertrauenskonto.db.queries.going_live import BEFORE_GOING_LIVE, left_behind
from vertrauenskonto.db.queries.policies import history_or_none


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """Where the set-up stands; counts are of accounts, None where nothing can be said yet.

    `silent_before`: accounts with entries before going live whose silence still counts from then;
    `left_behind`: accounts that still rest until the day of going live that was chosen before.
    """

    policy: str
    go_live: date | None
    is_council_answered: bool
    customers: int
    with_entries: int
    without_entries: int
    below: int
    open_duties: int
    silent_before: int
    left_behind: int
    is_done: bool


def progress(viewer: Viewer) -> SetUp:
    """Return where the set-up stands.

    Raises:
        Denied: the viewer may not administer.
    """
    require(viewer, "administer")
    known = history_or_none()
    said = choice("go_live_date")
    go_live = date.fromisoformat(said) if said else None
    customers = models.Customer.objects.count()
    valued, below = _counted()
    return SetUp(
        policy=known.versions[-1].label if known else "",
        go_live=go_live,
        is_council_answered=agreements.is_works_council_answered(),
        customers=customers,
        with_entries=valued,
        without_entries=customers - valued,
        below=below,
        open_duties=models.Obligation.objects.filter(closed_date=None).count(),
        silent_before=0 if go_live is None else _silent_before(go_live),
        left_behind=0 if go_live is None else len({r.customer for r in left_behind(go_live)}),
        is_done=choice("setup_step") == "done",
    )


def _counted() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*), COUNT(CASE WHEN below_threshold THEN 1 END) FROM balance")
        valued, below = cursor.fetchone()
    return int(valued), int(below)


def _silent_before(go_live: date) -> int:
    done = models.Suspension.objects.filter(key=BEFORE_GOING_LIVE).values("customer")
    early = models.Entry.objects.filter(value_date__lt=go_live).exclude(customer__in=done)
    return early.values("customer").distinct().count()
