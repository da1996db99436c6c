"""Recovery cases for tests: a case with the steps of a good one, as far as wanted."""

from dataclasses import replace
from datetime import date, timedelta

from vertrauenskonto.core.errors import NO_TEXT
from vertrauenskonto.core.ledger.entries import Dimension
from vertrauenskonto.core.ledger.kinds import Kind
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.recovery.case import Case
from vertrauenskonto.core.recovery.deciding import decide
from vertrauenskonto.core.recovery.facts import Evaluation, Fact
from vertrauenskonto.core.recovery.steps import Channel

DAY = date(2026, 3, 2)
LATE = DAY + timedelta(days=400)
GOOD = Evaluation(balance=12.0, threshold=0.0, survey=(6, 5, 7))

WORDS = {
    "findings": "Wir haben den Termin nicht eingetragen.",
    "reason": "Der Termin stand in keinem Kalender.",
    "customer_words": "Ich habe den ganzen Tag gewartet.",
    "responsibility": "Wir haben Ihren Termin vergessen.",
    "offer": "Die nächste Wartung ohne Rechnung.",
    "agreed": "Neuer Termin am Montag.",
    "what": "Termin nachgeholt.",
    "decides": "Frau Weber",
    "control": "Abgleich jeden Morgen",
    "changes": "Zwei sehen jeden Termin.",
    "phone_choice": "Am 4. März am Telefon: „Rufen Sie mich lieber an.“",
    "note": "Der Kunde wollte kein Angebot.",
    "evidence": "Protokoll des Torwächters",
}
CHANNEL: dict[str, Channel] = {
    "contact": "call",
    "understanding": "call",
    "disappointment": "call",
    "apology": "letter",
    "new_chance": "letter",
    "offer": "letter",
    "talk": "in_person",
    "confirmed": "email",
    "attempt": "call",
    "reason": "email",
    "check": "email",
}
ORDER = (
    "facts",
    "contact",
    "understanding",
    "disappointment",
    "apology",
    "new_chance",
    "offer",
    "talk",
    "repair",
    "prevention",
    "confirmed",
    "evaluated",
)


POINTS: dict[str, dict[Dimension, float]] = {
    "recovery_repair_done": {"willing": 5.0, "able": 5.0},
    "recovery_prevention_done": {"willing": 5.0, "assessable": 3.0},
    "recovery_customer_confirmed": {"assessable": 5.0},
    "recovery_failed": {"willing": -10.0, "able": -10.0},
}
POLICY = Policy(
    name="small",
    kinds={
        name: Kind(name=name, label=NO_TEXT, why=NO_TEXT, points=points, contact=True)
        for name, points in POINTS.items()
    },
)


def fact(act, on=DAY, **more):
    """Return a complete fact; `more` replaces what it says."""
    given = Fact(
        act=act,
        on=on,
        by="Anna",
        channel=CHANNEL.get(act),
        words=WORDS,
        breach="able" if act == "facts" else None,
        evaluation=GOOD if act == "evaluated" else None,
    )
    return replace(given, **more)


def new_case(**more):
    return replace(Case(id="c1", incident_on=DAY, opened_on=DAY), **more)


def after(case, *facts, today=LATE):
    """Return the case with more facts, each decided."""
    for one in facts:
        made = fact(one) if isinstance(one, str) else one
        case = case.with_fact(decide(case, made, today=today))
    return case


def until(last, *, path="case", **more):
    """Return a good case up to and with the step `last`."""
    case = new_case(path=path, **more)
    for name in ORDER[: ORDER.index(last) + 1]:
        on = DAY + timedelta(days=90) if name == "evaluated" else DAY
        case = after(case, fact(name, on))
    return case
