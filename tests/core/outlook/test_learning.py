"""What the record teaches: what counts, what leans, and what is left out."""

from datetime import date, timedelta
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.outlook.learning import (
    FACTORS,
    LEVEL_MIN,
    LEVELS_MAX,
    Tally,
    factor_levels,
    outlook,
)
from vertrauenskonto.core.outlook.record import Past, Terms
from vertrauenskonto.core.stats.logistic import NO_LEVEL

MONDAY = date(2026, 3, 2)
AS_OF = date(2026, 12, 1)


def past(kept, *, count=1, days_taken=None, is_done=True, **terms):
    made = terms.setdefault("made_on", MONDAY)
    terms.setdefault("kind", ("repair",))
    terms.setdefault("due_on", made + timedelta(days=terms.get("days") or 0))
    return Past(
        terms=Terms(**terms), kept=kept, count=count, days_taken=days_taken, is_done=is_done
    )


def coefficient(found, factor, level):
    place = found.levels[FACTORS.index(factor)][level]
    return found.fit.coefficients[found.fit.starts[FACTORS.index(factor)] + place]


def test_an_appointment_has_the_calendar_of_its_hour_everything_else_that_of_the_promise():
    made, due = MONDAY, date(2026, 4, 3)
    by = Terms(kind=("repair", "heating"), made_on=made, due_on=due, due_hour=9)
    assert factor_levels(by) == (
        ("repair",),
        ("repair", "heating"),
        None,
        None,
        (False, 0),
        (False, 3),
        None,
    )
    at = Terms(
        kind=("visit", "north", "roof"),
        made_on=made,
        due_on=due,
        due_hour=9,
        team="Nord",
        is_appointment=True,
    )
    assert factor_levels(at)[2:] == (("visit", "north", "roof"), "Nord", (True, 4), (True, 4), 9)


def test_only_what_was_due_counts_as_kept_or_not():
    tomorrow = AS_OF + timedelta(days=1)
    rows = [
        past(True, count=30),
        past(None, count=7),
        past(True, count=9, due_on=tomorrow),
        past(True, count=11, due_on=AS_OF),
    ]
    found = outlook(rows, as_of=AS_OF)
    assert found.tallies == {(): Tally(kept=30, n=30), ("repair",): Tally(kept=30, n=30)}


def test_how_long_it_takes_is_learned_from_what_is_still_open_too():
    rows = [past(True, days_taken=2, days=5), past(None, days_taken=9, is_done=False, due_on=AS_OF)]
    assert outlook(rows, as_of=AS_OF).durations.n == 2


def test_without_a_record_there_is_no_fit():
    found = outlook([], as_of=AS_OF)
    assert found.fit is None
    assert found.tallies == {(): Tally(kept=0, n=0)}
    assert found.durations.n == 0


def test_rare_levels_and_those_beyond_the_limit_have_no_effect_of_their_own():
    rows = [past(True, count=LEVEL_MIN, kind=("a",)), past(False, count=LEVEL_MIN - 1, kind=("b",))]
    rows += [past(True, count=LEVEL_MIN, kind=(f"k{n:03}",)) for n in range(LEVELS_MAX)]
    found = outlook(rows, as_of=AS_OF)
    kinds = found.levels[0]
    assert len(kinds) == LEVELS_MAX
    assert ("a",) in kinds
    assert ("b",) not in kinds
    assert ("k099",) not in kinds
    assert found.places(rows[1].terms)[0] == NO_LEVEL


def test_a_kind_kept_more_often_has_the_higher_effect():
    rows = [
        past(True, count=90, kind=("good",)),
        past(False, count=10, kind=("good",)),
        past(True, count=50, kind=("bad",)),
        past(False, count=50, kind=("bad",)),
    ]
    found = outlook(rows, as_of=AS_OF)
    assert coefficient(found, "kind", ("good",)) > 0.3
    assert coefficient(found, "kind", ("bad",)) < -0.3


def test_load_is_told_against_the_team_s_usual_one():
    rows = [
        past(True, count=10, team="Nord", open_load=3),
        past(True, count=10, team="Süd", open_load=9),
        past(True, count=5),
    ]
    found = outlook(rows, as_of=AS_OF)
    assert found.usual_load == {"Nord": 3, "Süd": 9, "": 6}
    ask = rows[0].terms
    assert found.numbers(ask)[1] == 0
    assert found.numbers(rows[2].terms)[1] == 0, "unknown load says nothing"
    new_team = Terms(kind=("repair",), made_on=MONDAY, due_on=MONDAY, team="West", open_load=13)
    assert found.numbers(new_team)[1] == pytest.approx(log(14 / 7))


def test_more_load_is_never_taken_for_better():
    rows = [past(True, count=90, open_load=20), past(False, count=90, open_load=1)]
    found = outlook(rows, as_of=AS_OF)
    assert abs(found.fit.coefficients[-1]) < 1e-6
    worse = outlook(
        [past(r.kept is False, count=90, open_load=r.terms.open_load) for r in rows], as_of=AS_OF
    )
    assert worse.fit.coefficients[-1] < -0.5


def test_load_without_a_record_of_loads_says_nothing():
    found = outlook([past(True, count=20)], as_of=AS_OF)
    ask = Terms(kind=("repair",), made_on=MONDAY, due_on=MONDAY, open_load=50)
    assert found.numbers(ask) == (0.0, 0.0)


def test_an_appointment_takes_no_time():
    rows = [past(True, count=20, days=5, days_taken=3)]
    found = outlook(rows, as_of=AS_OF)
    assert found.numbers(rows[0].terms)[0] == pytest.approx(0, abs=1e-12), "the usual days"
    at = Terms(kind=("repair",), made_on=MONDAY, due_on=MONDAY, days=50, is_appointment=True)
    assert found.numbers(at)[0] == 0


def test_misses_of_one_day_that_go_together_are_noticed():
    days = [MONDAY + timedelta(days=n) for n in range(40)]
    stormy = [past(n % 4 > 0, count=20, made_on=day) for n, day in enumerate(days)]
    found = outlook(stormy, as_of=AS_OF)
    assert found.clustering > 10
    calm = [
        past(kept, count=c, made_on=day) for day in days for kept, c in ((True, 15), (False, 5))
    ]
    assert outlook(calm, as_of=AS_OF).clustering == 1


@given(
    rows=st.lists(
        st.builds(
            past,
            st.booleans(),
            count=st.integers(1, 9),
            kind=st.sampled_from([("a",), ("a", "x"), ("b",)]),
            days=st.integers(0, 9),
            days_taken=st.integers(0, 12) | st.none(),
            open_load=st.integers(0, 9) | st.none(),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_the_order_of_rows_changes_nothing_that_counts(rows):
    one, two = outlook(rows, as_of=AS_OF), outlook(rows[::-1], as_of=AS_OF)
    assert (one.tallies, one.levels, one.durations) == (two.tallies, two.levels, two.durations)
    assert one.fit.coefficients == pytest.approx(two.fit.coefficients, abs=1e-7)
