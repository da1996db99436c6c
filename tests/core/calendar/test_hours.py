"""Working hours as people write them: read, refused with the part named, written back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.calendar.hours import CLOSED, Interval, hours_text, read_hours
from vertrauenskonto.core.errors import Invalid

SPLIT = (Interval(480, 720), Interval(780, 1020))


@pytest.mark.parametrize(
    "text",
    [
        "8–12, 13–17",
        "8-12,13-17",
        "08:00–12:00; 13.00 - 17.00",
        "8 bis 12 Uhr und 13 bis 17 Uhr",
        "8h-12h, 13h00-17h00",
        "8 to 12 and 13 to 17",
        " 8:00 − 12:00 + 13—17 ",
    ],
)
def test_a_split_day_is_read_however_it_is_written(text):
    assert read_hours(text) == SPLIT


@pytest.mark.parametrize("text", ["", " ", "–", "-", "geschlossen", "Closed", "frei"])
def test_a_day_without_work_is_said(text):
    assert read_hours(text) == CLOSED


def test_a_day_may_end_at_midnight_and_intervals_may_touch():
    assert read_hours("0-12, 12-24") == (Interval(0, 720), Interval(720, 1440))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("morgens", "'morgens' is no working interval"),
        ("8–12, nachmittags", "'nachmittags' is no working interval"),
        ("8–12,", "'' is no working interval"),
        ("8–25", "08:00–25:00 does not lie between"),
        ("22–6", "22–24 on this day, 0–6 on the next"),
        ("8–8", "does not end after its beginning"),
        ("8–12, 11–17", "08:00–12:00 and 11:00–17:00 overlap"),
        ("13–17, 8–12", "not in the order of the day"),
        ("8:75–12", "more than 59 minutes"),
        ("8–12:60", "more than 59 minutes"),
        ("8–12, " * 100, "is no working interval"),
    ],
)
def test_what_is_no_day_of_work_is_refused_and_named(text, words):
    with pytest.raises(Invalid) as refused:
        read_hours(text)
    assert words in refused.value.text.en
    assert refused.value.text.de


@given(st.lists(st.integers(0, 1440), unique=True, max_size=8).map(sorted))
def test_what_is_written_is_read_back(minutes):
    pairs = zip(minutes[::2], minutes[1::2], strict=False)
    hours = tuple(Interval(start, end) for start, end in pairs)
    assert read_hours(hours_text(hours)) == hours
