"""Times without silence charges."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connections, transaction
from tests.db.staff import SYSTEM, Staff
from tests.db.world import TODAY, World

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import merging, privacy
from vertrauenskonto.db.actions.suspensions import CLOSED, reopen, rest, suspend
from vertrauenskonto.db.queries import feeds
from vertrauenskonto.db.queries.suspensions import suspensions
from vertrauenskonto.db.replay import replay


def suspended(world, customer, key="pause", days=30, ends=True):
    suspend(
        customer,
        key=key,
        starts=world.today,
        ends=world.today + timedelta(days=days) if ends else None,
        reason="rest",
        door=world.door,
        policies=world.policies,
    )


def test_a_clock_set_back_turns_no_day_of_recording_back_and_keeps_the_balance_of_today(database):
    world = World()
    ada = world.customer()
    world.booked(ada)
    world.later(-1)
    suspended(world, ada)
    assert models.Suspension.objects.get().recorded_date == TODAY
    assert models.Balance.objects.get().as_of_date == TODAY
    with pytest.raises(Invalid, match="version of today already"):
        suspended(world, ada, days=31)


def test_what_is_no_time_or_nobodys_is_refused(database):
    world = World()
    with pytest.raises(NotFound):
        suspended(world, "c_ghost")
    with pytest.raises(Invalid, match="not after its start"):
        suspended(world, world.customer(), days=0)
    assert models.Suspension.objects.count() == 0


def test_a_rest_of_a_merged_customer_and_a_booking_on_its_account_at_once_leave_it_right(database):
    world = World()
    ada, ben = world.customer(), world.customer()
    for one in (ada, ben):
        world.booked(one, value_date=TODAY - timedelta(days=300))
    merging.merge(SYSTEM, ada, ben, door=world.door, policies=world.policies)
    draft = world.draft(ben)

    def book():
        try:
            return world.book(draft)[0].status
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            suspend(
                ada,
                key="rest",
                starts=TODAY - timedelta(days=290),
                ends=None,
                reason="asked",
                door=world.door,
                policies=world.policies,
            )
            booking = pool.submit(book)
            # Long enough for the booking to read what it may read before this is committed.
            time.sleep(0.5)
        assert booking.result(timeout=30) == "booked"
    assert replay(world.policies).problems == ()


def resting(world, viewer, customer, **given):
    wanted = {
        "name": "rest",
        "starts": TODAY,
        "ends": TODAY + timedelta(days=90),
        "reason": "asked",
    }
    return rest(
        viewer,
        customer,
        **{**wanted, **given},
        door=world.door_of(viewer),
        policies=world.policies,
    )


@pytest.fixture
def world(database, tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "DATA", tmp_path)
    world = Staff()
    world.policy()
    return world


def test_a_rest_is_listed_stops_the_clock_of_silence_and_ends_in_the_calendar(world):
    alice, charlie = world.person("alice"), world.person("charlie")
    ada = world.customer()
    world.profile(ada, owner=alice)
    world.booked(ada)
    assert resting(world, alice, ada)
    assert not resting(world, alice, ada), "the same again is a replay"
    [found] = suspensions(alice, ada)
    assert (found.name, found.starts, found.ends) == ("rest", TODAY, TODAY + timedelta(days=90))
    [end] = [a for source in feeds.SOURCES for a in source(alice, TODAY, False)]
    assert end.day == found.ends
    for forbidden in (lambda: resting(world, charlie, ada), lambda: suspensions(charlie, ada)):
        with pytest.raises(NotFound):
            forbidden()
    world.later(1)
    assert resting(world, alice, ada, ends=TODAY + timedelta(days=30))
    assert [r.ends for r in suspensions(alice, ada)] == [TODAY + timedelta(days=30)]
    assert replay(world.policies).problems == ()


def test_only_who_leads_closes_an_account_and_opens_it_again(world):
    alice, lead = world.person("alice"), world.person("lead", "lead")
    ada = world.customer()
    world.profile(ada, owner=alice)
    with pytest.raises(Denied):
        resting(world, alice, ada, name=CLOSED, ends=None)
    with pytest.raises(Conflict, match="not closed"):
        reopen(lead, ada, door=world.door_of(lead), policies=world.policies)
    resting(world, lead, ada, name=CLOSED, ends=None)
    world.later(7)
    reopen(lead, ada, door=world.door_of(lead), policies=world.policies)
    [found] = suspensions(lead, ada)
    assert (found.ends, found.reason) == (TODAY + timedelta(days=7), "reopened")


def test_a_rest_takes_no_free_text_and_is_not_recorded_for_who_was_erased(world):
    ada = world.customer()
    for wrong in ({"reason": "Frau Holm ist krank"}, {"name": "Holm"}, {"reason": ""}):
        with pytest.raises(Invalid, match="is not a word"):
            resting(world, SYSTEM, ada, **wrong)
    privacy.erase(SYSTEM, ada, reason="unlawful", door=world.door)
    with pytest.raises(Conflict, match="were erased"):
        resting(world, SYSTEM, ada)
    assert models.Suspension.objects.count() == 0
