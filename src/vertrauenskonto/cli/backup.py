"""`backup` and `restore`: everything in one file, and back."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from vertrauenskonto.cli import options
from vertrauenskonto.cli.declare import Command, argument, switch
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import path
from vertrauenskonto.core.errors import Conflict, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupCommand:
    """Where to write."""

    file: Path = field(
        metadata=argument(
            Text("die Sicherung, eine .zip-Datei", "the backup, a .zip file"),
            metavar=options.FILE,
            read=path,
        )
    )
    force: bool = field(
        default=False,
        metadata=switch(
            "--force", Text("eine vorhandene Datei ersetzen", "replace a file that is there")
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreCommand:
    """What to read."""

    file: Path = field(
        metadata=argument(
            Text("eine Sicherung von „backup“", "a backup made by 'backup'"),
            metavar=options.FILE,
            read=path,
        )
    )


def backup(request: BackupCommand, shell: Shell) -> int:
    """Write everything into one file while others go on working."""
    from importlib.metadata import version

    from vertrauenskonto.cli.database import database

    now = datetime.now(UTC)
    if request.file.is_file() and not request.force:
        raise Conflict(
            Text(
                de=f"{request.file} gibt es schon; wählen Sie einen anderen Namen oder ersetzen "
                "Sie die Datei mit --force.",
                en=f"{request.file} exists already; choose another name, or replace it with "
                "--force.",
            )
        )
    with database():
        from vertrauenskonto.db.portable import backup as written

        with shell.working(Text("Sichern", "Backing up")) as progress:
            contents = written(
                request.file, made_at=now, version=version("vertrauenskonto"), progress=progress
            )
        from django.conf import settings

        from vertrauenskonto.db.checks import BACKUP_MARKER

        # For `doctor`: it tells when the last one is too old.
        (settings.DATA / BACKUP_MARKER).write_text(now.isoformat(), encoding="ascii")
    rows = sum(table.rows for table in contents.tables)
    size = request.file.stat().st_size
    shell.say(
        Text(
            f"{rows} Zeilen aus {len(contents.tables)} Tabellen in {request.file} ({size} Bytes). "
            "Die Datei enthält Namen, Notizen und Anmeldedaten: bitte verschlüsselt und nicht "
            "länger als nötig aufbewahren. Die Datei „secret-key“ im Datenordner gehört dazu.",
            f"{rows} rows of {len(contents.tables)} tables in {request.file} ({size} bytes). The "
            "file holds names, notes and sign-in data: keep it encrypted and no longer than "
            "needed. The file 'secret-key' in the data folder belongs to it.",
        )
    )
    return 0


def restore(request: RestoreCommand, shell: Shell) -> int:
    """Fill the empty database from a backup, bring it up to this version and verify it."""
    from vertrauenskonto.cli.database import database, door
    from vertrauenskonto.cli.verify import check

    with database():
        from vertrauenskonto.db.actions.privacy import erase_again, remembered_erased
        from vertrauenskonto.db.portable import restore as filled

        with shell.working(Text("Einspielen", "Restoring")) as progress:
            contents = filled(request.file, progress=progress)
        # Who was erased after the backup is in it; the list in the data folder knows.
        erased = erase_again(remembered_erased(), door=door(shell))
        rows = sum(table.rows for table in contents.tables)
        shell.say(
            Text(
                f"{rows} Zeilen aus {len(contents.tables)} Tabellen eingespielt; "
                f"{erased} Löschungen wiederholt, die nach der Sicherung geschehen waren.",
                f"{rows} rows of {len(contents.tables)} tables restored; {erased} erasures "
                "repeated that had happened after the backup.",
            )
        )
        return check(contents.head, shell)


COMMANDS_BY_NAME = {
    command.name: command
    for command in (
        Command(
            name="backup",
            summary=Text("Alles in eine Datei sichern", "Back everything up into one file"),
            request=BackupCommand,
            run=backup,
            details=Text(
                "Auch während andere arbeiten: die Datei zeigt einen einzigen Augenblick. Sie "
                "erscheint ganz oder gar nicht.",
                "Also while others work: the file shows a single instant. It appears complete or "
                "not at all.",
            ),
            example="vertrauenskonto backup 2026-03-18.zip",
        ),
        Command(
            name="restore",
            summary=Text("Eine Sicherung einspielen", "Restore a backup"),
            request=RestoreCommand,
            run=restore,
            details=Text(
                "Nur in eine Datenbank, in der nichts gebucht ist; SQLite und PostgreSQL nehmen "
                "dieselbe Datei. Eine ältere Sicherung wird auf diese Fassung gebracht; danach "
                "wird alles geprüft. Der Server darf dabei nicht laufen.",
                "Only into a database in which nothing is booked; SQLite and PostgreSQL take the "
                "same file. An older backup is brought up to this version; then everything is "
                "verified. The server must not be running.",
            ),
            example="vertrauenskonto restore 2026-03-18.zip",
        ),
    )
}
COMMAND = COMMANDS_BY_NAME["backup"]
