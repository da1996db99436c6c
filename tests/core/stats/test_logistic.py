"""Logistic regression with partial pooling: closed forms, simulated truth, and steadiness."""

from dataclasses import replace
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.stats.logistic import (
    NO_LEVEL,
    Cells,
    Rows,
    Slope,
    counted,
    design_effect,
    fit,
    fitted_probabilities,
    inverse,
)


def rows_of(hits, cases, cell=None, cluster=None):
    each = range(len(hits))
    return Rows(hits=hits, cases=cases, cell=cell or list(each), cluster=cluster or list(each))


def cells_of(hits, cases, factors, levels, numbers=None, slopes=()):
    return counted(
        rows_of(hits, cases),
        factors,
        numbers or [[] for _ in hits],
        levels=levels,
        slopes=slopes,
    )


def test_rows_of_one_cell_are_counted_together():
    rows = Rows(hits=[1, 0, 3], cases=[2, 1, 4], cell=[0, 1, 0], cluster=[0, 0, 0])
    found = counted(rows, [[0], [1]], [[], []], levels=[2])
    assert found.hits.tolist() == [4, 0]
    assert found.cases.tolist() == [6, 1]
    assert found.factors.tolist() == [[0], [1]]


def test_without_factors_it_is_the_base_rate():
    found = fit(cells_of([700], [1000], [[]], []))
    assert found.coefficients[0] == pytest.approx(log(0.7 / 0.3), abs=1e-3)
    # The variance of a log-odds is 1 / n p (1-p).
    assert found.covariance[0, 0] == pytest.approx(1 / 210, rel=1e-2)


def test_at_the_end_the_penalised_gradient_is_zero():
    cells = cells_of([40, 70, 9], [80, 90, 10], [[0], [1], [2]], [3])
    found = fit(cells)
    error = cells.hits - cells.cases * fitted_probabilities(cells, found)
    assert error == pytest.approx(found.coefficients[1:] / found.spreads[0], abs=1e-6)


def test_a_level_with_few_cases_leans_on_the_others_more_than_one_with_many():
    cells = cells_of([300, 700, 0, 520], [1000, 1000, 2, 1000], [[0], [1], [2], [3]], [4])
    p = fitted_probabilities(cells, fit(cells))
    assert p[0] == pytest.approx(0.3, abs=0.01)
    assert p[1] == pytest.approx(0.7, abs=0.01)
    assert 0.2 < p[2] < 0.5, "never kept, of two: not believed to be 0"


def test_simulated_effects_come_out_again():
    rng = np.random.default_rng(11)
    truth = rng.normal(0, 0.5, 30)
    cases = np.full(30, 4_000)
    hits = rng.binomial(cases, 1 / (1 + np.exp(-(0.8 + truth))))
    found = fit(cells_of(hits.tolist(), cases.tolist(), [[j] for j in range(30)], [30]))
    assert found.coefficients[0] + found.coefficients[1:] == pytest.approx(0.8 + truth, abs=0.15)
    assert found.spreads[0] == pytest.approx(truth.var(), rel=0.25)


def test_a_slope_is_found_and_believed_where_the_data_are_silent():
    x = [[-1.0], [0.0], [1.0], [2.0]]
    p = [1 / (1 + np.exp(-(0.2 + 0.7 * v[0]))) for v in x]
    many = cells_of([10_000 * v for v in p], [10_000] * 4, [[]] * 4, [], x, (Slope(0.0, 1.0),))
    assert fit(many).coefficients[1] == pytest.approx(0.7, abs=1e-2)
    silent = cells_of([5], [10], [[]], [], [[0.0]], (Slope(1.0, 0.5),))
    assert fit(silent).coefficients[1] == pytest.approx(1.0)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_forbidden_sign_becomes_zero(sign):
    x = [[-1.0], [1.0]]
    hits = [900, 100] if sign == 1 else [100, 900]
    free = fit(cells_of(hits, [1000] * 2, [[]] * 2, [], x, (Slope(0.0, 1.0),)))
    assert sign * free.coefficients[1] < -1
    bound = fit(cells_of(hits, [1000] * 2, [[]] * 2, [], x, (Slope(0.0, 1.0, sign),)))
    assert bound.coefficients[1] == pytest.approx(0.0, abs=1e-6)


def test_a_level_never_seen_adds_its_spread_and_nothing_else():
    found = fit(cells_of([40, 70], [80, 90], [[0], [1]], [2]))
    mean, variance, unseen = found.log_odds([NO_LEVEL])
    assert mean == found.coefficients[0]
    assert variance == found.covariance[0, 0]
    assert unseen == found.spreads[0] > 0
    assert found.log_odds([1])[2] == 0


def test_the_variance_is_that_of_the_sum():
    cells = cells_of([40, 70], [80, 90], [[0], [1]], [2], [[0.5], [1.5]], (Slope(),))
    found = fit(cells)
    at = np.array([1.0, 0.0, 1.0, 1.5])
    mean, variance, _ = found.log_odds([1], [1.5])
    assert mean == pytest.approx(at @ found.coefficients)
    assert variance == pytest.approx(at @ found.covariance @ at)


def test_a_factor_without_levels_is_no_obstacle():
    plain = fit(cells_of([40, 70], [80, 90], [[0], [1]], [2]))
    cells = cells_of([40, 70], [80, 90], [[0, NO_LEVEL], [1, NO_LEVEL]], [2, 0])
    found = fit(cells)
    assert found.coefficients == pytest.approx(plain.coefficients)
    assert fitted_probabilities(cells, found) == pytest.approx([0.5, 7 / 9], abs=0.05)


def test_always_kept_is_not_taken_for_certain():
    found = fit(cells_of([50], [50], [[]], []))
    p = 1 / (1 + np.exp(-found.coefficients[0]))
    assert 0.97 < p < 1


@given(
    counts=st.lists(
        st.tuples(st.integers(0, 50), st.integers(0, 50)).filter(any), min_size=2, max_size=6
    )
)
def test_same_cells_same_bits_and_every_probability_is_one(counts):
    hits, cases = [h for h, _ in counts], [h + m for h, m in counts]
    cells = cells_of(hits, cases, [[j] for j in range(len(counts))], [len(counts)])
    one, two = fit(cells), fit(replace(cells))
    assert one.coefficients.tobytes() == two.coefficients.tobytes()
    p = fitted_probabilities(cells, one)
    assert ((p > 0) & (p < 1)).all()
    assert np.linalg.eigvalsh(one.covariance).min() > 0


def test_misses_of_one_day_that_go_together_count_as_fewer():
    p = np.full(4, 0.5)
    apart = rows_of([1, 0, 1, 0], [1] * 4, cluster=[0, 1, 2, 3])
    together = rows_of([1, 1, 0, 0], [1] * 4, cluster=[0, 0, 1, 1])
    assert design_effect(apart, p) == 1
    assert design_effect(together, p) == 2
    evened = rows_of([1, 0, 1, 0], [1] * 4, cluster=[0, 0, 1, 1])
    assert design_effect(evened, p) == 1, "never less than independent"


@given(seed=st.integers(0, 1_000), size=st.integers(1, 12))
def test_the_inverse_is_that_of_the_library(seed, size):
    root = np.random.default_rng(seed).normal(size=(size, size + 3))
    matrix = root @ root.T + np.eye(size)
    assert inverse(matrix) == pytest.approx(np.linalg.inv(matrix), abs=1e-9)


def test_cells_know_their_shapes():
    cells = cells_of([1], [2], [[]], [])
    assert isinstance(cells, Cells)
    assert cells.factors.shape == (1, 0)
    assert cells.numbers.shape == (1, 0)
