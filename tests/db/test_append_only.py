"""The database itself refuses to change or remove a fact, on both databases."""

import pytest
from django.db import DatabaseError, connection, transaction
from tests.db.world import World

from vertrauenskonto.db import models

FACTS = [
    models.Transaction,
    models.Customer,
    models.Membership,
    models.Entry,
    models.Suspension,
    models.PolicyVersion,
    models.Leaf,
    models.TreeHead,
]


@pytest.mark.parametrize("model", FACTS, ids=lambda model: model.__name__)
def test_update_and_delete_of_a_fact_are_refused(database, model):
    world = World()
    world.one_of_everything()
    table, key = model._meta.db_table, model._meta.pk.column
    before = list(model.objects.order_by("pk").values_list())
    assert before
    for statement in (f"UPDATE {table} SET {key} = {key}", f"DELETE FROM {table}"):
        with (
            pytest.raises(DatabaseError, match="refused"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert list(model.objects.order_by("pk").values_list()) == before
