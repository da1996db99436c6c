"""Which accounts may be valued and listed, on both databases."""

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.db.world import World

from vertrauenskonto.db import access, models
from vertrauenskonto.db.actions import facts
from vertrauenskonto.db.queries import privacy

SYSTEM = access.installation("test")


def shown() -> list[str]:
    return [customer.key for customer in access.evaluated(SYSTEM)]


def record(world: World, *rows: models.Fact) -> None:
    with transaction.atomic():
        facts.write(rows, door=world.door)


def processing(world: World, key: str, state: str) -> None:
    customer = models.Customer.objects.get(key=key)
    row = models.Processing(
        customer=customer, state=state, recorded_date=world.today, reason="test"
    )
    record(world, row)


def test_an_account_is_evaluated_unless_its_latest_processing_state_says_otherwise(database):
    world = World()
    ada, ben = world.customer(), world.customer()
    assert shown() == [ada, ben]
    pk = models.Customer.objects.get(key=ada).pk
    for state in ("restricted", "objected", "erased"):
        processing(world, ada, state)
        assert (shown(), privacy.state(pk)) == ([ben], state)
    processing(world, ada, "normal")
    assert (shown(), privacy.state(pk)) == ([ada, ben], "normal")


def test_a_customer_merged_away_is_not_evaluated_until_the_merge_is_taken_back(database):
    world = World()
    ada, ben = world.customer(), world.customer()
    one, other = models.Customer.objects.get(key=ada), models.Customer.objects.get(key=ben)
    record(world, models.Alias(customer=one, into=other, recorded_date=world.today))
    assert shown() == [ben]
    record(world, models.Alias(customer=one, into=None, recorded_date=world.today))
    assert shown() == [ada, ben]


def test_it_is_one_query_however_many_customers_there_are(database):
    world = World()
    for _ in range(3):
        processing(world, world.customer(), "restricted")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert shown() == []
    assert len(queries) == 1
