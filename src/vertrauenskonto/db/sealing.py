"""Which columns of which facts a leaf holds, and the leaf of a transaction.

Rows name each other by what outlives a move to another database (customer key, source and source
id), never by row number. A test demands that every column of every fact is in the newest layout;
older layouts stay, so that old leaves still verify.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Model

from vertrauenskonto.core.ledger.seal import Scalar, leaf_data, leaf_hash
from vertrauenskonto.db import models

LAYOUT = 1

HEADER = ("booked_at", "actor", "channel", "second", "idempotency_key", "body_hash")

FACTS: Mapping[int, Mapping[type[Model], tuple[str, ...]]] = {
    1: {
        models.Agreement: ("name", "is_in_force", "recorded_date", "purpose"),
        models.Alias: ("customer__key", "into__key", "recorded_date"),
        models.Attribute: ("customer__key", "name", "value", "recorded_date"),
        models.Contest: (
            "entry__source",
            "entry__source_id",
            "state",
            "recorded_date",
            "note_commitment",
        ),
        models.Customer: ("key",),
        models.Entry: (
            "customer__key",
            "source",
            "source_id",
            "kind",
            "value_date",
            "recorded_date",
            "happened_at",
            "target",
            "contact",
            "willing",
            "able",
            "assessable",
            "policy",
            "promise",
            "remark",
            "reverses__source",
            "reverses__source_id",
            "reason",
            "compensates__source",
            "compensates__source_id",
            "note_commitment",
        ),
        models.Evidence: ("entry__source", "entry__source_id", "commitment"),
        models.Membership: ("customer__key", "segment", "recorded_date"),
        models.Parent: ("customer__key", "parent__key", "recorded_date"),
        models.PolicyVersion: ("name", "version", "valid_from_date", "document"),
        models.Processing: ("customer__key", "state", "recorded_date", "reason"),
        models.RoleGiven: ("person", "role", "recorded_date"),
        models.Suspension: (
            "customer__key",
            "key",
            "starts_date",
            "ends_date",
            "recorded_date",
            "reason",
        ),
    }
}


def leaf_of(transaction: models.Transaction, rows: Iterable[Model]) -> bytes:
    """Return the leaf hash of a transaction about to be written with `rows`, in this order."""
    tables: dict[str, list[list[Scalar]]] = {}
    for row in rows:
        paths = FACTS[transaction.layout][type(row)]
        name = type(row)._meta.db_table
        tables.setdefault(name, []).append([plain(_follow(row, path)) for path in paths])
    return hashed(transaction.layout, [getattr(transaction, name) for name in HEADER], tables)


def hashed(
    layout: int, header: Sequence[Any], tables: Mapping[str, Sequence[Sequence[Scalar]]]
) -> bytes:
    """Return the leaf hash for a header as the database gives it and rows already plain."""
    return leaf_hash(leaf_data(layout, [plain(value) for value in header], tables))


def plain(value: Any) -> Scalar:
    """Return a column's value in the form the leaf holds, the same on every database."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    return bytes(value).hex()


def _follow(row: Any, path: str) -> Any:
    for name in path.split("__"):
        if row is None:
            return None
        row = getattr(row, name)
    return row
