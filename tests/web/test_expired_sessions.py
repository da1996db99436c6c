"""A session that ends in mid-form loses nothing, and nobody fills the database without one."""

import html
import re
from urllib.parse import unquote

import pytest
from django.contrib.sessions.models import Session
from tests.db.staff import Staff
from tests.web.test_obligations import a_world, fallen

from vertrauenskonto.db import access, models
from vertrauenskonto.db.actions import honesty, ledger, policy_drafts
from vertrauenskonto.db.queries.choices import choice
from vertrauenskonto.db.queries.policies import history

ENDED = "Your session had ended"
EMAILS = {"alice": "alice@example.org", "lena": "lena@example.org"}


def late(browser, who, address, body):
    """Send a form after the session has ended, sign in again, and return the page that follows."""
    Session.objects.all().delete()
    refused = browser.post(address, body)
    assert refused.status_code == 302
    after = unquote(re.search(r"next=([^&]+)", refused.headers["Location"])[1])
    assert browser.sign_in(EMAILS[who]).status_code == 302
    answer = browser.get(after)
    assert answer.status_code == 200, after
    page = answer.content.decode()
    assert page.count("<h1") == 1
    assert ENDED in page
    return after, html.unescape(page)


class Case:
    """An entry that concerns Alice, and a proposal that Lena may decide."""

    def __init__(self, site):
        self.staff = staff = Staff()
        staff.policy()
        self.alice = site.signed_in("alice")
        self.lena = site.signed_in("lena", "lead")
        for note in ("first", "second"):
            customer = staff.customer()
            draft = staff.draft(customer, "lie_uncovered", target="person:p_alice", note=note)
            ledger.book([draft], door=staff.door, policies=staff.policies)
        booked, self.open = models.Proposal.objects.order_by("pk")
        lead = access.viewer(models.Person.objects.get(key="p_lena").pk, channel="test")
        honesty.confirm(lead, booked.pk, door=staff.door_of(lead), policies=staff.policies)
        self.entry = models.Entry.objects.get()
        self.alice.get("/")
        self.lena.get("/ehrlichkeit/")


@pytest.fixture
def case(site):
    return Case(site)


def test_what_she_says_of_an_entry_comes_back_beside_it(case):
    address = f"/betrifft/{case.entry.pk}/"
    told = {"what": "contest", "text": "The slip proves it"}
    after, page = late(case.alice, "alice", address, told)
    assert after == "/"
    assert ">The slip proves it</textarea>" in page
    assert models.Contest.objects.count() == 0
    case.alice.post(address, told)
    assert models.Contest.objects.count() == 1


def test_what_she_says_too_long_is_refused_and_still_there(case):
    words = "The slip proves it. " * 40
    address = f"/betrifft/{case.entry.pk}/"
    page = case.alice.post(address, {"what": "contest", "text": words}, follow=True)
    shown = html.unescape(page.content.decode())
    assert f">{words}</textarea>" in shown
    assert ENDED not in shown
    assert models.Contest.objects.count() == 0


def test_a_reason_for_a_proposal_comes_back_at_the_same_proposal(case):
    address = f"/ehrlichkeit/vorschlag/{case.open.pk}/"
    told = {"what": "decline", "text": "Two people saw the letter"}
    after, page = late(case.lena, "lena", address, told)
    assert after == "/ehrlichkeit/"
    form = page.split(f'action="{address}"')[1].split("</form>")[0]
    assert ">Two people saw the letter</textarea>" in form
    assert models.Proposal.objects.get(pk=case.open.pk).state == "open"


def test_opening_the_address_of_a_form_leads_to_the_page_with_the_form(case):
    for browser, address, page in (
        (case.alice, f"/betrifft/{case.entry.pk}/", "/"),
        (case.lena, f"/ehrlichkeit/vorschlag/{case.open.pk}/", "/ehrlichkeit/"),
        (case.lena, f"/ehrlichkeit/widerspruch/{case.entry.pk}/", "/ehrlichkeit/"),
        (case.lena, "/quellen/lauf/7/tun/", "/quellen/lauf/7/"),
        (case.lena, "/quellen/7/tun/", "/quellen/7/"),
        (case.alice, "/kunden/k/planen/", "/"),
    ):
        answer = browser.get(address)
        assert (answer.status_code, answer.headers["Location"]) == (302, page)


def test_the_filters_and_the_name_of_a_view_come_back(site):
    a_world()
    lena = site.signed_in("lena", "lead")
    lena.get("/kunden/?unter=on")
    told = {"what": "save", "name": "Below", "shared": "yes"}
    after, page = late(lena, "lena", "/kunden/ansichten/?unter=on", told)
    assert after == "/kunden/ansichten/?unter=on"
    assert 'value="Below"' in page
    assert models.SavedView.objects.count() == 0
    form = page.split('action="?unter=on"')[1].split("</form>")[0]
    assert 'name="shared" value="yes"' in form
    lena.post(after, told)
    [view] = models.SavedView.objects.all()
    assert (view.name, view.filters, view.is_shared) == ("Below", {"unter": "on"}, True)


def test_the_day_of_a_planned_contact_comes_back_and_nothing_is_planned_meanwhile(site):
    world = a_world()
    alice = site.signed_in("alice")
    fallen(world, owner="p_alice")
    models.Cause.objects.all().delete()
    models.Step.objects.all().delete()
    models.Obligation.objects.all().delete()
    [key] = models.Customer.objects.values_list("key", flat=True)
    assert f"/kunden/{key}/planen/" in alice.get("/").content.decode()
    told = {"day": "2999-03-14", "next": "/?alle"}
    after, page = late(alice, "alice", f"/kunden/{key}/planen/", told)
    assert after == "/?alle"
    assert 'value="2999-03-14"' in page
    assert "Choose a day" not in page


def test_how_many_duties_a_company_can_meet_comes_back(site):
    world = a_world()
    lena = site.signed_in("lena", "lead")
    viewer = access.viewer(models.Person.objects.get(key="p_lena").pk, channel="test")
    newest = history().versions[-1]
    draft = policy_drafts.begin(viewer, newest, name="x", begun_from="newest", door=world.door)
    address = f"/regelwerk/entwurf/{draft}/aufgaben/"
    lena.get(address)
    _, page = late(lena, "lena", address, {"capacity": "17"})
    assert 'value="17"' in page
    assert choice("capacity_per_day") == ""


# ---------------------------------------------------------------------- strangers


def test_strangers_leave_nothing_behind(site):
    a_world()
    stranger = site.browser()
    body = {"text": "x" * 90_000, "what": "comment"}
    for _ in range(3):
        answer = stranger.post("/betrifft/1/", body, HTTP_ORIGIN="http://localhost")
        assert answer.headers["Location"] == "/konto/login/?next=/"
    strict = site.browser(enforce_csrf_checks=True)
    strict.cookies["csrftoken"] = "n" * 32
    strict.cookies["was_here"] = "yes"
    strict.post("/betrifft/1/", body, HTTP_ORIGIN="http://localhost")
    assert Session.objects.count() == 0


def test_a_browser_that_is_known_keeps_so_many_forms_an_hour(site, monkeypatch):
    monkeypatch.setattr("vertrauenskonto.web.asking._KEPT_PER_HOUR", 2)
    a_world()
    alice = site.signed_in("alice")
    alice.get("/")
    counts = []
    for _ in range(4):
        Session.objects.all().delete()
        assert alice.post("/konto/meldungen/", {"rhythm": "daily"}).status_code == 302
        counts.append(Session.objects.count())
    assert counts == [1, 1, 0, 0]
