"""Silence: what months without perceivable contact cost.

Charges are computed, never stored, so a contact that becomes known late removes exactly the
charges it makes unjust, and a reversed contact brings them back.

    contact          grace G            P     P      next contact
    q ───────────────────────────────┬─────┬─────┬───────┐
                                     1st   2nd   3rd     clock restarts
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date
from math import expm1, log
from typing import NamedTuple

from vertrauenskonto.core.ledger.decay import weight
from vertrauenskonto.core.ledger.entries import Suspension
from vertrauenskonto.core.ledger.policy import SilenceRules


class Spell(NamedTuple):
    """One silent spell: the day the clock (re)started and how many charges fell due in it."""

    since: date
    charges: int


class Charge(NamedTuple):
    """One silence charge: the day it fell due and the contact that the silence followed."""

    due: date
    since: date


def spells(
    contact_days: Iterable[date],
    suspensions: Sequence[Suspension],
    rules: SilenceRules,
    *,
    as_of: date,
) -> list[Spell]:
    """Return the silent spells with at least one charge due up to and including `as_of`.

    `contact_days` are the days of live contacts (11.2), `suspensions` those known. A charge on the
    day of the next contact is prevented by it; a charge due on `as_of` counts. (TA-1 11.4)
    """
    days = set(contact_days)
    if not days:
        return []
    first = min(days)
    restarts = {day for day in days if not _covered(day, suspensions)}
    restarts |= {
        s.ends
        for s in suspensions
        if s.ends is not None and first < s.ends <= as_of and not _covered(s.ends, suspensions)
    }
    # What ends a spell: the next restart or the next suspension, whichever comes first.
    ends = sorted(
        {day.toordinal() for day in restarts} | {s.starts.toordinal() for s in suspensions}
    )
    horizon = as_of.toordinal() + 1
    found = []
    for start in sorted(restarts):
        day = start.toordinal()
        following = bisect_right(ends, day)
        end = min(ends[following], horizon) if following < len(ends) else horizon
        charges = charges_after(end - 1 - day, rules)
        if charges:
            found.append(Spell(start, charges))
    return found


def charges_after(silent_days: int, rules: SilenceRules) -> int:
    """Return how many charges fall due within `silent_days` whole days after a contact."""
    late = silent_days - rules.grace_days
    return late // rules.period_days + 1 if late >= 0 else 0


def spells_until(found: Iterable[Spell], rules: SilenceRules, *, as_of: date) -> list[Spell]:
    """Return the spells as they stood on an earlier day `as_of`, with the charges due by then."""
    today = as_of.toordinal()
    stood = [
        Spell(s.since, min(s.charges, charges_after(today - s.since.toordinal(), rules)))
        for s in found
    ]
    return [spell for spell in stood if spell.charges]


def decayed_silence(found: Iterable[Spell], rules: SilenceRules, *, as_of: date) -> float:
    """Return the silence S in points (>= 0): all charges with what is left of them on `as_of`.

    Closed form of a geometric series, so two centuries cost as much as a quarter. (TA-1 11.4)
    """
    return sum(_decayed_spell(spell, rules, as_of=as_of) for spell in found)


def _decayed_spell(spell: Spell, rules: SilenceRules, *, as_of: date) -> float:
    half_life = rules.half_life_days
    if half_life is None:
        return rules.points * spell.charges
    last = spell.since.toordinal() + rules.grace_days + (spell.charges - 1) * rules.period_days
    # (1 - rho^m) / (1 - rho) by expm1: both differences vanish when the half-life is very long.
    period = rules.period_days / half_life
    series = expm1(-spell.charges * period * log(2)) / expm1(-period * log(2))
    return rules.points * weight(as_of.toordinal() - last, half_life) * series


def charges(found: Iterable[Spell], rules: SilenceRules) -> list[Charge]:
    """Return every single charge of the spells, in order of the day it fell due."""
    listed = [
        Charge(
            date.fromordinal(spell.since.toordinal() + rules.grace_days + k * rules.period_days),
            spell.since,
        )
        for spell in found
        for k in range(spell.charges)
    ]
    return sorted(listed)


def _covered(day: date, suspensions: Iterable[Suspension]) -> bool:
    return any(s.covers(day) for s in suspensions)
