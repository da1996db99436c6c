"""The state of everything that is administered, in few numbers and one question."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from vertrauenskonto.db import models, raw
from vertrauenskonto.db.access import Viewer, require


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How many of what there are; `failing` are webhook addresses that accept nothing."""

    people: int
    without_password: int
    without_access: int
    tokens: int
    endpoints: int
    failing: int
    given_up: int
    sealed: int
    agreements: int
    requests: int


def standing(viewer: Viewer, *, now: datetime) -> Standing:
    """Return the state of everything that is administered.

    Raises:
        Denied: the viewer may not audit.
    """
    require(viewer, "audit")
    at = connection.ops.adapt_datetimefield_value(now)
    [row] = raw.fetched(_SQL, [at])
    names = (
        *("people", "without_password", "without_access", "tokens", "endpoints", "failing"),
        *("given_up", "sealed", "agreements", "requests"),
    )
    return Standing(**{name: int(value) for name, value in zip(names, row, strict=True)})


_SQL = """SELECT
(SELECT count(*) FROM person WHERE is_active),
(SELECT count(*) FROM person WHERE is_active AND password LIKE '!%%'),
(SELECT count(*) FROM person WHERE NOT is_active),
(SELECT count(*) FROM token WHERE revoked_at IS NULL AND expires_at > %s),
(SELECT count(*) FROM webhook_endpoint WHERE is_active),
(SELECT count(*) FROM webhook_endpoint WHERE is_active AND failing_since_at IS NOT NULL),
(SELECT count(*) FROM job WHERE state = 'given_up'),
(SELECT COALESCE(max(size), 0) FROM tree_head),
(SELECT count(*) FROM agreement a WHERE a.is_in_force AND a.name <> 'clock' AND NOT EXISTS
  (SELECT 1 FROM agreement later WHERE later.name = a.name AND later.id > a.id)),
(SELECT count(*) FROM readings_request WHERE agreed_at IS NULL)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large the database is: bytes on the disk, and rows of the tables that grow.

    `is_estimate`: some rows were not counted but estimated by the server.
    """

    bytes: int
    rows: dict[str, int]
    is_estimate: bool


_GROWING = (
    models.Customer,
    models.Entry,
    models.Balance,
    models.Transaction,
    models.Note,
    models.Attachment,
    models.Reading,
)
# From so many rows on PostgreSQL's own estimate is exact enough, and counting takes too long.
_ESTIMATED_FROM = 100_000


def size(viewer: Viewer) -> Size:
    """Return how large the database is.

    Raises:
        Denied: the viewer may not audit.
    """
    require(viewer, "audit")
    names = [model._meta.db_table for model in _GROWING]
    if connection.vendor == "postgresql":
        parts = [
            f"SELECT '{n}', CASE WHEN c.reltuples >= {_ESTIMATED_FROM} THEN c.reltuples::bigint "  # noqa: S608 - our own names
            f"ELSE (SELECT count(*) FROM {n}) END, c.reltuples >= {_ESTIMATED_FROM} "
            f"FROM pg_class c WHERE c.oid = '{n}'::regclass"
            for n in names
        ]
        [(taken,)] = raw.fetched("SELECT pg_database_size(current_database())")
    else:
        parts = [f"SELECT '{n}', count(*), 0 FROM {n}" for n in names]  # noqa: S608 - our own names
        [(taken,)] = raw.fetched(
            "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        )
    rows = raw.fetched(" UNION ALL ".join(parts))
    return Size(
        bytes=int(taken),
        rows={name: int(count) for name, count, _ in rows},
        is_estimate=any(estimated for _, _, estimated in rows),
    )
