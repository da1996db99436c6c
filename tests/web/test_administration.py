"""The pages of administration: who gets to see them, what they cost, and what they do."""

import re
import socket
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from aiosmtpd.controller import Controller
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.browser.company import furnish
from tests.db.conftest import database, postgres_template, sqlite_template  # noqa: F401

from vertrauenskonto.db import agreements, models
from vertrauenskonto.db.access import installation
from vertrauenskonto.db.actions import long_works, privacy, tokens
from vertrauenskonto.db.long_works import run
from vertrauenskonto.db.queries.choices import choice
from vertrauenskonto.site.addresses import without_secrets

SYSTEM = installation("test")
TODAY = datetime.now().astimezone().date()
NOW = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)
NEW = {
    "name": "Tischlerei Ost",
    "sort": "organisation",
    "language": "de",
    "ids": "",
    "contact-TOTAL_FORMS": "1",
    "contact-INITIAL_FORMS": "0",
    "contact-0-email": "ost@example.org",
}
ADMIN, AUDIT, LEAD = ("adam",), ("adam", "otto"), ("adam", "lena")
PAGES = {
    "/verwaltung/": ("adam", "otto", "lena"),
    "/verwaltung/personen/": ADMIN,
    "/verwaltung/personen/einladen/": ADMIN,
    "/verwaltung/personen/p_bob/": ADMIN,
    "/verwaltung/personen/p_bob/sperren/": ADMIN,
    "/verwaltung/token/": ADMIN,
    "/verwaltung/token/neu/": ADMIN,
    "/konto/kalender/": ("alice", "lena", "adam", "anna", "otto"),
    "/verwaltung/webhooks/": AUDIT,
    "/verwaltung/module/": ADMIN,
    "/verwaltung/einstellungen/": ADMIN,
    "/verwaltung/zustand/": AUDIT,
    "/verwaltung/arbeiten/": AUDIT,
    "/verwaltung/protokoll/": AUDIT,
    "/verwaltung/pruefung/": AUDIT,
    "/verwaltung/pruefung/kopf.json": AUDIT,
    "/verwaltung/zugriffe/": AUDIT,
    "/verwaltung/vereinbarungen/": ("adam", "otto", "lena"),
    "/verwaltung/vereinbarungen/works_council/erfassen/": ADMIN,
    "/verwaltung/vereinbarungen/scores/beenden/": ADMIN,
    "/verwaltung/papiere/": AUDIT,
    "/verwaltung/papiere/works-agreement/": AUDIT,
    "/verwaltung/papiere/measures/": AUDIT,
    "/verwaltung/papiere/measures.md": AUDIT,
    "/verwaltung/aufbewahrung/": AUDIT,
    "/verwaltung/aufbewahrung/prospects/": ADMIN,
    "/verwaltung/export/": ADMIN,
    "/kunden/neu/": ("alice", "lena", "adam"),
    "/kunden/zusammenlegen/": LEAD,
    "/kunden/{holm}/stammdaten/": ("alice", "lena", "adam", "otto"),
    "/kunden/{holm}/zustaendig/": LEAD,
    "/kunden/{holm}/kundengruppe/": LEAD,
    "/kunden/{holm}/ruhezeiten/": ("alice", "lena", "adam", "otto"),
    "/kunden/{holm}/datenschutz/": ("alice", "lena", "adam", "otto"),
    "/kunden/{holm}/datenschutz/widerspruch/": ("alice", "lena", "adam"),
    "/kunden/{holm}/datenschutz/einschraenken/": LEAD,
    "/kunden/{holm}/datenschutz/loeschen/": ADMIN,
    "/kunden/{holm}/datenschutz/auskunft.json": LEAD,
    "/kunden/{holm}/zusammenlegen/": LEAD,
    "/kunden/{holm}/zusammenlegen/{nowak}/": LEAD,
}


