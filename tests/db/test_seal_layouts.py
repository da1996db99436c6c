"""Older seals hold: a newer list of fields leaves old leaves as they are, in the same log."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from tests.db.test_sealing import as_an_intruder
from tests.db.world import World

from vertrauenskonto.core.ledger.seal import commitment, file_commitment
from vertrauenskonto.db import models, sealing
from vertrauenskonto.db.actions import customers, facts, seal
from vertrauenskonto.db.queries import seal as queries
from vertrauenskonto.db.queries.seal import verify

AT = datetime(2026, 3, 18, 12, tzinfo=UTC)


@pytest.fixture
def next_layout(monkeypatch):
    """Return a function after which facts are written in a layout that seals the columns anew."""

    def change():
        newest = sealing.FACTS[sealing.LAYOUT]
        # As if the order were another and one table had come: enough for other bytes.
        later = {model: tuple(reversed(paths)) for model, paths in newest.items()}
        number = sealing.LAYOUT + 1
        monkeypatch.setattr(sealing, "FACTS", {**sealing.FACTS, number: later})
        monkeypatch.setattr(sealing, "LAYOUT", number)
        return number

    return change


def test_leaves_of_an_older_layout_still_verify_beside_newer_ones(database, next_layout):
    world = World()
    ada = world.one_of_everything()
    earlier = verify().head
    number = next_layout()
    customers.put_into_segment([ada], "b2c", door=world.door)
    world.seal()
    assert set(models.Transaction.objects.values_list("layout", flat=True)) == {number - 1, number}
    checked = verify(earlier)
    assert (checked.problems, checked.unsealed) == ((), 0)
    assert checked.head.size == earlier.size + 1


@pytest.mark.parametrize("layout", [0, 1], ids=["older", "newer"])
def test_a_change_is_found_in_either_layout(database, next_layout, layout):
    world = World()
    ada = world.one_of_everything()
    first = models.Membership.objects.get()
    next_layout()
    customers.put_into_segment([ada], "b2c", door=world.door)
    world.seal()
    assert verify().problems == ()
    row = [first, models.Membership.objects.order_by("-pk").first()][layout]
    assert row is not None
    with as_an_intruder() as cursor:
        cursor.execute("UPDATE membership SET segment = 'other' WHERE id = %s", [row.pk])
    assert [p.code for p in verify().problems] == ["changed"]


def test_a_transaction_that_claims_another_layout_is_found(database, next_layout):
    World().one_of_everything()
    for claimed in (next_layout(), 99):
        with as_an_intruder() as cursor:
            cursor.execute("UPDATE booking_transaction SET layout = %s WHERE id = 3", [claimed])
        assert {p.code for p in verify().problems} >= {"changed"}


def test_a_changed_head_is_found(database):
    World().one_of_everything()
    for column in ("root", "peaks"):
        [kept] = models.TreeHead.objects.values_list(column, flat=True)
        changed = bytearray(bytes(kept))
        changed[0] ^= 1
        with as_an_intruder() as cursor:
            cursor.execute(f"UPDATE tree_head SET {column} = %s", [bytes(changed)])
        assert [p.code for p in verify().problems] == ["root"]
        with as_an_intruder() as cursor:
            cursor.execute(f"UPDATE tree_head SET {column} = %s", [bytes(kept)])
    assert verify().problems == ()


def test_a_changed_note_is_found_and_an_erased_one_is_not_missed(database):
    world = World()
    ada = world.customer()
    world.booked(ada, note="Frau Holm rief an")
    world.booked(ada, note="Herr Nowak rief an")
    models.Note.objects.filter(text__startswith="Frau").update(text="Frau Holm rief nicht an")
    [problem] = verify().problems
    assert (problem.code, "table note holds 1 texts" in str(problem)) == ("text", True)
    models.Note.objects.filter(text__startswith="Frau").delete()
    assert verify().problems == ()


def test_a_note_that_no_fact_knows_is_found(database):
    World().one_of_everything()
    nonce = bytes(32)
    models.Note.objects.create(commitment=commitment(nonce, "neu"), text="neu", nonce=nonce)
    [problem] = verify().problems
    assert (problem.code, "note" in str(problem)) == ("strangers", True)


@pytest.mark.parametrize("part", ["name", "media_type", "contents", "nonce", None])
def test_a_changed_attachment_is_found(database, part):
    world = World()
    world.booked(world.customer())
    told = {"name": "a.pdf", "media_type": "application/pdf", "contents": b"%PDF", "nonce": b"n"}
    bound = file_commitment(b"n", "a.pdf", "application/pdf", b"%PDF")
    entry = models.Entry.objects.get()
    facts.write([models.Evidence(entry=entry, commitment=bound)], door=world.door)
    models.Attachment.objects.create(commitment=bound, **told)
    assert verify().problems == ()
    if part is not None:
        other = told[part] + ("x" if isinstance(told[part], str) else b"x")  # type: ignore[operator]
        models.Attachment.objects.update(**{part: other})
        assert [p.code for p in verify().problems] == ["text"]


@pytest.mark.long
def test_several_processes_find_the_same_as_one(database, monkeypatch):
    world = World()
    keys = [world.customer() for _ in range(20)]
    for _ in range(6):
        world.book(*[world.draft(keys[n % 20]) for n in range(50)])
        world.seal()
    alone = verify()
    monkeypatch.setattr(queries, "ROWS_FOR_PROCESSES", 10)
    monkeypatch.setattr(queries, "PIECE_LEAVES", 8)
    told: list[float] = []
    assert verify(processes=3, progress=told.append) == alone
    assert (alone.problems, told[-1], sorted(told)) == ((), 1.0, told)
    with as_an_intruder() as cursor:
        cursor.execute("UPDATE entry SET able = able + 1 WHERE id IN (7, 290)")
    found = [str(p) for p in verify(processes=3).problems]
    monkeypatch.undo()
    assert found == [str(p) for p in verify().problems]
    assert len(found) == 2


def test_the_database_writes_a_leaf_as_python_does(database):
    """The leaf that was written comes from Python, the one compared from the database's own JSON."""
    world = World()
    ada = world.customer()
    every = "".join(map(chr, range(1, 256))) + '\u2028\U0001f600\\"/„“'
    version = models.PolicyVersion(
        name="small", version=1, valid_from_date=world.today, document=every
    )
    facts.write([version], door=world.door)
    world.booked(ada, happened_at=AT.replace(microsecond=120))
    world.booked(ada, happened_at=AT)
    seal.seal(at=AT)
    assert verify().problems == ()
    assert connection.vendor == database
