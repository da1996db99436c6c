"""Working calendars: made, changed from a day on, taken in, assigned; deadlines count by them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.db.staff import SYSTEM, Staff

from vertrauenskonto.core.calendar.hours import read_hours
from vertrauenskonto.core.calendar.working_calendar import DayOff
from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound, Text
from vertrauenskonto.db import checks_database, models
from vertrauenskonto.db.actions import obligations, promise_times, promises, watching
from vertrauenskonto.db.actions import working_calendars as actions
from vertrauenskonto.db.actions.promises import NewPromise
from vertrauenskonto.db.queries import calendars as queries
from vertrauenskonto.db.queries.calendars import Calendars

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
# A Wednesday; Good Friday is the third, Easter Monday the sixth.
TODAY = date(2026, 4, 1)


@pytest.fixture
def staff(database):
    return Staff(today=TODAY)


def made(name="Büro", region="DE-BE", **given):
    return actions.make(SYSTEM, name=name, region=region, now=NOW, **given)


def everything():
    weeks = models.CalendarWeek.objects.order_by("calendar", "valid_from")
    days = models.CalendarDay.objects.order_by("calendar", "day")
    return (
        list(models.WorkCalendar.objects.order_by("pk").values_list("name", "region", "local")),
        list(weeks.values_list("valid_from", "hours")),
        list(days.values_list("day", "hours", "name")),
        list(models.CalendarUse.objects.order_by("pk").values_list("calendar", "team", "customer")),
    )


def test_one_made_from_a_region_counts_its_holidays_for_whoever_works_by_it(staff):
    assert Calendars().of(None, None).add_days(date(2026, 4, 2), 1) == date(2026, 4, 3)
    berlin = made()
    assert Calendars().of(None, None).add_days(date(2026, 4, 2), 1) == date(2026, 4, 3)
    actions.assign(SYSTEM, berlin, now=NOW)
    assert Calendars().of(None, None).add_days(date(2026, 4, 2), 1) == date(2026, 4, 7)
    [listed] = queries.listed(SYSTEM)
    assert (listed.is_companys, listed.teams, listed.customers) == (True, (), 0)


def test_local_choices_are_free_where_the_region_has_them(staff):
    bavaria = made("Bayern", "DE-BY", local=("catholic",))
    sheet = queries.sheet(SYSTEM, bavaria, since=TODAY)
    assert sheet.calendar.day_off_name(date(2026, 8, 15)).en == "Assumption Day"
    before = everything()
    with pytest.raises(Invalid, match="no local holidays"):
        made("Berlin", "DE-BE", local=("augsburg",))
    with pytest.raises(NotFound, match="not known"):
        made("Mars", "XX")
    with pytest.raises(Invalid, match="already"):
        made("Bayern", "DE-BE")
    with pytest.raises(Invalid, match="name"):
        made("  ")
    assert everything() == before


def test_other_hours_count_from_their_day_and_the_earlier_ones_before_it(staff):
    number = made()
    from_may = date(2026, 5, 4)
    hours = ["9–15", "9 bis 15 Uhr", "", "9-15", "", "", "10–12"]
    actions.change_week(SYSTEM, number, hours, valid_from=from_may, now=NOW)
    calendar = queries.sheet(SYSTEM, number, since=TODAY).calendar
    assert calendar.hours(date(2026, 4, 29)) == read_hours("8-12, 13-17")
    assert calendar.hours(date(2026, 5, 4)) == read_hours("9-15")
    assert calendar.hours(date(2026, 5, 6)) == ()
    assert calendar.hours(date(2026, 5, 10)) == read_hours("10-12")
    actions.remove_week(SYSTEM, number, from_may, now=NOW)
    calendar = queries.sheet(SYSTEM, number, since=TODAY).calendar
    assert calendar.hours(date(2026, 5, 6)) == read_hours("8-12, 13-17")


def test_hours_that_nobody_can_work_by_are_refused_and_nothing_is_changed(staff):
    number = made()
    before = everything()
    with pytest.raises(Invalid) as refused:
        actions.change_week(
            SYSTEM, number, ["8-12", "abc", "", "", "12-8", "", ""], valid_from=TODAY, now=NOW
        )
    assert [p.field for p in refused.value.problems] == ["tuesday", "friday"]
    [first] = models.CalendarWeek.objects.values_list("valid_from", flat=True)
    with pytest.raises(Invalid, match="there would be no working time"):
        actions.change_week(SYSTEM, number, [""] * 7, valid_from=first, now=NOW)
    with pytest.raises(Invalid):
        actions.remove_week(SYSTEM, number, first, now=NOW)
    assert everything() == before


def test_weeks_without_hours_are_only_for_a_while(staff):
    number = actions.make(SYSTEM, name="Büro", region="", now=NOW)
    closing, opening = date(2027, 3, 1), date(2027, 4, 5)
    with pytest.raises(Invalid) as refused:
        actions.change_week(SYSTEM, number, [""] * 7, valid_from=closing, now=NOW)
    assert [(p.code, p.field) for p in refused.value.problems] == [("no-hours", "monday")]
    assert models.CalendarWeek.objects.filter(calendar=number).count() == 1
    actions.change_week(SYSTEM, number, ["8-12", *[""] * 6], valid_from=opening, now=NOW)
    actions.change_week(SYSTEM, number, [""] * 7, valid_from=closing, now=NOW)
    assert models.CalendarWeek.objects.filter(calendar=number).count() == 3


def test_a_day_by_hand_goes_before_a_holiday_and_the_week(staff):
    number = made()
    good_friday = date(2026, 4, 3)
    actions.change_day(SYSTEM, number, good_friday, hours="8–12", name="Inventur", now=NOW)
    actions.change_day(SYSTEM, number, date(2026, 5, 15), name="Brückentag", now=NOW)
    actions.change_day(SYSTEM, number, date(2026, 5, 15), name="Brücke", now=NOW)
    sheet = queries.sheet(SYSTEM, number, since=TODAY)
    assert sheet.calendar.hours(good_friday) == read_hours("8-12")
    assert sheet.calendar.hours(date(2026, 5, 15)) == ()
    assert [(d.day, d.hours, d.name) for d in sheet.own_days] == [
        (good_friday, "08:00–12:00", "Inventur"),
        (date(2026, 5, 15), "", "Brücke"),
    ]
    actions.remove_day(SYSTEM, number, good_friday, now=NOW)
    assert queries.sheet(SYSTEM, number, since=TODAY).calendar.hours(good_friday) == ()
    before = everything()
    with pytest.raises(Invalid) as refused:
        actions.change_day(SYSTEM, number, TODAY, hours="nie", name="x" * 81, now=NOW)
    assert [p.field for p in refused.value.problems] == ["hours", "day_name"]
    assert everything() == before


def test_days_off_of_a_file_leave_what_is_there_as_it_is(staff):
    number = made()
    outing = date(2026, 6, 12)
    actions.change_day(SYSTEM, number, outing, hours="8-12", name="Ausflug", now=NOW)
    days = [DayOff(day=outing), DayOff(day=date(2026, 12, 28), name=Text("Ferien", "Holidays"))]
    assert actions.take_days_off(SYSTEM, number, days, now=NOW) == actions.Taken(added=1, known=1)
    assert actions.take_days_off(SYSTEM, number, days, now=NOW) == actions.Taken(added=0, known=2)
    own = queries.sheet(SYSTEM, number, since=TODAY).own_days
    assert [(d.hours, d.name) for d in own] == [("08:00–12:00", "Ausflug"), ("", "Ferien")]


def test_a_team_works_by_its_own_and_a_customer_is_reached_in_theirs_only(staff):
    staff.person("alice", team="Nord")
    north = models.Team.objects.get(name="Nord").pk
    ada = staff.customer()
    pk = models.Customer.objects.get(key=ada).pk
    berlin, vienna = made(), made("Wien", "AT-9")
    actions.assign(SYSTEM, berlin, now=NOW)
    actions.assign(SYSTEM, vienna, team=north, now=NOW)
    monday = date(2026, 10, 26)
    actions.change_day(SYSTEM, vienna, monday + timedelta(days=1), name="zu", now=NOW)
    thursday = monday - timedelta(days=4)
    # The Austrian national day, and then the closing day.
    assert Calendars().of(None, north).add_days(thursday + timedelta(days=1), 1) == date(
        2026, 10, 28
    )
    assert Calendars().of(None, None).add_days(thursday + timedelta(days=1), 1) == monday
    actions.assign(SYSTEM, vienna, customer=ada, now=NOW)
    assert Calendars().of(pk, None).add_days(thursday + timedelta(days=1), 1) == date(2026, 10, 28)
    assert queries.of_team(SYSTEM, north) == queries.of_customer(SYSTEM, ada) == vienna
    assert {c.name: (c.teams, c.customers) for c in queries.listed(SYSTEM)} == {
        "Büro": ((), 0),
        "Wien": (("Nord",), 1),
    }
    actions.assign(SYSTEM, None, team=north, now=NOW)
    assert queries.of_team(SYSTEM, north) is None
    with pytest.raises(Conflict, match="still works by"):
        actions.remove(SYSTEM, vienna)
    actions.assign(SYSTEM, None, customer=ada, now=NOW)
    actions.remove(SYSTEM, vienna)
    assert [c.name for c in queries.listed(SYSTEM)] == ["Büro"]


def test_the_company_works_by_one_calendar(staff):
    berlin, bavaria = made(), made("Bayern", "DE-BY")
    actions.assign(SYSTEM, berlin, now=NOW)
    actions.assign(SYSTEM, bavaria, now=NOW)
    assert [(c.name, c.is_companys) for c in queries.listed(SYSTEM)] == [
        ("Bayern", True),
        ("Büro", False),
    ]
    with pytest.raises(NotFound):
        actions.assign(SYSTEM, 99, now=NOW)
    with pytest.raises(NotFound):
        actions.assign(SYSTEM, berlin, team=99, now=NOW)
    with pytest.raises(NotFound):
        actions.assign(SYSTEM, berlin, customer="k_nobody", now=NOW)
    assert models.CalendarUse.objects.count() == 1


def test_the_set_up_makes_the_companys_once(staff):
    actions.for_company(SYSTEM, "DE-SN", now=NOW)
    actions.for_company(SYSTEM, "DE-BY", now=NOW)
    [one] = queries.listed(SYSTEM)
    assert (one.name, one.region, one.is_companys) == ("Sachsen", "DE-SN", True)


def test_only_administrators_change_calendars_and_who_books_a_customers(staff):
    alice, anna = staff.person("alice"), staff.person("anna", "analyst")
    number = made()
    ada = staff.customer()
    staff.profile(ada, owner=alice)
    before = everything()
    for act in (
        lambda: actions.make(alice, name="x", region="", now=NOW),
        lambda: actions.for_company(alice, "DE-BE", now=NOW),
        lambda: actions.change_week(alice, number, ["8-12"] * 7, valid_from=TODAY, now=NOW),
        lambda: actions.change_day(alice, number, TODAY, now=NOW),
        lambda: actions.remove_day(alice, number, TODAY, now=NOW),
        lambda: actions.remove_week(alice, number, TODAY, now=NOW),
        lambda: actions.take_days_off(alice, number, [], now=NOW),
        lambda: actions.assign(alice, number, now=NOW),
        lambda: actions.assign(anna, number, customer=ada, now=NOW),
        lambda: actions.describe(alice, number, name="x", region="", local=(), now=NOW),
        lambda: actions.remove(alice, number),
        lambda: queries.listed(anna),
    ):
        with pytest.raises(Denied):
            act()
    assert everything() == before
    actions.assign(alice, number, customer=ada, now=NOW)
    assert queries.of_customer(alice, ada) == number


def test_duties_are_due_by_the_calendar_of_who_looks_after_the_customer(staff):
    alice = staff.person("alice", team="Nord")
    staff.policy()
    ada, ben = staff.customer(), staff.customer()
    staff.profile(ada, owner=alice)
    berlin, plain = made(), made("Ohne", "")
    actions.assign(SYSTEM, plain, now=NOW)
    actions.assign(SYSTEM, berlin, team=models.Team.objects.get(name="Nord").pk, now=NOW)
    for key in (ada, ben):
        staff.booked(key, "promise_broken_unannounced")
    due = dict(models.Obligation.objects.values_list("customer__key", "due_date"))
    # Thursday, then Easter, Tuesday and Wednesday; without holidays Thursday, Friday and Monday.
    assert due == {ada: date(2026, 4, 8), ben: date(2026, 4, 6)}
    numbers = list(models.Obligation.objects.values_list("pk", flat=True))
    shared = obligations.group(SYSTEM, numbers, "Lager", door=staff.door)
    assert models.SharedDuty.objects.get(pk=shared).due_date == date(2026, 4, 6)
    assert watching.SYSTEM == "system"


def test_a_calendar_that_changes_moves_the_warnings_still_to_come(staff):
    staff.policy()
    ada = staff.customer()
    made_promise = promises.make(
        SYSTEM,
        NewPromise(
            customer=ada,
            wording="Angebot",
            due=datetime(2026, 4, 7, 8, tzinfo=UTC),
            source="web",
            source_id="n1",
        ),
        door=staff.door,
    )
    row = models.Promise.objects.get(key=made_promise.key)
    # Two hours of Tuesday and two of Easter Monday, which counted as any other.
    assert row.next_at == datetime(2026, 4, 6, 13, tzinfo=UTC)
    berlin = made()
    actions.assign(SYSTEM, berlin, now=NOW)
    [job] = models.Job.objects.filter(name="reckon_promises")
    assert job.due_at == NOW
    assert promise_times.reckon_all(now=NOW) == 1
    row.refresh_from_db()
    assert row.next_at == datetime(2026, 4, 2, 13, tzinfo=UTC)
    assert promise_times.reckon_all(now=NOW + timedelta(days=30)) == 0


def test_it_is_said_when_the_known_days_off_run_out(staff):
    def finding():
        return next(f for f in checks_database.database(NOW) if f.code == "calendar")

    assert (finding().grade, "no working calendar" in finding().text.en) == ("hint", True)
    plain = made("Ohne", "")
    actions.assign(SYSTEM, plain, now=NOW)
    assert (finding().grade, "no day off at all" in finding().text.en) == ("hint", True)
    for day, grade in ((date(2026, 5, 1), "hint"), (date(2027, 1, 1), "fine")):
        actions.change_day(SYSTEM, plain, day, name="frei", now=NOW)
        assert finding().grade == grade
    actions.describe(SYSTEM, plain, name="Berlin", region="DE-BE", local=(), now=NOW)
    [one] = queries.listed(SYSTEM)
    assert (one.name, one.known_until) == ("Berlin", date(2049, 12, 31))
    assert finding().grade == "fine"
    # A calendar that nobody works by is nobody's worry.
    made("Alt", "")
    assert finding().grade == "fine"
