"""Writing facts: one transaction of the log, with its leaf, whatever the tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any

from django.db import connection
from django.db.models import Model

from vertrauenskonto.core.ledger.seal import Scalar
from vertrauenskonto.db import clock, models, raw, sealing


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Who writes, through which door, when by the server's clock, and on which day that is here.

    `actor` is the key of a person or `system`, `channel` one of `cli`, `api`, `web`, `import`,
    `work`. `second` is the key of the person who confirmed what needs two.
    """

    actor: str
    channel: str
    second: str = ""
    at: datetime
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An idempotency key and the hash of the body it came with."""

    text: str
    body_hash: bytes


def write(
    *runs: Sequence[models.Fact],
    door: Door,
    key: Key | None = None,
    is_clock_confirmed: bool = False,
) -> None:
    """Write runs of rows, each of one table, as one transaction of the log.

    The caller holds the database transaction. A row that names another row of the same call stands
    in a later run than that one.

    Raises:
        ClockDoubtful: the clock is far ahead of the newest transaction and not confirmed.
    """
    rows = list(chain.from_iterable(runs))
    assert rows, "a transaction without rows would be an empty leaf"
    if not is_clock_confirmed and not isinstance(rows[0], _AT_ANY_TIME):
        clock.refuse_jump(door.at, clock.believable(door.at))
    header = _header(door, key)
    header.leaf_hash = sealing.leaf_of(header, rows)
    header.save(force_insert=True)
    for row in rows:
        row.transaction = header
    for run in runs:
        insert(run)


# What people have a right to, and shutting somebody out, waits for nobody to look at the clock.
_AT_ANY_TIME = (models.Processing, models.RoleGiven)


def write_sealed(
    model: type[models.Fact], sealed: Sequence[Sequence[Scalar]], *, door: Door, key: Key | None
) -> int:
    """Write the transaction and leaf of rows of one table, and return the transaction's number.

    The caller then inserts the rows (`insert_values`), in the order of `sealed`, which holds of each
    what the newest layout of `db.sealing` names, in plain form.
    """
    header = _header(door, key)
    values = [getattr(header, name) for name in sealing.HEADER]
    leaf = sealing.hashed(header.layout, values, {model._meta.db_table: sealed})
    at = connection.ops.adapt_datetimefield_value(header.booked_at)
    # Not `save`: this passes with every booking, and the ORM takes longer than the database.
    [(number,)] = raw.fetched(_HEADER, [at, *values[1:], header.layout, leaf])
    return int(number)


_HEADER = (
    f"INSERT INTO booking_transaction ({', '.join(sealing.HEADER)}, layout, leaf_hash) "  # noqa: S608
    f"VALUES ({', '.join(['%s'] * (len(sealing.HEADER) + 2))}) RETURNING id"
)


def _header(door: Door, key: Key | None) -> models.Transaction:
    return models.Transaction(
        booked_at=door.at,
        actor=door.actor,
        channel=door.channel,
        second=door.second,
        idempotency_key=key.text if key else None,
        body_hash=key.body_hash if key else None,
        layout=sealing.LAYOUT,
    )


def insert(rows: Sequence[models.Fact]) -> None:
    """Insert rows of one table and give them their numbers, as fast as the database takes them.

    Django's bulk_create builds one long statement per few dozen rows and costs ten times as much;
    facts have no signals or defaults that it would be needed for.
    """
    model = type(rows[0])
    fields = model._meta.concrete_fields
    for row, number in zip(rows, free_numbers(model, len(rows)), strict=True):
        row.pk = number
    names = [(field.attname, field) for field in fields]
    values = [
        [field.get_db_prep_save(getattr(row, name), connection) for name, field in names]
        for row in rows
    ]
    insert_values(model, [field.column or "" for field in fields], values)


# Any: values as the database's driver takes them.
def insert_values(
    model: type[Model], columns: Sequence[str], values: Iterable[Sequence[Any]]
) -> None:
    """Insert rows of one table, given as the database's driver takes them."""
    table = connection.ops.quote_name(model._meta.db_table)
    listed = ", ".join(connection.ops.quote_name(column) for column in columns)
    with connection.cursor() as cursor:
        rows = list(values)
        if connection.vendor == "postgresql" and len(rows) > _FEW:
            # A copy is the driver's own: without this its errors would not be Django's.
            with (
                connection.wrap_database_errors,
                cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy,
            ):
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(columns))
        insert_row = f"INSERT INTO {table} ({listed}) VALUES ({marks})"  # noqa: S608
        if len(rows) == 1:
            cursor.execute(insert_row, rows[0])
        else:
            cursor.executemany(insert_row, rows)


# Beyond so many, COPY's way of its own pays off.
_FEW = 5


def free_numbers(model: type[models.Fact], count: int) -> Sequence[int]:
    """Return row numbers, rising, that nobody else will get; no writer waits for another."""
    table, key = model._meta.db_table, model._meta.pk.column
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [table, key, count],
            )
            return [number for (number,) in cursor.fetchall()]
    # SQLite has one writer at a time, and this transaction is it.
    [(last,)] = raw.fetched(f"SELECT COALESCE(MAX({key}), 0) FROM {table}")  # noqa: S608
    return range(last + 1, last + 1 + count)
