"""Figures on promises, the look before promising, and consent: rates with ranges, never by person."""

import re
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.test_notices import reached
from tests.web.test_promises import TODAY, promised, staff  # noqa: F401

from vertrauenskonto.db import models
from vertrauenskonto.db.access import installation
from vertrauenskonto.db.queries import consents, promise_figures, promise_outlook

SYSTEM = installation("test")


def ended(key, count, state, *, capability="Lieferung", **given):
    now = datetime.now(UTC)
    for n in range(count):
        promise = promised(key, f"{capability} {state} {n} {given}", capability=capability, ago=9)
        row = models.Promise.objects.filter(key=promise)
        row.update(state=state, ended_at=now - timedelta(days=2), next_at=None, **given)


def window():
    now = datetime.now(UTC)
    return {"since": now - timedelta(days=91), "until": now + timedelta(days=1)}


def test_figures_are_those_of_the_core(site, staff):  # noqa: F811
    site.person("alice")
    key = reached(staff)
    ended(key, 3, "kept", capability="Rückruf", is_before_order=True)
    ended(key, 1, "broken_silent", capability="Rückruf")
    ended(key, 2, "late_with_notice", notice_minutes=90)
    ended(key, 12, "broken_silent")
    ended(key, 5, "withdrawn")
    found = promise_figures.kept(SYSTEM, **window())
    assert found.all.n == 18
    assert (found.all.kept.value, found.all.kept.n) == (3 / 18, 18)
    assert (found.all.before_order.value, found.all.before_order.n) == (1.0, 3)
    assert (found.all.notified.value, found.all.notified.n) == (2 / 15, 15)
    assert found.all.notice_hours.value == 1.5
    assert {kind: its.n for kind, its in found.by_kind.items()} == {"Lieferung": 14, "Rückruf": 4}
    assert [one.kind for one in found.stop] == ["Lieferung"]


def test_the_page_is_for_leads_and_analysts_and_names_nobody(site, staff):  # noqa: F811
    alice, lena = site.signed_in("alice"), site.signed_in("lena", role="lead")
    assert alice.get("/zusagen/zahlen/").status_code == 403
    assert "No promise ended in this period" not in alice.get("/zusagen/").content.decode()
    empty = lena.get("/zusagen/zahlen/").content.decode()
    assert "Of no promises there is no rate" in empty
    key = reached(staff)
    ended(key, 2, "kept")
    with CaptureQueriesContext(connection) as few:
        lena.get("/zusagen/zahlen/")
    ended(key, 20, "broken_silent")
    with CaptureQueriesContext(connection) as many:
        shown = lena.get("/zusagen/zahlen/").content.decode()
    assert len(many) <= len(few) <= 12
    assert "Stop promising it" in shown
    assert "p_alice" not in shown
    assert "Gärtnerei" not in shown


def test_a_small_teams_figures_are_not_shown(site, staff):  # noqa: F811
    lena = site.signed_in("lena", role="lead")
    team = models.Team.objects.create(name="Zwei")
    shown = lena.get(f"/zusagen/zahlen/?team={team.pk}").content.decode()
    assert "Zwei" not in shown


def test_too_little_record_says_so_and_enough_says_a_number(site, staff):  # noqa: F811
    browser = site.signed_in("alice")
    path = f"/zusagen/aussicht/?faehigkeit=Lieferung&tag={TODAY + timedelta(days=10)}&sicher=0.8"
    assert "Too little record for a number" in browser.get(path).content.decode()
    ended(reached(staff), 30, "kept")
    promise_outlook.learn(today=TODAY + timedelta(days=5))
    shown = browser.get(path).content.decode()
    assert re.search(r"<strong>\d+%</strong>", shown)
    assert "Of 30 such promises we kept 30" in shown
    late = browser.get("/zusagen/aussicht/?tag=2020-01-01").content.decode()
    assert "This day has passed" in late


def test_no_ground_no_mail_and_what_is_said_opens_and_closes_ways(site, staff):  # noqa: F811
    browser = site.signed_in("alice")
    key = reached(staff)
    page = f"/kunden/{key}/einwilligungen/"

    def is_open(purpose="offer"):
        [ways] = consents.channels(SYSTEM, [key], purpose, on=TODAY).values()
        return {one.channel for one in ways if one.is_open}

    assert is_open() == {"in_person"}
    assert is_open("contract") == {"in_person", "call", "sms", "email", "video"}
    yes = {
        "what": "yes",
        "yes-once": "a" * 20,
        "yes-channel": "email",
        "yes-purpose": "offer",
        "yes-since": str(TODAY),
        "yes-proof": "",
    }
    assert "Without proof" in browser.post(page, yes).content.decode()
    assert models.Consent.objects.count() == 0
    for _ in range(2):
        assert browser.post(page, yes | {"yes-proof": "Formular 7"}).status_code == 302
    [given] = models.Consent.objects.all()
    assert (given.proof, given.actor) == ("Formular 7", "p_alice")
    assert is_open() == {"in_person", "email"}
    assert browser.post(page, {"what": "withdraw", "number": str(given.pk)}).status_code == 302
    assert is_open() == {"in_person"}
    conditions = {
        "what": "basis",
        "is_answered": "on",
        "address_from_sale": "on",
        "similar_goods": "on",
        "has_not_objected": "on",
        "notice": "Sie können widersprechen.",
    }
    browser.post(page, conditions)
    assert is_open() == {"in_person"}
    browser.post(page, conditions | {"notice_at_collection": "on"})
    assert is_open() == {"in_person", "email", "sms"}
    no = {"what": "no", "no-once": "b" * 20, "no-channel": "", "no-since": str(TODAY)}
    browser.post(page, no)
    assert is_open() == set()
    assert is_open("contract") == {"in_person", "call", "sms", "email", "video"}
    shown = browser.get(page).content.decode()
    assert "Formular 7" in shown
    part = browser.get(f"/kunden/{key}/wege/?zweck=offer", headers={"HX-Request": "true"})
    assert "objected on" in part.content.decode()
    bob = site.signed_in("bob")
    assert bob.get(page).status_code == 404
    assert bob.post(page, no | {"no-once": "c" * 20}).status_code == 404
