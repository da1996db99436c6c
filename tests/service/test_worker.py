"""The worker: seals, keeps the day once, does what is due, survives what fails."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connections
from tests.db.world import World

from vertrauenskonto.cli import worker as module
from vertrauenskonto.cli.jobs import DAILY, JOBS
from vertrauenskonto.cli.worker import Worker, failure
from vertrauenskonto.core.errors import Text, TrustError
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import jobs
from vertrauenskonto.db.queries.installation import sealed

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, now=NOON):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def done():
    """Return a list of (name, day) that the registry of `worker` writes into."""
    return []


def working(clock, done, **given):
    def told(name):
        return lambda _arguments, moment: done.append((name, moment.today.isoformat()))

    return Worker(clock, registry={name: told(name) for name in JOBS} | given)


def test_each_day_is_worked_once_however_many_workers_there_are(database, done):
    clock = Clock()
    for _ in range(2):
        working(clock, done).once()
    assert sorted(done) == sorted((name, "2026-03-18") for name in DAILY)
    clock.now += timedelta(days=1)
    working(clock, done).once()
    assert len(done) == 2 * len(DAILY)


def test_what_waits_to_be_sent_or_learned_is_looked_at_on_every_day():
    assert {"send_messages", "learn_outlook"} < set(DAILY)


def test_a_worker_that_goes_on_past_midnight_begins_the_new_day_by_the_accounts_time(
    database, done
):
    clock = Clock(datetime(2026, 3, 18, 22, 59, tzinfo=UTC))
    worker = working(clock, done)
    worker.once()
    clock.now += timedelta(minutes=1)
    assert worker.once() == len(DAILY)
    assert {day for _, day in done} == {"2026-03-18", "2026-03-19"}


def test_a_clock_set_back_neither_doubles_nor_stops_the_daily_work(database, done, caplog):
    World(today=NOON.date()).customer()
    clock = Clock()
    worker = working(clock, done)
    worker.once()
    with caplog.at_level(logging.WARNING):
        clock.now -= timedelta(days=2)
        assert worker.once() == len(DAILY)
    assert "clock.set_back" in caplog.messages
    clock.now += timedelta(days=2)
    assert worker.once() == 0
    clock.now += timedelta(days=1)
    assert worker.once() == len(DAILY)
    assert len(done) == len(set(done)) == 3 * len(DAILY)


def test_what_was_written_is_sealed(database, done):
    world = World(today=NOON.date())
    world.customer()
    assert sealed().unsealed == 1
    working(Clock(), done).once()
    assert (sealed().unsealed, sealed().size) == (0, 1)


def test_a_job_that_fails_is_tried_again_later_and_stops_nothing_else(database, done, caplog):
    calls = []

    def fails(*_):
        calls.append(1)
        if len(calls) == 1:
            raise TrustError(Text("Frau Holm", "Frau Holm"))

    clock = Clock()
    worker = working(clock, done, retain=fails)
    with caplog.at_level(logging.INFO):
        assert worker.once() == len(DAILY)
    row = models.Job.objects.get(name="retain")
    assert (row.state, row.attempts) == ("waiting", 1)
    assert row.error.startswith("TrustError at fails:")
    assert "Holm" not in caplog.text.split("Traceback")[0]
    clock.now += jobs.DELAYS[0]
    assert worker.once() == 1
    assert models.Job.objects.get(name="retain").state == "done"


def test_a_job_that_kills_every_worker_is_given_up_at_last(database, done):
    clock = Clock()
    jobs.enqueue("expire", key="deadly", due_at=NOON)
    models.Job.objects.update(attempts=len(jobs.DELAYS) + 1)
    working(clock, done).once()
    assert models.Job.objects.get(key="deadly").state == "given_up"


def test_a_job_of_a_name_nobody_knows_is_a_failure_and_not_the_end(database, done):
    jobs.enqueue("gone", due_at=NOON)
    assert working(Clock(), done).once() == len(DAILY) + 1
    assert models.Job.objects.get(name="gone").error.startswith("KeyError")


def test_a_long_job_keeps_its_lease(database, done, monkeypatch):
    monkeypatch.setattr(module, "LEASE", timedelta(seconds=0.2))
    clock = Clock()
    seen = []

    def long(*_):
        clock.now += timedelta(minutes=1)
        time.sleep(0.5)
        seen.append(models.Job.objects.get(name="retain").leased_until_at)

    working(clock, done, retain=long).once()
    assert seen == [NOON + timedelta(minutes=1) + jobs.LEASE]
    assert models.Job.objects.get(name="retain").state == "done"


def test_a_worker_asked_to_stop_ends_and_takes_its_heartbeat_with_it(database, done):
    worker = working(Clock(), done)

    def run():
        try:
            worker.run()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    for _ in range(100):
        if len(done) == len(DAILY):
            break
        time.sleep(0.05)
    assert models.Worker.objects.count() == 1
    worker.stop()
    thread.join(10)
    assert not thread.is_alive()
    assert models.Worker.objects.count() == 0


def test_a_worker_whose_parent_is_gone_ends(database, done):
    working(Clock(), done).run(is_orphan=lambda: True)
    assert done == []


def test_a_database_that_is_away_is_waited_for(database, done, monkeypatch, caplog):
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0.01)
    worker = working(Clock(), done)
    real, calls = worker.once, []

    def once():
        calls.append(1)
        if len(calls) == 1:
            raise OperationalError("server at 10.0.0.1 is away")
        if len(calls) == 2:
            raise RuntimeError("something else")
        tried = real()
        worker.stop()
        return tried

    monkeypatch.setattr(worker, "once", once)
    with caplog.at_level(logging.WARNING):
        worker.run()
    assert len(done) == len(DAILY)
    assert caplog.messages == ["database.away", "worker.failed"]


def test_a_failure_is_told_by_class_and_place_only():
    try:
        raise ValueError("anna@example.com")
    except ValueError as error:
        told = failure(error)
    assert told.startswith("ValueError at test_a_failure_is_told_by_class_and_place_only:")
    assert failure(ValueError("x")) == "ValueError"


def test_the_daily_jobs_run_on_an_empty_installation(database):
    assert Worker(Clock()).once() == len(DAILY)
    left = models.Job.objects.exclude(state="done")
    # These look again, all day long.
    assert {job.name for job in left} <= {
        *("digest", "notify", "promise_clock", "read_sources", "send_messages", "weekly_reasons")
    }
    assert {(job.state, job.error) for job in left} <= {("waiting", "")}


def test_a_killed_workers_job_is_done_by_the_next_after_the_lease(tmp_path):
    """Kill -9, in processes of their own, on a database file."""
    environment = {**os.environ, "VERTRAUENSKONTO_DATA": str(tmp_path / "data")}
    script = tmp_path / "worker.py"
    script.write_text(_SCRIPT)
    started = tmp_path / "started"
    first = subprocess.Popen([sys.executable, script, "sleep", started], env=environment)
    try:
        for _ in range(300):
            if started.exists():
                break
            time.sleep(0.1)
        assert started.exists()
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    at_once = _report(script, "now", started, environment)
    assert at_once == {"tried": 0, "state": "waiting", "attempts": 1}
    after = _report(script, "later", started, environment)
    assert after == {"tried": 1, "state": "done", "attempts": 2}


def _report(script: Path, when: str, started: Path, environment: dict[str, str]):
    told = subprocess.run(
        [sys.executable, script, when, started], env=environment, capture_output=True, check=True
    )
    return json.loads(told.stdout.splitlines()[-1])


_SCRIPT = """
import json, sys, time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from vertrauenskonto.cli.database import database

when, started = sys.argv[1:]
with database():
    from vertrauenskonto.cli import worker
    from vertrauenskonto.cli.worker import Worker
    from vertrauenskonto.db import models
    from vertrauenskonto.db.actions import jobs

    worker.DAILY = ()
    now = datetime(2026, 3, 18, 12, tzinfo=UTC)

    def job(arguments, moment):
        Path(started).touch()
        if when == "sleep":
            time.sleep(60)

    jobs.enqueue("job", key="job", due_at=now)
    at = now + (jobs.LEASE if when == "later" else timedelta(0))
    tried = Worker(lambda: at, registry={"job": job}).once()
    row = models.Job.objects.get()
    print(json.dumps({"tried": tried, "state": row.state, "attempts": row.attempts}))
"""
