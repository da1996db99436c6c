"""Facts: every decision has a name and its questions."""

import pytest

from vertrauenskonto.core.recovery.facts import (
    DECISION_LABELS,
    DECISION_QUESTIONS,
    DECISIONS,
    SURVEY_QUESTIONS,
    Evaluation,
)


def test_every_decision_has_its_label_and_questions():
    assert set(DECISION_LABELS) == set(DECISION_QUESTIONS) == set(DECISIONS)
    assert all(text.de and text.en for text in (*DECISION_LABELS.values(), *SURVEY_QUESTIONS))


@pytest.mark.parametrize(
    ("balance", "survey", "is_good"),
    [(0.0, None, True), (-0.01, None, False), (5.0, (4, 4, 4), True), (5.0, (7, 7, 3), False)],
)
def test_an_evaluation_is_good_when_nothing_speaks_against_it(balance, survey, is_good):
    assert Evaluation(balance=balance, threshold=0.0, survey=survey).is_good is is_good
