"""The pages of duties: few queries however many there are, nothing twice, nothing for strangers."""

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.db.staff import Staff
from tests.web.test_pages import tidy

from vertrauenskonto.db import models
from vertrauenskonto.db.actions import policies
from vertrauenskonto.db.actions.obligations import escalate
from vertrauenskonto.db.queries.policies import history
from vertrauenskonto.importers.policy import read_policy

BROKEN = "promise_broken_unannounced"
TODAY = timezone.localdate()


def a_world() -> Staff:
    world = Staff(today=TODAY)
    version = read_policy("craft").versions[-1]
    policies.put_in_force(version, valid_from=world.today - timedelta(days=9), door=world.door)
    world.policies = history()
    return world


def fallen(world: Staff, count: int = 1, *, owner: str = "") -> list[int]:
    person = models.Person.objects.get(key=owner).pk if owner else None
    for _ in range(count):
        key = world.customer()
        row = models.Customer.objects.get(key=key)
        models.Profile.objects.create(customer=row, sort="person", name="Ada Holm", owner_id=person)
        models.Contact.objects.create(customer=row, phone="+49 30 1", is_main=True)
        world.booked(key, BROKEN)
    return list(models.Obligation.objects.order_by("pk").values_list("pk", flat=True))


@pytest.mark.parametrize("role", ["contact", "lead", "auditor"])
def test_a_page_takes_the_same_few_queries_for_few_and_for_many(site, role):
    browser = site.signed_in("alice", role)
    world = a_world()
    fallen(world, 2, owner="p_alice")
    models.Obligation.objects.update(owner=models.Person.objects.get(key="p_alice"))
    counts = []
    for more in (0, 30):
        duties = fallen(world, more, owner="p_alice")
        for path in ("/aufgaben/", "/aufgaben/?art=all", f"/aufgaben/{duties[0]}/"):
            browser.get(path)
            with CaptureQueriesContext(connection) as asked:
                assert browser.get(path).status_code == 200
            counts.append((path, sum(q["sql"][:5] not in ("BEGIN", "COMMI") for q in asked)))
    assert counts[:3] == counts[3:]
    assert max(count for _, count in counts) <= 15


def test_every_tab_opens_and_pages_follow_each_other_without_a_gap(site):
    browser = site.signed_in("lena", "lead")
    duties = fallen(a_world(), 55)
    for which in ("mine", "queue", "overdue", "all", "snoozed", "closed", "ghost"):
        assert browser.get(f"/aufgaben/?art={which}").status_code == 200
    seen: list[int] = []
    more: str | None = "art=all"
    while more:
        page = browser.get(f"/aufgaben/?{more}").content.decode()
        seen += map(int, re.findall(r'id="aufgabe-(\d+)"', page))
        found = re.search(r'href="\?([^"]*nach=[^"]*)"', page)
        more = html.unescape(found[1]) if found else None
    assert seen == duties


def test_pressing_twice_and_coming_back_do_everything_once(site):
    browser = site.signed_in("alice")
    [duty] = fallen(a_world(), owner="p_alice")
    until = TODAY + timedelta(days=5)
    snooze = {"what": "snooze", "ruhen-until": until.isoformat(), "ruhen-reason": "on holiday"}
    leave = {"what": "leave", "lassen-reason": "the firm is dissolved"}
    for form in ({"what": "take"}, snooze, leave):
        for _ in range(2):
            answer = browser.post(f"/aufgaben/{duty}/", form)
            assert (answer.status_code, answer["Location"]) == (302, f"/aufgaben/{duty}/")
    steps = models.Step.objects.order_by("pk").values_list("what", flat=True)
    assert list(steps) == ["opened", "taken", "snoozed", "left"]
    assert "done already" in browser.get(f"/aufgaben/{duty}/").content.decode()


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_is_kept(site):
    browser = site.signed_in("alice")
    [duty] = fallen(a_world(), owner="p_alice")
    form = {"what": "snooze", "ruhen-until": "2020-01-01", "ruhen-reason": "on holiday"}
    page = browser.post(f"/aufgaben/{duty}/", form).content.decode()
    assert "Choose a day after today" in page
    assert "on holiday</textarea>" in page
    page = browser.post(f"/aufgaben/{duty}/", {"what": "leave", "lassen-reason": " "})
    assert page.content.count(b"This field is required") > 0
    assert b"Choose a day after today" not in page.content
    assert models.Step.objects.count() == 1


def test_nobody_is_led_away_by_the_address_to_come_back_to(site):
    browser = site.signed_in("alice")
    [duty] = fallen(a_world(), owner="p_alice")
    for back, expected in (
        ("/kunden/", "/kunden/"),
        ("https://evil.example/", f"/aufgaben/{duty}/"),
    ):
        answer = browser.post(f"/aufgaben/{duty}/", {"what": "take", "next": back})
        assert answer["Location"] == expected


def test_strangers_and_readers_change_nothing(site):
    [duty] = fallen(a_world())
    stranger, auditor = site.signed_in("bob"), site.signed_in("otto", "auditor")
    form = {"what": "leave", "lassen-reason": "no"}
    assert stranger.get(f"/aufgaben/{duty}/").status_code == 404
    assert stranger.post(f"/aufgaben/{duty}/", form).status_code == 404
    assert auditor.post(f"/aufgaben/{duty}/", form).status_code == 403
    assert auditor.get(f"/aufgaben/buendeln/?aufgabe={duty}").status_code == 403
    assert auditor.post(f"/aufgaben/{duty}/", {"what": "ghost"}).status_code == 404
    assert models.Step.objects.count() == 1


