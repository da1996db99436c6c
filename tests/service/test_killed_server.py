"""The server is killed during bulk intakes: nothing acknowledged is missing, nothing is double."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.client import HTTPException
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, connections
from tests.conftest import ROOT
from tests.db.world import World

from vertrauenskonto.db import models
from vertrauenskonto.db.access import installation
from vertrauenskonto.db.actions import policies, tokens
from vertrauenskonto.db.queries.policies import history
from vertrauenskonto.db.queries.seal import verify
from vertrauenskonto.db.replay import replay
from vertrauenskonto.importers.policy import read_policy

CALLS, ROWS = 100, 30


@contextmanager
def serving(tmp_path):
    """Run the server on this test's database and yield its address and how to kill all of it."""
    given = settings.DATABASES["default"]
    told = {**os.environ, "VERTRAUENSKONTO_DATA": str(tmp_path), "LANGUAGE": "en"}
    told["VERTRAUENSKONTO_DATABASE"] = ""
    if connection.vendor == "postgresql":
        host = quote(str(given["HOST"]), safe="")
        told["VERTRAUENSKONTO_DATABASE"] = f"postgresql://{given['USER']}@{host}/{given['NAME']}"
    connections.close_all()
    with subprocess.Popen(
        [sys.executable, "-m", "vertrauenskonto.cli.main", "serve", "--bind", "127.0.0.1:0"],
        cwd=ROOT,
        env=told,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as server:
        try:
            assert server.stderr is not None
            address = None
            for line in server.stderr:
                found = re.search(r"http://[0-9.:]+/", line)
                if found:
                    address = found.group()
                    break
            assert address, "the server did not say where it is"
            yield address, lambda: os.killpg(server.pid, signal.SIGKILL)
        finally:
            if server.poll() is None:
                os.killpg(server.pid, signal.SIGKILL)


@pytest.mark.long
def test_a_server_killed_during_bulk_intakes_loses_nothing_and_doubles_nothing(database, tmp_path):
    world = World(today=datetime.now(UTC).date() - timedelta(days=1))
    policies.put_in_force(
        read_policy("default").versions[-1], valid_from=world.today, door=world.door
    )
    keys = [world.customer() for _ in range(ROWS)]
    models.Person.objects.create(
        key="p_alice", email="alice@example.org", role="administrator", name="Alice"
    )
    secret = tokens.issue(
        installation("test"),
        name="shop",
        email="alice@example.org",
        scopes=("write",),
        valid_days=30,
        now=datetime.now(UTC),
    )

    def post(address, call):
        """Return the call and what became of its rows, or None if nobody answered."""
        events = [
            {
                "source": "shop",
                "source_id": f"{call}-{row}",
                "kind": "promise_kept",
                "customer": keys[row],
                "value_date": str(world.today),
            }
            for row in range(ROWS)
        ]
        asked = urllib.request.Request(
            f"{address}api/v1/entries/bulk",
            data=json.dumps(events).encode(),
            headers={
                "Authorization": f"Bearer {secret}",
                "Content-Type": "application/json",
                "Idempotency-Key": f"call-{call}",
            },
        )
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                return call, [row["outcome"] for row in json.load(answer)["rows"]]
        except urllib.error.HTTPError as error:
            pytest.fail(f"{error.code}: {error.read()!r}")
        except (OSError, HTTPException):
            return call, None

    acknowledged: set[int] = set()
    for killed_after in (7, 31, 68, None):
        answered = 0
        with serving(tmp_path) as (address, kill), ThreadPoolExecutor(3) as clients:
            # Several clients at once, so that calls are under way whenever the server dies.
            for call, outcomes in clients.map(partial(post, address), range(CALLS)):
                if outcomes is None:
                    continue
                assert set(outcomes) <= {"booked", "replayed"}
                acknowledged.add(call)
                answered += 1
                if answered == killed_after:
                    kill()
        there = {
            int(source_id.split("-")[0])
            for source_id in models.Entry.objects.values_list("source_id", flat=True)
        }
        assert acknowledged <= there, "acknowledged, but not there"
        connections.close_all()
    assert acknowledged == set(range(CALLS))
    assert models.Entry.objects.count() == CALLS * ROWS
    world.seal()
    assert verify().problems == ()
    assert replay(history()).problems == ()
