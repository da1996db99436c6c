"""Expressions of a mapping: scalar SQL over declared columns, and nothing that reaches further."""

import re
import tomllib

import pytest

from vertrauenskonto.core.errors import Invalid, Problem
from vertrauenskonto.engine.allowed_sql import FUNCTIONS, forbidden_function, parsed
from vertrauenskonto.engine.expressions import Expressions, checked_expressions
from vertrauenskonto.importers.mapping import FileMapping, mapping_from_dict

MAPPING = """
name = "shop"
title = {{ de = "Laden", en = "Shop" }}
{top}
[columns]
nr = {{}}
Tag = {{ type = "day" }}
stars = {{ type = "integer", role = "outcome" }}
total = {{ type = "decimal", role = "display" }}
{columns}
[[events]]
account = "nr"
day = "tag"
id = "nr"
{event}
"""


def mapping_of(event: str = "", columns: str = "", top: str = "") -> FileMapping:
    kind = "" if "kind" in event else 'kind = "a"'
    text = MAPPING.format(event=f"{event}\n{kind}", columns=columns, top=top)
    return mapping_from_dict(tomllib.loads(text))


def checked(**parts: str) -> Expressions:
    return checked_expressions(mapping_of(**parts), file="shop.toml")


def mistakes(**parts: str) -> list[Problem]:
    with pytest.raises(Invalid) as refused:
        checked(**parts)
    assert all(problem.file == "shop.toml" for problem in refused.value.problems)
    return list(refused.value.problems)


def test_columns_are_found_without_regard_to_case_and_quoted():
    found = checked(event="when = \"TAG > DATE '2026-01-01' AND nr <> 'x'\"").get("events[0].when")
    assert found is not None
    assert found.sql == "\"Tag\" > CAST('2026-01-01' AS DATE) AND \"nr\" <> 'x'"
    assert found.reads == {"Tag", "nr"}


@pytest.mark.parametrize(
    "expression",
    [
        "CASE WHEN nr LIKE '1%' THEN nr ELSE 'x' END",
        "coalesce(nullif(nr, '?'), 'none')",
        "date_diff('day', tag, tag) + round(abs(-1.5), 1)",
        "lower(trim(nr)) || split_part(nr, '-', 1)",
        "nr IN ('a', 'b') OR nr BETWEEN 'c' AND 'd'",
        "TRY_CAST(nr AS INTEGER) % 2",
        "strftime(tag, '%Y') = '2026'",
        "regexp_matches(nr, '^[0-9]+$')",
    ],
)
def test_ordinary_expressions_are_allowed(expression):
    assert checked(event=f'note = "{expression}"').get("events[0].note") is not None


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("(SELECT 1)", "expression"),
        ("EXISTS (SELECT 1)", "expression"),
        ("nr IN (SELECT nr FROM input)", "expression"),
        ("sum(nr)", "expression"),
        ("row_number() OVER ()", "expression"),
        ("getenv('HOME')", "expression"),
        ("now()", "expression"),
        ("current_date", "expression"),
        ("random()", "expression"),
        ("nextval('x')", "expression"),
        ("nr;nr", "expression"),
        ("nr +", "expression"),
        ("*", "expression"),
        ("nr); DROP TABLE x; --", "expression"),
        ("#4", "expression"),
        ("CAST(#3 AS DOUBLE) > 100", "expression"),
        ("$1", "expression"),
        ("?", "expression"),
        ("nr.lower()", "expression"),
        ("'a'.read_text()", "expression"),
        ("COLUMNS('.*')", "expression"),
        ("list_transform([1], x -> x)", "expression"),
        ("lpad(nr, 2000000000, 'x')", "expression"),
        ("repeat(nr, 2000000000)", "expression"),
        ("nummer", "unknown_column"),
        ("other.nr", "unknown_column"),
    ],
)
def test_what_reaches_beyond_the_row_is_refused_by_its_key(expression, code):
    problems = mistakes(event=f'note = "{expression}"')
    assert {(p.code, p.field) for p in problems} == {(code, "events[0].note")}


def test_a_typo_in_a_column_or_function_is_answered():
    (problem,) = mistakes(event='note = "nrr"')
    assert problem.in_language("en").startswith("shop.toml: events[0].note: The column 'nrr'")
    assert "Did you mean 'nr'?" in problem.in_language("en")
    assert "Meinten Sie „nr“?" in problem.in_language("de")
    (problem,) = mistakes(event='note = "lowr(nr)"')
    assert "Did you mean 'lower'?" in problem.in_language("en")


@pytest.mark.parametrize("written", ["random()", "RANDOM()", "rand()"])
def test_a_function_is_called_as_it_was_written_and_no_keyword_is_proposed(written):
    (problem,) = mistakes(event=f'note = "{written}"')
    assert f"The function '{written.lower()[:-2]}' is not allowed" in problem.text.en
    assert "Did you mean" not in problem.text.en


