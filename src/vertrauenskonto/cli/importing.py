"""`import`: files of other programs, read by a mapping, as events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vertrauenskonto.cli import options
from vertrauenskonto.cli.declare import Command, argument, option, switch
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import path, text
from vertrauenskonto.core.errors import Invalid, Text

if TYPE_CHECKING:
    from vertrauenskonto.engine.importing import ImportReport

_CELL_MAX = 30
_PREVIEWED = ("account", "day", "kind", "source", "id")


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
                "Zuordnung: eine TOML-Datei oder der Name einer mitgelieferten",
                "mapping: a TOML file or the name of one that is shipped",
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
                "Ziel für die Ereignisse (.parquet, .csv); nötig außer mit --dry-run",
                "where the events go (.parquet, .csv); required unless with --dry-run",
            ),
            metavar=options.FILE,
            read=path,
        ),
    )
    outcomes: Path | None = field(
        default=None,
        metadata=option(
            "--outcomes",
            Text(
                "Ziel für Ergebnisse wie Bewertungen und Käufe; sie werden nie gebucht",
                "where outcomes such as reviews and purchases go; they are never posted",
            ),
            metavar=options.FILE,
            read=path,
        ),
    )
    policy: str = field(default="default", metadata=options.policy())
    dry_run: bool = field(
        default=False,
        metadata=switch(
            "--dry-run",
            Text("nur zeigen, was entstünde; nichts schreiben", "only show, write nothing"),
        ),
    )
    encoding: str = field(default="", metadata=options.encoding())
    memory: str = field(default="", metadata=options.memory())


def import_(request: ImportCommand, shell: Shell) -> int:
    """Read the files, write events and outcomes, and say what was found."""
    if request.out is None and not request.dry_run:
        raise Invalid(
            Text(
                "Es fehlt --out DATEI für die Ereignisse; mit --dry-run wird nur gezeigt.",
                "--out FILE for the events is missing; with --dry-run they are only shown.",
            )
        )
    from vertrauenskonto.engine.connection import Limits
    from vertrauenskonto.engine.importing import ImportRequest, import_files
    from vertrauenskonto.importers.policy import read_policy
    from vertrauenskonto.importers.shipped import chosen_mapping

    policy = read_policy(request.policy)
    with shell.stages() as progress:
        report = import_files(
            ImportRequest(
                path=request.source,
                mapping=chosen_mapping(request.mapping),
                policy=policy,
                today=shell.today,
                mapping_file=request.mapping,
                encoding=request.encoding or None,
                events=None if request.dry_run else request.out,
                outcomes=None if request.dry_run else request.outcomes,
                limits=Limits(memory=request.memory),
                progress=progress,
            )
        )
    labels = {name: kind.label for name, kind in policy.versions[-1].kinds.items()}
    shell.print(_summary(report, labels, shell))
    if request.dry_run:
        shell.print(_preview(report, shell))
    _say_files(request, report, shell)
    return shell.report(report.problems, errors=report.error_count, notes=report.note_count)


def _summary(report: "ImportReport", labels: Mapping[str, Text], shell: Shell) -> str:
    """Return rows, accounts and days, and how many events of each kind there are."""
    from vertrauenskonto.render.numbers import count, long_day
    from vertrauenskonto.render.tables import Column, Row, Table, text_table

    lang = shell.language
    rows = shell.words(
        f"{count(report.rows_read, lang)} Zeilen: {count(report.rows_used, lang)} verwendet, "
        f"{count(report.rows_skipped, lang)} übergangen, "
        f"{count(report.rows_with_problems, lang)} mit Problemen",
        f"{count(report.rows_read, lang)} rows: {count(report.rows_used, lang)} used, "
        f"{count(report.rows_skipped, lang)} passed over, "
        f"{count(report.rows_with_problems, lang)} with problems",
    )
    lines = [rows]
    if report.first_day and report.last_day:
        first, last = long_day(report.first_day, lang), long_day(report.last_day, lang)
        lines.append(
            shell.words(
                f"{count(report.accounts, lang)} Konten, {first} bis {last}",
                f"{count(report.accounts, lang)} accounts, {first} to {last}",
            )
        )
    if report.is_recorded_assumed:
        lines.append(
            shell.words(
                "Als Tag der Erfassung gilt der Tag des Ereignisses.",
                "The day of recording is taken to be the day of the event.",
            )
        )
    reversal = Text("Storno", "Reversal")
    listed = [
        Row((kind, labels.get(kind, reversal).in_language(lang), count(number, lang)))
        for kind, number in report.events.items()
    ]
    never = shell.words("Ergebnis, nie gebucht", "outcome, never posted")
    listed += [Row((name, never, count(n, lang))) for name, n in report.outcomes.items()]
    columns = (
        Column(heading=shell.words("Art", "Kind")),
        Column(heading=shell.words("Bedeutung", "Meaning"), wraps=True),
        Column(heading=shell.words("Anzahl", "Number"), is_number=True),
    )
    table = Table(caption=rows, columns=columns, rows=tuple(listed))
    return "\n".join(lines) + "\n\n" + text_table(table, width=shell.width)


def _preview(report: "ImportReport", shell: Shell) -> str:
    """Return the first rows as events."""
    from vertrauenskonto.render.tables import Column, Row, Table, text_table

    title = shell.words("Die ersten Ereignisse", "The first events")
    points = shell.words("Punkte", "Points")
    rows = tuple(
        Row((*(_short(str(event.get(name) or "")) for name in _PREVIEWED), _points(event)))
        for event in report.preview
    )
    columns = (
        *(Column(heading=name) for name in _PREVIEWED),
        Column(heading=points, is_number=True),
    )
    table = Table(caption=title, columns=columns, rows=rows)
    return f"{title}\n\n{text_table(table, width=shell.width)}"


def _short(word: str) -> str:
    """Return a long id with its middle left out: both ends tell it apart."""
    return word if len(word) <= _CELL_MAX else f"{word[:10]}…{word[-9:]}"


def _points(event: Mapping[str, object]) -> str:
    names = ("points_willing", "points_able", "points_assessable")
    found = [event.get(name) for name in names]
    return " / ".join(f"{value:g}" if isinstance(value, float) else "0" for value in found)


def _say_files(request: ImportCommand, report: "ImportReport", shell: Shell) -> None:
    for name, (encoding, delimiter) in report.encodings.items():
        sign = {"\t": "Tab"}.get(delimiter, delimiter)
        shell.say(
            Text(f"{name}: {encoding}, Trenner {sign}", f"{name}: {encoding}, delimiter {sign}")
        )
    if request.dry_run:
        shell.say(Text("Nichts geschrieben (--dry-run).", "Nothing written (--dry-run)."))
        return
    for written in (request.out, request.outcomes):
        if written is not None:
            shell.say(Text(f"Geschrieben: {written}", f"Written: {written}"))


COMMAND = Command(
    name="import",
    summary=Text(
        "Dateien aus anderen Programmen als Ereignisse lesen",
        "Read files of other programs as events",
    ),
    request=ImportCommand,
    run=import_,
    details=Text(
        "Die Zuordnung sagt, was die Spalten bedeuten. Eine schlechte Zeile hält keine gute auf; "
        "jede wird mit Zeile, Feld und Abhilfe genannt.",
        "The mapping says what the columns mean. A bad row stops no good one; each is named with "
        "line, field and cure.",
    ),
    example="vertrauenskonto import orders.csv --from shopware --dry-run",
)
