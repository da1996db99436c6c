"""`score`: value all accounts of a table of events on one day, on any engine."""

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from vertrauenskonto.cli import options
from vertrauenskonto.cli.declare import Command, option, switch
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import path, some_of, text
from vertrauenskonto.core.errors import Invalid, Text

if TYPE_CHECKING:
    from vertrauenskonto.core.ledger.policy import PolicyHistory
    from vertrauenskonto.engine.run import ScoreReport

_VIEWS = ("total", "organisation", "persons")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCommand:
    """What to value and where to write it."""

    as_of: date = field(metadata=options.as_of())
    out: Path = field(
        metadata=option(
            "--out",
            Text(
                "Ergebnis, eine Zeile je Konto und Sicht (.parquet, .csv, .duckdb)",
                "result, one row per account and view (.parquet, .csv, .duckdb)",
            ),
            metavar=options.FILE,
            read=path,
        )
    )
    events: Path | None = field(default=None, metadata=options.events_argument())
    known_at: date | None = field(default=None, metadata=options.known_at())
    policy: str = field(default="", metadata=options.policy())
    suspensions: Path | None = field(default=None, metadata=options.suspensions())
    accounts: Path | None = field(default=None, metadata=options.accounts())
    views: tuple[str, ...] = field(
        default=(),
        metadata=option(
            "--views",
            Text(
                "welche Sichten: total, organisation, persons, durch Komma getrennt [sonst: alle; "
                "aus der Datenbank persons nur auf Verlangen]",
                "which views: total, organisation, persons, separated by commas [default: all; "
                "from the database persons only on request]",
            ),
            metavar=Text("SICHTEN", "VIEWS"),
            read=some_of(*_VIEWS),
        ),
    )
    velocity: bool = field(
        default=False,
        metadata=switch(
            "--velocity",
            Text("auch die Veränderung je 30 Tage", "also the change per 30 days"),
        ),
    )
    runway: bool = field(
        default=False,
        metadata=switch(
            "--runway",
            Text(
                "auch die Reichweite: Tage bis unter die Schwelle, wenn nichts geschieht",
                "also the run-way: days until below the threshold if nothing happens",
            ),
        ),
    )
    engine: str = field(
        default="duckdb",
        metadata=option(
            "--engine",
            Text(
                "worauf gerechnet wird: duckdb, postgresql://…, spark, local[2] oder spark://…",
                "what computes: duckdb, postgresql://…, spark, local[2] or spark://…",
            ),
            metavar=Text("ENGINE", "ENGINE"),
            read=text,
        ),
    )
    ids_of: str = field(
        default="",
        metadata=option(
            "--ids-of",
            Text(
                "aus der Datenbank: Konten so nennen, wie diese Quelle sie nennt [sonst: mit ihren "
                "Schlüsseln]",
                "from the database: call accounts as this source does [default: by their keys]",
            ),
            metavar=Text("QUELLE", "SOURCE"),
            read=text,
        ),
    )
    memory: str = field(default="", metadata=options.memory())
    encoding: str = field(default="", metadata=options.encoding())


def score(request: ScoreCommand, shell: Shell) -> int:
    """Value the accounts, write the result and say how much was done."""
    if request.events is None:
        return _of_database(request, shell)
    from vertrauenskonto.cli.written import keep_inputs
    from vertrauenskonto.importers.policy import read_policy

    if request.ids_of:
        raise Invalid(
            Text(
                "--ids-of gilt für die Datenbank; in einer Datei heißen die Konten, wie sie heißen.",
                "--ids-of is for the database; in a file accounts are called what they are called.",
            )
        )
    name = request.policy or options.DEFAULT_POLICY
    keep_inputs(
        {"--out": request.out},
        {
            shell.words("EREIGNISSE", "EVENTS"): request.events,
            "--suspensions": request.suspensions,
            "--accounts": request.accounts,
        },
        policy=name,
    )
    return _run(
        request,
        _Files(request.events, request.suspensions, request.accounts),
        read_policy(name),
        shell,
    )


def _of_database(request: ScoreCommand, shell: Shell) -> int:
    from vertrauenskonto.cli.installed import installed_tables, refuse_file_options
    from vertrauenskonto.engine.outputs import check_target

    refuse_file_options(options.for_files(request))
    check_target(request.out)
    with installed_tables(
        as_of=request.as_of, known_at=request.known_at, views=request.views, ids_of=request.ids_of
    ) as found:
        files = _Files(found.tables.events, found.tables.suspensions, found.tables.accounts)
        return _run(replace(request, views=found.views), files, found.policies, shell, hides=True)


class _Files(NamedTuple):
    events: Path
    suspensions: Path | None
    accounts: Path | None


def _run(
    request: ScoreCommand,
    files: _Files,
    policy: "PolicyHistory",
    shell: Shell,
    *,
    hides: bool = False,
) -> int:
    from vertrauenskonto.cli.in_force import tell_policy
    from vertrauenskonto.engine.address import address
    from vertrauenskonto.engine.connection import Limits
    from vertrauenskonto.engine.prepare import Question
    from vertrauenskonto.engine.run import ScoreRequest
    from vertrauenskonto.engine.run import score as run

    question = Question(
        policy=policy,
        as_of=request.as_of,
        known_at=request.known_at,
        views=request.views or _VIEWS,
        velocity=request.velocity,
        runway=request.runway,
        today=shell.today,
        hides=hides,
    )
    with shell.stages() as progress:
        report = run(
            ScoreRequest(
                question=question,
                events=files.events,
                out=request.out,
                suspensions=files.suspensions,
                accounts=files.accounts,
                encoding=request.encoding,
                address=address(request.engine),
                limits=Limits(memory=request.memory),
                progress=progress,
            )
        )
    tell_policy(policy, first=request.as_of, last=request.as_of, shell=shell)
    return _told(report, request.out, shell)


def _told(report: "ScoreReport", out: Path, shell: Shell) -> int:
    from vertrauenskonto.render.numbers import count, counted

    read, used, rows = report.events, report.usable, report.rows
    shell.say(
        Text(
            f"{counted(read, 'de', one='Ereignis', many='Ereignisse')} gelesen, "
            f"{count(used, 'de')} verwendbar; "
            f"{counted(rows, 'de', one='Zeile', many='Zeilen')} in {out}",
            f"{counted(read, 'en', one='event', many='events')} read, "
            f"{count(used, 'en')} usable; {counted(rows, 'en', one='row', many='rows')} in {out}",
        )
    )
    problems = report.problems
    errors = problems.count - problems.notes
    return shell.report(problems.listed, errors=errors, notes=problems.notes)


COMMAND = Command(
    name="score",
    summary=Text("Alle Konten auf einen Tag bewerten", "Value all accounts on one day"),
    request=ScoreCommand,
    run=score,
    details=Text(
        "Liest eine Tabelle oder, ohne EREIGNISSE, die Datenbank dieser Installation. Schreibt je Konto und Sicht Stand, Einzahlungen und Abhebungen, Stille, Urteile und was "
        "am schwächsten ist. Zeilen, die nicht verwendbar sind, werden genannt und ausgelassen.",
        "Reads a table or, without EVENTS, the database of this installation. Writes per account and view the balance, deposits and withdrawals, silence, verdicts and "
        "what is weakest. Rows that cannot be used are named and left out.",
    ),
    example="vertrauenskonto score events.csv --as-of 2026-03-18 --out accounts.parquet",
)
