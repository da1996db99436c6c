"""The promise register: making, telling, renegotiating, keeping; what is booked, and by which rules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.db.staff import SYSTEM, Staff
from tests.db.world import POLICY, TODAY, kind

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound
from vertrauenskonto.core.ledger.policy import policy_history
from vertrauenskonto.core.promises import LAPSE_DAYS
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import promise_clock, promises
from vertrauenskonto.db.actions.promises import NewPromise, Taken
from vertrauenskonto.db.queries import promises as queries

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)
FRIDAY = TODAY + timedelta(days=2)
KINDS = (
    kind("promise_kept", able=5.0, assessable=2.0),
    kind("promise_renegotiated_in_time", able=-3.0, assessable=3.0),
    kind("promise_late_with_notice", willing=-3.0, able=-6.0, assessable=2.0),
    kind("promise_broken_with_notice", willing=-5.0, able=-10.0, assessable=1.0),
    kind("promise_late_silent", willing=-6.0, able=-10.0),
    kind("promise_broken_unannounced", willing=-10.0, able=-15.0),
    kind("first_contact_promise_kept", able=5.0, assessable=2.0),
    kind("first_contact_promise_broken_unannounced", willing=-20.0, able=-30.0),
    kind("appointment_late", willing=-2.0, able=-5.0),
    kind("conversation"),
)


@pytest.fixture
def world(database):
    made = Staff()
    made.policies = policy_history(replace(POLICY, kinds={k.name: k for k in KINDS}))
    return made


@pytest.fixture
def ada(world):
    """A customer with whom there was contact before."""
    key = world.customer()
    world.booked(key, "conversation")
    return key


def new(customer, **given):
    fields: dict[str, Any] = {
        "wording": "Angebot schicken",
        "due": FRIDAY,
        "source": "web",
        "source_id": "n1",
        "is_first_contact": False,
    }
    return NewPromise(customer=customer, **(fields | given))


def make(world, customer, viewer=SYSTEM, **given):
    return promises.make(viewer, new(customer, **given), door=world.door).key


def take(world, key, what, viewer=SYSTEM, **given):
    return promises.take(
        viewer, key, Taken(what=what, **given), door=world.door, policies=world.policies
    )


def booked():
    rows = models.Entry.objects.filter(source="promises").order_by("pk")
    return [
        (r.kind, r.value_date.isoformat(), r.willing / 100, r.able / 100, r.assessable / 100)
        for r in rows
    ]


def clock(world):
    return promise_clock.run(now=world.door.at, door=world.door, policies=world.policies)


def steps(key):
    rows = models.PromiseStep.objects.filter(promise__key=key).order_by("pk")
    return [row.what for row in rows]


def test_made_told_renegotiated_and_kept_is_booked_step_by_step(world, ada):
    key = make(world, ada)
    world.later(1)
    take(world, key, "told", channel="call", note="Kollege krank")
    take(world, key, "renegotiated", due=FRIDAY + timedelta(days=3), channel="call")
    world.later(4)
    assert take(world, key, "done").outcome == "kept"
    assert booked() == [
        ("promise_renegotiated_in_time", "2026-03-19", 0.0, -3.0, 3.0),
        # Only the share of one kept at its second date.
        ("promise_kept", "2026-03-23", 0.0, 2.5, 1.0),
    ]
    assert steps(key) == ["made", "told", "renegotiated", "done"]
    shown = queries.sheet(SYSTEM, key, now=world.door.at).promise
    assert (shown.state, shown.renegotiated, shown.due_date) == (
        "kept",
        1,
        FRIDAY + timedelta(days=3),
    )


def test_a_day_lasts_until_its_end_where_the_customer_is(world, ada):
    key = make(world, ada)
    [row] = models.Promise.objects.all()
    assert row.due_at == datetime(2026, 3, 20, 22, 59, 59, 999999, tzinfo=UTC)
    world.later(3)
    in_time = datetime(2026, 3, 20, 22, 30, tzinfo=UTC)
    assert take(world, key, "done", at=in_time).outcome == "kept"
    assert booked() == [("promise_kept", "2026-03-20", 0.0, 5.0, 2.0)]


def test_rules_that_change_later_do_not_judge_an_older_promise(world, ada):
    key = make(world, ada)
    harder = replace(
        world.policies.versions[0],
        version=2,
        valid_from=TODAY + timedelta(days=1),
        kinds={k.name: k for k in (*KINDS[1:], kind("promise_kept", able=1.0))},
    )
    world.policies = policy_history(*world.policies.versions, harder)
    world.later(2)
    take(world, key, "done")
    assert booked() == [("promise_kept", "2026-03-20", 0.0, 5.0, 2.0)]
    [entry] = models.Entry.objects.filter(source="promises")
    assert entry.policy == world.policies.versions[0].label
    # One made under the new rules is judged by them.
    later = make(world, ada, source_id="n2", due=TODAY + timedelta(days=9))
    take(world, later, "done")
    assert booked()[1:] == [("promise_kept", "2026-03-20", 0.0, 1.0, 0.0)]


def test_the_first_promise_to_somebody_new_weighs_double(world):
    ben = world.customer()
    key = make(world, ben, is_first_contact=None)
    second = make(world, ben, is_first_contact=None, source_id="n2")
    assert [p.is_first_contact for p in queries.of_customer(SYSTEM, ben, now=NOON)] == [True, True]
    world.later(1)
    third = make(world, ben, is_first_contact=None, source_id="n3", due=FRIDAY)
    assert not queries.sheet(SYSTEM, third, now=NOON).promise.is_first_contact
    world.later(2)
    take(world, key, "given_up")
    assert booked() == [("first_contact_promise_broken_unannounced", "2026-03-20", -20, -30, 0)]
    take(world, second, "given_up")
    take(world, third, "given_up")
    assert [row[0] for row in booked()] == [
        "first_contact_promise_broken_unannounced",
        "first_contact_promise_broken_unannounced",
        "promise_broken_unannounced",
    ]


def test_the_same_twice_changes_nothing(world, ada):
    first = promises.make(SYSTEM, new(ada), door=world.door)
    again = promises.make(SYSTEM, new(ada), door=world.door)
    assert (again.key, first.is_replay, again.is_replay) == (first.key, False, True)
    with pytest.raises(Conflict, match="web:n1 is there already"):
        promises.make(SYSTEM, new(ada, wording="Anderes"), door=world.door)
    take(world, first.key, "done")
    assert take(world, first.key, "done").outcome == "kept"
    assert len(booked()) == 1
    assert steps(first.key) == ["made", "done"]
    assert models.Promise.objects.count() == 1


def test_a_wrong_outcome_is_corrected_with_a_reversal(world, ada):
    key = make(world, ada)
    take(world, key, "done")
    take(world, key, "corrected", note="falsche Zusage angeklickt")
    state = queries.sheet(SYSTEM, key, now=world.door.at).promise.state
    assert state == "open"
    reversal = models.Entry.objects.get(reverses__isnull=False)
    assert (reversal.source, reversal.reason) == ("promises", "entered_wrongly")
    world.later(3)
    take(world, key, "done")
    kinds = [row[0] for row in booked()]
    assert kinds == ["promise_kept", "", "promise_late_silent"]


def test_what_is_refused_changes_nothing(world, ada):
    key = make(world, ada)
    before = (models.PromiseStep.objects.count(), booked(), models.Promise.objects.values().get())
    with pytest.raises(Conflict, match="Tell the customer first"):
        take(world, key, "given_up")
    with pytest.raises(Invalid, match="lies ahead"):
        take(world, key, "done", at=NOON + timedelta(hours=1))
    with pytest.raises(Invalid, match="newly agreed date"):
        take(world, key, "renegotiated")
    with pytest.raises(NotFound):
        take(world, "p_nobody", "done")
    after = (models.PromiseStep.objects.count(), booked(), models.Promise.objects.values().get())
    assert after == before


def test_what_cannot_be_booked_leaves_the_promise_open(world, ada):
    key = make(world, ada, sort="appointment")
    with pytest.raises(Conflict, match="appointment_kept"):
        take(world, key, "done")
    assert queries.sheet(SYSTEM, key, now=NOON).promise.state == "open"
    assert (steps(key), booked()) == (["made"], [])


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"wording": " "}, "wording"),
        ({"customer": ""}, "customer"),
        ({"said_in": "fax"}, "said_in"),
        ({"place": "x" * 301}, "place"),
    ],
)
def test_each_wrong_field_is_named(world, ada, given, field):
    with pytest.raises(Invalid) as refused:
        promises.make(SYSTEM, replace(new(ada), **given), door=world.door)
    assert [p.field for p in refused.value.problems] == [field]
    assert models.Promise.objects.count() == 0


def test_a_date_in_the_past_is_asked_about(world, ada):
    with pytest.raises(Invalid, match="Which day is meant"):
        make(world, ada, due=TODAY - timedelta(days=1))
    assert models.Promise.objects.count() == 0


# -- rights --------------------------------------------------------------------------------------


def test_others_customers_promises_do_not_exist(world, ada):
    alice, bob = world.person("alice"), world.person("bob")
    anna = world.person("anna", "analyst")
    world.profile(ada, owner=alice)
    key = make(world, ada, alice)
    assert [p.key for p in queries.mine(alice, now=NOON)] == [key]
    assert queries.mine(bob, now=NOON) == ()
    for act in (
        lambda: queries.sheet(bob, key, now=NOON),
        lambda: take(world, key, "done", bob),
        lambda: queries.of_customer(bob, ada, now=NOON),
        lambda: make(world, ada, bob, source_id="n2"),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(Denied):
        take(world, key, "done", anna)
    seen = queries.sheet(anna, key, now=NOON)
    assert (seen.promise.wording, seen.promise.name, seen.evidence) == ("", None, "")
    assert (seen.promise.customer[:2], seen.promise.giver) == ("x_", "person")
    assert steps(key) == ["made"]


def test_handing_on_leaves_a_trace_and_both_see_it(world, ada):
    alice, bob = world.person("alice"), world.person("bob", team="Werkstatt")
    world.profile(ada, owner=alice)
    key = make(world, ada, alice)
    for _ in range(2):
        promises.pass_on(alice, key, "p_bob", role="keeper", note="bitte", door=world.door)
    assert steps(key) == ["made", "passed_on"]
    [mine] = queries.mine(bob, now=NOON)
    assert (mine.key, mine.is_mine, mine.keeper) == (key, True, "bob")
    assert [p.key for p in queries.mine(alice, now=NOON)] == [key]
    take(world, key, "done", bob)
    with pytest.raises(Conflict):
        promises.pass_on(alice, key, "p_alice", role="keeper", note="", door=world.door)


def test_among_colleagues_nothing_is_booked_and_nobody_else_sees_it(world):
    alice, bob = world.person("alice"), world.person("bob")
    carla = world.person("carla", "lead")
    made = replace(new(""), colleague="p_bob")
    key = promises.make(alice, made, door=world.door).key
    assert take(world, key, "done", alice).outcome == "kept"
    assert booked() == []
    assert queries.sheet(bob, key, now=NOON).promise.state == "kept"
    with pytest.raises(NotFound):
        queries.sheet(carla, key, now=NOON)


# -- the clock -----------------------------------------------------------------------------------


def test_the_clock_warns_says_overdue_and_ends_what_nobody_kept(world, ada):
    key = make(world, ada)
    assert clock(world) == 0
    row = models.Promise.objects.get()
    # Four working hours before the day is over: Friday at one in the afternoon, in Berlin.
    assert row.next_at == datetime(2026, 3, 20, 12, tzinfo=UTC)
    world.later(2)
    assert (clock(world), clock(world)) == (1, 0)
    assert steps(key) == ["made", "warned"]
    world.later(1)
    assert (clock(world), clock(world)) == (1, 0)
    assert queries.sheet(SYSTEM, key, now=world.door.at).promise.state == "overdue"
    world.later(LAPSE_DAYS)
    assert (clock(world), clock(world)) == (1, 0)
    assert steps(key) == ["made", "warned", "overdue", "given_up"]
    assert booked() == [("promise_broken_unannounced", "2026-03-20", -10.0, -15.0, 0.0)]
    assert models.Promise.objects.get().next_at is None


def test_a_clock_that_slept_for_weeks_ends_it_at_once(world, ada):
    key = make(world, ada)
    world.later(LAPSE_DAYS + 10)
    assert (clock(world), clock(world)) == (1, 0)
    assert steps(key) == ["made", "given_up"]
    assert len(booked()) == 1


def test_a_clock_killed_before_its_part_is_written_books_once(world, ada, monkeypatch):
    make(world, ada)
    world.later(LAPSE_DAYS + 10)
    before = (models.Entry.objects.count(), models.PromiseStep.objects.count())

    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(promise_clock, "_keep", killed)
        with pytest.raises(KeyboardInterrupt):
            clock(world)
    assert (models.Entry.objects.count(), models.PromiseStep.objects.count()) == before
    assert clock(world) == 1
    assert len(booked()) == 1


def test_a_new_date_is_warned_of_anew(world, ada):
    key = make(world, ada)
    world.later(2)
    clock(world)
    take(world, key, "renegotiated", due=FRIDAY + timedelta(days=5))
    world.later(5)
    assert clock(world) == 1
    assert steps(key) == ["made", "warned", "renegotiated", "warned"]


def test_who_was_told_need_not_be_told_to_tell(world, ada):
    key = make(world, ada)
    take(world, key, "told", channel="call")
    world.later(2)
    assert clock(world) == 0
    world.later(1)
    assert clock(world) == 1
    assert steps(key) == ["made", "told", "overdue"]
    assert take(world, key, "done").outcome == "late_with_notice"


def test_lists_by_what_is_wanted(world, ada):
    soon = make(world, ada)
    late = make(world, ada, source_id="n2", due=NOON + timedelta(hours=2), capability="Rückruf")
    assert [p.key for p in queries.page(SYSTEM, "all", now=NOON).promises] == [late, soon]
    world.later(1)
    now = world.door.at
    assert [p.key for p in queries.page(SYSTEM, "overdue", now=now).promises] == [late]
    assert [p.key for p in queries.page(SYSTEM, "at_risk", now=now).promises] == [late]
    first = queries.page(SYSTEM, "all", now=now, limit=1)
    assert ([p.key for p in first.promises], first.after) == ([late], late)
    second = queries.page(SYSTEM, "all", now=now, limit=1, after=late)
    assert ([p.key for p in second.promises], second.after) == ([soon], None)
    take(world, soon, "done")
    assert [p.key for p in queries.page(SYSTEM, "over", now=now).promises] == [soon]
    only = queries.page(SYSTEM, "all", now=now, capability="Rückruf")
    assert [p.key for p in only.promises] == [late]
    assert queries.capabilities(SYSTEM) == ("Rückruf",)
    assert queries.count_mine(SYSTEM, now=now) == 1
