"""Conformance of an engine: the histories of a conformance file, valued in bulk.

Each case is a segment with parameters of its own, and each day on which it is valued an account, so
that all cases are valued at once, as an engine does it. TA-1 knows days only as distances (11.10,
property 5): histories are moved so that all valuation days fall on one, which leaves one run for
each distance between valuation and knowledge day. Statements and run-ways belong to single
accounts and are checked on the core.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from vertrauenskonto.core.ledger.conformance import (
    Case,
    Deviation,
    Number,
    Suite,
    deviations,
)
from vertrauenskonto.core.ledger.entries import DIMENSIONS, Entry
from vertrauenskonto.core.ledger.policy import Parameters
from vertrauenskonto.engine import postgres, spark
from vertrauenskonto.engine.address import Address
from vertrauenskonto.engine.relations import Valuer
from vertrauenskonto.engine.scoring import scoring_sql
from vertrauenskonto.engine.shape import Shape
from vertrauenskonto.engine.tables import PARAMETER_COLUMNS, parameter_values

_EPOCH = date(1970, 1, 1).toordinal()
_TODAY = date(2026, 1, 1).toordinal() - _EPOCH
_OPEN = date.max.toordinal() - _EPOCH
# Events of a conformance file carry their points and contact flag; the kind says nothing.
_KIND = "history"


def check_engine(suite: Suite, address: Address, *, memory: str = "") -> list[Deviation]:
    """Run all cases on an engine and return what deviates, in the order of the file.

    Args:
        suite: the cases and the tolerance.
        address: the engine; the one in this process, a server or Spark.
        memory: what Spark may take, e.g. `2g`.

    Raises:
        EngineUnavailable: the engine is not installed or cannot be reached.
    """
    histories = list(
        dict.fromkeys(_moved(case, e) for case in suite.cases for e in case.evaluations)
    )
    found: dict[tuple[str, int | None, str], Mapping[str, Number]] = {}
    shape = Shape(policy="conformance", as_of=_TODAY, parameters=None, velocity=True)
    with TemporaryDirectory() as folder, duckdb.connect() as source:
        _load(source, suite, histories)
        with _valuer(source, shape, address, folder=Path(folder), memory=memory) as value:
            for delay in dict.fromkeys(history.known_after for history in histories):
                known_at = None if delay is None else _TODAY + delay
                rows = source.execute(value(replace(shape, known_at=known_at)))
                names = [column[0] for column in rows.description]
                for row in rows.fetchall():
                    numbers = dict(zip(names, row, strict=True))
                    found[numbers["account"], delay, numbers["view"]] = _flat(numbers)
    wrong = []
    for case in suite.cases:
        for expected in case.evaluations:
            history = _moved(case, expected)
            got = found.get((history.account, history.known_after, expected["view"]), {})
            wrong += deviations(case.name, expected, got, tolerance=suite.tolerance)
    return wrong


@dataclass(frozen=True, slots=True)
class _History:
    """A case on one of its valuation days, moved by `days` to the common one.

    `known_after` counts days from the valuation to the knowledge day; None: everything is known.
    """

    case: Case
    days: int
    known_after: int | None

    def __hash__(self) -> int:
        return hash((self.case.name, self.days, self.known_after))

    @property
    def account(self) -> str:
        """The name of the account: one for each case and day."""
        return f"{self.case.name} {self.days}"


def _moved(case: Case, expected: Mapping[str, Any]) -> _History:
    as_of = date.fromisoformat(expected["as_of"])
    known_at = expected.get("known_at")
    known_after = (date.fromisoformat(known_at) - as_of).days if known_at else None
    return _History(case, _TODAY - _day(as_of), known_after)


@contextmanager
def _valuer(
    source: duckdb.DuckDBPyConnection, shape: Shape, address: Address, *, folder: Path, memory: str
) -> Iterator[Valuer]:
    if address.engine == "postgres":
        with postgres.valuer(source, shape, address.url, folder=folder) as value:
            yield value
    elif address.engine == "spark":
        with spark.valuer(source, shape, address.url, folder=folder, memory=memory) as value:
            yield value
    else:
        yield scoring_sql


def _load(source: duckdb.DuckDBPyConnection, suite: Suite, histories: list[_History]) -> None:
    """Create the relations of all histories."""
    points = ", ".join(f"{d} DOUBLE" for d in DIMENSIONS)
    parameters = ", ".join(f"{name} {kind}" for name, kind in PARAMETER_COLUMNS.items())
    for table, columns in {
        "event": "account VARCHAR, day INTEGER, kind VARCHAR, id VARCHAR, recorded INTEGER, "
        f"target VARCHAR, contact BOOLEAN, {points}, reverses VARCHAR",
        "kind": "segment VARCHAR, kind VARCHAR, valid_from INTEGER, valid_until INTEGER, "
        f"{points}, contact BOOLEAN, honesty BOOLEAN",
        "parameters": f"segment VARCHAR, {parameters}",
        "suspension": "account VARCHAR, id VARCHAR, starts INTEGER, ends INTEGER, recorded INTEGER",
        "account_segment": "account VARCHAR, segment VARCHAR",
    }.items():
        source.execute(f"CREATE TABLE {table} ({columns})")
    for case in suite.cases:
        _insert(source, "parameters", [(case.name, *_ordered(case.policy.parameters))])
        _insert(source, "kind", [(case.name, _KIND, -_OPEN, _OPEN, 0.0, 0.0, 0.0, False, False)])
    # Several knowledge days share the account of their valuation day.
    for history in {history.account: history for history in histories}.values():
        _insert(source, "account_segment", [(history.account, history.case.name)])
        entries = history.case.account.entries
        _insert(source, "event", [row for e in entries for row in _event_rows(history, e)])
        _insert(
            source,
            "suspension",
            [
                (
                    history.account,
                    s.id,
                    _day(s.starts) + history.days,
                    _OPEN if s.ends is None else _day(s.ends) + history.days,
                    _day(s.recorded) + history.days,
                )
                for s in history.case.account.suspensions
            ],
        )


def _insert(source: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        source.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def _event_rows(history: _History, entry: Entry) -> Iterator[tuple[Any, ...]]:
    """Yield the entry as rows of `event`: one, unless it has several postings on one dimension.

    The rows share their id, so a reversal of the entry reverses all of them.
    """
    left = list(entry.postings)
    first = True
    while left or first:
        row: dict[str, float] = {}
        for posting in tuple(left):
            if posting.dimension not in row:
                row[posting.dimension] = posting.points
                left.remove(posting)
        yield (
            history.account,
            _day(entry.on) + history.days,
            _KIND,
            entry.id,
            _day(entry.recorded) + history.days,
            entry.target,
            entry.contact,
            *(row.get(d, 0.0) for d in DIMENSIONS),
            entry.reverses,
        )
        first = False


def _ordered(parameters: Parameters) -> list[float | int | None]:
    values = parameter_values(parameters)
    return [values[name] for name in PARAMETER_COLUMNS]


def _flat(row: Mapping[str, Any]) -> dict[str, Number]:
    """Return a row of the output keyed as in a conformance file, e.g. `opinions.able.belief`."""
    numbers: dict[str, Number] = dict(row)
    for d in DIMENSIONS:
        for sums in ("deposits", "withdrawals"):
            numbers[f"{sums}.{d}"] = row[f"{sums}_{d}"]
        for part in ("belief", "disbelief", "uncertainty", "base_rate", "expected"):
            numbers[f"opinions.{d}.{part}"] = row[f"{part}_{d}"]
    for group in ("joint", "weakest"):
        prefix = f"{group}_"
        numbers |= {
            f"{group}.{name.removeprefix(prefix)}": value
            for name, value in row.items()
            if name.startswith(prefix)
        }
    numbers["total_retained_if_leaves"] = row["retained_if_leaves"]
    return numbers


def _day(day: date) -> int:
    """Return days since 1970-01-01."""
    return day.toordinal() - _EPOCH
