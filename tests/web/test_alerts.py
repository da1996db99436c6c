"""Messages, when mails come, chat systems: as their pages do it."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.db.conftest import database  # noqa: F401
from tests.db.world import TODAY, World
from tests.service.conftest import receiver  # noqa: F401
from tests.web.conftest import door

from vertrauenskonto.core.alerts import Times
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import policies
from vertrauenskonto.importers.policy import read_policy


def chosen(**given):
    first = {
        "rhythm": "daily",
        "hour": "8",
        "days": ["1", "2", "3", "4", "5"],
        "quiet_from": "20",
        "quiet_to": "7",
    }
    return {**first, **given}


def duty(owner="p_alice", name="Gärtnerei Holm", days=0):
    key = World(today=TODAY).customer()
    row = models.Customer.objects.get(key=key)
    person = models.Person.objects.get(key=owner)
    models.Profile.objects.create(customer=row, sort="person", name=name, owner=person)
    now = datetime.now(UTC) - timedelta(days=days)
    found = models.Obligation.objects.create(
        customer=row, opened_date=now.date(), due_date=now.date()
    )
    models.Step.objects.create(obligation=found, at=now, actor="system", what="opened")
    return found


def test_she_chooses_and_finds_again_what_she_chose(site):
    browser = site.signed_in("alice")
    answer = browser.post(
        "/konto/meldungen/",
        chosen(rhythm="weekly", hour="11", days=["2"], quiet_from="12", with_names="on"),
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, "/konto/meldungen/")
    row = models.AlertChoice.objects.get()
    assert (row.rhythm, row.hour, row.days, row.quiet_from, row.quiet_to, row.with_names) == (
        "weekly",
        11,
        "2",
        12,
        7,
        True,
    )
    page = browser.get("/konto/meldungen/").content.decode()
    assert re.search(r'value="weekly"[^>]*checked', page)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"hour": "22"}, "22:00 lies in the quiet hours from 20:00 to 7:00."),
        ({"days": []}, "Choose at least one day"),
        ({"hour": "25"}, "25"),
        ({"rhythm": "hourly"}, "hourly"),
    ],
)
def test_what_would_never_come_is_refused_at_its_field_and_nothing_is_kept(site, wrong, said):
    browser = site.signed_in("alice")
    answer = browser.post("/konto/meldungen/", chosen(**wrong))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert models.AlertChoice.objects.count() == 0


def test_an_analyst_gets_no_duties_and_a_contact_no_reasons_whatever_she_posts(site):
    anna = site.signed_in("anna", "analyst")
    assert "weekly_reasons" not in anna.get("/konto/meldungen/").content.decode()
    assert anna.get("/meldungen/").status_code == 403
    alice = site.signed_in("alice")
    alice.post("/konto/meldungen/", chosen(weekly_reasons="on"))
    assert models.AlertChoice.objects.get().weekly_reasons is False


def test_messages_wait_until_she_marks_them_as_read_and_what_came_meanwhile_stays(site):
    alice = site.signed_in("alice")
    site.person("bob")
    duty()
    duty("p_bob", "Praxis Nowak")
    page = alice.get("/meldungen/").content.decode()
    assert "Gärtnerei Holm" in page
    assert "Praxis Nowak" not in page
    assert page.count('class="unread"') == 1
    until = re.search(r'name="until" value="([^"]+)"', page)[1]
    duty(name="Café Sommer")
    assert alice.post("/meldungen/", {"until": until}).status_code == 302
    page = alice.get("/meldungen/").content.decode()
    assert page.count('class="unread"') == 1
    assert "Gärtnerei Holm" in page
    # Sent once more, by the back button: what is read stays read, nothing else becomes so.
    alice.post("/meldungen/", {"until": until})
    assert alice.get("/meldungen/").content.decode().count('class="unread"') == 1
    alice.post("/meldungen/", {"until": "9999-12-31T00:00:00+00:00"})
    row = models.AlertChoice.objects.get()
    assert row.read_at is not None
    assert row.read_at <= datetime.now(UTC)


def test_who_read_names_in_her_messages_is_written_down(site):
    alice = site.signed_in("alice")
    duty()
    alice.get("/meldungen/")
    assert models.Reading.objects.filter(actor="p_alice").count() == 1


def test_the_pages_ask_the_database_as_often_for_many_as_for_few(site):
    alice = site.signed_in("alice")
    lena = site.signed_in("lena", "lead")
    policies.put_in_force(read_policy("craft").versions[-1], valid_from=TODAY, door=door())
    counts = []
    for number in (2, 40):
        for _ in range(number):
            duty()
        told = []
        for browser, path in (
            (alice, "/meldungen/"),
            (lena, "/ursachen/"),
            (alice, "/konto/meldungen/"),
        ):
            browser.get(path)
            with CaptureQueriesContext(connection) as asked:
                assert browser.get(path).status_code == 200
            told.append(len([q for q in asked if "SAVEPOINT" not in q["sql"]]))
        counts.append(told)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 10, counts


# ---------------------------------------------------------------------- chat systems


@pytest.fixture
def adam(site, monkeypatch):
    monkeypatch.setattr(settings, "WEBHOOK_NETWORKS", "127.0.0.0/8")
    browser = site.signed_in("adam", "administrator")
    person = models.Person.objects.get(key="p_adam")
    Authenticator.objects.create(user=person, type="totp", data={"secret": "x"})
    return browser


def filled(address, **given):
    first = {
        "once": "n1",
        "name": "Team Nord",
        "address": address,
        "tells": ["opened", "overdue"],
        "language": "en",
        "days": ["1"],
        "quiet_from": "20",
        "quiet_to": "7",
    }
    return {**first, **given}


def test_an_administrator_adds_a_chat_tries_it_and_reads_what_became_of_it(adam, receiver):  # noqa: F811
    address = receiver.url.replace("http", "json", 1)
    answer = adam.post("/verwaltung/meldungen/", filled(address))
    row = models.AlertTarget.objects.get()
    assert answer.headers["Location"] == f"/verwaltung/meldungen/{row.pk}/"
    adam.post("/verwaltung/meldungen/", filled(address))
    assert models.AlertTarget.objects.count() == 1
    path = f"/verwaltung/meldungen/{row.pk}/"
    assert "/hook" not in adam.get(path).content.decode()
    page = adam.post(f"{path}tun/", {"what": "try"}, follow=True).content.decode()
    assert "The service took the test message." in page
    [(_, body)] = receiver.messages
    assert json.loads(body)["message"] == "New and overdue duties will appear here."
    receiver.status = 403
    page = adam.post(f"{path}tun/", {"what": "try"}, follow=True).content.decode()
    assert "did not take the message" in page
    assert models.AlertTarget.objects.get().error == "refused"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"address": "script://rm"}, "&#x27;script&#x27; is not available"),
        ({"address": "slack://x"}, "The service does not recognise this address"),
        ({"tells": []}, "required"),
        ({"days": []}, "Choose at least one day"),
        ({"name": ""}, "required"),
    ],
)
def test_a_wrong_chat_is_refused_at_its_field_and_what_was_typed_stays(adam, wrong, said):
    given = filled(**{"address": "jsons://chat.example/", **wrong})
    page = adam.post("/verwaltung/meldungen/", given).content.decode()
    assert said in page
    assert models.AlertTarget.objects.count() == 0
    if "address" in wrong:
        assert f'value="{wrong["address"]}"' in page


def test_changing_a_chat_keeps_its_address_and_removing_twice_does_no_harm(adam):
    adam.post("/verwaltung/meldungen/", filled("jsons://chat.example/secret"))
    row = models.AlertTarget.objects.get()
    path = f"/verwaltung/meldungen/{row.pk}/"
    assert adam.post(path, filled("", name="Team Süd", tells=["overdue"])).status_code == 302
    after = models.AlertTarget.objects.get()
    assert (after.name, after.tells, after.address) == ("Team Süd", ["overdue"], row.address)
    adam.post(f"{path}tun/", {"what": "off"})
    assert models.AlertTarget.objects.get().is_active is False
    for _ in range(2):
        assert adam.post(f"{path}entfernen/").headers["Location"] == "/verwaltung/meldungen/"
    assert models.AlertTarget.objects.count() == 0
    assert adam.get(path).status_code == 404


def test_auditors_see_chats_and_change_nothing(site, adam):
    adam.post("/verwaltung/meldungen/", filled("jsons://chat.example/secret"))
    otto = site.signed_in("otto", "auditor")
    pk = models.AlertTarget.objects.get().pk
    assert otto.get("/verwaltung/meldungen/").status_code == 200
    assert otto.post("/verwaltung/meldungen/", filled("jsons://a.example/")).status_code == 403
    assert otto.post(f"/verwaltung/meldungen/{pk}/", filled("")).status_code == 403
    assert otto.post(f"/verwaltung/meldungen/{pk}/tun/", {"what": "try"}).status_code == 403
    assert models.AlertTarget.objects.get().name == "Team Nord"
    assert site.signed_in("lena", "lead").get("/verwaltung/meldungen/").status_code == 403


def test_times_default_to_working_days_and_quiet_nights():
    assert (Times().days, Times().quiet_from, Times().quiet_to) == ({1, 2, 3, 4, 5}, 20, 7)
