"""Numbers and days as people write them."""

from datetime import date
from decimal import Decimal

import pytest

from vertrauenskonto.render.numbers import (
    count,
    decimals_needed,
    long_day,
    number,
    rounded,
    share,
    short_day,
)


@pytest.mark.parametrize(
    ("value", "german", "english"),
    [
        (0.0, "0,0", "0.0"),
        (-0.0, "0,0", "0.0"),
        (-0.04, "0,0", "0.0"),
        (12.4, "12,4", "12.4"),
        (-6.2, "−6,2", "−6.2"),
        (1234.56, "1.234,6", "1,234.6"),
        (-1234567.0, "−1.234.567,0", "−1,234,567.0"),
    ],
)
def test_numbers_follow_the_language(value, german, english):
    assert number(value, "de") == german
    assert number(value, "en") == english


def test_halves_go_to_the_even_neighbour():
    assert [number(v, "en") for v in (0.25, 0.35, 0.45, -0.25)] == ["0.2", "0.4", "0.4", "−0.2"]


def test_what_is_signed_shows_its_plus_but_zero_has_none():
    assert [number(v, "de", signed=True) for v in (5, -5, 0, 0.01)] == [
        "+5,0",
        "−5,0",
        "0,0",
        "0,0",
    ]


def test_rounding_keeps_no_negative_zero():
    assert str(rounded(-0.001, 2)) == "0.00"
    assert rounded(2.675, 2) == Decimal("2.68"), "the number as written, not its binary neighbour"


def test_counts_and_shares_follow_the_language():
    assert (count(1234, "de"), count(1234, "en")) == ("1.234", "1,234")
    assert (share(0.125, "de"), share(0.125, "en")) == ("12\u00a0%", "12%")


def test_two_decimals_are_shown_only_when_needed():
    assert decimals_needed([5.0, -10.5]) == 1
    assert decimals_needed([5.0, 2.25]) == 2
    assert decimals_needed([]) == 1


def test_days_follow_the_language_and_do_not_break():
    day = date(2026, 3, 14)
    assert long_day(day, "de") == "14.\u00a0März\u00a02026"
    assert long_day(day, "en") == "14\u00a0March\u00a02026"
    assert short_day(date(2026, 3, 4), "de") == "04.03.2026"
    assert short_day(date(2026, 3, 4), "en") == "04\u00a0Mar\u00a02026"
