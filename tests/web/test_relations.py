"""The pages of a relationship, its handover and what leaving costs; forms sent twice act once."""

import html
import re
from datetime import timedelta

import pytest
from django.utils.timezone import localdate
from tests.browser import relation_states as states
from tests.browser.company import Company, furnish
from tests.web.test_accounts import client, queries_of, text

from vertrauenskonto.db import models


@pytest.fixture
def company(site) -> Company:
    return furnish(today=localdate())


def sent(browser, path, what, **answers):
    """Send a form as its page shows it, with these answers; the same once more."""
    page = browser.get(path).content.decode()
    hidden = re.search(rf'name="{what}-once" value="([^"]+)"', page)
    answers |= {"once": hidden[1]} if hidden else {}
    given = {f"{what}-{name}": value for name, value in answers.items()} | {"what": what}
    browser.post(path, given)
    return browser.post(path, given)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", ("Phase: pflegen, seit dem", "Zusagen sind gehalten", "bevor es still wird")),
        ("en", ("Phase: keeping, since", "promises have been kept", "before it falls silent")),
    ],
)
def test_the_account_says_in_which_phase_it_is_since_when_why_and_what_is_next(
    company, language, words
):
    said = text(client(language=language).get(f"/kunden/{company.customers[states.HOLM]}/"))
    assert [word for word in words if word not in said] == []


def test_a_relationship_is_ended_and_the_end_taken_back_with_a_reason(company):
    key, alice = company.customers[states.BRANDT], client()
    path = f"/kunden/{key}/beziehung/"
    answer = alice.post(path, {"what": "end", "end-on": localdate(), "end-reason": ""})
    assert (answer.status_code, models.Ending.objects.count()) == (200, 0)
    sent(alice, path, "end", on=localdate().isoformat(), reason="Verzogen <b>")
    assert models.Ending.objects.count() == 1
    assert "Phase: ended" in text(alice.get(f"/kunden/{key}/"))
    page = alice.get(path).content.decode()
    assert "Verzogen &lt;b&gt;" in page
    assert "Verzogen <b>" not in page
    sent(alice, path, "take_back", reason="Verwechselt")
    assert "Phase: building" in text(alice.get(path))
    assert alice.post(path, {"what": "sonst"}).status_code == 404


def test_words_of_special_categories_are_asked_about(company):
    key, alice = company.customers[states.BRANDT], client()
    path = f"/kunden/{key}/beziehung/"
    answer = sent(alice, path, "end", on=localdate().isoformat(), reason="Herr Brandt hat Krebs.")
    assert (answer.status_code, models.Ending.objects.count()) == (200, 0)
    assert "say something about" in html.unescape(answer.content.decode())


def test_a_handover_goes_step_by_step_to_a_new_contact_person(company):
    key, alice, bob = company.customers[states.HOLM], client(), client("bob")
    begin = f"/kunden/{key}/uebergabe/"
    assert bob.get(f"/kunden/{key}/").status_code == 404
    number = re.search(r'name="once" value="([^"]+)"', alice.get(begin).content.decode())
    assert number
    given = {"once": number[1], "successor": "p_bob"}
    path = alice.post(begin, given)["location"]
    assert alice.post(begin, given)["location"] == path
    assert "The contact person is changing." in text(bob.get(f"/kunden/{key}/"))
    today = localdate().isoformat()
    sent(alice, path, "trusted_for", on=today, words="Sie ruft zurück.")
    sent(alice, path, "customer_told", on=today, channel="call", words="")
    sent(alice, path, "introduced_by_giver", on=today, channel="visit", words="")
    assert (
        sent(alice, path, "introduced_by_successor", on=today, channel="visit").status_code == 302
    )
    sent(bob, path, "introduced_by_successor", on=today, channel="visit", words="")
    sent(alice, path, "promises_passed", on=today, words="")
    assert "Complete the handover" not in text(alice.get(path))
    assert models.HandoverStep.objects.count() == 5
    sent(bob, path, "own_account", on=today, channel="visit", words="")
    assert "Complete the handover" in text(alice.get(path))
    assert alice.post(path, {"what": "complete"})["location"] == "/"
    assert alice.get(path).status_code == 404
    assert "Contact person: bob" in text(bob.get(f"/kunden/{key}/"))
    story = text(bob.get(f"/kunden/{key}/beziehung/"))
    assert "Handover from alice to bob" in story
    assert "completed on" in story


def test_what_hangs_on_her_is_on_the_page_of_the_two_and_of_nobody_else(company):
    path = states.remains(company)
    said = {who: text(client(who).get(path)) for who in ("alice", "bob", "lena", "adam", "otto")}
    assert [who for who, words in said.items() if "What remains" in words] == ["alice", "bob"]


def test_a_team_is_one_sum_and_oneself_is_seen_by_oneself(company):
    path = states.leaving(company)
    said = {who: text(client(who).get(path)) for who in ("alice", "lena")}
    assert "A whole team" not in said["alice"]
    assert "only after a works agreement" in said["alice"]
    assert "Lost would be" in said["lena"]
    assert not [name for name in ("nina", "nora", "nils", "p_n") if name in said["lena"]]
    company.staff.agree()
    assert "Lost would be" in text(client().get(path))
    assert client("anna").get(path).status_code == 403


def test_the_pages_take_few_queries_however_much_there_is(company):
    path, alice = states.handover(company, until="own_account"), client()
    key = company.customers[states.HOLM]
    for page in (
        path,
        f"/kunden/{key}/beziehung/",
        f"/kunden/{key}/uebergabe/",
        states.rhythm(company),
        "/",
    ):
        alice.get(page)
        assert queries_of(page, alice) <= 15, page
    team, lena = states.leaving(company), client("lena")
    lena.get(team)
    assert queries_of(team, lena) <= 15


def test_a_rhythm_is_agreed_on_and_stands_on_today_when_it_is_due(company):
    key, alice = company.customers[states.HOLM], client()
    path = f"/kunden/{key}/rhythmus/"
    page = alice.get(path).content.decode()
    number = re.search(r'name="once" value="([^"]+)"', page)
    assert number
    long_ago = (localdate() - timedelta(days=30)).isoformat()
    given = {"once": number[1], "unit": "months", "on": long_ago, "agreed_with": "Frau Holm"}
    answer = alice.post(path, given | {"every": "25"})
    assert "Give 1 to 24." in text(answer)
    assert models.Rhythm.objects.count() == 0
    given |= {"every": "1", "unit": "weeks", "channel": "call"}
    for _ in range(2):
        assert alice.post(path, given)["location"] == f"/kunden/{key}/beziehung/"
    assert models.Rhythm.objects.count() == 1
    assert "Agreed: every week, by phone" in text(alice.get(f"/kunden/{key}/"))
    # The last contact was ten days ago.
    today = text(alice.get("/"))
    assert "Contact as agreed Gärtnerei Holm overdue Agreed: every week, by phone." in today
    assert "Contact as agreed" not in text(client("bob").get("/"))
