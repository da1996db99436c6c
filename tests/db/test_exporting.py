"""An export holds everything in open formats, explained, and nobody it may not name."""

import csv
import json
from datetime import UTC, datetime

import duckdb
import pytest
from django.db import transaction
from tests.db.world import World

from vertrauenskonto.core.errors import Conflict, NotFound
from vertrauenskonto.db import models, sealing
from vertrauenskonto.db.actions import facts
from vertrauenskonto.db.export_fields import FIELDS, FILES
from vertrauenskonto.db.exporting import _plans, columns, export

AT = datetime(2026, 3, 18, 12, tzinfo=UTC)


def lived_in():
    world = World()
    ada = world.one_of_everything()
    world.other_customers_entry()
    world.booked(ada, target="person:alice", note="Grüße, „Ada“;\nzweite Zeile")
    customer = models.Customer.objects.get(key=ada)
    models.Profile.objects.create(customer=customer, name="Ada Holm")
    models.Attachment.objects.create(
        commitment=b"e" * 32,
        name="a.pdf",
        media_type="application/pdf",
        contents=b"%PDF",
        nonce=b"",
    )
    world.seal()
    return world, ada


def exported(folder, form):
    return export(folder, form=form, made_at=AT, language="en")


def agree(world, name="works_council"):
    row = models.Agreement(
        name=name, is_in_force=True, recorded_date=world.today, purpose="Vereinbarung"
    )
    with transaction.atomic():
        facts.write([row], door=world.door)


def rows(folder, table):
    return [json.loads(line) for line in (folder / f"{table}.ndjson").read_text().splitlines()]


def test_every_fact_is_in_the_export_with_the_columns_of_the_seal(database, tmp_path):
    lived_in()
    folder = tmp_path / "out"
    done = exported(folder, "ndjson")
    for model, paths in sealing.FACTS[sealing.LAYOUT].items():
        found = rows(folder, model._meta.db_table)
        assert len(found) == model._default_manager.count() == done.rows[model._meta.db_table]
        assert all(list(row) == ["transaction_id", *columns(paths)] for row in found)
    assert (folder / "attachments" / (b"e" * 32).hex()).read_bytes() == b"%PDF"
    [profile] = rows(folder, "profile")
    assert profile["name"] == "Ada Holm"
    assert {row["as_of_date"] for row in rows(folder, "balance")} == {"2026-03-18"}


def test_the_three_formats_say_the_same(database, tmp_path):
    lived_in()
    for form in ("ndjson", "csv", "parquet"):
        exported(tmp_path / form, form)
    entries = rows(tmp_path / "ndjson", "entry")
    with (tmp_path / "csv" / "entry.csv").open(newline="") as file:
        from_csv = list(csv.DictReader(file))
    assert [row["source_id"] for row in from_csv] == [row["source_id"] for row in entries]
    assert [int(row["able"]) for row in from_csv] == [row["able"] for row in entries]
    parquet = tmp_path / "parquet" / "entry.parquet"
    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT source_id, value_date, contact, note_commitment FROM '{parquet}'"
        ).fetchall()
    assert [
        (number, day.isoformat(), contact, commitment) for number, day, contact, commitment in found
    ] == [
        (row["source_id"], row["value_date"], row["contact"], row["note_commitment"])
        for row in entries
    ]


def test_without_an_agreement_no_member_of_staff_is_named_anywhere(database, tmp_path):
    lived_in()
    folder = tmp_path / "out"
    assert not exported(folder, "ndjson").with_staff
    everything = "".join(path.read_text() for path in folder.glob("*.ndjson"))
    assert "alice" not in everything
    assert {row["actor"] for row in rows(folder, "booking_transaction")} == {"person"}
    assert {row["target"] for row in rows(folder, "entry")} == {"organisation", "person"}
    assert "no works agreement is recorded" in (folder / "README.md").read_text()


def waiting(world, target):
    models.Unmatched.objects.create(
        source="shop",
        source_id=f"{target}!",
        received_at=AT,
        record={},
        candidates=[],
        draft={"kind": "promise_kept", "target": target, "note": "x"} if target else None,
    )


def test_what_waits_to_be_matched_names_no_member_of_staff_either(database, tmp_path):
    world, _ = lived_in()
    for target in ("person:alice", "organisation", ""):
        waiting(world, target)
    exported(tmp_path / "before", "ndjson")
    targets = [(row["draft"] or {}).get("target") for row in rows(tmp_path / "before", "unmatched")]
    assert targets == ["person", "organisation", None]
    assert {row["draft"]["note"] for row in rows(tmp_path / "before", "unmatched")[:2]} == {"x"}
    models.Person.objects.create(key="alice", email="a@example.org", has_seen_own_view=True)
    agree(world)
    exported(tmp_path / "after", "csv")
    assert "person:alice" in (tmp_path / "after" / "unmatched.csv").read_text()


def test_with_an_agreement_those_are_named_who_saw_their_own_view(database, tmp_path):
    world, _ = lived_in()
    models.Person.objects.create(key="alice", email="a@example.org", has_seen_own_view=True)
    models.Person.objects.create(key="anna", email="b@example.org")
    agree(world)
    folder = tmp_path / "out"
    assert exported(folder, "ndjson").with_staff
    targets = {row["target"] for row in rows(folder, "entry")}
    assert targets == {"organisation", "person:alice", "person"}


def test_what_was_erased_is_not_exported(database, tmp_path):
    lived_in()
    models.Note.objects.all().delete()
    folder = tmp_path / "out"
    exported(folder, "csv")
    assert "Grüße" not in "".join(path.read_text() for path in folder.glob("*.csv"))


def test_an_export_never_writes_over_anything(database, tmp_path):
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "mine").write_text("x")
    with pytest.raises(Conflict, match="exists already"):
        exported(taken, "csv")
    with pytest.raises(NotFound, match="There is no folder"):
        exported(tmp_path / "none" / "out", "csv")
    assert [path.name for path in taken.iterdir()] == ["mine"]


def test_an_export_that_fails_leaves_nothing(database, tmp_path):
    lived_in()
    before = {path.name for path in tmp_path.iterdir()}

    def stop(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(tmp_path / "out", form="csv", made_at=AT, language="de", progress=stop)
    assert {path.name for path in tmp_path.iterdir()} == before


def test_every_file_and_every_field_of_an_export_is_explained():
    for model, paths in _plans():
        assert FILES[model._meta.db_table].de
        for name in columns(paths):
            assert FIELDS[name].en, name


def test_the_readme_lists_every_file_and_field(database, tmp_path):
    lived_in()
    folder = tmp_path / "out"
    exported(folder, "parquet")
    readme = (folder / "README.md").read_text()
    for model, paths in _plans():
        assert f"## {model._meta.db_table}.parquet" in readme
        assert all(f"| `{name}` |" in readme for name in columns(paths))
