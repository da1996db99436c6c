"""Who falls soon and who is silent for too long, each with the reason."""

from datetime import timedelta

from tests.db.staff import SYSTEM, Staff
from tests.db.world import TODAY

from vertrauenskonto.core.errors import Text
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import balances, suspensions
from vertrauenskonto.db.queries import portfolio
from vertrauenskonto.db.queries.portfolio import is_silent


def a_world() -> Staff:
    world = Staff()
    world.policy()
    return world


def silent(world):
    return [
        row.customer.key
        for row in models.Balance.objects.filter(is_silent(world.today)).order_by("pk")
    ]


def test_a_silence_longer_than_the_grace_is_listed_unless_it_is_suspended(database):
    world = a_world()
    grace = world.policies.versions[0].parameters.silence.grace_days
    just, longer, resting = (world.customer() for _ in range(3))
    world.booked(just, "conversation", value_date=TODAY - timedelta(days=grace - 1))
    for key in (longer, resting):
        world.booked(key, "conversation", value_date=TODAY - timedelta(days=grace))
    assert silent(world) == [longer, resting]
    suspensions.suspend(
        resting,
        key="holiday",
        starts=TODAY,
        ends=TODAY + timedelta(days=2),
        reason="holiday",
        door=world.door,
        policies=world.policies,
    )
    assert silent(world) == [longer]
    world.later(2)
    balances.bring_up(world.today, world.policies)
    # The holiday is over; its end restarted the clock, but nobody heard anything.
    assert silent(world) == [just, longer, resting]


def test_a_contact_person_sees_the_balances_of_her_own(database):
    world = a_world()
    alice, bob = world.person("alice"), world.person("bob", "lead")
    hers, other = world.customer(), world.customer()
    world.profile(hers, owner=alice)
    for key in (hers, other):
        world.booked(key)
    assert [b.customer.key for b in portfolio.valued(alice)] == [hers]
    assert portfolio.valued(bob).count() == portfolio.valued(SYSTEM).count() == 2


def test_the_reason_is_the_silence_or_what_was_damaged_or_that_the_good_fades(database):
    world = a_world()
    policy = world.policies.versions[0]
    quiet, hurt, old = (world.customer() for _ in range(3))
    world.booked(quiet, "promise_kept", value_date=TODAY - timedelta(days=150))
    world.booked(hurt, "promise_broken_unannounced")
    world.booked(old, "promise_kept")
    rows = {row.customer.key: row for row in models.Balance.objects.all()}

    def reason(key):
        return portfolio.reason(rows[key], policy, TODAY)

    assert reason(quiet) == Text("Seit 5 Monaten kein Kontakt.", "No contact for 5 months.")
    assert reason(hurt).de == "Können ist beschädigt."
    rows[old].falls_date = TODAY + timedelta(days=3)
    assert reason(old).en == "Earlier deposits fade, and nothing new was added."
