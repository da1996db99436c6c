"""The installation as a whole: what `doctor`, health checks and metrics ask of the database."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import Count, Max

from vertrauenskonto.db import models, sealing

APP = "vertrauenskonto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrations:
    """How the database's tables and this program's differ."""

    # Known to the program, not yet carried out.
    pending: tuple[str, ...]
    # Carried out by a newer program.
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """How far the log has come."""

    size: int
    last_taken_at: datetime | None
    unsealed: int
    oldest_unsealed_at: datetime | None


def ping() -> None:
    """Ask the database for a sign of life.

    Raises:
        django.db.OperationalError: it gives none.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def server_version() -> str:
    """Return name and version of the database server."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW server_version")
            return f"PostgreSQL {cursor.fetchone()[0]}"
        cursor.execute("SELECT sqlite_version()")
        return f"SQLite {cursor.fetchone()[0]}"


def migrations() -> Migrations:
    """Compare the migrations that were carried out with those that this program has."""
    loader = MigrationLoader(connection)
    known, done = set(loader.disk_migrations), set(loader.applied_migrations)
    replaced = {key for found in loader.replacements.values() for key in found.replaces}
    # Of other packages, what an older version of them does not know does no harm.
    ours = {key for key in done - known if key[0] == APP}
    return Migrations(
        pending=tuple(sorted(f"{app}.{name}" for app, name in known - done - replaced)),
        unknown=tuple(sorted(f"{app}.{name}" for app, name in ours)),
    )


def unprotected_tables() -> tuple[str, ...]:
    """Return the tables of facts whose triggers against changes are missing."""
    facts = {model._meta.db_table for model in sealing.FACTS[sealing.LAYOUT]}
    facts |= {m._meta.db_table for m in (models.Transaction, models.Leaf, models.TreeHead)}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT c.relname, 2 FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
                "WHERE t.tgname = c.relname || '_append_only' AND t.tgenabled <> 'D' "
                "AND c.relnamespace = current_schema()::regnamespace"
            )
        else:
            cursor.execute(
                "SELECT tbl_name, count(*) FROM sqlite_master WHERE type = 'trigger' AND name IN "
                "(tbl_name || '_no_update', tbl_name || '_no_delete') GROUP BY tbl_name"
            )
        guarded = {table for table, count in cursor.fetchall() if count == 2}
    return tuple(sorted(facts - guarded))


def newest_booking_at() -> datetime | None:
    """Return the latest instant at which anything was written, None if nothing was."""
    last: datetime | None = models.Transaction.objects.aggregate(at=Max("booked_at"))["at"]
    return last


def sealed() -> Sealed:
    """Return how far the log has come and what waits for its place in it."""
    head = models.TreeHead.objects.order_by("-size").first()
    waiting = models.Transaction.objects.filter(place=None)
    oldest = waiting.order_by("pk").values_list("booked_at", flat=True).first()
    return Sealed(
        size=head.size if head else 0,
        last_taken_at=head.taken_at if head else None,
        unsealed=waiting.count() if oldest else 0,
        oldest_unsealed_at=oldest,
    )


def deliveries() -> dict[str, int]:
    """Return how many webhook deliveries are in each state."""
    found = dict.fromkeys(("waiting", "delivered", "given_up"), 0)
    rows = models.Delivery.objects.values("state").annotate(n=Count("pk")).order_by("state")
    return found | {row["state"]: row["n"] for row in rows}
