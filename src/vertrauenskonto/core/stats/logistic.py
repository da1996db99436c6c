"""Logistic regression with partial pooling, on counts.

The log-odds of a hit are a sum: an intercept, one effect per level of each factor, and numbers with
a slope. Effects of one factor are drawn towards 0 as strongly as the data say that its levels are
alike, so a level with few cases says little, and one never seen says 0 with the spread of the
factor.

Same cells, same bits: sums run in one order, and matrices are inverted here rather than by a library
that divides the work among however many threads there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NO_LEVEL = -1
# What is believed of a factor before its levels are seen: effects of some 0.3 on the log-odds,
# as firmly as one level would say it.
_SPREAD_GUESS = 0.1
_GUESS_WEIGHT = 1.0
# The intercept stays near the base rate, so that "always kept" is not taken for certain.
_INTERCEPT_SD = 2.0
_ROUNDS_MAX, _SPREAD_TOLERANCE = 25, 0.005
_STEPS_MAX, _TOLERANCE = 50, 1e-9
_STEP_MAX = 2.0


@dataclass(frozen=True, slots=True)
class Slope:
    """What is believed of a number's slope before the data; `sign` 1 or -1 forbids the other."""

    mean: float = 0.0
    sd: float = 1.0
    sign: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Cases as they come, (n_rows,) each: hits and cases, the cell and the cluster of each row."""

    hits: Sequence[float]
    cases: Sequence[float]
    cell: Sequence[int]
    cluster: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Cases counted together where they are alike.

    `hits` and `cases` (n_cells,), hits <= cases. `factors` (n_cells, n_factors): the level of each
    factor, 0..levels-1, or `NO_LEVEL`. `numbers` (n_cells, n_numbers), with one `Slope` each.
    """

    hits: Floats
    cases: Floats
    factors: Integers
    levels: tuple[int, ...]
    numbers: Floats
    slopes: tuple[Slope, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The fitted log-odds.

    `coefficients` (n,): intercept, then the levels of each factor, then the slopes; `covariance`
    (n, n) of their estimates. `starts`: where each factor's levels begin, and last where the slopes
    do. `spreads`: the variance of each factor's effects.
    """

    coefficients: Floats
    covariance: Floats
    starts: tuple[int, ...]
    spreads: tuple[float, ...]

    def log_odds(
        self, levels: Sequence[int], numbers: Sequence[float] = ()
    ) -> tuple[float, float, float]:
        """Return the log-odds, their variance, and the spread of the levels that were not seen."""
        places, values, unseen = [0], [1.0], 0.0
        for start, level, spread in zip(self.starts[:-1], levels, self.spreads, strict=True):
            if level == NO_LEVEL:
                unseen += spread
            else:
                places.append(start + level)
                values.append(1.0)
        places += range(self.starts[-1], self.starts[-1] + len(numbers))
        at = np.array([*values, *numbers])
        mean = float((at * self.coefficients[places]).sum())
        variance = float((at[:, None] * at * self.covariance[np.ix_(places, places)]).sum())
        return mean, variance, unseen


def counted(
    rows: Rows,
    factors: Sequence[Sequence[int]],
    numbers: Sequence[Sequence[float]],
    *,
    levels: Sequence[int],
    slopes: Sequence[Slope] = (),
) -> Cells:
    """Return the rows counted by cell; `factors` and `numbers` as in `Cells`, at least one cell."""
    cell = np.array(rows.cell, dtype=np.int64)
    return Cells(
        hits=np.bincount(cell, weights=np.array(rows.hits)).astype(np.float64),
        cases=np.bincount(cell, weights=np.array(rows.cases)).astype(np.float64),
        factors=np.array(factors, dtype=np.int64).reshape(len(factors), len(levels)),
        levels=tuple(levels),
        numbers=np.array(numbers, dtype=np.float64).reshape(len(numbers), len(slopes)),
        slopes=tuple(slopes),
    )


def fit(cells: Cells) -> Fit:
    """Return the fitted log-odds of the cells.

    Newton steps on the penalised likelihood, and between them the variance of each factor's effects
    as (sum b² + sum Var b + guess) / (levels + 1), the step of an EM algorithm with a weak guess.
    A slope that comes out with the forbidden sign is 0.

    Assumes independent cases; see `design_effect`. Source: Breslow & Clayton 1993 (penalised
    quasi-likelihood); Gelman & Hill 2007, ch. 12 (partial pooling). Checked against: the closed
    form for one cell, the gradient's zero, and simulated effects.
    """
    found = _fitted(cells)
    first = found.starts[-1]
    wrong = [
        k for k, slope in enumerate(cells.slopes) if slope.sign * found.coefficients[first + k] < 0
    ]
    if not wrong:
        return found
    slopes = tuple(Slope(0.0, 1e-6) if k in wrong else s for k, s in enumerate(cells.slopes))
    return fit(replace(cells, slopes=slopes))


def fitted_probabilities(cells: Cells, found: Fit) -> Floats:
    """Return the probability of each cell, (n_cells,)."""
    return _expit(_linear(cells, found.coefficients, found.starts))


def design_effect(rows: Rows, probabilities: Floats) -> float:
    """Return by how much cases of one cluster go together: 1 if they don't, never less.

    Cases hit by one cause (a storm, a sick colleague) tell less than as many independent ones; the
    variance of what all share grows by this factor: sum over clusters of (hits - n p)², divided by
    the sum of n p (1-p).

    Args:
        rows: the cases with their clusters.
        probabilities: of each cell, (n_cells,), as fitted.

    Source: Liang & Zeger 1986; McCullagh & Nelder 1989, section 4.5.
    """
    p, cases = probabilities[np.array(rows.cell, dtype=np.int64)], np.array(rows.cases)
    errors = np.bincount(np.array(rows.cluster), weights=np.array(rows.hits) - cases * p)
    return max(float((errors**2).sum() / (cases * p * (1 - p)).sum()), 1.0)


def _fitted(cells: Cells) -> Fit:
    starts = tuple(int(s) for s in np.cumsum([1, *cells.levels]))
    size = starts[-1] + len(cells.slopes)
    centre, weight = np.zeros(size), np.zeros(size)
    hits, cases = float(cells.hits.sum()), float(cells.cases.sum())
    centre[0] = log((hits + 0.5) / (cases - hits + 0.5))
    weight[0] = _INTERCEPT_SD**-2
    for k, slope in enumerate(cells.slopes):
        centre[starts[-1] + k], weight[starts[-1] + k] = slope.mean, slope.sd**-2
    spreads = np.full(len(cells.levels), _SPREAD_GUESS)
    at, moved, rounds = centre.copy(), 1.0, 0
    while moved > _SPREAD_TOLERANCE and rounds < _ROUNDS_MAX:
        _weigh(weight, spreads, starts)
        covariance = _climb(cells, at, _Prior(centre, weight), starts, steps=2)
        found = _spreads(at, covariance, starts)
        moved = float(np.abs(np.sqrt(found) - np.sqrt(spreads)).max(initial=0.0))
        spreads, rounds = found, rounds + 1
    _weigh(weight, spreads, starts)
    covariance = _climb(cells, at, _Prior(centre, weight), starts, steps=_STEPS_MAX)
    return Fit(
        coefficients=at,
        covariance=covariance,
        starts=starts,
        spreads=tuple(float(s) for s in spreads),
    )


class _Prior(NamedTuple):
    """What is believed before the data: the centre of each coefficient, and 1 / its variance."""

    centre: Floats
    weight: Floats


def _weigh(weight: Floats, spreads: Floats, starts: tuple[int, ...]) -> None:
    for (first, last), spread in zip(pairwise(starts), spreads, strict=True):
        weight[first:last] = 1 / spread


def _climb(
    cells: Cells, at: Floats, prior: _Prior, starts: tuple[int, ...], *, steps: int
) -> Floats:
    """Move `at` by so many Newton steps at most, and return the covariance there."""
    covariance, longest = np.zeros((len(at), len(at))), 1.0
    while steps and longest > _TOLERANCE:
        gradient, information = _derivatives(cells, at, starts)
        information[np.diag_indices(len(at))] += prior.weight
        covariance = inverse(information)
        step = (covariance * (gradient - prior.weight * (at - prior.centre))).sum(axis=1)
        longest, steps = float(np.abs(step).max()), steps - 1
        at += step * min(1.0, _STEP_MAX / max(longest, _TOLERANCE))
    return covariance


def _spreads(at: Floats, covariance: Floats, starts: tuple[int, ...]) -> Floats:
    """Return the variance of each factor's effects: what was found and what is still uncertain."""
    second = at**2 + np.diagonal(covariance)
    sums = [second[a:b].sum() for a, b in pairwise(starts)]
    counts = np.diff(starts)
    return np.array((np.array(sums) + _GUESS_WEIGHT * _SPREAD_GUESS) / (counts + _GUESS_WEIGHT))


def _expit(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -40, 40))))


