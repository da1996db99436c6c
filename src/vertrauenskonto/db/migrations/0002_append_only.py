"""Facts are inserted and never changed: the database itself refuses the rest."""

from django.db import migrations

FACTS = (
    "agreement",
    "alias",
    "attribute",
    "booking_transaction",
    "contest",
    "customer",
    "entry",
    "evidence",
    "leaf",
    "membership",
    "parent",
    "policy_version",
    "processing",
    "role_given",
    "suspension",
    "tree_head",
)


# Written out here although `db/append_only.py` says the same of today's tables: a migration makes the
# tables of its own day, whatever the program looks after later. A test holds the two against each other.
def refuse_changes(apps, schema_editor):
    """Create the triggers."""
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION vertrauenskonto_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION '% of % refused: facts are never changed, reverse and book "
            "anew', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$",
            params=None,
        )
    for table in FACTS:
        if vendor == "postgresql":
            schema_editor.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION vertrauenskonto_refuse()"
            )
        else:
            for verb in ("UPDATE", "DELETE"):
                schema_editor.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN SELECT "
                    f"RAISE(ABORT, '{verb} of {table} refused: facts are never changed, reverse and "
                    "book anew'); END"
                )


def allow_changes(apps, schema_editor):
    """Drop the triggers (only when the whole schema is taken back)."""
    vendor = schema_editor.connection.vendor
    for table in FACTS:
        if vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        else:
            schema_editor.execute(f"DROP TRIGGER {table}_no_update")
            schema_editor.execute(f"DROP TRIGGER {table}_no_delete")
    if vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION vertrauenskonto_refuse()")


class Migration(migrations.Migration):
    """Triggers on every table of facts."""

    dependencies = [("vertrauenskonto", "0001_tables")]
    operations = [migrations.RunPython(refuse_changes, allow_changes)]