@pytest.fixture
def company(database, monkeypatch):  # noqa: F811
    monkeypatch.setattr(
        settings, "PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"]
    )
    cache.clear()
    made = furnish(today=TODAY)
    for person in models.Person.objects.filter(role="administrator"):
        Authenticator.objects.create(user=person, type="totp", data={"secret": "x"})
    return made


def as_(name: str, language: str = "en", **given) -> Any:
    client = Client(HTTP_HOST="localhost", **given)
    person = models.Person.objects.get(key=f"p_{name}")
    models.Person.objects.filter(pk=person.pk).update(language=language)
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def paths(company) -> dict[str, tuple[str, ...]]:
    keys = company.customers
    named = {"holm": keys["Gärtnerei Holm"], "nowak": keys["Praxis Dr. Nowak"]}
    return {path.format(**named): who for path, who in PAGES.items()}


def test_each_page_opens_for_its_roles_and_nobody_else(company):
    clients = {name: as_(name) for name in ("alice", "lena", "adam", "anna", "otto")}
    wrong: list[tuple[str, str, int]] = []
    for path, who in paths(company).items():
        for name, client in clients.items():
            status = client.get(path).status_code
            if status != (200 if name in who else status) or (
                name not in who and status not in (403, 404)
            ):
                wrong.append((path, name, status))
        status = Client(HTTP_HOST="localhost").get(path).status_code
        if status != 302:
            wrong.append((path, "nobody", status))
    assert wrong == []


def test_no_page_asks_the_database_more_than_fifteen_times(company):
    client = as_("adam")
    client.get("/verwaltung/")
    counts = {}
    for path in paths(company):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(path).status_code == 200
        counts[path] = len(asked)
    assert {path: n for path, n in counts.items() if n > 15 and "auskunft" not in path} == {}


def sent(client, path: str, **given):
    """Fill in a page's form and send it, with the number that the form carries."""
    return client.post(path, carried(client.get(path)) | given)


def carried(page) -> dict[str, str]:
    """Return what a form carries unseen: its number, and the mark of what was read."""
    return dict(re.findall(r'name="(once|read)" value="([^"]+)"', page.content.decode()))


def test_counts_do_not_grow_with_rows(company):
    client = as_("adam")
    client.get("/verwaltung/")

    def count(path):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        return len(asked)

    listed = ("/verwaltung/personen/", "/verwaltung/token/", "/verwaltung/protokoll/")
    before = [count(path) for path in listed]
    for n in range(15):
        company.staff.person(f"person{n}", team=f"team{n}")
        tokens.issue(
            SYSTEM, name=f"t{n}", email="adam@example.org", scopes=["read"], valid_days=9, now=NOW
        )
        company.staff.customer()
    assert [count(path) for path in listed] == before


def test_an_invited_person_signs_in_by_the_link_that_is_shown_once(company):
    client = as_("adam")
    answer = sent(
        client,
        "/verwaltung/personen/einladen/",
        email="clara@example.org",
        name="Clara",
        role="contact",
        team="Nord",
        language="en",
    )
    person = models.Person.objects.get(email="clara@example.org")
    assert (answer.status_code, person.role, person.team.name) == (302, "contact", "Nord")
    first = client.get(answer.url)
    link = re.search(r"http://localhost(/konto/link/[^\"]+)", first.content.decode()).group(1)
    assert "no-store" in first.headers["Cache-Control"]
    assert "/konto/link/" not in client.get(answer.url).content.decode()
    browser: Any = Client(HTTP_HOST="localhost")
    form = browser.get(link, follow=True)
    told = {"password": "a sentence only I know", "again": "a sentence only I know"}
    assert browser.post(form.redirect_chain[-1][0], told).status_code == 302
    signed = browser.post(
        "/konto/login/", {"login": "clara@example.org", "password": "a sentence only I know"}
    )
    assert (signed.status_code, signed.url) == (302, "/")


