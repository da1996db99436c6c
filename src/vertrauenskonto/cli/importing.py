"""`import`: files of other programs, read by a mapping, as events."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vertrauenskonto.cli import options
from vertrauenskonto.cli.declare import Command
from vertrauenskonto.cli.import_request import ImportCommand, inputs
from vertrauenskonto.cli.import_told import say_encodings, tell_import
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.core.errors import Invalid, Language, Text

if TYPE_CHECKING:
    from vertrauenskonto.engine.importing import ImportReport

_CELL_MAX = 30
_PREVIEWED = ("account", "day", "kind", "source", "id")


def import_(request: ImportCommand, shell: Shell) -> int:
    """Read the files, write events and outcomes, and say what was found."""
    if request.into_database:
        from vertrauenskonto.cli.import_database import into_database

        return into_database(request, shell)
    if request.out is None and not request.dry_run:
        raise Invalid(
            Text(
                "Es fehlt, wohin: --into-database bucht in der Datenbank dieser Installation, --out "
                "DATEI schreibt die Ereignisse in eine Datei, --dry-run zeigt sie nur.",
                "Where to is missing: --into-database books into the database of this "
                "installation, --out FILE writes the events to a file, --dry-run only shows them.",
            )
        )
    from vertrauenskonto.cli.written import keep_inputs
    from vertrauenskonto.engine.connection import Limits
    from vertrauenskonto.engine.importing import ImportRequest, import_files
    from vertrauenskonto.importers.policy import read_policy
    from vertrauenskonto.importers.shipped import chosen_mapping

    mapping = chosen_mapping(request.mapping)
    name = request.policy or options.DEFAULT_POLICY
    if not request.dry_run:
        outputs = {"--out": request.out, "--outcomes": request.outcomes}
        keep_inputs(outputs, inputs(request, mapping, shell), policy=name)
    policy = read_policy(name)
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
    tell_import(report, policy, shell)
    if request.dry_run and report.preview:
        shell.print(_preview(report, shell))
    _say_files(request, report, shell)
    return shell.report(report.problems, errors=report.error_count, notes=report.note_count)


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
    say_encodings(report, shell)
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
