"""What the installation's clock sets going: every job by its name.

A job gets its arguments and the moment; it must be safe to run twice, at once with itself, late, or
to be killed at any point. It returns when there is more to do, or None.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from vertrauenskonto.cli import alert_jobs, message_jobs
from vertrauenskonto.cli.moment import Moment
from vertrauenskonto.core.errors import NotFound

_PROMISES_EVERY = timedelta(minutes=3)

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
    """Bring all balances up to today, after rests have followed a day of going live that moved."""
    from vertrauenskonto.db.actions import balances, going_live
    from vertrauenskonto.db.actions.facts import Door
    from vertrauenskonto.db.queries.policies import history

    try:
        policies = history()
    except NotFound:
        # Before the first policy nothing can have been booked.
        return
    door = Door(actor="system", channel="work", at=moment.now, today=moment.today)
    going_live.follow(policies, door=door)
    balances.bring_up(moment.today, policies, at=moment.now)


def escalate(_arguments: Mapping[str, Any], moment: Moment) -> None:
    """Wake obligations that slept long enough, and tell leads of those that are overdue."""
    from vertrauenskonto.db.actions import obligations

    obligations.escalate(today=moment.today, at=moment.now)


def promise_clock(_arguments: Mapping[str, Any], moment: Moment) -> datetime | None:
    """Warn of promises, say what is overdue, end what lapsed, and make what comes again."""
    from vertrauenskonto.db.actions import promise_clock, promise_series
    from vertrauenskonto.db.actions.facts import Door
    from vertrauenskonto.db.queries.policies import history

    try:
        policies = history()
    except NotFound:
        # Before the first policy nothing can be booked.
        policies = None
    if policies is not None:
        door = Door(actor="system", channel="work", at=moment.now, today=moment.today)
        promise_series.make_next(door=door)
        promise_clock.run(now=moment.now, door=door, policies=policies)
    return alert_jobs.again(moment, _PROMISES_EVERY)


def retain(_arguments: Mapping[str, Any], moment: Moment) -> None:
    """Erase what has been kept long enough, by the rules of retention (`db/retention.py`)."""
    from vertrauenskonto.db.actions import privacy

    privacy.retain(moment.today, moment.now)


def expire(_arguments: Mapping[str, Any], moment: Moment) -> None:
    """Forget sessions, answers of the API and files of exports whose time is over."""
    from django.contrib.sessions.backends.db import SessionStore

    from vertrauenskonto.db.actions import long_works, tokens

    SessionStore.clear_expired()
    tokens.forget_answers(moment.now)
    long_works.tidy(now=moment.now)


def long_work(arguments: Mapping[str, Any], moment: Moment) -> None:
    """Do what somebody asked for on a page and does not wait for."""
    from vertrauenskonto.db import long_works

    long_works.run(int(arguments["work"]), now=moment.now)


def check_import(arguments: Mapping[str, Any], moment: Moment) -> None:
    """Try a file that somebody uploaded."""
    from vertrauenskonto.db.actions import import_runs

    import_runs.check(int(arguments["run"]), now=moment.now, today=moment.today)


def book_import(arguments: Mapping[str, Any], moment: Moment) -> None:
    """Book a file that somebody uploaded and confirmed, in her name."""
    from vertrauenskonto.db.actions import import_runs
    from vertrauenskonto.db.actions.facts import Door

    actor = str(arguments["actor"])
    door = Door(actor=actor, channel="import", at=moment.now, today=moment.today)
    import_runs.book(int(arguments["run"]), door=door)


def read_sources(_arguments: Mapping[str, Any], moment: Moment) -> datetime | None:
    """Set the sources going that are due, all day long."""
    from vertrauenskonto.db.actions import sources

    return sources.set_going(now=moment.now)


def read_source(arguments: Mapping[str, Any], moment: Moment) -> None:
    """Read one source: fetch what is new there, and book it or let it wait for a person."""
    from vertrauenskonto.db.actions import source_runs

    source_runs.read(int(arguments["source"]), now=moment.now, today=moment.today)


def replay_policy(arguments: Mapping[str, Any], moment: Moment) -> None:
    """Replay a draft of the policy over the last twelve months."""
    from vertrauenskonto.db.actions import policy_replays

    policy_replays.run(int(arguments["draft"]), now=moment.now, today=moment.today)


def open_old_states(_arguments: Mapping[str, Any], moment: Moment) -> None:
    """Open obligations for what is bad already, as asked for when a policy was put in force."""
    from vertrauenskonto.db.actions import balances, obligations
    from vertrauenskonto.db.queries.policies import history

    policies = history()
    balances.bring_up(moment.today, policies, at=moment.now)
    obligations.look_at_old_states(policies, today=moment.today)


def reckon_promises(_arguments: Mapping[str, Any], moment: Moment) -> None:
    """Reckon the warnings of open promises again, after a working calendar was changed."""
    from vertrauenskonto.db.actions import promise_times

    promise_times.reckon_all(now=moment.now)


def open_cases(_arguments: Mapping[str, Any], moment: Moment) -> None:
    """Open the recovery cases that the failures booked since yesterday call for."""
    from vertrauenskonto.db.actions import recovery
    from vertrauenskonto.db.actions.facts import Door
    from vertrauenskonto.db.queries.policies import history

    try:
        policies = history()
    except NotFound:
        # Before the first policy nothing can have been booked.
        return
    door = Door(actor="system", channel="work", at=moment.now, today=moment.today)
    recovery.open_by_rule(door=door, policies=policies)


JOBS: Mapping[str, Job] = {
    "check_import": check_import,
    "book_import": book_import,
    "read_sources": read_sources,
    "read_source": read_source,
    "deliver": deliver,
    "bring_up": bring_up,
    "escalate": escalate,
    "promise_clock": promise_clock,
    "open_cases": open_cases,
    "retain": retain,
    "expire": expire,
    "replay_policy": replay_policy,
    "open_old_states": open_old_states,
    "digest": alert_jobs.digest,
    "weekly_reasons": alert_jobs.weekly_reasons,
    "notify": alert_jobs.notify,
    "reasons": alert_jobs.prepare_reasons,
    "long_work": long_work,
    "reckon_promises": reckon_promises,
    "send_messages": message_jobs.send_messages,
    "learn_outlook": message_jobs.learn_outlook,
}

# Once each day, under a key that holds the day: a clock set back finds them done.
DAILY = (
    "bring_up",
    "escalate",
    "promise_clock",
    "open_cases",
    "retain",
    "expire",
    "digest",
    "weekly_reasons",
    "notify",
    "reasons",
    "read_sources",
    "send_messages",
    "learn_outlook",
)


@lru_cache(maxsize=4)
def _networks(text: str) -> tuple[Any, ...]:
    from vertrauenskonto.notify.webhooks import networks

    return networks(text)
