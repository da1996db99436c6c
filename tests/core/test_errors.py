"""Messages: both languages, with place, thing and cure."""

import pytest

from vertrauenskonto.core.errors import (
    Conflict,
    Invalid,
    NotFound,
    Problem,
    Text,
    TrustError,
    did_you_mean,
)

TEXT = Text(de="falsch", en="wrong")


@pytest.mark.parametrize(
    ("problem", "english", "german"),
    [
        (Problem(code="x", text=TEXT), "wrong", "falsch"),
        (Problem(code="x", text=TEXT, line=3), "line 3: wrong", "Zeile 3: falsch"),
        (
            Problem(code="x", text=TEXT, file="a.csv", line=3, field="day"),
            "a.csv:3: day: wrong",
            "a.csv:3: day: falsch",
        ),
        (Problem(code="x", text=TEXT, file="a.csv"), "a.csv: wrong", "a.csv: falsch"),
    ],
)
def test_a_problem_reads_as_one_line_in_either_language(problem, english, german):
    assert (str(problem), problem.in_language("de")) == (english, german)


@pytest.mark.parametrize("family", [Invalid, NotFound, Conflict])
def test_an_error_carries_its_problems_and_speaks_both_languages(family):
    error = family(TEXT, problems=[Problem(code="x", text=TEXT, line=1)])
    assert isinstance(error, TrustError)
    assert str(error) == "wrong\n  line 1: wrong"
    assert error.in_language("de") == "falsch\n  Zeile 1: falsch"


def test_the_nearest_known_word_is_offered_and_nothing_where_none_is_near():
    assert did_you_mean("promise_kpt", ["promise_kept", "lie"]).en == (
        " Did you mean 'promise_kept'?"
    )
    assert did_you_mean("promise_kpt", ["promise_kept"]).de == " Meinten Sie „promise_kept“?"
    assert did_you_mean("zebra", ["promise_kept"]) == Text("", "")
