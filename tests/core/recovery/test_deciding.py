"""What may be recorded: exact refusals, and every missing word named."""

from datetime import timedelta

import pytest
from tests.core.recovery.cases import DAY, GOOD, LATE, WORDS, after, fact, new_case, until

from vertrauenskonto.core.errors import Conflict, Invalid
from vertrauenskonto.core.recovery.deciding import allowed, channels, decide, questions
from vertrauenskonto.core.recovery.facts import Evaluation


def fields(case, given, today=LATE):
    """Return the fields that are wrong with a fact; the case is as before."""
    before = case.facts
    with pytest.raises(Invalid) as caught:
        decide(case, given, today=today)
    assert case.facts == before
    return [p.field for p in caught.value.problems]


def names(case, *, today=LATE):
    return {o.act for o in allowed(case, today=today) if o.why_not is None}


def test_a_new_case_begins_with_the_facts():
    assert names(new_case()) == {"facts", "innocent", "drop"}


def test_repair_does_not_wait_for_the_talk_but_everything_said_has_its_order():
    assert names(until("facts")) == {
        "contact",
        "repair",
        "prevention",
        "attempt",
        "declined",
        "innocent",
        "drop",
    }
    assert names(until("contact")) >= {"understanding", "disappointment", "skip"}
    assert "apology" not in names(until("contact"))
    assert "apology" in names(until("understanding"))


def test_an_option_says_by_which_channel_and_what_to_write():
    option = next(o for o in allowed(until("new_chance"), today=LATE) if o.act == "offer")
    assert option.channels == ("in_person", "video", "letter")
    assert [q.name for q in option.questions] == ["offer"]
    skip = next(o for o in allowed(until("new_chance"), today=LATE) if o.act == "skip")
    assert (skip.step, [q.name for q in skip.questions]) == ("offer", ["note"])


@pytest.mark.parametrize("act", ["contact", "understanding", "disappointment", "apology"])
@pytest.mark.parametrize("channel", ["email", "sms"])
def test_mail_is_no_contact(act, channel):
    before = {"contact": "facts", "understanding": "contact", "disappointment": "contact"}
    case = until(before.get(act, "understanding"))
    assert fields(case, fact(act, channel=channel)) == ["channel"]


@pytest.mark.parametrize("channel", ["email", "sms", "call"])
def test_an_offer_by_mail_or_call_is_advertising(channel):
    assert fields(until("new_chance"), fact("offer", channel=channel)) == ["channel"]


def test_a_channel_must_be_named():
    assert fields(until("facts"), fact("contact", channel=None)) == ["channel"]


def test_a_talk_by_telephone_needs_the_customers_choice():
    case = until("new_chance")
    bare = {k: v for k, v in WORDS.items() if k != "phone_choice"}
    assert fields(case, fact("talk", channel="call", words=bare)) == ["phone_choice"]
    assert decide(case, fact("talk", channel="video", words=bare), today=LATE).channel == "video"
    assert decide(case, fact("talk", channel="call"), today=LATE).channel == "call"
    assert fields(case, fact("talk", channel="letter")) == ["channel"]


def test_an_apology_names_the_responsibility():
    case = until("understanding")
    empty = WORDS | {"responsibility": "  "}
    assert fields(case, fact("apology", words=empty)) == ["responsibility"]
    assert fields(case, fact("apology", words={}, by=" ")) == ["by", "responsibility"]


@pytest.mark.parametrize("breach", ["willing", "both"])
def test_a_breach_of_what_was_wanted_needs_a_change_of_structure(breach):
    case = after(new_case(), fact("facts", breach=breach))
    assert fields(case, fact("prevention", words={"what": "Schulung"})) == [
        "decides",
        "control",
        "changes",
    ]
    assert decide(case, fact("prevention"), today=LATE).words["control"]
    plain = until("facts")
    assert decide(plain, fact("prevention", words={"what": "Schulung"}), today=LATE).by == "Anna"


