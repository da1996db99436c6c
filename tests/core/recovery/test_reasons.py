"""Why something may not be recorded: the reason names what comes before, and the cure."""

import pytest
from tests.core.recovery.cases import DAY, LATE, after, fact, new_case, until

from vertrauenskonto.core.recovery.deciding import allowed
from vertrauenskonto.core.recovery.reasons import refusal, step_refusal
from vertrauenskonto.core.recovery.steps import STEPS


def why(case, act, step=None):
    text = refusal(case, act, step, today=LATE)
    assert text is None or (text.de and text.en and text.de != text.en)
    return text and text.en


def test_a_missing_step_is_named():
    assert why(until("facts"), "apology") == (
        "Before that comes: 'Understanding of the exceptional situation asked'."
    )
    case = after(until("understanding"), "apology")
    assert why(case, "new_chance").endswith("What is advised may be skipped with a note.")


def test_an_advised_step_is_done_or_skipped_and_not_both():
    case = after(until("contact"), fact("skip", step="disappointment"))
    assert "skipped with a note" in why(case, "disappointment")
    assert "skipped with a note" in why(case, "skip", "disappointment")
    assert "recorded already" in why(until("disappointment"), "skip", "disappointment")
    assert "Before that comes" in why(until("facts"), "skip", "disappointment")


@pytest.mark.parametrize("step", ["apology", "talk", None])
def test_what_must_be_done_cannot_be_skipped(step):
    assert "Only advised steps" in why(until("contact"), "skip", step)


def test_a_step_is_done_once():
    assert why(until("facts"), "facts").endswith(f"on {DAY}.")


def test_nothing_follows_a_closed_case():
    assert "Open a new case" in why(after(new_case(), "drop"), "facts")


@pytest.mark.parametrize("last", ["facts", "contact", "apology", "offer", "talk", "prevention"])
def test_at_the_customers_wish_nothing_else_is_possible_however_far_we_came(last):
    case = after(until(last), "declined")
    options = {o.act for o in allowed(case, today=LATE) if o.why_not is None}
    assert options - {"redeem"} == {"close", "resumed"}


def test_at_the_customers_wish_there_is_only_a_quiet_close():
    case = after(until("facts"), "declined")
    assert "Close the case quietly" in why(case, "contact")
    assert why(case, "close") is None
    assert why(case, "resumed") is None
    assert "declined or did not answer" in why(until("facts"), "close")
    assert "declined or did not answer" in why(until("facts"), "resumed")


def test_waiting_for_the_lead_only_the_lead_or_a_failure_goes_on():
    case = until("evaluated", other_incidents=(DAY,))
    assert "Waiting for the lead" in why(case, "innocent")
    for act in ("lead_repaired", "lead_not_repaired", "failed"):
        assert why(case, act) is None
    assert "only after the evaluation" in why(until("confirmed"), "lead_repaired")


def test_decisions_have_their_time():
    assert "Get in contact first" in why(until("facts"), "failed")
    assert why(until("contact"), "failed") is None
    assert "Bring the case to its end" in why(until("contact"), "drop")
    assert "Establish the facts" in why(new_case(), "attempt")
    assert "Establish the facts" in why(new_case(), "declined")
    for act in ("attempt", "declined", "innocent"):
        assert "reverse the incident" in why(until("confirmed"), act)
    assert why(new_case(), "redeem") == "No offer was made."


def test_a_light_path_knows_fewer_decisions():
    light = new_case(path="light")
    assert "no 'failed' on this path" in why(light, "failed")
    assert "no 'escalate' on this path" in why(new_case(), "escalate")
    assert why(light, "escalate") is None
    assert why(light, "repair") is None
    assert "Reason given" in why(light, "apology")


def test_without_a_day_the_waiting_time_does_not_count():
    case, evaluated = until("confirmed"), STEPS["case"][-1]
    assert step_refusal(case, evaluated) is None
    assert step_refusal(case, evaluated, today=DAY) is not None
