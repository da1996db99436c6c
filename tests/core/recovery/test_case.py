"""A recovery case: no sequence of actions reaches a state that the manual forbids.

What is forbidden is worked out here from the log of accepted facts alone, in the words of the
manual, and never asked of the code under test.
"""

from datetime import date, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.core.recovery.cases import (
    CHANNEL,
    DAY,
    GOOD,
    LATE,
    ORDER,
    POLICY,
    WORDS,
    after,
    fact,
    new_case,
    until,
)

from vertrauenskonto.core.errors import TrustError
from vertrauenskonto.core.ledger.entries import DIMENSIONS, Posting
from vertrauenskonto.core.recovery.case import OPEN_STATES, STATE_LABELS, outcome
from vertrauenskonto.core.recovery.deciding import allowed, decide
from vertrauenskonto.core.recovery.deposits import deposits, failure
from vertrauenskonto.core.recovery.facts import DECISIONS, Evaluation

BEFORE = {
    "contact": {"facts"},
    "understanding": {"facts", "contact"},
    "disappointment": {"facts", "contact"},
    "apology": {"facts", "contact", "understanding"},
    "new_chance": {"facts", "contact", "understanding", "apology"},
    "offer": {"apology", "new_chance"},
    "talk": {"facts", "contact", "understanding", "apology", "new_chance"},
    "repair": {"facts"},
    "prevention": {"facts"},
    "confirmed": {"apology", "talk", "repair", "prevention"},
    "evaluated": {"apology", "talk", "repair", "prevention", "confirmed"},
}
ALWAYS = set(ORDER) - {"disappointment", "offer"}
TALKED = {"in_person", "video", "call"}
ENDING = {"close", "failed", "innocent", "drop", "lead_repaired", "lead_not_repaired"}

POOR = Evaluation(balance=-3.0, threshold=0.0, survey=None)
acts = st.sampled_from([*ORDER, *DECISIONS, "reason", "check"])
channels = st.sampled_from([None, "in_person", "video", "call", "letter", "email", "sms"])
words = st.one_of(
    st.just(WORDS),
    st.sampled_from(sorted(WORDS)).map(lambda name: {k: v for k, v in WORDS.items() if k != name}),
    st.just({}),
    st.just(WORDS | {"responsibility": "   ", "note": " ", "evidence": ""}),
)
steps = st.sampled_from([None, *ORDER])
evaluations = st.builds(
    Evaluation,
    balance=st.sampled_from([-3.0, 0.0, 8.0, float("nan")]),
    threshold=st.just(0.0),
    survey=st.sampled_from([None, (6, 6, 6), (6, 3, 6), (0, 6, 6)]),
    is_repeated=st.booleans(),
)


