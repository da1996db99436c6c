"""Booking by hand: once, with what it does shown before; Storno, Ausgleich and the grace minute."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from tests.db.staff import SYSTEM, Staff
from tests.web.test_pages import tidy

from vertrauenskonto.db import models
from vertrauenskonto.db.actions import privacy
from vertrauenskonto.db.naming import name_anew
from vertrauenskonto.db.queries.policies import history


@pytest.fixture
def staff(site):
    made = Staff(today=timezone.localdate())
    made.policy()
    made.policies = history()
    return made


def customer(staff, name="Gärtnerei Holm", owner=None) -> str:
    key = staff.customer()
    row = models.Customer.objects.get(key=key)
    models.Profile.objects.create(
        customer=row,
        sort="organisation",
        name=name,
        search_name=name.lower().replace("ä", "ae"),
        owner=models.Person.objects.get(key=f"p_{owner}") if owner else None,
    )
    name_anew([row.pk])
    return key


def opened(browser, key: str, art: str = "promise_kept") -> tuple[str, str]:
    """Open the form of a kind; return its address and the page."""
    answer = browser.get(f"/kunden/{key}/buchen/", {"art": art})
    assert answer.status_code == 302
    address = answer.headers["Location"]
    page = browser.get(address)
    assert page.status_code == 200
    return address, page.content.decode()


def filled(address: str, **given: str) -> dict[str, str]:
    named = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    today = timezone.localdate().isoformat()
    return {**named, "day": today, "target": "organisation", "note": "", "do": "book", **given}


@pytest.fixture
def alice(site, staff):
    browser = site.signed_in("alice")
    browser.key = customer(staff, owner="alice")
    return browser


def test_what_a_booking_does_is_shown_before_and_done_once(alice, staff):
    staff.booked(alice.key, "conversation")
    address, page = opened(alice, alice.key)
    tidy(page, "en")
    assert "Book deposit +7" in page
    assert re.search(r"<td>0.0</td><td><strong>7.0</strong></td>", page)
    body = filled(address)
    first = alice.post(address, body)
    assert first.status_code == 302
    assert first.headers["Location"] == f"/kunden/{alice.key}/"
    again = alice.post(address, body, follow=True)
    assert "booked already" in again.content.decode()
    [entry] = models.Entry.objects.filter(source="web")
    assert (entry.kind, entry.able, entry.assessable) == ("promise_kept", 500, 200)
    assert entry.source_id == body["nr"]
    assert entry.transaction.actor == "p_alice"
    assert "begin a further entry" in alice.get(address).content.decode()


def test_the_preview_is_what_is_booked_then(alice, staff):
    for _ in range(2):
        address, page = opened(alice, alice.key, "free_service")
        promised = re.search(r"Book deposit \+([\d.]+)", page)
        alice.post(address, filled(address))
        assert promised[1] == "5"
    address, page = opened(alice, alice.key, "free_service")
    assert "Limit for purchasable points reached" in page
    assert "Book ‘free_service’" in page
    alice.post(address, filled(address))
    assert list(models.Entry.objects.order_by("pk").values_list("willing", flat=True)) == [
        500,
        500,
        0,
    ]


def test_other_contents_under_the_same_number_are_asked_about_and_kept(alice):
    address, _ = opened(alice, alice.key)
    alice.post(address, filled(address))
    answer = alice.post(address, filled(address, note="And once more"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "with other contents" in page
    assert "And once more" in page
    assert models.Entry.objects.count() == 1
    number = re.findall(r'name="nr" value="(\w{32})"', page)[-1]
    assert number not in address
    alice.post(address, filled(address, note="And once more", nr=number))
    assert models.Entry.objects.count() == 2


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"day": "tomorrow"}, "valid date"),
        ({"day": (timezone.localdate() + timedelta(days=2)).isoformat()}, "still to come"),
        ({"day": "0202-03-01"}, "check the year"),
        ({"target": "person:p_charlie"}, "valid choice"),
        ({"nr": "'; drop"}, "lost its number"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_is_booked(alice, given, told):
    address, _ = opened(alice, alice.key)
    answer = alice.post(address, filled(address, note="I typed this", **given))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert told in page
    assert "I typed this" in page
    assert not models.Entry.objects.exists()


def test_a_word_of_a_special_category_is_asked_about_and_may_be_needed(alice):
    address, _ = opened(alice, alice.key)
    body = filled(address, note="She has cancer")
    page = alice.post(address, body).content.decode()
    tidy(page, "en")
    assert "‘cancer’ may say something about health" in page
    assert not models.Entry.objects.exists()
    box = re.search(r'name="note_needed" value="([^"]+)"', page)[1]
    other = {**body, "note": "She has cancer and is Jewish", "note_needed": box}
    assert "Jewish" in alice.post(address, other).content.decode()
    assert not models.Entry.objects.exists()
    assert alice.post(address, {**body, "note_needed": box}).status_code == 302
    assert models.Note.objects.get().text == "She has cancer"


def test_while_she_writes_the_warning_comes_alone(alice):
    answer = alice.post(
        "/hinweis/besondere-angaben/",
        {"note": "liegt im Krankenhaus"},
        headers={"HX-Request": "true", "HX-Trigger-Name": "note"},
    )
    assert "‘Krankenhaus’" in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_what_breaches_honesty_is_proposed_and_changes_nothing(alice):
    address, page = opened(alice, alice.key, "lie_uncovered")
    assert "Propose for confirmation" in page
    told = alice.post(address, filled(address), follow=True).content.decode()
    assert "second person" in told
    assert not models.Entry.objects.exists()
    [proposal] = models.Proposal.objects.all()
    assert (proposal.proposer, proposal.channel, proposal.state) == ("p_alice", "web", "open")


def test_a_slip_is_taken_back_within_the_minute_by_her_alone(alice, site):
    address, _ = opened(alice, alice.key)
    page = alice.post(address, filled(address), follow=True).content.decode()
    number = re.search(r'name="nr" value="(\w{32})"', page)[1]
    site.signed_in("lena", "lead").post("/buchungen/rueckgaengig/", {"nr": number})
    assert models.Entry.objects.count() == 1
    told = alice.post("/buchungen/rueckgaengig/", {"nr": number}, follow=True).content.decode()
    assert "Taken back." in told
    assert models.Entry.objects.filter(reason="slip").count() == 1
    again = alice.post(address, filled(address), follow=True).content.decode()
    assert "taken back since" in again


def test_after_the_minute_a_slip_leads_to_its_reversal(alice, staff):
    staff.source = "web"
    draft = staff.booked(alice.key, source_id="a" * 32)
    answer = alice.post("/buchungen/rueckgaengig/", {"nr": draft.source_id})
    assert answer.headers["Location"] == f"/kunden/{alice.key}/storno/?entry=web%3A{'a' * 32}"
    assert models.Entry.objects.count() == 1


def corrected(browser, path: str, body: dict[str, str]):
    page = browser.get(path).content.decode()
    tidy(page, "en")
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    given = {**hidden, "note": "", "do": "book", **body}
    return page, given, browser.post(path, given)


def test_a_reversal_needs_a_reason_and_counts_once(alice, staff):
    draft = staff.booked(alice.key)
    path = f"/kunden/{alice.key}/storno/?entry=test:{draft.source_id}"
    page, body, refused = corrected(alice, path, {})
    assert "take 7.0 points back" in page
    assert refused.status_code == 200
    assert models.Entry.objects.count() == 1
    for _ in range(2):
        assert alice.post(path, {**body, "reason": "mistake"}).status_code == 302
    [row] = models.Entry.objects.filter(reverses__isnull=False)
    assert (row.source, row.source_id, row.reason) == ("web", body["nr"], "mistake")
    assert "reversed already" in alice.get(path).content.decode()


def test_making_good_offers_deposits_only_and_names_the_withdrawal(alice, staff):
    draft = staff.booked(alice.key, "promise_broken_unannounced")
    path = f"/kunden/{alice.key}/ausgleich/?entry=test:{draft.source_id}"
    page = alice.get(path).content.decode()
    tidy(page, "en")
    assert "art=free_service" in page
    assert "art=conversation" not in page
    _, _, done = corrected(alice, f"{path}&art=free_service", {"reason": "goodwill"})
    assert done.status_code == 302
    row = models.Entry.objects.get(compensates__isnull=False)
    assert (row.kind, row.compensates.source_id, row.reason) == (
        "free_service",
        draft.source_id,
        "goodwill",
    )


def test_only_her_own_customers_can_be_found_and_booked(alice, site, staff):
    other = customer(staff, "Praxis Nowak", owner=None)
    assert "Praxis" not in alice.get("/buchen/", {"text": "praxis"}).content.decode()
    assert alice.get(f"/kunden/{other}/buchen/").status_code == 404
    assert alice.post(f"/kunden/{other}/buchen/", filled("?art=promise_kept")).status_code == 404
    answer = alice.get("/buchen/", {"text": "HOLM gärt"})
    assert answer.headers["Location"] == f"/kunden/{alice.key}/buchen/"
    anna = site.signed_in("anna", "analyst")
    assert anna.get("/buchen/").status_code == 403
    assert not models.Entry.objects.exists()


def test_what_she_books_often_comes_first(alice):
    for art in ("conversation", "free_service", "conversation"):
        address, _ = opened(alice, alice.key, art)
        alice.post(address, filled(address))
    page = alice.get(f"/kunden/{alice.key}/buchen/").content.decode()
    usual = page.split("Deposits</h2>")[0]
    assert re.findall(r"art=(\w+)", usual) == ["conversation", "free_service"]
    assert "Gärtnerei Holm" in alice.get("/buchen/").content.decode()
    found = alice.get(f"/kunden/{alice.key}/buchen/", {"suche": "kept"})
    assert found.headers["Location"].endswith("?art=promise_kept")


def test_a_customer_whose_processing_is_restricted_is_booked_without_a_value(alice, staff):
    privacy.restrict(SYSTEM, alice.key, reason="precaution", door=staff.door)
    address, page = opened(alice, alice.key)
    assert "not valued at present" in page
    alice.post(address, filled(address))
    assert models.Entry.objects.count() == 1
    assert not models.Balance.objects.exists()
