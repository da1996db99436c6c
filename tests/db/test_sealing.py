"""The seal: whatever is changed behind the ledger's back is found, in any field of any fact."""

from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from tests.db.world import World

from vertrauenskonto.core.ledger.seal import Head
from vertrauenskonto.db import models, sealing
from vertrauenskonto.db.queries.seal import verify

ALL: list[Any] = [models.Transaction, *sealing.FACTS[sealing.LAYOUT]]
FIELDS: list[Any] = [
    (model, field)
    for model in ALL
    for field in model._meta.concrete_fields
    if not field.primary_key
]


@contextmanager
def as_an_intruder():
    """Write past the triggers and foreign keys, as somebody with the database's password can."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            yield cursor
            cursor.execute("SET session_replication_role = origin")
            return
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        yield cursor
        for _, sql in triggers:
            cursor.execute(sql)


def other(value):
    """Return another value of the same sort; one bit is enough."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    if isinstance(value, date):
        return value + timedelta(days=1)
    if isinstance(value, str):
        return chr(ord(value[0]) ^ 1) + value[1:] if value else "x"
    if value is None:
        return None
    changed = bytearray(bytes(value))
    changed[0] ^= 1
    return bytes(changed)


@pytest.mark.parametrize(
    ("model", "field"), FIELDS, ids=[f"{m.__name__}.{f.attname}" for m, f in FIELDS]
)
def test_a_change_in_any_field_of_any_fact_is_found(database, model, field):
    world = World()
    world.one_of_everything()
    world.other_customers_entry()
    world.seal()
    assert verify().problems == ()
    table, key = model._meta.db_table, model._meta.pk.column
    rows = model.objects.exclude(**{f"{field.attname}": None}).order_by("-pk")
    row = rows.first()
    changed = (
        world.stranger_for(model, field) if row is None else other(getattr(row, field.attname))
    )
    target = row or model.objects.order_by("-pk").first()
    with as_an_intruder() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {field.column} = %s WHERE {key} = %s", [changed, target.pk]
        )
    assert verify().problems != ()


def test_every_column_of_every_fact_is_in_the_newest_layout():
    for model, paths in sealing.FACTS[sealing.LAYOUT].items():
        sealed = {path.split("__")[0] for path in paths}
        there = {f.name for f in model._meta.concrete_fields if not f.primary_key}
        assert sealed == there - {"transaction"}, f"{model.__name__}: seal every column"
    header = {f.name for f in models.Transaction._meta.concrete_fields if not f.primary_key}
    assert set(sealing.HEADER) == header - {"layout", "leaf_hash"}
    assert set(sealing.FACTS[sealing.LAYOUT]) == set(models.Fact.__subclasses__())


@pytest.mark.parametrize("table", ["entry", "membership", "leaf", "booking_transaction"])
def test_a_row_removed_is_found(database, table):
    world = World()
    world.one_of_everything()
    key = "position" if table == "leaf" else "id"
    with as_an_intruder() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE {key} = (SELECT MAX({key}) FROM {table})")
    assert verify().problems != ()


def test_two_leaves_exchanged_are_found(database):
    world = World()
    world.one_of_everything()
    with as_an_intruder() as cursor:
        cursor.execute("UPDATE leaf SET position = -1 WHERE position = 0")
        cursor.execute("UPDATE leaf SET position = 0 WHERE position = 1")
        cursor.execute("UPDATE leaf SET position = 1 WHERE position = -1")
    assert {p.code for p in verify().problems} == {"root"}


def test_a_whole_tail_removed_is_found_by_a_head_kept_outside(database):
    world = World()
    world.one_of_everything()
    kept = verify().head
    with as_an_intruder() as cursor:
        cursor.execute("DELETE FROM tree_head")
        cursor.execute("SELECT transaction_id FROM leaf ORDER BY position DESC LIMIT 1")
        [pk] = cursor.fetchone()
        cursor.execute("DELETE FROM leaf WHERE transaction_id = %s", [pk])
        cursor.execute("DELETE FROM policy_version WHERE transaction_id = %s", [pk])
        cursor.execute("DELETE FROM booking_transaction WHERE id = %s", [pk])
    assert verify().problems == (), "nothing inside the database can know"
    [problem] = verify(kept).problems
    assert problem.code == "shortened"


def test_a_rewritten_history_is_found_by_a_head_kept_outside(database):
    world = World()
    world.one_of_everything()
    forged = Head(size=verify().head.size, root=bytes(32))
    [problem] = verify(forged).problems
    assert (problem.code, "do not give the head" in str(problem)) == ("root", True)


def test_sealing_goes_on_where_it_stopped_and_twice_changes_nothing(database):
    world = World()
    ada = world.customer()
    world.booked(ada)
    first = world.seal()
    assert (first.size, world.seal()) == (2, first)
    assert models.TreeHead.objects.count() == 1
    world.booked(ada)
    assert verify().unsealed == 1
    second = world.seal()
    assert second.size == 3
    checked = verify(first)
    assert (checked.problems, checked.head, checked.unsealed) == ((), second, 0)


def test_erasing_a_note_leaves_the_seal_intact(database):
    world = World()
    world.one_of_everything()
    models.Note.objects.all().delete()
    assert verify().problems == ()


def test_a_verification_of_nothing_finds_nothing(database):
    checked = verify()
    assert (checked.transactions, checked.rows, checked.problems) == (0, 0, ())
