"""Recovery in the browser: from a promise broken silently to the customer's word and what follows."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from tests.browser.company import book
from tests.browser.conftest import PHONE
from tests.browser.duties import duty_of
from tests.browser.recovery_states import NOWAK, case

from vertrauenskonto.core.recovery.steps import EVALUATION_DAYS, STEPS
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import balances

TODAY = timezone.localdate()
WORDS = {
    "de": ("Rückgewinnung eröffnen", "Fall eröffnen", "geschlossen, repariert"),
    "en": ("Open a recovery case", "Open the case", "closed, repaired"),
}
SHOWN = {
    "de": ("Schaden behoben", "Wiederholung verhindert", "vom Kunden bestätigt"),
    "en": ("damage repaired", "recurrence prevented", "confirmed by the customer"),
}


@pytest.mark.parametrize(("language", "scripts"), [("de", True), ("en", False)])
def test_from_a_broken_promise_to_the_customers_word(visitor, company, language, scripts):
    duty = duty_of(company)
    begin, opened, repaired = WORDS[language]
    page = visitor.open(f"/aufgaben/{duty}/", language=language, scripts=scripts)
    page.get_by_role("link", name=begin).click()
    page.get_by_role("button", name=opened).click()
    for step in STEPS["case"][:-1]:
        page.wait_for_selector(f"#{step.name} form")
        box = page.locator(f"#{step.name} form").first
        for area in box.locator("textarea").all():
            area.fill("Wir haben es besprochen.")
        if step.name == "facts":
            # Without saying what was broken it comes back, and what was typed is still there.
            box.get_by_role("button").click()
            assert page.locator("#facts .error").first.is_visible()
            assert box.locator("textarea").input_value() == "Wir haben es besprochen."
            box.locator("input[value=able]").check()
        box.get_by_role("button").click()
        page.wait_for_selector(f"#{step.name}.done")
    page.reload()
    [row] = models.Case.objects.all()
    assert models.CaseStep.objects.count() == len(STEPS["case"]) - 1
    assert models.Entry.objects.filter(source="recovery").count() == 3
    # Ninety days later the account stands well again.
    models.CaseStep.objects.update(on_date=TODAY - timedelta(days=EVALUATION_DAYS))
    models.Case.objects.update(incident_date=TODAY - timedelta(days=EVALUATION_DAYS))
    for _ in range(25):
        book(company, company.customers[NOWAK], "promise_kept", ago=0)
    balances.bring_up(TODAY, company.staff.policies, at=datetime.now(UTC))
    page.reload()
    box = page.locator("#evaluated form").first
    for answer in box.locator("select").all():
        answer.select_option("6")
    box.get_by_role("button").click()
    # There was another broken promise within the year, so a lead has the last word.
    page.wait_for_selector("#evaluated.done")
    row.refresh_from_db()
    assert row.state == "awaiting_lead"
    page = visitor.open(
        f"/rueckgewinnung/{row.key}/", who="lena", language=language, scripts=scripts
    )
    page.locator("#lead_repaired summary").click()
    page.locator("#lead_repaired textarea").fill("Frau Nowak ist zufrieden.")
    page.locator("#lead_repaired").get_by_role("button").click()
    assert page.get_by_text(repaired).first.is_visible()
    assert models.Obligation.objects.get(pk=duty).outcome in ("evaluated", "recovered")
    page = visitor.open(f"/kunden/{company.customers[NOWAK]}/", language=language)
    for line in SHOWN[language]:
        assert page.get_by_text(line).first.is_visible()


def test_a_letter_is_checked_filled_in_and_downloaded(visitor, company):
    path = case(company, until="apology")
    page = visitor.open(f"{path}brief/apology/", size=PHONE)
    page.get_by_role("button", name="Als PDF laden").click()
    assert page.get_by_text("Bitte noch ergänzen").first.is_visible()
    text = page.get_by_label("Text", exact=True)
    text.fill("Guten Tag,\n\nfalls etwas falsch war, tut es uns leid.")
    page.get_by_role("button", name="Entwurf prüfen").click()
    assert page.get_by_text("ohne Bedingung").first.is_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Als PDF laden").click()
    assert download.value.path().read_bytes()[:5] == b"%PDF-"
