"""Measuring intake through the API: `python -m bench.api [--url postgresql://…] [--clients 1,4]`.

Bulk intake is divided by plain COPY of the same rows into the same tables, with the same indexes
and triggers, in the same run. A real server (gunicorn, 4 workers) answers over loopback.
"""

import argparse
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
ROWS = 10_000
KINDS = ("promise_kept", "conversation", "complaint_resolved", "order_received")
DAY = date(2026, 1, 15)


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.api", description=__doc__)
    parser.add_argument("--calls", type=int, default=8, help="bulk calls of 10,000 rows each")
    parser.add_argument("--clients", default="1,4", help="how many clients send them at once")
    parser.add_argument("--seconds", type=int, default=60, help="how long 20 clients book singly")
    asked = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from tests import postgres  # noqa: PLC0415  found by the path above

    durable = tuple(s for s in postgres.SETTINGS if not s.startswith(("fsync", "sync", "full_p")))
    postgres.SETTINGS = (*durable, "shared_buffers=256MB", "max_wal_size=4GB")
    postgres.SETTINGS = tuple(s for s in postgres.SETTINGS if s != "shared_buffers=32MB")
    with postgres.server() as url, TemporaryDirectory(prefix="vk-bench-") as folder:
        # Settings take the folder of the socket as a percent-encoded host.
        user, directory = url.split("//")[1].split("@")[0], url.split("host=")[1]
        os.environ["VERTRAUENSKONTO_DATABASE"] = (
            f"postgresql://{user}@{quote(directory, '')}/postgres"
        )
        os.environ["VERTRAUENSKONTO_DATA"] = folder
        os.environ["VERTRAUENSKONTO_API_CALLS_PER_MINUTE"] = "10000000"
        os.environ["DJANGO_SETTINGS_MODULE"] = "vertrauenskonto.site.settings"
        secret, customers = _prepared()
        with _server(folder) as port:
            for clients in (int(n) for n in asked.clients.split(",")):
                seconds = bulk(port, secret, customers, calls=asked.calls, clients=clients)
                plain = copied(asked.calls, clients)
                rows = asked.calls * ROWS
                print(
                    f"bulk, {clients} clients: {rows / seconds:,.0f} rows/s; plain COPY "
                    f"{rows / plain:,.0f} rows/s; ratio {plain / seconds:.2f}"
                )
            times, errors = singly(port, secret, customers, clients=20, seconds=asked.seconds)
            p95 = quantiles(times, n=20)[-1] * 1000
            median = quantiles(times, n=2)[0] * 1000
            print(
                f"20 clients booking singly: {len(times) / asked.seconds:,.0f} a second, median "
                f"{median:.0f} ms, p95 {p95:.0f} ms, {errors} errors"
            )


def _prepared() -> tuple[str, list[str]]:
    import django  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    call_command("migrate", verbosity=0)
    from vertrauenskonto.db import models  # noqa: PLC0415
    from vertrauenskonto.db.access import installation  # noqa: PLC0415
    from vertrauenskonto.db.actions import customers, policies, tokens  # noqa: PLC0415
    from vertrauenskonto.db.actions.facts import Door  # noqa: PLC0415
    from vertrauenskonto.importers.policy import read_policy  # noqa: PLC0415

    now = datetime.now(UTC)
    door = Door(actor="system", channel="cli", at=now, today=now.date())
    policies.put_in_force(read_policy("default").versions[-1], door=door)
    models.Person.objects.create(key="p_b", email="b@example.org", role="administrator")
    secret = tokens.issue(
        installation("cli"),
        name="bench",
        email="b@example.org",
        scopes=("write",),
        valid_days=1,
        now=now,
    )
    return secret, customers.open_accounts(100_000, door=door)


@contextmanager
def _server(folder: str):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = (
        *(sys.executable, "-m", "gunicorn", "vertrauenskonto.site.wsgi:application"),
        *("--workers", "4", "--bind", f"127.0.0.1:{port}", "--log-level", "error"),
        *("--timeout", "120", "--keep-alive", "5"),
    )
    with (Path(folder) / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            for _ in range(300):
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield port
        finally:
            server.terminate()
            server.wait(30)


_numbers = count()


def _event(number: int, customers: list[str]) -> dict[str, str]:
    return {
        "source": "bench",
        "source_id": f"n{number:09}",
        "kind": KINDS[number % len(KINDS)],
        "customer": customers[(number * 7919) % len(customers)],
        "value_date": str(DAY),
    }


def _posted(port: int, secret: str, path: str, body: bytes) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    connection.request("POST", f"/api/v1{path}", body, headers)
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    return answer.status, said


def bulk(port: int, secret: str, customers: list[str], *, calls: int, clients: int) -> float:
    """Return the seconds that so many calls of 10,000 rows take."""
    bodies = [
        json.dumps([_event(next(_numbers), customers) for _ in range(ROWS)]).encode()
        for _ in range(calls)
    ]
    _posted(port, secret, "/entries", json.dumps(_event(next(_numbers), customers)).encode())
    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as threads:
        answers = list(threads.map(lambda b: _posted(port, secret, "/entries/bulk", b), bodies))
    seconds = time.perf_counter() - started
    for status, said in answers:
        assert status == 200, said[:300]
        assert json.loads(said)["counts"] == {"booked": ROWS}
    return seconds


def copied(calls: int, clients: int) -> float:
    """Return the seconds that plain COPY of as many rows takes, each call a transaction."""
    import psycopg  # noqa: PLC0415

    url = os.environ["VERTRAUENSKONTO_DATABASE"]
    with psycopg.connect(url) as connection:
        columns = [
            name
            for (name,) in connection.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = 'entry' "
                "ORDER BY ordinal_position"
            )
        ]
        listed = ", ".join(f'"{name}"' for name in columns)
        rows = connection.execute(
            f"SELECT {listed} FROM entry ORDER BY id DESC LIMIT {calls * ROWS}"
        ).fetchall()
        base = connection.execute("SELECT max(id) FROM entry").fetchone()[0]
    at, own = columns.index("id"), columns.index("source_id")
    new = []
    for number, row in enumerate(rows, start=1):
        values = list(row)
        values[at], values[own] = base + number, f"copy{base}-{number}"
        new.append(values)
    parts = [new[i : i + ROWS] for i in range(0, len(new), ROWS)]

    def copy(part):
        statement = f"COPY entry ({listed}) FROM STDIN"
        with psycopg.connect(url) as connection, connection.cursor().copy(statement) as target:
            for row in part:
                target.write_row(row)

    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as threads:
        list(threads.map(copy, parts))
    seconds = time.perf_counter() - started
    with psycopg.connect(url) as connection:
        connection.execute(
            "SELECT setval(pg_get_serial_sequence('entry', 'id'), max(id)) FROM entry"
        )
    return seconds


def singly(
    port: int, secret: str, customers: list[str], *, clients: int, seconds: int
) -> tuple[list[float], int]:
    """Return how long each single booking took, and how many failed."""
    until = time.perf_counter() + seconds

    def book(_: int) -> tuple[list[float], int]:
        times, errors = [], 0
        while time.perf_counter() < until:
            body = json.dumps(_event(next(_numbers), customers)).encode()
            started = time.perf_counter()
            status, _said = _posted(port, secret, "/entries", body)
            times.append(time.perf_counter() - started)
            errors += status != 201
        return times, errors

    with ThreadPoolExecutor(clients) as threads:
        found = list(threads.map(book, range(clients)))
    return [t for times, _ in found for t in times], sum(errors for _, errors in found)


if __name__ == "__main__":
    main()
