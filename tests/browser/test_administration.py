"""Administration in a real browser: with the keyboard, without scripts, with impatient fingers."""

import re

from playwright.sync_api import expect
from tests.browser.conftest import PHONE
from tests.browser.test_obligations import tab_to

from vertrauenskonto.db import models

PASSWORD = "a sentence only I know"


def test_who_is_invited_sets_her_password_and_signs_in_without_scripts(visitor, company):
    page = visitor.open("/verwaltung/personen/", who="adam", scripts=False, size=PHONE)
    page.get_by_role("link", name="Person einladen").click()
    page.get_by_label("E-Mail-Adresse").fill("clara@example.org")
    page.get_by_label("Name").fill("Clara")
    page.get_by_label("Rolle").select_option("lead")
    page.get_by_role("button", name="Einladen").click()
    link = page.get_by_label("Link", exact=True).input_value()
    page.reload()
    assert page.get_by_label("Link", exact=True).count() == 0
    clara = visitor.open("/konto/login/", who=None, scripts=False)
    clara.goto(re.sub(r"^https?://[^/]+", visitor.address, link))
    clara.get_by_label("Neues Passwort").fill(PASSWORD)
    clara.get_by_label("Noch einmal").fill(PASSWORD)
    clara.get_by_role("button", name="Passwort setzen").click()
    clara.get_by_label("E-Mail-Adresse").fill("clara@example.org")
    clara.get_by_label("Passwort", exact=True).fill(PASSWORD)
    clara.keyboard.press("Enter")
    clara.wait_for_url(f"{visitor.address}/")
    assert models.Person.objects.get(email="clara@example.org").role == "lead"


def test_two_presses_and_a_reload_issue_one_token(visitor, company):
    page = visitor.open("/verwaltung/token/neu/", who="adam")
    page.get_by_label("Wofür").fill("Shop")
    page.get_by_label("Für wen es handelt").select_option("alice@example.org")
    page.locator("input[name=scopes]").first.check()
    page.get_by_role("button", name="Token ausstellen").dblclick()
    secret = page.get_by_label("Geheimnis")
    secret.wait_for()
    assert secret.input_value().startswith("vk_")
    page.reload()
    expect(page.get_by_label("Geheimnis")).to_have_count(0)
    assert models.Token.objects.count() == 1


def test_by_keyboard_alone_somebody_is_invited(visitor, company):
    page = visitor.open("/verwaltung/personen/einladen/", who="adam")
    for name, text in (("email", "clara@example.org"), ("name", "Clara")):
        tab_to(page, lambda _, field, name=name: field == name)
        page.keyboard.type(text)
    tab_to(page, lambda _, field: field == "role")
    page.keyboard.type("Leitung")
    page.keyboard.press("Tab")
    tab_to(page, lambda text, _: text == "Einladen")
    page.keyboard.press("Enter")
    page.get_by_label("Link", exact=True).wait_for()
    clara = models.Person.objects.get(email="clara@example.org")
    assert (clara.name, clara.role) == ("Clara", "lead")


def test_what_was_typed_stays_and_the_mistake_is_read_first(visitor, company):
    page = visitor.open("/kunden/neu/", who="alice", language="en")
    page.get_by_label("Name", exact=True).fill("Tischlerei Ost")
    page.get_by_label("Ids in other systems").fill("4711")
    page.get_by_role("button", name="Open the account").click()
    expect(page.locator(".problems")).to_be_focused()
    assert page.get_by_label("Name", exact=True).input_value() == "Tischlerei Ost"
    page.get_by_label("Ids in other systems").fill("shop: 4711")
    page.get_by_role("button", name="Open the account").click()
    page.wait_for_url(re.compile("/kunden/c_"))
    assert models.ExternalId.objects.get().value == "4711"
