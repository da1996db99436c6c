"""The calendars to begin with can be worked by at once, in every region."""

from datetime import UTC, date, datetime

import pytest

from vertrauenskonto.core.calendar.hours import hours_text
from vertrauenskonto.core.calendar.working_time import WorkingTime
from vertrauenskonto.importers.public_holidays import REGIONS
from vertrauenskonto.importers.starter_calendars import starter_calendar


@pytest.mark.parametrize("key", REGIONS)
def test_every_region_has_one(key):
    calendar = starter_calendar(key, first_year=2026, last_year=2027)
    assert calendar.key == key.lower()
    assert hours_text(calendar.hours(date(2026, 3, 10))) == "08:00–12:00, 13:00–17:00"
    assert hours_text(calendar.hours(date(2026, 3, 14))) == "–"
    assert hours_text(calendar.hours(date(2027, 1, 1))) == "–"


def test_the_regional_holiday_moves_a_deadline_in_that_region_only():
    asked = datetime(2026, 6, 3, 14, 30, tzinfo=UTC)  # 16:30, the day before Corpus Christi
    due = {
        key: WorkingTime(starter_calendar(key, first_year=2026, last_year=2026)).add(asked, 60)
        for key in ("DE-BY", "DE-HH", "CH-LU", "CH-ZH")
    }
    thursday, friday = (datetime(2026, 6, day, 6, 30, tzinfo=UTC) for day in (4, 5))
    assert due == {"DE-BY": friday, "DE-HH": thursday, "CH-LU": friday, "CH-ZH": thursday}


def test_local_choices_are_taken_over():
    calendar = starter_calendar("DE-BY", first_year=2025, last_year=2025, local=["catholic"])
    assert calendar.day_off_name(date(2025, 8, 15)).en == "Assumption Day"
    assert calendar.name == "Mo–Fr 8–12, 13–17 (Bayern)"
