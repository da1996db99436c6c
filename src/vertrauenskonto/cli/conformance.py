"""`conformance`: hold the core and the engines against a file of histories with known results."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from vertrauenskonto.cli.declare import Command, argument, option
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import path, text
from vertrauenskonto.core.errors import Invalid, NotFound, Text

if TYPE_CHECKING:
    from vertrauenskonto.core.ledger.conformance import Deviation, Suite

_CORE = "core"
# What libpq understands from its own environment: PGHOST, PGDATABASE and so on.
_POSTGRES_BY_ENVIRONMENT = "postgresql://"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConformanceRequest:
    """Which file, on which engine; `engine` empty: the core and every engine installed here."""

    file: Path = field(
        metadata=argument(
            Text("Prüfdatei (JSON)", "conformance file (JSON)"),
            metavar=Text("DATEI", "FILE"),
            read=path,
        )
    )
    engine: str = field(
        default="",
        metadata=option(
            "--engine",
            Text(
                "nur diese: core, duckdb, postgresql://…, spark, local[2] oder spark://… "
                "[sonst: alle, die hier installiert sind]",
                "only this one: core, duckdb, postgresql://…, spark, local[2] or spark://… "
                "[default: all that are installed here]",
            ),
            metavar=Text("ENGINE", "ENGINE"),
            read=text,
        ),
    )


def conformance(request: ConformanceRequest, shell: Shell) -> int:
    """Run every case and print each deviation; exit code 1 if there is one."""
    suite = _read(request.file)
    asked = (request.engine,) if request.engine else _installed()
    deviating = 0
    for engine in asked:
        found = _check(suite, engine, shell)
        deviating += len(found)
        for one in found:
            shell.print(_line(engine, one, shell))
        shell.print(_summary(engine, suite, found, shell))
    if not request.engine:
        shell.say(
            Text(
                "Einen PostgreSQL-Server prüft: --engine postgresql://nutzer@host/datenbank",
                "To check a PostgreSQL server: --engine postgresql://user@host/database",
            )
        )
    return 1 if deviating else 0


def _read(file: Path) -> "Suite":
    from vertrauenskonto.core.ledger.conformance import suite

    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotFound(
            Text(
                f"Die Datei {file} gibt es nicht; bitte prüfen Sie den Pfad.",
                f"There is no file {file}; check the path.",
            )
        ) from None
    except ValueError as error:
        raise Invalid(
            Text(f"{file.name} ist kein JSON: {error}.", f"{file.name} is not JSON: {error}.")
        ) from None
    if not isinstance(raw, dict):
        raise Invalid(
            Text(
                f"{file.name} ist keine Prüfdatei: nötig sind defaults, tolerance_abs und cases.",
                f"{file.name} is no conformance file: it needs defaults, tolerance_abs and cases.",
            )
        )
    return suite(raw)


def _installed() -> tuple[str, ...]:
    return (_CORE, "duckdb", "spark") if find_spec("pyspark") else (_CORE, "duckdb")


def _check(suite: "Suite", engine: str, shell: Shell) -> "list[Deviation]":
    from vertrauenskonto.core.ledger.conformance import check_core

    if engine == _CORE:
        return [one for case in suite.cases for one in check_core(case, tolerance=suite.tolerance)]
    from vertrauenskonto.engine.address import address
    from vertrauenskonto.engine.conformance import check_engine

    word = _POSTGRES_BY_ENVIRONMENT if engine in ("postgres", "postgresql") else engine
    where = address(word)
    with shell.working(Text(f"{where} rechnet", f"{where} is computing")) as progress:
        progress(0.0)
        return check_engine(suite, where)


def _line(engine: str, one: "Deviation", shell: Shell) -> str:
    return shell.words(
        f"{engine}: {one.case}: {one.where}: erwartet {one.expected}, gerechnet {one.found}",
        f"{engine}: {one.case}: {one.where}: expected {one.expected}, computed {one.found}",
    )


def _summary(engine: str, suite: "Suite", found: "Sequence[Deviation]", shell: Shell) -> str:
    values = sum(len(case.evaluations) for case in suite.cases)
    statements = sum(len(case.statements) for case in suite.cases)
    runways = sum(len(case.runways) for case in suite.cases)
    more = ""
    if engine == _CORE:
        more = shell.words(
            f", {statements} Auszüge, {runways} Reichweiten",
            f", {statements} statements, {runways} run-ways",
        )
    return shell.words(
        f"{engine}: {len(suite.cases)} Verläufe, {values} Bewertungen{more}, "
        f"{len(found) or 'keine'} {'Abweichung' if len(found) == 1 else 'Abweichungen'} "
        f"über {suite.tolerance:g}",
        f"{engine}: {len(suite.cases)} histories, {values} valuations{more}, "
        f"{len(found) or 'no'} {'deviation' if len(found) == 1 else 'deviations'} "
        f"above {suite.tolerance:g}",
    )


COMMAND = Command(
    name="conformance",
    summary=Text(
        "Prüfen, ob eine Rechenmaschine genau rechnet wie festgelegt",
        "Check that an engine computes exactly what is laid down",
    ),
    request=ConformanceRequest,
    run=conformance,
    details=Text(
        "Nennt jede Zahl, die weiter abweicht als die Datei duldet. Auszüge und Reichweiten "
        "einzelner Konten rechnet der Kern.",
        "Names every number that deviates by more than the file tolerates. Statements and run-ways "
        "of single accounts are the core's.",
    ),
    example="vertrauenskonto conformance accounts.json --engine duckdb",
)
