"""What the people of the made-up company promised lately: something in every state for each of them.

Told day by day, as the days are lived: made, told about, given a new date, kept, forgotten.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from vertrauenskonto.core.errors import NO_TEXT, Language, Text

if TYPE_CHECKING:
    from vertrauenskonto.core.ledger.policy import PolicyHistory
    from vertrauenskonto.db.actions.facts import Door

_What = Literal["at_risk", "told", "renegotiated", "done", "given_up", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Happened:
    """What happened to a promise, so many days from today; `due` in days from today as well."""

    what: _What
    on: int
    note: Text = NO_TEXT
    due: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """One promise: made and due so many days from today; `hour` None: in the course of the day."""

    wording: Text
    capability: Text
    made: int
    due: int
    hour: int | None = None
    story: tuple[_Happened, ...] = ()


_CALLBACK, _QUOTE = Text("Rückruf", "callback"), Text("Angebot", "quote")
_VISIT, _PART = Text("Einbau", "installation"), Text("Ersatzteil", "spare part")
_PLAN = (
    _Said(
        wording=Text("Rückruf wegen der Rechnung", "Call back about the invoice"),
        capability=_CALLBACK,
        made=-1,
        due=0,
        hour=17,
    ),
    _Said(
        wording=Text("Angebot für die neue Therme schicken", "Send the quote for the new boiler"),
        capability=_QUOTE,
        made=-3,
        due=2,
    ),
    _Said(
        wording=Text("Ersatzteil für die Pumpe einbauen", "Fit the spare part for the pump"),
        capability=_PART,
        made=-6,
        due=1,
        story=(
            _Happened(
                what="at_risk",
                on=0,
                note=Text("Der Lieferant meldet Rückstand.", "The supplier is behind."),
            ),
        ),
    ),
    _Said(
        wording=Text("Wartungsvertrag zuschicken", "Send the maintenance contract"),
        capability=_QUOTE,
        made=-9,
        due=-1,
    ),
    _Said(
        wording=Text("Heizkörper im Bad tauschen", "Replace the radiator in the bathroom"),
        capability=_VISIT,
        made=-12,
        due=-4,
        story=(
            _Happened(
                what="told",
                on=-6,
                note=Text("Kollege krank, wir melden uns.", "Colleague ill, we will call."),
            ),
            _Happened(what="renegotiated", on=-5, due=6),
        ),
    ),
    _Said(
        wording=Text("Thermostat bringen", "Bring the thermostat"),
        capability=_PART,
        made=-10,
        due=-3,
        story=(_Happened(what="done", on=-4),),
    ),
    _Said(
        wording=Text("Rückruf zum Wartungstermin", "Call back about the service date"),
        capability=_CALLBACK,
        made=-11,
        due=-8,
        story=(_Happened(what="done", on=-6),),
    ),
)


def said_and_done(
    day: date,
    today: date,
    customers: Mapping[str, Sequence[str]],
    door: "Door",
    policies: "PolicyHistory",
    language: Language,
) -> None:
    """Live one day of promises: what was made on it, what happened to others, and the clock.

    `customers`: the keys of customers, by who looks after them.
    """
    from vertrauenskonto.db.access import installation
    from vertrauenskonto.db.actions import promise_clock, promises
    from vertrauenskonto.db.actions.promises import NewPromise, Taken
    from vertrauenskonto.db.queries.promises import begun_with

    viewer, offset = installation("cli"), (day - today).days
    there = begun_with(viewer, "demo", "")
    for person, keys in customers.items():
        for number, plan in enumerate(_PLAN):
            name = f"{person}:{number}"
            if plan.made == offset:
                new = NewPromise(
                    customer=keys[number % len(keys)],
                    wording=plan.wording.in_language(language),
                    capability=plan.capability.in_language(language),
                    due=_due(today, plan.due, plan.hour),
                    source="demo",
                    source_id=name,
                    giver=person,
                    is_first_contact=False,
                )
                there[name] = promises.make(viewer, new, door=door).key
            for happened in plan.story:
                if happened.on == offset:
                    due = None if happened.due is None else today + timedelta(days=happened.due)
                    taken = Taken(
                        what=happened.what,
                        due=due,
                        channel="call" if happened.what in ("told", "renegotiated") else "",
                        note=happened.note.in_language(language),
                    )
                    promises.take(viewer, there[name], taken, door=door, policies=policies)
    promise_clock.run(now=door.at, door=door, policies=policies)


def _due(today: date, days: int, hour: int | None) -> date | datetime:
    from django.conf import settings

    day = today + timedelta(days=days)
    if hour is None:
        return day
    return datetime.combine(day, time(hour), ZoneInfo(settings.TIME_ZONE))
