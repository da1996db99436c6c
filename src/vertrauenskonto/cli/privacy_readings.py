"""`privacy …-readings`: asking for the log of reads, agreeing, and printing it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from vertrauenskonto.cli.database import database
from vertrauenskonto.cli.declare import argument, option
from vertrauenskonto.cli.listing import moment_words, print_listing
from vertrauenskonto.cli.proof import proven
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import text, whole_number
from vertrauenskonto.core.errors import Text

_NUMBER = Text("NUMMER", "NUMBER")


def _person() -> dict[str, Any]:
    return option(
        "--as",
        Text(
            "wer es tut: Kürzel oder E-Mail-Adresse; ihr Passwort wird erfragt",
            "who does it: key or e-mail address; her password is asked for",
        ),
        metavar=Text("PERSON", "PERSON"),
        read=text,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRequest:
    """Who wants to see the log of reads, what for, and of whom."""

    person: str = field(metadata=_person())
    purpose: str = field(
        metadata=option(
            "--purpose", Text("wofür", "what for"), metavar=Text("TEXT", "TEXT"), read=text
        )
    )
    customer: str = field(
        default="",
        metadata=option(
            "--customer",
            Text("nur Zugriffe auf diese Kennung", "only reads of this key"),
            metavar=Text("KENNUNG", "KEY"),
            read=text,
        ),
    )


def ask(request: AskRequest, shell: Shell) -> int:
    """Ask to see the log of reads; print the number of the request."""
    with database():
        from vertrauenskonto.db.actions import readings

        number = readings.ask(
            proven(request.person, shell),
            request.purpose,
            now=datetime.now(UTC),
            key=request.customer or None,
        )
    shell.print(str(number))
    shell.say(
        Text(
            f"Eine zweite Person stimmt zu mit: vertrauenskonto privacy agree-readings {number} "
            "--as PERSON",
            f"A second person agrees by: vertrauenskonto privacy agree-readings {number} --as "
            "PERSON",
        )
    )
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingsNumber:
    """Which request, and who."""

    number: int = field(
        metadata=argument(
            Text("Nummer des Antrags", "number of the request"),
            metavar=_NUMBER,
            read=whole_number,
        )
    )
    person: str = field(metadata=_person())


def agree(request: ReadingsNumber, shell: Shell) -> int:
    """Agree to somebody else's request."""
    with database():
        from vertrauenskonto.db.actions import readings

        readings.agree(proven(request.person, shell), request.number, now=datetime.now(UTC))
    shell.say(
        Text(
            "Zugestimmt; das Protokoll ist 24 Stunden für beide offen.",
            "Agreed; the log is open to both for 24 hours.",
        )
    )
    return 0


def readings_log(request: ReadingsNumber, shell: Shell) -> int:
    """Print the log of reads that a request opens."""
    with database():
        from vertrauenskonto.db.queries import readings

        viewer, now, after = proven(request.person, shell), datetime.now(UTC), 0
        listed = []
        while rows := readings.page(viewer, request.number, now=now, after=after, limit=1000):
            listed += [
                (moment_words(r.read_at, shell), r.actor, r.channel, r.what, r.customer)
                for r in rows
            ]
            after = rows[-1].id
    headings = (
        Text("Zeitpunkt", "When"),
        Text("wer", "Who"),
        Text("über", "Through"),
        Text("was", "What"),
        Text("Kunde", "Customer"),
    )
    print_listing(shell, headings, listed)
    return 0
