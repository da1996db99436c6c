# ruff: noqa: S608 - the texts are made of our own names, values are parameters
"""Going live: from which day silence counts, and which accounts still begin before it.

Nobody starts in silence debt: an account that begins before going live rests until then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Exists, OuterRef

from vertrauenskonto.core.ledger.entries import Account, Entry, Suspension
from vertrauenskonto.db import models, raw

REASON = "going_live"
# What such a rest is called; one that reaches further back carries its first day behind it.
BEFORE_GOING_LIVE = "before-going-live"
# The day of going live, if the set-up was begun: who only chose a day for alarms asked for nothing.
DAY: raw.Statement = (
    "SELECT value FROM choice WHERE name = 'go_live_date' AND value <> '' AND EXISTS "
    "(SELECT 1 FROM choice WHERE name = 'setup_step' AND value <> '')",
    (),
)


def day(rows: raw.Rows | None = None) -> date | None:
    """Return the day of going live, None if nobody set up; `rows` of `DAY`, from who asked already."""
    found = raw.fetched(*DAY) if rows is None else rows
    return date.fromisoformat(found[0][0]) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftBehind:
    """A rest made for another day of going live: whose (row number), and when it should end."""

    customer: int
    name: str
    starts: date
    ends: date
    recorded: date


def left_behind(live: date) -> list[LeftBehind]:
    """Return the rests before going live that end on another day, as their newest versions say.

    One that begins only after going live is to end after a day: none can be shorter.
    """
    newer = models.Suspension.objects.filter(
        customer=OuterRef("customer"),
        key=OuterRef("key"),
        recorded_date__gt=OuterRef("recorded_date"),
    )
    rows = models.Suspension.objects.filter(
        ~Exists(newer), key__startswith=BEFORE_GOING_LIVE, reason=REASON
    ).exclude(ends_date=live)
    found = rows.order_by("pk").values_list(
        "customer", "key", "starts_date", "ends_date", "recorded_date"
    )
    return [
        LeftBehind(customer=pk, name=key, starts=starts, ends=due, recorded=recorded)
        for pk, key, starts, ends, recorded in found
        if ends != (due := max(live, starts + timedelta(days=1)))
    ]


def unspared(firsts: Mapping[int, date], live: date) -> dict[int, str]:
    """Return which customers still need a rest before going live, and what it is to be called.

    `firsts`: the first of the days before `live` about to be booked, by customer. Who has entries
    from before and no rest, from before the set-up, is left to whoever sets up.
    """
    if not firsts:
        return {}
    among = raw.among("customer_id")
    named = raw.listed(firsts)
    begun, rests = raw.together(
        (
            f"SELECT DISTINCT customer_id FROM entry WHERE {among} AND value_date < %s",
            [named, live.isoformat()],
        ),
        (
            f"SELECT customer_id, MIN(starts_date) FROM suspension WHERE {among} AND key LIKE %s "
            "GROUP BY customer_id",
            [named, f"{BEFORE_GOING_LIVE}%"],
        ),
    )
    earlier, since = {pk for (pk,) in begun}, {pk: _day(starts) for pk, starts in rests}
    found = {}
    for pk, first in firsts.items():
        if pk not in since and pk not in earlier:
            found[pk] = BEFORE_GOING_LIVE
        elif pk in since and first < since[pk]:
            found[pk] = f"{BEFORE_GOING_LIVE}-{first.isoformat()}"
    return found


def spared(account: Account, entry: Entry, live: date | None) -> Account:
    """Return an account with the rest that booking `entry` would add; for a look ahead."""
    if live is None or entry.on >= live:
        return account
    since = [s.starts for s in account.suspensions if BEFORE_GOING_LIVE in s.id]
    if any(e.on < live for e in account.entries) if not since else entry.on >= min(since):
        return account
    rest = Suspension(
        id=f"{BEFORE_GOING_LIVE}-{entry.on.isoformat()}",
        starts=entry.on,
        ends=live,
        recorded=entry.recorded,
    )
    return replace(account, suspensions=(*account.suspensions, rest))


def _day(value: date | str) -> date:
    # SQLite gives a day that it worked out as text.
    return date.fromisoformat(value) if isinstance(value, str) else value
