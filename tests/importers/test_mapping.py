"""A mapping file is read whole: every mistake is found at once, named by its key, with its cure."""

import tomllib
from typing import Any

import pytest

from vertrauenskonto.core.errors import Invalid, NotFound, Problem
from vertrauenskonto.importers.mapping import (
    FileMapping,
    KindChoice,
    Rule,
    mapping_from_dict,
    read_mapping,
)
from vertrauenskonto.importers.mapping_keys import SECTIONS

SMALL = """
name = "shop"
title = { de = "Laden", en = "Shop" }
[columns]
nr = {}
day = { type = "day" }
[[events]]
account = "nr"
day = "day"
id = "nr"
kind = "order_received"
"""


def mapping_of(text: str) -> FileMapping:
    return mapping_from_dict(tomllib.loads(text), file="shop.toml")


def mistakes(text: str) -> list[Problem]:
    with pytest.raises(Invalid) as refused:
        mapping_of(text)
    assert all(problem.file == "shop.toml" for problem in refused.value.problems)
    return list(refused.value.problems)


def keys(text: str) -> list[tuple[str, str]]:
    return [(problem.code, problem.field) for problem in mistakes(text)]


def test_a_small_mapping_has_the_documented_defaults():
    mapping = mapping_of(SMALL)
    assert (mapping.source, mapping.time_zone, mapping.query) == ("shop", "Europe/Berlin", "")
    assert mapping.format.decimal == "."
    assert [form.written for form in mapping.format.days] == ["YYYY-MM-DD"]
    assert [form.written for form in mapping.format.instants] == ["ISO 8601"]
    nr, day = mapping.columns
    assert (nr.type, nr.sources, nr.role, nr.is_optional) == ("text", ("nr",), "event", False)
    assert [form.written for form in day.formats] == ["YYYY-MM-DD"]
    (block,) = mapping.events
    assert block.kind == KindChoice(constant="order_received")
    assert mapping.kinds == ("order_received",)


def test_kinds_come_from_rules_and_tables_of_values():
    rules = SMALL.replace(
        'kind = "order_received"',
        'rules = [{ when = "day IS NULL", kind = "skip" }, { when = "true", kind = "a" }]\n'
        'otherwise = "b"',
    )
    choice = mapping_of(rules).events[0].kind
    assert choice.rules == (
        Rule(when="day IS NULL", kind="skip"),
        Rule(when="true", kind="a"),
    )
    assert choice.kinds == ("a", "b")
    table = SMALL.replace(
        '"order_received"', '{ column = "nr", values = { x = "a" }, otherwise = "skip" }'
    )
    choice = mapping_of(table).events[0].kind
    assert (choice.column, choice.values, choice.otherwise) == ("nr", {"x": "a"}, "skip")


def test_every_mistake_is_found_in_one_pass_with_a_cure():
    text = """
    nam = "x"
    name = "Shop Nord"
    title = "Laden"
    [format]
    decimal = "'"
    delimiter = ";;"
    days = ["TT.MM.JJJJ"]
    [columns]
    umsatz = {}
    vk_x = {}
    wert = { typ = "day" }
    tag = { type = "dya" }
    rolle = { role = "sgment" }
    leer = { optional = "ja" }
    beides = { from = "x", expression = "tag" }
    [[events]]
    account = 5
    day = "tag"
    kind = "review_star"
    required = ["tga"]
    points = { wiling = "wert" }
    [[outcomes]]
    outcome = "Sterne!"
    account = ""
    day = "tag"
    id = "tag"
    """
    expected = [
        ("unknown_key", "nam"),
        ("mapping", "name"),
        ("mapping", "title"),
        ("mapping", "format.decimal"),
        ("mapping", "format.delimiter"),
        ("mapping", "format.days"),
        ("mapping", "events[0].id"),
        ("unknown_key", "events[0].points.wiling"),
        ("mapping", "events[0].account"),
        ("outcome_kind", "events[0].kind"),
        ("mapping", "outcomes[0].outcome"),
        ("mapping", "outcomes[0].account"),
        ("goal_guard", "columns.umsatz.role"),
        ("mapping", "columns.vk_x"),
        ("unknown_key", "columns.wert.typ"),
        ("mapping", "columns.tag.type"),
        ("mapping", "columns.rolle.role"),
        ("mapping", "columns.leer.optional"),
        ("mapping", "columns.beides.from"),
        ("unknown_column", "events[0].required"),
    ]
    assert sorted(keys(text)) == sorted(expected)


@pytest.mark.parametrize(
    ("old", "new", "german", "english"),
    [
        ("[columns]", "[colums]", "Meinten Sie „columns“?", "Did you mean 'columns'?"),
        ('type = "day"', 'type = "dya"', "Meinten Sie „day“?", "Did you mean 'day'?"),
        ("nr = {}", "nr = { form = 'x' }", "Meinten Sie „from“?", "Did you mean 'from'?"),
        (
            '"order_received"',
            '{ column = "dy" }',
            "Meinten Sie „day“?",
            "Did you mean 'day'?",
        ),
    ],
)
def test_a_typo_is_answered_with_the_nearest_word(old, new, german, english):
    problems = mistakes(SMALL.replace(old, new, 1))
    assert any(german in problem.in_language("de") for problem in problems)
    assert any(english in problem.in_language("en") for problem in problems)


