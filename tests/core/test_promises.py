"""Promises as a fold: what each ends as, what is booked, and what no sequence of steps can do."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.errors import Conflict, Invalid, TrustError
from vertrauenskonto.core.ledger.kinds import PROMISE_LADDER
from vertrauenskonto.core.promises import (
    AHEAD,
    KINDS,
    LADDER,
    LAPSE_DAYS,
    LATE_MINUTES_MIN,
    OPEN,
    RENEGOTIATED,
    SORTS,
    STATES,
    Booking,
    Step,
    begun,
    bookings,
    kind_of,
    lapsed,
    standing,
    taken,
)
from vertrauenskonto.importers.policy import read_policy

ZONE = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)
FRIDAY = datetime(2026, 3, 6, 17, 0, tzinfo=ZONE)
MINUTE = timedelta(minutes=1)


def step(what, at, due=None, late_minutes=0):
    return Step(what=what, at=at, on=at.astimezone(ZONE).date(), due=due, late_minutes=late_minutes)


MADE = step("made", MONDAY, FRIDAY)


def ended(*steps, sort="promise"):
    return standing(sort, [MADE, *steps]).outcome, bookings(sort, [MADE, *steps])


# -- what each ends as ---------------------------------------------------------------------------


def test_done_in_time_is_kept_to_the_last_instant():
    assert ended(step("done", FRIDAY)) == ("kept", (Booking("promise_kept", FRIDAY.date()),))
    late = FRIDAY + timedelta(microseconds=1)
    assert ended(step("done", late))[0] == "late_silent"


@pytest.mark.parametrize(
    ("told", "done", "outcome", "kind"),
    [
        (FRIDAY, FRIDAY + MINUTE, "late_with_notice", "promise_late_with_notice"),
        (FRIDAY + MINUTE, FRIDAY + 2 * MINUTE, "late_silent", "promise_late_silent"),
        (FRIDAY - MINUTE, FRIDAY, "kept", "promise_kept"),
    ],
    ids=["told in time", "apologised after", "told, and kept after all"],
)
def test_only_what_was_said_before_the_date_is_notice(told, done, outcome, kind):
    assert ended(step("told", told), step("done", done)) == (
        outcome,
        (Booking(kind, done.date()),),
    )


def test_an_apology_afterwards_changes_nothing():
    missed = standing("promise", [MADE])
    apologised, booked = taken(missed, step("told", FRIDAY + MINUTE))
    assert (apologised, booked) == (missed, ())
    assert ended(step("told", FRIDAY + MINUTE), step("given_up", FRIDAY + 2 * MINUTE))[0] == (
        "broken_silent"
    )


def test_the_first_notice_counts():
    twice = standing("promise", [MADE, step("told", MONDAY + MINUTE), step("told", FRIDAY)])
    assert twice.told_at == MONDAY + MINUTE


def test_giving_up_needs_that_the_customer_was_told_or_the_date_is_over():
    with pytest.raises(Conflict) as refused:
        standing("promise", [MADE, step("given_up", FRIDAY)])
    assert "2026-03-06 17:00" in refused.value.text.en
    assert "06.03.2026 17:00" in refused.value.text.de
    told = ended(step("told", MONDAY + MINUTE), step("given_up", MONDAY + 2 * MINUTE))
    assert told == (
        "broken_with_notice",
        (Booking("promise_broken_with_notice", MONDAY.date()),),
    )


def test_a_new_date_agreed_before_the_old_one_starts_anew():
    later = FRIDAY + timedelta(days=7)
    moved = standing("promise", [MADE, step("told", MONDAY + MINUTE), step("at_risk", FRIDAY)])
    assert moved.state(FRIDAY) == "at_risk"
    moved, booked = taken(moved, step("renegotiated", FRIDAY, later))
    assert booked == (Booking(RENEGOTIATED, FRIDAY.date()),)
    assert (moved.due, moved.told_at, moved.is_at_risk, moved.renegotiated) == (
        later,
        None,
        False,
        1,
    )
    # The notice was about the old date: the new one is missed silently if nobody says so again.
    assert taken(moved, step("done", later + MINUTE))[0].outcome == "late_silent"
    assert ended(step("renegotiated", FRIDAY, later), step("done", later)) == (
        "kept",
        (Booking(RENEGOTIATED, FRIDAY.date()), Booking("promise_kept", later.date())),
    )


def test_after_the_date_nothing_is_renegotiated_in_time():
    with pytest.raises(Conflict, match="was due on 2026-03-06 17:00"):
        standing("promise", [MADE, step("renegotiated", FRIDAY + MINUTE, FRIDAY + 9 * MINUTE)])


def test_a_new_date_is_given_and_another_one():
    with pytest.raises(Invalid, match="newly agreed date is missing"):
        standing("promise", [MADE, step("renegotiated", FRIDAY)])
    with pytest.raises(Invalid, match="the old one"):
        standing("promise", [MADE, step("renegotiated", MONDAY + MINUTE, FRIDAY)])
    with pytest.raises(Invalid, match="not after 2026-03-06 17:00"):
        standing("promise", [MADE, step("renegotiated", FRIDAY, MONDAY)])
    earlier = FRIDAY - timedelta(days=1)
    moved = standing("promise", [MADE, step("renegotiated", MONDAY + MINUTE, earlier)])
    assert moved.due == earlier


def test_withdrawn_by_the_customer_books_nothing_and_does_not_undo_a_miss():
    assert ended(step("withdrawn", FRIDAY)) == ("withdrawn", ())
    with pytest.raises(Conflict, match="broken all the same"):
        standing("promise", [MADE, step("withdrawn", FRIDAY + MINUTE)])


def test_a_promise_nobody_kept_lapses_as_broken_on_its_date():
    missed = standing("promise", [MADE])
    limit = FRIDAY + timedelta(days=LAPSE_DAYS)
    assert missed.lapses_at == limit
    assert lapsed(missed, limit - MINUTE, FRIDAY.date()) is None
    over = lapsed(missed, limit + MINUTE, FRIDAY.date())
    assert over == Step(what="given_up", at=limit, on=FRIDAY.date())
    assert taken(missed, over)[1] == (Booking("promise_broken_unannounced", FRIDAY.date()),)
    kept = standing("promise", [MADE, step("done", FRIDAY)])
    assert lapsed(kept, limit + MINUTE, FRIDAY.date()) is None


@pytest.mark.parametrize(
    ("minutes", "outcome", "kind"),
    [
        (0, "kept", "appointment_kept"),
        (LATE_MINUTES_MIN - 1, "kept", "appointment_kept"),
        (LATE_MINUTES_MIN, "late_silent", "appointment_late"),
    ],
)
def test_an_appointment_is_late_by_its_minutes_not_by_its_end(minutes, outcome, kind):
    held = step("done", FRIDAY + timedelta(hours=1), late_minutes=minutes)
    assert ended(held, sort="appointment") == (outcome, (Booking(kind, FRIDAY.date()),))


def test_an_appointment_goes_down_the_same_ladder():
    told = step("told", FRIDAY - MINUTE)
    late = step("done", FRIDAY + MINUTE, late_minutes=30)
    gone = step("given_up", FRIDAY + MINUTE)
    assert ended(told, late, sort="appointment")[0] == "late_with_notice"
    assert ended(told, gone, sort="appointment")[0] == "broken_with_notice"
    assert ended(gone, sort="appointment") == (
        "broken_silent",
        (Booking("appointment_missed_unannounced", FRIDAY.date()),),
    )
    with pytest.raises(Invalid, match="-5 minutes late"):
        standing("appointment", [MADE, step("done", FRIDAY, late_minutes=-5)])


def test_an_outcome_is_corrected_before_another_is_given():
    done = [MADE, step("done", FRIDAY)]
    with pytest.raises(Conflict, match="correct the outcome first"):
        standing("promise", [*done, step("withdrawn", FRIDAY)])
    again = [*done, step("corrected", FRIDAY + MINUTE), step("done", FRIDAY + MINUTE)]
    assert standing("promise", again).outcome == "late_silent"
    assert bookings("promise", again) == (Booking("promise_late_silent", FRIDAY.date()),)
    with pytest.raises(Conflict, match="still open"):
        standing("promise", [MADE, step("corrected", FRIDAY)])


def test_correcting_leaves_what_was_renegotiated():
    later = FRIDAY + timedelta(days=1)
    steps = [
        MADE,
        step("renegotiated", FRIDAY, later),
        step("withdrawn", FRIDAY),
        step("corrected", FRIDAY),
    ]
    assert bookings("promise", steps) == (Booking(RENEGOTIATED, FRIDAY.date()),)


# -- the customer's own wish ---------------------------------------------------------------------


def test_a_date_moved_at_the_customers_wish_costs_nothing_and_is_worth_as_much():
    later = FRIDAY + timedelta(days=4)
    moved, booked = taken(begun("promise", MADE), step("moved", FRIDAY, later))
    assert booked == ()
    assert (moved.due, moved.renegotiated, moved.told_at) == (later, 0, None)
    assert ended(step("moved", FRIDAY, later), step("done", later)) == (
        "kept",
        (Booking("promise_kept", later.date()),),
    )
    with pytest.raises(Conflict, match="cannot be renegotiated in time"):
        standing("promise", [MADE, step("moved", FRIDAY + MINUTE, later)])


def test_after_we_told_the_customer_another_date_is_no_wish_of_theirs():
    told = standing("appointment", [MADE, step("told", MONDAY)])
    with pytest.raises(Conflict, match="told already"):
        taken(told, step("moved", FRIDAY, FRIDAY + MINUTE))


def test_a_customer_who_is_not_there_costs_nobody_anything():
    outcome, booked = ended(step("absent", FRIDAY), sort="appointment")
    assert (outcome, booked) == ("withdrawn", ())
    with pytest.raises(Conflict, match="begins on"):
        standing("appointment", [MADE, step("absent", FRIDAY - MINUTE)])
    with pytest.raises(Conflict, match="only be absent from an appointment"):
        standing("promise", [MADE, step("absent", FRIDAY)])


# -- making one ----------------------------------------------------------------------------------


def test_a_promise_has_a_date_after_it_was_made():
    with pytest.raises(Invalid, match="needs a date"):
        begun("promise", step("made", MONDAY))
    with pytest.raises(Invalid, match="not after"):
        begun("promise", step("made", MONDAY, MONDAY))
    with pytest.raises(Invalid, match="more than ten years"):
        begun("promise", step("made", MONDAY, MONDAY + AHEAD + MINUTE))
    with pytest.raises(Invalid, match="needs a date"):
        begun("promise", step("done", MONDAY, FRIDAY))
    with pytest.raises(Conflict, match="made already"):
        standing("promise", [MADE, step("made", MONDAY, FRIDAY)])
    with pytest.raises(Invalid, match="did not exist yet"):
        standing("promise", [MADE, step("done", MONDAY - MINUTE)])


def test_states_until_it_is_over():
    fresh = standing("promise", [MADE])
    assert fresh.state(FRIDAY) == "open"
    assert fresh.state(FRIDAY + MINUTE) == "overdue"
    # An appointment goes on until it ends.
    assert fresh.state(FRIDAY + MINUTE, ends=FRIDAY + 60 * MINUTE) == "open"
    assert fresh.state(FRIDAY + 61 * MINUTE, ends=FRIDAY + 60 * MINUTE) == "overdue"
    risky = standing("promise", [MADE, step("at_risk", MONDAY)])
    assert risky.state(FRIDAY) == "at_risk"
    safe = standing("promise", [MADE, step("at_risk", MONDAY), step("safe_again", FRIDAY)])
    assert safe.state(FRIDAY) == "open"
    told = standing("promise", [MADE, step("told", MONDAY)])
    assert told.state(FRIDAY) == "at_risk"
    kept = standing("promise", [MADE, step("done", FRIDAY)])
    assert kept.state(FRIDAY + MINUTE) == "kept"
    assert set(STATES) == {*OPEN, *LADDER, "withdrawn"}


# -- the policy ----------------------------------------------------------------------------------


def test_the_ladder_is_the_policys():
    ladder = [KINDS["promise"][outcome] for outcome in LADDER]
    assert ladder == [kind for kind in PROMISE_LADDER if kind != RENEGOTIATED]
    policy = read_policy("default").versions[-1]
    for sort in SORTS:
        assert set(KINDS[sort]) == set(LADDER)
        for outcome in LADDER:
            booking = Booking(KINDS[sort][outcome], FRIDAY.date())
            assert kind_of(booking, is_first_contact=False) in policy.kinds
            assert kind_of(booking, is_first_contact=True) == f"first_contact_{booking.kind}"
            assert kind_of(booking, is_first_contact=True) in policy.kinds


# -- what no sequence of steps can do ---------------------------------------------------------------

WHATS = [
    "at_risk",
    "safe_again",
    "told",
    "renegotiated",
    "moved",
    "done",
    "given_up",
    "withdrawn",
    "absent",
]
NEW_DATES = ("renegotiated", "moved")
steps_at_any_time = st.lists(
    st.builds(
        lambda what, hours, ahead: step(
            what,
            MONDAY + timedelta(hours=hours),
            MONDAY + timedelta(hours=hours + ahead) if what in NEW_DATES else None,
        ),
        st.sampled_from([*WHATS, "corrected"]),
        st.integers(0, 24 * 60),
        st.integers(-5, 24 * 20),
    ),
    max_size=12,
)


@given(st.sampled_from(SORTS), steps_at_any_time)
def test_no_sequence_reaches_a_forbidden_state(sort, wished):
    now = begun(sort, MADE)
    taken_steps: list[Step] = []
    for wish in sorted(wished, key=lambda s: s.at):
        try:
            now, booked = taken(now, wish)
        except TrustError:
            continue
        taken_steps.append(wish)
        assert len(booked) <= 1
    assert standing(sort, [MADE, *taken_steps]) == now
    _assert_honest(sort, now, taken_steps)


def _assert_honest(sort, now, steps):
    """Judge the outcome by the log alone, in other words than the code."""
    dates = [s for s in steps if s.what in NEW_DATES]
    due = dates[-1].due if dates else FRIDAY
    since = max((n for n, s in enumerate(steps) if s.what in NEW_DATES), default=-1)
    # A new date is never agreed once the one before was over.
    ends = [FRIDAY, *(s.due for s in dates)]
    assert all(s.at <= end for s, end in zip(dates, ends, strict=False))
    was_told = any(s.what == "told" and s.at <= due for s in steps[since + 1 :])
    assert (now.told_at is not None) == was_told
    if now.outcome in ("late_with_notice", "broken_with_notice"):
        assert was_told
    if now.outcome in ("late_silent", "broken_silent"):
        assert not was_told
    if now.outcome == "broken_silent":
        assert now.ended_at > due
    if now.outcome == "withdrawn":
        was_absent = steps[-1].what == "absent"
        assert now.ended_at >= due if was_absent else now.ended_at <= due
        assert sort == "appointment" or not was_absent
    if sort == "promise" and now.outcome == "kept":
        assert now.ended_at <= due
    ours = [s for s in dates if s.what == "renegotiated"]
    assert now.renegotiated == len(ours)
    assert sum(b.kind == RENEGOTIATED for b in bookings(sort, [MADE, *steps])) == len(ours)
    others = [b for b in bookings(sort, [MADE, *steps]) if b.kind != RENEGOTIATED]
    assert len(others) == (now.outcome is not None and now.outcome != "withdrawn")


def test_day_and_instant_are_the_customers():
    utc = MONDAY.astimezone(UTC)
    assert begun("promise", step("made", utc, FRIDAY.astimezone(UTC))) == begun("promise", MADE)
