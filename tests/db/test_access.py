"""Who may see and do what, on both databases."""

from typing import get_args

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.db.staff import SYSTEM, Staff

from vertrauenskonto.core.errors import Denied, NotFound
from vertrauenskonto.db import access, models


def seen(viewer: access.Viewer) -> set[str]:
    return {customer.key for customer in access.customers(viewer)}


def test_every_role_has_its_rights_and_an_auditor_or_analyst_changes_nothing():
    assert set(access.RIGHTS) == set(access.ROLES)
    assert access.RIGHTS["administrator"] == set(get_args(access.Right))
    writing = {"book", "match", "lead", "administer"}
    assert not access.RIGHTS["auditor"] & writing
    assert not access.RIGHTS["analyst"] & (writing | {"see_names", "audit"})
    assert not access.RIGHTS["contact"] & (writing - {"book"} | {"audit"})


def test_a_missing_right_is_denied_and_named(database):
    bob = Staff().person("bob", "contact")
    with pytest.raises(Denied, match="'contact' may not do this; it takes the right 'lead'"):
        access.require(bob, "lead")


def test_contact_persons_see_their_own_customers_deputies_and_queues(database):
    staff = Staff()
    alice, bob = staff.person("alice", team="nord"), staff.person("bob", team="nord")
    charlie = staff.person("charlie")
    own, deputised, queue, others = (staff.customer() for _ in range(4))
    staff.profile(own, owner=alice)
    staff.profile(deputised, owner=bob, deputy=alice)
    staff.profile(queue, team="nord")
    staff.profile(others, owner=bob)
    assert seen(alice) == {own, deputised, queue}
    assert seen(bob) == {deputised, others, queue}
    assert seen(charlie) == set()
    assert seen(SYSTEM) == {own, deputised, queue, others}
    with pytest.raises(NotFound):
        access.customer_id(charlie, own)
    assert access.customer_id(alice, own) == models.Customer.objects.get(key=own).pk


def test_a_customer_owned_by_a_colleague_is_not_in_the_teams_queue(database):
    staff = Staff()
    alice, bob = staff.person("alice", team="nord"), staff.person("bob", team="nord")
    customer = staff.customer()
    staff.profile(customer, owner=bob, team="nord")
    assert (seen(alice), seen(bob)) == (set(), {customer})


def test_whoever_is_deactivated_is_nobody(database):
    alice = Staff().person("alice")
    models.Person.objects.update(is_active=False)
    assert alice.person_id is not None
    with pytest.raises(NotFound):
        access.viewer(alice.person_id, channel="test")


def test_analysts_know_customers_by_a_pseudonym_only(database):
    staff = Staff()
    anna = staff.person("anna", "analyst")
    key = staff.customer()
    shown = access.shown_key(anna, key)
    assert shown != key
    assert shown.startswith("x_")
    assert len(shown) == 34
    assert access.shown_key(SYSTEM, key) == key
    assert access.customer_id(anna, shown) == access.customer_id(SYSTEM, key)
    for wrong in (key, "x_", "x_zz", shown[:-2], shown[:-1] + ("0" if shown[-1] != "0" else "1")):
        with pytest.raises(NotFound):
            access.customer_id(anna, wrong)
    with pytest.raises(NotFound):
        access.customer_id(SYSTEM, shown)


def test_finding_a_customer_by_pseudonym_takes_no_more_queries_with_more_customers(database):
    staff = Staff()
    anna = staff.person("anna", "analyst")
    name = access.shown_key(anna, staff.customer())
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            access.customer_id(anna, name)
        counts.append(len(queries))
        for _ in range(20):
            staff.customer()
    assert counts[0] == counts[1]


def test_pseudonyms_hang_on_the_installations_secret(settings_secret):
    key = "c_" + "ab" * 16
    first = access.pseudonym(key)
    settings_secret("another secret")
    assert access.pseudonym(key) != first


def test_an_order_number_is_no_way_around_a_pseudonym(database):
    anna = Staff().person("anna", "analyst")
    source, shown = access.shown_entry(anna, "shop", "order-4711")
    assert source == "shop"
    assert "4711" not in shown
    assert access.shown_entry(SYSTEM, "shop", "order-4711") == ("shop", "order-4711")


@pytest.fixture
def settings_secret(monkeypatch):
    return lambda secret: monkeypatch.setattr(settings, "SECRET_KEY", secret)
