"""Working on duties in the browser: with the mouse, with the keyboard, and without scripts."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.browser.conftest import PHONE
from tests.browser.duties import bundled, duty_of, fallen

from vertrauenskonto.db import models

TODAY = timezone.localdate()


def told(duty: int) -> list[str]:
    return list(
        models.Step.objects.filter(obligation=duty).order_by("pk").values_list("what", flat=True)
    )


@pytest.mark.parametrize("scripts", [True, False])
def test_a_duty_is_taken_put_off_and_left(visitor, company, scripts):
    duty = duty_of(company)
    page = visitor.open("/aufgaben/", scripts=scripts)
    page.get_by_role("button", name=re.compile("Ich kümmere mich.*Nowak")).click()
    assert page.get_by_text("Sie kümmern sich darum.").is_visible()
    page.get_by_role("link", name="Praxis Dr. Nowak").first.click()
    page.get_by_label("Warum?").fill("Die Praxis macht Urlaub")
    page.get_by_label("Ruhen lassen bis").fill((TODAY + timedelta(days=40)).isoformat())
    page.get_by_role("button", name="Aufgabe ruhen lassen").click()
    assert page.get_by_text("Wählen Sie einen Tag nach heute").first.is_visible()
    assert page.get_by_label("Warum?").input_value() == "Die Praxis macht Urlaub"
    page.get_by_label("Ruhen lassen bis").fill((TODAY + timedelta(days=9)).isoformat())
    page.get_by_role("button", name="Aufgabe ruhen lassen").click()
    assert page.get_by_text("Die Aufgabe ruht.").is_visible()
    page.goto(f"{visitor.address}/aufgaben/?art=snoozed")
    page.get_by_role("link", name="Praxis Dr. Nowak").first.click()
    page.get_by_label("Warum lassen wir es dabei?").fill("Die Praxis schließt.")
    page.get_by_role("button", name="Aufgabe ohne Puffer schließen").click()
    assert page.get_by_text("Erledigt: Dabei belassen").is_visible()
    page.reload()
    assert told(duty)[-3:] == ["taken", "snoozed", "left"]


def test_by_keyboard_alone_a_duty_is_taken(visitor, company):
    duty = duty_of(company)
    page = visitor.open("/aufgaben/")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "take":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector(".notice.success")
    assert told(duty)[-1] == "taken"


def test_by_keyboard_alone_a_duty_is_found_on_today_and_put_off(visitor, company):
    duty = duty_of(company)
    page = visitor.open("/")
    tab_to(page, lambda text, _: text == "Ruhen lassen: Praxis Dr. Nowak")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/aufgaben/{duty}/**")
    tab_to(page, lambda _, name: name == "ruhen-reason")
    page.keyboard.type("Die Praxis macht Urlaub")
    tab_to(page, lambda _, name: name == "what")
    page.keyboard.press("Enter")
    page.wait_for_selector(".notice.success")
    row = models.Obligation.objects.get(pk=duty)
    assert row.snoozed_until_date is not None
    assert row.snoozed_until_date > TODAY
    assert (told(duty)[-1], page.locator("h1").inner_text()[:5]) == ("snoozed", "Heute")
    assert page.get_by_role("link", name="Ruhen lassen: Praxis Dr. Nowak").count() == 0


def tab_to(page, is_there) -> None:
    """Press Tab until what has the focus (its text, its name) is what is looked for."""
    focus = (
        "(e => [e.textContent.trim().replace(/\\s+/g, ' '), e.name || ''])(document.activeElement)"
    )
    for _ in range(80):
        page.keyboard.press("Tab")
        if is_there(*page.evaluate(focus)):
            return
    pytest.fail("the keyboard does not lead there")


def test_duties_of_one_carrier_are_bundled_on_a_phone(visitor, company):
    fallen(company, "Café Sommer")
    page = visitor.open("/aufgaben/", who="lena", size=PHONE)
    page.goto(f"{visitor.address}/aufgaben/?art=all")
    for name in ("Praxis Dr. Nowak", "Café Sommer"):
        page.get_by_label(f"Zum Bündeln wählen: {name}").check()
    page.get_by_role("button", name="Gewählte Aufgaben bündeln").click()
    page.get_by_label("Gemeinsame Ursache").fill("Spedition Nord")
    page.get_by_role("button", name="Unter dieser Ursache bündeln").click()
    assert page.get_by_role("heading", name="Spedition Nord").is_visible()
    assert page.get_by_text("2 Konten brauchen hier noch jemanden.").is_visible()
    assert models.SharedDuty.objects.get().owner.key == "p_lena"


def test_a_common_cause_that_is_dealt_with_leaves_what_has_no_buffer_open(visitor, company):
    shared = bundled(company)
    page = visitor.open(f"/aufgaben/gemeinsam/{shared}/", who="lena")
    page.get_by_label("Was wurde getan?").fill("Sie fährt jetzt jeden Tag.")
    page.get_by_role("button", name="Als behoben festhalten").click()
    assert page.get_by_text("Ursache behoben am").is_visible()
    assert models.Obligation.objects.filter(closed_date=None, shared=shared).count() == 2
    assert told(duty_of(company))[-1] == "shared_resolved"
