"""The page for leads: what waits for a second person, and what is contested."""

import re
from dataclasses import replace

import pytest
from tests.db.staff import Staff
from tests.web.conftest import door
from tests.web.test_pages import tidy

from vertrauenskonto.core.errors import Text
from vertrauenskonto.db import access, models
from vertrauenskonto.db.access import installation
from vertrauenskonto.db.actions import honesty, ledger, people, policies

PAGE = "/ehrlichkeit/"


class Case:
    """Bob proposed that Alice lied; Lena leads."""

    def __init__(self, site):
        self.staff = staff = Staff()
        staff.policy()
        site.person("alice")
        self.draft = staff.draft(
            staff.customer(), "lie_uncovered", target="person:p_alice", note="said it was sent"
        )
        self.lena = site.signed_in("lena", "lead")
        ledger.book([self.draft], door=staff.door, policies=staff.policies)

    def send(self, browser, what, **given):
        page = browser.get(PAGE).content.decode()
        action = re.search(r'action="(/ehrlichkeit/\w+/\d+/)"', page)[1]
        return browser.post(action, {"what": what, **given}, follow=True).content.decode()

    def contested(self):
        entry = models.Entry.objects.get()
        person = models.Person.objects.get(key="p_alice")
        alice = access.viewer(person.pk, channel="test")
        honesty.contest(alice, entry.pk, text="it was sent", door=self.staff.door_of(alice))


@pytest.fixture
def case(site):
    return Case(site)


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_start_page_leads_a_lead_to_what_waits(site, case, language):
    people.change(installation("test"), "p_lena", language=language, door=door())
    assert f'href="{PAGE}"' in case.lena.get("/").content.decode()
    page = case.lena.get(PAGE).content.decode()
    tidy(page, language)
    assert "said it was sent" in page
    assert case.draft.customer in page
    assert "p_alice" not in page
    reading = models.Reading.objects.get()
    assert (reading.actor, reading.channel, reading.what) == ("p_lena", "web", "list")
    case.send(case.lena, "confirm")
    assert f'href="{PAGE}"' not in case.lena.get("/").content.decode()


def test_confirming_books_and_seals_both_names(case):
    assert "Confirmed and booked" in case.send(case.lena, "confirm")
    header = models.Entry.objects.get().transaction
    assert (header.actor, header.second) == ("user:alice", "p_lena")
    page = case.lena.get(PAGE).content.decode()
    assert "None is waiting" in page


def test_declining_without_a_reason_changes_nothing(case):
    assert "takes 1 to 500" in case.send(case.lena, "decline", text=" ")
    assert models.Proposal.objects.get().state == "open"
    assert "nothing is booked" in case.send(case.lena, "decline", text="a mix-up")
    row = models.Proposal.objects.get()
    assert (row.state, row.decider, row.reason) == ("declined", "p_lena", "a mix-up")
    assert models.Entry.objects.count() == 0


def test_who_proposed_it_is_told_that_somebody_else_decides(case):
    models.Proposal.objects.update(proposer="p_lena")
    assert "Somebody else decides here" in case.send(case.lena, "confirm")
    assert models.Entry.objects.count() == 0


@pytest.mark.parametrize(("what", "entries"), [("uphold", 1), ("withdraw", 2)])
def test_a_contested_entry_is_decided_on_the_page(case, what, entries):
    case.send(case.lena, "confirm")
    case.contested()
    page = case.lena.get(PAGE).content.decode()
    tidy(page, "en")
    assert "it was sent" in page
    assert "takes 1 to 500" in case.send(case.lena, what, text="")
    case.send(case.lena, what, text="looked at the slip")
    assert models.Entry.objects.count() == entries
    assert models.Contest.objects.order_by("-pk")[0].state in ("upheld", "withdrawn")


def test_words_of_special_categories_are_asked_about_before_a_reason_is_kept(case):
    said = "she had a burnout"
    page = case.send(case.lena, "decline", text=said)
    assert "may say something about health" in page
    assert f">{said}</textarea>" in page
    assert models.Proposal.objects.get().state == "open"
    box = re.search(r'name="text_needed"[^>]*value="([^"]+)"', page)[1]
    case.send(case.lena, "decline", text=said, text_needed=box)
    assert models.Proposal.objects.get().reason == said


def test_a_contest_is_not_decided_with_words_of_special_categories_unasked(case):
    case.send(case.lena, "confirm")
    case.contested()
    page = case.send(case.lena, "withdraw", text="she had a burnout")
    assert "may say something about health" in page
    assert models.Entry.objects.count() == 1
    assert models.Contest.objects.get().state == "contested"


@pytest.mark.parametrize("role", ["contact", "analyst", "auditor"])
def test_whoever_may_not_lead_is_told_so_on_a_page(site, case, role):
    browser = site.signed_in("otto", role)
    assert f'href="{PAGE}"' not in browser.get("/").content.decode()
    number = models.Proposal.objects.get().pk
    for answer in (
        browser.get(PAGE),
        browser.post(f"{PAGE}vorschlag/{number}/", {"what": "confirm"}),
        browser.post(f"{PAGE}widerspruch/1/", {"what": "uphold", "text": "x"}),
    ):
        assert answer.status_code == 403
        tidy(answer.content.decode(), "en")
        assert "You may not do this" in answer.content.decode()
    assert models.Proposal.objects.get().state == "open"


def test_what_does_not_exist_is_no_page(case):
    for path, what in (("vorschlag/99/", "confirm"), ("widerspruch/99/", "uphold")):
        assert case.lena.post(f"{PAGE}{path}", {"what": what, "text": "x"}).status_code == 404
    number = models.Proposal.objects.get().pk
    assert case.lena.post(f"{PAGE}vorschlag/{number}/", {"what": "x"}).status_code == 404
    assert case.lena.get(f"{PAGE}vorschlag/{number}/").headers["Location"] == PAGE


def test_a_stranger_is_led_to_sign_in(site, case):
    assert site.browser().get(PAGE).headers["Location"].startswith("/konto/login/")


@pytest.mark.parametrize(
    ("language", "words"), [("de", "18. März 2026: Lüge"), ("en", "18 March 2026: Lie")]
)
def test_days_and_kinds_are_in_the_language_of_the_page(site, case, language, words):
    [version] = case.staff.policies.versions
    kind = replace(version.kinds["lie_uncovered"], label=Text("Lüge", "Lie"))
    kinds = {**version.kinds, "lie_uncovered": kind}
    later = replace(version, version=2, kinds=kinds, title=Text("Klein", "Small"))
    policies.put_in_force(later, valid_from=case.staff.today, door=case.staff.door)
    people.change(installation("test"), "p_lena", language=language, door=door())
    assert words in case.lena.get(PAGE).content.decode()