class Anyone(RuleBasedStateMachine):
    """Somebody who tries everything, on any day, in any order."""

    @initialize(
        others=st.lists(st.integers(-800, 500).map(lambda n: DAY + timedelta(n)), max_size=2),
        withdrawal=st.dictionaries(
            st.sampled_from(DIMENSIONS), st.sampled_from([-20.0, -7.5, -1.0, 2.0])
        ),
        ahead=st.integers(0, len(ORDER)),
        breach=st.sampled_from(["willing", "able", "both"]),
        without=st.sampled_from([None, None, "declined", *ORDER]),
    )
    def begin(self, others, withdrawal, ahead, breach, without):
        self.others = tuple(others)
        self.case = new_case(other_incidents=self.others)
        self.today = DAY
        self.withdrawal = [Posting(d, points) for d, points in withdrawal.items()]
        # Somewhere on a good way: from the beginning chance would rarely come far.
        for act in ORDER[:ahead]:
            self.today += timedelta(days=95 if act == "evaluated" else 0)
            if act == without:
                self.attempt(fact("skip", self.today, step=act))
            else:
                done = self.attempt(fact(act, self.today, breach=breach))
                assert done or without is not None
        if without == "declined":
            self.attempt(fact("declined", self.today))

    def attempt(self, given):
        before = self.case
        try:
            made = decide(self.case, given, today=self.today)
        except TrustError:
            assert self.case == before
            return False
        self.case = self.case.with_fact(made)
        return True

    @rule(days=st.sampled_from([1, 1, 3, 15, 60, 95]))
    def time_passes(self, days):
        self.today += timedelta(days=days)

    @rule(data=st.data(), back=st.sampled_from([0, 0, 0, 1, 20, -2]))
    def tries_anything(self, data, back):
        act = data.draw(acts)
        self.attempt(
            fact(
                act,
                self.today - timedelta(days=back),
                channel=data.draw(channels),
                words=data.draw(words),
                step=data.draw(steps),
                by=data.draw(st.sampled_from(["Anna", ""])),
                breach=data.draw(st.sampled_from([None, "willing", "able", "both"])),
                valid_until=data.draw(
                    st.sampled_from([None, self.today + timedelta(10), DAY - timedelta(1)])
                ),
                evaluation=data.draw(st.one_of(st.none(), evaluations)),
            )
        )

    @precondition(lambda self: hasattr(self, "case"))
    @rule(data=st.data())
    def takes_what_is_offered(self, data):
        """What `allowed` offers is accepted when it is filled in; nothing else is."""
        options = allowed(self.case, today=self.today)
        option = data.draw(
            st.sampled_from([o for o in options if o.why_not is None] * 3 + list(options))
        )
        evaluation = data.draw(st.sampled_from([GOOD, POOR]))
        given = fact(
            option.act,
            self.today,
            step=option.step,
            channel=CHANNEL.get(option.act),
            breach=data.draw(st.sampled_from(["willing", "able", "both"])),
            evaluation=evaluation if option.act == "evaluated" else None,
        )
        assert self.attempt(given) == (option.why_not is None)

    @precondition(lambda self: hasattr(self, "case"))
    @rule(data=st.data(), thing=st.sampled_from(["channel", "words", "on", "early", "phone"]))
    def does_what_is_next_but_for_one_thing(self, data, thing):
        options = [o for o in allowed(self.case, today=self.today) if o.why_not is None]
        if not options:
            return
        # Whatever ends the case is tried less often, or hardly anything else would be.
        going_on = [o for o in options if o.act not in ENDING]
        option = data.draw(st.sampled_from(going_on * 5 + options))
        spoilt = {
            "channel": {"channel": data.draw(channels)},
            "words": {"words": data.draw(words)},
            "on": {"on": self.today + timedelta(days=data.draw(st.sampled_from([-95, -1, 1])))},
            "early": {"valid_until": DAY},
            "phone": {"channel": "call", "words": data.draw(words)},
        }[thing]
        breach = data.draw(st.sampled_from(["willing", "able"]))
        good = {"step": option.step, "on": self.today, "breach": breach}
        self.attempt(fact(option.act, **(good | spoilt)))

    @property
    def log(self):
        return self.case.facts if hasattr(self, "case") else ()

    def position(self, act):
        return [n for n, f in enumerate(self.log) if f.act == act]

    @invariant()
    def nothing_is_repaired_without_admission_apology_and_talk(self):
        if not self.log or outcome(self.case).state != "repaired":
            return
        by_act = {f.act: f for f in self.log}
        assert set(by_act) >= ALWAYS
        assert by_act["apology"].words["responsibility"].strip()
        talk = by_act["talk"]
        assert talk.channel in {"in_person", "video"} or (
            talk.channel == "call" and talk.words["phone_choice"].strip()
        )
        assert not {"failed", "innocent", "drop", "close"} & set(by_act)

    @invariant()
    def what_comes_before_was_before_in_the_log_and_in_time(self):
        for n, one in enumerate(self.log):
            earlier = {f.act: f.on for f in self.log[:n]}
            for needed in BEFORE.get(one.act, ()):
                assert needed in earlier
                assert earlier[needed] <= one.on
            assert DAY <= one.on <= self.today

    @invariant()
    def every_step_is_done_once(self):
        found = [f.act for f in self.log if f.act in ORDER]
        assert len(found) == len(set(found))

    @invariant()
    def no_mail_counts_as_contact_apology_request_or_talk(self):
        for one in self.log:
            if one.act in {"contact", "understanding", "apology", "new_chance", "disappointment"}:
                assert one.channel in TALKED | {"letter"}
            if one.act == "talk":
                assert one.channel in TALKED
            if one.act == "offer":
                assert one.channel in {"in_person", "video", "letter"}

    @invariant()
    def the_offer_comes_once_after_the_apology_and_is_redeemed_once(self):
        offers, redeemed = self.position("offer"), self.position("redeem")
        assert len(offers) <= 1
        assert len(redeemed) <= len(offers)
        if offers:
            assert self.position("apology")[0] < offers[0]
        if redeemed:
            offer, use = self.log[offers[0]], self.log[redeemed[0]]
            assert offers[0] < redeemed[0]
            assert offer.on <= use.on
            assert offer.valid_until is None or use.on <= offer.valid_until

    @invariant()
    def what_counts_is_written_down(self):
        needed = {"contact": "reason", "apology": "responsibility", "confirmed": "customer_words"}
        for one in self.log:
            assert one.by
            assert one.act not in needed or one.words[needed[one.act]].strip()
            if one.act == "talk" and one.channel == "call":
                assert one.words["phone_choice"].strip()

    @invariant()
    def only_what_is_advised_is_skipped_and_with_a_note(self):
        for one in self.log:
            if one.act == "skip":
                assert one.step in {"disappointment", "offer"}
                assert one.words["note"].strip()
        if self.position("confirmed"):
            acts_done = {f.act for f in self.log} | {f.step for f in self.log if f.act == "skip"}
            assert {"disappointment", "offer"} <= acts_done

    @invariant()
    def who_wants_to_be_left_alone_is(self):
        alone, unanswered = False, set()
        for one in self.log:
            if alone:
                assert one.act in {"close", "resumed", "redeem"}
            if one.act == "declined":
                alone = True
            elif one.act == "attempt":
                assert one.channel in TALKED | {"letter"}
                unanswered.add(one.on)
                alone = alone or len(unanswered) == 2
            elif one.act == "resumed":
                alone, unanswered = False, set()
            elif one.act in ORDER and one.channel in TALKED:
                unanswered = set()
        if alone and self.log[-1].act != "close" and not self.position("close"):
            assert outcome(self.case).state == "customers_wish"

    @invariant()
    def what_is_closed_stays_closed(self):
        for n, one in enumerate(self.log):
            if one.act in ENDING:
                assert {f.act for f in self.log[n + 1 :]} <= {"redeem"}
                assert outcome(self.case).is_closed

    @invariant()
    def a_breach_of_what_was_wanted_gets_structure(self):
        breach = [f.breach for f in self.log if f.act == "facts"]
        for one in self.log:
            if one.act == "prevention" and breach[0] in {"willing", "both"}:
                assert all(one.words[name] for name in ("decides", "control", "changes"))

    @invariant()
    def innocence_is_proven_before_the_customer_confirmed(self):
        for n in self.position("innocent"):
            assert self.log[n].words["evidence"].strip()
            assert not self.position("confirmed")

    @invariant()
    def evaluation_comes_ninety_days_after_with_balance_and_survey(self):
        for n in self.position("evaluated"):
            confirmed = self.log[self.position("confirmed")[0]]
            assert (self.log[n].on - confirmed.on).days >= 90
            numbers = self.log[n].evaluation
            assert numbers.balance == numbers.balance
            assert numbers.survey is None or all(1 <= a <= 7 for a in numbers.survey)

    @invariant()
    def after_another_incident_only_the_lead_closes(self):
        if not self.position("evaluated") or outcome(self.case).state != "repaired":
            return
        evaluated = self.log[self.position("evaluated")[0]]
        near = [o for o in self.others if o <= evaluated.on and abs((o - DAY).days) <= 365]
        poor = evaluated.evaluation.balance < 0 or min(evaluated.evaluation.survey or (7,)) < 4
        if near or poor:
            lead = self.log[self.position("lead_repaired")[0]]
            assert lead.words["note"].strip()

    @invariant()
    def deposits_never_exceed_the_withdrawal_and_need_the_customer(self):
        if not hasattr(self, "case"):
            return
        made = deposits(self.case, self.withdrawal, policy=POLICY, recorded=self.today)
        if not self.position("confirmed"):
            assert made == ()
        sums = dict.fromkeys(DIMENSIONS, 0.0)
        for entry in made:
            for posting in entry.postings:
                assert posting.points > 0
                sums[posting.dimension] += posting.points
        taken = {p.dimension: -p.points for p in self.withdrawal}
        for dimension, points in sums.items():
            assert points <= max(taken.get(dimension, 0.0), 0.0)
        assert sum(sums.values()) <= max(sum(taken.values()), 0.0)

    @invariant()
    def what_failed_is_a_withdrawal_and_nothing_else_is(self):
        if hasattr(self, "case"):
            posted = failure(self.case, policy=POLICY, recorded=self.today)
            assert (posted is not None) == bool(self.position("failed"))