def test_an_invitation_sent_twice_invites_once(company):
    client = as_("adam")
    page = client.get("/verwaltung/personen/einladen/").content.decode()
    number = re.search(r'name="once" value="([^"]+)"', page).group(1)
    told = {"once": number, "email": "c@example.org", "role": "lead", "language": "de"}
    people = models.Person.objects.count()
    assert [client.post("/verwaltung/personen/einladen/", told).status_code for _ in "12"] == [
        302,
        302,
    ]
    assert models.Person.objects.count() == people + 1


def test_what_was_typed_stays_when_an_address_is_taken(company):
    client = as_("adam")
    people = models.Person.objects.count()
    path, typed = "/verwaltung/personen/einladen/", {"name": "Bobby", "role": "lead"}
    page = sent(client, path, email="bob@example.org", language="de", **typed)
    assert (page.status_code, models.Person.objects.count()) == (200, people)
    assert b"belongs to another user account" in page.content
    assert b'value="Bobby"' in page.content
    # The same form is sent once more with another address.
    number = re.search(r'name="once" value="([^"]+)"', page.content.decode()).group(1)
    again = {"once": number, "email": "bobby@example.org", "language": "de", **typed}
    assert client.post(path, again).status_code == 302
    assert models.Person.objects.count() == people + 1


def test_the_last_administrator_stays(company):
    client = as_("adam")
    told = {"name": "Adam", "role": "lead", "team": "", "language": "en"}
    page = client.post("/verwaltung/personen/p_adam/", told)
    assert b"last administrator" in page.content
    client.post("/verwaltung/personen/p_adam/sperren/")
    person = models.Person.objects.get(key="p_adam")
    assert (person.role, person.is_active) == ("administrator", True)


def test_whoever_loses_access_is_out_at_once(company):
    alice = as_("alice")
    assert alice.get("/konto/").status_code == 200
    as_("adam").post("/verwaltung/personen/p_alice/sperren/")
    assert alice.get("/konto/").status_code == 302


def test_a_token_is_shown_once_and_works(company):
    client = as_("adam")
    page = client.get("/verwaltung/token/neu/").content.decode()
    number = re.search(r'name="once" value="([^"]+)"', page).group(1)
    told = {"once": number, "name": "Shop", "person": "alice@example.org", "valid_days": 30}
    for _ in "12":
        answer = client.post("/verwaltung/token/neu/", {**told, "scopes": ["read", "write"]})
        assert answer.status_code == 302
    first = client.get("/verwaltung/token/")
    [secret] = re.findall(r'value="(vk_[^"]+)"', first.content.decode())
    assert "no-store" in first.headers["Cache-Control"]
    assert secret not in client.get("/verwaltung/token/").content.decode()
    [token] = models.Token.objects.all()
    found = Client(HTTP_HOST="localhost").get(
        "/api/v1/me", headers={"authorization": f"Bearer {secret}"}
    )
    assert (found.status_code, token.scopes) == (200, ["read", "write"])
    assert client.post(f"/verwaltung/token/{token.prefix}/widerrufen/").status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_no_secret_is_in_the_session_readable(company):
    client = as_("adam")
    told = {"name": "Shop", "person": "alice@example.org", "valid_days": 30, "scopes": ["read"]}
    assert sent(client, "/verwaltung/token/neu/", **told).status_code == 302
    assert "vk_" not in str(dict(client.session))


def test_balances_leave_by_no_token_before_that_is_agreed(company):
    told = {"name": "BI", "person": "alice@example.org", "valid_days": 30, "scopes": ["scores"]}
    page = sent(as_("adam"), "/verwaltung/token/neu/", **told)
    assert (page.status_code, models.Token.objects.count()) == (200, 0)
    assert b"agreement &#x27;scores&#x27; is recorded" in page.content


