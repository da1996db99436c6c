"""A clock that is ahead: refused while somebody can still look, and harmless once it was set right."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from tests.db.world import TODAY, World

from vertrauenskonto.db import models
from vertrauenskonto.db.access import installation
from vertrauenskonto.db.actions import agreements, balances, clock, merging, privacy
from vertrauenskonto.db.actions.suspensions import suspend
from vertrauenskonto.db.clock import ClockDoubtful
from vertrauenskonto.db.queries.seal import verify
from vertrauenskonto.db.replay import replay

FAR = date(2036, 1, 1)
US = installation("test")


@pytest.fixture
def watchful(monkeypatch):
    """Let the clock be looked at as in an installation."""
    monkeypatch.setattr(settings, "CLOCK_GAP_DAYS", 45)


def written():
    return [
        m.objects.count() for m in (models.Transaction, models.Customer, models.Entry, models.Alias)
    ]


def test_a_clock_far_ahead_writes_nothing_until_somebody_confirms_it(database, watchful):
    world = World()
    ada, ben = world.customer(), world.customer()
    world.booked(ada)
    world.today = FAR
    before = written()
    draft = world.draft(ada)
    rest: Any = {"key": "p", "starts": FAR, "ends": None, "reason": "rest"}
    for attempt in (
        lambda: world.book(draft),
        world.customer,
        lambda: merging.merge(US, ada, ben, door=world.door, policies=world.policies),
        lambda: suspend(ada, door=world.door, policies=world.policies, **rest),
        lambda: agreements.agree("scores", is_in_force=True, purpose="QM-7", door=world.door),
    ):
        with pytest.raises(ClockDoubtful, match="doctor --confirm-clock"):
            attempt()
    assert written() == before
    clock.confirm(door=world.door)
    assert [outcome.status for outcome in world.book(draft)] == ["booked"]
    [said] = models.Agreement.objects.all()
    assert (said.name, said.transaction.actor) == ("clock", "user:alice")


def test_so_many_days_of_silence_are_believed_and_a_new_installation_is(database, watchful):
    world = World()
    ada = world.customer()
    world.later(45)
    world.booked(ada)
    assert models.Entry.objects.count() == 1


def test_an_objection_waits_for_nobody_to_look_at_the_clock(database, watchful):
    world = World()
    ada = world.customer()
    world.later(400)
    privacy.object_to(US, ada, reason="no_reason_given", door=world.door)
    assert models.Processing.objects.get().state == "objected"


def test_one_booking_by_a_clock_ahead_holds_no_later_one_in_the_future(database):
    world = World()
    ada, ben, eva = world.customer(), world.customer(), world.customer()
    world.booked(ada)
    world.today = FAR
    world.booked(ben)
    merging.merge(US, eva, ben, door=world.door, policies=world.policies)
    world.today = TODAY
    later = world.booked(ada)
    merging.unmerge(US, eva, door=world.door, policies=world.policies)
    assert models.Entry.objects.get(source_id=later.source_id).recorded_date == TODAY
    assert models.Alias.objects.order_by("-pk").first().recorded_date == TODAY
    assert models.Balance.objects.get(customer__key=ada).as_of_date == TODAY
    # A clock a little behind is steadied by the newest that can be believed, not by the one ahead.
    world.later(-1)
    [again] = world.book(world.draft(ada))
    entry = models.Entry.objects.get(source_id=again.draft.source_id)
    assert entry.recorded_date == TODAY
    assert replay(world.policies).problems == ()
    world.seal()
    assert verify().problems == ()


def test_the_protection_goes_on_after_a_booking_by_a_clock_ahead(database, watchful):
    world = World()
    ada = world.customer()
    world.today = FAR
    clock.confirm(door=world.door)
    world.today = TODAY + timedelta(days=46)
    with pytest.raises(ClockDoubtful):
        world.booked(ada)


def test_balances_of_a_day_that_has_not_come_are_valued_anew(database):
    world = World()
    ada, ben = world.customer(), world.customer()
    world.booked(ada)
    world.booked(ben)
    expected = models.Balance.objects.get(customer__key=ada).balance
    balances.bring_up(FAR, world.policies)
    assert models.Balance.objects.get(customer__key=ada).balance < expected
    assert balances.bring_up(TODAY, world.policies) == 2
    found = models.Balance.objects.values_list("as_of_date", "balance")
    assert list(found) == [(TODAY, expected)] * 2
    # Of tomorrow: a booking through a steadied clock; the worker does not fight it.
    balances.bring_up(TODAY + timedelta(days=1), world.policies)
    assert balances.bring_up(TODAY, world.policies) == 0


def test_a_door_whose_day_is_ahead_of_the_newest_keeps_its_day(database):
    world = World()
    world.customer()
    world.later(3)
    assert clock.steadied(world.door) == world.door
    late = replace(world.door, today=world.today - timedelta(days=1))
    assert clock.steadied(late).today == world.today - timedelta(days=1)
