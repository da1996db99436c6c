"""Promises that come again: each next one stands there in time, once, whenever the job runs."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.db.staff import SYSTEM, Staff
from tests.db.world import TODAY

from vertrauenskonto.core.errors import Denied, Invalid, NotFound
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import privacy, promise_series
from vertrauenskonto.db.actions.promise_series import NewSeries
from vertrauenskonto.db.queries import promise_series as queries

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def world(database):
    return Staff()


def begun(world, customer, viewer=SYSTEM, **given):
    fields: dict[str, Any] = {
        "wording": "Bericht schicken",
        "rhythm": "weekly",
        "first_date": TODAY + timedelta(days=1),
        "number": "n1",
    }
    return promise_series.begin(
        viewer, NewSeries(customer=customer, **(fields | given)), door=world.door
    )


def days():
    rows = models.Promise.objects.order_by("due_at")
    return [row.due_date - TODAY for row in rows if row.due_date]


def in_days(*numbers):
    return [timedelta(days=n) for n in numbers]


def test_the_next_ones_stand_there_two_weeks_before_their_day(world):
    key = world.customer()
    number = begun(world, key)
    assert begun(world, key) == number
    assert days() == in_days(1, 8)
    [row, _] = models.Promise.objects.order_by("due_at")
    assert (row.source, row.source_id, row.series_id) == (
        "series",
        f"{number}:{row.due_date}",
        number,
    )
    assert row.made_at == world.door.at
    for _ in "twice":
        assert promise_series.make_next(door=world.door) == 0
    world.later(1)
    for expected in (1, 0):
        assert promise_series.make_next(door=world.door) == expected
    assert days() == in_days(1, 8, 15)


def test_a_job_that_was_down_catches_up_and_says_the_same(world):
    key = world.customer()
    begun(world, key)
    world.later(40)
    assert promise_series.make_next(door=world.door) == 6
    assert days() == in_days(1, 8, 15, 22, 29, 36, 43, 50)
    rows = models.Promise.objects.order_by("due_at")
    late = rows[3]
    # Given two weeks before its day, whenever the job ran.
    begins = datetime.combine(TODAY + timedelta(days=8), datetime.min.time(), BERLIN)
    assert late.made_at == begins
    assert late.state == "overdue"


def test_days_end_where_the_customer_is_in_summer_and_in_winter(world):
    key = world.customer()
    world.today = date(2026, 3, 18)
    begun(world, key, first_date=date(2026, 3, 23))
    [winter, summer] = models.Promise.objects.order_by("due_at")
    assert str(winter.due_at) == "2026-03-23 22:59:59.999999+00:00"
    assert str(summer.due_at) == "2026-03-30 21:59:59.999999+00:00"


def test_the_31st_of_each_month(world):
    key = world.customer()
    world.today = date(2026, 1, 20)
    begun(world, key, rhythm="monthly", first_date=date(2026, 1, 31))
    for _ in range(9):
        world.later(14)
        promise_series.make_next(door=world.door)
    found = models.Promise.objects.order_by("due_at").values_list("due_date", flat=True)
    assert [str(day) for day in found] == [
        "2026-01-31",
        "2026-02-28",
        "2026-03-31",
        "2026-04-30",
        "2026-05-31",
    ]


def test_ended_it_makes_nothing_more_and_what_stands_there_stays(world):
    alice = world.person("alice")
    key = world.customer()
    number = begun(world, key)
    with pytest.raises(NotFound):
        promise_series.end(alice, number, door=world.door)
    for _ in "twice":
        promise_series.end(SYSTEM, number, door=world.door)
    world.later(30)
    assert promise_series.make_next(door=world.door) == 0
    assert days() == in_days(1, 8)
    [shown] = queries.of_customer(SYSTEM, key)
    assert (shown.ended_date, shown.rhythm) == (TODAY, "weekly")
    with pytest.raises(NotFound):
        queries.of_customer(alice, key)


def test_the_last_day_is_the_last(world):
    begun(world, world.customer(), last_date=TODAY + timedelta(days=8))
    world.later(30)
    assert promise_series.make_next(door=world.door) == 0
    assert days() == in_days(1, 8)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"wording": " "}, "wording"),
        ({"wording": "x" * 501}, "wording"),
        ({"capability": "x" * 81}, "capability"),
        ({"every": 0}, "every"),
        ({"every": 61}, "every"),
        ({"first_date": TODAY - timedelta(days=1)}, "first_date"),
        ({"first_date": date(2099, 1, 1)}, "first_date"),
        ({"last_date": TODAY}, "last_date"),
    ],
)
def test_what_cannot_come_again_is_refused_and_nothing_is_written(world, given, field):
    with pytest.raises(Invalid) as refusal:
        begun(world, world.customer(), **given)
    assert [problem.field for problem in refusal.value.problems] == [field]
    assert not models.Series.objects.exists()
    assert not models.Promise.objects.exists()


def test_who_may_not_book_begins_nothing(world):
    otto = world.person("otto", "auditor")
    with pytest.raises(Denied):
        begun(world, world.customer(), viewer=otto)
    with pytest.raises(Denied):
        promise_series.end(otto, 1, door=world.door)
    assert not models.Series.objects.exists()


def test_whoever_gave_it_and_left_is_not_in_the_way(world):
    alice = world.person("alice")
    key = world.customer()
    models.Profile.objects.create(
        customer=models.Customer.objects.get(key=key), sort="person", owner_id=alice.person_id
    )
    begun(world, key, viewer=alice)
    assert models.Promise.objects.filter(giver__key="p_alice").count() == 2
    models.Person.objects.filter(key="p_alice").update(is_active=False)
    world.later(7)
    assert promise_series.make_next(door=world.door) == 1
    assert models.Promise.objects.get(giver=None).due_date == TODAY + timedelta(days=15)


def test_a_customer_who_was_erased_is_promised_nothing_more(world):
    key = world.customer()
    begun(world, key)
    privacy.erase(SYSTEM, key, reason="no_longer_needed", door=replace(world.door))
    assert not models.Series.objects.exists()
    assert not models.Promise.objects.exists()
    world.later(30)
    assert promise_series.make_next(door=world.door) == 0
