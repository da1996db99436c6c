"""Booking as people do it: three taps, the keyboard alone, no scripts; twice, back, and too late."""

import re
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone
from tests.browser.bookings import booking, correction
from tests.browser.conftest import PHONE, _session

from vertrauenskonto.db import models


def by_hand() -> list[str]:
    """Return the kinds that were booked on pages."""
    return list(
        models.Entry.objects.filter(source="web").order_by("pk").values_list("kind", flat=True)
    )


def sign_in_again(page, visitor, who="alice"):
    """Give the browser a session, as the sign-in page does, and go where it would lead."""
    after = re.search(r"next=([^&]+)", page.url)[1]
    name = settings.SESSION_COOKIE_NAME
    kept = next(c["value"] for c in page.context.cookies() if c["name"] == name)
    fresh = _session(who)
    # What was kept goes along, as `login` does it.
    store = __import__(settings.SESSION_ENGINE, fromlist=["SessionStore"]).SessionStore
    old, new = store(kept), store(fresh)
    new["kept_form"] = old["kept_form"]
    new.save()
    page.context.add_cookies([{"name": name, "value": fresh, "url": visitor.address}])
    page.goto(f"{visitor.address}{unquote(after)}")


def test_the_usual_is_booked_with_three_taps_on_a_phone(visitor, company):
    page = visitor.open(f"/kunden/{company.customers['Gärtnerei Holm']}/", size=PHONE)
    page.locator("a[href$='/buchen/']").last.click()
    page.get_by_role("link", name=re.compile("Zusage gehalten")).first.click()
    button = page.get_by_role("button", name="Einzahlung +7 buchen")
    seen = button.bounding_box()
    assert seen["y"] + seen["height"] < page.locator(".menu").bounding_box()["y"]
    button.click()
    page.get_by_text("Gebucht: Zusage gehalten.").wait_for()
    assert by_hand() == ["promise_kept"]
    page.get_by_role("button", name="Rückgängig (60 s)").click()
    page.get_by_text("Zurückgenommen.").wait_for()
    assert models.Entry.objects.filter(reason="slip").count() == 1


def test_the_keyboard_alone_books(visitor, company):
    page = visitor.open("/")
    page.keyboard.press("b")
    page.wait_for_url("**/buchen/")
    page.keyboard.type("gärtnerei")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Was ist geschehen?").wait_for()
    page.keyboard.type("erklärt")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Verständlich erklärt").wait_for()
    # The page is shown first, then takes the focus.
    page.get_by_role("button", name="Einzahlung +5 buchen").and_(page.locator(":focus")).wait_for()
    page.keyboard.press("Enter")
    page.get_by_text("Gebucht: Verständlich erklärt.").wait_for()
    assert by_hand() == ["explained_plainly"]


def test_names_and_kinds_are_found_while_she_types(visitor, company):
    page = visitor.open("/buchen/")
    page.get_by_label("Name", exact=True).type("bra")
    page.get_by_role("link", name="Familie Brandt").click()
    page.wait_for_url("**/kunden/**")
    # Letters typed before the page's script runs are sought with the next one only.
    page.wait_for_load_state()
    page.get_by_label(re.compile("^Suchen")).type("termin")
    page.get_by_role("link", name=re.compile("^Kulanz")).wait_for(state="detached")
    assert page.get_by_role("link", name=re.compile("^Zum Termin verspätet")).count() == 1


def test_without_scripts_everything_is_booked_too(visitor, company):
    page = visitor.open("/buchen/", scripts=False)
    page.get_by_label("Name", exact=True).fill("brandt")
    page.get_by_role("search", name="Kundin oder Kunden wählen").get_by_role("button").click()
    page.get_by_label(re.compile("^Suchen")).fill("Beschwerde gelöst")
    page.get_by_role("search", name="Buchungsart wählen").get_by_role("button").click()
    page.get_by_text("Tag, Notiz, wem es gilt").click()
    page.get_by_label(re.compile("^Notiz")).fill("Die Tochter ist krank.")
    page.get_by_role("button", name="Vorschau neu rechnen").click()
    assert page.get_by_label(re.compile("^Notiz")).input_value() == "Die Tochter ist krank."
    page.get_by_role("button", name="Einzahlung +10 buchen").click()
    page.get_by_label("„krank“ ist hier nötig; ich habe es geprüft.").check()
    page.get_by_role("button", name="Einzahlung +10 buchen").click()
    page.get_by_text("Gebucht: Beschwerde gelöst.").wait_for()
    assert by_hand() == ["complaint_resolved"]


def test_twice_and_back_and_reload_book_once(visitor, company):
    page = visitor.open(booking(company, "promise_kept"))
    page.get_by_role("button", name="Einzahlung +7 buchen").dblclick()
    page.get_by_text("Gebucht: Zusage gehalten.").wait_for()
    page.reload()
    page.go_back()
    page.get_by_role("button", name="Einzahlung +7 buchen").click()
    page.get_by_text("Das war schon gebucht").wait_for()
    assert by_hand() == ["promise_kept"]


