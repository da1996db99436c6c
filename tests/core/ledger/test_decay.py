"""Weights: TA-1 11.3."""

import pytest

from vertrauenskonto.core.ledger.decay import weight


@pytest.mark.parametrize(
    ("age", "half_life", "expected"),
    [
        (0, 180, 1.0),
        (180, 180, 0.5),
        (540, 180, 0.125),
        (-1, 180, 0.0),
        (-1, None, 0.0),
        (100_000, None, 1.0),
        (1000, 1, 2.0**-1000),
        (1001, 1, 0.0),
        (10_000_000, 0.001, 0.0),
    ],
)
def test_half_is_left_after_a_half_life_and_nothing_after_a_thousand(age, half_life, expected):
    assert weight(age, half_life) == expected
