"""The oracle's histories, valued by every engine."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from vertrauenskonto.core.ledger.conformance import Suite, suite
from vertrauenskonto.engine.address import Address, address
from vertrauenskonto.engine.conformance import check_engine

DUCKDB = Address(engine="duckdb")


@pytest.fixture(scope="module")
def oracle(shared: Path) -> Suite:
    path = shared / "oracles" / "accounts.json"
    return suite(json.loads(path.read_text(encoding="utf-8")))


def evaluations(cases: Suite) -> int:
    return sum(len(case.evaluations) for case in cases.cases)


def test_all_48_evaluations_come_out_on_duckdb(oracle: Suite):
    assert evaluations(oracle) == 48
    assert check_engine(oracle, DUCKDB) == []


@pytest.mark.postgres
def test_all_48_evaluations_come_out_on_postgresql(oracle: Suite, postgres_url: str):
    assert evaluations(oracle) == 48
    assert check_engine(oracle, address(postgres_url)) == []


@pytest.mark.spark
@pytest.mark.usefixtures("spark_session")
def test_all_48_evaluations_come_out_on_spark(oracle: Suite):
    assert evaluations(oracle) == 48
    assert check_engine(oracle, address("spark")) == []


def test_every_wrong_number_is_reported_with_case_day_and_place(oracle: Suite):
    case = next(c for c in oracle.cases if c.name.startswith("06"))
    expected = case.evaluations[1]
    wrong = {**expected, "balance": expected["balance"] + 2e-9}
    told = check_engine(
        replace(oracle, cases=(replace(case, evaluations=(case.evaluations[0], wrong)),)), DUCKDB
    )
    assert [deviation.where for deviation in told] == [
        f"{expected['as_of']} {expected['known_at']} {expected['view']} balance"
    ]
    assert told[0].case == case.name
    assert told[0].expected == wrong["balance"]
    assert told[0].found == pytest.approx(expected["balance"], abs=1e-9)


def test_a_view_that_does_not_come_out_at_all_deviates_in_every_number(oracle: Suite):
    case = next(c for c in oracle.cases if c.name.startswith("02"))
    absent = {**case.evaluations[0], "view": "person:nobody"}
    told = check_engine(replace(oracle, cases=(replace(case, evaluations=(absent,)),)), DUCKDB)
    assert {deviation.found for deviation in told} == {None}
    assert len(told) > 30
