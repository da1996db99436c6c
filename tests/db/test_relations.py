"""The phase of a relationship from what is recorded; its end, said and taken back."""

from datetime import timedelta

import pytest
from tests.db.staff import SYSTEM, Staff

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound
from vertrauenskonto.db import access, erasing, models
from vertrauenskonto.db.actions import privacy, promises, recovery, relations
from vertrauenskonto.db.actions.promises import NewPromise
from vertrauenskonto.db.actions.recovery import NewCase
from vertrauenskonto.db.queries import relations as queries
from vertrauenskonto.db.queries.policies import history


@pytest.fixture
def world(database):
    made = Staff()
    made.policy()
    made.policies = history()
    return made


def phase(world, key, viewer=SYSTEM):
    found = queries.relation(viewer, key, today=world.today)
    return [(one.phase, (one.since - START).days) for one in found.standings]


START = Staff().today


def end(world, key, viewer=SYSTEM, number="f1", **given):
    fields = {"on": world.today, "reason": "Der Betrieb wurde aufgegeben."} | given
    relations.end(viewer, key, number=number, door=world.door, **fields)


def test_contacts_promises_and_cases_lead_through_the_phases(world):
    key = world.customer()
    assert phase(world, key) == []
    world.booked(key, "conversation")
    world.later(10)
    world.booked(key)
    assert phase(world, key) == [("winning", 0), ("building", 10)]
    world.later(10)
    new = NewCase(customer=key, number="n1", happened_on=world.today, incident="x", as_case=True)
    case = recovery.open_case(SYSTEM, new, door=world.door, policies=world.policies)
    assert phase(world, key)[-1] == ("repairing", 20)
    world.later(5)
    row = models.Case.objects.filter(key=case)
    row.update(state="repaired", closed_date=world.today)
    assert phase(world, key)[-1] == ("building", 25)
    row.update(state="dropped")
    assert phase(world, key) == [("winning", 0), ("building", 10)]


def test_a_repaired_breach_of_honesty_is_one_breach_whoever_asks(world):
    key = world.customer()
    world.booked(key, "conversation")
    lie = world.booked(key, "lie_uncovered")
    entry = models.Entry.objects.get(source_id=lie.source_id)
    anna = world.person("anna", "analyst")
    shown = access.pseudonym(key)
    assert phase(world, key)[-1] == phase(world, shown, anna)[-1] == ("repairing", 0)
    new = NewCase(customer=key, number="n1", entry=entry.pk)
    case = recovery.open_case(SYSTEM, new, door=world.door, policies=world.policies)
    world.later(3)
    closed = {"closed_date": world.today}
    models.Case.objects.filter(key=case).update(state="repaired", **closed)
    assert phase(world, key)[-1] == phase(world, shown, anna)[-1] == ("winning", 3)


def test_whoever_was_promised_something_was_spoken_to(world):
    key = world.customer()
    new = NewPromise(
        customer=key,
        wording="Angebot",
        due=world.today + timedelta(days=3),
        said_in="call",
        source="web",
        source_id="p1",
    )
    promises.make(SYSTEM, new, door=world.door)
    assert phase(world, key) == [("winning", 0)]


def test_an_end_is_said_once_with_a_reason_and_taken_back(world):
    key = world.customer()
    with pytest.raises(Conflict, match="no contact yet"):
        end(world, key)
    world.booked(key, "conversation")
    world.later(10)
    for wrong in ({"reason": "  "}, {"on": world.today + timedelta(days=1)}):
        with pytest.raises(Invalid):
            end(world, key, **wrong)
    assert models.Ending.objects.count() == 0
    end(world, key)
    end(world, key)
    with pytest.raises(Conflict, match="already"):
        end(world, key, number="f2")
    assert phase(world, key) == [("winning", 0), ("ended", 10)]
    found = queries.relation(SYSTEM, key, today=world.today)
    assert found.ended.reason == "Der Betrieb wurde aufgegeben."
    with pytest.raises(Invalid):
        relations.take_back(SYSTEM, key, reason="", door=world.door)
    relations.take_back(SYSTEM, key, reason="Verwechselt", door=world.door)
    assert phase(world, key) == [("winning", 0)]
    with pytest.raises(Conflict, match="not ended"):
        relations.take_back(SYSTEM, key, reason="Verwechselt", door=world.door)
    [row] = models.Ending.objects.all()
    assert (row.taken_back_by, row.taken_back_reason) == ("user:alice", "Verwechselt")


def test_only_who_may_book_and_sees_the_customer_says_so(world):
    key = world.customer()
    world.booked(key, "conversation")
    with pytest.raises(NotFound):
        end(world, key, world.person("alice"))
    with pytest.raises(Denied):
        end(world, key, world.person("otto", "auditor"))
    privacy.restrict(SYSTEM, key, reason="accuracy_contested", door=world.door)
    with pytest.raises(Conflict):
        end(world, key)
    assert models.Ending.objects.count() == 0


def test_an_analyst_reads_no_reason_and_erasure_leaves_none(world):
    key = world.customer()
    world.booked(key, "conversation")
    end(world, key)
    anna = world.person("anna", "analyst")
    found = queries.relation(anna, access.pseudonym(key), today=world.today)
    assert (found.is_ended, found.ended.reason) == (True, "")
    erasing.forget([models.Customer.objects.get(key=key).pk])
    assert models.Ending.objects.count() == 0
