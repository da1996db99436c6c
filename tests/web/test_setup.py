"""The set-up pages, from three questions to the first honest page."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from tests.db.staff import Staff
from tests.web.test_entrance import code, shown_secret

from vertrauenskonto.db import models
from vertrauenskonto.db.queries.choices import choice
from vertrauenskonto.db.queries.policies import history

RULES = {
    "industry": "craft",
    "usual_days": "90",
    "go_live": timezone.localdate().isoformat(),
    "openings": "list",
}
LATER = (timezone.localdate() + timedelta(days=30)).isoformat()
LIST = "Kundennummer;Firma;Beziehung\n1;Gärtnerei Holm;bewährt\n2;Café Sommer;\n".encode("cp1252")


def administrator(site):
    browser = site.signed_in("adam", "administrator")
    browser.post("/konto/2fa/totp/activate/", {"code": code(shown_secret(browser))})
    return browser


def test_three_questions_a_list_and_the_first_honest_page(site):
    browser = administrator(site)
    assert "Answer a few questions" in browser.get("/einrichten/").content.decode()
    assert browser.post("/einrichten/regeln/", RULES).headers["Location"] == "/einrichten/"
    assert models.PolicyVersion.objects.count() == 1
    upload = SimpleUploadedFile("kunden.csv", LIST)
    answer = browser.post("/einrichten/kunden/", {"upload": upload})
    assert answer.headers["Location"] == "/einrichten/kunden/spalten/"
    page = browser.get("/einrichten/kunden/spalten/").content.decode()
    assert "Gärtnerei Holm" in page
    chosen = {"number": "Kundennummer", "name": "Firma", "opening": "Beziehung", "what": "enter"}
    assert browser.post("/einrichten/kunden/spalten/", chosen).status_code == 302
    assert models.Customer.objects.count() == 2
    page = browser.get("/einrichten/").content.decode()
    assert "2 accounts opened" in page
    assert "not zero but unknown" in page
    # Sent again: the list is used up, nothing is opened twice.
    answer = browser.post("/einrichten/kunden/spalten/", chosen)
    assert answer.headers["Location"] == "/einrichten/kunden/"
    assert models.Customer.objects.count() == 2
    assert browser.post("/einrichten/").headers["Location"] == "/"
    assert choice("setup_step") == "done"


@pytest.mark.parametrize(
    ("language", "told", "listed"),
    [
        (
            "de",
            "1 Konto eröffnet, 0 waren schon da, 0 warten auf eine Zuordnung.",
            "1 Konto ist eröffnet",
        ),
        (
            "en",
            "1 account opened, 0 were there already, 0 wait to be matched.",
            "1 account is open",
        ),
    ],
)
def test_one_account_is_counted_as_one(site, language, told, listed):
    browser = administrator(site)
    models.Person.objects.update(language=language)
    browser.post("/einrichten/regeln/", RULES)
    upload = SimpleUploadedFile("kunden.csv", LIST.splitlines(keepends=True)[0] + b"1;Holm;\n")
    browser.post("/einrichten/kunden/", {"upload": upload})
    chosen = {"number": "Kundennummer", "name": "Firma", "what": "enter"}
    browser.post("/einrichten/kunden/spalten/", chosen)
    page = browser.get("/einrichten/").content.decode()
    assert told in page
    assert listed in page


@pytest.mark.parametrize(
    "path_and_given",
    [
        ("/einrichten/regeln/", {**RULES, "go_live": LATER}),
        ("/verwaltung/einstellungen/", {"what": "choices", "go_live_date": LATER}),
    ],
)
def test_a_first_day_that_moves_says_which_rests_follow_tomorrow(site, path_and_given):
    browser = administrator(site)
    browser.post("/einrichten/regeln/", RULES)
    staff = Staff(today=timezone.localdate(), policies=history())
    staff.booked(staff.customer(), "promise_kept", value_date=staff.today - timedelta(days=390))
    assert "For everybody silence counts" in browser.get("/einrichten/").content.decode()
    path, given = path_and_given
    assert browser.post(path, given).status_code == 302
    page = browser.get("/einrichten/").content.decode()
    assert "1 account rests until the day chosen before" in page
    assert "For everybody silence counts" not in page
    assert choice("go_live_date") == LATER


def test_what_was_typed_is_kept_and_the_error_stands_at_its_field(site):
    browser = administrator(site)
    page = browser.post("/einrichten/regeln/", {**RULES, "usual_days": "-3"}).content.decode()
    assert 'id="id_usual_days_error"' in page
    assert 'value="-3"' in page
    assert not models.PolicyVersion.objects.exists()
    upload = SimpleUploadedFile("bild.csv", b"\x89PNG\x00")
    answer = browser.post("/einrichten/kunden/", {"upload": upload})
    assert answer.status_code == 400
    assert "is no text file" in answer.content.decode()


def test_only_administrators_set_up(site):
    lead = site.signed_in("lena", "lead")
    for path in ("", "regeln/", "kunden/", "kunden/spalten/"):
        assert lead.get(f"/einrichten/{path}").status_code == 403


def test_the_rehearsal_pressed_twice_is_one_draft(site):
    browser = administrator(site)
    browser.post("/einrichten/regeln/", RULES)
    pages = {browser.post("/einrichten/probelauf/").headers["Location"] for _ in "12"}
    draft = models.PolicyDraft.objects.get()
    assert pages == {f"/regelwerk/entwurf/{draft.pk}/probelauf/"}
