"""`customers`: rest periods, and closing an account."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from vertrauenskonto.cli import customers_changes as changes
from vertrauenskonto.cli.database import database, door
from vertrauenskonto.cli.declare import Command, option
from vertrauenskonto.cli.installed import customer_key
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import day, text
from vertrauenskonto.core.errors import Text

_DAY = Text("TAG", "DAY")


def _reason(default: str) -> Any:
    return field(
        default=default,
        metadata=option(
            "--reason",
            Text("Grund, ein Wort wie at_request", "reason, a word like at_request"),
            metavar=Text("WORT", "WORD"),
            read=text,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RestRequest:
    """Who rests, from when to when, and why."""

    customer: str = field(metadata=changes.customer())
    starts: date | None = field(
        default=None,
        metadata=option(
            "--from",
            Text("erster Tag der Ruhezeit; sonst heute", "first day of the rest; else today"),
            metavar=_DAY,
            read=day,
        ),
    )
    ends: date | None = field(
        default=None,
        metadata=option(
            "--until",
            Text(
                "Tag, an dem Schweigen wieder zählt; sonst bis auf Weiteres",
                "day on which silence counts again; else until further notice",
            ),
            metavar=_DAY,
            read=day,
        ),
    )
    reason: str = _reason("at_request")
    name: str = field(
        default="rest",
        metadata=option(
            "--name",
            Text(
                "Name, unter dem Sie diese Ruhezeit später ändern; sonst rest",
                "name under which you change this rest later; else rest",
            ),
            metavar=Text("WORT", "WORD"),
            read=text,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseRequest:
    """Which account to close, and why."""

    customer: str = field(metadata=changes.customer())
    reason: str = _reason("closed")


@dataclass(frozen=True, slots=True, kw_only=True)
class OneRequest:
    """Which account."""

    customer: str = field(metadata=changes.customer())


def rest(request: RestRequest, shell: Shell) -> int:
    """Record a time without silence charges."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import suspensions
        from vertrauenskonto.db.queries import policies

        starts = request.starts or shell.today
        suspensions.rest(
            installation("cli"),
            customer_key(request.customer),
            name=request.name,
            starts=starts,
            ends=request.ends,
            reason=request.reason,
            door=door(shell),
            policies=policies.history(),
        )
    if request.ends is None:
        text = Text(
            f"Ruhezeit ab {starts} bis auf Weiteres.", f"Rest from {starts} until further notice."
        )
    else:
        text = Text(
            f"Ruhezeit ab {starts}; am {request.ends} zählt Schweigen wieder.",
            f"Rest from {starts}; on {request.ends} silence counts again.",
        )
    shell.say(text)
    return 0


def close(request: CloseRequest, shell: Shell) -> int:
    """Close an account from today on."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import suspensions
        from vertrauenskonto.db.queries import policies

        suspensions.rest(
            installation("cli"),
            customer_key(request.customer),
            name=suspensions.CLOSED,
            starts=shell.today,
            ends=None,
            reason=request.reason,
            door=door(shell),
            policies=policies.history(),
        )
    shell.say(
        Text(
            f"„{request.customer}“ ist geschlossen: Schweigen kostet nichts mehr. Zurück: "
            "customers reopen.",
            f"'{request.customer}' is closed: silence costs nothing any more. Back: "
            "customers reopen.",
        )
    )
    return 0


def reopen(request: OneRequest, shell: Shell) -> int:
    """Open a closed account again."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import suspensions
        from vertrauenskonto.db.queries import policies

        suspensions.reopen(
            installation("cli"),
            customer_key(request.customer),
            door=door(shell),
            policies=policies.history(),
        )
    shell.say(
        Text(f"„{request.customer}“ ist wieder offen.", f"'{request.customer}' is open again.")
    )
    return 0


def rests(request: OneRequest, shell: Shell) -> int:
    """Print the times in which silence costs nothing."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.queries.suspensions import suspensions

        found = suspensions(installation("cli"), customer_key(request.customer))
        changes.note([customer_key(request.customer)], "customer", shell)
    for one in found:
        shell.print(f"{one.starts}  {one.ends or '…'!s:10}  {one.name}  {one.reason}")
    if not found:
        shell.say(Text("Keine Ruhezeit ist festgehalten.", "No rest is recorded."))
    return 0


COMMANDS = (
    Command(
        name="rest",
        summary=Text(
            "Eine Ruhezeit festhalten: Schweigen kostet so lange nichts",
            "Record a rest: silence costs nothing meanwhile",
        ),
        details=Text(
            "Unter demselben Namen ist es an einem späteren Tag eine neue Fassung: länger, kürzer "
            "oder beendet.",
            "Under the same name it is a new version on a later day: longer, shorter or ended.",
        ),
        request=RestRequest,
        run=rest,
        example="vertrauenskonto customers rest c_0123 --until 2026-09-01 --reason at_request",
    ),
    Command(
        name="rests",
        summary=Text("Die Ruhezeiten eines Kontos zeigen", "Show the rests of an account"),
        request=OneRequest,
        run=rests,
        example="vertrauenskonto customers rests c_0123",
    ),
    Command(
        name="close",
        summary=Text("Ein Konto schließen", "Close an account"),
        details=Text(
            "Hat die Firma die Frist „closed_accounts“ gewählt, wird ein geschlossenes Konto danach "
            "gelöscht.",
            "If the company has chosen the rule 'closed_accounts', a closed account is erased after "
            "that time.",
        ),
        request=CloseRequest,
        run=close,
        example="vertrauenskonto customers close c_0123",
    ),
    Command(
        name="reopen",
        summary=Text("Ein geschlossenes Konto wieder öffnen", "Open a closed account again"),
        request=OneRequest,
        run=reopen,
        example="vertrauenskonto customers reopen c_0123",
    ),
)
