"""The forecast: unknown is unknown, later is never less likely, and the safe date is consistent."""

import itertools
import time
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.errors import Invalid
from vertrauenskonto.core.outlook.forecast import RECORD_MIN, forecast, safe_date
from vertrauenskonto.core.outlook.learning import Tally, outlook
from vertrauenskonto.core.outlook.record import Past, Terms

MONDAY = date(2026, 3, 2)
AS_OF = date(2027, 3, 1)
ASK = Terms(kind=("repair",), made_on=AS_OF, due_on=AS_OF + timedelta(days=5), days=5)
AHEAD = [AS_OF + timedelta(days=n) for n in range(60)]


def record(n=400, *, kinds=(("repair", "heating"), ("repair", "roof"), ("call",)), seed=1):
    """Return repairs that take some five days and were promised within three to ten."""
    rng = np.random.default_rng(seed)
    rows = []
    for k in range(n):
        kind = kinds[k % len(kinds)]
        promised, taken = int(rng.integers(3, 11)), int(rng.gamma(4, 1.3))
        made = MONDAY + timedelta(days=int(rng.integers(0, 340)))
        load = int(rng.integers(0, 20))
        taken += load // 8
        rows.append(
            Past(
                terms=Terms(
                    kind=kind,
                    made_on=made,
                    due_on=made + timedelta(days=promised),
                    days=promised,
                    team=("Nord", "Süd")[k % 2],
                    open_load=load,
                ),
                kept=taken <= promised,
                days_taken=taken,
            )
        )
    return rows


def foreseen(learned, terms, **asked):
    """Return the forecast; what a test expects to be a number may be compared as one."""
    return forecast(learned, terms, **asked)


def safe(learned, terms, **asked):
    return safe_date(learned, terms, **asked)


LEARNED = outlook(record(), as_of=AS_OF)


def appointments():
    """Return visits that are kept in the morning and on all days but Friday."""
    rows = []
    for n in range(300):
        day = MONDAY + timedelta(days=n)
        for hour, kept in ((9, day.weekday() != 4), (17, n % 3 == 0)):
            terms = Terms(
                kind=("visit",), made_on=day, due_on=day, due_hour=hour, is_appointment=True
            )
            rows.append(Past(terms=terms, kept=kept, count=3))
    return outlook(rows, as_of=AS_OF)


VISITS = appointments()


@pytest.mark.parametrize("n", [0, RECORD_MIN - 1])
def test_too_little_record_is_unknown_and_no_number(n):
    rows = [Past(terms=Terms(kind=("repair",), made_on=MONDAY, due_on=MONDAY), kept=True)] * n
    others = record(100, kinds=(("call",),)) if n else []
    found = foreseen(outlook([*rows, *others], as_of=AS_OF), ASK)
    assert (found.probability, found.low, found.high) == (None, None, None)
    assert f"{n} entschiedene Zusagen" in found.because.de
    assert f"{n} decided promises" in found.because.en
    found = safe(outlook(rows, as_of=AS_OF), ASK, confidence=0.9, days=AHEAD)
    assert (found.on, found.forecast) == (None, None)
    assert found.because.en.startswith("Too little record")


def test_a_number_says_what_it_rests_on():
    found = foreseen(LEARNED, ASK)
    assert 0 < found.low < found.probability < found.high < 1
    tally = LEARNED.tallies[("repair",)]
    assert found.tally == tally
    assert found.because.de.startswith(
        f"Von {tally.n} solchen Zusagen haben wir {tally.kept} gehalten."
    )
    assert found.because.en.startswith(f"Of {tally.n} such promises we kept {tally.kept}.")


def test_a_kind_with_too_few_promises_is_told_by_the_one_above_it():
    terms = Terms(kind=("repair", "never seen"), made_on=AS_OF, due_on=AS_OF, days=5)
    assert foreseen(LEARNED, terms).tally == LEARNED.tallies[("repair",)]
    heating = Terms(kind=("repair", "heating"), made_on=AS_OF, due_on=AS_OF, days=5)
    assert foreseen(LEARNED, heating).tally == LEARNED.tallies[("repair", "heating")]


