"""Writing facts: one transaction of the log, with its leaf, whatever the tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain

from django.db import connection
from django.db.models import Max

from vertrauenskonto.db import models, sealing


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


def write(*runs: Sequence[models.Fact], door: Door, key: Key | None = None) -> None:
    """Write runs of rows, each of one table, as one transaction of the log.

    The caller holds the database transaction. A row that names another row of the same call stands
    in a later run than that one.
    """
    rows = list(chain.from_iterable(runs))
    assert rows, "a transaction without rows would be an empty leaf"
    header = models.Transaction(
        booked_at=door.at,
        actor=door.actor,
        channel=door.channel,
        second=door.second,
        idempotency_key=key.text if key else None,
        body_hash=key.body_hash if key else None,
        layout=sealing.LAYOUT,
    )
    header.leaf_hash = sealing.leaf_of(header, rows)
    header.save(force_insert=True)
    for row in rows:
        row.transaction = header
    for run in runs:
        insert(run)


def insert(rows: Sequence[models.Fact]) -> None:
    """Insert rows of one table and give them their numbers, as fast as the database takes them.

    Django's bulk_create builds one long statement per few dozen rows and costs ten times as much;
    facts have no signals or defaults that it would be needed for.
    """
    model = type(rows[0])
    table = connection.ops.quote_name(model._meta.db_table)
    fields = model._meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(field.column or "") for field in fields)
    for row, number in zip(rows, _free_numbers(model, len(rows)), strict=True):
        row.pk = number
    names = [(field.attname, field) for field in fields]
    values = [
        [field.get_db_prep_save(getattr(row, name), connection) for name, field in names]
        for row in rows
    ]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for value in values:
                    copy.write_row(value)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)  # noqa: S608


def _free_numbers(model: type[models.Fact], count: int) -> Sequence[int]:
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
    last = model._default_manager.aggregate(last=Max("pk"))["last"] or 0
    return range(last + 1, last + 1 + count)
