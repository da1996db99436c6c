"""Measuring `verify` of a large ledger on PostgreSQL: `python -m bench.verify URL [entries]`.

The ledger is made by the server in a database of its own, which is dropped afterwards: transactions
of 1,000 entries on customers with ten entries each, every hundredth entry reversed.
"""

# ruff: noqa: PLC0415 - Django is loaded once the settings are known

import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

import psycopg

PER_TRANSACTION = 1_000
ENTRIES = 10_000_000
DATABASE = "bench_verify"

_FILL = """
SET session_replication_role = replica;
SET timezone = 'UTC';
INSERT INTO booking_transaction
    (id, booked_at, actor, channel, second, idempotency_key, body_hash, layout, leaf_hash)
SELECT i, timestamptz '2026-01-01' + i * interval '1 second', 'system',
    CASE WHEN i <= {opening} THEN 'import' ELSE 'api' END, '', NULL, NULL, 1, ''
FROM generate_series(1, {transactions}) i;
INSERT INTO customer (id, key, transaction_id)
SELECT i, 'c_' || md5(i::text), 1 + (i - 1) / {per} FROM generate_series(1, {customers}) i;
INSERT INTO policy_version (id, name, version, valid_from_date, document, transaction_id)
SELECT 1, 'default', 1, '2020-01-01', {policy}, {transactions};
INSERT INTO entry (id, customer_id, source, source_id, kind, value_date, recorded_date, target,
    contact, willing, able, assessable, policy, promise, remark, reverses_id, reason, transaction_id)
SELECT i, 1 + abs(hashint8(CASE WHEN reverses THEN i - 1 ELSE i END)::bigint) % {customers}, 'shop',
    'order-' || i, CASE WHEN reverses THEN '' ELSE 'promise_kept' END,
    date '2023-01-01' + (i % 1095)::int, date '2023-01-03' + (i % 1095)::int, 'organisation',
    NOT reverses, 0, CASE WHEN reverses THEN 0 ELSE 500 END, CASE WHEN reverses THEN 0 ELSE 200 END,
    'default/1', '', '', CASE WHEN reverses THEN i - 1 END,
    CASE WHEN reverses THEN 'mistake' ELSE '' END, {opening} + 1 + (i - 1) / {per}
FROM (SELECT i, i % 100 = 0 AS reverses FROM generate_series(1, {entries}) i) n;
"""


def main(url: str, entries: int = ENTRIES) -> None:
    """Make the ledger, measure, print, drop."""
    with database(url):
        made = _timed(lambda: fill(entries))
        print(f"made {entries:,} entries in {made:.0f} s", flush=True)
        seal_seconds, replay_seconds, text = measure()
        print(f"seal {seal_seconds:.1f} s, balances {replay_seconds:.1f} s: {text}", flush=True)


@contextmanager
def database(url: str) -> Iterator[None]:
    """Point Django at a new, migrated database on a server, and drop it afterwards."""
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {DATABASE}")
        info = psycopg.conninfo.conninfo_to_dict(url)
        os.environ["DJANGO_SETTINGS_MODULE"] = "vertrauenskonto.site.settings"
        import django
        from django.conf import settings
        from django.core.management import call_command

        settings.DATABASES = {
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": DATABASE,
                "USER": info.get("user", ""),
                "HOST": info.get("host", ""),
                "PORT": info.get("port", ""),
                "PASSWORD": info.get("password", ""),
            }
        }
        django.setup()
        from django.db import connections

        call_command("migrate", verbosity=0)
        try:
            yield
        finally:
            connections.close_all()
            if "KEEP" not in os.environ:
                admin.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


def fill(entries: int) -> None:
    """Write the ledger, with the leaf hashes that its rows have, and seal it."""
    from datetime import UTC, datetime
    from importlib.resources import files

    from vertrauenskonto.db.actions.seal import seal
    from vertrauenskonto.db.queries.seal import place

    document = files("vertrauenskonto.policy").joinpath("default.toml").read_text("utf-8")
    customers = entries // 10
    opening = -(-customers // PER_TRANSACTION)
    transactions = opening + -(-entries // PER_TRANSACTION)
    where = place()
    with psycopg.connect(**where.parameters, autocommit=True) as server:
        server.execute(
            _FILL.format(
                opening=opening,
                transactions=transactions,
                customers=customers,
                entries=entries,
                per=PER_TRANSACTION,
                policy="'" + document.replace("'", "''") + "'",
            )
        )
        server.execute("VACUUM ANALYZE")
        ranges = _ranges(transactions)
        with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
            server.execute("SET session_replication_role = replica")
            server.execute("CREATE TEMPORARY TABLE hashed (id bigint, hash bytea)")
            for part in pool.map(_hashes, [where] * len(ranges), ranges):
                with server.cursor().copy("COPY hashed FROM STDIN") as copy:
                    for row in part:
                        copy.write_row(row)
        server.execute(
            "UPDATE booking_transaction t SET leaf_hash = h.hash FROM hashed h WHERE h.id = t.id"
        )
        server.execute("VACUUM ANALYZE")
    seal(at=datetime(2026, 6, 1, tzinfo=UTC))


def measure() -> tuple[float, float, str]:
    """Return the seconds that both halves of `verify` take, and what they looked at."""
    from datetime import date

    from vertrauenskonto.db.actions.balances import bring_up
    from vertrauenskonto.db.queries.policies import history
    from vertrauenskonto.db.queries.seal import verify
    from vertrauenskonto.db.replay import replay

    bring_up(date(2026, 6, 1), history())
    started = time.perf_counter()
    checked = verify()
    sealed = time.perf_counter()
    again = replay(history())
    ended = time.perf_counter()
    assert not checked.problems, checked.problems[:3]
    assert not again.problems, again.problems[:3]
    text = f"{checked.rows:,} rows in {checked.transactions:,} transactions, {again.balances:,} balances"
    return sealed - started, ended - sealed, text


def _ranges(transactions: int) -> list[object]:
    from vertrauenskonto.db.queries.seal import range_of

    width = 200
    return [
        range_of("postgresql", 1, first, min(first + width - 1, transactions), places=0)
        for first in range(1, transactions + 1, width)
    ]


def _hashes(where: object, asked: object) -> list[tuple[int, bytes]]:
    from vertrauenskonto.db.places import Place, reading
    from vertrauenskonto.db.resealing import Range, leaves

    assert isinstance(where, Place)
    assert isinstance(asked, Range)
    with reading(where) as reader:
        counted = dict.fromkeys(asked.tables, 0)
        return [(number, leaf) for number, leaf, *_ in leaves(reader, asked, counted)]


def _timed(work: object) -> float:
    started = time.perf_counter()
    assert callable(work)
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main(sys.argv[1], *(int(word) for word in sys.argv[2:3]))
