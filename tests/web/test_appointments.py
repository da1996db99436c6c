"""The pages of appointments: asked, made, invited to by mail, and what a customer does by the link."""

import email
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.db.staff import SYSTEM, Staff
from tests.web.conftest import door
from tests.web.test_booking import customer
from tests.web.test_entrance import mail_server

from vertrauenskonto.db import models
from vertrauenskonto.db.actions import appointments, policies, promises
from vertrauenskonto.db.actions.promises import Taken
from vertrauenskonto.db.queries import appointments as queries
from vertrauenskonto.db.queries.policies import history
from vertrauenskonto.importers.policy import read_policy

ZONE = ZoneInfo(settings.TIME_ZONE)


def workday(weeks: int = 1) -> datetime:
    """Return ten o'clock on a Tuesday in some weeks."""
    day = timezone.localdate() + timedelta(days=7 * weeks)
    day += timedelta(days=(1 - day.weekday()) % 7)
    return datetime(day.year, day.month, day.day, 10, tzinfo=ZONE)


def said(starts: datetime, **given: str) -> dict[str, str]:
    fields = {
        "once": "n1",
        "wording": "Aufmaß im Garten",
        "starts": starts.strftime("%Y-%m-%dT%H:%M"),
        "minutes": "60",
        "place": "Gartenweg 3",
        "travel_minutes": "20",
        "keeper": "p_alice",
        "said_in": "call",
    }
    return {**fields, **given}


def made(browser, starts: datetime | None = None, **given: str) -> str:
    answer = browser.post(f"/kunden/{browser.key}/termin/", said(starts or workday(), **given))
    assert answer.status_code == 302, answer.content.decode()
    return answer.headers["Location"]


def row():
    return models.Promise.objects.get(sort="appointment")


def linked(site, page: str) -> str:
    """Open the customer's link and return its address."""
    secret = appointments.give_link(SYSTEM, page.split("/")[2], door=door())
    return f"/termin/{secret}/"


@pytest.fixture
def alice(site):
    staff = Staff(today=timezone.localdate())
    version = read_policy("craft").versions[-1]
    first = staff.today - timedelta(days=400)
    policies.put_in_force(version, valid_from=first, door=staff.door)
    staff.policies = history()
    browser = site.signed_in("alice")
    browser.key = customer(staff, owner="alice")
    staff.booked(browser.key, "conversation", value_date=staff.today - timedelta(days=9))
    return browser


def event_of(part):
    """Return the appointment in an attached calendar file."""
    contents = part.get_payload(decode=True)
    assert isinstance(contents, bytes)
    [event] = icalendar.Calendar.from_ical(contents).walk("VEVENT")
    return event


@pytest.fixture
def mailbox(monkeypatch):
    with mail_server(monkeypatch) as box:
        yield box


def past(hours: int = 2) -> None:
    """Let the appointment have begun."""
    starts = datetime.now(UTC) - timedelta(hours=hours)
    found = row()
    models.PromiseStep.objects.filter(promise=found, what="made").update(
        due_at=starts, at=starts - timedelta(days=3)
    )
    models.Promise.objects.filter(pk=found.pk).update(
        due_at=starts, ends_at=starts + timedelta(hours=1), made_at=starts - timedelta(days=3)
    )


def test_made_sent_twice_is_one_and_it_stands_where_promises_do(alice):
    assert made(alice) == made(alice)
    found = row()
    assert (found.due_at, found.ends_at) == (workday(), workday() + timedelta(hours=1))
    assert (found.keeper.key, found.travel_minutes, found.place) == ("p_alice", 20, "Gartenweg 3")
    assert "Aufmaß im Garten" in alice.get("/zusagen/").content.decode()
    answer = alice.get(f"/zusagen/{found.key}/?next=/zusagen/")
    assert answer.headers["Location"] == f"/termine/{found.key}/?next=%2Fzusagen%2F"
    assert alice.get(f"/termine/{found.key}/").status_code == 200
    again = alice.post(f"/kunden/{alice.key}/termin/", said(workday(), wording="Anderes"))
    assert again.status_code == 200
    assert models.Promise.objects.count() == 1


def test_what_is_unusual_is_asked_and_a_yes_counts_for_that_time_only(alice):
    page = f"/kunden/{alice.key}/termin/"
    sunday = workday() + timedelta(days=5)
    answer = alice.post(page, said(sunday)).content.decode()
    assert "Nobody works on this day" in answer
    assert "Aufmaß im Garten" in answer
    assert not models.Promise.objects.exists()
    sure = re.search(r'name="sure" value="([^"]+)"', answer)[1]
    night = sunday.replace(hour=22)
    assert alice.post(page, said(night, sure=sure)).status_code == 200
    assert not models.Promise.objects.exists()
    assert alice.post(page, said(sunday, sure=sure)).status_code == 302
    near = sunday + timedelta(minutes=70)
    answer = alice.post(page, said(near, once="n2")).content.decode()
    assert "overlaps with another appointment (10:00–11:00)" in answer
    for wrong in (
        {"starts": "morgen"},
        {"starts": "2026-03-29T02:30"},
        {"minutes": "0"},
        {"starts": "2020-01-07T10:00"},
        {"keeper": "p_niemand"},
    ):
        assert alice.post(page, {**said(workday(), once="n3"), **wrong}).status_code == 200
    assert models.Promise.objects.count() == 1