def test_facts_need_the_kind_of_breach():
    assert fields(new_case(), fact("facts", breach=None)) == ["breach"]


def test_words_are_stripped():
    made = decide(
        until("facts"), fact("contact", by=" Anna ", words={"reason": " krank "}), today=DAY
    )
    assert (made.by, made.words) == ("Anna", {"reason": "krank"})


def test_nothing_lies_in_the_future_or_before_what_it_needs():
    case = after(new_case(), fact("facts", DAY + timedelta(days=3)))
    assert fields(case, fact("contact", DAY + timedelta(days=2))) == ["on"]
    assert fields(case, fact("contact", LATE + timedelta(days=1))) == ["on"]
    assert fields(case, fact("declined", DAY)) == ["on"]
    assert fields(new_case(), fact("facts", DAY - timedelta(days=1))) == ["on"]
    assert fields(new_case(), fact("innocent", DAY - timedelta(days=1))) == ["on"]


def test_a_letter_is_unanswered_after_two_weeks():
    case, day = until("contact"), DAY + timedelta(days=13)
    assert fields(case, fact("attempt", channel="letter"), today=day) == ["on"]
    assert (
        decide(case, fact("attempt", channel="letter"), today=day + timedelta(days=1)).by == "Anna"
    )
    assert decide(case, fact("attempt", channel="call"), today=DAY).by == "Anna"
    assert fields(case, fact("attempt", channel="email")) == ["channel"]


def test_an_offer_has_an_end_and_is_redeemed_before_it():
    case = until("new_chance")
    assert fields(case, fact("offer", valid_until=DAY - timedelta(days=1))) == ["valid_until"]
    case = after(case, fact("offer", valid_until=DAY + timedelta(days=30)))
    assert fields(case, fact("redeem", DAY + timedelta(days=31))) == ["on"]
    assert decide(case, fact("redeem", DAY + timedelta(days=30)), today=LATE).by == "Anna"


def test_an_offer_can_be_redeemed_after_the_case_is_closed():
    case = after(until("offer"), fact("declined"), fact("close"), "redeem")
    with pytest.raises(Conflict, match="holds once"):
        decide(case, fact("redeem"), today=LATE)


def test_the_evaluation_is_not_due_before_ninety_days():
    case = until("confirmed")
    early = DAY + timedelta(days=89)
    with pytest.raises(Conflict, match="90 days"):
        decide(case, fact("evaluated", early), today=early)
    assert fields(case, fact("evaluated", early)) == ["on"]
    assert decide(case, fact("evaluated", early + timedelta(days=1)), today=LATE).by == "Anna"


@pytest.mark.parametrize(
    ("numbers", "wrong"),
    [
        (None, ["evaluation"]),
        (Evaluation(balance=float("nan"), threshold=0.0, survey=None), ["balance"]),
        (Evaluation(balance=1.0, threshold=float("inf"), survey=(8, 1, 1)), ["balance", "survey"]),
        (Evaluation(balance=1.0, threshold=0.0, survey=(1, 0, 1)), ["survey"]),
    ],
)
def test_an_evaluation_needs_its_numbers(numbers, wrong):
    assert fields(until("confirmed"), fact("evaluated", LATE, evaluation=numbers)) == wrong


def test_whether_there_was_another_incident_is_not_for_the_writer_to_say():
    case = until("confirmed", other_incidents=(DAY - timedelta(days=20),))
    made = decide(case, fact("evaluated", LATE, evaluation=GOOD), today=LATE)
    assert made.evaluation.is_repeated


def test_decisions_ask_their_own_questions():
    case = until("facts")
    assert fields(case, fact("innocent", words={})) == ["evidence"]
    assert [q.name for q in questions(case, "declined")] == ["customer_words"]
    assert channels(case, "declined") == ()
    assert "email" not in channels(case, "attempt")
