# ruff: noqa: PLC0415 - what needs Django's settings is imported after they are set
"""Measuring the ledger in a database: intake in bulk, booking singly, and a new day."""

import io
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from subprocess import PIPE, Popen
from typing import Any

from django.db import connection, connections, transaction

from bench import ledger_world as world
from vertrauenskonto.core.ledger.policy import PolicyHistory

CUSTOMERS = 20_000
PER_CALL = 10_000
# In the order in which rows may name each other.
TABLES = ("booking_transaction", "entry", "balance")
CLIENTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Seconds for the same rows: through the action, and plainly into the same tables."""

    rows: int
    action: float
    plain: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Singles:
    """What 20 clients saw who booked one entry at a time, in milliseconds."""

    bookings: int
    p50: float
    p95: float
    errors: int
    doubles: int


def intake(url: str | None, folder: Path, policies: PolicyHistory, *, calls: int = 5) -> Intake:
    """Book calls of 10,000 drafts; then put the same rows into an equal database plainly.

    `url` of a PostgreSQL server, None for SQLite. Plainly: COPY, or executemany.
    """
    from vertrauenskonto.db.actions import ledger

    with world.two_alike(url, folder, customers=CUSTOMERS) as (pair, keys):
        world.use(pair[0])
        batches = world.drafts(keys, calls=calls, per_call=PER_CALL)
        connection.ensure_connection()
        started = time.perf_counter()
        for batch in batches:
            receipt = ledger.book(batch, door=world.door(), policies=policies)
            assert {outcome.status for outcome in receipt.outcomes} == {"booked"}
        action = time.perf_counter() - started
        rows = {table: _rows(table) for table in TABLES}
        world.use(pair[1])
        connection.ensure_connection()
        started = time.perf_counter()
        with transaction.atomic():
            for table in TABLES:
                _put(table, rows[table])
        plain = time.perf_counter() - started
    return Intake(rows=calls * PER_CALL, action=action, plain=plain)


def _rows(table: str) -> Any:
    """Return the rows of a table that the base did not have, as they are put in again."""
    own = " WHERE id > 1" if table == "booking_transaction" else ""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            data = io.BytesIO()
            with cursor.copy(f"COPY (SELECT * FROM {table}{own}) TO STDOUT") as copy:
                for block in copy:
                    data.write(block)
            return data.getvalue()
        cursor.execute(f"SELECT * FROM {table}{own}")
        return cursor.fetchall()


def _put(table: str, rows: Any) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(rows)
            return
        marks = ", ".join(["%s"] * len(rows[0]))
        cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def singles(url: str, folder: Path, *, seconds: float = 60.0) -> Singles:
    """Have 20 processes book one entry at a time, each as fast as it is answered."""
    from vertrauenskonto.db import models

    with world.two_alike(url, folder, customers=CUSTOMERS) as (pair, keys):
        (folder / "keys").write_text("\n".join(keys), encoding="utf-8")
        program = "from bench.ledger import client; client()"
        arguments = [url, str(pair[0]["NAME"]), str(folder / "keys"), str(seconds)]
        processes = [
            Popen([sys.executable, "-c", program, *arguments, str(n)], stdout=PIPE, text=True)
            for n in range(CLIENTS)
        ]
        with ThreadPoolExecutor(CLIENTS) as pool:
            told = list(pool.map(lambda process: process.communicate()[0], processes))
        errors = sum(process.returncode != 0 for process in processes)
        world.use(pair[0])
        stored = models.Entry.objects.count()
        connections.close_all()
    taken = sorted(float(line) for text in told for line in text.splitlines())
    return Singles(
        bookings=len(taken),
        p50=quantiles(taken, n=100)[49],
        p95=quantiles(taken, n=100)[94],
        errors=errors,
        doubles=stored - len(taken),
    )


def client() -> None:
    """Book one entry after the other, and print the milliseconds that each took; run by `singles`."""
    url, name, keys, seconds, number = sys.argv[1:]
    for milliseconds in _book(url, name, Path(keys).read_text().split(), float(seconds), number):
        print(f"{milliseconds:.3f}")


def _book(url: str, name: str, keys: list[str], seconds: float, number: str) -> Iterator[float]:
    from dataclasses import replace

    from vertrauenskonto.db.actions import ledger
    from vertrauenskonto.importers.policy import read_policy

    policies = read_policy("default")
    world.use(world.postgres(url, name))
    connection.ensure_connection()
    [batch] = world.drafts(keys, calls=1, per_call=PER_CALL)
    # Processes start one after the other; the first seconds would measure that.
    time.sleep(5)
    end = time.perf_counter() + seconds
    count = 0
    while (started := time.perf_counter()) < end:
        draft = batch[(count * 37 + int(number) * 499) % len(batch)]
        draft = replace(draft, source_id=f"{number}-{count}")
        receipt = ledger.book([draft], door=world.door(), policies=policies)
        assert receipt.outcomes[0].status == "booked"
        count += 1
        yield (time.perf_counter() - started) * 1000


def new_day(
    url: str, policies: PolicyHistory, *, accounts: int = 1_000_000, entries: int = 20_000_000
) -> float:
    """Return the seconds that bringing all accounts up to a new day takes on a server."""
    from vertrauenskonto.db.actions.balances import bring_up

    with world.large(url, accounts=accounts, entries=entries):
        started = time.perf_counter()
        count = bring_up(world.TODAY, policies)
        seconds = time.perf_counter() - started
        assert count == accounts
        assert bring_up(world.TODAY, policies) == 0
    return seconds


def main() -> None:
    """Measure with the sizes promised: `python -m bench.ledger URL [new-day]`, minutes."""
    from tempfile import TemporaryDirectory

    from vertrauenskonto.importers.policy import read_policy

    url, *only = sys.argv[1:]
    policies = read_policy("default")
    if only == ["new-day"]:
        print(f"{new_day(url, policies):.0f} s")
        return
    with TemporaryDirectory(prefix="vertrauenskonto-bench-") as name:
        folder = Path(name)
        for server in (url, None):
            found = intake(server, folder, policies)
            ratio = found.plain / found.action
            print(f"{'SQLite' if server is None else 'PostgreSQL'}: {found}, {ratio:.2f}")
        print(singles(url, folder))
    print(f"a new day: {new_day(url, policies):.0f} s")


if __name__ == "__main__":
    main()
