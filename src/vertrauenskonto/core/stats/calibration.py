"""Calibration: whether what was called 80 % came true in 80 of 100 cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from vertrauenskonto.core.stats.intervals import Rate, rate

BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """The forecasts in `[lower, upper)` (the last one closed): their mean, and what came true."""

    lower: float
    upper: float
    forecast: float
    came_true: Rate


def brier(forecasts: Sequence[float], came_true: Sequence[bool]) -> float:
    """Return the mean squared distance of forecasts from outcomes: 0 is perfect, 1 always wrong.

    Args:
        forecasts: probabilities in [0, 1], at least one.
        came_true: the outcomes, in the same order.

    Source: Brier 1950. Checked against: scikit-learn, the example of `brier_score_loss`.
    """
    assert forecasts, "of no forecasts there is no score"
    pairs = zip(forecasts, came_true, strict=True)
    return fsum((p - (1.0 if true else 0.0)) ** 2 for p, true in pairs) / len(forecasts)


def reliability(
    forecasts: Sequence[float], came_true: Sequence[bool], *, bins: int = BINS
) -> tuple[Bin, ...]:
    """Return the table of calibration: bins of equal width, those without a forecast left out."""
    members: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for forecast, true in zip(forecasts, came_true, strict=True):
        members[min(int(forecast * bins), bins - 1)].append((forecast, true))
    found = []
    for position, inside in enumerate(members):
        share = rate(sum(true for _, true in inside), len(inside))
        if share is not None:
            found.append(
                Bin(
                    lower=position / bins,
                    upper=(position + 1) / bins,
                    forecast=fsum(p for p, _ in inside) / len(inside),
                    came_true=share,
                )
            )
    return tuple(found)
