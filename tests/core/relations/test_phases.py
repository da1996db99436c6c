"""Phases: read as a story, and proved for every order of facts."""

from datetime import date, timedelta
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.errors import Invalid
from vertrauenskonto.core.relations.phases import NAMES, PHASES, WHATS, Fact, PhaseRules, phases

FIRST = date(2026, 1, 1)
RULES = PhaseRules(building_kept_min=1, keeping_kept_min=3)


def facts(story):
    """Return the facts of a story: `1 first_contact`, `9 breach case`; days count from 1 January."""
    found = []
    for line in story.strip().splitlines():
        day, what, *names = line.split()
        found.append(
            Fact(
                on=FIRST + timedelta(days=int(day) - 1),
                what="event" if what == "contact" else what,
                is_contact=what in ("contact", "first_contact"),
                breach=names[0] if names else "",
            )
        )
    return found


def told(story, rules=RULES):
    """Return the phases with the day of the year on which each was entered."""
    return [(s.phase, (s.since - FIRST).days + 1) for s in phases(facts(story), rules)]


KEEPING = """
1 contact
2 promise_kept
3 promise_kept
4 buffer_reached
5 promise_kept
"""


def test_before_the_first_contact_there_is_no_relationship():
    assert phases([]) == ()
    assert told("1 event\n2 promise_kept\n3 breach a") == []


def test_a_relationship_is_won_built_and_kept():
    assert told(KEEPING) == [("winning", 1), ("building", 2), ("keeping", 5)]


def test_each_phase_says_why_in_both_languages():
    because = [s.because for s in phases(facts(KEEPING), RULES)]
    assert [b.en for b in because] == [
        "The first contact has taken place.",
        "1 promise has been kept.",
        "3 promises have been kept. The buffer has been reached.",
    ]
    assert because[2].de == "3 Zusagen sind gehalten. Der Puffer ist erreicht."


def test_without_the_buffer_it_stays_in_building_until_it_comes():
    story = "1 contact\n2 promise_kept\n3 promise_kept\n4 promise_kept"
    assert told(story)[-1] == ("building", 2)
    assert told(story + "\n9 buffer_reached")[-1] == ("keeping", 9)
    assert told(story + "\n9 buffer_reached\n9 buffer_lost")[-1] == ("building", 2)


def test_a_buffer_that_is_lost_again_ends_no_phase():
    assert told(KEEPING + "9 buffer_lost")[-1] == ("keeping", 5)


def test_several_phases_may_be_passed_on_one_day():
    assert told("1 contact\n1 promise_kept\n1 promise_kept\n1 promise_kept\n1 buffer_reached") == [
        ("keeping", 1)
    ]


def test_the_standing_of_today_carries_what_happened_since_it_was_entered():
    last = phases(facts(KEEPING + "20 promise_kept"), RULES)[-1]
    assert (last.phase, last.kept, last.has_buffer) == ("keeping", 4, True)


def test_a_breach_is_repaired_and_the_phase_before_returns():
    story = KEEPING + "9 breach a\n12 promise_kept\n30 repaired a"
    assert told(story)[2:] == [("keeping", 5), ("repairing", 9), ("keeping", 30)]
    standing = phases(facts(story), RULES)[3]
    assert (standing.before, standing.kept, standing.breaches) == ("keeping", 4, {"a"})


def test_repairing_ends_with_the_last_breach():
    story = KEEPING + "9 breach a\n10 breach b\n20 repaired a"
    assert told(story)[-1] == ("repairing", 9)
    assert told(story + "\n25 repaired b")[-1] == ("keeping", 25)


def test_what_is_left_unrepaired_must_be_built_anew():
    story = KEEPING + "9 breach a\n10 breach b\n20 left_unrepaired a\n30 repaired b"
    assert told(story)[-1] == ("building", 30)
    ended_by = KEEPING + "9 breach a\n20 left_unrepaired a"
    last = phases(facts(ended_by), RULES)[-1]
    assert (last.phase, last.because.en) == (
        "building",
        "The case is over without repair: trust must be built anew.",
    )
    early = "1 contact\n9 breach a\n20 left_unrepaired a"
    assert told(early)[-1] == ("winning", 20)


def test_repairing_something_else_changes_nothing():
    assert told(KEEPING + "9 breach a\n20 repaired b\n21 left_unrepaired c")[-1] == ("repairing", 9)


def test_the_end_is_final_until_a_new_first_contact():
    story = KEEPING + "9 ended\n10 contact\n11 promise_kept\n12 breach a\n13 buffer_reached"
    assert told(story)[-1] == ("ended", 9)
    again = phases(facts(story + "\n40 first_contact"), RULES)[-1]
    assert (again.phase, again.kept, again.has_buffer) == ("winning", 0, False)


def test_who_comes_back_with_an_open_breach_is_met_by_repairing():
    story = KEEPING + "9 breach a\n10 ended\n40 first_contact\n50 repaired a"
    assert told(story)[3:] == [
        ("repairing", 9),
        ("ended", 10),
        ("repairing", 40),
        ("winning", 50),
    ]


def test_an_end_and_a_beginning_on_one_day_is_an_end():
    assert told("1 first_contact\n1 ended") == [("ended", 1)]


@pytest.mark.parametrize(("building", "keeping"), [(0, 5), (3, 2), (-1, -1)])
def test_rules_that_no_relationship_could_pass_are_refused(building, keeping):
    with pytest.raises(Invalid, match="don't fit"):
        PhaseRules(building_kept_min=building, keeping_kept_min=keeping)


def test_every_phase_has_a_name():
    assert set(NAMES) == set(PHASES)


FACTS = st.lists(
    st.builds(
        Fact,
        on=st.integers(0, 8).map(lambda n: FIRST + timedelta(days=n)),
        what=st.sampled_from(WHATS),
        is_contact=st.booleans(),
        breach=st.sampled_from("ab"),
    ),
    max_size=14,
)


@given(data=st.data(), rows=FACTS)
def test_the_order_of_facts_changes_nothing(data, rows):
    assert phases(rows, RULES) == phases(data.draw(st.permutations(rows)), RULES)


def test_every_order_of_one_day_says_the_same():
    day = facts("5 breach a\n5 repaired a\n5 promise_kept\n5 buffer_reached\n5 buffer_lost")
    before = facts("1 contact\n2 promise_kept\n3 promise_kept")
    assert len({phases([*before, *order], RULES) for order in permutations(day)}) == 1


@given(rows=FACTS)
def test_what_is_known_later_does_not_change_what_was(rows):
    known = [row for row in rows if row.on < FIRST + timedelta(days=4)]
    earlier, all_of_them = phases(known, RULES), phases(rows, RULES)
    assert [(s.phase, s.since) for s in all_of_them[: len(earlier)]] == [
        (s.phase, s.since) for s in earlier
    ]


@given(rows=FACTS)
def test_repairing_returns_to_the_phase_before_and_an_end_is_final(rows):
    course = phases(rows, RULES)
    for was, now in pairwise(course):
        assert was.since < now.since
        if was.phase == "ended":
            # Begun anew; it may end again on the very day.
            assert now.phase in ("winning", "repairing", "building", "keeping", "ended")
            assert any(f.what == "first_contact" and f.on == now.since for f in rows)
        if was.phase == "repairing" and now.phase != "ended":
            assert now.phase == now.before
            assert not now.breaches
        if now.phase == "repairing":
            assert now.breaches
