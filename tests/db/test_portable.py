"""A backup holds everything, comes back anywhere, and changes neither key nor seal."""

import json
from datetime import UTC, datetime
from zipfile import ZipFile

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from tests.db.conftest import _SQLITE, _postgres, use
from tests.db.world import World

from vertrauenskonto.core.errors import Conflict, Invalid, NotFound
from vertrauenskonto.db import models, portable
from vertrauenskonto.db.queries.seal import verify

AT = datetime(2026, 3, 18, 12, tzinfo=UTC)
FACTS = [models.Transaction, models.Leaf, models.TreeHead, *models.Fact.__subclasses__()]


@pytest.fixture
def elsewhere(tmp_path, postgres_template):
    """Yield a function that makes an empty database without tables and points Django at it."""
    with psycopg.connect(postgres_template, autocommit=True) as admin:
        made: list[str] = []

        def go(vendor):
            if vendor == "sqlite":
                settings_of = {**_SQLITE, "NAME": str(tmp_path / f"empty{len(made)}.sqlite3")}
            else:
                name = f"empty_{tmp_path.name}_{len(made)}".replace("-", "_").lower()
                admin.execute(f'CREATE DATABASE "{name}"')
                settings_of = _postgres(postgres_template, name)
                made.append(name)
            use(settings_of)
            return settings_of

        yield go
        connections.close_all()
        for name in made:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def everything():
    """Return every row of every table, as values that do not depend on the database."""
    found = {}
    for model in connection.introspection.get_migratable_models():
        rows = model._default_manager.order_by("pk").values_list()
        found[model._meta.db_table] = [
            tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in rows
        ]
    return found


def staffed(world, ada):
    """Fill every reference among people and customers: its row may come after the one that names it."""
    team = models.Team.objects.create(name="Innendienst")
    anna, bob = (
        models.Person.objects.create(
            key=f"p_{name}", email=f"{name}@example.org", role="lead", name=name, team=team
        )
        for name in ("anna", "bob")
    )
    profile = models.Profile.objects.create(
        customer=ada, name="Ada Holm", owner=anna, owner_team=team
    )
    profile.deputies.add(bob)
    models.SignInLink.objects.create(
        secret_hash=b"h" * 32, person=anna, created_at=AT, expires_at=AT
    )
    models.Feed.objects.create(secret_hash=b"f" * 32, person=bob, created_at=AT)
    models.ReadingsRequest.objects.create(
        asker=anna, agreer=bob, customer=ada, purpose="Beschwerde", asked_at=AT
    )


def lived_in():
    world = World()
    ada = world.one_of_everything()
    world.other_customers_entry()
    world.booked(ada, note='Grüße „aus“ Köln\n\tmit \\ und "Zeichen" \x01')
    staffed(world, models.Customer.objects.get(key=ada))
    models.Job.objects.create(name="x", arguments={"a": [1, None, "ü"]}, due_at=AT)
    world.seal()
    return world


@pytest.mark.long
@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_a_backup_restored_anywhere_is_the_same_to_the_last_value(
    database, target, elsewhere, tmp_path
):
    lived_in()
    before, head = everything(), verify().head
    file = tmp_path / "backup.zip"
    portable.backup(file, made_at=AT, version="0.1.0")
    assert file.stat().st_mode & 0o777 == 0o600
    elsewhere(target)
    # As the commands do: they bring a database up before they look at it.
    call_command("migrate", verbosity=0)
    contents = portable.restore(file)
    assert everything() == before
    checked = verify(contents.head)
    assert (checked.problems, checked.head, checked.unsealed) == ((), head, 0)


def test_after_a_restore_booking_goes_on(database, elsewhere, tmp_path):
    world = lived_in()
    portable.backup(tmp_path / "b.zip", made_at=AT, version="0.1.0")
    elsewhere(database)
    portable.restore(tmp_path / "b.zip")
    world.booked(world.customer())
    world.seal()
    assert verify().problems == ()


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_a_move_keeps_every_row_and_the_head(database, target, elsewhere, tmp_path):
    lived_in()
    before, head = everything(), verify().head
    here = dict(settings.DATABASES["default"])
    there = dict(elsewhere(target))
    use(here)
    portable.move(there)
    assert verify(using="target").head == head
    assert everything() == before
    use(there)
    assert everything() == before
    assert verify(head).problems == ()


def test_nothing_is_restored_over_facts(database, tmp_path):
    world = lived_in()
    portable.backup(tmp_path / "b.zip", made_at=AT, version="0.1.0")
    world.booked(world.customer())
    before = everything()
    with pytest.raises(Conflict, match="booked in the target"):
        portable.restore(tmp_path / "b.zip")
    assert everything() == before


def test_a_backup_of_a_newer_program_is_refused_and_nothing_changes(database, tmp_path):
    file = tmp_path / "b.zip"
    portable.backup(file, made_at=AT, version="0.1.0")
    newer = tmp_path / "newer.zip"
    with ZipFile(file) as old, ZipFile(newer, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name == "manifest.json":
                told = json.loads(text)
                told["migrations"].append(["vertrauenskonto", "0999_later"])
                text = json.dumps(told).encode()
            new.writestr(name, text)
    before = everything()
    with pytest.raises(Conflict, match=r"newer version of the program .*0999_later"):
        portable.restore(newer)
    assert everything() == before


def test_a_damaged_or_foreign_file_is_refused_and_nothing_changes(database, tmp_path):
    file = tmp_path / "b.zip"
    world = World()
    portable.backup(file, made_at=AT, version="0.1.0")
    whole = file.read_bytes()
    before = everything()
    for wrong in (b"", b"hello", whole[: len(whole) // 2]):
        file.write_bytes(wrong)
        with pytest.raises(Invalid, match="no backup of this program, or damaged"):
            portable.restore(file)
    with pytest.raises(NotFound, match="no file"):
        portable.restore(tmp_path / "none.zip")
    assert everything() == before
    world.booked(world.customer())


def test_a_backup_whose_rows_are_too_few_is_refused_and_nothing_changes(
    database, elsewhere, tmp_path
):
    lived_in()
    file, short = tmp_path / "b.zip", tmp_path / "short.zip"
    portable.backup(file, made_at=AT, version="0.1.0")
    with ZipFile(file) as old, ZipFile(short, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"" if name == "tables/entry.ndjson" else old.read(name))
    elsewhere(database)
    with pytest.raises(Invalid, match="damaged"):
        portable.restore(short)
    assert not portable.holds_facts("default")


def test_a_backup_shows_one_instant_while_others_write(database, elsewhere, tmp_path):
    world = lived_in()
    before = verify().transactions
    told: list[float] = []

    def interrupted(share):
        if not told:
            told.append(share)
            world.booked(world.customer())

    portable.backup(tmp_path / "b.zip", made_at=AT, version="0.1.0", progress=interrupted)
    assert models.Transaction.objects.count() == before + 2
    elsewhere(database)
    portable.restore(tmp_path / "b.zip")
    checked = verify()
    assert (checked.problems, checked.transactions) == ((), before)
