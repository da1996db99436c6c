"""Segments: overrides, and which columns their rules may read."""

import pytest
from tests.policies import FIRST_LINE, decoded, only_problem, policy

LABELS = 'label_de = "Gruppe"\nlabel_en = "Segment"\n'
# The head of the segment stands on the third line below the head of the file.
DECLARED = "[columns]\nregion = 'segment'\n[segments.nord]\n" + LABELS


def test_a_segment_overrides_what_it_names_and_inherits_the_rest():
    own = policy(
        DECLARED
        + """
        column = "region"
        values = ["SH", "HH"]
        [segments.nord.silence]
        grace_days = 200
        [segments.nord.alarm]
        threshold = -3
        [segments.nord.kinds.promise_broken_unannounced]
        able = -30
        [segments.nord.kinds.conversation]
        willing = 0.5
        """
    )
    [nord] = own.segments
    assert (nord.name, nord.label.de, nord.label.en) == ("nord", "Gruppe", "Segment")
    assert (nord.column, nord.values) == ("region", ("SH", "HH"))
    assert nord.parameters.silence.grace_days == 200
    assert nord.parameters.silence.period_days == own.parameters.silence.period_days
    assert nord.parameters.threshold == -3.0
    assert nord.kinds["promise_broken_unannounced"].points == {"willing": -10.0, "able": -30.0}
    assert nord.kinds["first_contact_promise_broken_unannounced"].points["able"] == -60.0
    assert nord.kinds["conversation"].points == {"willing": 0.5}
    assert nord.kinds["promise_kept"] == own.kinds["promise_kept"]
    assert own.kinds["promise_broken_unannounced"].points["able"] == -15.0


def test_a_segment_without_a_column_is_assigned_by_hand():
    [nord] = policy(f"[segments.nord]\n{LABELS}").segments
    assert (nord.column, nord.values) == ("", ())


MISTAKES = [
    ("column = 'region'\n", "segment_rule", "column", 5, "column steht ohne values", "column stands without values"),
    ("values = ['SH']\n", "segment_rule", "values", 5, "values steht ohne column", "values stands without column"),
    ("column = 'region'\nvalues = []\n", "value", "values", 6, "eine Liste von Texten", "a list of texts"),
    ("column = 'region'\nvalues = 'SH'\n", "value", "values", 6, '= "SH"', "a list of texts"),
    ("column = 'gebiet'\nvalues = ['SH']\n", "undeclared_column", "column", 5, 'gebiet = "segment"', "is not declared"),
    ("column = 7\nvalues = ['SH']\n", "value", "column", 5, "ein Text, der nicht leer ist", "a text that is not empty"),
    ("cadence = 7\n", "unknown_key", "cadence", 5, "„cadence“ gibt es hier nicht", "'cadence' does not exist here"),
    ("velocity.window_days = 7\n", "unknown_key", "velocity", 2, "Erlaubt sind: label_de", "Known here: label_de"),
    ("silence.grace = 7\n", "unknown_key", "silence.grace", 5, "Meinten Sie „grace_days“", "Did you mean 'grace_days'"),
    ("kinds.promise_kep.able = 7\n", "unknown_key", "kinds.promise_kep", 2, "Meinten Sie „promise_kept“", "Did you mean 'promise_kept'"),
    ("kinds.promise_kept.contact = false\n", "dimension", "kinds.promise_kept.contact", 5, "keine Dimension", "no dimension"),
    ("kinds.promise_kept.able = 7.123\n", "value", "kinds.promise_kept.able", 5, "Nachkommastellen", "decimals"),
    ("kinds.first_contact_promise_kept.able = 7\n", "generated_kind", "kinds.first_contact_promise_kept", 2, "entsteht von selbst aus promise_kept", "made from promise_kept"),
    ("kinds = 7\n", "not_a_table", "kinds", 5, "Abschnitt [segments.nord.kinds]", "a section [segments.nord.kinds]"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "key", "line", "german", "english"), MISTAKES)
def test_a_mistake_in_a_segment_is_explained(text, code, key, line, german, english):
    problem = only_problem(DECLARED + text)
    assert (problem.code, problem.field) == (code, f"segments.nord.{key}")
    assert problem.line == FIRST_LINE + line
    assert german in problem.text.de
    assert english in problem.text.en


def test_a_segment_needs_labels_and_must_be_a_table():
    problems = decoded("[segments]\nnord = 5\n[segments.sued]\n").problems
    assert [(p.code, p.field) for p in problems] == [
        ("not_a_table", "segments.nord"),
        ("missing", "segments.sued.label_de"),
        ("missing", "segments.sued.label_en"),
    ]


@pytest.mark.parametrize("role", ["display", "outcome"])
@pytest.mark.parametrize(
    "rules",
    ["silence.grace_days = 200\n", "kinds.promise_kept.able = 6\n", "alarm.threshold = 1\n"],
)
def test_a_segment_that_reads_what_is_only_shown_cannot_carry_rules(role, rules):
    text = (
        f"[columns]\nfarbe = '{role}'\n[segments.blau]\n{LABELS}column = 'farbe'\nvalues = ['b']\n"
    )
    problem = only_problem(text + rules)
    assert (problem.code, problem.field) == ("segment_reads_display", "segments.blau.column")
    assert problem.line == FIRST_LINE + 5
    assert f"hat die Rolle {role}" in problem.text.de
    assert "cannot carry a policy, a cadence or a priority" in problem.text.en
    assert decoded(text + rules).policy is None
    assert policy(text).segments[0].column == "farbe"


def test_nor_a_priority():
    text = (
        f"[columns]\nfarbe = 'display'\n[segments.blau]\n{LABELS}column = 'farbe'\nvalues = ['b']\n"
    )
    codes = [p.code for p in decoded(text + "priority = 1\n").problems]
    assert codes == ["unknown_key", "segment_reads_display"]


def test_a_segment_reads_properties_of_accounts_not_of_events():
    text = f"[columns]\nkanal = 'event'\n[segments.web]\n{LABELS}column = 'kanal'\nvalues = ['w']\n"
    problem = only_problem(text)
    assert (problem.code, problem.field) == ("segment_reads_event", "segments.web.column")
    assert 'kanal = "segment"' in problem.text.de
    assert 'kanal = "segment"' in problem.text.en


def test_an_unknown_role_is_explained_once():
    text = (
        f"[columns]\nkanal = 'events'\n[segments.web]\n{LABELS}column = 'kanal'\nvalues = ['w']\n"
    )
    problem = only_problem(text)
    assert (problem.code, problem.field) == ("value", "columns.kanal")
    assert "event, outcome, display oder segment" in problem.text.de
    assert "event, outcome, display or segment" in problem.text.en
