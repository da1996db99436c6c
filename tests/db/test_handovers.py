"""Handing a customer over: steps in any order, nothing lost, and who sees what hangs on a person."""

from datetime import timedelta
from typing import Any

import pytest
from tests.db.staff import SYSTEM, Staff

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound
from vertrauenskonto.db import access, erasing, models
from vertrauenskonto.db.actions import handovers, promises
from vertrauenskonto.db.actions.handovers import Step
from vertrauenskonto.db.actions.promises import NewPromise
from vertrauenskonto.db.queries import handovers as queries
from vertrauenskonto.db.queries.policies import history

TRUSTED = "Sie ruft zurück, bevor man fragt."


@pytest.fixture
def world(database):
    """Alice looks after a customer, Bob takes over; Lena leads."""
    made: Any = Staff()
    made.policy()
    made.policies = history()
    made.alice, made.bob = made.person("alice"), made.person("bob")
    made.lena = made.person("lena", "lead")
    made.key = made.customer()
    made.profile(made.key, owner=made.alice)
    return made


def begun(world, viewer=None, **given):
    who = viewer or world.alice
    fields = {"successor": "p_bob", "number": "f1"} | given
    return handovers.begin(who, world.key, door=world.door_of(who), **fields)


def record(world, handover, what, viewer=None, **given):
    who = viewer or world.alice
    fields = {
        "on": world.today,
        "number": f"n{models.HandoverStep.objects.count()}",
        "channel": "visit",
        "words": TRUSTED if what == "trusted_for" else "",
    }
    step = Step(what=what, **(fields | given))
    handovers.record(who, handover, step, door=world.door_of(who))


def promised(world, **given):
    new = NewPromise(
        customer=world.key,
        wording="Rückruf",
        due=world.today + timedelta(days=5),
        said_in="call",
        source="web",
        source_id=f"p{models.Promise.objects.count()}",
        **given,
    )
    return promises.make(world.alice, new, door=world.door_of(world.alice)).key


def all_done(world, handover):
    for what in ("trusted_for", "customer_told", "introduced_by_giver", "promises_passed"):
        record(world, handover, what)
    for what in ("introduced_by_successor", "own_account"):
        record(world, handover, what, world.bob)


def state(world):
    profile = models.Profile.objects.get(customer__key=world.key)
    return profile.owner.key, sorted(profile.deputies.values_list("key", flat=True))


def test_the_successor_stands_in_from_the_beginning_and_is_in_charge_at_the_end(world):
    with pytest.raises(NotFound):
        access.customer_id(world.bob, world.key)
    handover = begun(world)
    assert begun(world) == handover
    assert state(world) == ("p_alice", ["p_bob"])
    promise = promised(world)
    with pytest.raises(Conflict, match="Still missing"):
        handovers.complete(world.alice, handover, door=world.door)
    assert state(world) == ("p_alice", ["p_bob"])
    all_done(world, handover)
    row = models.Promise.objects.get(key=promise)
    assert (row.giver.key, row.keeper.key) == ("p_bob", "p_bob")
    passed = models.PromiseStep.objects.filter(promise=row, what="passed_on")
    assert list(passed.values_list("person", flat=True)) == ["p_bob", "p_bob"]
    for _ in range(2):
        handovers.complete(world.bob, handover, door=world.door_of(world.bob))
    assert state(world) == ("p_bob", [])
    with pytest.raises(NotFound):
        queries.sheet(world.alice, handover, today=world.today)
    sheet = queries.sheet(world.lena, handover, today=world.today)
    assert [done.what for done in sheet.story] == [
        "trusted_for",
        "customer_told",
        "introduced_by_giver",
        "promises_passed",
        "introduced_by_successor",
        "own_account",
        "completed",
    ]
    assert sheet.story[0].words == TRUSTED
    with pytest.raises(Conflict, match="over"):
        record(world, handover, "customer_told", world.bob)


def test_a_promise_given_after_passing_on_is_passed_on_too(world):
    handover = begun(world)
    all_done(world, handover)
    promised(world)
    sheet = queries.sheet(world.alice, handover, today=world.today)
    assert [s.name for s in sheet.steps if s.done_on is None] == ["promises_passed"]
    with pytest.raises(Conflict, match="Pass the open promises on"):
        handovers.complete(world.alice, handover, door=world.door)
    record(world, handover, "promises_passed")
    assert queries.sheet(world.alice, handover, today=world.today).is_complete


