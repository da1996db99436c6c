"""Calibration: the score of forecasts and the table of what came true."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.stats.calibration import brier, reliability

FORECASTS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


def test_the_score_is_that_of_the_published_example():
    assert brier([0.1, 0.9, 0.8, 0.3], [False, True, True, False]) == pytest.approx(0.0375)


def test_perfect_is_zero_and_always_wrong_is_one():
    assert brier([1.0, 0.0], [True, False]) == 0
    assert brier([1.0, 0.0], [False, True]) == 1


def test_of_no_forecasts_there_is_no_score():
    with pytest.raises(AssertionError):
        brier([], [])


def test_forecasts_and_outcomes_must_pair():
    with pytest.raises(ValueError, match="shorter"):
        brier([0.5, 0.5], [True])


def test_each_forecast_falls_into_its_bin_and_one_belongs_to_the_last():
    found = reliability([0.0, 0.05, 0.1, 0.95, 1.0], [False, True, True, True, False])
    assert [(b.lower, b.came_true.n) for b in found] == [(0.0, 2), (0.1, 1), (0.9, 2)]
    assert found[0].forecast == 0.025
    assert found[0].came_true.value == 0.5
    assert found[2].forecast == 0.975


@given(pairs=FORECASTS, bins=st.integers(1, 20))
def test_nothing_is_lost_between_the_bins(pairs, bins):
    forecasts, true = zip(*pairs, strict=True)
    found = reliability(forecasts, true, bins=bins)
    assert sum(b.came_true.n for b in found) == len(pairs)
    hits = sum(b.came_true.value * b.came_true.n for b in found)
    assert hits == pytest.approx(sum(true))
    for each in found:
        assert each.lower - 1e-9 <= each.forecast <= each.upper + 1e-9
