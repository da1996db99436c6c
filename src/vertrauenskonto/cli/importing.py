"""`import`: files of other programs, read by a mapping, as events."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vertrauenskonto.cli import options
from vertrauenskonto.cli.declare import Command, argument, option, switch
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import path, text
from vertrauenskonto.core.errors import Invalid, Language, Text

if TYPE_CHECKING:
    from vertrauenskonto.engine.importing import ImportReport
    from vertrauenskonto.importers.mapping import FileMapping

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
                "Ziel für Wirkungen wie Bewertungen und Käufe; sie werden nie gebucht",
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
    from vertrauenskonto.cli.written import keep_inputs
    from vertrauenskonto.engine.connection import Limits
    from vertrauenskonto.engine.importing import ImportRequest, import_files
    from vertrauenskonto.importers.policy import read_policy
    from vertrauenskonto.importers.shipped import chosen_mapping

    mapping = chosen_mapping(request.mapping)
    if not request.dry_run:
        outputs = {"--out": request.out, "--outcomes": request.outcomes}
        keep_inputs(outputs, _inputs(request, mapping, shell), policy=request.policy)
    policy = read_policy(request.policy)
    with shell.stages() as progress:
        report = import_files(
            ImportRequest(
                path=request.source,
                mapping=mapping,
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
    if request.dry_run and report.preview:
        shell.print(_preview(report, shell))
    _say_files(request, report, shell)
    return shell.report(report.problems, errors=report.error_count, notes=report.note_count)


def _inputs(request: ImportCommand, mapping: "FileMapping", shell: Shell) -> dict[str, Path]:
    """Return what is read, by the words that the user gave it with."""
    place, source = shell.words("PFAD", "PATH"), request.source
    if source.is_dir():
        found = {f"{place} ({name})": source / name for name in mapping.files.values()}
    else:
        found = {place: source}
    return found | {"--from": Path(request.mapping)}


def _summary(report: "ImportReport", labels: Mapping[str, Text], shell: Shell) -> str:
    """Return rows, accounts and days, and how many events of each kind there are."""
    from vertrauenskonto.render.numbers import count, long_day
    from vertrauenskonto.render.tables import Column, Row, Table, text_table

    lang = shell.language
    rows = _rows(report, shell)
    lines = [rows]
    if report.first_day and report.last_day:
        first, last = long_day(report.first_day, lang), long_day(report.last_day, lang)
        accounts = count(report.accounts, lang)
        one = report.accounts == 1
        lines.append(
            shell.words(
                f"{accounts} {'Konto' if one else 'Konten'}, {first} bis {last}",
                f"{accounts} {'account' if one else 'accounts'}, {first} to {last}",
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
    never = shell.words("Wirkung, nie gebucht", "outcome, never posted")
    listed += [Row((name, never, count(n, lang))) for name, n in report.outcomes.items()]
    columns = (
        Column(heading=shell.words("Art", "Kind")),
        Column(heading=shell.words("Bedeutung", "Meaning"), wraps=True),
        Column(heading=shell.words("Anzahl", "Number"), is_number=True),
    )
    parts = ["\n".join(lines) + "\n"]
    if listed:
        table = Table(caption=rows, columns=columns, rows=tuple(listed))
        parts.append(text_table(table, width=shell.width))
    if report.skipped:
        parts.append(_skipped(report, shell))
    return "\n".join(parts)


def _rows(report: "ImportReport", shell: Shell) -> str:
    """Return how many rows there are, and what became of them."""
    from vertrauenskonto.render.numbers import count

    lang = shell.language
    read, used = count(report.rows_read, lang), count(report.rows_used, lang)
    skipped, bad = count(report.rows_skipped, lang), count(report.rows_with_problems, lang)
    one = report.rows_read == 1
    part_de = part_en = ""
    if report.rows_used_in_part:
        part = count(report.rows_used_in_part, lang)
        part_de, part_en = f" (davon {part} teilweise verwendet)", f" ({part} of them used in part)"
    return shell.words(
        f"{read} {'Zeile' if one else 'Zeilen'}: {used} verwendet, {skipped} übergangen, "
        f"{bad} mit Problemen{part_de}",
        f"{read} {'row' if one else 'rows'}: {used} used, {skipped} passed over, "
        f"{bad} with problems{part_en}",
    )


def _skipped(report: "ImportReport", shell: Shell) -> str:
    """Return why rows were passed over, block by block."""
    from vertrauenskonto.render.numbers import count
    from vertrauenskonto.render.tables import Column, Row, Table, text_table

    title = shell.words(
        "Übergangen, weil in keinem Block etwas zutraf:",
        "Passed over, because nothing held in any block:",
    )
    skip = shell.words('Regel oder Wert sagt "skip"', 'a rule or value says "skip"')
    columns = (
        Column(heading=shell.words("Schlüssel", "Key")),
        Column(heading=shell.words("Bedingung, die nicht zutraf", "What did not hold"), wraps=True),
        Column(heading=shell.words("Zeilen", "Rows"), is_number=True),
    )
    rows = tuple(
        Row((found.key, found.condition or skip, count(found.rows, shell.language)))
        for found in report.skipped
    )
    table = Table(caption=title, columns=columns, rows=rows)
    return f"{title}\n\n{text_table(table, width=shell.width)}"


def _preview(report: "ImportReport", shell: Shell) -> str:
    """Return the first rows as events."""
    from vertrauenskonto.render.tables import Column, Row, Table, text_table

    title = shell.words("Die ersten Ereignisse", "The first events")
    points = shell.words("Punkte", "Points")
    rows = tuple(
        Row(
            (
                *(_short(str(event.get(name) or "")) for name in _PREVIEWED),
                _points(event, shell.language),
            )
        )
        for event in report.preview
    )
    columns = (
        *(Column(heading=name) for name in _PREVIEWED),
        Column(heading=points, is_number=True),
    )
    table = Table(caption=title, columns=columns, rows=rows)
    return f"\n{title}\n\n{text_table(table, width=shell.width)}"


def _short(word: str) -> str:
    """Return a long id with its middle left out: both ends tell it apart."""
    return word if len(word) <= _CELL_MAX else f"{word[:10]}…{word[-9:]}"


def _points(event: Mapping[str, object], language: Language) -> str:
    """Return the points per dimension as people write them; nothing for a reversal."""
    from vertrauenskonto.render.numbers import decimals_needed, number

    names = ("points_willing", "points_able", "points_assessable")
    found = [value for name in names if isinstance(value := event.get(name), float)]
    if all(value.is_integer() for value in found):
        return " / ".join(number(value, language, decimals=0) for value in found)
    decimals = decimals_needed(found)
    return " / ".join(number(value, language, decimals=decimals) for value in found)


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
