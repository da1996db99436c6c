"""`bench`: how fast it computes on this machine."""

import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from vertrauenskonto.cli import options
from vertrauenskonto.cli.declare import Command, option
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import whole_number
from vertrauenskonto.core.errors import Invalid, Text

_AS_OF = date(2026, 1, 1)
_EVENTS_PER_ACCOUNT = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchCommand:
    """How much to measure with."""

    events: int = field(
        default=1_000_000,
        metadata=option(
            "--events",
            Text("mit so vielen erzeugten Ereignissen", "with so many generated events"),
            metavar=Text("ANZAHL", "NUMBER"),
            read=whole_number,
        ),
    )
    memory: str = field(default="", metadata=options.memory())


def bench(request: BenchCommand, shell: Shell) -> int:
    """Measure scoring against a plain grouping of the same file."""
    if request.events < _EVENTS_PER_ACCOUNT:
        raise Invalid(
            Text(
                f"--events {request.events}: nötig sind mindestens {_EVENTS_PER_ACCOUNT}.",
                f"--events {request.events}: at least {_EVENTS_PER_ACCOUNT} are needed.",
            )
        )
    with TemporaryDirectory(prefix="vertrauenskonto-") as folder:
        events = Path(folder, "events.parquet")
        with shell.working(Text("Ereignisse erzeugen", "Generating events")) as progress:
            progress(0.0)
            _generate(events, request.events)
        grouped = _grouping_seconds(events)
        scored = _scoring_seconds(events, Path(folder, "scores.parquet"), request.memory, shell)
    shell.print(_table(request.events, grouped, scored, shell))
    return 0


def _generate(path: Path, events: int) -> None:
    """Write events of ten per account over three years; the same ones every time."""
    import duckdb

    accounts = events // _EVENTS_PER_ACCOUNT
    kinds = "['promise_kept', 'promise_kept', 'order_received', 'promise_late_silent']"
    day = "DATE '2023-01-01' + CAST(hash(i, 3) % 1095 AS INTEGER)"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT 'a' || (hash(i, 1) % {accounts}) AS account, "  # noqa: S608 - numbers and a path of our own
            f"{kinds}[1 + CAST(hash(i, 2) % 4 AS BIGINT)] AS kind, {day} AS day "
            f"FROM range({events}) r(i)) TO '{path}' (FORMAT parquet)"
        )


def _grouping_seconds(events: Path) -> float:
    import duckdb

    sql = f"SELECT account, count(*), max(day) FROM '{events}' GROUP BY account"  # noqa: S608 - a path of our own making
    with duckdb.connect() as connection:
        start = time.perf_counter()
        connection.execute(f"CREATE TABLE grouped AS {sql}")
        return time.perf_counter() - start


def _scoring_seconds(events: Path, out: Path, memory: str, shell: Shell) -> float:
    from vertrauenskonto.engine.connection import Limits
    from vertrauenskonto.engine.prepare import Question
    from vertrauenskonto.engine.run import ScoreRequest, score
    from vertrauenskonto.importers.policy import read_policy

    question = Question(
        policy=read_policy("default"), as_of=_AS_OF, views=("total", "organisation")
    )
    with shell.stages() as progress:
        start = time.perf_counter()
        score(
            ScoreRequest(
                question=question,
                events=events,
                out=out,
                limits=Limits(memory=memory),
                progress=progress,
            )
        )
        return time.perf_counter() - start


def _table(events: int, grouped: float, scored: float, shell: Shell) -> str:
    from vertrauenskonto.render.numbers import count, number
    from vertrauenskonto.render.tables import Column, Row, Table, text_table

    language = shell.language
    columns = (
        Column(heading=shell.words("Arbeit", "Work"), wraps=True),
        Column(heading=shell.words("Sekunden", "Seconds"), is_number=True),
    )
    rows = (
        Row(
            (
                shell.words("nach Konto gruppieren (Maßstab)", "group by account (yardstick)"),
                number(grouped, language, decimals=2),
            )
        ),
        Row(
            (
                shell.words(
                    "prüfen, bewerten, schreiben: Summe und Organisation",
                    "check, value, write: total and organisation",
                ),
                number(scored, language, decimals=2),
            )
        ),
    )
    accounts = count(events // _EVENTS_PER_ACCOUNT, language)
    title = shell.words(
        f"{count(events, language)} Ereignisse, {accounts} Konten, DuckDB in diesem Prozess",
        f"{count(events, language)} events, {accounts} accounts, DuckDB in this process",
    )
    ratio = number(scored / grouped, language)
    last = shell.words(f"Verhältnis: {ratio}", f"Ratio: {ratio}")
    table = text_table(Table(caption=title, columns=columns, rows=rows), width=shell.width)
    return f"{title}\n\n{table}\n{last}"


COMMAND = Command(
    name="bench",
    summary=Text("Messen, wie schnell es hier rechnet", "Measure how fast it computes here"),
    request=BenchCommand,
    run=bench,
    details=Text(
        "Vergleicht die Bewertung erzeugter Ereignisse mit einer einfachen Gruppierung derselben "
        "Datei. Alle Messungen der Dokumentation: make bench.",
        "Compares valuing generated events with a plain grouping of the same file. All measurements "
        "of the documents: make bench.",
    ),
    example="vertrauenskonto bench --events 1000000",
)