def test_a_heavy_load_lowers_it_and_is_named():
    light = Terms(kind=("repair",), made_on=AS_OF, due_on=AS_OF, days=6, team="Nord", open_load=2)
    heavy = Terms(kind=("repair",), made_on=AS_OF, due_on=AS_OF, days=6, team="Nord", open_load=60)
    assert foreseen(LEARNED, heavy).probability < foreseen(LEARNED, light).probability
    assert (
        "Dagegen spricht vor allem die offene Arbeit des Teams."
        in foreseen(LEARNED, heavy).because.de
    )
    assert "Against it: mainly what the team has open." in foreseen(LEARNED, heavy).because.en


def test_ample_time_is_named_as_a_reason_for_it():
    ample = Terms(kind=("repair",), made_on=AS_OF, due_on=AS_OF, days=10)
    assert "Dafür spricht vor allem die Zeit, die bleibt." in foreseen(LEARNED, ample).because.de


def test_the_reason_is_that_of_the_date_asked_for():
    short = Terms(kind=("repair",), made_on=AS_OF, due_on=AS_OF, days=2)
    assert "Against it: mainly how much time" in foreseen(LEARNED, short).because.en
    assert "For it: mainly how much time" in foreseen(LEARNED, short, days_instead=14).because.en


def test_a_higher_confidence_widens_the_interval_only():
    narrow, wide = (foreseen(LEARNED, ASK, confidence=c) for c in (0.8, 0.99))
    assert narrow.probability == wide.probability
    assert wide.low < narrow.low < narrow.high < wide.high


def test_what_was_never_seen_widens_the_interval():
    known = Terms(kind=("repair",), made_on=AS_OF, due_on=AS_OF, days=5, team="Nord")
    new = Terms(kind=("repair",), made_on=AS_OF, due_on=AS_OF, days=5, team="West")
    one, two = foreseen(LEARNED, known), foreseen(LEARNED, new)
    assert two.high - two.low > one.high - one.low


@given(
    days=st.integers(0, 30) | st.none(),
    kind=st.sampled_from([("repair",), ("repair", "heating"), ("repair", "new"), ("call",)]),
    load=st.integers(0, 40) | st.none(),
    team=st.sampled_from(["", "Nord", "West"]),
)
def test_a_later_date_is_never_less_likely(days, kind, load, team):
    terms = Terms(kind=kind, made_on=AS_OF, due_on=AS_OF, days=days, team=team, open_load=load)
    found = [foreseen(LEARNED, terms, days_instead=n).probability for n in range(40)]
    assert all(b >= a - 1e-12 for a, b in itertools.pairwise(found))
    proposed = [
        foreseen(
            LEARNED,
            Terms(kind=kind, made_on=AS_OF, due_on=d, days=n, team=team, open_load=load),
        ).probability
        for n, d in enumerate(AHEAD[:40])
    ]
    assert all(b >= a - 1e-12 for a, b in itertools.pairwise(proposed))


def test_the_proposed_date_instead_of_itself_changes_nothing():
    assert foreseen(LEARNED, ASK, days_instead=5).probability == pytest.approx(
        foreseen(LEARNED, ASK).probability
    )


@given(confidence=st.floats(0.05, 0.97), days=st.integers(0, 15) | st.none())
def test_the_safe_date_is_the_first_that_reaches_the_confidence(confidence, days):
    terms = Terms(kind=("repair",), made_on=AS_OF, due_on=AS_OF, days=days)
    found = safe(LEARNED, terms, confidence=confidence, days=AHEAD)
    likely = [foreseen(LEARNED, terms, days_instead=n).probability for n in range(len(AHEAD))]
    enough = [AHEAD[n] for n, p in enumerate(likely) if p >= confidence]
    assert found.on == (enough[0] if enough else None)
    if enough:
        assert found.forecast.probability >= confidence
        assert found.because == found.forecast.because


