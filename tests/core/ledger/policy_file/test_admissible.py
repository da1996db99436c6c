"""Which values a key admits, at the edges."""

from datetime import UTC, date, datetime

import pytest

from vertrauenskonto.core.ledger.policy_file import admissible


@pytest.mark.parametrize(
    ("rule", "value", "read"),
    [
        (admissible.HALF_LIFE, 0.5, 0.5),
        (admissible.HALF_LIFE, "never", None),
        (admissible.WHOLE, 1, 1),
        (admissible.NOT_NEGATIVE, 0, 0.0),
        (admissible.SHARE, 0, 0.0),
        (admissible.SHARE, 1, 1.0),
        (admissible.BETWEEN, 0.001, 0.001),
        (admissible.POINTS, -1000, -1000.0),
        (admissible.POINTS, 0.01, 0.01),
        (admissible.TEXT, " ja ", " ja "),
        (admissible.TEXTS, ["a", "b"], ("a", "b")),
        (admissible.FLAG, False, False),
        (admissible.DAY, date(2026, 3, 18), date(2026, 3, 18)),
        (admissible.NAME, "craft_2", "craft_2"),
        (admissible.ROLE, "display", "display"),
    ],
)
def test_an_admissible_value_is_read(rule, value, read):
    assert rule.read(value) == read


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        (admissible.HALF_LIFE, 0),
        (admissible.HALF_LIFE, True),
        (admissible.HALF_LIFE, float("inf")),
        (admissible.WHOLE, 0),
        (admissible.WHOLE, 1.0),
        (admissible.WHOLE, True),
        (admissible.NUMBER, "1"),
        (admissible.NUMBER, float("nan")),
        (admissible.NOT_NEGATIVE, -0.01),
        (admissible.POSITIVE, 0),
        (admissible.SHARE, 1.001),
        (admissible.BETWEEN, 0),
        (admissible.BETWEEN, 1),
        (admissible.POINTS, True),
        (admissible.POINTS, 0.001),
        (admissible.POINTS, 1000.01),
        (admissible.TEXT, ""),
        (admissible.TEXT, 5),
        (admissible.TEXTS, []),
        (admissible.TEXTS, ["a", ""]),
        (admissible.TEXTS, "a"),
        (admissible.FLAG, 1),
        (admissible.DAY, "2026-03-18"),
        (admissible.DAY, datetime(2026, 3, 18, tzinfo=UTC)),
        (admissible.NAME, "Craft"),
        (admissible.NAME, "craft_"),
        (admissible.NAME, "craft-2"),
        (admissible.ROLE, "revenue"),
        (admissible.ROLE, ["display"]),
    ],
)
def test_any_other_value_is_refused(rule, value):
    with pytest.raises(ValueError):  # noqa: PT011 - the message belongs to the caller
        rule.read(value)


@pytest.mark.parametrize("rule", [admissible.DAYS, admissible.HALF_LIFE])
def test_days_beyond_a_century_are_refused_with_the_limit(rule):
    assert rule.read(36_500) == 36_500
    with pytest.raises(ValueError, match=r"^$"):
        rule.read(36_501)
    assert "36500" in rule.refusal.en
    assert "36500" in rule.refusal.de
