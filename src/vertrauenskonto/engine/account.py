"""One account out of files, as the core's value: what `score` values in bulk, to be explained.

It goes through the same preparation as `score`, so that exactly the same rows count.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import duckdb

from vertrauenskonto.core.errors import NotFound, Problem, Text, did_you_mean
from vertrauenskonto.core.ledger.entries import (
    DIMENSIONS,
    ORGANISATION,
    Account,
    Entry,
    Posting,
    Suspension,
)
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.engine.columns import Columns
from vertrauenskonto.engine.connection import NO_LIMITS, Limits, opened
from vertrauenskonto.engine.prepare import Inputs, Question, prepare
from vertrauenskonto.engine.rules import ALWAYS, EPOCH
from vertrauenskonto.engine.sources import Source, source_of_file

_NAMES_COMPARED_MAX = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFiles:
    """Where an account is read from; as in `score`. `today` is the shell's clock."""

    events: Path
    suspensions: Path | None = None
    accounts: Path | None = None
    encoding: str = ""
    today: date | None = None
    limits: Limits = NO_LIMITS


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRead:
    """The account with what can count, and the problems of its own rows that cannot."""

    account: Account
    problems: tuple[Problem, ...]


def read_account(files: AccountFiles, name: str, policy: PolicyHistory) -> AccountRead:
    """Return one account of a table of events.

    Events without points of their own get those of their kind under the version in force when they
    were recorded, for the account's segment. An event without an id is called by its row.

    Raises:
        NotFound: a file does not exist, or the account does not appear in any of them.
        Invalid: a file is damaged or of the wrong form.
    """
    with opened(files.limits, spill_to=Path(gettempdir())) as connection:
        events = _opened(connection, files.events, "events", files.encoding)
        assert events is not None, "there is always a file of events"
        inputs = Inputs(
            events=events,
            suspensions=_opened(connection, files.suspensions, "suspensions", files.encoding),
            accounts=_opened(connection, files.accounts, "accounts", files.encoding),
        )
        question = Question(policy=policy, as_of=date.max, today=files.today)
        prepared = prepare(connection, inputs, question)
        segment = _segment(connection, name)
        entries = _entries(connection, events, name, policy, segment or "")
        lines = _lines(connection, name)
        if segment is None and not lines:
            raise _unknown(connection, name)
        own = tuple(
            problem
            for problem in prepared.problems.listed
            if problem.file == events.name and problem.line in lines
        )
        suspensions = _suspensions(connection, name) if files.suspensions else ()
    account = Account(id=name, entries=entries, suspensions=suspensions, segment=segment or "")
    return AccountRead(account=account, problems=own)


def _opened(
    connection: duckdb.DuckDBPyConnection, path: Path | None, table: str, encoding: str
) -> Source | None:
    if path is None:
        return None
    return source_of_file(connection, path, table, encoding=encoding or None)


def _segment(connection: duckdb.DuckDBPyConnection, name: str) -> str | None:
    """Return the account's segment, or None if the file of accounts does not name the account."""
    row = connection.execute(
        "SELECT segment FROM account_segment WHERE account = ?", [name]
    ).fetchone()
    return str(row[0]) if row else None


def _lines(connection: duckdb.DuckDBPyConnection, name: str) -> set[int]:
    found = connection.execute("SELECT line FROM typed WHERE account = ?", [name]).fetchall()
    return {int(line) for (line,) in found}


def _entries(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    name: str,
    policy: PolicyHistory,
    segment: str,
) -> tuple[Entry, ...]:
    """Return the usable events of an account, in order of their rows."""
    note = Columns(source).text("note")
    rows = connection.execute(
        f"""SELECT t.line, t.day, t.recorded, t.kind, t.id, t.target, t.source, t.contact,
  {", ".join(f"t.{d}" for d in DIMENSIONS)}, t.reverses, n.note
FROM typed t
LEFT JOIN (SELECT {source.line} AS line, {note} AS note FROM {source.sql}) n ON n.line = t.line
WHERE t.account = ? AND t.line NOT IN (SELECT line FROM left_out)
ORDER BY t.line""",
        [name],
    ).fetchall()
    return tuple(_entry(row, policy, segment) for row in rows)


# Any: a row as DuckDB returns it; the columns are those of the statement above.
def _entry(row: tuple[Any, ...], policy: PolicyHistory, segment: str) -> Entry:
    line, day, recorded, kind_name, own_id, target, source, contact, *given = row
    points, (reverses, note) = given[:3], given[3:]
    on, known = _date(day), _date(recorded)
    kind = policy.in_force(known).for_segment(segment).kinds.get(kind_name or "")
    is_contact = False
    postings: tuple[Posting, ...] = ()
    if reverses is None:
        assert kind is not None, "rows with unknown kinds are left out"
        is_contact = kind.contact if contact is None else bool(contact)
        postings = kind.postings
        if any(value is not None for value in points):
            postings = tuple(
                Posting(d, float(value))
                for d, value in zip(DIMENSIONS, points, strict=True)
                if value
            )
    return Entry(
        id=own_id or f"#{line}",
        on=on,
        recorded=known,
        kind=kind_name or "",
        target=target or ORGANISATION,
        contact=is_contact,
        postings=postings,
        reverses=reverses,
        source=source or "",
        note=note or "",
    )


def _suspensions(connection: duckdb.DuckDBPyConnection, name: str) -> tuple[Suspension, ...]:
    rows = connection.execute(
        "SELECT id, starts, ends, recorded FROM suspension WHERE account = ? ORDER BY ALL", [name]
    ).fetchall()
    return tuple(
        Suspension(
            id=str(own_id),
            starts=_date(starts),
            ends=None if ends >= ALWAYS else _date(ends),
            recorded=_date(recorded),
        )
        for own_id, starts, ends, recorded in rows
    )


def _date(days: int) -> date:
    return date.fromordinal(EPOCH + days)


def _unknown(connection: duckdb.DuckDBPyConnection, name: str) -> NotFound:
    found = connection.execute(
        "SELECT DISTINCT account FROM typed WHERE account IS NOT NULL ORDER BY account LIMIT ?",
        [_NAMES_COMPARED_MAX],
    ).fetchall()
    near = did_you_mean(name, (account for (account,) in found))
    return NotFound(
        Text(
            de=f"Das Konto „{name}“ kommt in den Dateien nicht vor.{near.de}",
            en=f"The account '{name}' does not appear in the files.{near.en}",
        )
    )