def test_a_module_that_is_off_exists_for_nobody(company):
    client = as_("adam")
    assert client.get("/ursachen/").status_code == 200
    client.post("/verwaltung/module/", {"name": "reasons", "to": "off"})
    row = models.Module.objects.get(name="reasons")
    assert (row.is_on, row.actor, row.switched_at is None) == (False, "p_adam", False)
    for name in ("adam", "lena", "anna"):
        page = as_(name).get("/ursachen/")
        assert page.status_code == 404
    assert b"/ursachen/" not in client.get("/verwaltung/").content
    client.post("/verwaltung/module/", {"name": "reasons", "to": "on"})
    assert client.get("/ursachen/").status_code == 200
    assert client.post("/verwaltung/module/", {"name": "nothing", "to": "on"}).status_code == 404


def test_erasing_asks_for_the_name_and_does_nothing_without(company):
    key = company.customers["Praxis Dr. Nowak"]
    path, client = f"/kunden/{key}/datenschutz/loeschen/", as_("adam")
    for typed in ("", "Praxis", "ja"):
        page = client.post(path, {"reason": "no_longer_needed", "confirmation": typed})
        assert page.status_code == 200
        assert models.Profile.objects.filter(customer__key=key).exists()
    told = {"reason": "no_longer_needed", "confirmation": "Praxis Dr. Nowak"}
    assert client.post(path, told).status_code == 302
    assert not models.Profile.objects.filter(customer__key=key).exists()
    # Once more, as after the back button: refused, and nothing changes.
    assert client.post(path, {**told, "confirmation": key}).status_code == 200
    assert models.Processing.objects.filter(customer__key=key).count() == 1


def test_a_lead_may_not_erase_and_a_contact_may_not_restrict(company):
    key = company.customers["Praxis Dr. Nowak"]
    told = {"reason": "precaution", "confirmation": key}
    assert as_("lena").post(f"/kunden/{key}/datenschutz/loeschen/", told).status_code == 403
    assert as_("alice").post(f"/kunden/{key}/datenschutz/einschraenken/", told).status_code == 403
    assert not models.Processing.objects.exists()


def test_a_restriction_stands_until_it_is_lifted(company):
    key = company.customers["Praxis Dr. Nowak"]
    client = as_("lena")
    client.post(f"/kunden/{key}/datenschutz/einschraenken/", {"reason": "precaution"})
    assert not models.Balance.objects.filter(customer__key=key).exists()
    assert b"processing restricted" in client.get(f"/kunden/{key}/datenschutz/").content
    lifted = {"reason": "at_request"}
    client.post(f"/kunden/{key}/datenschutz/einschraenkung-aufheben/", lifted)
    assert models.Balance.objects.filter(customer__key=key).exists()


def test_a_new_account_is_opened_once_and_is_its_contacts_own(company):
    alice = as_("alice")
    before = models.Customer.objects.count()
    page = alice.get("/kunden/neu/").content.decode()
    number = re.search(r'name="once" value="([^"]+)"', page).group(1)
    told = NEW | {"once": number, "ids": "shop: 4711"}
    answers = [alice.post("/kunden/neu/", told) for _ in "12"]
    assert [a.status_code for a in answers] == [302, 302]
    assert answers[0].url == answers[1].url
    assert models.Customer.objects.count() == before + 1
    row = models.Profile.objects.get(name="Tischlerei Ost")
    assert (row.owner.key, row.sort) == ("p_alice", "organisation")
    assert models.ExternalId.objects.get().value == "4711"


def test_somebody_alike_is_shown_before_a_second_account_is_opened(company):
    alice = as_("alice")
    before = models.Customer.objects.count()
    models.Contact.objects.update(email_key="holm@example.org")
    told = NEW | {"contact-0-email": "Holm@example.org"}
    page = sent(alice, "/kunden/neu/", **told)
    assert (page.status_code, models.Customer.objects.count()) == (200, before)
    assert "Gärtnerei Holm".encode() in page.content
    assert b'value="Tischlerei Ost"' in page.content
    assert sent(alice, "/kunden/neu/", **told, is_another="on").status_code == 302
    assert models.Customer.objects.count() == before + 1