def test_duties_are_bundled_once_and_dealt_with_by_a_reason(site):
    browser = site.signed_in("lena", "lead")
    world = a_world()
    duties = fallen(world, 2)
    page = browser.get(f"/aufgaben/buendeln/?aufgabe={duties[0]}&aufgabe={duties[1]}")
    number = re.search(r'name="once" value="([^"]+)"', page.content.decode())
    assert number is not None
    sent = {
        "aufgabe": duties,
        "name": "Carrier North",
        "person": "p_lena",
        "due": TODAY.isoformat(),
        "once": number[1],
    }
    assert browser.post("/aufgaben/buendeln/", {**sent, "name": ""}).status_code == 200
    shared = browser.post("/aufgaben/buendeln/", sent)["Location"]
    assert browser.post("/aufgaben/buendeln/", sent)["Location"] == "/aufgaben/"
    assert models.SharedDuty.objects.count() == 1
    assert browser.post(shared, {"what": "resolve", "reason": ""}).status_code == 200
    browser.post(shared, {"what": "resolve", "reason": "They come daily now."})
    assert browser.get(shared).content.count(b'id="aufgabe-') == 2
    assert "They come daily now." in browser.get(f"/aufgaben/{duties[0]}/").content.decode()


def bundled(browser, duties, **given) -> str:
    """Bundle duties by the page; return where the shared duty is."""
    sent = {"aufgabe": duties, "name": "Carrier North", "person": "", "due": TODAY.isoformat()}
    page = browser.post("/aufgaben/buendeln/", {**sent, "once": "a", **given})
    assert page.status_code == 302
    return page["Location"]


def test_a_shared_duty_is_on_its_owners_page_and_among_her_messages(site):
    lena, alice = site.signed_in("lena", "lead"), site.signed_in("alice")
    place = bundled(lena, fallen(a_world(), 2, owner="p_alice"), person="p_alice")
    for page in (alice.get("/"), alice.get("/meldungen/")):
        tidy(page.content.decode().replace('href="tel:', 'href="/tel:'), "en")
        assert f'href="{place}"'.encode() in page.content
    assert "Three things wait." in alice.get("/").content.decode()
    assert "Carrier North" not in lena.get("/?meine").content.decode()
    assert "Carrier North" in lena.get("/?alle").content.decode()
    assert "Carrier North" not in site.signed_in("bob").get("/").content.decode()
    models.SharedDuty.objects.update(due_date=TODAY - timedelta(days=1))
    escalate(today=TODAY, at=timezone.now())
    assert f'href="{place}"'.encode() in lena.get("/meldungen/").content
    # All below it are closed: it waits until somebody says what was done.
    models.Obligation.objects.update(closed_date=TODAY, outcome="recovered")
    assert "One thing waits; it is overdue." in alice.get("/").content.decode()
    assert "no open duty left" in alice.get("/aufgaben/").content.decode()
    alice.post(place, {"what": "resolve", "reason": "They come daily now."})
    assert "Carrier North" not in alice.get("/").content.decode()


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        (("", ""), "2 accounts still need somebody here."),
        (("recovered", "recovered"), "All accounts have their buffer again."),
        (("left", "left"), "For 2 accounts the duty ended without a buffer."),
        (
            ("recovered", "not_valued"),
            "One account has its buffer again. For one account the duty ended without a buffer.",
        ),
        (
            ("", "left"),
            "One account still needs somebody here. For one account the duty ended without a "
            "buffer.",
        ),
    ],
)
def test_a_shared_duty_says_how_those_below_it_ended(site, outcomes, said):
    lena = site.signed_in("lena", "lead")
    duties = fallen(a_world(), 2)
    place = bundled(lena, duties)
    for duty, outcome in zip(duties, outcomes, strict=True):
        row = models.Obligation.objects.filter(pk=duty)
        row.update(closed_date=TODAY if outcome else None, outcome=outcome)
    page = lena.get(place).content.decode()
    assert f'<p class="lead">{said}</p>' in page


def test_the_name_of_a_common_cause_is_read_once_more(site):
    lena = site.signed_in("lena", "lead")
    duties = fallen(a_world(), 2)
    sent = {"aufgabe": duties, "person": "", "due": TODAY.isoformat(), "once": "a"}
    page = lena.post("/aufgaben/buendeln/", {**sent, "name": "Fahrer hat Krebs"})
    assert "The law protects this specially" in page.content.decode()
    assert not models.SharedDuty.objects.exists()
    bundled(lena, duties, name="Fahrer hat Krebs", name_needed="krebs")
    assert models.SharedDuty.objects.get().name == "Fahrer hat Krebs"


def test_a_contact_is_not_offered_to_put_a_breach_of_honesty_off(site):
    alice = site.signed_in("alice")
    world = a_world()
    [duty] = fallen(world, owner="p_alice")
    form = {
        "what": "snooze",
        "ruhen-until": (TODAY + timedelta(days=5)).isoformat(),
        "ruhen-reason": "later",
    }
    assert 'name="ruhen-until"' in alice.get(f"/aufgaben/{duty}/").content.decode()
    models.Cause.objects.filter(obligation=duty).update(
        sort="honesty", entry=models.Entry.objects.get()
    )
    page = alice.get(f"/aufgaben/{duty}/").content.decode()
    assert 'name="ruhen-until"' not in page
    assert "a lead decides whether the duty rests" in page
    assert alice.post(f"/aufgaben/{duty}/", form).status_code == 403
    assert models.Obligation.objects.get().snoozed_until_date is None


def test_an_analyst_sees_pseudonyms_and_no_words_about_customers(site):
    browser = site.signed_in("anna", "analyst")
    world = a_world()
    [duty] = fallen(world)
    models.Step.objects.update(reason="Frau Holm ist krank")
    page = browser.get(f"/aufgaben/{duty}/").content.decode()
    assert "Holm" not in page
    assert models.Customer.objects.get().key not in page