TestNobodyReachesAForbiddenState = Anyone.TestCase
TestNobodyReachesAForbiddenState.settings = settings(
    max_examples=150, stateful_step_count=12, deadline=None
)


def test_a_good_case_ends_repaired_by_itself():
    case = until("evaluated")
    assert [f.act for f in case.facts] == list(ORDER)
    assert outcome(case).state == "repaired"
    assert outcome(case).since == DAY + timedelta(days=90)
    assert outcome(case).is_closed


def test_a_case_waits_for_the_lead_when_another_incident_lies_within_twelve_months():
    case = until("evaluated", other_incidents=(date(2025, 3, 2),))
    assert outcome(case).state == "awaiting_lead"
    assert "12 Monaten" in outcome(case).text.de
    closed = after(case, fact("lead_repaired", LATE))
    assert (outcome(closed).state, outcome(closed).since) == ("repaired", LATE)
    assert outcome(after(case, fact("lead_not_repaired", LATE))).state == "not_repaired"


@pytest.mark.parametrize("other", [date(2025, 3, 1), date(2027, 3, 3)])
def test_an_incident_further_away_does_not_matter(other):
    assert outcome(until("evaluated", other_incidents=(other,))).state == "repaired"


def test_what_closed_stays_closed_when_another_incident_comes_later():
    case = until("evaluated", other_incidents=(DAY + timedelta(days=91),))
    assert outcome(case).state == "repaired"


