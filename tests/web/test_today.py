"""Today: what waits, why, and one button that says what it does; few queries, however many rows."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.db.staff import Staff
from tests.web.test_booking import customer
from tests.web.test_pages import tidy

from vertrauenskonto.db import models
from vertrauenskonto.db.actions import policies
from vertrauenskonto.db.queries.policies import history
from vertrauenskonto.importers.policy import read_policy


@pytest.fixture
def staff(site):
    made = Staff(today=timezone.localdate() - timedelta(days=400))
    version = read_policy("craft").versions[-1]
    policies.put_in_force(version, valid_from=made.today, door=made.door)
    made.policies = history()
    return made


def fading(staff, name="Familie Brandt", owner="alice", phone="+49 30 1234") -> str:
    """Return a customer who heard nothing for long and falls soon."""
    key = customer(staff, name, owner=owner)
    today = timezone.localdate()
    staff.booked(key, value_date=today - timedelta(days=330))
    row = models.Customer.objects.get(key=key)
    models.Contact.objects.create(customer=row, name="Frau Brandt", phone=phone, is_main=True)
    models.Balance.objects.filter(customer=row).update(
        as_of_date=today,
        below_threshold=False,
        balance=0.4,
        falls_date=today + timedelta(days=9),
        last_contact_date=today - timedelta(days=330),
    )
    return key


def low(staff, name="Praxis Nowak", owner="alice") -> str:
    """Return a customer with an open duty."""
    key = customer(staff, name, owner=owner)
    staff.today = timezone.localdate()
    staff.booked(key, "promise_broken_unannounced")
    return key


def read(browser, path="/") -> str:
    page = browser.get(path).content.decode()
    tidy_links = page.replace('href="tel:', 'href="/tel:')
    tidy(tidy_links, "en")
    return page


def test_an_account_that_will_fall_says_when_and_why_and_whom_to_call(site, staff):
    alice = site.signed_in("alice")
    key = fading(staff)
    last = timezone.localdate() + timedelta(days=8)
    page = read(alice)
    assert f"Lasts until {last.day}\xa0{last:%B}" in page
    assert "no contact for 11 months." in page
    assert 'href="tel:+49301234"' in page
    assert "Call Frau Brandt" in page
    assert f"/kunden/{key}/buchen/?art=conversation" in page
    assert models.Reading.objects.filter(what="list", customer__key=key).count() == 1


def test_a_duty_is_due_and_not_listed_twice(site, staff):
    alice = site.signed_in("alice")
    low(staff)
    page = read(alice)
    assert "One thing waits." in page
    assert page.count("Praxis Nowak</strong>") == 1


def test_an_account_below_without_a_duty_is_listed(site, staff):
    alice = site.signed_in("alice")
    low(staff)
    models.Obligation.objects.update(closed_date=timezone.localdate(), outcome="left")
    page = read(alice)
    assert "Below the threshold, without a duty" in page
    assert "Praxis Nowak" in page


def test_a_planned_contact_leaves_in_peace_until_its_day(site, staff):
    alice = site.signed_in("alice")
    key = fading(staff)
    tomorrow = timezone.localdate() + timedelta(days=1)
    for wrong in ("", "yesterday", timezone.localdate().isoformat(), "2999-01-01"):
        alice.post(f"/kunden/{key}/planen/", {"day": wrong})
        assert not models.PlannedContact.objects.exists()
    for _ in range(2):
        told = alice.post(f"/kunden/{key}/planen/", {"day": tomorrow.isoformat()}, follow=True)
    assert "Contact planned" in told.content.decode()
    assert "Familie Brandt" not in told.content.decode()
    models.PlannedContact.objects.update(planned_date=timezone.localdate())
    page = read(alice)
    assert "A contact is planned for today." in page
    assert page.count("Familie Brandt</strong>") == 1
    other = site.signed_in("charlie")
    assert other.post(f"/kunden/{key}/planen/", {"day": tomorrow.isoformat()}).status_code == 404


def test_a_contact_makes_a_plan_good(site, staff):
    alice = site.signed_in("alice")
    key = fading(staff)
    today = timezone.localdate()
    row = models.Customer.objects.get(key=key)
    models.PlannedContact.objects.create(
        customer=row, planned_date=today, set_date=today - timedelta(days=3)
    )
    assert "planned for today" in read(alice)
    staff.today = today
    staff.booked(key, "conversation")
    assert "planned for today" not in read(alice)


def test_leads_see_their_own_first_and_all_on_demand(site, staff):
    lena = site.signed_in("lena", "lead")
    site.signed_in("alice")
    fading(staff, "Familie Brandt", owner="alice")
    fading(staff, "Café Sommer", owner="lena")
    own = read(lena)
    assert "Café Sommer" in own
    assert "Familie Brandt" not in own
    assert "Familie Brandt" in read(lena, "/?alle")
    assert "Café Sommer" not in read(site.signed_in("bob"), "/?alle")


def test_a_lead_who_looks_after_nobody_sees_all_at_once(site, staff):
    lena = site.signed_in("lena", "lead")
    site.signed_in("alice")
    fading(staff, "Familie Brandt", owner="alice")
    assert "Familie Brandt" in read(lena)
    assert "Familie Brandt" not in read(lena, "/?meine")


def test_what_waits_for_two_or_for_a_match_is_for_who_may_decide(site, staff):
    alice, lena = site.signed_in("alice"), site.signed_in("lena", "lead")
    key = customer(staff, owner="alice")
    staff.today = timezone.localdate()
    staff.book(staff.draft(key, "information_withheld"))
    models.Unmatched.objects.create(
        source="mail", source_id="1", received_at=staff.door.at, record={}, candidates=[]
    )
    page = read(lena)
    assert "Two things wait." in page
    assert 'href="/ehrlichkeit/"' in page
    assert 'href="/quellen/zuordnen/"' in page
    assert "Waits for a decision" not in read(alice)


def test_who_books_nothing_is_led_to_her_pages(site, staff):
    page = read(site.signed_in("anna", "analyst"))
    assert "nothing to do here for your role" in page
    assert 'href="/kunden/"' in page


def test_the_first_day_says_what_to_do_first(site):
    adam = site.signed_in("adam", "administrator")
    person = models.Person.objects.get(key="p_adam")
    Authenticator.objects.create(user=person, type="totp", data={"secret": "x"})
    page = read(adam)
    assert "Is there a works council?" in page
    assert 'href="/einrichten/"' in page
    assert "It takes customers" in page
    assert "Is there a works council?" not in read(site.signed_in("alice"))


@pytest.mark.parametrize("path", ["/", "/?alle"])
def test_the_page_asks_few_questions_however_many_rows(site, staff, path):
    lena = site.signed_in("lena", "lead")
    counted = []
    for more in (1, 12):
        for number in range(more):
            fading(staff, f"Kunde {more}-{number}", owner="lena")
            staff.today = timezone.localdate() - timedelta(days=400)
        for number in range(more):
            low(staff, f"Tief {more}-{number}", owner="lena")
        staff.today = timezone.localdate() - timedelta(days=400)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = lena.get(path).content.decode()
        assert len(re.findall(r'<li class="duty"', page)) >= 2 * more
        counted.append(len(queries))
    assert counted[0] == counted[1]
    assert counted[1] <= 14