def test_each_of_the_two_confirms_the_introduction_and_a_lead_for_who_has_left(world):
    handover = begun(world)
    for what, viewer in (
        ("introduced_by_giver", world.bob),
        ("introduced_by_giver", world.lena),
        ("introduced_by_successor", world.alice),
    ):
        with pytest.raises(Denied, match="Each of the two"):
            record(world, handover, what, viewer)
    assert models.HandoverStep.objects.count() == 0
    models.Person.objects.filter(key="p_alice").update(is_active=False)
    record(world, handover, "introduced_by_giver", world.lena)
    assert models.HandoverStep.objects.count() == 1


def test_a_step_needs_its_words_its_way_and_a_day_that_has_been(world):
    handover = begun(world)
    for what, wrong in (
        ("trusted_for", {"words": " "}),
        ("customer_told", {"channel": ""}),
        ("customer_told", {"on": world.today + timedelta(days=1)}),
        ("own_account", {"on": world.today - timedelta(days=1)}),
        ("customer_told", {"words": "x" * 1001}),
    ):
        with pytest.raises(Invalid):
            record(world, handover, what, **wrong)
    assert models.HandoverStep.objects.count() == 0


def test_given_up_all_is_as_before(world):
    handover = begun(world)
    with pytest.raises(Invalid):
        handovers.give_up(world.alice, handover, reason=" ", door=world.door)
    for _ in range(2):
        handovers.give_up(world.alice, handover, reason="Sie bleibt doch.", door=world.door)
    assert state(world) == ("p_alice", [])
    assert [s.what for s in models.HandoverStep.objects.all()] == ["given_up"]
    with pytest.raises(Conflict):
        handovers.complete(world.alice, handover, door=world.door)
    again = begun(world, number="f2")
    models.Handover.objects.filter(key=again).update(was_deputy=True)
    handovers.give_up(world.alice, again, reason="Sie bleibt doch.", door=world.door)
    assert state(world) == ("p_alice", ["p_bob"])


def test_who_may_not_begin_changes_nothing(world):
    models.Profile.objects.get(customer__key=world.key).deputies.add(world.bob.person_id)
    with pytest.raises(Denied, match="in charge"):
        begun(world, world.bob)
    with pytest.raises(Invalid):
        begun(world, successor="p_alice")
    world.person("anna", "analyst")
    with pytest.raises(Invalid):
        begun(world, successor="p_anna")
    with pytest.raises(NotFound):
        begun(world, successor="p_nobody")
    models.Profile.objects.update(owner=None)
    with pytest.raises(Conflict, match="Nobody looks after"):
        begun(world, world.lena)
    assert models.Handover.objects.count() == 0
    models.Profile.objects.update(owner=world.alice.person_id)
    begun(world, world.lena)
    with pytest.raises(Conflict, match="already"):
        begun(world, world.lena, number="f2")
    assert models.Handover.objects.count() == 1


def test_what_hangs_on_a_person_is_seen_by_the_two_only_and_by_the_person_first(world):
    handover = begun(world)
    world.booked(world.key, target="person:p_alice")
    world.booked(world.key, "conversation")

    def remains(viewer):
        return queries.sheet(viewer, handover, today=world.today).remains

    # Nobody before an agreement.
    assert [remains(who) for who in (world.alice, world.bob, world.lena, SYSTEM)] == [None] * 4
    world.agree()
    # Nobody before the person herself.
    assert [remains(who) for who in (world.bob, world.lena, SYSTEM)] == [None] * 3
    hers = remains(world.alice)
    assert (hers.total, hers.giver, hers.successor, hers.retained) == (7.0, 7.0, None, 3.5)
    assert remains(world.bob).giver == 7.0
    assert remains(world.alice).successor == 0.0
    # Nobody else, whatever her right.
    assert [remains(who) for who in (world.lena, SYSTEM)] == [None] * 2
    handovers.give_up(world.alice, handover, reason="Sie bleibt.", door=world.door)
    assert remains(world.alice) is None


def test_erasure_leaves_nothing_of_it(world):
    handover = begun(world)
    record(world, handover, "trusted_for")
    erasing.forget([models.Customer.objects.get(key=world.key).pk])
    assert models.Handover.objects.count() == models.HandoverStep.objects.count() == 0
