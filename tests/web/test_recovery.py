"""The pages of recovery: from a broken promise to the customer's word, in both languages, once."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.db.staff import SYSTEM, Staff
from tests.web.test_booking import customer

from vertrauenskonto.core.recovery.steps import EVALUATION_DAYS
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import balances, policies, recovery
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.recovery import NewCase
from vertrauenskonto.db.queries.policies import history
from vertrauenskonto.importers.policy import read_policy

TODAY = timezone.localdate()


@pytest.fixture
def staff(site):
    made = Staff(today=TODAY - timedelta(days=400))
    version = read_policy("craft").versions[-1]
    policies.put_in_force(version, valid_from=made.today, door=made.door)
    made.policies = history()
    made.today = TODAY
    return made


@pytest.fixture
def broken(staff, site):
    """Alice, and her customer to whom a promise was broken silently."""
    alice = site.signed_in("alice")
    key = customer(staff, owner="alice")
    staff.booked(key, "promise_broken_unannounced")
    return alice, key


def door():
    now = datetime.now(UTC)
    return Door(actor="system", channel="test", at=now, today=TODAY)


def opened(staff, key, **given):
    entry = models.Entry.objects.filter(customer__key=key).latest("pk")
    new = NewCase(**{"customer": key, "number": f"n{entry.pk}", "entry": entry.pk} | given)
    return recovery.open_case(SYSTEM, new, door=door(), policies=staff.policies)


def sent(browser, path, what, **answers):
    """Send the form of a step as its page shows it, with these answers."""
    page = browser.get(path).content.decode()
    pattern = rf'name="{what}-(\w+)"'
    names = set(re.findall(pattern, page))
    assert names, f"{what} is not offered"
    number = re.search(rf'name="{what}-once" value="([^"]+)"', page)[1]
    person = re.search(rf'name="{what}-person".*?value="([^"]+)"', page, re.DOTALL)
    usual = {
        "once": number,
        "on": TODAY.isoformat(),
        "channel": "in_person",
        "breach": "able",
        "person": person[1] if person else "",
    }
    asked = {
        n: usual.get(n, "" if n.startswith("survey") or n == "until" else "So war es.")
        for n in names
    }
    body = {f"{what}-{n}": v for n, v in (asked | answers).items()} | {"what": what}
    return browser.post(path, body), body


def errors(page):
    found = re.findall(r'<p class="error"[^>]*>(.*?)</p>', page.content.decode(), re.DOTALL)
    return [html.unescape(text) for text in found]


STEPS = (
    "facts",
    "contact",
    "understanding",
    "disappointment",
    "apology",
    "new_chance",
    "offer",
    "talk",
    "repair",
    "prevention",
    "confirmed",
)


def test_a_broken_promise_leads_through_duty_case_and_talk_to_the_customers_word(broken, staff):
    alice, key = broken
    [duty] = models.Obligation.objects.all()
    page = alice.get(f"/aufgaben/{duty.pk}/").content.decode()
    address = f"/kunden/{key}/rueckgewinnung/?aufgabe={duty.pk}"
    assert address in html.unescape(page)
    form = alice.get(address).content.decode()
    entry = re.search(r'name="entry" value="(\d+)"', form)[1]
    number = re.search(r'name="once" value="([^"]+)"', form)[1]
    body = {"once": number, "entry": entry, "incident": "", "on": ""}
    answers = [alice.post(address, body) for _ in range(2)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    [case] = models.Case.objects.all()
    assert (case.path, case.obligation_id, case.origin) == ("case", duty.pk, "obligation")
    path = answers[0].headers["Location"]
    for what in STEPS:
        answer, body = sent(alice, path, what)
        assert answer.status_code == 302, errors(answer)
        assert alice.post(path, body).status_code == 302
    assert models.CaseStep.objects.count() == len(STEPS)
    booked = models.Entry.objects.filter(source="recovery")
    assert booked.count() == 3
    # Ninety days later, and with a balance that is good again.
    earlier = TODAY - timedelta(days=EVALUATION_DAYS)
    models.CaseStep.objects.update(on_date=earlier)
    models.Case.objects.update(incident_date=earlier)
    for _ in range(12):
        staff.booked(key, "promise_kept")
    balances.bring_up(TODAY, staff.policies, at=datetime.now(UTC))
    answer, _ = sent(alice, path, "evaluated", survey_1="6", survey_2="6", survey_3="7")
    assert answer.status_code == 302, errors(answer)
    case.refresh_from_db()
    duty.refresh_from_db()
    assert (case.state, duty.closed_date) == ("repaired", TODAY)
    told = html.unescape(alice.get(f"/kunden/{key}/").content.decode())
    for line in ("damage repaired", "recurrence prevented", "confirmed by the customer"):
        assert f"Recovery: {line}" in told
    assert "closed, repaired" in alice.get(path).content.decode()


def test_what_is_missing_is_said_at_its_field_and_what_was_typed_is_kept(broken, staff):
    alice, key = broken
    path = f"/rueckgewinnung/{opened(staff, key)}/"
    answer, _ = sent(alice, path, "facts", breach="", findings="Kalender leer")
    assert answer.status_code == 200
    assert "Kalender leer" in answer.content.decode()
    assert errors(answer)
    answer, _ = sent(alice, path, "facts", on=(TODAY - timedelta(days=900)).isoformat())
    assert "earliest day" in errors(answer)[0]
    assert models.CaseStep.objects.count() == 0
    # A word of a special category is asked about, and passes once it is said to be needed.
    answer, _ = sent(alice, path, "facts", findings="Der Monteur hatte Grippe.")
    assert answer.status_code == 200
    answer, _ = sent(
        alice, path, "facts", findings="Der Monteur hatte Grippe.", findings_needed="grippe"
    )
    assert answer.status_code == 302
    assert alice.post(path, {"what": "flowers"}).status_code == 404


def test_a_step_sent_too_early_says_why_and_keeps_what_was_typed(broken, staff):
    alice, key = broken
    path = f"/rueckgewinnung/{opened(staff, key)}/"
    early = {"what": "apology", "apology-responsibility": "Das lag allein an uns."}
    answer = alice.post(path, early)
    assert answer.status_code == 200
    assert "Das lag allein an uns." in answer.content.decode()
    assert errors(answer)
    assert models.CaseStep.objects.count() == 0


def test_strangers_get_nothing_and_leads_find_the_page_in_the_menu(broken, staff, site):
    alice, key = broken
    path = f"/rueckgewinnung/{opened(staff, key)}/"
    bob, anna = site.signed_in("bob"), site.signed_in("anna", "analyst")
    lena = site.signed_in("lena", "lead")
    for address in (path, f"{path}brief/apology/", f"/kunden/{key}/rueckgewinnung/"):
        assert bob.get(address).status_code == 404
        assert anna.get(address).status_code == 403
        assert lena.get(address).status_code == 200
    assert 'href="/rueckgewinnung/"' in lena.get("/").content.decode()
    assert 'href="/rueckgewinnung/"' not in bob.get("/").content.decode()
    assert path in alice.get(f"/kunden/{key}/").content.decode()
    models.Case.objects.update(due_date=TODAY)
    assert path in alice.get("/").content.decode()
    assert path not in bob.get("/").content.decode()


def test_a_letter_is_checked_printed_and_never_with_gaps(broken, staff):
    alice, key = broken
    path = f"/rueckgewinnung/{opened(staff, key)}/brief/apology/"
    page = alice.get(f"{path}?sprache=de").content.decode()
    assert "[[Warum ist es geschehen?]]" in html.unescape(page)
    body = {
        "what": "pdf",
        "address": "Gärtnerei Holm\nWeg 3\n10115 Berlin",
        "subject": "Unsere Entschuldigung",
        "text": "Guten Tag,\n\nfalls etwas falsch war: [[Grund]]",
    }
    refused = alice.post(f"{path}?sprache=de", body)
    assert errors(refused) == ["Please still fill in: Grund"]
    assert "falls" in refused.content.decode()
    body["text"] = "Guten Tag,\n\nwir haben Ihren Termin vergessen. Es tut uns leid."
    pdf = alice.post(f"{path}?sprache=de", body)
    assert (pdf["Content-Type"], pdf["Cache-Control"]) == ("application/pdf", "no-store")
    assert pdf.content[:5] == b"%PDF-"


def test_the_invitation_waits_for_the_apology(broken, staff):
    alice, key = broken
    path = f"/rueckgewinnung/{opened(staff, key)}/"
    assert alice.get(f"{path}brief/invitation/").headers["Location"] == path
    for what in STEPS[:5]:
        sent(alice, path, what)
    assert alice.get(f"{path}brief/invitation/").status_code == 200


def test_the_list_asks_as_often_for_many_cases_as_for_few(staff, site):
    lena = site.signed_in("lena", "lead")
    counts = []
    for _ in range(2):
        for _ in range(4):
            key = customer(staff)
            staff.booked(key, "promise_broken_unannounced")
            opened(staff, key)
        lena.get("/rueckgewinnung/")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert lena.get("/rueckgewinnung/").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 15