@pytest.mark.parametrize("column", ["umsatz", "revenue", "kundenwert_2025", "clv"])
def test_a_rule_may_not_read_what_trust_brings_in_whatever_it_is_called(column):
    declared = SMALL.replace("nr = {}", f"nr = {{}}\n{column} = {{}}")
    assert keys(declared) == [("goal_guard", f"columns.{column}.role")]
    hidden = SMALL.replace("nr = {}", f'nr = {{}}\nharmless = {{ from = "{column}" }}')
    assert keys(hidden) == [("goal_guard", "columns.harmless.role")]
    shown = SMALL.replace("nr = {}", f'nr = {{}}\n{column} = {{ role = "display" }}')
    assert mapping_of(shown).columns[1].role == "display"


def test_an_outcome_is_never_a_kind():
    assert keys(SMALL.replace("order_received", "repurchase")) == [
        ("outcome_kind", "events[0].kind")
    ]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('kind = "order_received"', "", "events[0].kind"),
        (
            'kind = "order_received"',
            'kind = "a"\nrules = [{ when = "true", kind = "b" }]',
            "events[0].kind",
        ),
        ("[[events]]", "[[event]]", "event"),
        ("[columns]", 'files = { a = "a.csv", b = "b.csv" }\n[columns]', "query"),
        ("[columns]", 'files = "a.csv"\n[columns]', "files"),
        ("nr = {}", "nr = {}\nNR = {}", "columns"),
        ('kind = "order_received"', 'kind = "a"\nrules = "b"', "events[0].rules"),
        ('kind = "order_received"', 'kind = "a"\nrequired = [1]', "events[0].required"),
        ("nr = {}", 'nr = "x"', "columns.nr"),
    ],
)
def test_what_does_not_go_together_is_named(old, new, key):
    assert key in [problem.field for problem in mistakes(SMALL.replace(old, new, 1))]


def test_a_mapping_without_events_or_outcomes_reads_nothing():
    without = SMALL[: SMALL.index("[[events]]")]
    assert keys(without) == [("mapping", "events")]


def test_a_file_that_is_no_mapping_is_refused(tmp_path):
    with pytest.raises(NotFound, match="check the path"):
        read_mapping(tmp_path / "none.toml")
    path = tmp_path / "own.toml"
    path.write_text("name = ")
    with pytest.raises(Invalid, match="not valid TOML"):
        read_mapping(path)
    path.write_bytes("name = 'ä'".encode("cp1252"))
    with pytest.raises(Invalid, match="not UTF-8"):
        read_mapping(path)
    path.write_text(SMALL, encoding="utf-8-sig")
    assert read_mapping(path) == mapping_of(SMALL)


def test_every_key_says_what_it_means():
    for section, known in SECTIONS.items():
        names = [key.name for key in known]
        assert len(names) == len(set(names)), section
        for key in known:
            assert key.meaning.endswith((".", "`")), f"{section}: {key.name}"
            assert not (key.required and key.default), f"{section}: {key.name}"


def test_a_mistake_in_a_file_has_its_line(tmp_path):
    path = tmp_path / "shop.toml"
    path.write_text(
        SMALL.replace('type = "day"', 'type = "dya"').replace('id = "nr"', 'idd = "nr"'),
        encoding="utf-8",
    )
    with pytest.raises(Invalid) as refused:
        read_mapping(path)
    assert [(p.line, p.field) for p in refused.value.problems] == [
        (6, "columns.day.type"),
        (7, "events[0].id"),
        (10, "events[0].idd"),
    ]


def test_a_missing_key_is_answered_with_an_example():
    (problem,) = mistakes(SMALL.replace('id = "nr"\n', ""))
    example = """etwa id = "order_number || '/delivery'"."""
    assert problem.text.de == f"der Schlüssel fehlt; bitte ergänzen, {example}"
    assert problem.text.en.endswith("""add it, such as id = "order_number || '/delivery'".""")
    (problem,) = mistakes(SMALL.replace('title = { de = "Laden", en = "Shop" }\n', ""))
    assert 'title = { de = "Bestellungen", en = "Orders" }' in problem.text.en


def test_every_required_key_has_an_example():
    for known in SECTIONS.values():
        assert all(key.example for key in known if key.required)


def test_letters_of_a_format_are_explained_when_they_are_wrong():
    (problem,) = mistakes(SMALL + '[format]\ndays = ["TT.MM.JJJJ"]\n')
    assert "DD = Tag, MM = Monat, YYYY = Jahr" in problem.text.de
    assert "DD = day, MM = month, YYYY = year" in problem.text.en


def test_values_that_differ_only_in_case_are_refused():
    table = SMALL.replace('"order_received"', '{ column = "nr", values = { x = "a", X = "b" } }')
    assert keys(table) == [("mapping", "events[0].kind.values.X")]


def values(**changed: Any) -> dict[str, Any]:
    return tomllib.loads(SMALL) | changed


def test_a_mapping_can_be_built_from_plain_values():
    assert mapping_from_dict(values(source="nord")).source == "nord"
    assert mapping_from_dict(values(format={"delimiter": "tab"})).format.delimiter == "\t"
