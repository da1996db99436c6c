"""Running a whole valuation on some engine: a book into files, the engine's output back as rows."""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from tests.engine.test_scoring import _ACCOUNTS, _EVENTS, _SUSPENSIONS, table
from tests.event_rows import Books

from vertrauenskonto.engine.address import Address
from vertrauenskonto.engine.prepare import Question
from vertrauenskonto.engine.run import ScoreReport, ScoreRequest, score

Output = Mapping[tuple[str, str], dict[str, object]]


def written(book: Books, folder: Path) -> dict[str, Path | None]:
    """Write a book's tables as Parquet files; what is empty (but for events) has no file."""
    given = {
        "events": (book.events, _EVENTS),
        "suspensions": (book.suspensions, _SUSPENSIONS),
        "accounts": (book.accounts, _ACCOUNTS),
    }
    paths: dict[str, Path | None] = {}
    for name, (rows, schema) in given.items():
        paths[name] = folder / f"{name}.parquet" if rows or name == "events" else None
        if paths[name] is not None:
            pq.write_table(table(rows, schema), paths[name])
    return paths


def run(
    book: Books, question: Question, address: Address, folder: Path, *, events: str = ""
) -> tuple[Output, ScoreReport]:
    """Value a book and return the rows by account and view, checked to be in that order.

    `events` names the place of the book's events when that is not a file.
    """
    paths = written(book, folder)
    assert paths["events"] is not None
    out = folder / "scores.parquet"
    report = score(
        ScoreRequest(
            question=question,
            events=Path(events) if events else paths["events"],
            suspensions=paths["suspensions"],
            accounts=paths["accounts"],
            out=out,
            address=address,
        )
    )
    return rows_of(out), report


def rows_of(path: Path) -> Output:
    """Return a file of scores by account and view."""
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT * FROM '{path}'")
        names = [column[0] for column in found.description]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    keys = [(str(row["account"]), str(row["view"])) for row in rows]
    assert keys == sorted(keys)
    assert len(keys) == len(set(keys))
    return dict(zip(keys, rows, strict=True))
