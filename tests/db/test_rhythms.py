"""Contact as agreed with a customer: due in time for who looks after them, and for nobody else."""

from datetime import date, timedelta
from typing import Any

import pytest
from tests.db.staff import SYSTEM, Staff

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound
from vertrauenskonto.core.relations.cadence import Rhythm
from vertrauenskonto.db import erasing, models
from vertrauenskonto.db.actions import (
    planning,
    privacy,
    promise_tidying,
    relations,
    rhythms,
    suspensions,
)
from vertrauenskonto.db.actions.rhythms import NewRhythm
from vertrauenskonto.db.queries import relations as phases
from vertrauenskonto.db.queries import rhythms as queries
from vertrauenskonto.db.queries.access_reports import access_report
from vertrauenskonto.db.queries.policies import history

MONDAY = date(2026, 3, 16)


@pytest.fixture
def world(database):
    """Alice looks after a customer, Bob after nobody; it is Monday."""
    made: Any = Staff(today=MONDAY)
    made.policy()
    made.policies = history()
    made.alice, made.bob = made.person("alice"), made.person("bob")
    made.lena = made.person("lena", "lead")
    made.key = made.customer()
    made.profile(made.key, owner=made.alice)
    made.booked(made.key, "conversation")
    return made


def agree(world, rhythm, viewer=None, number=None, **given):
    who = viewer or world.alice
    fields = {"on": world.today, "number": number or f"n{models.Rhythm.objects.count()}"} | given
    rhythms.agree(who, world.key, NewRhythm(rhythm=rhythm, **fields), door=world.door_of(who))


def due(world, viewer=None, **given):
    who = viewer or world.alice
    found = queries.due(who, today=world.today, **({"is_own": True} | given))
    return [(one.key == world.key, (one.due - MONDAY).days, one.is_overdue) for one in found]


def test_it_is_due_on_its_day_and_overdue_after_it_until_somebody_is_in_touch(world):
    agree(world, Rhythm(every=2, unit="weeks"))
    world.later(13)
    assert due(world) == []
    world.later(1)
    assert due(world) == [(True, 14, False)]
    world.later(3)
    assert due(world) == [(True, 14, True)]
    world.booked(world.key, "newsletter")
    assert due(world) == [(True, 14, True)]
    world.booked(world.key, "conversation")
    assert due(world) == []
    world.later(14)
    assert due(world) == [(True, 31, False)]


def test_what_would_be_due_on_a_day_off_is_due_before_it(world):
    agree(world, Rhythm(every=20))
    world.later(17)
    assert due(world) == []
    world.later(1)
    # Day 20 is Easter Sunday; Saturday and Good Friday are days off or not as the calendar says.
    world.later(2)
    [(_, day, _)] = due(world)
    assert (MONDAY + timedelta(days=day)).weekday() < 5
    assert day < 20


def test_the_latest_agreement_counts_and_the_same_form_is_one(world):
    agree(world, Rhythm(every=1, unit="weeks"), number="f1")
    agree(world, Rhythm(every=1, unit="weeks"), number="f1")
    agree(world, Rhythm(every=1, unit="months"), channel="call", agreed_with="Frau Holm")
    world.later(10)
    assert due(world) == []
    assert [(w.rhythm.unit, w.agreed_with) for w in queries.written(world.alice, pk(world))] == [
        ("months", "Frau Holm"),
        ("weeks", ""),
    ]
    world.later(30)
    assert len(due(world)) == 1
    agree(world, None)
    assert due(world) == []
    assert phases.relation(world.alice, world.key, today=world.today).rhythm is None


def pk(world):
    return models.Customer.objects.get(key=world.key).pk


def test_who_looks_after_the_customer_sees_it_and_a_lead_who_asks_for_all(world):
    agree(world, Rhythm(every=7))
    world.later(7)
    assert due(world) == due(world, world.lena, is_own=False) == [(True, 7, False)]
    assert due(world, world.bob) == due(world, world.bob, is_own=False) == []
    assert due(world, world.lena) == []


