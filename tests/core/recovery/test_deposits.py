"""What a case books: for deeds the customer confirmed, and never more than was taken."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.core.recovery.cases import DAY, LATE, POLICY, after, fact, new_case, until

from vertrauenskonto.core.ledger.booking import RECOVERY_CAP, REMARKS
from vertrauenskonto.core.ledger.entries import DIMENSIONS, Posting
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.recovery.deposits import deposits, failure

cents = st.integers(-4000, 1000).filter(bool).map(lambda n: n / 100)
postings = st.lists(st.builds(Posting, st.sampled_from(DIMENSIONS), cents), max_size=4)


def booked(case, *withdrawal, before=(), policy=POLICY):
    made = deposits(case, withdrawal, policy=policy, recorded=LATE, booked=before)
    return [(e.kind.removeprefix("recovery_"), points(e), e.remark) for e in made]


def points(entry):
    return {p.dimension: p.points for p in entry.postings}


def test_a_heavy_breach_earns_all_deposits_on_the_days_of_the_deeds():
    case = after(until("talk"), fact("repair"), fact("prevention", DAY + timedelta(days=5)))
    case = after(case, fact("confirmed", DAY + timedelta(days=9)))
    lie = (Posting("willing", -40), Posting("able", -10), Posting("assessable", -10))
    assert booked(case, *lie) == [
        ("repair_done", {"willing": 5, "able": 5}, ""),
        ("prevention_done", {"willing": 5, "assessable": 3}, ""),
        ("customer_confirmed", {"assessable": 5}, ""),
    ]
    made = deposits(case, lie, policy=POLICY, recorded=LATE, target="person:anna")
    assert [(e.on - DAY).days for e in made] == [0, 5, 9]
    assert {e.target for e in made} == {"person:anna"}
    assert [e.id for e in made] == [
        "recovery:c1:repair",
        "recovery:c1:prevention",
        "recovery:c1:confirmed",
    ]
    assert all(e.contact and e.recorded == LATE for e in made)


def test_what_exceeds_the_withdrawal_is_cut_and_says_so():
    assert booked(until("confirmed"), Posting("willing", -5), Posting("able", -8)) == [
        ("repair_done", {"willing": 5, "able": 5}, ""),
        ("prevention_done", {}, RECOVERY_CAP),
        ("customer_confirmed", {}, RECOVERY_CAP),
    ]
    assert REMARKS[RECOVERY_CAP].de


def test_what_the_incident_also_earned_lessens_what_can_be_made_good():
    made = booked(until("confirmed"), Posting("able", -3), Posting("assessable", 3))
    assert [p for _, p, _ in made] == [{}, {}, {}]


def test_without_a_withdrawal_there_is_nothing_to_make_good():
    assert [p for _, p, _ in booked(until("confirmed"))] == [{}, {}, {}]


def test_another_case_of_the_same_incident_counts():
    before = (Posting("willing", 5), Posting("able", 5))
    made = booked(until("confirmed"), Posting("willing", -10), Posting("able", -5), before=before)
    assert [p for _, p, _ in made] == [{"willing": 5}, {}, {}]


def test_nothing_is_earned_before_the_customer_confirmed_at_their_wish_or_on_a_light_path():
    taken = Posting("willing", -40)
    assert booked(until("prevention"), taken) == []
    assert booked(after(until("prevention"), "declined", "close"), taken) == []
    assert booked(after(new_case(path="light"), "reason", "apology", "repair"), taken) == []


def test_a_policy_without_these_kinds_books_nothing():
    empty = Policy(name="empty")
    failed = after(until("contact"), "failed")
    assert booked(until("confirmed"), Posting("able", -9), policy=empty) == []
    assert failure(failed, policy=empty, recorded=LATE) is None


def test_what_failed_is_booked_on_its_day():
    failed = after(until("prevention"), fact("failed", DAY + timedelta(days=30)))
    made = failure(failed, policy=POLICY, recorded=LATE)
    assert (made.id, made.kind, made.on) == (
        "recovery:c1:failed",
        "recovery_failed",
        DAY + timedelta(days=30),
    )
    assert points(made) == {"willing": -10, "able": -10}
    assert failure(until("evaluated"), policy=POLICY, recorded=LATE) is None


@given(withdrawal=postings, before=postings)
def test_the_sum_never_exceeds_what_was_taken(withdrawal, before):
    before = [Posting(p.dimension, abs(p.points)) for p in before]
    made = deposits(until("confirmed"), withdrawal, policy=POLICY, recorded=LATE, booked=before)
    new = [p for e in made for p in e.postings]
    for dimension in DIMENSIONS:
        earned = sum(p.points for p in new if p.dimension == dimension)
        taken = -sum(p.points for p in withdrawal if p.dimension == dimension and p.points < 0)
        other = sum(p.points for p in before if p.dimension == dimension)
        assert earned == 0 or earned + other <= taken + 1e-9
    earned, other = sum(p.points for p in new), sum(p.points for p in before)
    assert earned == 0 or earned + other <= -sum(p.points for p in withdrawal) + 1e-9