def test_two_clicks_that_both_arrive_book_once(visitor, company):
    page = visitor.open(booking(company, "promise_kept"), scripts=False)
    page.get_by_role("button", name="Einzahlung +7 buchen").click(click_count=3, delay=5)
    page.wait_for_url(re.compile(r"/kunden/c_\w+/$"))
    assert by_hand() == ["promise_kept"]


def test_two_tabs_are_two_entries(visitor, company):
    key = company.customers["Gärtnerei Holm"]
    first = visitor.open(f"/kunden/{key}/buchen/?art=conversation")
    second = first.context.new_page()
    second.goto(f"{visitor.address}/kunden/{key}/buchen/?art=conversation")
    for page in (first, second):
        page.get_by_role("button", name="„Gespräch“ buchen").click()
        page.get_by_text("Gebucht: Gespräch.").wait_for()
    assert by_hand() == ["conversation"] * 2


@pytest.mark.parametrize("scripts", [True, False])
def test_a_session_that_ends_in_mid_form_loses_nothing(visitor, company, scripts):
    page = visitor.open(booking(company, "promise_kept"), scripts=scripts)
    page.get_by_text("Tag, Notiz, wem es gilt").click()
    page.get_by_label(re.compile("^Notiz")).fill("Kam pünktlich")
    Session.objects.all().delete()
    page.get_by_role("button", name="Einzahlung +7 buchen").click()
    page.wait_for_url("**/konto/login/**")
    assert by_hand() == []
    sign_in_again(page, visitor)
    page.get_by_text("Ihre Sitzung war abgelaufen").wait_for()
    assert page.get_by_label(re.compile("^Notiz")).input_value() == "Kam pünktlich"
    page.get_by_role("button", name="Einzahlung +7 buchen").click()
    page.get_by_text("Gebucht: Zusage gehalten.").wait_for()
    assert by_hand() == ["promise_kept"]


def test_a_session_that_ends_while_she_types_loses_nothing(visitor, company):
    page = visitor.open(booking(company, "promise_kept"))
    page.get_by_text("Tag, Notiz, wem es gilt").click()
    Session.objects.all().delete()
    page.get_by_label(re.compile("^Notiz")).type("Kam pünktlich")
    page.wait_for_url("**/konto/login/**")
    sign_in_again(page, visitor)
    assert page.get_by_label(re.compile("^Notiz")).input_value() == "Kam pünktlich"


def test_a_form_of_an_earlier_sign_in_keeps_what_was_typed(visitor, company):
    page = visitor.open(booking(company, "promise_kept"))
    page.get_by_text("Tag, Notiz, wem es gilt").click()
    page.get_by_label(re.compile("^Notiz")).fill("Kam pünktlich")
    # Signing in again in another tab gives the browser another token.
    other = {"name": settings.CSRF_COOKIE_NAME, "value": "n" * 32, "url": visitor.address}
    page.context.add_cookies([other])
    page.get_by_role("button", name="Einzahlung +7 buchen").click()
    page.get_by_text("Ihre Sitzung war abgelaufen").wait_for()
    assert page.get_by_label(re.compile("^Notiz")).input_value() == "Kam pünktlich"
    assert by_hand() == []
    page.get_by_role("button", name="Einzahlung +7 buchen").click()
    page.get_by_text("Gebucht: Zusage gehalten.").wait_for()
    assert by_hand() == ["promise_kept"]


def test_the_warning_comes_while_she_writes_and_the_day_changes_the_preview(visitor, company):
    page = visitor.open(booking(company, "free_service"))
    page.get_by_text("Tag, Notiz, wem es gilt").click()
    page.get_by_label(re.compile("^Notiz")).type("Er ist schwer krank")
    page.get_by_text("„krank“ sagt vielleicht etwas über die Gesundheit").wait_for()
    day = timezone.localdate().replace(year=timezone.localdate().year - 3)
    before = page.locator(".effect .total").inner_text()
    page.get_by_label("Tag", exact=True).fill(day.isoformat())
    page.get_by_label("Tag", exact=True).press("Tab")
    page.wait_for_function(
        "b => document.querySelector('.effect .total').innerText !== b", arg=before
    )
    assert page.get_by_label(re.compile("^Notiz")).input_value() == "Er ist schwer krank"


def test_an_entry_is_reversed_with_a_reason(visitor, company):
    page = visitor.open(correction(company, "storno"))
    button = page.get_by_role("button", name="Stornieren: 25,0 Punkte zurückgeben")
    button.click()
    assert not models.Entry.objects.filter(source="web").exists()
    page.get_by_label("Es betraf jemand anderen").check()
    button.click()
    page.get_by_text("Storniert.").wait_for()
    page.go_back()
    page.reload()
    assert models.Entry.objects.filter(source="web", reason="wrong_customer").count() == 1
