"""The conformance file comes out, and a wrong number does not pass unseen.

Source of the numbers: an independent program that walks day by day with 60 digits.
"""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import ROOT

from vertrauenskonto.core.errors import Invalid
from vertrauenskonto.core.ledger import conformance


@pytest.fixture(scope="module")
def independent(shared: Path) -> Any:
    return json.loads((shared / "oracles" / "accounts.json").read_text())


@pytest.fixture
def raw() -> Any:
    """The example file: few histories, worked out on paper."""
    return json.loads((ROOT / "examples" / "conformance" / "accounts.json").read_text())


def test_the_example_worked_out_on_paper_comes_out(raw):
    suite = conformance.suite(raw)
    assert [conformance.check_core(c, tolerance=suite.tolerance) for c in suite.cases] == [[], []]


def test_every_number_of_the_conformance_file_comes_out(independent):
    suite = conformance.suite(independent)
    deviations = [
        deviation
        for case in suite.cases
        for deviation in conformance.check_core(case, tolerance=suite.tolerance)
    ]
    assert deviations == []
    assert suite.tolerance == 1e-9
    assert sum(len(case.evaluations) for case in suite.cases) == 48
    assert sum(len(case.statements) for case in suite.cases) == 3
    assert sum(len(case.runways) for case in suite.cases) == 4


def test_a_single_number_off_by_more_than_the_tolerance_is_named(raw):
    spoiled = copy.deepcopy(raw)
    spoiled["cases"][0]["expected"][0]["opinions"]["able"]["belief"] += 2e-9
    suite = conformance.suite(spoiled)
    [deviation] = conformance.check_core(suite.cases[0], tolerance=suite.tolerance)
    assert deviation.case == "one-deposit"
    assert deviation.where == "2024-06-29 total opinions.able.belief"
    assert deviation.expected == pytest.approx(deviation.found, abs=3e-9)


@pytest.mark.parametrize("key", ["defaults", "cases", "tolerance_abs"])
def test_a_file_of_another_shape_is_refused_by_name(raw, key):
    spoiled = {name: value for name, value in raw.items() if name != key}
    with pytest.raises(Invalid, match=key) as refusal:
        conformance.suite(spoiled)
    assert key in refusal.value.in_language("de")


def test_a_number_that_is_expected_but_not_found_deviates():
    [deviation] = conformance.deviations(
        "x", {"as_of": "2024-01-01", "magic": 1.0}, {}, tolerance=1
    )
    assert (deviation.where, deviation.expected, deviation.found) == ("2024-01-01 magic", 1.0, None)
