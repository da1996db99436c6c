"""Phases: a relationship is won, built and kept, sometimes repaired, and ends.

    first contact -> winning --n kept promises--> building --n more and the buffer--> keeping
    any of them --breach--> repairing --all repaired--> the phase before
                                      --one left as it is--> the phase before, but building at most
    any --end stated--> ended --a new first contact--> winning

The phase is a fold over dated facts. Facts of one day count together, so their order does not
matter. A buffer that is lost again ends no phase: that is a matter of duties.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import Literal, get_args

from vertrauenskonto.core.errors import Invalid, Text

Phase = Literal["winning", "building", "keeping", "repairing", "ended"]
PHASES: tuple[Phase, ...] = get_args(Phase)

What = Literal[
    "event",
    "first_contact",
    "promise_kept",
    "buffer_reached",
    "buffer_lost",
    "breach",
    "repaired",
    "left_unrepaired",
    "ended",
]
WHATS: tuple[What, ...] = get_args(What)

NAMES: dict[Phase, Text] = {
    "winning": Text("gewinnen", "winning"),
    "building": Text("aufbauen", "building"),
    "keeping": Text("pflegen", "keeping"),
    "repairing": Text("wiederherstellen", "repairing"),
    "ended": Text("beendet", "ended"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseRules:
    """How many kept promises lead from winning to building, and how many in all to keeping."""

    building_kept_min: int = 1
    keeping_kept_min: int = 5

    def __post_init__(self) -> None:
        """Refuse numbers that no relationship could pass.

        Raises:
            Invalid: the numbers are not in order.
        """
        if not 1 <= self.building_kept_min <= self.keeping_kept_min:
            raise Invalid(
                Text(
                    de=f"{self.building_kept_min} gehaltene Zusagen bis zum Aufbauen und "
                    f"{self.keeping_kept_min} bis zum Pflegen passen nicht: Die erste Zahl ist "
                    "mindestens 1, die zweite nicht kleiner.",
                    en=f"{self.building_kept_min} kept promises until building and "
                    f"{self.keeping_kept_min} until keeping don't fit: the first number is at least "
                    "1, the second not smaller.",
                )
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something dated that phases look at.

    `is_contact`: the customer perceived it as directed to them, as the kind's flag says; a
    newsletter was not. `breach` names what was breached (a case, an entry) where `what` is about
    one: it stays open until the same name is repaired or left as it is.
    """

    on: date
    what: What
    is_contact: bool = False
    breach: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The phase of a relationship, since when and why.

    `before`: the phase to which repairing returns. `kept`: promises kept since the relationship
    began; `has_buffer` as last told; `breaches`: those not yet repaired.
    """

    phase: Phase
    since: date
    because: Text
    before: Phase = "winning"
    kept: int = 0
    has_buffer: bool = False
    breaches: frozenset[str] = field(default_factory=frozenset)


def phases(facts: Iterable[Fact], rules: PhaseRules | None = None) -> tuple[Standing, ...]:
    """Return the phases a relationship went through, each as it stood when it was entered.

    Empty before the first contact: there is no relationship yet. The last one is where it stands,
    with the kept promises, the buffer and the breaches of today.
    """
    limits = rules or PhaseRules()
    found: list[Standing] = []
    now: Standing | None = None
    for day, together in groupby(sorted(facts, key=lambda fact: fact.on), lambda fact: fact.on):
        was = now
        now = _after(now, day, list(together), limits)
        if was is None or now is None:
            found += [now] if now else []
        elif now.phase == was.phase and now.since == was.since:
            found[-1] = now
        else:
            found.append(now)
    return tuple(found)


def _after(
    now: Standing | None, day: date, facts: list[Fact], rules: PhaseRules
) -> Standing | None:
    """Return the standing after all facts of one day."""
    begins = any(f.what == "first_contact" for f in facts)
    if now is None:
        begins = begins or any(f.is_contact for f in facts)
    if now is None or now.phase == "ended":
        if not begins:
            return now
        # A breach that was never repaired still stands when the customer comes back.
        now = Standing(
            phase="winning",
            since=day,
            because=_BEGUN,
            breaches=now.breaches if now else frozenset(),
        )
    whats = [f.what for f in facts]
    buffer = now.has_buffer
    if "buffer_reached" in whats or "buffer_lost" in whats:
        buffer = "buffer_lost" not in whats
    counted = replace(now, kept=now.kept + whats.count("promise_kept"), has_buffer=buffer)
    if "ended" in whats:
        return _entered(counted, "ended", day, _STATED)
    return _repairing(counted, day, facts) or _progress(counted, day, whats, rules)


def _repairing(now: Standing, day: date, facts: list[Fact]) -> Standing | None:
    """Return the standing while breaches are open, or on the day the last one is over; else None."""
    breached = {f.breach for f in facts if f.what == "breach"}
    left = {f.breach for f in facts if f.what == "left_unrepaired"}
    over = left | {f.breach for f in facts if f.what == "repaired"}
    known = now.breaches | breached
    now = replace(now, breaches=known - over)
    if now.phase != "repairing":
        if not now.breaches:
            return None
        before = now.phase
        return replace(_entered(now, "repairing", day, _BREACHED), before=before)
    if left & known and now.before == "keeping":
        now = replace(now, before="building")
    if now.breaches:
        return now
    return _entered(now, now.before, day, _UNREPAIRED if left & known else _REPAIRED)


def _progress(now: Standing, day: date, whats: list[What], rules: PhaseRules) -> Standing:
    """Return the standing as kept promises and the buffer lead it on, one phase after the other."""
    if not {"promise_kept", "buffer_reached"} & set(whats):
        return now
    if now.phase == "winning" and now.kept >= rules.building_kept_min:
        now = _entered(now, "building", day, _kept_so_many(now.kept))
    if now.phase == "building" and now.kept >= rules.keeping_kept_min and now.has_buffer:
        now = _entered(now, "keeping", day, _buffered(now.kept))
    return now


def _entered(now: Standing, phase: Phase, day: date, because: Text) -> Standing:
    return replace(now, phase=phase, since=day, because=because)


_BEGUN = Text("Der erste Kontakt ist geschehen.", "The first contact has taken place.")
_STATED = Text("Das Ende ist erklärt.", "The end has been stated.")
_BREACHED = Text(
    "Vertrauen ist verletzt und noch nicht wiederhergestellt.",
    "Trust was breached and is not repaired yet.",
)
_REPAIRED = Text("Was verletzt war, ist wiederhergestellt.", "What was breached is repaired.")
_UNREPAIRED = Text(
    "Der Fall ist ohne Wiederherstellung zu Ende: Vertrauen muss neu aufgebaut werden.",
    "The case is over without repair: trust must be built anew.",
)


def _kept_so_many(kept: int) -> Text:
    if kept == 1:
        return Text("1 Zusage ist gehalten.", "1 promise has been kept.")
    return Text(f"{kept} Zusagen sind gehalten.", f"{kept} promises have been kept.")


def _buffered(kept: int) -> Text:
    words = _kept_so_many(kept)
    return Text(f"{words.de} Der Puffer ist erreicht.", f"{words.en} The buffer has been reached.")
