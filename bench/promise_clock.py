# ruff: noqa: PLC0415 - what needs Django's settings is imported after they are set
"""Measuring the clock: `python -m bench.promise_clock [URL] [--open 1000000] [--due 1000]`.

A million open promises to 50,000 customers, a thousand of which are due now (a third each to be
warned of, overdue, lapsed): seconds of one run, which warns, says what is overdue and books what was
broken. The URL is that of a PostgreSQL server; without one, the program's own tests' server is
started.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CUSTOMERS = 50_000
NAME = "bench_promise_clock"
_PART = 20_000


def main() -> None:
    """Print what the run found, and how long it took."""
    parser = argparse.ArgumentParser(prog="python -m bench.promise_clock", description=__doc__)
    parser.add_argument("url", nargs="?", help="of a PostgreSQL server; none: one is started")
    parser.add_argument("--open", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=1_000)
    asked = parser.parse_args()
    with _server(asked.url) as url, _database(url):
        seconds, found, booked = _measured(asked.open, asked.due)
    print(
        f"clock run with {asked.open:,} open promises, {found:,} due now, {booked:,} booked: "
        f"{seconds:.2f} s"
    )


@contextmanager
def _server(url: str | None) -> Iterator[str]:
    if url is not None:
        yield url
        return
    sys.path.insert(0, str(ROOT))
    from tests import postgres

    plain = tuple(s for s in postgres.SETTINGS if not s.startswith("shared_b"))
    own: Any = postgres
    own.SETTINGS = (*plain, "shared_buffers=256MB", "max_wal_size=4GB")
    with postgres.server() as started:
        yield started


@contextmanager
def _database(url: str) -> Iterator[None]:
    """Yield while Django is pointed at a fresh database of the server."""
    import psycopg
    from django.core.management import call_command
    from django.db import connections

    from bench import ledger_world

    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)".encode())
        admin.execute(f"CREATE DATABASE {NAME}".encode())
        ledger_world.use(ledger_world.postgres(url, NAME))
        call_command("migrate", verbosity=0)
        yield
        connections.close_all()
        admin.execute(f"DROP DATABASE {NAME} WITH (FORCE)".encode())


def _measured(count: int, due: int) -> tuple[float, int, int]:
    """Return the seconds of one run, how many promises were due, and how many entries it booked."""
    from django.db import connection

    from vertrauenskonto.db import models
    from vertrauenskonto.db.actions import customers, policies, promise_clock
    from vertrauenskonto.db.actions.facts import Door, insert_values
    from vertrauenskonto.db.queries.policies import history
    from vertrauenskonto.importers.policy import read_policy

    now = datetime.now(UTC)
    door = Door(actor="system", channel="cli", at=now, today=now.date())
    version = read_policy("default").versions[-1]
    policies.put_in_force(version, valid_from=now.date() - timedelta(days=400), door=door)
    customers.open_accounts(CUSTOMERS, door=door)
    numbers = list(models.Customer.objects.order_by("pk").values_list("pk", flat=True))
    columns = models.Promise._meta.concrete_fields  # noqa: SLF001  Django's own way
    fields = [f for f in columns if not f.primary_key]
    plain = models.Promise(
        sort="promise", wording="Zusage", said_in="call", zone="Europe/Berlin", source="bench"
    )
    usual = {f.attname: f.get_db_prep_save(getattr(plain, f.attname), connection) for f in fields}
    for start in range(0, count, _PART):
        part = range(start, min(start + _PART, count))
        rows = [list((usual | _promise(n, numbers, now, due)).values()) for n in part]
        insert_values(models.Promise, [f.column or "" for f in fields], rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    rules = history()
    began = time.perf_counter()
    found = promise_clock.run(now=now, door=door, policies=rules)
    seconds = time.perf_counter() - began
    return seconds, found, models.Entry.objects.filter(source="promises").count()


def _promise(n: int, numbers: list[int], now: datetime, due: int) -> dict[str, Any]:
    """Return what differs from promise to promise; the first ones are those that are due."""
    is_due = n < due
    days = (1, -1, -40)[n % 3] if is_due else 2 + n % 360
    due_at = now + timedelta(days=days, seconds=n % 3600)
    is_over = is_due and days < -1
    return {
        "key": f"p_{n:032x}",
        "customer_id": numbers[n * 7919 % len(numbers)],
        "capability": f"Fähigkeit {n % 20}",
        "made_at": now - timedelta(days=60),
        "due_at": due_at,
        "state": "overdue" if is_over else "open",
        "next_at": now - timedelta(minutes=n % 60) if is_due else due_at - timedelta(hours=6),
        "source_id": str(n),
    }


if __name__ == "__main__":
    main()
