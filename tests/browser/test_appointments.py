"""An appointment from making it to holding it, with the customer's part in another browser."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.browser import appointment_states as states
from tests.browser.conftest import PHONE
from tests.browser.promise_states import HOLM

from vertrauenskonto.db import models

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_made_offered_moved_by_the_customer_and_held(visitor, company):
    page = visitor.open(states.make(company), language="en")
    # A Sunday is asked about, and what was typed stays.
    sunday = states.workday() + timedelta(days=5)
    page.get_by_label("What for?").fill("Measuring the garden")
    page.get_by_label("Begins").fill(sunday.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_label("Place").fill("Gartenweg 3")
    page.get_by_role("button", name="Record the appointment").click()
    assert "Nobody works on this day" in page.inner_text("main")
    assert page.get_by_label("Place").input_value() == "Gartenweg 3"
    page.get_by_label("Begins").fill(states.workday().strftime("%Y-%m-%dT%H:%M"))
    page.get_by_role("button", name="Record the appointment").click()
    assert page.inner_text("h1") == "Measuring the garden"
    # Other times are offered, which opens the link.
    other = states.workday() + timedelta(days=1)
    page.get_by_label("A proposal of your own").fill(other.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_role("button", name="Offer these times").click()
    link = page.locator("code.key").inner_text()
    path = link[link.index("/termin/") :]
    # The customer has no account, a phone and no scripts.
    guest = visitor.open(path, who=None, language="de", size=PHONE, scripts=False)
    assert guest.inner_text("h1") == "Ihr Termin"
    guest.get_by_label("10:00 Uhr").check()
    guest.get_by_role("button", name="Diese Zeit wählen").click()
    assert "Sie haben diesen Termin bestätigt" in guest.inner_text("main")
    guest.reload()
    row = models.Promise.objects.get(sort="appointment")
    assert (row.due_at, row.renegotiated) == (other, 0)
    # The day comes.
    starts = datetime.now(UTC) - timedelta(hours=2)
    made_at = starts - timedelta(days=5)
    steps = models.PromiseStep.objects.filter(promise=row)
    steps.filter(what="made").update(at=made_at, due_at=starts - timedelta(days=1))
    steps.filter(what="moved").update(at=made_at, due_at=starts)
    models.Promise.objects.update(
        due_at=starts, ends_at=starts + timedelta(hours=1), made_at=made_at
    )
    page.reload()
    page.get_by_label("We were late by, minutes").fill("5")
    page.locator("#erledigt").get_by_role("button").dblclick()
    page.get_by_role("heading", name="History").wait_for()
    page.get_by_text("The outcome is wrong").wait_for()
    kinds = models.Entry.objects.filter(source="promises").values_list("kind", flat=True)
    assert [kind.removeprefix("first_contact_") for kind in kinds] == ["appointment_kept"]
    assert "Moved at the customer's wish" in page.inner_text("main")
    assert company.customers[HOLM]


def test_a_calendar_is_made_and_a_file_taken_in_by_keyboard(visitor, company):
    page = visitor.open("/verwaltung/arbeitskalender/neu/", who="adam", language="en")
    page.get_by_label("Name", exact=True).fill("Workshop")
    page.get_by_label("State or canton").select_option("DE-BE")
    page.get_by_role("button", name="Make it").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/arbeitskalender/*/")
    page.get_by_role("link", name="Import a calendar").click()
    year = states.door().today.year + 1
    lines = (
        *("BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:a"),
        *(f"DTSTART;VALUE=DATE:{year}0803", "SUMMARY:Closing day", "END:VEVENT"),
        *("BEGIN:VEVENT", "UID:b", "DTSTART:never", "END:VEVENT", "END:VCALENDAR", ""),
    )
    page.set_input_files(
        "#id_upload",
        {"name": "x.ics", "mimeType": "text/calendar", "buffer": "\r\n".join(lines).encode()},
    )
    page.get_by_role("button", name="Upload the file").click()
    assert "Closing day" in page.inner_text("main")
    assert "What is not taken in" in page.inner_text("main")
    assert not models.CalendarDay.objects.exists()
    page.get_by_role("button", name="Take in").click()
    assert "1 day off taken in" in page.inner_text("main")
    page.get_by_role("button", name="Let it count for the company").click()
    assert models.CalendarUse.objects.count() == 1