def test_attendance_is_recorded_after_it_began_and_each_once(alice):
    page = made(alice)
    shown = alice.get(page).content.decode()
    assert "It took place" not in shown
    assert alice.post(page, {"what": "done"}).status_code == 404
    past()
    for _ in range(2):
        alice.post(page, {"what": "done", "da-once": "a", "da-late_minutes": "15"})
    kinds = models.Entry.objects.filter(source="promises").values_list("kind", flat=True)
    assert list(kinds) == ["appointment_late"]
    found = row()
    assert (found.state, found.late_minutes) == ("late_silent", 15)


def test_a_customer_who_was_not_there_costs_nothing(alice):
    page = made(alice)
    past()
    alice.post(page, {"what": "absent", "fehlt-once": "a", "fehlt-note": "niemand öffnete"})
    assert row().state == "withdrawn"
    assert not models.Entry.objects.filter(source="promises").exists()
    assert "The customer was not there" in alice.get(page).content.decode()


def test_moving_asks_who_wanted_it_and_about_what_is_unusual(alice):
    page = made(alice)
    later = workday(2)
    move = {"what": "move", "verlegt-once": "a", "verlegt-wish": "customer"}
    move["verlegt-starts"] = (later + timedelta(days=5)).strftime("%Y-%m-%dT%H:%M")
    assert "Nobody works" in alice.post(page, move).content.decode()
    assert row().due_at == workday()
    move["verlegt-starts"] = later.strftime("%Y-%m-%dT%H:%M")
    for _ in range(2):
        assert alice.post(page, move).status_code == 302
    assert (row().due_at, row().renegotiated) == (later, 0)
    us = {**move, "verlegt-once": "b", "verlegt-wish": "us"}
    us["verlegt-starts"] = (later + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
    alice.post(page, us)
    assert row().renegotiated == 1


def test_the_invitation_really_goes_out_and_opens_in_a_calendar(alice, mailbox):
    models.Contact.objects.create(
        customer=models.Customer.objects.get(key=alice.key), email="holm@example.org", is_main=True
    )
    page = made(alice)
    assert "holm@example.org" in alice.get(page).content.decode()
    alice.post(page, {"what": "invite"})
    [(recipients, text)] = mailbox.mails
    assert recipients == ["holm@example.org"]
    mail = email.message_from_bytes(text.encode())
    [part] = [p for p in mail.walk() if p.get_content_type() == "text/calendar"]
    assert part.get_param("method") == "REQUEST"
    event = event_of(part)
    assert event["dtstart"].dt == workday()
    assert str(event["dtstart"].params["TZID"]) == settings.TIME_ZONE
    assert (str(event["sequence"]), str(event["location"])) == ("0", "Gartenweg 3")
    assert str(event["attendee"]) == "mailto:holm@example.org"
    text = next(p for p in mail.walk() if p.get_content_type() == "text/plain")
    link = re.search(r"/termin/[\w-]+/", text.get_payload(decode=True).decode())[0]
    assert alice.get(link).status_code == 200
    assert models.PromiseStep.objects.filter(what="invited", channel="mail").count() == 1
    alice.post(page, {"what": "withdrawn", "absage-once": "c"})
    alice.post(page, {"what": "invite"})
    [part] = [
        p
        for p in email.message_from_bytes(mailbox.mails[1][1].encode()).walk()
        if p.get_content_type() == "text/calendar"
    ]
    event = event_of(part)
    assert (part.get_param("method"), str(event["status"]), str(event["sequence"])) == (
        "CANCEL",
        "CANCELLED",
        "1",
    )


def test_the_file_is_for_whoever_sees_the_customer(alice, site):
    page = made(alice)
    answer = alice.get(f"{page}einladung.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = icalendar.Calendar.from_ical(answer.content)
    assert [str(z["tzid"]) for z in calendar.walk("VTIMEZONE")] == [settings.TIME_ZONE]
    assert site.signed_in("bob").get(f"{page}einladung.ics").status_code == 404
    assert site.signed_in("bob2").get(page).status_code == 404
    assert site.signed_in("anna", "analyst").get(f"{page}einladung.ics").status_code == 403


# ------------------------------------------------------------------ without an account


@pytest.fixture
def guest(site):
    return site.browser()


def test_the_customer_confirms_in_their_language_without_an_account(alice, site, guest):
    link = linked(site, made(alice))
    answer = guest.get(link)
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    page = answer.content.decode()
    assert "Yes, it suits me" in page
    for hidden in (alice.key, "p_alice", "alice@example.org", "Gärtnerei Holm"):
        assert hidden not in page
    assert "Ja, der Termin passt" in site.browser("de").get(link).content.decode()
    for _ in range(2):
        assert guest.post(link, {"what": "confirm"}).headers["Location"] == link
    assert "You have confirmed" in guest.get(link).content.decode()
    assert row().confirmed_at is not None
    assert icalendar.Calendar.from_ical(guest.get(f"{link}termin.ics").content).walk("VEVENT")


def test_the_customer_chooses_another_time_and_one_that_is_gone_is_said_to_be(alice, site, guest):
    page = made(alice)
    first, second = workday(2), workday(3)
    offer = {"what": "offer", "zeiten-once": "a"}
    offer["zeiten-slot_1"] = first.strftime("%Y-%m-%dT%H:%M")
    offer["zeiten-slot_2"] = second.strftime("%Y-%m-%dT%H:%M")
    assert alice.post(page, offer).status_code == 302
    link = linked(site, page)
    values = re.findall(r'name="slot" value="([^"]+)"', guest.get(link).content.decode())
    assert [datetime.fromisoformat(v) for v in values] == [first, second]
    alice.post(
        f"/kunden/{alice.key}/termin/",
        said(first, once="n2", sure=first.astimezone(UTC).isoformat()),
    )
    answer = guest.post(link, {"what": "choose", "slot": values[0]})
    assert (answer.status_code, "no longer free" in answer.content.decode()) == (409, True)
    for nothing in ("", "bald", "2026-01-01T10:00"):
        answer = guest.post(link, {"what": "choose", "slot": nothing})
        assert "Please choose a time" in answer.content.decode()
    for _ in range(2):
        assert guest.post(link, {"what": "choose", "slot": values[1]}).status_code == 302
    moved = models.Promise.objects.get(source_id="n1")
    assert (moved.due_at, moved.renegotiated) == (second, 0)
    assert not models.Entry.objects.filter(source="promises").exists()


def test_after_we_called_it_off_a_choice_is_renegotiated_and_a_call_is_promised(alice, site, guest):
    page = made(alice)
    link = linked(site, page)
    key = page.split("/")[2]
    promises.take(
        SYSTEM, key, Taken(what="told", channel="call"), door=door(),
        policies=history(),
    )  # fmt: skip
    shown = guest.get(link).content.decode()
    assert "we cannot make it" in shown
    assert "Yes, it suits me" not in shown
    for _ in range(2):
        guest.post(link, {"what": "call"})
    [call] = models.Promise.objects.filter(sort="promise")
    assert call.due_date
    assert call.due_date > timezone.localdate()
    assert "We will call you" in guest.get(link).content.decode()
    appointments.offer(SYSTEM, key, [workday(2)], door=door())
    guest.post(link, {"what": "choose", "slot": workday(2).isoformat()})
    assert row().renegotiated == 1


def test_links_that_are_wrong_closed_or_over_say_so_and_guessing_is_stopped(alice, site, guest):
    page = made(alice)
    link = linked(site, page)
    assert guest.post(link, {"what": "nonsense"}).status_code == 404
    for wrong in ("/termin/falsch/", f"/termin/{'x' * 43}/"):
        answer = guest.get(wrong)
        assert (answer.status_code, "no longer valid" in answer.content.decode()) == (404, True)
        assert guest.post(wrong, {"what": "confirm"}).status_code == 404
        assert guest.get(f"{wrong}termin.ics").status_code == 404
    alice.post(page, {"what": "unlink"})
    assert guest.get(link).status_code == 404
    link = linked(site, page)
    models.Promise.objects.update(
        due_at=datetime.now(UTC) - timedelta(minutes=5),
        ends_at=datetime.now(UTC) + timedelta(minutes=5),
    )
    assert "has begun" in guest.get(link).content.decode()
    assert guest.post(link, {"what": "confirm"}).status_code == 409
    models.Promise.objects.update(ends_at=datetime.now(UTC) - timedelta(minutes=1))
    assert guest.get(link).status_code == 404
    cache.clear()
    codes = {guest.get("/termin/falsch/").status_code for _ in range(125)}
    assert codes == {404, 429}


def test_the_pages_ask_the_database_the_same_however_much_there_is(alice):
    page = made(alice)

    def count():
        with CaptureQueriesContext(connection) as found:
            alice.get(page)
        return len(found)

    few = count()
    for n in range(8):
        made(alice, workday(3 + n), once=f"m{n}")
    key = page.split("/")[2]
    appointments.offer(
        SYSTEM, key, [workday(20) + timedelta(hours=n) for n in range(4)], door=door()
    )
    assert count() == few
    assert few <= 15
    assert queries.details(SYSTEM, key, now=door().at).offered[0].starts_at == workday(20)
