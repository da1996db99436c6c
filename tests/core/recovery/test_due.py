"""By when the next steps should be done."""

from datetime import date, timedelta

from tests.core.recovery.cases import DAY, after, fact, new_case, until

from vertrauenskonto.core.calendar.working_time import WorkingTime
from vertrauenskonto.core.recovery.due import due_dates
from vertrauenskonto.importers.starter_calendars import starter_calendar

WORKING = WorkingTime(starter_calendar("DE-BE", first_year=2025, last_year=2027))


def due(case, **more):
    return due_dates(case, working_day=WORKING.add_days, **more)


def test_time_runs_from_the_day_the_case_was_opened():
    opened = date(2026, 3, 6)
    assert opened.strftime("%a") == "Fri"
    assert due(new_case(opened_on=opened)) == {"facts": date(2026, 3, 9)}


def test_each_step_that_is_possible_has_its_day():
    case = after(new_case(), fact("facts", DAY + timedelta(days=1)))
    assert due(case) == {
        "contact": date(2026, 3, 4),
        "repair": date(2026, 3, 10),
        "prevention": date(2026, 3, 24),
    }
    assert due(case, days={"contact": 2})["contact"] == date(2026, 3, 5)


def test_the_evaluation_is_due_on_the_first_working_day_from_the_ninetieth():
    # 2 March 2026 and 90 days is Sunday, 31 May.
    assert due(until("confirmed")) == {"evaluated": date(2026, 6, 1)}


def test_nobody_is_urged_at_the_customers_wish_or_after_the_end():
    assert due(after(until("facts"), "declined")) == {}
    assert due(after(new_case(), "drop")) == {}
