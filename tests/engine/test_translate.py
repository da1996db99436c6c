"""What the other engines are told, as golden files: a new sqlglot must not change it unnoticed."""

import pytest
from tests.conftest import Snapshot

from vertrauenskonto.core.ledger.policy import Parameters
from vertrauenskonto.engine.scoring import scoring_sql
from vertrauenskonto.engine.shape import Shape
from vertrauenskonto.engine.translate import (
    Dialect,
    column_type,
    statement,
    translated,
    translated_steps,
)

EVERYTHING = Shape(policy="all/1", as_of=20_000, known_at=19_990, parameters=None, velocity=True)
LITTLE = Shape(
    policy="little/1",
    as_of=20_000,
    parameters=Parameters(),
    event_points=False,
    event_contact=False,
    recorded=False,
    persons=False,
    reversals=False,
    versions=False,
    pending=False,
    non_contacts=False,
    honesty=False,
    suspensions=False,
    accounts=False,
)
DIALECTS: tuple[Dialect, ...] = ("postgres", "spark")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("name", "shape"), [("everything", EVERYTHING), ("little", LITTLE)])
def test_the_scoring_text_is_told_to_other_engines_as_in_the_golden_file(
    snapshot: Snapshot, name: str, shape: Shape, dialect: Dialect
):
    snapshot(f"scoring-{name}.{dialect}", translated(scoring_sql(shape), dialect) + "\n")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_fraction_is_a_double_and_not_a_decimal(dialect: Dialect):
    told = translated("SELECT 2.5 * x, CAST(0.1 AS DOUBLE), 3, '4.5' FROM t", dialect)
    double = "DOUBLE PRECISION" if dialect == "postgres" else "DOUBLE"
    assert f"CAST(2.5 AS {double})" in told
    assert told.count("CAST(") == 2


def test_sums_are_wide_on_spark_where_a_sum_of_bigint_is_a_bigint():
    told = translated("SELECT SUM(x) AS s FROM t", "spark")
    assert "SUM(CAST(x AS DECIMAL(28, 0)))" in told


@pytest.mark.parametrize(
    ("given", "postgres", "spark"),
    [
        ("VARCHAR", "TEXT", "STRING"),
        ("DOUBLE", "DOUBLE PRECISION", "DOUBLE"),
        ("INTEGER", "INT", "INT"),
        ("HUGEINT", "DECIMAL(38, 0)", "DECIMAL(38, 0)"),
    ],
)
def test_a_column_keeps_its_values_on_the_other_engine(given: str, postgres: str, spark: str):
    assert column_type(given, "postgres") == postgres
    assert column_type(given, "spark") == spark


def test_steps_come_in_order_and_say_how_often_they_are_read():
    steps, last = translated_steps(
        "WITH a AS (SELECT x FROM t), b AS (SELECT x FROM a UNION ALL SELECT x FROM a) "
        "SELECT x FROM b",
        "spark",
    )
    assert [(step.name, step.readers) for step in steps] == [("a", 2), ("b", 1)]
    assert "WITH" not in last
    assert steps[0].sql.split() == ["SELECT", "x", "FROM", "t"]


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT x FROM t", ("select", "", "SELECT x FROM t")),
        ("INSERT INTO t SELECT x FROM u", ("insert", "t", "SELECT x FROM u")),
        (
            "CREATE OR REPLACE TEMPORARY TABLE t (line BIGINT, code VARCHAR)",
            ("create", "t", "line BIGINT, code STRING"),
        ),
        ("CREATE TEMPORARY VIEW t AS SELECT x FROM u", ("name", "t", "SELECT x FROM u")),
    ],
)
def test_a_statement_is_taken_apart_for_engines_without_tables(
    sql: str, told: tuple[str, str, str]
):
    action, name, rows = statement(sql, "spark")
    assert (action, name, " ".join(rows.split())) == told


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_finite_is_asked_by_one_comparison_that_finds_nan_too(dialect: Dialect):
    told = translated("SELECT isfinite(x) AS f FROM t", dialect)
    assert "ABS(x) < CAST('Infinity' AS DOUBLE" in told


def test_a_hash_is_asked_in_the_words_of_each_engine():
    sql = "SELECT COUNT(DISTINCT hash(account, id)) AS n FROM t"
    assert "COUNT(DISTINCT (account, id))" in " ".join(translated(sql, "postgres").split())
    assert "XXHASH64(account, id)" in translated(sql, "spark")
