# ruff: noqa: PLC0415 - what needs Django's settings is imported after they are set
"""Databases to measure the ledger with: fresh ones, and one of a million accounts."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import django
import psycopg
from bench.data import KINDS
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from psycopg.conninfo import conninfo_to_dict

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vertrauenskonto.site.settings")
django.setup()

TODAY = date(2026, 1, 1)
# A breach of honesty waits for a second person and would not be booked.
BOOKED_KINDS = tuple(kind for kind in KINDS if kind != "lie_uncovered")
_BASE = "bench_base"


def door() -> Any:
    """Return the door through which everything here is written."""
    from vertrauenskonto.db.actions.facts import Door

    return Door(
        actor="system",
        channel="api",
        at=datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC),
        today=TODAY,
    )


def use(database: dict[str, object]) -> None:
    """Point Django at another database."""
    connections.close_all()
    settings.DATABASES = {"default": database}
    vars(connections).pop("settings", None)
    handler: Any = connections
    handler._settings = None  # noqa: SLF001 - there is no public way
    if hasattr(handler._connections, "default"):  # noqa: SLF001
        del connections["default"]


def postgres(url: str, name: str) -> dict[str, object]:
    """Return Django's settings for a database of a server."""
    info = conninfo_to_dict(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": info.get("user", ""),
        "HOST": info.get("host", ""),
        "PORT": info.get("port", ""),
        "PASSWORD": info.get("password", ""),
    }


_SQLITE = dict(settings.DATABASES["default"])


def sqlite(path: Path) -> dict[str, object]:
    """Return Django's settings for a SQLite file, with the program's own options."""
    return {**_SQLITE, "NAME": str(path)}


@contextmanager
def two_alike(url: str | None, folder: Path, *, customers: int) -> Iterator[Sequence[Any]]:
    """Yield the settings of two equal databases with so many customers, and their keys."""
    if url is None:
        use(sqlite(folder / "base.sqlite3"))
        keys = _open(customers)
        connections.close_all()
        pair = []
        for name in ("action", "plain"):
            shutil.copy(folder / "base.sqlite3", folder / f"{name}.sqlite3")
            pair.append(sqlite(folder / f"{name}.sqlite3"))
        yield pair, keys
        connections.close_all()
        return
    names = ("bench_action", "bench_plain")
    with psycopg.connect(url, autocommit=True) as admin:
        for name in (*names, _BASE):
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        admin.execute(f"CREATE DATABASE {_BASE}".encode())
        use(postgres(url, _BASE))
        keys = _open(customers)
        connections.close_all()
        for name in names:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {_BASE}".encode())
        yield [postgres(url, name) for name in names], keys
        connections.close_all()
        for name in (*names, _BASE):
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _open(customers: int) -> list[str]:
    from vertrauenskonto.db.actions.customers import open_accounts

    call_command("migrate", verbosity=0)
    keys: list[str] = open_accounts(customers, door=door())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return keys


def drafts(keys: Sequence[str], *, calls: int, per_call: int) -> list[list[Any]]:
    """Return calls of drafts, spread over the customers and three years."""
    from vertrauenskonto.db.actions.ledger import Draft

    return [
        [
            Draft(
                customer=keys[(n * 7919 + call * 104729) % len(keys)],
                source="shop",
                source_id=f"{call}-{n}",
                value_date=TODAY - timedelta(days=(n * 31 + call) % 1096),
                kind=BOOKED_KINDS[(n + call) % len(BOOKED_KINDS)],
            )
            for n in range(per_call)
        ]
        for call in range(calls)
    ]


