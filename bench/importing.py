"""Measuring `import --into-database` on SQLite: `python -m bench.importing [events]`.

The command reads a Parquet file by a mapping and books it; the measure is what it takes to put the
very same rows into the same tables, with the same indexes and triggers, by plain `executemany`.
"""

import os
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import data

EVENTS = 1_000_000
# About ten events on an account, as in the other measurements.
EVENTS_PER_ACCOUNT = 10
# Needs a second person, so no import books it.
_NOT_BOOKED = "lie_uncovered"
_MAPPING = """\
name = "bench"
title = { de = "Messung", en = "Measurement" }

[columns]
account = { type = "text" }
number = { type = "text" }
day = { type = "day" }
kind = { type = "text" }

[[events]]
account = "account"
day = "day"
id = "number"
kind = { column = "kind" }
"""
_PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")


@dataclass(frozen=True, slots=True, kw_only=True)
class Importing:
    """Seconds; `again` imports the same file once more, `plain` is `executemany`."""

    events: int
    rows: int
    first: float
    again: float
    plain: float


def main(events: int = EVENTS) -> None:
    """Measure and print."""
    with TemporaryDirectory(prefix="vertrauenskonto-bench-") as name:
        found = measure(Path(name), events=events)
    print(
        f"import of {found.events:,} events into SQLite: {found.first:.1f} s "
        f"({found.events / found.first:,.0f} events/s); executemany of the same {found.rows:,} rows: "
        f"{found.plain:.1f} s; ratio {found.plain / found.first:.2f}; again: {found.again:.1f} s"
    )


def measure(folder: Path, *, events: int) -> Importing:
    """Import a file into a new SQLite database, and put its rows into another one."""
    file, mapping = folder / "events.parquet", folder / "mapping.toml"
    mapping.write_text(_MAPPING, encoding="utf-8")
    kinds = tuple(kind for kind in data.KINDS if kind != _NOT_BOOKED)
    accounts = events // EVENTS_PER_ACCOUNT
    data.write_events(file, events=events, accounts=accounts, kinds=kinds, numbered=True)
    for name in ("booked", "plain"):
        _command(folder / name, "policy", "put", "default")
    words = ("import", str(file), "--from", str(mapping), "--into-database")
    first = _command(folder / "booked", *words)
    again = _command(folder / "booked", *words)
    rows, plain = _executemany(folder / "booked", folder / "plain")
    return Importing(events=events, rows=rows, first=first, again=again, plain=plain)


def _command(data_folder: Path, *words: str) -> float:
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "vertrauenskonto.cli.main", *words],
        env=os.environ | {"VERTRAUENSKONTO_DATA": str(data_folder), "VERTRAUENSKONTO_DATABASE": ""},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - started


def _executemany(booked: Path, plain: Path) -> tuple[int, float]:
    """Copy what the import wrote, and return the rows and the seconds of writing alone."""
    count, seconds = 0, 0.0
    with (
        sqlite3.connect(booked / "ledger.sqlite3") as source,
        sqlite3.connect(plain / "ledger.sqlite3", isolation_level=None) as target,
    ):
        for pragma in _PRAGMAS:
            target.execute(f"PRAGMA {pragma}")
        # In the order of creation, so that what is referred to comes first.
        tables = source.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' "
            "AND name NOT LIKE 'django%' AND name NOT LIKE 'auth%' ORDER BY rowid"
        ).fetchall()
        target.execute("PRAGMA defer_foreign_keys = ON")
        for (table,) in tables:
            known = {row[0] for row in target.execute(f"SELECT rowid FROM {table}")}
            rows = [
                row[1:]
                for row in source.execute(f"SELECT rowid, * FROM {table}")
                if row[0] not in known
            ]
            if not rows:
                continue
            marks = ", ".join("?" * len(rows[0]))
            started = time.perf_counter()
            target.execute("BEGIN IMMEDIATE")
            target.execute("PRAGMA defer_foreign_keys = ON")
            target.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
            target.execute("COMMIT")
            seconds += time.perf_counter() - started
            count += len(rows)
    return count, seconds


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:2]))
