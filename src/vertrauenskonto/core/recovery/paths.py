"""Paths: which failure opens a case, and which takes the light path of a mere delay.

Nothing about the customer's worth is an argument: what somebody spends decides nothing here.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.recovery.steps import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRules:
    """When failures are repeated, and which kinds always open a case.

    `repeats` failures within `months` (the new one counts too) open a case.
    """

    repeats: int = 2
    months: int = 12
    case_kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The path and, in words, why."""

    path: Path
    why: Text


def path_for(
    kind: str,
    *,
    on: date,
    honesty_kinds: Collection[str],
    earlier: Iterable[date],
    is_unanswered: bool,
    rules: PathRules,
) -> Route:
    """Return the path for a failure.

    Args:
        kind: the kind that was booked.
        on: the day it happened.
        honesty_kinds: the kinds that breach honesty, by the policy in force.
        earlier: the days of this customer's earlier failures.
        is_unanswered: nobody answered the customer in time.
        rules: what counts as repeated, and what the policy says besides.
    """
    if kind in honesty_kinds:
        return _case("Bruch der Ehrlichkeit.", "A breach of honesty.")
    if kind in rules.case_kinds:
        return _case("Das Regelwerk sagt es so.", "The policy says so.")
    if is_unanswered:
        return _case("Der Kunde hat keine Antwort bekommen.", "Nobody answered the customer.")
    since = months_before(on, rules.months)
    count = 1 + sum(since <= day <= on for day in earlier)
    if count >= rules.repeats:
        return _case(
            f"{count} Fehler innerhalb von {rules.months} Monaten.",
            f"{count} failures within {rules.months} months.",
        )
    return Route(
        path="light",
        why=Text(
            "Ein einzelner Fehler: Grund, Entschuldigung, Nachholen, Nachfrage.",
            "A single failure: reason, apology, making good, checking.",
        ),
    )


def _case(german: str, english: str) -> Route:
    return Route(path="case", why=Text(german, english))


def months_before(day: date, months: int) -> date:
    """Return the same day so many months earlier, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    lengths = (31, 29 if is_leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return date(year, month + 1, min(day.day, lengths[month]))
