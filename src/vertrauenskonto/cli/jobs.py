"""What the installation's clock sets going: every job by its name.

A job gets its arguments and the moment; it must be safe to run twice, at once with itself, late, or
to be killed at any point. It returns when there is more to do, or None.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from vertrauenskonto.core.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The instant (UTC) by the server's clock, and the day that it is for the accounts."""

    now: datetime
    today: date


Job = Callable[[Mapping[str, Any], Moment], datetime | None]


def deliver(arguments: Mapping[str, Any], moment: Moment) -> datetime | None:
    """Send one webhook message; again later if nobody took it."""
    from django.conf import settings

    from vertrauenskonto.db.actions import webhooks as actions
    from vertrauenskonto.db.queries import webhooks as queries
    from vertrauenskonto.notify.webhooks import send

    delivery_id = int(arguments["delivery"])
    dispatch = queries.dispatch(delivery_id, now=moment.now)
    if dispatch is None:
        return None
    if dispatch.rest_until_at is not None:
        return dispatch.rest_until_at
    if dispatch.parcel is None:
        actions.withdraw(delivery_id)
        return None
    allowed = _networks(settings.WEBHOOK_NETWORKS)
    outcome = send(dispatch.parcel, at=moment.now, allowed=allowed)
    return actions.record(delivery_id, outcome, now=moment.now)


def bring_up(_arguments: Mapping[str, Any], moment: Moment) -> None:
    """Bring all balances up to today."""
    from vertrauenskonto.db.actions import balances
    from vertrauenskonto.db.queries.policies import history

    try:
        policies = history()
    except NotFound:
        # Before the first policy nothing can have been booked.
        return
    balances.bring_up(moment.today, policies)


def retain(_arguments: Mapping[str, Any], moment: Moment) -> None:
    """Erase what has been kept long enough, by the rules of retention (`db/retention.py`)."""
    from vertrauenskonto.db.actions import privacy

    privacy.retain(moment.today, moment.now)


def expire(_arguments: Mapping[str, Any], moment: Moment) -> None:
    """Forget sessions and answers of the API whose time is over."""
    from django.contrib.sessions.backends.db import SessionStore

    from vertrauenskonto.db.actions import tokens

    SessionStore.clear_expired()
    tokens.forget_answers(moment.now)


JOBS: Mapping[str, Job] = {
    "deliver": deliver,
    "bring_up": bring_up,
    "retain": retain,
    "expire": expire,
}

# Once each day, under a key that holds the day: a clock set back finds them done.
DAILY = ("bring_up", "retain", "expire")


@lru_cache(maxsize=4)
def _networks(text: str) -> tuple[Any, ...]:
    from vertrauenskonto.notify.webhooks import networks

    return networks(text)