@contextmanager
def large(url: str, *, accounts: int, entries: int) -> Iterator[dict[str, object]]:
    """Yield the settings of a database with so many accounts and entries, made by the server.

    Each account has a balance of the day before TODAY; entries lie on three years, and one in a
    thousand is reversed. Facts are put in past the triggers: they are not sealed.
    """
    name = "bench_large"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())
        admin.execute(f"CREATE DATABASE {name}".encode())
        database = postgres(url, name)
        use(database)
        call_command("migrate", verbosity=0)
        with connection.cursor() as cursor:
            for statement in _large(accounts, entries):
                cursor.execute(statement)
        try:
            yield database
        finally:
            connections.close_all()
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _large(accounts: int, entries: int) -> Iterator[str]:
    kinds = ", ".join(f"'{kind}'" for kind in BOOKED_KINDS)
    yield "SET synchronous_commit = off"
    yield "SET maintenance_work_mem = '1GB'"
    yield "SET session_replication_role = replica"  # no triggers: only the loading
    yield (
        "INSERT INTO booking_transaction "
        "(id, booked_at, actor, channel, second, layout, leaf_hash) VALUES "
        f"(1, '{TODAY - timedelta(days=1)}', 'system', 'import', '', 1, '\\x00')"
    )
    yield (
        "INSERT INTO customer (id, transaction_id, key) "
        f"SELECT i, 1, 'c_' || md5(i::text) FROM generate_series(1, {accounts}) i"
    )
    yield (
        "CREATE TEMPORARY TABLE defined AS SELECT indexname AS name, indexdef AS sql "
        "FROM pg_indexes WHERE tablename = 'entry' AND indexname NOT IN "
        "(SELECT conname FROM pg_constraint WHERE conrelid = 'entry'::regclass)"
    )
    yield (
        "DO $$ DECLARE d record; BEGIN FOR d IN SELECT * FROM defined "
        "LOOP EXECUTE 'DROP INDEX ' || quote_ident(d.name); END LOOP; END $$"
    )
    yield "ALTER TABLE entry DROP CONSTRAINT entry_once_per_source"
    yield f"""INSERT INTO entry (id, transaction_id, customer_id, source, source_id, kind,
  value_date, recorded_date, target, contact, willing, able, assessable, policy, promise, remark,
  reason, reverses_id)
SELECT i, 1, 1 + (hashint8(CASE WHEN i % 1000 = 0 THEN i - 1 ELSE i END)::bigint + 2147483648)
    % {accounts}, 'shop', i::text,
  CASE WHEN i % 1000 = 0 THEN '' ELSE (ARRAY[{kinds}])[1 + i % {len(BOOKED_KINDS)}] END,
  d, d, 'organisation', i % 16 <> 3 AND i % 1000 <> 0,
  CASE WHEN i % 1000 = 0 THEN 0 WHEN i % 5 = 1 THEN -1000 WHEN i % 5 = 4 THEN 500 ELSE 0 END,
  CASE WHEN i % 1000 = 0 THEN 0 WHEN i % 5 = 0 THEN 500 WHEN i % 5 = 1 THEN -1500 ELSE 0 END,
  CASE WHEN i % 1000 <> 0 AND i % 5 = 0 THEN 200 ELSE 0 END,
  'default/1', '', '', CASE WHEN i % 1000 = 0 THEN 'mistake' ELSE '' END,
  CASE WHEN i % 1000 = 0 THEN i - 1 END
FROM (SELECT i, DATE '{TODAY}' - 1096 + (i * 1095 / {entries})::int AS d
  FROM generate_series(1::bigint, {entries}) i) e"""
    yield "ALTER TABLE entry ADD CONSTRAINT entry_once_per_source UNIQUE (source, source_id)"
    yield (
        "DO $$ DECLARE d record; BEGIN FOR d IN SELECT * FROM defined "
        "LOOP EXECUTE d.sql; END LOOP; END $$"
    )
    yield f"""INSERT INTO balance (customer_id, as_of_date, policy, segment, balance, silence,
  silence_charges, weakest, weakest_expected, weakest_reason, verdict, verdict_willing, verdict_able,
  verdict_assessable, below_threshold)
SELECT id, DATE '{TODAY}' - 1, 'default/1', '', 0, 0, 0, 'able', 0.5, 'unproven', 'unknown', 'unknown',
  'unknown', 'unknown', false FROM customer"""
    yield "SET session_replication_role = origin"
    yield "VACUUM ANALYZE"
