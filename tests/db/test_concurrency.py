"""Several people booking at once: nothing lost, nothing double, nobody refused for bad luck."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connections
from tests.db.world import World

from vertrauenskonto.core.ledger.balance import valuation
from vertrauenskonto.db import models
from vertrauenskonto.db.queries import ledger as queries
from vertrauenskonto.db.queries.seal import verify

WRITERS = 6


def at_once(*calls):
    """Run the calls in threads that start together, and return what they gave."""
    gate = Barrier(len(calls))

    def run(call):
        gate.wait()
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_the_same_report_by_several_at_once_is_booked_once(database):
    world = World()
    draft = world.draft(world.customer())
    outcomes = at_once(*[lambda: world.book(draft)] * WRITERS)
    statuses = sorted(outcome.status for (outcome,) in outcomes)
    assert statuses == ["booked", *["replayed"] * (WRITERS - 1)]
    assert models.Entry.objects.count() == 1


def test_different_bookings_on_one_account_are_all_there_and_so_is_its_balance(database):
    world = World()
    ada = world.customer()
    drafts = [world.draft(ada) for _ in range(WRITERS)]
    outcomes = at_once(*[lambda d=draft: world.book(d) for draft in drafts])
    assert [outcome.status for (outcome,) in outcomes] == ["booked"] * WRITERS
    balance = models.Balance.objects.get().balance
    assert balance == 7.0 * WRITERS
    account = queries.account(ada)
    assert (
        valuation(account, world.policies.in_force(world.today), as_of=world.today).balance
        == balance
    )


def test_the_purchasable_cap_holds_against_several_at_once(database):
    world = World()
    ada = world.customer()
    drafts = [world.draft(ada, "free_service") for _ in range(WRITERS)]
    at_once(*[lambda d=draft: world.book(d) for draft in drafts])
    points = models.Entry.objects.values_list("willing", flat=True)
    assert sorted(points) == [*[0] * (WRITERS - 2), 500, 500]


def test_the_same_idempotency_key_by_several_at_once_is_carried_out_once(database):
    world = World()
    drafts = [world.draft(world.customer()) for _ in range(3)]
    at_once(*[lambda: world.book(*drafts, key="k")] * WRITERS)
    assert models.Entry.objects.count() == 3
    assert models.Transaction.objects.exclude(idempotency_key=None).count() == 1


def test_sealers_and_writers_at_once_leave_a_log_without_gaps(database):
    world = World()
    customers = [world.customer() for _ in range(3)]
    drafts = [world.draft(customer) for customer in customers]
    at_once(*[lambda d=draft: world.book(d) for draft in drafts], world.seal, world.seal)
    world.seal()
    checked = verify()
    assert (checked.problems, checked.unsealed, checked.head.size) == ((), 0, 6)
