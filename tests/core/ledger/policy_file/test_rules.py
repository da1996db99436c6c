"""Rules over several values: what is refused, and what is only noted."""

from tests.policies import FIRST_LINE, decoded, only_problem

SEGMENT = 'label_de = "Gruppe"\nlabel_en = "Segment"\n'


def test_a_grace_too_short_for_the_usual_contact_is_noted_but_allowed():
    text = "[silence]\nusual_contact_days = 75\ngrace_days = 112\n"
    problem = only_problem(text)
    assert (problem.code, problem.severity) == ("grace_short", "note")
    assert (problem.field, problem.line) == ("silence.grace_days", FIRST_LINE + 2)
    assert "ratsam sind mindestens 113" in problem.text.de
    assert "at least 113 is advisable" in problem.text.en
    got = decoded(text).policy
    assert got is not None
    assert got.parameters.silence.grace_days == 112
    assert decoded(text.replace("112", "113")).problems == ()


def test_a_grace_equal_to_the_period_is_allowed():
    assert decoded("[silence]\ngrace_days = 30").problems == ()


def test_a_worse_outcome_of_a_promise_that_pays_as_much_is_noted_also_for_first_contacts():
    text = "[kinds.promise_late_silent]\nwilling = -5\nable = -9\n"
    outcome, twin = decoded(text).problems
    assert (outcome.code, outcome.severity) == ("promise_ladder", "note")
    assert (outcome.field, outcome.line) == ("kinds.promise_late_silent", FIRST_LINE)
    assert "promise_broken_with_notice (-14 Punkte)" in outcome.text.de
    assert "promise_broken_with_notice (-14 points)" in outcome.text.en
    assert twin.field == "kinds.first_contact_promise_late_silent"
    assert "first_contact_promise_broken_with_notice (-29 points)" in twin.text.en
    assert decoded(text).policy is not None


def test_the_ladder_of_a_segment_is_watched_too():
    text = f"[segments.nord]\n{SEGMENT}kinds.promise_broken_unannounced.able = -1\n"
    outcome, twin = decoded(text).problems
    assert (outcome.code, outcome.severity) == ("promise_ladder", "note")
    assert outcome.field == "segments.nord.kinds.promise_broken_unannounced"
    assert twin.field == "segments.nord.kinds.first_contact_promise_broken_unannounced"


def test_the_silence_of_a_segment_is_held_against_what_it_inherits():
    problem = only_problem(f"[segments.nord]\n{SEGMENT}silence.period_days = 91\n")
    assert problem.code == "grace_below_period"
    assert problem.field == "segments.nord.silence.grace_days"
    assert problem.line == FIRST_LINE