@pytest.mark.parametrize(
    ("numbers", "state"),
    [
        (Evaluation(balance=0.0, threshold=0.0, survey=None), "repaired"),
        (Evaluation(balance=-0.5, threshold=0.0, survey=(7, 7, 7)), "awaiting_lead"),
        (Evaluation(balance=9.0, threshold=0.0, survey=(7, 3, 7)), "awaiting_lead"),
        (Evaluation(balance=9.0, threshold=0.0, survey=(4, 4, 4)), "repaired"),
    ],
)
def test_balance_and_survey_decide_together(numbers, state):
    case = until("confirmed")
    case = after(case, fact("evaluated", LATE, evaluation=numbers))
    assert outcome(case).state == state
    if state == "awaiting_lead":
        assert "not good yet" in outcome(case).text.en


def test_two_attempts_on_two_days_are_the_customers_wish():
    case = until("contact")
    once = after(case, fact("attempt", DAY), fact("attempt", DAY))
    assert outcome(once).state == "open"
    twice = after(once, fact("attempt", DAY + timedelta(days=1)))
    assert outcome(twice).state == "customers_wish"
    assert outcome(twice).since == DAY + timedelta(days=1)
    assert not outcome(twice).is_closed
    assert outcome(after(twice, fact("close", LATE))).state == "closed_at_wish"


def test_who_was_spoken_to_did_answer():
    case = until("contact")
    case = after(case, fact("attempt", DAY), fact("understanding", DAY + timedelta(days=1)))
    assert outcome(after(case, fact("attempt", LATE))).state == "open"


def test_a_letter_sent_in_between_is_no_answer():
    case = after(until("understanding"), fact("attempt", DAY), "apology")
    assert outcome(after(case, fact("attempt", LATE))).state == "customers_wish"


def test_a_customer_who_comes_back_is_met_where_we_were():
    case = after(until("apology"), fact("declined", LATE), fact("resumed", LATE))
    assert outcome(case).state == "open"
    assert case.done["apology"] == DAY
    assert outcome(after(case, fact("attempt", LATE))).state == "open"


def test_every_state_has_its_words():
    assert all(text.de and text.en for text in STATE_LABELS.values())
    assert {"open", "customers_wish", "awaiting_lead"} == OPEN_STATES


def test_the_breach_is_unknown_until_the_facts_stand():
    assert new_case().breach is None
    assert until("facts").breach == "able"


def test_a_light_path_ends_with_the_check_and_can_become_a_case():
    light = after(new_case(path="light"), "reason", "apology", "repair")
    assert outcome(after(light, "check")).state == "done"
    assert outcome(after(light, "escalate")).state == "escalated"