def test_who_is_planned_rests_has_ended_or_is_not_valued_is_left_in_peace(world):
    agree(world, Rhythm(every=7))
    world.later(10)
    planning.plan(world.alice, world.key, day=world.today + timedelta(days=2), door=world.door)
    assert due(world) == []
    world.later(2)
    assert len(due(world)) == 1
    relations.end(
        world.alice, world.key, on=world.today, reason="Ende", number="e1", door=world.door
    )
    assert due(world) == []
    assert phases.relation(world.alice, world.key, today=world.today).rhythm is None
    relations.take_back(world.alice, world.key, reason="Doch nicht", door=world.door)
    assert len(due(world)) == 1
    suspensions.suspend(
        world.key,
        key="pause",
        starts=world.today,
        ends=None,
        reason="rest",
        door=world.door,
        policies=world.policies,
    )
    assert due(world) == []


def test_what_is_wrong_is_refused_and_nothing_changes(world):
    for wrong in ({"on": world.today + timedelta(days=1)}, {"agreed_with": "x" * 201}):
        with pytest.raises(Invalid):
            agree(world, Rhythm(every=7), **wrong)
    with pytest.raises(NotFound):
        agree(world, Rhythm(every=7), world.bob)
    with pytest.raises(Denied):
        agree(world, Rhythm(every=7), world.person("otto", "auditor"))
    privacy.restrict(SYSTEM, world.key, reason="accuracy_contested", door=world.door)
    with pytest.raises(Conflict):
        agree(world, Rhythm(every=7))
    assert models.Rhythm.objects.count() == 0


def test_erasure_leaves_nothing_of_it(world):
    agree(world, Rhythm(every=7), agreed_with="Frau Holm")
    erasing.forget([pk(world)])
    assert models.Rhythm.objects.count() == 0


def test_what_was_agreed_ended_and_handed_over_stands_in_the_access_report(world):
    agree(world, Rhythm(every=3, unit="weeks"), agreed_with="Frau Holm")
    agree(world, None)
    door, why = world.door_of(world.alice), "Betrieb aufgegeben"
    relations.end(world.alice, world.key, on=MONDAY, reason=why, number="e1", door=door)
    relations.take_back(world.alice, world.key, reason="Verwechselt", door=door)
    told = access_report(SYSTEM, world.key, form="json", language="en", as_of=MONDAY).decode()
    told = told.replace("\N{NO-BREAK SPACE}", " ")
    for line in (
        "every 3 weeks, since 16 March 2026; Frau Holm",
        "none any more, since 16 March 2026",
        "16 March 2026: Betrieb aufgegeben",
        "Verwechselt",
    ):
        assert line in told


def test_what_is_over_is_forgotten_and_what_holds_is_kept(world):
    agree(world, Rhythm(every=3, unit="weeks"))
    agree(world, Rhythm(every=5, unit="weeks"))
    door = world.door_of(world.alice)
    for number, is_over in (("e1", True), ("e2", False)):
        relations.end(world.alice, world.key, on=MONDAY, reason="x", number=number, door=door)
        if is_over:
            relations.take_back(world.alice, world.key, reason="y", door=door)
    persons = {row.key: row for row in models.Person.objects.all()}
    pair = {"giver": persons["p_alice"], "successor": persons["p_bob"]}
    day = {"begun_at": door.at, "begun_date": MONDAY, "begun_by": "p_alice"}
    customer = models.Customer.objects.get()
    for number, closed in (("h1", MONDAY), ("h2", None)):
        state = {"key": number, "number": number, "state": "completed" if closed else "open"}
        models.Handover.objects.create(
            customer=customer, closed_date=closed, **state, **pair, **day
        )
    promise_tidying.tidy(before=door.at + timedelta(days=1), day=MONDAY + timedelta(days=1))
    assert models.Rhythm.objects.get().every == 5
    assert models.Ending.objects.get().number == "e2"
    assert models.Handover.objects.get().key == "h2"
