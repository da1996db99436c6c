"""Valuing elsewhere: on a PostgreSQL server or on Spark, from files here or from data there.

    events in a file here        read and checked by DuckDB, handed over, valued there
    table:schema.name            checked and valued on the server
    Parquet, given to Spark      checked and valued on Spark

Suspensions and accounts are always files here, and small beside the events.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from vertrauenskonto.core.errors import Conflict, Invalid, Text
from vertrauenskonto.engine import postgres, spark
from vertrauenskonto.engine.address import Address
from vertrauenskonto.engine.postgres_table import PREFIX, Server, source_of_table
from vertrauenskonto.engine.prepare import Inputs, Prepared, Question, prepare
from vertrauenskonto.engine.relations import Database, relations
from vertrauenskonto.engine.sources import Source
from vertrauenskonto.engine.spark_files import Cluster, source_of_parquet

# A Path folds the two slashes of a URI into one.
_FOLDED_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]+):/+(?=[^/])")
_RULES = ("kind", "parameters", "account_segment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to value elsewhere: `events` is a source here, or the place that the engine reads."""

    question: Question
    events: Source | str
    suspensions: Source | None
    accounts: Source | None
    folder: Path
    memory: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Valued:
    """A valuation ready to be fetched.

    `query` has the rows computed and returns a DuckDB SELECT of them, in no particular order.
    `write_folder` (Spark only) lets the engine write them itself and returns how many there are.
    """

    prepared: Prepared
    query: Callable[[], str]
    write_folder: Callable[[str], int] | None = None


def place_of(path: Path, address: Address) -> str | None:
    """Return the place of events that the engine reads itself; None: a file for us to read."""
    place = str(path)
    if address.engine == "postgres" and place.startswith(PREFIX):
        return place
    if address.engine != "spark":
        return None
    if _FOLDED_SCHEME.match(place):
        return uri(path)
    return path.absolute().as_uri() if path.is_dir() or path.suffix == ".parquet" else None


def is_folder(path: Path, address: Address) -> bool:
    """Tell whether Spark is to write a folder of Parquet files: a URI, or a path without a suffix."""
    return address.engine == "spark" and (bool(_FOLDED_SCHEME.match(str(path))) or not path.suffix)


def uri(path: Path) -> str:
    """Return a path or URI, once folded into a Path, as a URI."""
    if _FOLDED_SCHEME.match(str(path)):
        return _FOLDED_SCHEME.sub(r"\1://", str(path)).replace("file://", "file:///")
    return path.absolute().as_uri()


@contextmanager
def valued(
    connection: duckdb.DuckDBPyConnection, address: Address, order: Order
) -> Iterator[Valued]:
    """Yield the valuation; what was created elsewhere for it vanishes with the block.

    Raises:
        Invalid, NotFound: the events cannot be used.
        EngineUnavailable: the engine is not installed, cannot be reached, or fails.
    """
    if order.question.runway:
        raise Invalid(
            Text(
                de="Die Reichweite vieler Konten rechnet nur DuckDB; bitte ohne --engine.",
                en="The run-way of many accounts is computed by DuckDB only; leave out --engine.",
            )
        )
    if address.engine == "postgres":
        with _on_postgres(connection, address.url, order) as found:
            yield found
    else:
        with _on_spark(connection, address.url, order) as found:
            yield found


@contextmanager
def _on_postgres(connection: duckdb.DuckDBPyConnection, url: str, order: Order) -> Iterator[Valued]:
    with postgres.connected(url) as server:

        def load(table: str) -> None:
            postgres.load(server, connection, table, folder=order.folder)

        if isinstance(order.events, str):
            events = source_of_table(server, order.events.removeprefix(PREFIX))
            prepared = _prepared(connection, order, events, load, Server(server))
        else:
            prepared = _prepared(connection, order, order.events, load, None)
        shape = prepared.shape
        yield Valued(
            prepared=prepared, query=lambda: postgres.value(server, shape, folder=order.folder)
        )


@contextmanager
def _on_spark(connection: duckdb.DuckDBPyConnection, master: str, order: Order) -> Iterator[Valued]:
    with spark.connected(master, memory=order.memory) as session:

        def load(table: str) -> None:
            spark.load(session, connection, table, folder=order.folder)

        if isinstance(order.events, str):
            events = source_of_parquet(session, order.events)
            prepared = _prepared(connection, order, events, load, Cluster(session))
        else:
            prepared = _prepared(connection, order, order.events, load, None)
        shape = prepared.shape
        yield Valued(
            prepared=prepared,
            query=lambda: spark.value(session, shape, folder=order.folder),
            write_folder=lambda place: spark.write_folder(session, shape, place),
        )


def _prepared(
    connection: duckdb.DuckDBPyConnection,
    order: Order,
    events: Source,
    load: Callable[[str], None],
    there: Database | None,
) -> Prepared:
    """Prepare all relations and see to it that they exist where the events are valued."""
    inputs = Inputs(events=events, suspensions=order.suspensions, accounts=order.accounts)
    if there is None:
        prepared = prepare(connection, inputs, order.question)
        for table in relations(prepared.shape):
            load(table)
        return prepared
    place = there

    def hand_over() -> Database:
        for table in _RULES:
            load(table)
        if order.suspensions is not None:
            load("suspension")
        return place

    return prepare(connection, inputs, order.question, hand_over=hand_over)


def check_folder(path: Path) -> None:
    """Check, before any work, that Spark can write its folder.

    Raises:
        Conflict: it exists; Spark would have to delete it first, and could then fail.
    """
    if path.exists():
        raise Conflict(
            Text(
                de=f"Den Ordner {path} gibt es schon; bitte löschen oder einen anderen angeben.",
                en=f"The folder {path} exists already; delete it or give another.",
            )
        )
