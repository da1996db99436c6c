"""How long things of a kind take: the share that is done after so many working days.

What is still open tells that it takes longer than so far (Kaplan & Meier 1958). A kind with a short
record leans on the kind above it, as if that had said the same `LEANING` times.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log

from vertrauenskonto.core.outlook.record import Past

LEANING = 20

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The share done (0..1) from each of `days` on, of `n` promises; before the first it is 0."""

    days: tuple[int, ...]
    done: tuple[float, ...]
    n: int

    def at(self, days: int) -> float:
        """Return the share that is done after so many days."""
        position = bisect_right(self.days, days)
        return self.done[position - 1] if position else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """The curves of all kinds by their path; `()` is the curve of everything."""

    curves: Mapping[Path, Curve]

    @property
    def n(self) -> int:
        """How many promises tell how long they took."""
        return self.curves[()].n

    def log_odds(self, kind: Path, days: int) -> tuple[float, float]:
        """Return the log-odds of being done after so many days, and their variance.

        Never falls as days grow: it comes from a mixture of curves that never fall.
        """
        everything = self.curves[()]
        share = (everything.n * everything.at(days) + 0.5) / (everything.n + 1)
        n = everything.n + 1
        for depth in range(1, len(kind) + 1):
            curve = self.curves.get(kind[:depth])
            if curve is not None:
                share = (curve.n * curve.at(days) + LEANING * share) / (curve.n + LEANING)
                n = curve.n + LEANING
        return log(share / (1 - share)), 1 / (n * share * (1 - share))


def durations(past: Iterable[Past]) -> Durations:
    """Return how long things of each kind take; rows whose days are unknown tell nothing."""
    done: dict[Path, Counter[int]] = {(): Counter()}
    open_: dict[Path, Counter[int]] = {(): Counter()}
    for row in past:
        if row.days_taken is None:
            continue
        counted = done if row.is_done else open_
        for depth in range(len(row.terms.kind) + 1):
            path = row.terms.kind[:depth]
            counted.setdefault(path, Counter())[row.days_taken] += row.count
    return Durations(
        curves={
            path: _curve(done.get(path, Counter()), open_.get(path, Counter()))
            for path in {*done, *open_}
        }
    )


def _curve(done: Counter[int], still_open: Counter[int]) -> Curve:
    n = at_risk = done.total() + still_open.total()
    left, days, shares = 1.0, [], []
    for day in sorted({*done, *still_open}):
        left *= 1 - done[day] / at_risk
        at_risk -= done[day] + still_open[day]
        days.append(day)
        shares.append(1 - left)
    return Curve(days=tuple(days), done=tuple(shares), n=n)
