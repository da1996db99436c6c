"""Working calendars and appointments of the small company, in each state worth looking at."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from tests.browser.company import Company
from tests.browser.promise_states import HOLM

from vertrauenskonto.db import models
from vertrauenskonto.db.access import installation
from vertrauenskonto.db.actions import appointments, promises, working_calendars
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.promises import NewPromise, Taken
from vertrauenskonto.db.queries.policies import history

SYSTEM = installation("test")
PAGES = "/verwaltung/arbeitskalender/"
HOUR = timedelta(hours=1)


def door() -> Door:
    now = datetime.now(UTC)
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    return Door(actor="system", channel="test", at=now, today=today)


def calendar(_company: Company, path: str = "") -> str:
    """A calendar that the company works by, with a coming week and days by hand; one of nobody."""
    row = models.WorkCalendar.objects.filter(name="Betrieb").first()
    if row is None:
        now, today = door().at, door().today
        number = working_calendars.make(SYSTEM, name="Betrieb", region="DE-BY", now=now)
        working_calendars.assign(SYSTEM, number, now=now)
        hours = ["8–12, 13–17", "8–12, 13–17", "8–12", "8–12, 13–17", "8–12", "", ""]
        working_calendars.change_week(
            SYSTEM, number, hours, valid_from=today + timedelta(days=60), now=now
        )
        working_calendars.change_day(
            SYSTEM, number, today + timedelta(days=20), name="Betriebsausflug", now=now
        )
        working_calendars.change_day(
            SYSTEM, number, today + timedelta(days=40), hours="8–12", name="Inventur", now=now
        )
        working_calendars.make(SYSTEM, name="Werkstatt", region="", now=now)
        row = models.WorkCalendar.objects.get(pk=number)
    return f"{PAGES}{row.pk}/{path}"


def calendars(company: Company) -> str:
    """Both calendars, in their list."""
    calendar(company)
    return PAGES


def team(company: Company) -> str:
    """A team that may be given a calendar."""
    calendar(company)
    found, _ = models.Team.objects.get_or_create(name="Nord")
    return f"/verwaltung/teams/{found.pk}/"


def workday() -> datetime:
    """Return ten o'clock on the next Tuesday but one."""
    day = door().today + timedelta(days=7)
    day += timedelta(days=(1 - day.weekday()) % 7)
    return datetime(day.year, day.month, day.day, 10, tzinfo=ZoneInfo(settings.TIME_ZONE))


def _made(company: Company, wording: str, starts: datetime) -> str:
    there = models.Promise.objects.filter(wording=wording, sort="appointment").first()
    if there is not None:
        return there.key
    new = NewPromise(
        customer=company.customers[HOLM],
        wording=wording,
        due=starts,
        ends_at=starts + HOUR,
        made_at=starts - timedelta(days=20),
        source="test",
        source_id=wording,
        place="Gartenweg 3, 10115 Berlin",
        travel_minutes=25,
        told_whom="Frau Holm",
        giver="p_alice",
        is_first_contact=False,
        zone=settings.TIME_ZONE,
    )
    return appointments.make(SYSTEM, new, door=door()).key


def coming(company: Company) -> str:
    """An appointment with a link and times offered."""
    starts = workday()
    key = _made(company, "Aufmaß im Garten", starts)
    times = [starts + timedelta(days=1), starts + timedelta(days=2, hours=4)]
    appointments.offer(SYSTEM, key, times, door=door())
    appointments.give_link(SYSTEM, key, door=door())
    return f"/termine/{key}/"


def past(company: Company) -> str:
    """An appointment of which nobody has recorded what came of it."""
    return f"/termine/{_made(company, 'Abnahme der Hecke', door().at - 5 * HOUR)}/"


def over(company: Company) -> str:
    """An appointment that took place, a quarter of an hour late."""
    key = _made(company, "Beratung zur Bewässerung", door().at - timedelta(days=3))
    if models.Promise.objects.get(key=key).ended_at is None:
        step = Taken(what="done", late_minutes=15)
        appointments.attend(SYSTEM, key, step, door=door(), policies=history())
    return f"/termine/{key}/"


def make(company: Company) -> str:
    """The form of an appointment."""
    return f"/kunden/{company.customers[HOLM]}/termin/"


def link(company: Company) -> str:
    """The customer's page."""
    key = coming(company).split("/")[2]
    return f"/termin/{appointments.give_link(SYSTEM, key, door=door())}/"


def told_link(company: Company) -> str:
    """The customer's page of an appointment that we called off."""
    key = _made(company, "Schnitt der Obstbäume", workday() + 3 * HOUR)
    appointments.offer(SYSTEM, key, [workday() + timedelta(days=3)], door=door())
    if models.Promise.objects.get(key=key).told_at is None:
        told = Taken(what="told", channel="call")
        promises.take(SYSTEM, key, told, door=door(), policies=history())
    return f"/termin/{appointments.give_link(SYSTEM, key, door=door())}/"
