"""Putting policies in force, on both databases."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.db.world import POLICY as UNTITLED
from tests.db.world import TODAY, World

from vertrauenskonto.core.errors import Conflict, NotFound, Text
from vertrauenskonto.core.ledger.policy import Parameters
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import policies as actions
from vertrauenskonto.db.queries import policies

POLICY = replace(UNTITLED, title=Text("Klein", "Small"))
STRICTER = replace(POLICY, parameters=replace(Parameters(), threshold=10.0))


def test_there_is_no_history_before_the_first_version(database):
    with pytest.raises(NotFound, match="policy put"):
        policies.history()
    assert policies.put_versions() == ()


def test_the_first_version_may_reach_back_and_later_ones_begin_today_at_the_earliest(database):
    world = World()
    first = actions.put_in_force(POLICY, valid_from=date(2020, 1, 1), door=world.door)
    assert (first.label, first.valid_from) == ("small/1", date(2020, 1, 1))
    with pytest.raises(Conflict, match="2026-03-18 at the earliest"):
        actions.put_in_force(STRICTER, valid_from=TODAY - timedelta(days=1), door=world.door)
    second = actions.put_in_force(STRICTER, door=world.door)
    assert (second.label, second.valid_from) == ("small/2", TODAY)
    history = policies.history()
    assert [version.label for version in history.versions] == ["small/1", "small/2"]
    assert history.in_force(TODAY - timedelta(days=1)) == first
    assert history.in_force(TODAY) == second


def test_the_same_rules_again_write_nothing(database):
    world = World()
    first = actions.put_in_force(POLICY, valid_from=date(2020, 1, 1), door=world.door)
    world.later(3)
    assert actions.put_in_force(POLICY, door=world.door) == first
    assert models.PolicyVersion.objects.count() == 1


def test_another_policy_does_not_slip_in_under_a_new_version(database):
    world = World()
    actions.put_in_force(POLICY, valid_from=date(2020, 1, 1), door=world.door)
    with pytest.raises(Conflict, match=r"'craft' is another.*policy show craft --format toml"):
        actions.put_in_force(replace(STRICTER, name="craft"), door=world.door)
    assert models.PolicyVersion.objects.count() == 1


def test_there_is_one_version_a_day(database):
    world = World()
    actions.put_in_force(POLICY, valid_from=date(2020, 1, 1), door=world.door)
    actions.put_in_force(STRICTER, door=world.door)
    softer = replace(POLICY, parameters=replace(Parameters(), threshold=-10.0))
    with pytest.raises(Conflict, match="choose a later day"):
        actions.put_in_force(softer, door=world.door)
    later = actions.put_in_force(softer, valid_from=TODAY + timedelta(days=9), door=world.door)
    assert later.label == "small/3"
    with pytest.raises(Conflict, match="2026-03-27 at the earliest"):
        actions.put_in_force(STRICTER, door=world.door, valid_from=TODAY + timedelta(days=1))


def test_points_stay_and_balances_follow_a_version_that_begins_today(database):
    world = World()
    actions.put_in_force(POLICY, valid_from=date(2020, 1, 1), door=world.door)
    ada = world.customer()
    world.booked(ada)
    before = models.Balance.objects.get(customer__key=ada)
    assert (before.balance, before.below_threshold, before.policy) == (7, False, "small/1")
    actions.put_in_force(STRICTER, door=world.door)
    after = models.Balance.objects.get(customer__key=ada)
    assert (after.balance, after.below_threshold, after.policy) == (7, True, "small/2")
    entry = models.Entry.objects.get(customer__key=ada)
    assert (entry.policy, entry.able) == ("small/1", 500)


def test_the_history_says_when_and_by_whom_each_version_came_and_what_it_changed(database):
    world = World()
    actions.put_in_force(POLICY, valid_from=date(2020, 1, 1), door=world.door)
    world.later(1)
    actions.put_in_force(STRICTER, door=world.door)
    first, second = policies.put_versions()
    assert (first.label, first.actor, first.put_at.date()) == ("small/1", "user:alice", TODAY)
    assert first.changes == ()
    assert [change.key for change in second.changes] == ["alarm.threshold"]
    assert (second.changes[0].old, second.changes[0].new) == ("0", "10")
