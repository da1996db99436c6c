"""Promises in the browser: made in one form, told about, given a new date, kept; without scripts too."""

import pytest
from tests.browser.conftest import PHONE
from tests.browser.promise_states import HOLM, one

from vertrauenskonto.db import models


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_promised_told_given_a_new_date_and_kept(visitor, company, scripts):
    key = company.customers[HOLM]
    page = visitor.open(f"/kunden/{key}/", scripts=scripts)
    page.get_by_role("link", name="+ Zusage").click()
    page.get_by_label("Was wurde zugesagt?").fill("Angebot für die Hecke schicken")
    # The day is missing: asked, and what was typed stays.
    page.get_by_role("button", name="Zusage festhalten").click()
    assert "Bis wann?" in page.locator(".problems").inner_text()
    assert page.get_by_label("Was wurde zugesagt?").input_value().startswith("Angebot für")
    page.locator("input[name=quick]").nth(-2).check()
    page.get_by_role("button", name="Zusage festhalten").click()
    if page.locator("input[name=day_off]").count():
        page.locator("input[name=day_off]").check()
        page.get_by_role("button", name="Zusage festhalten").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Angebot für die Hecke schicken"
    address = page.url
    page.locator("#bescheid").get_by_label("Was wurde gesagt?").fill("Das Lager ist im Rückstand")
    page.locator("#bescheid").get_by_role("button").click()
    assert "der Kunde weiß Bescheid" in page.locator(".notice.success").first.inner_text()
    new = page.locator("#neu")
    new.locator("input[name=neu-quick]").last.check()
    new.get_by_label("Anderer Tag").fill("2027-03-17")
    new.get_by_role("button").click()
    assert "17. März 2027" in page.locator(".lead").inner_text()
    page.locator("#erledigt").get_by_role("button").dblclick()
    page.locator(".lead", has_text="gehalten").wait_for()
    # Back and reload do no harm.
    page.go_back()
    page.goto(address)
    story = page.locator(".history").inner_text()
    for told in (
        "Zugesagt bis",
        "Das Lager ist im Rückstand",
        "Neu vereinbart bis 17. März 2027",
        "Erledigt",
    ):
        assert told in story
    whats = models.PromiseStep.objects.order_by("pk").values_list("what", flat=True)
    assert list(whats) == ["made", "told", "renegotiated", "done"]
    assert models.Entry.objects.filter(source="promises").count() == 2


def test_from_today_with_one_button_and_back(visitor, company):
    one(company, "Gutschrift ausstellen")
    page = visitor.open("/?meine", size=PHONE, language="en")
    row = page.locator("li.promise", has_text="Gutschrift ausstellen")
    assert "overdue" in row.inner_text()
    row.get_by_role("button", name="Done").click()
    assert page.url.endswith("/?meine")
    assert page.locator("li.promise", has_text="Gutschrift ausstellen").count() == 0
    assert models.Promise.objects.get(wording="Gutschrift ausstellen").state == "late_silent"
