"""Checks: what is wrong with entries and suspensions, as problems; the rest goes on.

A problem never stops the good entries: `checked` returns the account without what cannot count,
and says for each thing left out what, where and how to cure it. The engine leaves out the same.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from vertrauenskonto.core.errors import Problem, Text
from vertrauenskonto.core.ledger.entries import (
    DIMENSIONS,
    ORGANISATION,
    PERSON_PREFIX,
    POINTS_MAX,
    Account,
    Entry,
    Suspension,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """An account with only what can count, and the problems of what cannot."""

    account: Account
    problems: tuple[Problem, ...]


def checked(account: Account, *, today: date | None = None) -> Checked:
    """Return the account without unusable entries, and why each was left out.

    `today` is the shell's clock: an entry recorded after it cannot have been recorded. None skips
    that check. Of two entries with one id the first counts.
    """
    problems: list[Problem] = []
    kept: dict[str, Entry] = {}
    for row, entry in enumerate(account.entries, start=1):
        found = _entry_problems(entry, today)
        if not found and entry.id in kept:
            found = [_duplicate(entry, kept[entry.id])]
        problems += [replace(problem, line=row) for problem in found]
        if not found:
            kept[entry.id] = entry
    bad_reversals = list(_reversal_problems(list(kept.values())))
    problems += [problem for _, problem in bad_reversals]
    for entry_id, _ in bad_reversals:
        del kept[entry_id]
    suspensions, found = _suspensions(account.suspensions)
    return Checked(
        account=replace(account, entries=tuple(kept.values()), suspensions=suspensions),
        problems=(*problems, *found),
    )


def points_problem(points: float) -> Text | None:
    """Return what is wrong with the points of one posting, or None.

    Allowed: at most two decimals within ±1000; 0 is no posting, but not an error.
    """
    if not math.isfinite(points):
        return Text(
            de=f"{points} ist keine Zahl; nötig sind Punkte zwischen −1000 und 1000.",
            en=f"{points} is not a number; points lie between -1000 and 1000.",
        )
    if abs(points) > POINTS_MAX:
        return Text(
            de=f"{points:g} Punkte liegen über der Grenze von ±1000; bitte kleiner wählen.",
            en=f"{points:g} points exceed the limit of ±1000; choose fewer.",
        )
    if round(points, 2) != points:
        return Text(
            de=f"{points!r} Punkte haben mehr als zwei Nachkommastellen; bitte runden.",
            en=f"{points!r} points have more than two decimals; round them.",
        )
    return None


def target_problem(target: str) -> Text | None:
    """Return what is wrong with the target of an entry, or None."""
    if target == ORGANISATION or target.removeprefix(PERSON_PREFIX) not in ("", target):
        return None
    return Text(
        de=f"„{target}“ ist kein Ziel; erlaubt sind „organisation“ und „person:<Kürzel>“.",
        en=f"'{target}' is no target; use 'organisation' or 'person:<id>'.",
    )


def _entry_problems(entry: Entry, today: date | None) -> list[Problem]:
    problems = []
    target = target_problem(entry.target)
    if target:
        problems.append(Problem(code="target", field="target", text=target))
    for posting in entry.postings:
        wrong = points_problem(posting.points) or _empty_posting(posting.points)
        if wrong:
            problems.append(Problem(code="points", field=posting.dimension, text=wrong))
        if posting.dimension not in DIMENSIONS:
            problems.append(_unknown_dimension(posting.dimension))
    if today is not None and entry.recorded > today:
        text = Text(
            de=f"Erfasst am {entry.recorded}, das liegt nach heute ({today}); "
            "der Tag der Erfassung kann nicht in der Zukunft liegen.",
            en=f"Recorded on {entry.recorded}, which is after today ({today}); "
            "nothing can be recorded in the future.",
        )
        problems.append(Problem(code="recorded_in_future", field="recorded", text=text))
    if entry.reverses is not None and entry.postings:
        text = Text(
            de=f"Das Storno {entry.id} trägt Punkte; ein Storno hat keine, buchen Sie neu.",
            en=f"The reversal {entry.id} carries points; a reversal has none, book anew.",
        )
        problems.append(Problem(code="reversal_with_points", field="reverses", text=text))
    return problems


def _empty_posting(points: float) -> Text | None:
    if points:
        return None
    return Text(
        de="0 Punkte sind keine Teilbuchung; bitte weglassen.",
        en="0 points are no posting; leave it out.",
    )


def _unknown_dimension(dimension: str) -> Problem:
    return Problem(
        code="dimension",
        field=dimension,
        text=Text(
            de=f"„{dimension}“ ist keine Dimension; erlaubt sind {', '.join(DIMENSIONS)}.",
            en=f"'{dimension}' is no dimension; use {', '.join(DIMENSIONS)}.",
        ),
    )


def _duplicate(entry: Entry, first: Entry) -> Problem:
    if entry == first:
        text = Text(
            de=f"{entry.id} kam schon einmal, gleich lautend; gezählt wird einmal.",
            en=f"{entry.id} came before, saying the same; it counts once.",
        )
        return Problem(code="duplicate_same", field="id", text=text, severity="note")
    text = Text(
        de=f"{entry.id} kam schon einmal mit anderem Inhalt; der erste zählt. "
        "Für eine Korrektur: stornieren und neu buchen.",
        en=f"{entry.id} came before with other contents; the first counts. "
        "To correct it, reverse it and book anew.",
    )
    return Problem(code="duplicate_differs", field="id", text=text)


def _reversal_problems(entries: Sequence[Entry]) -> Iterable[tuple[str, Problem]]:
    """Yield (entry id, problem) for reversals that name nothing that can be reversed."""
    by_id = {e.id: e for e in entries}
    taken: set[str] = set()
    for entry in sorted(entries, key=lambda e: e.recorded):
        if entry.reverses is None:
            continue
        wrong = _reversal_problem(entry, by_id.get(entry.reverses), taken)
        if wrong:
            yield entry.id, Problem(code="reversal", field="reverses", text=wrong)
        taken.add(entry.reverses)


def _reversal_problem(entry: Entry, named: Entry | None, taken: set[str]) -> Text | None:
    if named is None:
        return Text(
            de=f"{entry.id} storniert {entry.reverses}, das es auf diesem Konto nicht gibt.",
            en=f"{entry.id} reverses {entry.reverses}, which this account does not have.",
        )
    if named.reverses is not None:
        return Text(
            de=f"{entry.id} storniert das Storno {named.id}; buchen Sie stattdessen neu.",
            en=f"{entry.id} reverses the reversal {named.id}; book anew instead.",
        )
    if named.id in taken:
        return Text(
            de=f"{entry.id} storniert {named.id} ein zweites Mal; einmal genügt.",
            en=f"{entry.id} reverses {named.id} a second time; once is enough.",
        )
    return None


def _suspensions(
    suspensions: Iterable[Suspension],
) -> tuple[tuple[Suspension, ...], list[Problem]]:
    kept: dict[tuple[str, date], Suspension] = {}
    problems = []
    for row, suspension in enumerate(suspensions, start=1):
        key = (suspension.id, suspension.recorded)
        if suspension.ends is not None and suspension.ends <= suspension.starts:
            text = Text(
                de=f"Ruhezeit {suspension.id}: das Ende {suspension.ends} muss nach dem Anfang "
                f"{suspension.starts} liegen.",
                en=f"Suspension {suspension.id}: the end {suspension.ends} must lie after the "
                f"start {suspension.starts}.",
            )
            problems.append(Problem(code="suspension", line=row, field="to", text=text))
        elif key in kept:
            text = Text(
                de=f"Ruhezeit {suspension.id} hat zwei Fassungen vom {suspension.recorded}; "
                "die erste zählt.",
                en=f"Suspension {suspension.id} has two versions of {suspension.recorded}; "
                "the first counts.",
            )
            problems.append(Problem(code="suspension", line=row, field="recorded", text=text))
        else:
            kept[key] = suspension
    return tuple(kept.values()), problems
