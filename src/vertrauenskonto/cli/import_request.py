"""What `import` reads from a command line."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vertrauenskonto.cli import options
from vertrauenskonto.cli.declare import argument, option, switch
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import path, text
from vertrauenskonto.core.errors import Text

if TYPE_CHECKING:
    from vertrauenskonto.importers.mapping import FileMapping


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCommand:
    """What to read, by which mapping, and where to write it."""

    source: Path = field(
        metadata=argument(
            Text("Datei oder Ordner", "file or folder"),
            metavar=Text("PFAD", "PATH"),
            read=path,
        )
    )
    mapping: str = field(
        metadata=option(
            "--from",
            Text(
                "Zuordnung: eine TOML-Datei oder der Name einer mitgelieferten (mapping show)",
                "mapping: a TOML file or the name of one that is shipped (mapping show)",
            ),
            metavar=Text("ZUORDNUNG", "MAPPING"),
            read=text,
        )
    )
    out: Path | None = field(
        default=None,
        metadata=option(
            "--out",
            Text(
                "Ziel für die Ereignisse (.parquet, .csv); nötig außer mit --into-database oder "
                "--dry-run",
                "where the events go (.parquet, .csv); required unless with --into-database or "
                "--dry-run",
            ),
            metavar=options.FILE,
            read=path,
        ),
    )
    into_database: bool = field(
        default=False,
        metadata=switch(
            "--into-database",
            Text(
                "in der Datenbank dieser Installation buchen; dieselbe Datei noch einmal bucht "
                "nichts doppelt",
                "book into the database of this installation; the same file again books nothing "
                "twice",
            ),
        ),
    )
    outcomes: Path | None = field(
        default=None,
        metadata=option(
            "--outcomes",
            Text(
                "Ziel für Wirkungen wie Bewertungen und Käufe; sie werden nie gebucht",
                "where outcomes such as reviews and purchases go; they are never posted",
            ),
            metavar=options.FILE,
            read=path,
        ),
    )
    policy: str = field(default="", metadata=options.policy())
    dry_run: bool = field(
        default=False,
        metadata=switch(
            "--dry-run",
            Text("nur zeigen, was entstünde; nichts schreiben", "only show, write nothing"),
        ),
    )
    encoding: str = field(default="", metadata=options.encoding())
    memory: str = field(default="", metadata=options.memory())


def inputs(request: ImportCommand, mapping: "FileMapping", shell: Shell) -> dict[str, Path]:
    """Return what is read, by the words that the user gave it with."""
    place, source = shell.words("PFAD", "PATH"), request.source
    if source.is_dir():
        found = {f"{place} ({name})": source / name for name in mapping.files.values()}
    else:
        found = {place: source}
    return found | {"--from": Path(request.mapping)}
