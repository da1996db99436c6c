"""`export`: everything about customers and what was booked, in open formats."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from vertrauenskonto.cli.declare import Command, argument, option
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import one_of, path
from vertrauenskonto.core.errors import Text

if TYPE_CHECKING:
    from vertrauenskonto.db.exporting import Format


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportCommand:
    """Where to and in which format."""

    folder: Path = field(
        metadata=argument(
            Text("ein Ordner, den es noch nicht gibt", "a folder that does not exist yet"),
            metavar=Text("ORDNER", "FOLDER"),
            read=path,
        )
    )
    format: "Format" = field(
        default="parquet",
        metadata=option(
            "--format",
            Text("ndjson, csv oder parquet", "ndjson, csv or parquet"),
            metavar=Text("FORMAT", "FORMAT"),
            read=one_of("ndjson", "csv", "parquet"),
        ),
    )


def export(request: ExportCommand, shell: Shell) -> int:
    """Write the files, and say how many rows."""
    from vertrauenskonto.cli.database import database

    now = datetime.now(UTC)
    with database():
        from vertrauenskonto.db.exporting import export as written

        with shell.working(Text("Herausgeben", "Exporting")) as progress:
            done = written(
                request.folder,
                form=request.format,
                made_at=now,
                language=shell.language,
                progress=progress,
            )
    rows = sum(done.rows.values())
    shell.say(
        Text(
            f"{rows} Zeilen in {len(done.rows)} Dateien in {request.folder}; README.md erklärt "
            "jedes Feld.",
            f"{rows} rows in {len(done.rows)} files in {request.folder}; README.md explains every "
            "field.",
        )
    )
    return 0


COMMAND = Command(
    name="export",
    summary=Text("Alles in offenen Formaten herausgeben", "Give everything out in open formats"),
    request=ExportCommand,
    run=export,
    details=Text(
        "Eine Datei je Tabelle, dazu ein README. Beschäftigte sind nur genannt, wenn eine "
        "Betriebsvereinbarung das erlaubt; Gelöschtes fehlt. Der Ordner erscheint ganz oder gar "
        "nicht.",
        "One file per table and a README. Members of staff are named only if a works agreement "
        "allows it; what was erased is not there. The folder appears complete or not at all.",
    ),
    example="vertrauenskonto export 2026-03-18 --format csv",
)
