"""Values as a policy file would show them."""

from datetime import date

import pytest

from vertrauenskonto.core.ledger.policy_file.report import shown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (False, "false"),
        ("ja", '"ja"'),
        (date(2026, 3, 1), "2026-03-01"),
        (5, "5"),
        (5.0, "5"),
        (0.1, "0.1"),
        (1 / 3, "0.3333333333333333"),
        (float("inf"), "inf"),
        ([1, 2], "[1, 2]"),
        ("x" * 100, '"' + "x" * 59 + "…"),
    ],
)
def test_a_value_is_shown_as_it_would_be_written_and_cut_when_long(value, text):
    assert shown(value) == text
