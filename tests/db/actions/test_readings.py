"""The log of reads: noted cheaply, seen by two persons together, grouped only as agreed."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.db.actions.test_privacy import SYSTEM, a_world, data_folder, pk_of  # noqa: F401

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound
from vertrauenskonto.db import access, models
from vertrauenskonto.db.actions import agreements, readings
from vertrauenskonto.db.queries import readings as queries


def staff(key, role):
    person = models.Person.objects.create(key=key, email=f"{key}@example.org", role=role)
    return access.viewer(person.pk, channel="web")


def test_a_thousand_looks_are_one_insert_each_five_thousand(database):
    world = a_world()
    pk = pk_of(world.customer())
    with CaptureQueriesContext(connection) as asked:
        readings.record(SYSTEM, [pk] * 200, "list", world.door.at)
    inserts = [q for q in asked if q["sql"].startswith("INSERT")]
    assert len(inserts) <= 2
    assert models.Reading.objects.count() == 200


def test_two_persons_together_see_the_log_for_a_day(database):
    world = a_world()
    ada, ben = world.customer(), world.customer()
    at = world.door.at
    for key in (ada, ben):
        readings.record(SYSTEM, [pk_of(key)], "statement", at)
    alice, bob = staff("alice", "auditor"), staff("bob", "administrator")
    number = readings.ask(alice, "Beschwerde", now=at, key=ada)
    with pytest.raises(Denied):
        queries.page(alice, number, now=at)
    with pytest.raises(Denied, match="second person"):
        readings.agree(alice, number, now=at)
    readings.agree(bob, number, now=at)
    for viewer in (alice, bob):
        [row] = queries.page(viewer, number, now=at)
        assert (row.actor, row.channel, row.customer, row.what) == (
            "system",
            "cli",
            ada,
            "statement",
        )
    assert queries.page(alice, number, now=at, after=row.id) == []
    with pytest.raises(Denied):
        queries.page(alice, number, now=at + timedelta(hours=24))
    with pytest.raises(Denied):
        queries.page(staff("eve", "auditor"), number, now=at)
    with pytest.raises(Conflict):
        readings.agree(bob, number, now=at)
    [request] = queries.requests(alice)
    assert (request.asker, request.agreer, request.purpose, request.customer) == (
        "alice",
        "bob",
        "Beschwerde",
        ada,
    )


def test_the_log_is_filtered_by_a_member_of_staff_only_as_agreed(database):
    world = a_world()
    at, pk = world.door.at, pk_of(world.customer())
    charlie = staff("charlie", "contact")
    readings.record(charlie, [pk], "customer", at)
    readings.record(SYSTEM, [pk], "customer", at)
    alice, bob = staff("alice", "administrator"), staff("bob", "auditor")
    number = readings.ask(alice, "Prüfung", now=at)
    readings.agree(bob, number, now=at)
    with pytest.raises(Denied):
        queries.page(alice, number, now=at, actor="charlie")
    agreements.agree("works_council", is_in_force=True, purpose="BV 7", door=world.door)
    with pytest.raises(Denied):
        queries.page(alice, number, now=at, actor="charlie")
    models.Person.objects.filter(key="charlie").update(has_seen_own_view=True)
    [row] = queries.page(alice, number, now=at, actor="charlie")
    assert row.actor == "charlie"


def test_a_request_needs_a_person_a_right_and_a_purpose(database):
    world = a_world()
    at = world.door.at
    with pytest.raises(Denied, match="two persons"):
        readings.ask(SYSTEM, "x", now=at)
    with pytest.raises(Denied):
        readings.ask(staff("lead", "lead"), "x", now=at)
    auditor = staff("auditor", "auditor")
    with pytest.raises(Invalid):
        readings.ask(auditor, "  ", now=at)
    with pytest.raises(NotFound):
        readings.ask(auditor, "x", now=at, key="c_nobody")
    with pytest.raises(NotFound):
        readings.agree(auditor, 99, now=at)
    assert not models.ReadingsRequest.objects.exists()
