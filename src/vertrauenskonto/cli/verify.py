"""`verify`: has anything been changed behind the ledger's back, and do the balances still hold."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from vertrauenskonto.cli import options
from vertrauenskonto.cli.declare import Command, option, switch
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import path
from vertrauenskonto.core.errors import Invalid, NotFound, Problem, Text

if TYPE_CHECKING:
    from vertrauenskonto.core.ledger.seal import Head
    from vertrauenskonto.db.queries.seal import Verification

_SIZE, _ROOT, _ROOT_LENGTH = "size", "root", 32


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyCommand:
    """Which head to write down or to hold against, and whether to seal first."""

    head: Path | None = field(
        default=None,
        metadata=option(
            "--head",
            Text(
                "den Kopf in diese Datei schreiben, zum Aufbewahren außerhalb",
                "write the head to this file, to be kept outside",
            ),
            metavar=options.FILE,
            read=path,
        ),
    )
    against: Path | None = field(
        default=None,
        metadata=option(
            "--against",
            Text(
                "gegen einen früher aufbewahrten Kopf prüfen",
                "check against a head that was kept earlier",
            ),
            metavar=options.FILE,
            read=path,
        ),
    )
    read_only: bool = field(
        default=False,
        metadata=switch(
            "--read-only",
            Text(
                "nichts schreiben: was noch kein Siegel hat, wird nur gezählt",
                "write nothing: what is not sealed yet is only counted",
            ),
        ),
    )


def verify(request: VerifyCommand, shell: Shell) -> int:
    """Seal what waits, read everything again, compare, and say what was found."""
    from vertrauenskonto.cli.database import database
    from vertrauenskonto.cli.written import keep_inputs, write_text

    keep_inputs({"--head": request.head}, {"--against": request.against}, policy="")
    kept = None if request.against is None else read_head(request.against)
    now = datetime.now(UTC)
    with database():
        if not request.read_only:
            from vertrauenskonto.db.actions.seal import seal

            seal(at=now)
        code = check(kept, shell)
        if request.head is not None:
            from vertrauenskonto.db.queries.seal import frontier

            write_text(request.head, head_text(frontier().head, at=now))
    return code


def check(kept: "Head | None", shell: Shell) -> int:
    """Verify the open database, say what was found and return the exit code."""
    from vertrauenskonto.db.queries.policies import history
    from vertrauenskonto.db.queries.seal import verify as verified
    from vertrauenskonto.db.replay import replay

    with shell.working(Text("Prüfen", "Verifying")) as progress:
        found = verified(kept, progress=progress)
    problems = list(found.problems)
    differing = 0
    balances = 0
    try:
        policies = history()
    except NotFound:
        # Without a policy nothing can have been booked, so there is no balance.
        pass
    else:
        again = replay(policies)
        balances = again.balances
        differing = again.differing - len(again.problems)
        problems += again.problems
    _tell(found, balances, shell)
    if not problems:
        shell.say(Text("Alles stimmt überein.", "Everything agrees."))
        return 0
    return _report(problems, len(problems) + differing, shell)


def _tell(found: "Verification", balances: int, shell: Shell) -> None:
    from vertrauenskonto.render.numbers import count

    de, en = (
        [
            count(number, language)
            for number in (found.transactions, found.rows, balances, found.unsealed)
        ]
        for language in ("de", "en")
    )
    shell.print(
        shell.words(
            f"{de[0]} Vorgänge mit {de[1]} Zeilen und {de[2]} Kontostände geprüft; "
            f"{de[3]} Vorgänge ohne Siegel.\n"
            f"Kopf: {found.head.size} Plätze, {found.head.root.hex()}",
            f"{en[0]} transactions with {en[1]} rows and {en[2]} balances checked; "
            f"{en[3]} transactions unsealed.\n"
            f"Head: {found.head.size} places, {found.head.root.hex()}",
        )
    )


def _report(problems: list[Problem], count: int, shell: Shell) -> int:
    shell.say(
        Text(
            "Was in der Datenbank steht, ist nicht, was gebucht wurde:",
            "What the database holds is not what was booked:",
        )
    )
    return shell.report(
        problems,
        errors=count,
        notes=0,
        closing=Text(
            f"Abweichungen: {count}. Nichts wurde verändert. Sichern Sie diesen Stand als Beweis "
            "und spielen Sie die letzte Sicherung ein, die „verify --against“ mit einem früher "
            "aufbewahrten Kopf besteht; siehe docs/guides/verify.md.",
            f"Differences: {count}. Nothing was changed. Keep this state as evidence, and restore "
            "the last backup that passes 'verify --against' with a head kept earlier; see "
            "docs/guides/verify.md.",
        ),
    )


def head_text(head: "Head", *, at: datetime) -> str:
    """Return a head as the file that is kept: JSON that a person can read and type."""
    told = {
        "what": "vertrauenskonto: head of the log (RFC 9162, SHA-256)",
        "taken_at": at.isoformat(timespec="seconds"),
        _SIZE: head.size,
        _ROOT: head.root.hex(),
    }
    return json.dumps(told, indent=2) + "\n"


def read_head(file: Path) -> "Head":
    """Return the head that was kept in a file.

    Raises:
        NotFound: there is no such file.
        Invalid: it holds no head.
    """
    from vertrauenskonto.core.ledger.seal import Head

    if not file.is_file():
        raise NotFound(Text(de=f"Die Datei {file} gibt es nicht.", en=f"There is no file {file}."))
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        head = Head(size=int(told[_SIZE]), root=bytes.fromhex(told[_ROOT]))
        is_head = head.size >= 0 and len(head.root) == _ROOT_LENGTH
    except (ValueError, KeyError, TypeError):
        is_head = False
        head = Head(size=0, root=b"")
    if not is_head:
        raise Invalid(
            Text(
                de=f"{file} ist kein Kopf, wie ihn „verify --head“ schreibt: nötig sind „{_SIZE}“ "
                f"(ganze Zahl) und „{_ROOT}“ (64 hexadezimale Ziffern).",
                en=f"{file} is no head as 'verify --head' writes it: it takes '{_SIZE}' (a whole "
                f"number) and '{_ROOT}' (64 hexadecimal digits).",
            )
        )
    return head


COMMAND = Command(
    name="verify",
    summary=Text(
        "Prüfen, ob etwas geändert wurde und die Stände stimmen",
        "Check that nothing was changed and the balances hold",
    ),
    request=VerifyCommand,
    run=verify,
    details=Text(
        "Liest jede Tatsache, bildet ihr Siegel neu und rechnet jeden Kontostand nach. Ein Kopf, "
        "der außerhalb aufbewahrt wird, deckt auch auf, wenn alles zusammen neu geschrieben wurde. "
        "Ende mit 0: alles stimmt; 1: etwas weicht ab.",
        "Reads every fact, makes its seal again and works out every balance. A head kept outside "
        "also shows if everything was rewritten together. Exit code 0: all agrees; 1: something "
        "differs.",
    ),
    example="vertrauenskonto verify --head head-2026-03-18.json",
)
