"""At risk, told by mail, a new date, kept: the whole path in the browser, read back from the server."""

import pytest
from tests.browser.message_states import begun, consent, drafted
from tests.browser.promise_states import one
from tests.service.test_alert_jobs import box  # noqa: F401

from vertrauenskonto.db import models

_WORDS = {
    "de": {
        "draft": "Nachricht entwerfen",
        "why": "Warum?",
        "send": "Jetzt senden",
        "sent": "Gesendet. Der Kunde weiß Bescheid.",
        "agree": "Neuen Termin festhalten",
        "done": "Als erledigt festhalten",
        "kept": "gehalten",
        "hello": "Guten Tag Frau Holm,",
    },
    "en": {
        "draft": "Draft a message",
        "why": "Why?",
        "send": "Send now",
        "sent": "Sent. The customer knows.",
        "agree": "Record the new date",
        "done": "Record as done",
        "kept": "kept",
        "hello": "Hello Frau Holm,",
    },
}


@pytest.mark.parametrize("language", ["de", "en"])
def test_at_risk_told_by_mail_new_date_kept(visitor, company, box, language):  # noqa: F811
    said = _WORDS[language]
    models.Profile.objects.update(language=language)
    page = visitor.open(one(company, "Lieferung der Setzlinge"), language=language)
    page.get_by_role("link", name=said["draft"]).click()
    page.get_by_label(said["why"]).fill("Unser Lieferant hat uns die falsche Palette geschickt.")
    page.get_by_role("button").filter(has_text="ntwerfen" if language == "de" else "Draft").click()
    page.get_by_role("button", name=said["send"]).dblclick()
    page.get_by_text(said["sent"]).first.wait_for()
    [(to, letter)] = box.mails
    assert to == "holm@example.org"
    assert said["hello"] in letter.get_content()
    assert "falsche Palette" in letter.get_content()
    page.get_by_role("button", name=said["agree"]).click()
    page.locator("#erledigt").get_by_role("button", name=said["done"]).click()
    page.locator(".lead", has_text=said["kept"]).wait_for()
    row = models.Promise.objects.get(wording="Lieferung der Setzlinge")
    whats = models.PromiseStep.objects.filter(promise=row).order_by("pk")
    steps = [w for w in whats.values_list("what", flat=True) if w != "warned"]
    assert steps == ["made", "at_risk", "told", "renegotiated", "done"]
    assert (row.state, row.renegotiated) == ("kept", 1)
    assert models.Entry.objects.filter(source="promises", promise=row.key).count() == 2


def test_by_phone_without_scripts_and_bad_input_keeps_what_was_typed(visitor, company):
    page = visitor.open(begun(company), scripts=False)
    page.get_by_label("Was geschieht jetzt?").fill("Wir holen die Palette selbst.")
    page.get_by_role("button", name="Nachricht entwerfen").click()
    assert page.get_by_label("Was geschieht jetzt?").input_value().startswith("Wir holen")
    assert models.CustomerMessage.objects.count() == 0
    page.get_by_label("Warum?").fill("Der Lieferant hat uns versetzt.")
    page.get_by_role("button", name="Nachricht entwerfen").click()
    page.get_by_role("button", name="Als gesagt festhalten").click()
    row = models.CustomerMessage.objects.get()
    assert (row.state, row.channel) == ("told", "call")


def test_jargon_is_marked_with_plain_words(visitor, company):
    page = visitor.open(drafted(company))
    check = page.locator("section.check")
    assert "Evaluierung" in check.locator("mark").first.inner_text()
    assert "Lange Sätze" in check.inner_text()


def test_a_task_says_which_ways_are_open(visitor, company):
    consent(company)
    page = visitor.open(one(company, "Lieferung der Setzlinge"))
    page.get_by_text("Welche Wege sind offen?").click()
    page.locator(".ways .drawn ul").wait_for()
    assert "Der Vertrag verlangt es" in page.locator(".ways").inner_text()
