"""What the record says: how often we keep promises, by kind, team, load and calendar.

    log-odds(kept) = intercept + kind + team + calendar - load + slope x log-odds(done in time)

The last term comes from how long things of this kind take and the days that were proposed. It says
what proposing tells, not what a later date would do (see `forecast`): its slope is never negative,
and that of the load never positive. Levels with few cases lean on what all have in common.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import log
from typing import Literal, get_args

from vertrauenskonto.core.outlook.durations import Durations, Path, durations
from vertrauenskonto.core.outlook.record import Past, Terms
from vertrauenskonto.core.stats.logistic import (
    NO_LEVEL,
    Fit,
    Rows,
    Slope,
    counted,
    design_effect,
    fit,
    fitted_probabilities,
)

Factor = Literal["kind", "kind_2", "kind_3", "team", "weekday", "month", "hour"]
FACTORS: tuple[Factor, ...] = get_args(Factor)

# A level with fewer promises than this has no effect of its own, nor have more than so many levels.
LEVEL_MIN, LEVELS_MAX = 10, 100
# In the order of `numbers`.
_SLOPES = (Slope(mean=1.0, sd=0.5, sign=1), Slope(mean=0.0, sd=1.0, sign=-1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many promises were kept, of how many that were decided."""

    kept: int
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What was learned from a record up to the day before `as_of`.

    `tallies` by kind, `()` for all of them; `levels`: the place of each level within its factor;
    `usual_load` by team, "" for all; `usual_time`: the mean log-odds of being done in time;
    `clustering`: see `design_effect`. `fit` None: nothing was decided yet.
    """

    as_of: date
    tallies: Mapping[Path, Tally]
    durations: Durations
    levels: tuple[Mapping[Hashable, int], ...]
    usual_load: Mapping[str, float]
    usual_time: float
    fit: Fit | None
    clustering: float = 1.0

    def places(self, terms: Terms) -> list[int]:
        """Return the place of each factor's level, `NO_LEVEL` for those never or rarely seen."""
        return _places(self.levels, factor_levels(terms))

    def numbers(self, terms: Terms) -> tuple[float, float]:
        """Return the log-odds of being done in time and the load, both against what is usual."""
        return (
            _time(self.durations, terms, self.usual_time),
            _load(self.usual_load, terms),
        )


def factor_levels(terms: Terms) -> tuple[Hashable, ...]:
    """Return the level of each of `FACTORS`, None where it has none.

    An appointment's calendar is that of its hour. Of what is due by a day it is that of the day on
    which it is promised: what is done by Friday is done by Saturday.
    """
    kind, is_at = terms.kind, terms.is_appointment
    day = terms.due_on if is_at else terms.made_on
    return (
        kind[:1] or None,
        kind[:2] if len(kind) > 1 else None,
        kind[:3] if len(kind) > 2 else None,
        terms.team or None,
        (is_at, day.weekday()),
        (is_at, day.month),
        terms.due_hour if is_at else None,
    )


def outlook(past: Iterable[Past], *, as_of: date) -> Outlook:
    """Return what a record teaches.

    Only what was due before `as_of` counts as kept or not, even if more is known: of what is due
    later, we would know those that were done early and not the others. How long things take is
    learned from all rows, those still open included.
    """
    rows = list(past)
    known = durations(rows)
    settled = [row for row in rows if row.kept is not None and row.terms.due_on < as_of]
    levels = _levels(settled)
    usual_load = _usual_load(settled)
    timed = [row for row in settled if row.terms.days is not None and not row.terms.is_appointment]
    n = sum(row.count for row in timed)
    usual_time = sum(row.count * _time(known, row.terms, 0.0) for row in timed) / max(n, 1)
    found: Fit | None = None
    clustering = 1.0
    if settled:
        keys: dict[tuple[tuple[int, ...], tuple[float, float]], int] = {}
        at = [
            keys.setdefault(
                (
                    tuple(_places(levels, factor_levels(row.terms))),
                    (_time(known, row.terms, usual_time), _load(usual_load, row.terms)),
                ),
                len(keys),
            )
            for row in settled
        ]
        found, clustering = _learned(settled, list(keys), at, [len(level) for level in levels])
    return Outlook(
        as_of=as_of,
        tallies=_tallies(settled),
        durations=known,
        levels=levels,
        usual_load=usual_load,
        usual_time=usual_time,
        fit=found,
        clustering=clustering,
    )


def _learned(
    settled: Sequence[Past],
    keys: Sequence[tuple[tuple[int, ...], tuple[float, float]]],
    at: Sequence[int],
    levels: Sequence[int],
) -> tuple[Fit, float]:
    """Return the fit of all cells, and by how much promises due on one day go together."""
    days: dict[date, int] = {}
    rows = Rows(
        hits=[row.count if row.kept else 0 for row in settled],
        cases=[row.count for row in settled],
        cell=at,
        cluster=[days.setdefault(row.terms.due_on, len(days)) for row in settled],
    )
    cells = counted(
        rows,
        [places for places, _ in keys],
        [numbers for _, numbers in keys],
        levels=levels,
        slopes=_SLOPES,
    )
    found = fit(cells)
    return found, design_effect(rows, fitted_probabilities(cells, found))


def _levels(settled: Iterable[Past]) -> tuple[Mapping[Hashable, int], ...]:
    counts: tuple[Counter[Hashable], ...] = tuple(Counter() for _ in FACTORS)
    for row in settled:
        for counter, level in zip(counts, factor_levels(row.terms), strict=True):
            counter[level] += row.count
    return tuple(_numbered(counter) for counter in counts)


def _numbered(counts: Counter[Hashable]) -> Mapping[Hashable, int]:
    """Return the place of the levels that are frequent enough, in an order that rows don't change."""
    often = [level for level, n in counts.items() if level is not None and n >= LEVEL_MIN]
    often.sort(key=lambda level: (-counts[level], repr(level)))
    return {level: place for place, level in enumerate(often[:LEVELS_MAX])}


def _places(levels: Sequence[Mapping[Hashable, int]], found: Sequence[Hashable]) -> list[int]:
    return [known.get(level, NO_LEVEL) for known, level in zip(levels, found, strict=True)]


def _usual_load(settled: Iterable[Past]) -> Mapping[str, float]:
    sums: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for row in settled:
        if row.terms.open_load is not None:
            for team in {row.terms.team, ""}:
                sums[team] += row.count * row.terms.open_load
                counts[team] += row.count
    return {team: sums[team] / n for team, n in counts.items()}


def _load(usual: Mapping[str, float], terms: Terms) -> float:
    """Return the load against the team's usual one, on a logarithmic scale; 0 where unknown."""
    if terms.open_load is None or "" not in usual:
        return 0.0
    return log((1 + terms.open_load) / (1 + usual.get(terms.team, usual[""])))


def _time(known: Durations, terms: Terms, usual: float) -> float:
    """Return the log-odds of being done in time, against the usual ones; 0 where unknown.

    An appointment takes no time: it is at its hour or it is not.
    """
    if terms.days is None or terms.is_appointment or not known.n:
        return 0.0
    return known.log_odds(terms.kind, terms.days)[0] - usual


def _tallies(settled: Iterable[Past]) -> Mapping[Path, Tally]:
    kept: Counter[Path] = Counter()
    n: Counter[Path] = Counter({(): 0})
    for row in settled:
        for depth in range(len(row.terms.kind) + 1):
            path = row.terms.kind[:depth]
            n[path] += row.count
            kept[path] += row.count if row.kept else 0
    return {path: Tally(kept=kept[path], n=count) for path, count in n.items()}
