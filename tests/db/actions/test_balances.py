"""Balances stay current with every booking and with the passing of time, for few and for many."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.db.test_concurrency import at_once
from tests.db.world import POLICY, TODAY, World

from vertrauenskonto.core.ledger.balance import valuation
from vertrauenskonto.core.ledger.policy import SilenceRules, policy_history
from vertrauenskonto.db import models
from vertrauenskonto.db.access import installation
from vertrauenskonto.db.actions import balances, customers, privacy
from vertrauenskonto.db.queries import balances as worths
from vertrauenskonto.db.queries import ledger as queries

ALICE = installation("test")


def many(world: World, count: int = balances.MANY + 20) -> list[str]:
    """Book one to three entries on each of so many customers, in one call."""
    keys = customers.open_accounts(count, door=world.door)
    kinds = ["promise_kept", "promise_broken_unannounced", "conversation", "free_service"]
    drafts = [
        world.draft(
            key,
            kinds[(n + part) % len(kinds)],
            value_date=TODAY - timedelta(days=(n * 7 + part * 40) % 300),
        )
        for n, key in enumerate(keys)
        for part in range(1 + n % 3)
    ]
    assert {outcome.status for outcome in world.book(*drafts)} == {"booked"}
    return keys


def are_the_cores(world: World) -> None:
    rows = list(models.Balance.objects.order_by("pk"))
    accounts = queries.accounts([row.pk for row in rows])
    policy = world.policies.in_force(world.today)
    for row in rows:
        value = valuation(accounts[row.pk], policy, as_of=world.today)
        assert (row.as_of_date, row.policy) == (world.today, policy.label)
        assert row.balance == pytest.approx(value.balance, abs=1e-9)
        assert row.silence == pytest.approx(value.silence, abs=1e-9)
        assert (row.verdict, row.silence_charges) == (value.verdict, value.silence_charges)


def test_many_accounts_booked_in_one_call_have_the_balances_of_the_core(database):
    world = World()
    keys = many(world)
    assert models.Balance.objects.count() == len(keys)
    are_the_cores(world)


def test_the_cap_on_purchasable_points_holds_in_a_call_for_many(database):
    world = World()
    keys = many(world)
    drafts = [world.draft(key, "free_service") for key in keys for _ in range(3)]
    world.book(*drafts)
    points: dict[int, int] = {}
    for customer, willing in models.Entry.objects.filter(kind="free_service").values_list(
        "customer", "willing"
    ):
        points[customer] = points.get(customer, 0) + willing
    assert set(points.values()) == {1000}
    are_the_cores(world)


def test_a_new_day_brings_every_balance_up_once(database):
    world = World()
    keys = many(world)
    world.later(45)
    assert balances.bring_up(world.today, world.policies) == len(keys)
    are_the_cores(world)
    assert balances.bring_up(world.today, world.policies) == 0


def test_a_new_day_brought_up_by_several_at_once_is_the_same(database):
    world = World()
    keys = many(world)
    world.later(1)
    counts = at_once(*[lambda: balances.bring_up(world.today, world.policies)] * 3)
    assert sum(counts) >= len(keys)
    are_the_cores(world)


def test_another_version_of_the_policy_values_everything_anew_on_the_same_day(database):
    world = World()
    keys = many(world)
    harsh = replace(POLICY.parameters, silence=SilenceRules(grace_days=30, period_days=10))
    second = replace(POLICY, version=2, valid_from=world.today, parameters=harsh)
    world.policies = policy_history(POLICY, second)
    assert balances.bring_up(world.today, world.policies) == len(keys)
    are_the_cores(world)


def test_a_silence_too_slow_for_the_engine_is_left_to_the_core(database):
    world = World()
    slow = replace(POLICY.parameters.silence, half_life_days=1e9)
    parameters = replace(POLICY.parameters, silence=slow)
    world.policies = policy_history(replace(POLICY, parameters=parameters))
    many(world)
    are_the_cores(world)


def test_who_may_not_be_evaluated_keeps_entries_but_no_balance(database):
    world = World()
    ada, ben = world.customer(), world.customer()
    world.booked(ada)
    world.booked(ben)
    privacy.object_to(ALICE, ada, reason="no_reason_given", door=world.door)
    world.booked(ada)
    assert models.Entry.objects.filter(customer__key=ada).count() == 2
    assert [b.customer.key for b in models.Balance.objects.select_related("customer")] == [ben]
    world.later(1)
    assert balances.bring_up(world.today, world.policies) == 1
    assert [worth.key for worth in worths.page(ALICE).accounts] == [ben]


def test_a_page_goes_on_where_the_last_one_ended(database):
    world = World()
    keys = [world.customer() for _ in range(5)]
    for key in keys:
        world.booked(key)
    world.booked(keys[0], "promise_broken_unannounced")
    first = worths.page(ALICE, limit=3)
    second = worths.page(ALICE, after=first.after, limit=3)
    assert [worth.key for worth in (*first.accounts, *second.accounts)] == keys
    assert second.after is None
    assert [worth.key for worth in worths.page(ALICE, below_threshold=True).accounts] == keys[:1]
    one = first.accounts[1]
    assert (one.balance, one.as_of, one.last_contact) == (7.0, TODAY, TODAY)
