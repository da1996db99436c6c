"""The policy as people change it: by keyboard, without scripts, two at once, from draft to in force."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.browser.conftest import PHONE
from tests.browser.policy_states import drafted, number
from tests.browser.test_every_page import RULES

from vertrauenskonto.db import models
from vertrauenskonto.db.queries.policies import history, history_or_none


def nothing_reported(page) -> bool:
    return Axe().run(page, options=RULES).response["violations"] == []


@pytest.mark.parametrize("scripts", [True, False])
def test_from_draft_to_in_force(visitor, company, scripts):
    page = visitor.open("/regelwerk/", who="lena", scripts=scripts)
    page.get_by_role("link", name="Entwurf beginnen").click()
    page.get_by_label("Name des Entwurfs").fill("Strenger")
    page.get_by_role("button", name="Entwurf beginnen").click()
    page.get_by_role("link", name="Wann jemand handeln muss").click()
    page.get_by_label("Schwelle (Punkte)", exact=True).fill("2,5")
    page.get_by_role("button", name="Im Entwurf speichern").click()
    page.get_by_role("cell", name="2,5 Punkte").wait_for()
    entries = models.Entry.objects.count()
    page.get_by_role("button", name="Probelauf rechnen").click()
    page.get_by_role("heading", name="Am ersten Tag").wait_for()
    assert page.locator("svg[role=img]").count() == 2
    page.get_by_role("link", name="Konto ändert sich").first.click()
    page.get_by_role("link", name="Familie Brandt").wait_for()
    page.go_back()
    page.get_by_role("link", name="In Kraft setzen …").click()
    assert not page.get_by_label("Auch für Konten").is_checked()
    page.get_by_role("button", name="In Kraft setzen").click()
    page.get_by_text("Fassung 2 gilt ab").wait_for()
    assert history().versions[-1].parameters.threshold == 2.5
    assert models.Entry.objects.count() == entries
    page.reload()
    page.go_back()
    assert models.PolicyVersion.objects.count() == 2


def test_a_kind_is_changed_by_the_keyboard_alone(visitor, company):
    path = drafted(company)
    page = visitor.open(f"{path}art/promise_kept/", who="lena", language="en")
    page.get_by_label("Able (optional)", exact=True).focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("7,5")
    page.keyboard.press("Enter")
    page.wait_for_url("**/arten/#promise_kept")
    page.get_by_text("Saved.").wait_for()
    document = models.DraftRevision.objects.get(draft=number(path), revision=2).document
    assert "able = 7.5" in document


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_mistake_stands_at_its_field_and_what_was_typed_is_kept(visitor, company, language):
    path = drafted(company)
    page = visitor.open(
        f"{path}regeln/silence/", who="lena", language=language, size=PHONE, scheme="dark"
    )
    field = page.locator("[name=silence__grace_days]")
    field.fill("zehn" if language == "de" else "ten")
    page.get_by_role("button", name="speichern" if language == "de" else "Save").click()
    page.get_by_role("alert").wait_for()
    assert field.input_value() in ("zehn", "ten")
    assert "36500" in page.locator(".error").inner_text()
    assert nothing_reported(page)
    assert models.DraftRevision.objects.filter(draft=number(path)).count() == 1


def test_two_editors_decide_field_by_field(visitor, company):
    path = f"{drafted(company)}regeln/alarm/"
    hers, his = (visitor.open(path, who=who) for who in ("lena", "adam"))
    his.get_by_label("Schwelle (Punkte)", exact=True).fill("9")
    his.get_by_role("button", name="Im Entwurf speichern").click()
    his.get_by_role("cell", name="9 Punkte").wait_for()
    hers.get_by_label("Schwelle (Punkte)", exact=True).fill("3")
    hers.get_by_role("button", name="Im Entwurf speichern").click()
    hers.get_by_role("alert").wait_for()
    assert "von „5“ in „9“" in hers.locator(".error").inner_text()
    assert hers.get_by_label("Schwelle (Punkte)", exact=True).input_value() == "3"
    assert nothing_reported(hers)
    hers.get_by_role("button", name="Im Entwurf speichern").click()
    hers.get_by_role("cell", name="3 Punkte").wait_for()


def test_a_replay_that_runs_shows_how_far_it_is_and_the_result_by_itself(visitor, company):
    path = drafted(company)
    models.PolicyReplay.objects.create(
        draft_id=number(path),
        revision=1,
        compared="craft/1",
        state="running",
        share=0.2,
        asked_at=company.staff.door.at,
    )
    page = visitor.open(path, who="lena")
    page.get_by_text("20 %").wait_for()
    models.PolicyReplay.objects.update(share=0.8)
    page.get_by_text("80 %").wait_for()
    page.get_by_role("button", name="Probelauf abbrechen").click()
    page.get_by_text("Der Probelauf wurde abgebrochen.").wait_for()


@pytest.mark.parametrize(("language", "scheme"), [("de", "light"), ("en", "dark")])
def test_without_a_policy_the_starters_are_told_apart(visitor, database, shots, language, scheme):
    models.Person.objects.create(key="p_lena", email="l@example.org", name="Lena", role="lead")
    page = visitor.open("/regelwerk/", who="lena", language=language, scheme=scheme, size=PHONE)
    begin = "Damit beginnen" if language == "de" else "Begin with this"
    assert page.get_by_role("link", name=begin).count() == 7
    assert nothing_reported(page)
    if shots is not None:
        shots.mkdir(exist_ok=True, parents=True)
        page.screenshot(path=shots / f"policy-none-{language}-{scheme}.png", full_page=True)
    assert history_or_none() is None
