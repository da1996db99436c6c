"""The whole database as a stream of rows: into a file, out of one, or into another database.

A backup is a ZIP file: `manifest.json` and one `tables/NAME.ndjson` per table, each line a JSON
array of a row's columns. It says by which migrations its tables were made; restoring makes the same
tables, fills them and brings them up to the program's version. So it is also how a ledger moves
between SQLite and PostgreSQL: every key and every order stays, and with them every leaf.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from django.core.management import call_command
from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor

from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Text
from vertrauenskonto.core.ledger.seal import Head
from vertrauenskonto.db.append_only import protect
from vertrauenskonto.db.places import Place, Reader, reading
from vertrauenskonto.db.queries.seal import place
from vertrauenskonto.db.rendering import (
    Sort,
    Vendor,
    json_array,
    json_value,
    sort_of,
    vendor_of,
)
from vertrauenskonto.engine.outputs import check_place, complete_or_absent

FORMAT = 1
_MIGRATIONS = "django_migrations"
_ROWS_AT_ONCE = 1_000
_LINES_AT_ONCE = 5_000

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of the database and its columns, each with its sort, in the order of the rows."""

    name: str
    columns: tuple[tuple[str, Sort], ...]
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a database holds: by which migrations it was made, its tables, the newest head."""

    migrations: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    head: Head | None


# Gives the rows of a table, each as the JSON text of an array.
Lines = Callable[[Table], Iterator[str]]


def backup(
    path: Path, *, made_at: datetime, version: str, progress: Progress = lambda share: None
) -> Contents:
    """Write everything into one file, as of one instant, while others go on writing.

    Raises:
        NotFound, Invalid: the file cannot be put there.
        OutOfSpace, OSError: it cannot be written; `path` is as it was.
    """
    check_place(path)
    with complete_or_absent(path) as part:
        # It holds names, notes and password hashes.
        part.touch(mode=0o600)
        with (
            _standing_still(part.parent) as reader,
            ZipFile(part, "w", ZIP_DEFLATED, compresslevel=1) as archive,
        ):
            contents = _contents(reader)
            total = sum(table.rows for table in contents.tables) or 1
            done = 0
            for table in contents.tables:
                with archive.open(f"tables/{table.name}.ndjson", "w", force_zip64=True) as file:
                    lines = _lines(reader, table)
                    while block := list(islice(lines, _LINES_AT_ONCE)):
                        file.write(("\n".join(block) + "\n").encode())
                        done += len(block)
                        progress(done / total)
            archive.writestr("manifest.json", _manifest(contents, made_at, version))
    return contents


def restore(path: Path, *, progress: Progress = lambda share: None) -> Contents:
    """Fill the database from a backup, and bring it up to this version; all of it or nothing.

    Raises:
        NotFound: there is no such file.
        Invalid: it is no backup, or damaged.
        Conflict: the database holds facts already, or the backup is of a newer version.
    """
    with _opened(path) as archive:
        contents = _read_manifest(archive)
        _fill("default", contents, _archived(archive), progress)
    return contents


def move(target: dict[str, Any], *, progress: Progress = lambda share: None) -> Contents:
    """Copy everything into another, empty database, which `target` describes as Django does.

    What is written here in the meantime is not moved: nobody should be writing.

    Raises:
        Conflict: the other database holds facts already.
    """
    configured = connections.configure_settings({"default": {}, "target": target})
    connections.settings["target"] = configured["target"]
    if "target" in {known.alias for known in connections.all(initialized_only=True)}:
        del connections["target"]
    try:
        with reading(place()) as reader:
            contents = _contents(reader)
            _fill("target", contents, lambda table: _lines(reader, table), progress)
    finally:
        connections["target"].close()
    return contents


def holds_facts(using: str) -> bool:
    """Tell whether anything was ever booked in this database."""
    with connections[using].cursor() as cursor:
        there = connections[using].introspection.table_names(cursor)
        if "booking_transaction" not in there:
            return False
        cursor.execute("SELECT EXISTS (SELECT 1 FROM booking_transaction)")
        return bool(cursor.fetchone()[0])


@contextmanager
def _standing_still(folder: Path) -> Iterator[Reader]:
    """Yield a reader of the database as it is now; of SQLite, of a copy made for the purpose."""
    where = place()
    if where.vendor == "postgresql":
        with reading(where) as reader:
            yield reader
        return
    # A long look at the live file would keep its write-ahead log from being emptied.
    with TemporaryDirectory(dir=folder.parent, prefix=".vertrauenskonto-") as name:
        copy = Path(name) / "copy.sqlite3"
        with (
            closing(sqlite3.connect(where.parameters["database"])) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
        with reading(Place(vendor="sqlite", parameters={"database": str(copy)})) as reader:
            yield reader


def _contents(reader: Reader) -> Contents:
    migrations = reader.rows(f"SELECT app, name FROM {_MIGRATIONS} ORDER BY id")  # noqa: S608 - our own name
    newest = list(reader.rows("SELECT size, root FROM tree_head ORDER BY size DESC LIMIT 1"))
    tables = []
    for name in _tables("default"):
        (rows,) = reader.one(f'SELECT count(*) FROM "{name}"')  # noqa: S608 - our own names
        tables.append(Table(name=name, columns=_columns("default", name), rows=rows))
    return Contents(
        migrations=tuple((app, name) for app, name in migrations),
        tables=tuple(tables),
        head=next((Head(size=size, root=bytes(root)) for size, root in newest), None),
    )


def _tables(using: str) -> list[str]:
    names = connections[using].introspection.django_table_names(
        only_existing=True, include_views=False
    )
    return sorted(set(names) - {_MIGRATIONS})


def _columns(using: str, table: str) -> tuple[tuple[str, Sort], ...]:
    introspection = connections[using].introspection
    with connections[using].cursor() as cursor:
        described = introspection.get_table_description(cursor, table)
    found = []
    for column in described:
        kind = introspection.get_field_type(column.type_code, column)
        found.append((column.name, sort_of(kind)))
    return tuple(found)


def _lines(reader: Reader, table: Table) -> Iterator[str]:
    vendor = vendor_of(reader.vendor)
    values = [json_value(vendor, sort, f'"{column}"') for column, sort in table.columns]
    with connections["default"].cursor() as cursor:
        keys = connections["default"].introspection.get_primary_key_columns(cursor, table.name)
    order = ", ".join(f'"{key}"' for key in keys or [table.columns[0][0]])
    sql = f'SELECT {json_array(vendor, values)} FROM "{table.name}" ORDER BY {order}'  # noqa: S608 - our own names
    return (line for (line,) in reader.rows(sql))


def _manifest(contents: Contents, made_at: datetime, version: str) -> str:
    head = contents.head
    return json.dumps(
        {
            "format": FORMAT,
            "program": f"vertrauenskonto {version}",
            "made_at": made_at.isoformat(timespec="seconds"),
            "head": head and {"size": head.size, "root": head.root.hex()},
            "migrations": contents.migrations,
            "tables": [asdict(table) for table in contents.tables],
        },
        indent=1,
        ensure_ascii=False,
    )


@contextmanager
def _opened(path: Path) -> Iterator[ZipFile]:
    if not path.is_file():
        raise NotFound(
            Text(
                de=f"Die Datei {path} gibt es nicht.",
                en=f"There is no file {path}.",
            )
        )
    try:
        with ZipFile(path) as archive:
            yield archive
    except (BadZipFile, EOFError, KeyError, ValueError) as error:
        raise _no_backup(path) from error


def _read_manifest(archive: ZipFile) -> Contents:
    given = json.loads(archive.read("manifest.json"))
    if given["format"] > FORMAT:
        raise _newer(f"format {given['format']}")
    head = given["head"]
    return Contents(
        migrations=tuple((app, name) for app, name in given["migrations"]),
        tables=tuple(
            Table(
                name=table["name"],
                columns=tuple((name, sort) for name, sort in table["columns"]),
                rows=table["rows"],
            )
            for table in given["tables"]
        ),
        head=head and Head(size=head["size"], root=bytes.fromhex(head["root"])),
    )


def _archived(archive: ZipFile) -> Lines:
    def lines(table: Table) -> Iterator[str]:
        with archive.open(f"tables/{table.name}.ndjson") as file:
            for line in file:
                yield line.decode()

    return lines


def _fill(using: str, contents: Contents, lines: Lines, progress: Progress) -> None:
    """Make the tables as the contents had them, fill them, bring them up to date."""
    if holds_facts(using):
        raise Conflict(
            Text(
                de="In der Zieldatenbank ist schon etwas gebucht; es wurde nichts angefasst. "
                "Nehmen Sie eine leere Datenbank.",
                en="Something is booked in the target database already; nothing was touched. "
                "Take an empty database.",
            )
        )
    if connections[using].vendor == "sqlite":
        _fill_file(using, contents, lines, progress)
        return
    with transaction.atomic(using):
        _drop_everything(using)
        _make_tables(using, contents)
        with connections[using].cursor() as cursor:
            # Rows refer to rows of tables that come later; making the tables left some strict.
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        _insert_all(using, contents, lines, progress)
        with connections[using].cursor() as cursor:
            # Checks references now; a later migration could not alter tables otherwise.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        _set_sequences(using, contents)
        call_command("migrate", database=using, verbosity=0, interactive=False)
        protect(using)


def _fill_file(using: str, contents: Contents, lines: Lines, progress: Progress) -> None:
    """Build a new file beside the old one, then put it in its place."""
    connection = connections[using]
    target = Path(connection.settings_dict["NAME"])
    connection.close()
    with complete_or_absent(target) as part:
        connection.settings_dict["NAME"] = str(part)
        try:
            _make_tables(using, contents)
            with transaction.atomic(using):
                _insert_all(using, contents, lines, progress)
            call_command("migrate", database=using, verbosity=0, interactive=False)
            protect(using)
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()
            connection.settings_dict["NAME"] = str(target)
        for suffix in ("-wal", "-shm"):
            # Those of the empty database that stood here: read with the new file they would spoil it.
            target.with_name(target.name + suffix).unlink(missing_ok=True)


def _drop_everything(using: str) -> None:
    """Drop our tables, which hold no facts, and what belongs to them."""
    connection = connections[using]
    with connection.cursor() as cursor:
        there = {*connection.introspection.table_names(cursor)} & {*_tables(using), _MIGRATIONS}
        for table in sorted(there):
            cursor.execute(f'DROP TABLE "{table}" CASCADE')
        cursor.execute(
            "SELECT oid::regprocedure::text FROM pg_proc WHERE proname LIKE 'vertrauenskonto%%' "
            "AND pronamespace = current_schema()::regnamespace"
        )
        for (function,) in cursor.fetchall():
            cursor.execute(f"DROP FUNCTION {function} CASCADE")


def _make_tables(using: str, contents: Contents) -> None:
    """Run exactly the migrations that the contents were made by."""
    executor = MigrationExecutor(connections[using])
    graph, recorded = executor.loader.graph, set(contents.migrations)
    unknown = sorted(recorded - set(executor.loader.disk_migrations))
    if unknown:
        raise _newer(".".join(unknown[0]))
    # Naming a migration whose follower was run too would take the follower back.
    last = [
        key
        for key in contents.migrations
        if not any(
            child.key in recorded and child.key[0] == key[0] for child in _children(graph, key)
        )
    ]
    executor.migrate(last)
    with connections[using].cursor() as cursor:
        for table in _tables(using):
            # A migration may have written rows of its own; facts never are.
            cursor.execute(f'SELECT EXISTS (SELECT 1 FROM "{table}")')  # noqa: S608 - our own names
            if cursor.fetchone()[0]:
                cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608 - our own names


def _children(graph: Any, key: tuple[str, str]) -> Iterable[Any]:
    # Any: Django's graph is not typed.
    return graph.node_map[key].children if key in graph.node_map else ()


def _insert_all(using: str, contents: Contents, lines: Lines, progress: Progress) -> None:
    total = sum(table.rows for table in contents.tables) or 1
    done = 0
    for table in contents.tables:
        there = dict(_columns(using, table.name))
        sorts = [there[name] for name, _ in table.columns]
        count = 0
        rows = (json.loads(line) for line in lines(table))
        while block := list(islice(rows, _ROWS_AT_ONCE)):
            _insert(using, table, _stored(vendor_of(connections[using].vendor), sorts, block))
            count += len(block)
            progress((done + count) / total)
        if count != table.rows:
            raise ValueError(f"{table.name}: {count} rows instead of {table.rows}")
        done += count


def _insert(using: str, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    columns = ", ".join(f'"{name}"' for name, _ in table.columns)
    with connections[using].cursor() as cursor:
        if connections[using].vendor == "postgresql":
            with cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(table.columns))
        cursor.executemany(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', rows)  # noqa: S608 - our own names


def _stored(
    vendor: Vendor, sorts: Sequence[Sort], rows: Sequence[Sequence[Any]]
) -> list[list[Any]]:
    """Return rows from a backup in the form in which a database takes them."""
    change: list[tuple[int, Callable[[Any], Any]]] = []
    for position, sort in enumerate(sorts):
        if sort == "bytes":
            change.append((position, bytes.fromhex))
        elif sort == "json":
            change.append((position, json.dumps))
        elif sort == "instant" and vendor == "sqlite":
            change.append((position, _sqlite_instant))
    stored = [list(row) for row in rows]
    for row in stored:
        for position, changed in change:
            if row[position] is not None:
                row[position] = changed(row[position])
    return stored


def _sqlite_instant(text: str) -> str:
    return text.removesuffix("+00:00").removesuffix(".000000").replace("T", " ")


def _set_sequences(using: str, contents: Contents) -> None:
    with connections[using].cursor() as cursor:
        for table in contents.tables:
            for column, sort in table.columns:
                if sort != "number":
                    continue
                cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table.name}"', column])
                sequence = cursor.fetchone()[0]
                if sequence is not None:
                    cursor.execute(
                        f'SELECT setval(%s, coalesce(max("{column}"), 1), max("{column}") IS NOT '  # noqa: S608 - our own names
                        f'NULL) FROM "{table.name}"',
                        [sequence],
                    )


def _no_backup(path: Path) -> Invalid:
    return Invalid(
        Text(
            de=f"{path} ist keine Sicherung dieses Programms oder beschädigt; es wurde nichts "
            "verändert.",
            en=f"{path} is no backup of this program, or damaged; nothing was changed.",
        )
    )


def _newer(what: str) -> Conflict:
    return Conflict(
        Text(
            de=f"Die Sicherung gehört zu einer neueren Fassung des Programms ({what}); es wurde "
            "nichts verändert. Richten Sie diese Fassung ein.",
            en=f"The backup belongs to a newer version of the program ({what}); nothing was "
            "changed. Install that version.",
        )
    )