def test_ids_that_are_none_are_refused_at_their_field(company):
    page = sent(as_("alice"), "/kunden/neu/", **(NEW | {"ids": "4711"}))
    assert b"write &#x27;system: id&#x27;" in page.content
    assert not models.Profile.objects.filter(name="Tischlerei Ost").exists()


def test_data_and_care_of_a_customer_are_changed(company):
    key = company.customers["Café Sommer"]
    lena = as_("lena")
    told = NEW | {"name": "Café Herbst", "ids": "", "contact-0-email": "neu@example.org"}
    assert sent(lena, f"/kunden/{key}/stammdaten/", **told).status_code == 302
    row = models.Profile.objects.get(customer__key=key)
    contacts = models.Contact.objects.filter(customer__key=key)
    assert (row.name, [c.email for c in contacts]) == ("Café Herbst", ["neu@example.org"])
    care = {"owner": "p_bob", "queue": "", "deputies": ["p_alice"]}
    assert lena.post(f"/kunden/{key}/zustaendig/", care).status_code == 302
    row.refresh_from_db()
    assert (row.owner.key, [p.key for p in row.deputies.all()]) == ("p_bob", ["p_alice"])
    assert as_("otto").post(f"/kunden/{key}/stammdaten/", told).status_code == 403


def test_a_form_that_others_overtook_takes_nothing_back_and_shows_both(company):
    key = company.customers["Café Sommer"]
    path = f"/kunden/{key}/stammdaten/"
    alice, lena = as_("alice"), as_("lena")
    before = alice.get(path)
    theirs = NEW | {"ids": "shop: K-77", "contact-0-phone": "+49 30 77"}
    assert sent(lena, path, **theirs).status_code == 302
    mine = NEW | {"name": "Café Herbst", "ids": "", "contact-0-phone": "+49 30 11"}

    def stored():
        row = models.Profile.objects.get(customer__key=key)
        phones = models.Contact.objects.filter(customer__key=key).values_list("phone", flat=True)
        ids = models.ExternalId.objects.filter(customer__key=key).values_list("value", flat=True)
        return row.name, list(phones), list(ids)

    # Also one without a mark: a page from before an update of the program.
    for unseen in (carried(before), {}):
        page = alice.post(path, unseen | mine)
        text = page.content.decode()
        assert page.status_code == 200
        assert "Somebody has changed these data meanwhile; nothing is saved yet." in text
        assert "+49 30 77" in text
        assert "shop: K-77" in text
        assert 'value="Café Herbst"' in text
        assert 'value="+49 30 11"' in text
        assert stored() == ("Tischlerei Ost", ["+49 30 77"], ["K-77"])
    # What she leaves after having seen both is what counts.
    told = mine | carried(page) | {"ids": "shop: K-77"}
    assert alice.post(path, told).status_code == 302
    assert stored() == ("Café Herbst", ["+49 30 11"], ["K-77"])


def test_merging_and_taking_it_back(company):
    one, into = company.customers["Café Sommer"], company.customers["Praxis Dr. Nowak"]
    lena = as_("lena")
    assert lena.post(f"/kunden/{one}/zusammenlegen/", {"key": "c_nobody"}).status_code == 200
    asked = lena.post(f"/kunden/{one}/zusammenlegen/", {"key": into})
    assert asked.url == f"/kunden/{one}/zusammenlegen/{into}/"
    assert not models.Alias.objects.exists()
    for _ in "12":
        assert lena.post(asked.url).url == f"/kunden/{into}/zusammenlegen/"
    assert models.Alias.objects.count() == 1
    page = lena.get(f"/kunden/{into}/zusammenlegen/").content
    assert one.encode() in page
    lena.post(f"/kunden/{into}/zusammenlegen/", {"what": "undo", "other": one})
    assert [row.into for row in models.Alias.objects.order_by("pk")][1] is None


