"""A later version of the program keeps old data, old seals and the protection of facts."""

# ruff: noqa: F811 - a fixture is named where it is used

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from tests.db.test_portable import elsewhere, lived_in  # noqa: F401

from vertrauenskonto.core.errors import Conflict
from vertrauenskonto.db import models, portable
from vertrauenskonto.db.append_only import protect, protected_tables
from vertrauenskonto.db.queries.installation import unprotected_tables
from vertrauenskonto.db.queries.seal import verify

AT = datetime(2026, 3, 18, 12, tzinfo=UTC)


@pytest.fixture
def later():
    """Return a function that makes this the program of a later version."""
    before = getattr(settings, "MIGRATION_MODULES", {})

    def change():
        settings.MIGRATION_MODULES = {"vertrauenskonto": "tests.db.later"}

    yield change
    settings.MIGRATION_MODULES = before


def column(table, name):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM {table}")
        return {value for (value,) in cursor.fetchall()}


def test_old_data_and_old_seals_survive_a_later_version(database, later):
    lived_in()
    head = verify().head
    later()
    call_command("migrate", verbosity=0)
    protect()
    assert column("membership", "weight") == {1}
    checked = verify(head)
    assert (checked.problems, checked.head) == ((), head)
    assert unprotected_tables() == ()


def test_a_backup_of_an_older_version_is_restored_by_a_later_one(
    database,
    later,
    elsewhere,
    tmp_path,
):
    lived_in()
    head = verify().head
    file = tmp_path / "b.zip"
    portable.backup(file, made_at=AT, version="0.1.0")
    elsewhere(database)
    later()
    contents = portable.restore(file)
    assert column("membership", "weight") == {1}
    assert verify(contents.head).head == head
    assert verify(contents.head).problems == ()
    assert unprotected_tables() == ()


def test_a_backup_of_a_later_version_is_refused_by_an_older_one(
    database,
    later,
    elsewhere,
    tmp_path,
):
    later()
    call_command("migrate", verbosity=0)
    file = tmp_path / "b.zip"
    portable.backup(file, made_at=AT, version="0.2.0")
    settings.MIGRATION_MODULES = {}
    elsewhere(database)
    with pytest.raises(Conflict, match=r"newer version of the program .*0005_later"):
        portable.restore(file)


def test_protection_that_was_lost_is_put_back(database):
    lived_in()
    with connection.cursor() as cursor:
        if database == "postgresql":
            cursor.execute("DROP FUNCTION vertrauenskonto_refuse() CASCADE")
        else:
            for table in protected_tables():
                cursor.execute(f"DROP TRIGGER {table}_no_update")
                cursor.execute(f"DROP TRIGGER {table}_no_delete")
    assert protect() == protected_tables()
    assert protect() == ()
    assert unprotected_tables() == ()
    with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
        models.Entry.objects.update(able=0)
