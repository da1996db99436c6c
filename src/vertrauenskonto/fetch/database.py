"""A PostgreSQL database elsewhere: one query, read only, written into a CSV file in bulk."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlglot
from psycopg import errors, sql
from sqlglot import expressions

from vertrauenskonto.core.errors import Invalid, Text
from vertrauenskonto.fetch.reaching import SECONDS_MAX, NotReached, checked
from vertrauenskonto.notify.webhooks import Network

if TYPE_CHECKING:
    import psycopg

_MINUTES_MAX = 30
_PORT = 5432
# What may stand in an address: nothing that reads files or sockets of this machine.
_KNOWN = ("user", "password", "host", "port", "dbname", "sslmode")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to read: an address and its password, a SELECT, and the column that says what is new.

    `cursor`: the greatest value of that column read before, "" for everything.
    """

    url: str
    query: str
    column: str
    cursor: str
    password: str = ""


def check_query(query: str) -> None:
    """Check that a text is one query that reads.

    Raises:
        Invalid: it is not.
    """
    try:
        found = sqlglot.parse(query, read="postgres")
    except sqlglot.ParseError:
        found = []
    is_query = len(found) == 1 and isinstance(found[0], expressions.Query)
    writes = is_query and any(
        found[0].find(kind)  # type: ignore[union-attr]  # one query, as said above
        for kind in (expressions.Insert, expressions.Update, expressions.Delete, expressions.Into)
    )
    if not is_query or writes:
        raise Invalid(
            Text(
                de="Nötig ist genau eine Abfrage, die nur liest: SELECT … FROM …, ohne Semikolon.",
                en="It takes exactly one query that only reads: SELECT … FROM …, without semicolon.",
            )
        )


def address_parts(url: str) -> dict[str, str]:
    """Return the parts of an address such as postgresql://user@host/database.

    Raises:
        Invalid: it is none, or says what may not be said here.
    """
    from psycopg import ProgrammingError  # noqa: PLC0415 - only who connects pays for loading it
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

    try:
        told = {k: str(v) for k, v in conninfo_to_dict(url).items() if v is not None}
    except ProgrammingError:
        told = {}
    host = told.get("host", "")
    unknown = sorted(set(told) - set(_KNOWN))
    is_address = url.startswith(("postgresql://", "postgres://"))
    if (
        unknown
        or not is_address
        or not told.get("dbname")
        or not host
        or "/" in host
        or "," in host
    ):
        what = f" ({', '.join(unknown)})" if unknown else ""
        raise Invalid(
            Text(
                de=f"Diese Adresse geht nicht{what}; schreiben Sie sie wie "
                "postgresql://benutzer@rechner:5432/datenbank, höchstens mit sslmode.",
                en=f"This address does not work{what}; write it like "
                "postgresql://user@host:5432/database, with sslmode at most.",
            )
        )
    return told


def read(asked: Query, networks: Sequence[Network]) -> Iterator[bytes]:
    """Yield the rows from the cursor on as CSV with a header.

    Rows that have the cursor's own value come again: others may have been added beside them.

    Raises:
        NotReached: the server cannot be reached or refuses the query.
    """
    with _connected(asked, networks) as connection:
        copied = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER)").format(_select(asked))
        with connection.cursor().copy(copied) as copy:
            for block in copy:
                yield bytes(block)


def newest(asked: Query, networks: Sequence[Network]) -> tuple[str, int]:
    """Return the greatest value of the column, and how many rows there are from the cursor on.

    Raises:
        NotReached: as `read`.
    """
    with _connected(asked, networks) as connection:
        column = sql.Identifier(asked.column) if asked.column else None
        greatest = sql.SQL("max({})::text").format(column) if column else sql.SQL("NULL")
        row = connection.execute(
            sql.SQL("SELECT {}, count(*) FROM ({}) AS found").format(greatest, _select(asked))
        ).fetchone()
    assert row is not None, "an aggregate has one row"
    return row[0] or asked.cursor, row[1]


def _select(asked: Query) -> sql.Composed:
    # The query was checked when it was entered: one query that reads.
    plain = sql.SQL(asked.query.strip().rstrip(";"))
    if not asked.column or not asked.cursor:
        return sql.SQL("SELECT * FROM ({}\n) AS source").format(plain)
    return sql.SQL("SELECT * FROM ({}\n) AS source WHERE {} >= {}").format(
        plain, sql.Identifier(asked.column), sql.Literal(asked.cursor)
    )


@contextmanager
def _connected(asked: Query, networks: Sequence[Network]) -> "Iterator[psycopg.Connection]":
    import psycopg  # noqa: PLC0415 - only who connects pays for loading it

    told = address_parts(asked.url) | {"password": asked.password}
    host, port = told["host"], int(told.get("port", _PORT))
    options: dict[str, Any] = {
        **_plain(told),
        "host": host,
        # The name was looked up and checked once; the driver goes to that very address.
        "hostaddr": checked(host, port, networks),
        "port": port,
        "connect_timeout": int(SECONDS_MAX),
        "passfile": "/dev/null",
        "options": "-c default_transaction_read_only=on -c datestyle=ISO "
        f"-c client_encoding=UTF8 -c statement_timeout={_MINUTES_MAX * 60_000}",
    }
    try:
        with psycopg.connect(**options) as connection:
            connection.read_only = True
            yield connection
    except psycopg.Error as error:
        # The driver may quote address and rows; its class, and what the server says of the query.
        raise NotReached(_why(host, error)) from None


def _plain(told: Mapping[str, str]) -> dict[str, str]:
    # An empty password keeps the driver from looking for one of this machine's.
    found = {"user": told.get("user", ""), "password": told.get("password", "")}
    return found | {"dbname": told["dbname"], "sslmode": told.get("sslmode", "prefer")}


def _why(host: str, error: Exception) -> Text:
    if isinstance(error, errors.InvalidPassword | errors.InvalidAuthorizationSpecification):
        de, en = "Benutzer oder Kennwort stimmen nicht", "user or password are wrong"
    elif isinstance(error, errors.UndefinedColumn | errors.UndefinedTable | errors.SyntaxError):
        first = str(error).strip().partition("\n")[0]
        de, en = f"die Abfrage passt nicht ({first})", f"the query does not fit ({first})"
    elif isinstance(error, errors.InsufficientPrivilege | errors.ReadOnlySqlTransaction):
        de, en = "die Abfrage darf das dort nicht", "the query may not do that there"
    elif isinstance(error, errors.QueryCanceled):
        de, en = "die Abfrage dauert zu lange", "the query takes too long"
    else:
        de, en = f"keine Antwort ({type(error).__name__})", f"no answer ({type(error).__name__})"
    return Text(
        de=f"PostgreSQL auf {host}: {de}. Bitte prüfen Sie Adresse, Kennwort und Abfrage.",
        en=f"PostgreSQL on {host}: {en}. Check address, password and query.",
    )
