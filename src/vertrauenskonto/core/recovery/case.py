"""A recovery case: a fold over dated facts, and where it stands.

A case is what was recorded, in the order of recording; where it stands follows from it (`outcome`).
What may be recorded next is said by `core.recovery.deciding`.

    open ── every step, evaluated well ──────────────────────────────► repaired
      │  └─ evaluated, but badly or after another incident ─► a lead decides ─► (not) repaired
      ├─ the customer declines, or two attempts without an answer ─► quiet close ─► customer's wish
      ├─ the customer says it is not repaired, or it happens again ──► failed
      ├─ the facts show that we are innocent ────────────────────────► no breach of ours
      └─ opened by mistake, nobody spoken to yet ────────────────────► dropped

There is no way to `repaired` around admission, apology and talk, and nothing but the customer's own
word leads out of "the customer's wish" again. (product.md 3.6)
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.recovery.facts import Act, Breach, Fact
from vertrauenskonto.core.recovery.steps import Path, StepName, step_of

State = Literal[
    "open",
    "customers_wish",
    "awaiting_lead",
    "repaired",
    "not_repaired",
    "closed_at_wish",
    "failed",
    "no_breach",
    "dropped",
    "done",
    "escalated",
]

ATTEMPTS = 2

STATE_LABELS: Mapping[State, Text] = {
    "open": Text("offen", "open"),
    "customers_wish": Text("ruht auf Wunsch des Kunden", "resting at the customer's wish"),
    "awaiting_lead": Text("wartet auf die Leitung", "waiting for the lead"),
    "repaired": Text("geschlossen, repariert", "closed, repaired"),
    "not_repaired": Text("geschlossen, nicht repariert", "closed, not repaired"),
    "closed_at_wish": Text(
        "nicht repariert, Wunsch des Kunden", "not repaired, the customer's wish"
    ),
    "failed": Text("gescheitert", "failed"),
    "no_breach": Text("kein Bruch von uns", "no breach of ours"),
    "dropped": Text("irrtümlich eröffnet", "opened by mistake"),
    "done": Text("erledigt", "done"),
    "escalated": Text("als Fall weitergeführt", "continued as a case"),
}
OPEN_STATES: frozenset[State] = frozenset({"open", "customers_wish", "awaiting_lead"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A recovery: what happened to whom when, and the facts in the order of recording.

    `opened_on` is the day from which time runs; `other_incidents` are the days of this customer's
    other incidents, whenever they were.
    """

    id: str
    incident_on: date
    opened_on: date
    path: Path = "case"
    facts: tuple[Fact, ...] = ()
    other_incidents: tuple[date, ...] = ()

    def fact(self, act: Act) -> Fact | None:
        """Return the last fact of this sort, or None."""
        return next((f for f in reversed(self.facts) if f.act == act), None)

    def with_fact(self, fact: Fact) -> "Case":
        """Return the case with one more fact; `decide` says whether it may be added."""
        return replace(self, facts=(*self.facts, fact))

    @property
    def done(self) -> Mapping[StepName, date]:
        """The steps that were done, with their days."""
        found = ((step_of(self.path, fact.act), fact.on) for fact in self.facts)
        return {step.name: on for step, on in found if step is not None}

    @property
    def skipped(self) -> frozenset[StepName]:
        """The advised steps that were left out with a note."""
        return frozenset(f.step for f in self.facts if f.act == "skip" and f.step is not None)

    @property
    def breach(self) -> Breach | None:
        """What was broken; None until the facts stand."""
        facts = self.fact("facts")
        return None if facts is None else facts.breach


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Where a case stands, since which day (None: since it was opened), and why in words."""

    state: State
    since: date | None
    text: Text

    @property
    def is_closed(self) -> bool:
        """Tell whether nothing more will be done for this case."""
        return self.state not in OPEN_STATES


_AFTER_ANOTHER = Text(
    "Wartet auf die Leitung: Es gab einen weiteren Vorfall innerhalb von 12 Monaten. Nach zweien "
    "reicht die Auswertung nicht, die Leitung entscheidet mit Begründung.",
    "Waiting for the lead: there was another incident within 12 months. After two, the evaluation "
    "is not enough; the lead decides and says why.",
)
_NOT_GOOD_YET = Text(
    "Wartet auf die Leitung: Kontostand oder Befragung sind noch nicht gut. Die Leitung entscheidet "
    "mit Begründung.",
    "Waiting for the lead: balance or survey are not good yet. The lead decides and says why.",
)

_CLOSING: Mapping[Act, State] = {
    "close": "closed_at_wish",
    "failed": "failed",
    "innocent": "no_breach",
    "drop": "dropped",
    "escalate": "escalated",
    "lead_repaired": "repaired",
    "lead_not_repaired": "not_repaired",
    "check": "done",
}


def outcome(case: Case) -> Outcome:
    """Return where the case stands."""
    for fact in case.facts:
        if fact.act in _CLOSING:
            return _outcome(_CLOSING[fact.act], fact.on)
    evaluated = case.fact("evaluated")
    if evaluated is not None:
        found = evaluated.evaluation
        assert found is not None, "decide lets no evaluation pass without its numbers"
        if found.is_repeated:
            return _outcome("awaiting_lead", evaluated.on, _AFTER_ANOTHER)
        if not found.is_good:
            return _outcome("awaiting_lead", evaluated.on, _NOT_GOOD_YET)
        return _outcome("repaired", evaluated.on)
    wish = _wish(case)
    return _outcome("open", None) if wish is None else _outcome("customers_wish", wish)


def _outcome(state: State, since: date | None, text: Text | None = None) -> Outcome:
    return Outcome(state=state, since=since, text=text or STATE_LABELS[state])


def _wish(case: Case) -> date | None:
    """Return since when the customer wants to be left alone; None: not so, or no longer."""
    attempts: set[date] = set()
    wish: date | None = None
    for fact in case.facts:
        if fact.act == "declined":
            wish = fact.on
        elif fact.act == "attempt":
            attempts.add(fact.on)
            if len(attempts) >= ATTEMPTS and wish is None:
                wish = max(attempts)
        elif fact.act == "resumed":
            attempts, wish = set(), None
        elif step_of(case.path, fact.act) and fact.channel in ("in_person", "video", "call"):
            # Whoever was spoken to did answer; a letter is not an answer.
            attempts = set()
    return wish
