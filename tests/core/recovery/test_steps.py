"""The steps: their order is the manual's, and every one says what it asks."""

from itertools import pairwise

import pytest

from vertrauenskonto.core.recovery.steps import CHANNEL_LABELS, CHANNELS, STEPS, step_of


@pytest.mark.parametrize("path", ["case", "light"])
def test_a_step_needs_only_what_stands_before_it(path):
    seen = set()
    for step in STEPS[path]:
        assert set(step.needs) <= seen
        assert step.label.de
        assert step.label.en
        seen.add(step.name)


def test_only_what_the_manual_puts_in_brackets_is_advised():
    advised = {s.name for steps in STEPS.values() for s in steps if s.is_advised}
    assert advised == {"disappointment", "offer"}


def test_the_order_of_what_is_said_is_a_chain():
    chain = ["facts", "contact", "understanding", "apology", "new_chance", "talk", "confirmed"]
    for earlier, later in pairwise(chain):
        assert earlier in step_of("case", later).needs


def test_mail_counts_only_for_what_the_customer_says_and_on_the_light_path():
    by_mail = {s.name for s in STEPS["case"] if "email" in s.channels}
    assert by_mail == {"confirmed"}
    assert "email" in step_of("light", "apology").channels


def test_a_decision_is_no_step():
    assert step_of("case", "declined") is None
    assert step_of("light", "talk") is None
    assert set(CHANNEL_LABELS) == set(CHANNELS)
