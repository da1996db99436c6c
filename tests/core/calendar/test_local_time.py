"""Local times on the two odd nights of the year: refused, asked about, or resolved by one rule."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.calendar.local_time import (
    Ambiguous,
    border,
    local_instant,
    local_instants,
    time_zone,
)
from vertrauenskonto.core.errors import Invalid

BERLIN = time_zone("Europe/Berlin")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
ZONES = ("Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kolkata")


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def test_an_ordinary_time_is_one_instant():
    assert local_instant(date(2026, 7, 1), time(9, 30), BERLIN) == utc(2026, 7, 1, 7, 30)
    assert local_instants(date(2026, 1, 1), time(9, 30), BERLIN) == (utc(2026, 1, 1, 8, 30),)


def test_a_time_that_the_clock_skips_is_refused_with_its_reason():
    assert local_instants(SPRING, time(2, 30), BERLIN) == ()
    with pytest.raises(Invalid) as refused:
        local_instant(SPRING, time(2, 30), BERLIN)
    assert refused.value.text.de == (
        "Am 29.03.2026 gibt es 02:30 Uhr in Europe/Berlin nicht, weil die Uhr umgestellt wird. "
        "Bitte wählen Sie eine andere Uhrzeit."
    )
    assert "there is no 02:30" in refused.value.text.en


def test_a_time_that_comes_twice_is_asked_about_and_not_guessed():
    both = (utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 30))
    assert local_instants(AUTUMN, time(2, 30), BERLIN) == both
    with pytest.raises(Ambiguous) as asked:
        local_instant(AUTUMN, time(2, 30), BERLIN)
    assert asked.value.instants == both
    assert "02:30 CEST (00:30 UTC) und 02:30 CET (01:30 UTC)" in asked.value.text.de
    assert "Which one is meant?" in asked.value.text.en
    assert local_instant(AUTUMN, time(2, 30), BERLIN, is_later=False) == both[0]
    assert local_instant(AUTUMN, time(2, 30), BERLIN, is_later=True) == both[1]


def test_the_edges_of_the_odd_hours_are_ordinary():
    assert len(local_instants(SPRING, time(1, 59), BERLIN)) == 1
    assert len(local_instants(SPRING, time(3, 0), BERLIN)) == 1
    assert len(local_instants(AUTUMN, time(2, 0), BERLIN)) == 2
    assert len(local_instants(AUTUMN, time(3, 0), BERLIN)) == 1


@pytest.mark.parametrize("name", ["Europe/Berlln", "", "Europe", "/etc/passwd", "../x", "a\0b"])
def test_an_unknown_zone_is_refused(name):
    with pytest.raises(Invalid) as refused:
        time_zone(name)
    assert f"'{name}'" in refused.value.text.en


def test_a_misspelt_zone_is_told_the_right_one():
    with pytest.raises(Invalid, match="Did you mean 'Europe/Berlin'"):
        time_zone("Europe/Berlln")


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1969, 12, 31), date(2100, 1, 1), date.max])
def test_a_day_far_away_is_taken_for_a_slip_of_the_pen(day):
    with pytest.raises(Invalid, match="does not lie between 1970 and 2099"):
        local_instant(day, time(12), BERLIN)


def test_borders_in_the_gap_move_to_the_change_and_in_the_doubled_hour_to_its_first_passing():
    assert border(SPRING, 150, BERLIN) == border(SPRING, 120, BERLIN) == utc(2026, 3, 29, 1)
    assert border(SPRING, 180, BERLIN) == utc(2026, 3, 29, 1)
    assert border(AUTUMN, 150, BERLIN) == utc(2026, 10, 25, 0, 30)
    assert border(AUTUMN, 180, BERLIN) == utc(2026, 10, 25, 2)


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2026, 7, 1), 24)])
def test_the_whole_day_has_the_hours_it_has(day, hours):
    assert border(day, 1440, BERLIN) - border(day, 0, BERLIN) == timedelta(hours=hours)


def test_where_a_whole_day_was_skipped_its_borders_are_the_moment_of_the_change():
    apia = time_zone("Pacific/Apia")
    skipped = date(2011, 12, 30)
    assert border(skipped, 0, apia) == border(skipped, 600, apia) == utc(2011, 12, 30, 10)
    assert local_instants(skipped, time(10), apia) == ()


@given(
    st.sampled_from(ZONES),
    st.dates(date(1970, 1, 1), date(2037, 12, 31)),
    st.lists(st.integers(0, 1440), min_size=2, max_size=2).map(sorted),
)
def test_borders_keep_their_order_and_days_touch(name, day, minutes):
    zone = time_zone(name)
    first, second = (border(day, minute, zone) for minute in minutes)
    assert first <= second
    assert border(day, 1440, zone) == border(day + timedelta(days=1), 0, zone)


@given(
    st.sampled_from(ZONES),
    st.integers(86_400, 2_100_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)
def test_every_instant_is_among_those_of_the_time_its_clock_shows(name, instant):
    zone = time_zone(name)
    shown = instant.astimezone(zone)
    found = local_instants(shown.date(), shown.time(), zone)
    assert instant in found
    assert len(found) in (1, 2)
