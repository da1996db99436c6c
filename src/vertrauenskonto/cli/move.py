"""`move`: the whole ledger from SQLite to PostgreSQL, or back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from vertrauenskonto.cli.declare import Command, option
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import text
from vertrauenskonto.core.errors import Invalid, Text, TrustError

_FILE = "sqlite:"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveCommand:
    """Where to."""

    to: str = field(
        metadata=option(
            "--to",
            Text(
                "die leere Zieldatenbank: postgresql://… oder sqlite:DATEI",
                "the empty target database: postgresql://… or sqlite:FILE",
            ),
            metavar=Text("ADRESSE", "URL"),
            read=text,
        )
    )


def move(request: MoveCommand, shell: Shell) -> int:
    """Copy everything to another database, and verify it there."""
    from vertrauenskonto.cli.database import database

    with database():
        from vertrauenskonto.db.portable import move as moved
        from vertrauenskonto.db.queries.seal import verify

        target = _target(request.to)
        with shell.working(Text("Umziehen", "Moving")) as progress, _reachable(target):
            contents = moved(target, progress=progress)
        with shell.working(Text("Prüfen", "Verifying")) as progress:
            found = verify(contents.head, using="target", progress=progress)
    rows = sum(table.rows for table in contents.tables)
    shell.say(
        Text(
            f"{rows} Zeilen aus {len(contents.tables)} Tabellen umgezogen; Kopf: "
            f"{found.head.size} Plätze, {found.head.root.hex()}. Setzen Sie nun "
            "VERTRAUENSKONTO_DATABASE auf die neue Adresse; die alte Datenbank ist unverändert.",
            f"{rows} rows of {len(contents.tables)} tables moved; head: {found.head.size} places, "
            f"{found.head.root.hex()}. Now set VERTRAUENSKONTO_DATABASE to the new address; the "
            "old database is unchanged.",
        )
    )
    return shell.report_all(found.problems)


@contextmanager
def _reachable(target: dict[str, object]) -> Iterator[None]:
    """Say in which database an operation failed: it is the target, the own one is open already.

    Raises:
        TrustError: it cannot be reached or written.
    """
    from django.db import DatabaseError

    try:
        yield
    except DatabaseError as error:
        told = (str(error).strip() or type(error).__name__).splitlines()[0]
        # Without user and password.
        host = f"{target['HOST']}:{target['PORT']}/" if target.get("HOST") else ""
        where = f"{host}{target['NAME']}"
        raise TrustError(
            Text(
                de=f"Die Zieldatenbank {where} nimmt nichts an; hier ist nichts verändert. Läuft "
                f"der Server, stimmt die Adresse, sind die Rechte da? Sie sagt: {told}",
                en=f"The target database {where} takes nothing; nothing is changed here. Is the "
                f"server running, is the address right, are the rights there? It says: {told}",
            )
        ) from error


def _target(url: str) -> dict[str, object]:
    from django.conf import settings

    if url.startswith(("postgresql://", "postgres://")):
        return settings.DATABASE_AT(url, Path())
    if url.startswith(_FILE) and len(url) > len(_FILE):
        return settings.DATABASE_AT("", Path()) | {"NAME": str(Path(url.removeprefix(_FILE)))}
    raise Invalid(
        Text(
            de=f"„{url}“ ist keine Adresse einer Datenbank; schreiben Sie postgresql://… oder "
            "sqlite:DATEI.",
            en=f"'{url}' is no address of a database; write postgresql://… or sqlite:FILE.",
        )
    )


COMMAND = Command(
    name="move",
    summary=Text(
        "In eine andere Datenbank umziehen: SQLite, PostgreSQL",
        "Move to another database: SQLite, PostgreSQL",
    ),
    request=MoveCommand,
    run=move,
    details=Text(
        "Jede Zeile behält Nummer und Reihenfolge, das Siegel seinen Kopf. Der Server darf dabei "
        "nicht laufen: was er inzwischen schreibt, zieht nicht mit um.",
        "Every row keeps its number and order, the seal its head. The server must not be running: "
        "what it writes meanwhile is not moved.",
    ),
    example="vertrauenskonto move --to postgresql://konto@db.example.org/konto",
)
