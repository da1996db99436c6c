"""Balances that are kept equal a replay; one that does not is named by its opaque key."""

import pytest
from django.db import transaction
from tests.db.world import World

from vertrauenskonto.db import models
from vertrauenskonto.db.actions import facts
from vertrauenskonto.db.replay import replay


def lived_in():
    world = World()
    keys = [world.customer() for _ in range(3)]
    for key in keys:
        world.booked(key)
    world.later(100)
    world.booked(keys[0], "promise_broken_unannounced")
    return world, keys


def test_balances_that_are_right_are_all_compared_and_none_differs(database):
    world, _ = lived_in()
    found = replay(world.policies)
    assert (found.balances, found.differing, found.problems) == (3, 0, ())
    assert models.Balance.objects.count() == 3


@pytest.mark.parametrize(
    "change",
    [
        {"balance": 7.0 + 1e-8},
        {"silence": 1.0},
        {"silence_charges": 3},
        {"policy": "other/1"},
        {"verdict": "no"},
        {"below_threshold": True},
        {"last_contact_date": None},
        {"weakest_expected": 0.1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_balance_that_differs_is_found_and_left_as_it_is(database, change):
    world, keys = lived_in()
    models.Balance.objects.filter(customer__key=keys[1]).update(**change)
    before = list(models.Balance.objects.order_by("pk").values_list())
    found = replay(world.policies)
    assert found.differing == 1
    assert (found.problems[0].code, keys[1] in str(found.problems[0])) == ("balance", True)
    assert list(models.Balance.objects.order_by("pk").values_list()) == before


def test_a_balance_that_is_missing_is_found(database):
    world, keys = lived_in()
    models.Balance.objects.filter(customer__key=keys[2]).delete()
    [problem] = replay(world.policies).problems
    assert str(problem) == f"Account {keys[2]}: it has entries, but no balance."


def test_a_balance_of_somebody_who_may_not_be_evaluated_is_found(database):
    world, keys = lived_in()
    customer = models.Customer.objects.get(key=keys[2])
    row = models.Processing(
        customer=customer, state="objected", recorded_date=world.today, reason="asked"
    )
    with transaction.atomic():
        facts.write([row], door=world.door)
    [problem] = replay(world.policies).problems
    assert "it may have no balance, but" in str(problem)
