"""The database itself refuses to change or remove a fact, on both databases."""

import pytest
from django.db import DatabaseError, connection, transaction
from tests.db.world import World

from vertrauenskonto.db import append_only, models

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


def test_the_triggers_put_back_are_those_that_the_migration_made(database):
    def triggers():
        with connection.cursor() as cursor:
            if database == "sqlite":
                cursor.execute(
                    "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'"
                )
                return sorted(cursor.fetchall())
            cursor.execute(
                "SELECT t.tgrelid::regclass::text, t.tgname, pg_get_triggerdef(t.oid), "
                "pg_get_functiondef(t.tgfoid) FROM pg_trigger t WHERE t.tgname LIKE %s",
                ["%\\_append\\_only"],
            )
            return sorted(cursor.fetchall())

    made = triggers()
    with connection.cursor() as cursor:
        for table, name, *_ in made:
            on = "" if database == "sqlite" else f" ON {table}"
            cursor.execute(f"DROP TRIGGER {name}{on}")
        if database == "postgresql":
            cursor.execute("DROP FUNCTION vertrauenskonto_refuse()")
    assert len(made) >= 16
    assert triggers() == []
    append_only.protect()
    assert triggers() == made