def test_a_rest_period_begins_and_ends(company):
    key = company.customers["Gärtnerei Holm"]
    alice, path = as_("alice"), f"/kunden/{key}/ruhezeiten/"
    starts = (TODAY - timedelta(days=3)).isoformat()
    page = alice.post(path, {"starts": starts, "ends": starts, "reason": "season"})
    assert (page.status_code, models.Suspension.objects.count()) == (200, 0)
    alice.post(path, {"starts": starts, "ends": "", "reason": "season"})
    assert models.Suspension.objects.get().ends_date is None
    assert alice.post(path, {"what": "close"}).status_code == 403
    assert b"until further notice" in alice.get(path).content


def test_an_agreement_is_recorded_once_with_its_purpose(company):
    path, client = "/verwaltung/vereinbarungen/works_council/erfassen/", as_("adam")
    assert sent(client, path, purpose="").status_code == 200
    assert not models.Agreement.objects.exists()
    page = client.get(path).content.decode()
    number = re.search(r'name="once" value="([^"]+)"', page).group(1)
    for _ in "12":
        assert client.post(path, {"once": number, "purpose": "BV 7/2026"}).status_code == 302
    [row] = models.Agreement.objects.all()
    assert (row.name, row.is_in_force, row.transaction.actor) == ("works_council", True, "p_adam")
    ended = sent(client, "/verwaltung/vereinbarungen/works_council/beenden/", purpose="gekündigt")
    assert ended.status_code == 302
    assert not agreements.in_force("works_council")


def test_the_log_of_reads_takes_two(company):
    adam, otto = as_("adam"), as_("otto")
    sent(adam, "/verwaltung/zugriffe/", purpose="Beschwerde", customer="")
    number = models.ReadingsRequest.objects.get().pk
    assert adam.get(f"/verwaltung/zugriffe/{number}/").status_code == 403
    adam.post(f"/verwaltung/zugriffe/{number}/zustimmen/")
    assert models.ReadingsRequest.objects.get().agreed_at is None
    otto.post(f"/verwaltung/zugriffe/{number}/zustimmen/")
    assert adam.get(f"/verwaltung/zugriffe/{number}/").status_code == 200


def test_the_log_is_filtered_by_day_and_kind_and_never_by_person(company):
    otto = as_("otto")
    page = otto.get("/verwaltung/protokoll/?art=policy_version").content.decode()
    assert page.count("<tr>") == 2
    by_person, plain = (
        otto.get(f"/verwaltung/protokoll/?art=entry{more}").content.decode().split("<tbody>")[1]
        for more in ("&wer=p_bob&actor=p_bob", "")
    )
    assert by_person.split("</tbody>")[0] == plain.split("</tbody>")[0]
    wrong = otto.get("/verwaltung/protokoll/?von=gestern")
    assert (wrong.status_code, b'value="gestern"' in wrong.content) == (200, True)


def test_a_verification_runs_in_the_background_and_its_result_stays(company):
    otto = as_("otto")
    for _ in "12":
        otto.post("/verwaltung/pruefung/", {"what": "verify"})
    [work] = models.LongWork.objects.all()
    assert b"waits for the worker" in otto.get("/verwaltung/pruefung/").content
    run(work.pk, now=NOW)
    page = otto.get("/verwaltung/pruefung/").content
    assert b"Everything agrees." in page
    work.refresh_from_db()
    assert (work.state, work.share, work.result["differences"]) == ("done", 1.0, 0)


def test_a_verification_can_be_stopped(company):
    otto = as_("otto")
    otto.post("/verwaltung/pruefung/", {"what": "verify"})
    work = models.LongWork.objects.get()
    otto.post("/verwaltung/pruefung/", {"what": "cancel", "work": work.pk})
    run(work.pk, now=NOW)
    work.refresh_from_db()
    assert (work.state, work.result) == ("cancelled", {})


