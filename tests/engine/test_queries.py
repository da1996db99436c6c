"""The query of a mapping: it passes on what is measured or shown, and lets nothing depend on it."""

import tomllib

import pytest
from tests.conftest import ROOT

from vertrauenskonto.core.errors import Problem
from vertrauenskonto.engine.queries import query_problems
from vertrauenskonto.importers.mapping import mapping_from_dict, read_mapping

MAPPING = """
name = "shop"
title = {{ de = "Laden", en = "Shop" }}
query = '''{query}'''
[files]
input = "orders.csv"
reviews = "reviews.csv"
[columns]
nr = {{}}
vip = {{ type = "boolean", optional = true }}
score = {{ type = "integer", role = "outcome" }}
umsatz = {{ type = "decimal", role = "display" }}
[[events]]
account = "nr"
day = "nr"
id = "nr"
kind = "a"
"""


def problems_of(query: str) -> list[Problem]:
    return query_problems(mapping_from_dict(tomllib.loads(MAPPING.format(query=query))))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT nr, umsatz, score FROM input",
        "SELECT nr, CAST(umsatz AS DOUBLE) AS umsatz FROM input ORDER BY nr",
        "SELECT * FROM input i LEFT JOIN (SELECT nr, score FROM reviews) r ON r.nr = i.nr",
        "SELECT i.*, r.review_score AS score FROM input i JOIN reviews r USING (nr)",
        "SELECT nr, sum(umsatz) AS umsatz FROM input GROUP BY nr",
        "SELECT nr, (SELECT max(score) FROM reviews r WHERE r.nr = i.nr) AS score FROM input i",
        "SELECT nr, umsatz FROM input UNION ALL BY NAME SELECT nr, score FROM reviews",
        "SELECT * EXCLUDE (umsatz) FROM input",
        "SELECT nr, count(*) > 1 AS vip FROM input GROUP BY nr HAVING count(*) > 0",
        "WITH a AS (SELECT * FROM input), b AS (SELECT * FROM a) SELECT * FROM b",
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) "
        "SELECT i.* FROM input i JOIN r ON r.n = 1",
        "SELECT i.* FROM input i, range(3) t(k) WHERE k = 1",
        "SELECT * FROM input WHERE EXISTS (SELECT * FROM reviews r WHERE r.nr = input.nr)",
        "SELECT nr, printf('%04d', 7) AS text, lag(nr) OVER (ORDER BY nr) FROM input",
    ],
)
def test_what_is_measured_or_shown_may_be_passed_on(query):
    assert problems_of(query) == []


