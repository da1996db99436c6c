"""`serve`: starts with nothing configured, keeps its worker alive, stops gracefully, says why not."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import threading
import time

import pytest
from django.conf import settings
from tests.service.servers import command, service, unconfigured


def until(condition, seconds=20):
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")


@pytest.mark.long
def test_it_serves_in_a_fresh_folder_with_nothing_configured(tmp_path):
    with service(tmp_path) as running:
        assert (tmp_path / "vertrauenskonto-data" / "ledger.sqlite3").exists()
        assert (tmp_path / "vertrauenskonto-data" / "secret-key").stat().st_mode & 0o777 == 0o600
        assert running.get("/health/live") == (200, "ok\n")
        ready = json.loads(running.get("/health/ready")[1])
        assert ready == {"ready": True, "database": True, "migrations": True, "worker": True}
        assert f"  {running.url}/" in running.said()
        assert "This link works once" in running.said()
        status, metrics = running.get("/metrics")
        assert status == 200
        assert "vertrauenskonto_database_up 1.0" in metrics
        assert 'route="health/live",status="200"' in metrics
        # Counts are kept over all processes: many requests, whoever answered them.
        for _ in range(20):
            running.get("/health/live")
        counted = running.get("/metrics")[1]
        line = (
            'vertrauenskonto_request_seconds_count{method="GET",route="health/live",status="200"}'
        )
        assert f"{line} 21.0" in counted
        assert running.get("/metrics", **{"X-Forwarded-For": "8.8.8.8"})[0] == 404
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(40) == 0
        assert "worker.stopped" in running.said()


@pytest.mark.long
def test_a_killed_worker_is_started_again_and_kill_9_of_the_server_leaves_nothing(tmp_path):
    with service(tmp_path, "--workers", "1") as running:
        with_children = [c for c in running.children() if running.children(c)]
        [minder] = with_children
        [worker] = running.children(minder)
        os.kill(worker, signal.SIGKILL)
        [heir] = until(lambda: [c for c in running.children(minder) if c != worker])
        everybody = [running.process.pid, minder, heir, *running.children()]
        running.process.kill()
        running.process.wait()
        until(lambda: not any(_is_alive(number) for number in everybody), seconds=60)


@pytest.mark.long
def test_after_kill_9_of_the_server_its_port_is_free_at_once(tmp_path):
    with service(tmp_path) as running:
        port = int(running.url.rsplit(":", 1)[1])
        running.process.kill()
        running.process.wait()

        def is_free():
            try:
                socket.create_server(("127.0.0.1", port)).close()
            except OSError:
                return False
            return True

        until(is_free, seconds=3)


def _is_alive(number):
    try:
        with open(f"/proc/{number}/stat", encoding="ascii") as file:  # noqa: PTH123
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.long
def test_a_request_under_way_is_finished_before_the_end(tmp_path):
    with service(tmp_path, "--workers", "1") as running:
        port = int(running.url.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n")
            time.sleep(0.5)  # the server has begun to read it
            running.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            client.sendall(b"\r\n")
            assert client.recv(1000).startswith(b"HTTP/1.1 200")
        assert running.process.wait(40) == 0


def refused(tmp_path, *words, **environment):
    done = subprocess.run(
        command("serve", "--language", "en", *words),
        cwd=tmp_path,
        env={**unconfigured(), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.long
def test_it_says_why_it_does_not_start(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, said = refused(tmp_path, "--bind", f"127.0.0.1:{taken.getsockname()[1]}")
    assert code == 2
    assert "Choose another port with --bind" in said
    code, said = refused(
        tmp_path, VERTRAUENSKONTO_DATABASE="postgresql://nobody@127.0.0.1:1/ledger"
    )
    assert code == 3
    assert "The database cannot be reached" in said
    (tmp_path / "file").touch()
    code, said = refused(tmp_path, VERTRAUENSKONTO_DATA=str(tmp_path / "file" / "data"))
    assert code == 3
    assert "No access to" in said
    with sqlite3.connect(tmp_path / "vertrauenskonto-data" / "ledger.sqlite3") as database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) "
            "VALUES ('vertrauenskonto', '9999_later', '2099-01-01')"
        )
    database.close()
    code, said = refused(tmp_path)
    assert code == 2
    assert "newer version of the program" in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--bind", "nowhere"], "'nowhere' is not an address"),
        (["--bind", "127.0.0.1:99999"], "is not an address"),
        (["--workers", "0"], "1 to 64"),
    ],
)
def test_a_request_that_does_not_fit_is_refused_before_anything_is_opened(run, words, told):
    done = run("serve", *words)
    assert done.code == 2
    assert told in done.err


def test_a_port_that_is_taken_is_told_before_any_link_is_made(database, tmp_path, monkeypatch, run):
    monkeypatch.setattr(settings, "DATA", tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("serve", "--bind", f"127.0.0.1:{taken.getsockname()[1]}")
    assert done.code == 2
    assert "is something running there already?" in done.err
    assert "works once" not in done.err
    assert run("serve", "--bind", "[::2]:8000").code == 2


@pytest.mark.long
def test_requests_from_many_at_once_are_all_answered(tmp_path):
    with service(tmp_path, "--workers", "2") as running:
        answers: list[int] = []

        def ask():
            answers.extend(running.get("/health/ready")[0] for _ in range(10))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [200] * 80