@given(low=st.floats(0.05, 0.9), more=st.floats(0, 0.09))
def test_more_confidence_is_never_earlier(low, more):
    first = safe(LEARNED, ASK, confidence=low, days=AHEAD).on
    second = safe(LEARNED, ASK, confidence=low + more, days=AHEAD).on
    assert second is None or first <= second


def test_a_confidence_that_no_day_reaches_says_so():
    found = safe(LEARNED, ASK, confidence=0.9999, days=AHEAD)
    assert (found.on, found.forecast) == (None, None)
    assert found.because.en.startswith("None of the 60 days looked at reaches 100%")
    assert "60 geprüften Tage" in found.because.de


@pytest.mark.parametrize("confidence", [0, 1, 1.2, -0.1])
def test_a_confidence_must_lie_between_0_and_1(confidence):
    with pytest.raises(Invalid, match="does not lie between 0 and 1"):
        safe(LEARNED, ASK, confidence=confidence, days=AHEAD)


def test_where_nobody_recorded_how_long_it_took_there_is_no_safe_date():
    rows = [Past(terms=row.terms, kept=row.kept) for row in record()]
    learned = outlook(rows, as_of=AS_OF)
    assert foreseen(learned, ASK).probability is not None
    assert foreseen(learned, ASK, days_instead=50) == foreseen(learned, ASK)
    found = safe(learned, ASK, confidence=0.5, days=AHEAD)
    assert found.on is None
    assert "how long it took" in found.because.en


def test_an_appointment_s_safe_day_is_one_that_goes_well():
    friday = next(day for day in AHEAD if day.weekday() == 4)
    terms = Terms(kind=("visit",), made_on=AS_OF, due_on=friday, due_hour=9, is_appointment=True)
    assert foreseen(VISITS, terms).probability < 0.5
    assert "der Wochentag" in foreseen(VISITS, terms).because.de
    assert foreseen(VISITS, terms, days_instead=50) == foreseen(VISITS, terms)
    days = [friday + timedelta(days=n) for n in range(7)]
    assert safe(VISITS, terms, confidence=0.8, days=days).on == friday + timedelta(days=1)


def test_an_hour_that_goes_badly_is_named():
    terms = Terms(kind=("visit",), made_on=AS_OF, due_on=AS_OF, due_hour=17, is_appointment=True)
    assert "Against it: mainly the hour." in foreseen(VISITS, terms).because.en


def test_where_everything_is_as_usual_no_reason_is_named():
    rows = [
        Past(terms=Terms(kind=("repair",), made_on=MONDAY, due_on=MONDAY), kept=kept, count=50)
        for kept in (True, False)
    ]
    found = foreseen(outlook(rows, as_of=AS_OF), ASK)
    assert found.because.en == "Of 100 such promises we kept 50."
    assert found.probability == pytest.approx(0.5, abs=0.01)


def test_a_small_record_is_drawn_to_what_all_have_in_common():
    rows = [
        Past(terms=Terms(kind=kind, made_on=MONDAY + timedelta(days=n), due_on=MONDAY), kept=kept)
        for kind, kept, count in (
            (("call",), True, 160),
            (("call",), False, 40),
            (("repair",), True, RECORD_MIN),
        )
        for n in range(count)
    ]
    found = foreseen(outlook(rows, as_of=AS_OF), ASK)
    assert 0.8 < found.probability < 0.97, "ten of ten are not 100 per cent"
    assert found.low < 0.8


def test_one_forecast_is_cheap_after_a_hundred_thousand_rows():
    rows = [
        Past(terms=row.terms, kept=row.kept, days_taken=row.days_taken, count=250)
        for row in record(400)
    ]
    learned = outlook(rows, as_of=AS_OF)
    assert learned.tallies[()] == Tally(
        kept=250 * LEARNED.tallies[()].kept, n=250 * LEARNED.tallies[()].n
    )
    started = time.perf_counter()
    for _ in range(100):
        foreseen(learned, ASK)
    # Some 0.1 ms each; the bound leaves room for a busy machine.
    assert time.perf_counter() - started < 1
