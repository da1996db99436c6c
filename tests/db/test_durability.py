"""Whatever dies, nothing acknowledged is lost, nothing is there twice, and the seal holds."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection, connections, transaction
from tests import postgres
from tests.conftest import ROOT
from tests.db.conftest import _postgres, use
from tests.db.world import World

from vertrauenskonto.db import models
from vertrauenskonto.db.queries.seal import verify
from vertrauenskonto.db.replay import replay

CALLS, ROWS = 100, 40


def environment(tmp_path):
    """Return what tells a program of its own to use this test's database."""
    given = settings.DATABASES["default"]
    told = {**os.environ, "VERTRAUENSKONTO_DATA": str(tmp_path), "VERTRAUENSKONTO_DATABASE": ""}
    if connection.vendor == "postgresql":
        host = quote(str(given["HOST"]), safe="")
        told["VERTRAUENSKONTO_DATABASE"] = f"postgresql://{given['USER']}@{host}/{given['NAME']}"
    return told


@pytest.mark.long
def test_a_program_killed_while_it_books_loses_nothing_acknowledged(database, tmp_path):
    world = World()
    ada = world.customer()
    connections.close_all()
    command = [sys.executable, "-m", "tests.db.booker", ada, str(CALLS), str(ROWS)]
    acknowledged = set()
    for killed_after in (3, 17, 40, None):
        with subprocess.Popen(
            command, cwd=ROOT, env=environment(tmp_path), stdout=subprocess.PIPE, text=True
        ) as booker:
            assert booker.stdout is not None
            for count, line in enumerate(booker.stdout, 1):
                acknowledged.add(int(line.split()[0]))
                if count == killed_after:
                    booker.kill()
                    break
            # What it wrote before it died was acknowledged too.
            acknowledged |= {int(line.split()[0]) for line in booker.stdout if line.endswith("\n")}
        there = {
            int(source_id.split("-")[0])
            for source_id in models.Entry.objects.values_list("source_id", flat=True)
        }
        assert acknowledged <= there, "acknowledged, but not there"
        for call in there:
            assert models.Entry.objects.filter(source_id__startswith=f"{call}-").count() == ROWS
        connections.close_all()
    assert models.Entry.objects.count() == CALLS * ROWS
    world.seal()
    checked = verify()
    assert (checked.problems, checked.unsealed) == ((), 0)
    assert replay(world.policies).problems == ()


def test_a_connection_lost_in_mid_transaction_leaves_nothing_and_booking_goes_on(database):
    if database == "sqlite":
        pytest.skip("SQLite has no connection that could be lost")
    world = World()
    ada = world.customer()
    draft = world.draft(ada)
    before = models.Entry.objects.count()
    given = settings.DATABASES["default"]
    with (
        psycopg.connect(
            host=str(given["HOST"]), user=str(given["USER"]), dbname="postgres", autocommit=True
        ) as admin,
        pytest.raises(OperationalError),
        transaction.atomic(),
    ):
        world.book(draft)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            [pid] = cursor.fetchone()
        admin.execute("SELECT pg_terminate_backend(%s)", [pid])
        models.Entry.objects.count()
    connections.close_all()
    assert models.Entry.objects.count() == before
    assert [(outcome.status, outcome.code) for outcome in world.book(draft)] == [("booked", "")]
    world.seal()
    assert verify().problems == ()


@contextmanager
def full_disk():
    """Let a database have no more pages than it has."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        [pages] = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        yield
        cursor.execute("PRAGMA max_page_count = 1073741823")


def test_a_full_disk_refuses_whole_bookings_and_afterwards_they_go_in(database):
    if database == "postgresql":
        pytest.skip("needs a file system of its own, which only root of the machine can make")
    world = World()
    ada = world.customer()
    world.booked(ada)
    drafts = [world.draft(ada, note="x" * 500) for _ in range(200)]
    before = models.Entry.objects.count(), models.Transaction.objects.count()
    balance = models.Balance.objects.values_list().get()
    with full_disk(), pytest.raises(OperationalError, match="full"):
        world.book(*drafts, key="k")
    assert (models.Entry.objects.count(), models.Transaction.objects.count()) == before
    assert models.Balance.objects.values_list().get() == balance
    assert models.Note.objects.count() == 0
    assert {outcome.status for outcome in world.book(*drafts, key="k")} == {"booked"}
    world.seal()
    assert verify().problems == ()


def test_sealing_by_several_at_once_gives_each_transaction_one_place(database):
    world = World()
    ada = world.customer()
    for _ in range(30):
        world.booked(ada)

    def seal(_):
        try:
            return world.seal()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        heads = set(pool.map(seal, range(4)))
    assert {head.size for head in heads} == {31}
    assert models.Leaf.objects.count() == 31
    assert verify().problems == ()


@pytest.mark.long
def test_a_database_that_was_away_is_named_and_work_goes_on_when_it_is_back(tmp_path):
    if os.environ.get(postgres.VARIABLE):
        pytest.skip("the server given is not ours to stop")
    folder = next(postgres._binaries(), None)
    if folder is None:
        pytest.skip("NO POSTGRESQL on this machine")
    directory, user = postgres._prepared()
    postgres._start(folder, directory, user)
    control = (folder / "pg_ctl", "-D", directory / "data", "-w")
    try:
        use(_postgres(f"postgresql://{user.name}@/postgres?host={directory}", "postgres"))
        env = environment(tmp_path)

        def program(*words):
            return subprocess.run(
                [sys.executable, "-m", "vertrauenskonto.cli.main", *words],
                env=env,
                capture_output=True,
                text=True,
                check=False,
            )

        assert program("verify", "--language", "en").returncode == 0
        world = World()
        ada = world.customer()
        world.booked(ada)
        user.run(*control, "-m", "fast", "stop", cwd=directory)
        away = program("verify", "--language", "en")
        assert away.returncode == 3
        assert "The database cannot be reached" in away.stderr
        assert "Traceback" not in away.stderr
        draft = world.draft(ada)
        with pytest.raises(OperationalError):
            world.book(draft)
        user.run(*control, "-l", directory / "log", "start", cwd=directory)
        # As the server does before each request.
        connections.close_all()
        assert [(outcome.status, outcome.code) for outcome in world.book(draft)] == [("booked", "")]
        back = program("verify", "--language", "en")
        assert (back.returncode, "Everything agrees." in back.stderr) == (0, True), back.stderr
    finally:
        connections.close_all()
        postgres._stop(folder, directory, user)