def _linear(cells: Cells, at: Floats, starts: tuple[int, ...]) -> Floats:
    total = np.full(len(cells.cases), at[0])
    for j, start in enumerate(starts[:-1]):
        level = cells.factors[:, j]
        # With no level at all there may be nothing at `start`; then it is 0 times the intercept.
        seen = level != NO_LEVEL
        total += seen * at[np.where(seen, start + level, 0)]
    for k in range(len(cells.slopes)):
        total += at[starts[-1] + k] * cells.numbers[:, k]
    return total


def _derivatives(cells: Cells, at: Floats, starts: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Return the gradient and the information of the log-likelihood, without priors.

    A cell has one place and one value per factor and number, so that the information is a sum over
    pairs of them, counted block by block:

                  factor b
                +-----------+
      factor a  |  counts   |   counts[level of a, level of b] = sum of n p (1-p)
                +-----------+
    """
    p = _expit(_linear(cells, at, starts))
    error, w = cells.hits - cells.cases * p, cells.cases * p * (1 - p)
    zero, one = np.zeros(len(p), np.int64), np.ones(len(p))
    blocks = [(0, 1, zero, one)]
    for j, (start, count) in enumerate(zip(starts, cells.levels, strict=False)):
        if count:
            level = cells.factors[:, j]
            blocks.append((start, count, np.maximum(level, 0), (level != NO_LEVEL) * 1.0))
    blocks += [(starts[-1] + k, 1, zero, cells.numbers[:, k]) for k in range(len(cells.slopes))]
    size = starts[-1] + len(cells.slopes)
    gradient, information = np.zeros(size), np.zeros((size, size))
    for i, (start, count, place, value) in enumerate(blocks):
        rows = slice(start, start + count)
        gradient[rows] = np.bincount(place, weights=error * value, minlength=count)
        for other, width, where, amount in blocks[: i + 1]:
            columns = slice(other, other + width)
            sums = np.bincount(
                place * width + where, weights=w * value * amount, minlength=count * width
            ).reshape(count, width)
            information[rows, columns] = sums
            information[columns, rows] = sums.T
    return gradient, information


def inverse(matrix: Floats) -> Floats:
    """Return the inverse of a symmetric positive definite matrix, (n, n), by Gauss-Jordan sweeps.

    Source: Goodnight 1979. Checked against: numpy.linalg.inv.
    """
    work = matrix.copy()
    for k in range(len(work)):
        pivot = work[k, k]
        row, column = work[k] / pivot, work[:, k].copy()
        work -= column[:, None] * row
        work[k], work[:, k] = row, -column / pivot
        work[k, k] = 1 / pivot
    return work