def test_an_export_is_its_askers_and_ends(company, tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "DATA", tmp_path)
    company.staff.person("eva", "administrator")
    Authenticator.objects.create(
        user=models.Person.objects.get(key="p_eva"), type="totp", data={"secret": "x"}
    )
    adam = as_("adam")
    adam.post("/verwaltung/export/", {"form": "ndjson"})
    work = models.LongWork.objects.get()
    now = datetime.now(UTC)
    run(work.pk, now=now)
    path = f"/verwaltung/export/{work.pk}.zip"
    found = adam.get(path)
    with ZipFile(BytesIO(b"".join(found.streaming_content))) as archive:
        assert "README.md" in archive.namelist()
    assert "no-store" in found.headers["Cache-Control"]
    assert as_("eva").get(path).status_code == 404
    long_works.tidy(now=now + timedelta(hours=25))
    assert (adam.get(path).status_code, list(tmp_path.glob("exports/*"))) == (404, [])


def test_erasing_somebody_deletes_exports(company, tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "DATA", tmp_path)
    number = long_works.ask(company.people["adam"], "export", now=NOW)
    run(number, now=NOW)
    assert len(list(tmp_path.glob("exports/*.zip"))) == 1
    key = company.customers["Café Sommer"]
    privacy.erase(SYSTEM, key, reason="unlawful", door=company.staff.door)
    assert list(tmp_path.glob("exports/*")) == []


def test_a_test_mail_arrives_at_a_real_server_or_says_why_not(company, monkeypatch):
    client, path = as_("adam"), "/verwaltung/einstellungen/"
    told = {"what": "mail", "email": "adam@example.org"}
    assert b"No mail server is set" in client.get(path).content
    box = Box()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
    monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
    monkeypatch.setattr(settings, "EMAIL_PORT", port)
    page = client.post(path, told, follow=True)
    assert b"has accepted the mail to adam@example.org" in page.content
    [mail] = box.mails
    assert mail.rcpt_tos == ["adam@example.org"]
    assert b"Test mail" in mail.content
    page = client.post(path, told | {"email": "nobody@example.org"}, follow=True)
    assert b"550 no such mailbox" in page.content
    server.stop()
    page = client.post(path, told, follow=True)
    assert b"does not answer" in page.content
    page = client.post(path, told | {"email": "no address"})
    assert (page.status_code, b'value="no address"' in page.content) == (200, True)


class Box:
    """A mail server that keeps what it is given and refuses one address."""

    def __init__(self) -> None:
        self.mails: list = []

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802
        if address.startswith("nobody"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        self.mails.append(envelope)
        return "250 OK"


def test_choices_are_kept_and_wrong_ones_refused(company):
    client, path = as_("adam"), "/verwaltung/einstellungen/"
    client.post(path, {"what": "choices", "go_live_date": "2026-04-01", "capacity_per_day": "12"})
    assert (choice("go_live_date"), choice("capacity_per_day")) == ("2026-04-01", "12")
    page = client.post(path, {"what": "choices", "go_live_date": "", "capacity_per_day": "-1"})
    assert (page.status_code, b'value="-1"' in page.content) == (200, True)
    assert choice("capacity_per_day") == "12"


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("X_DATABASE", "postgresql://ada:geheim@db/x", "postgresql://ada:••••••@db/x"),
        ("X_DATABASE", "postgresql://db/x?password=geheim", "postgresql://db/x?password=••••••"),
        ("X_MAIL", "smtp://ada:ge%40heim@mail:587", "smtp://ada:••••••@mail:587"),
        ("X_METRICS_TOKEN", "geheim", "••••••"),
        ("X_METRICS_TOKEN", "", ""),
        ("X_TIME_ZONE", "Europe/Berlin", "Europe/Berlin"),
    ],
)
def test_the_page_of_settings_shows_no_secret(name, value, shown):
    assert without_secrets(name, value) == shown


def test_given_up_jobs_are_tried_again_by_administrators_only(company):
    models.Job.objects.create(name="deliver", due_at=NOW, state="given_up", error="TimeoutError")
    assert as_("otto").post("/verwaltung/arbeiten/").status_code == 403
    assert models.Job.objects.filter(state="given_up").count() == 1
    as_("adam").post("/verwaltung/arbeiten/")
    assert models.Job.objects.filter(state="given_up").count() == 0


