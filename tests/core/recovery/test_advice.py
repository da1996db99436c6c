"""Advice: every step of a case has some, in both languages."""

from vertrauenskonto.core.recovery.advice import ADVICE
from vertrauenskonto.core.recovery.steps import STEPS


def test_every_step_of_a_case_has_advice_and_nearly_all_names_its_source():
    for step in STEPS["case"]:
        assert ADVICE[step.name]
    found = [a for advice in ADVICE.values() for a in advice]
    assert all(a.text.de and a.text.en and a.text.de != a.text.en for a in found)
    assert sum(not a.source for a in found) == 1


def test_every_step_can_be_looked_up():
    assert set(ADVICE) == {s.name for steps in STEPS.values() for s in steps}
