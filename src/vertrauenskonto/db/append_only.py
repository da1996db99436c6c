"""The triggers that refuse every change of a fact, put back wherever they are missing.

The second migration creates them. A later one may lose them: SQLite alters a table by building a new
one, and the triggers of the old one go with it. So they are looked after whenever tables changed.
"""

from django.db import connections
from django.db.models import Model

from vertrauenskonto.db import models, sealing

_FUNCTION = (
    "CREATE OR REPLACE FUNCTION vertrauenskonto_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "BEGIN RAISE EXCEPTION '% of % refused: facts are never changed, reverse and book anew', "
    "TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
)


def protected_tables() -> tuple[str, ...]:
    """Return the tables of facts, the log included."""
    facts: list[type[Model]] = [
        *sealing.FACTS[sealing.LAYOUT],
        models.Transaction,
        models.Leaf,
        models.TreeHead,
    ]
    return tuple(sorted(model._meta.db_table for model in facts))


def protect(using: str = "default") -> tuple[str, ...]:
    """Create every trigger that is missing, and return the tables that had lacked one."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
                "WHERE c.relnamespace = current_schema()::regnamespace"
            )
        else:
            cursor.execute("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'")
        there = set(cursor.fetchall())
        lacking = {
            (table, name): statement
            for table in protected_tables()
            for name, statement in _triggers(connection.vendor, table)
            if (table, name) not in there
        }
        if lacking and connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
        for statement in lacking.values():
            cursor.execute(statement)
    return tuple(sorted({table for table, _ in lacking}))


def _triggers(vendor: str, table: str) -> list[tuple[str, str]]:
    if vendor == "postgresql":
        name = f"{table}_append_only"
        return [
            (
                name,
                f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION vertrauenskonto_refuse()",
            )
        ]
    return [
        (
            f"{table}_no_{verb.lower()}",
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN SELECT "
            f"RAISE(ABORT, '{verb} of {table} refused: facts are never changed, reverse and "
            "book anew'); END",
        )
        for verb in ("UPDATE", "DELETE")
    ]
