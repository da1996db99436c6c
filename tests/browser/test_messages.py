"""Messages and their settings in a real browser: by keyboard, without scripts, sent twice."""

import pytest
from tests.browser import alert_states
from tests.browser.conftest import PHONE

from vertrauenskonto.db import models


def test_messages_are_marked_as_read_by_keyboard_and_stay_listed(visitor, company):
    page = visitor.open(alert_states.messages(company))
    assert page.get_by_text("ungelesen").count() == 4  # three messages, and the count above
    button = page.get_by_role("button", name="Alles als gelesen markieren")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelectorAll('.unread').length === 0")
    assert page.locator(".messages li").count() == 3
    assert page.locator(".badge.waiting").count() == 0
    page.reload()
    assert page.locator(".messages li").count() == 3


@pytest.mark.parametrize("scripts", [True, False])
def test_settings_keep_what_was_typed_and_say_what_is_wrong(visitor, company, scripts):
    page = visitor.open("/konto/meldungen/", size=PHONE, scripts=scripts)
    page.get_by_label("Um").select_option("22")
    page.get_by_label("Samstag").check()
    page.get_by_role("button", name="Speichern").click()
    assert page.get_by_text("22 Uhr liegt in der Ruhezeit von 20 bis 7 Uhr.").count() == 2
    assert page.get_by_label("Samstag").is_checked()
    assert models.AlertChoice.objects.count() == 0
    page.get_by_label("Um").select_option("9")
    page.get_by_role("button", name="Speichern").click()
    page.get_by_text("Gespeichert.").wait_for()
    row = models.AlertChoice.objects.get()
    assert (row.hour, row.days) == (9, "123456")


def test_from_a_cause_to_its_entries_and_on_to_an_account(visitor, company):
    page = visitor.open(alert_states.reasons(company), who="lena", scripts=False)
    page.get_by_role("link", name="Zusage ohne Vorwarnung gebrochen").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Zusage ohne Vorwarnung gebrochen"
    page.get_by_role("link", name="Praxis Dr. Nowak").first.click()
    assert page.url.endswith(f"/kunden/{company.customers['Praxis Dr. Nowak']}/")