@pytest.mark.parametrize(
    ("event", "key"),
    [
        ('when = "stars < 3"', "events[0].when"),
        ('points = { able = "total / 10" }', "events[0].points.able"),
        ('kind = { column = "stars" }', "events[0].kind.column"),
        ('rules = [{ when = "total > 5", kind = "a" }]', "events[0].rules[0].when"),
        ('recorded = "CASE WHEN total > 5 THEN tag END"', "events[0].recorded"),
        ("target = \"'person:' || stars\"", "events[0].target"),
        ('promise = "CASE WHEN total > 5 THEN nr END"', "events[0].promise"),
        ('reverses = "CASE WHEN total > 5 THEN nr END"', "events[0].reverses"),
        ('required = ["total"]', "events[0].required"),
    ],
)
@pytest.mark.parametrize("through", [False, True])
def test_nothing_of_an_event_may_read_an_outcome_or_display_column(event, key, through):
    if through:  # neither directly nor through a computed column
        event = event.replace("stars", "s").replace("total", "t")
    computed = 's = { expression = "stars" , role = "outcome" }\n'
    computed += 't = { expression = "total", role = "display" }'
    if "rules" in event:
        event += "\n#kind"
    problems = mistakes(event=event, columns=computed)
    assert {(p.code, p.field) for p in problems} == {("goal_guard", key)}
    assert "keine Buchung darf davon abhängen" in problems[0].text.de


@pytest.mark.parametrize("key", ["account", "day", "id"])
def test_neither_account_day_nor_id_may_read_an_outcome_or_display_column(key):
    text = MAPPING.format(event='kind = "a"', columns="", top="")
    text = re.sub(
        rf'^{key} = "(\w+)"',
        rf'{key} = "CASE WHEN total > 5 THEN \1 END"',
        text,
        flags=re.MULTILINE,
    )
    with pytest.raises(Invalid) as refused:
        checked_expressions(mapping_from_dict(tomllib.loads(text)), file="shop.toml")
    assert [(p.code, p.field) for p in refused.value.problems] == [
        ("goal_guard", f"events[0].{key}")
    ]


def test_a_column_may_not_be_read_a_second_time_under_another_role():
    (problem,) = mistakes(columns='wert = { from = ["?", "STARS"] }')
    assert (problem.code, problem.field) == ("goal_guard", "columns.wert.from")
    assert "Lesen Sie die Spalte nur einmal" in problem.text.de


def test_every_function_on_the_list_is_allowed_under_its_own_name():
    for name in FUNCTIONS:
        calls = [f"{name}({arguments})" for arguments in ("nr", "nr, nr", "nr, nr, nr")]
        trees = [(tree, call) for call in calls if (tree := parsed(call)) is not None]
        assert all(forbidden_function(tree, call) is None for tree, call in trees), name
    assert checked(event='note = "sha256(nr)"').get("events[0].note") is not None


def test_a_computed_column_does_not_launder_an_outcome():
    (problem,) = mistakes(columns='harmless = { expression = "stars * 2" }')
    assert (problem.code, problem.field) == ("goal_guard", "columns.harmless.expression")


def test_notes_and_outcomes_may_read_every_column():
    found = checked(event='note = "stars || total"').get("events[0].note")
    assert found is not None
    assert found.reads == {"stars", "total"}


def test_computed_columns_read_those_declared_above_them():
    columns = 'b = { expression = "nr || nr" }\nc = { expression = "b || tag" }'
    found = checked(columns=columns).columns
    assert found["c"].reads == {"b", "nr", "Tag"}
    (problem,) = mistakes(columns='b = { expression = "c" }\nc = { expression = "nr" }')
    assert (problem.code, problem.field) == ("unknown_column", "columns.b.expression")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM input",
        "WITH x AS (SELECT * FROM input) SELECT * FROM x QUALIFY row_number() OVER () = 1",
        "SELECT 1 FROM range(5) UNION ALL BY NAME SELECT 2 FROM Input",
    ],
)
def test_a_query_may_use_all_of_select_over_its_files(query):
    assert checked(top=f'query = "{query}"').columns == {}


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("SELECT * FROM read_csv('/etc/hosts')", "'read_csv' is not among the files"),
        ("SELECT * FROM read_text('x')", "'read_text' is not among the files"),
        ("SELECT * FROM 'secret.parquet'", "'secret.parquet' is not among the files"),
        ("SELECT * FROM inputt", "Did you mean 'input'?"),
        ("SELECT * FROM input WHERE x IN (SELECT a FROM other)", "'other' is not among"),
        ("DROP TABLE input", "not one SELECT query"),
        ("SELECT 1; SELECT 2", "not one SELECT query"),
        ("SELECT FROM WHERE", "not one SELECT query"),
        ("COPY input TO 'x.csv'", "not one SELECT query"),
    ],
)
def test_a_query_reads_nothing_but_the_files_of_the_mapping(query, says):
    problems = mistakes(top=f'query = "{query}"')
    assert {(p.code, p.field) for p in problems} == {("query", "query")}
    assert any(says in problem.text.en for problem in problems)