def test_a_webhook_is_added_tried_and_removed(company, monkeypatch):
    monkeypatch.setattr(settings, "WEBHOOK_NETWORKS", "127.0.0.1/32")
    client = as_("adam")
    wrong = sent(client, "/verwaltung/webhooks/", url="ftp://x", events=["entry.booked"])
    assert (wrong.status_code, models.Endpoint.objects.count()) == (200, 0)
    told = {"url": "https://127.0.0.1/hook", "events": ["entry.booked"]}
    page = client.get("/verwaltung/webhooks/").content.decode()
    number = re.search(r'name="once" value="([^"]+)"', page).group(1)
    for _ in "12":
        answer = client.post("/verwaltung/webhooks/", {**told, "once": number})
        assert answer.status_code == 302
    endpoint = models.Endpoint.objects.get()
    path = f"/verwaltung/webhooks/{endpoint.pk}/"
    assert endpoint.secret in client.get(path).content.decode()
    assert endpoint.secret not in client.get(path).content.decode()
    client.post(f"{path}tun/", {"what": "try"})
    assert models.Delivery.objects.get().type == "ping"
    sent(client, f"{path}geheimnis/")
    endpoint.refresh_from_db()
    assert endpoint.secret in client.get(path).content.decode()
    client.post(f"{path}tun/", {"what": "off"})
    assert models.Endpoint.objects.get().is_active is False
    for _ in "12":
        assert client.post(f"{path}entfernen/").status_code == 302
    assert models.Endpoint.objects.count() == 0


def test_a_calendar_address_is_shown_once_and_ends(company):
    client = as_("alice")
    assert sent(client, "/konto/kalender/").status_code == 302
    page = client.get("/konto/kalender/").content.decode()
    address = re.search(r"http://localhost(/feeds/[^\"]+\.ics)", page).group(1)
    assert "/feeds/" not in client.get("/konto/kalender/").content.decode()
    assert Client(HTTP_HOST="localhost").get(address).status_code == 200
    feed = models.Feed.objects.get().pk
    assert as_("lena").post(f"/konto/kalender/{feed}/beenden/").status_code == 404
    client.post(f"/konto/kalender/{feed}/beenden/")
    assert Client(HTTP_HOST="localhost").get(address).status_code == 404


def test_a_rule_of_retention_is_changed(company):
    client = as_("adam")
    assert client.post("/verwaltung/aufbewahrung/readings/", {"days": "0"}).status_code == 200
    assert not models.Retention.objects.exists()
    client.post("/verwaltung/aufbewahrung/readings/", {"days": "99"})
    assert models.Retention.objects.get().days == 99
    assert as_("otto").post("/verwaltung/aufbewahrung/readings/", {"days": "1"}).status_code == 403


def test_a_team_is_renamed_and_removed_when_it_is_empty(company):
    company.staff.person("carl", team="Nord")
    team, client = models.Team.objects.get(), as_("adam")
    client.post(f"/verwaltung/teams/{team.pk}/", {"name": "Süd"})
    assert b"still belong" in client.post(f"/verwaltung/teams/{team.pk}/", {"name": ""}).content
    assert models.Team.objects.get().name == "Süd"
    models.Person.objects.update(team=None)
    client.post(f"/verwaltung/teams/{team.pk}/", {"name": ""})
    assert models.Team.objects.count() == 0


def test_papers_are_handed_out_in_every_form(company):
    otto = as_("otto", "de")
    for form, begin in (("pdf", b"%PDF"), ("html", b"<!doctype"), ("md", b"# ")):
        found = otto.get(f"/verwaltung/papiere/works-agreement.{form}")
        assert found.content[:20].lower().startswith(begin.lower()), form
        assert "attachment" in found.headers["Content-Disposition"]
    assert b"<mark>" in otto.get("/verwaltung/papiere/works-agreement/").content
    assert otto.get("/verwaltung/papiere/nothing/").status_code == 404