@pytest.mark.parametrize(
    "query",
    [
        "SELECT *, umsatz AS wert FROM input",
        "SELECT *, CAST(umsatz AS INT) > 1000 AS vip FROM input",
        "SELECT nr, umsatz > 1000 FROM input",
        "SELECT * FROM input WHERE umsatz > 1000",
        "SELECT * FROM input WHERE Score < 3",
        "SELECT i.* FROM input i JOIN reviews r ON r.nr = i.nr AND r.score < 3",
        "SELECT * FROM input JOIN reviews USING (score)",
        "SELECT nr FROM input GROUP BY nr HAVING sum(umsatz) > 5",
        "SELECT * FROM input ORDER BY umsatz DESC",
        "SELECT nr FROM input UNION ALL BY NAME SELECT nr FROM reviews ORDER BY umsatz",
        "SELECT * FROM input QUALIFY row_number() OVER (PARTITION BY nr ORDER BY umsatz) = 1",
        "SELECT nr, first_value(nr) OVER w AS vip FROM input WINDOW w AS (ORDER BY umsatz)",
        "SELECT DISTINCT ON (umsatz) nr FROM input",
        "SELECT nr, (SELECT max(score) FROM reviews) > 3 AS vip FROM input",
        "SELECT nr, (SELECT count(*) FROM reviews WHERE score > 3) AS vip FROM input",
        "SELECT * FROM input WHERE nr IN (SELECT nr FROM reviews WHERE score > 3)",
        "SELECT nr, (SELECT x FROM (SELECT umsatz AS x FROM input)) AS vip FROM input",
        "WITH a AS (SELECT nr, umsatz AS x FROM input) SELECT nr, x > 3 AS vip FROM a",
        "SELECT nr, review_score AS score, review_score > 3 AS vip FROM input",
        "SELECT nr, CAST(review_score AS INT) AS score FROM reviews WHERE review_score > 3",
        "SELECT * REPLACE (umsatz > 5 AS vip) FROM input",
        "SELECT * RENAME (umsatz AS vip) FROM input",
        "SELECT nr, umsatz FROM input UNION ALL SELECT nr, vip FROM input",
        "SELECT nr, unnest([umsatz]) AS vip FROM input",
    ],
)
def test_neither_rows_nor_order_nor_other_columns_may_depend_on_it(query):
    problems = problems_of(query)
    assert {(p.code, p.field) for p in problems} == {("goal_guard", "query")}
    assert "Das Ziel ist Vertrauen" in problems[0].text.de


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM input ORDER BY 3",
        "SELECT * FROM input ORDER BY ALL",
        "SELECT nr FROM input GROUP BY 1",
        "SELECT nr FROM input GROUP BY ALL",
        "SELECT * FROM input NATURAL JOIN reviews",
        "SELECT t.x FROM (SELECT nr FROM input) t(x)",
        "WITH t(x) AS (SELECT nr FROM input) SELECT x AS nr FROM t",
        "SELECT nr, input AS vip FROM input",
        "SELECT i.nr, CAST(i AS VARCHAR) AS vip FROM input i",
        "SELECT * FROM input UNION ALL SELECT * FROM reviews",
        "SELECT * FROM input EXCEPT SELECT * FROM reviews",
        "SELECT nr, (SELECT * FROM reviews) AS vip FROM input",
        "SELECT * LIKE 'u%' FROM input",
    ],
)
def test_columns_are_read_by_name_so_that_the_name_can_be_checked(query):
    problems = problems_of(query)
    assert {(p.code, p.field) for p in problems} == {("query", "query")}
    assert "does not say which columns it reads" in problems[0].text.en


@pytest.mark.parametrize(
    "part",
    [
        *("now()", "random()", "today()", "current_date", "current_timestamp", "uuid()"),
        *("current_setting('threads')", "getenv('HOME')", "version()", "getvariable('x')"),
        *("#1", "$1", "?", "COLUMNS('.*')", "to_json(nr)", "nr.lower()", "{'a': nr}"),
    ],
)
def test_a_query_gives_the_same_for_the_same_files(part):
    (problem,) = problems_of(f"SELECT *, {part} AS vip FROM input")
    assert (problem.code, problem.field) == ("query", "query")
    assert "is not allowed in queries" in problem.text.en


@pytest.mark.parametrize("query", ["SELECT * FROM input TABLESAMPLE 1", "PIVOT input ON nr"])
def test_a_query_is_a_plain_select(query):
    assert {p.code for p in problems_of(query)} == {"query"}


def test_a_misspelt_function_is_answered():
    (problem,) = problems_of("SELECT nr, cuont(*) AS vip FROM input GROUP BY nr")
    assert "Did you mean 'count'?" in problem.text.en


@pytest.mark.parametrize(
    "query",
    [
        'SELECT b.* FROM (WITH "/x/y.csv" AS (SELECT 1) SELECT * FROM "/x/y.csv") a, "/x/y.csv" b',
        "SELECT b.* FROM (WITH other AS (SELECT 1 AS n) SELECT * FROM other) a, other b",
        "WITH a AS (SELECT * FROM b), b AS (SELECT 1 AS n) SELECT * FROM a",
        "WITH a AS (SELECT * FROM a) SELECT * FROM a",
        'WITH RECURSIVE "x.csv" AS (SELECT * FROM "x.csv") SELECT * FROM "x.csv"',
        "SELECT * FROM main.input",
        "SELECT * FROM input WHERE nr IN (FROM 'x.csv')",
        "SELECT * FROM duckdb_settings()",
    ],
)
def test_a_name_reaches_no_further_than_sql_lets_it(query):
    problems = problems_of(query)
    assert {(p.code, p.field) for p in problems} == {("query", "query")}
    assert any("is not among the files" in p.text.en for p in problems)


@pytest.mark.parametrize("name", ["incident_sla", "nycflights", "olist"])
def test_the_examples_keep_to_all_that(name):
    mapping = read_mapping(ROOT / "examples" / name / "mapping.toml")
    assert mapping.query
    assert query_problems(mapping) == []
