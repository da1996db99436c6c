"""Jobs of messages to customers: sending what waits, and learning how well promises are kept."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from vertrauenskonto.cli import alert_jobs
from vertrauenskonto.cli.moment import Moment
from vertrauenskonto.core.errors import NotFound

_EVERY = timedelta(minutes=3)
_AT_ONCE = 100


def send_messages(_arguments: Mapping[str, Any], moment: Moment) -> datetime | None:
    """Send the messages that wait: of incidents, and those a server was away for."""
    from vertrauenskonto.db.actions import messages
    from vertrauenskonto.db.actions.facts import Door
    from vertrauenskonto.db.queries.messages import has_mail
    from vertrauenskonto.db.queries.policies import history

    try:
        policies = history()
    except NotFound:
        # Before the first policy nothing was promised.
        return alert_jobs.again(moment, _EVERY)
    if not has_mail():
        return alert_jobs.again(moment, _EVERY)
    door = Door(actor="system", channel="work", at=moment.now, today=moment.today)
    more = messages.deliver_all(door=door, policies=policies, limit=_AT_ONCE)
    return moment.now if more else alert_jobs.again(moment, _EVERY)


def learn_outlook(_arguments: Mapping[str, Any], moment: Moment) -> None:
    """Learn from the register how well promises are kept, once a day."""
    from vertrauenskonto.db.queries import modules, promise_outlook

    if "promises" in modules.switched_on():
        promise_outlook.learn(today=moment.today)
