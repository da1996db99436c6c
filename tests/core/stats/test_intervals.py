"""Intervals of rates and medians: published values, and what must hold for all."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.stats.intervals import Rate, middle, rate, z_value


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        # Newcombe 1998, table 1, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_s_interval_is_the_published_one(hits, n, low, high):
    found = rate(hits, n)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    assert (found.value, found.n) == (hits / n, n)


def test_of_nothing_there_is_neither_a_rate_nor_a_middle():
    assert rate(0, 0) is None
    assert middle([]) is None


def test_all_and_none_reach_the_ends_exactly():
    assert rate(0, 7).low == 0.0
    assert rate(7, 7).high == 1.0


def test_more_hits_than_cases_is_a_broken_caller():
    with pytest.raises(AssertionError, match="no more hits"):
        rate(3, 2)


@given(n=st.integers(1, 10_000), data=st.data(), confidence=st.floats(0.5, 0.999))
def test_a_rate_lies_in_its_interval_and_the_mirror_image_mirrors(n, data, confidence):
    hits = data.draw(st.integers(0, n))
    found, other = rate(hits, n, confidence=confidence), rate(n - hits, n, confidence=confidence)
    assert isinstance(found, Rate)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert other.low == pytest.approx(1 - found.high, abs=1e-12)


@given(n=st.integers(1, 200), share=st.floats(0, 1))
def test_more_cases_of_the_same_share_narrow_the_interval(n, share):
    hits = round(n * share)
    narrow, wide = rate(10 * hits, 10 * n), rate(hits, n)
    assert narrow.high - narrow.low < wide.high - wide.low


def test_the_middle_of_sixteen_reaches_from_the_fourth_to_the_thirteenth():
    found = middle([float(v) for v in range(16, 0, -1)])
    assert (found.value, found.low, found.high, found.n) == (8.5, 4.0, 13.0, 16)


def test_below_six_values_the_middle_has_no_interval():
    assert middle([3, 1, 2, 5, 4]).low is None
    assert middle([3, 1, 2, 5, 4]).high is None
    six = middle([6, 3, 1, 2, 5, 4])
    assert (six.value, six.low, six.high) == (3.5, 1, 6)


@given(n=st.integers(1, 200))
def test_the_rank_is_the_largest_that_the_binomial_allows(n):
    found = middle([float(v) for v in range(1, n + 1)])
    k = 0 if found.low is None else int(found.low)
    total = 20 * 2 * sum(comb(n, j) for j in range(k))
    more = 20 * 2 * sum(comb(n, j) for j in range(k + 1))
    assert total <= 2**n < more


@pytest.mark.parametrize("n", [201, 202, 205, 400])
def test_many_values_take_the_rank_of_the_normal_approximation(n):
    low = middle([float(v) for v in range(1, n + 1)]).low
    assert low is not None
    k = int(low)
    exact = max(j for j in range(n // 2) if 40 * sum(comb(n, i) for i in range(j)) <= 2**n)
    assert abs(k - exact) <= 1


def test_the_usual_quantile_is_the_usual_one():
    assert z_value(0.95) == pytest.approx(1.959963984540054, abs=1e-12)
