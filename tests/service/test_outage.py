"""A PostgreSQL server that goes away while the service runs, and comes back: nothing is lost."""

import shutil
import time

import psycopg
import pytest
from tests import postgres
from tests.service.servers import service


@pytest.fixture
def stoppable():
    """Return a server's URL and functions that stop and start it."""
    folder = next(postgres._binaries(), None)
    if folder is None:
        pytest.skip("NO POSTGRESQL binaries to stop and start")
    try:
        directory, user = postgres._prepared()
    except postgres.Unavailable as reason:
        pytest.skip(f"NO POSTGRESQL: {reason}")
    postgres._start(folder, directory, user)
    pg_ctl = (folder / "pg_ctl", "-D", directory / "data", "-w")

    def stop():
        user.run(*pg_ctl, "-m", "immediate", "stop", cwd=directory)

    def start():
        user.run(*pg_ctl, "-l", directory / "log", "-t", "30", "start", cwd=directory)

    # The socket's folder as a host, in the form a URL can hold.
    url = f"postgresql://{user.name}@{str(directory).replace('/', '%2F')}/ledger"
    admin = f"postgresql://{user.name}@/postgres?host={directory}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("CREATE DATABASE ledger")
    yield url, stop, start
    postgres._stop(folder, directory, user)
    shutil.rmtree(directory, ignore_errors=True)


@pytest.mark.long
@pytest.mark.postgres
def test_the_service_says_503_while_its_database_is_away_and_goes_on_when_it_is_back(
    tmp_path, stoppable
):
    url, stop, start = stoppable
    with service(tmp_path, VERTRAUENSKONTO_DATABASE=url) as running:
        secret = "/feeds/" + "x" * 43 + ".ics"
        assert running.get(secret)[0] == 404
        stop()
        api = running.get("/api/v1/customers", Authorization="Bearer vk_00000000_" + "x" * 43)
        assert api[0] in (401, 503)
        status, body = running.get(secret)
        assert status == 503
        assert "problem:unavailable" in body
        assert running.get("/health/ready")[0] == 503
        assert running.get("/health/live")[0] == 200
        assert "vertrauenskonto_database_up 0.0" in running.get("/metrics")[1]
        time.sleep(5)  # long enough for the worker to notice
        start()
        assert running.get(secret)[0] == 404
        limit = time.monotonic() + 60
        while running.get("/health/ready")[0] != 200:
            assert time.monotonic() < limit, running.said()
            time.sleep(0.5)
        assert "database.away" in running.said()
        assert running.process.poll() is None
