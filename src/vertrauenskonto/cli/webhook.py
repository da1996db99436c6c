"""`webhook …`: which other programs are told what, and what became of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from vertrauenskonto.cli.declare import Command, argument, option, switch
from vertrauenskonto.cli.listing import day_words, moment_words, print_listing
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import text, whole_number
from vertrauenskonto.core.errors import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vertrauenskonto.db.access import Viewer

_NUMBER = Text("NUMMER", "NUMBER")
_EVENTS = "entry.booked,entry.reversed,entry.compensated"
_STATES = {
    "waiting": Text("wartet", "waiting"),
    "delivered": Text("zugestellt", "delivered"),
    "given_up": Text("aufgegeben", "given up"),
    "withdrawn": Text("zurückgezogen", "withdrawn"),
}
_FAILURES = {
    "url": Text("Adresse unlesbar", "address unreadable"),
    "address": Text(
        "Adresse in einem eigenen Netz (VERTRAUENSKONTO_WEBHOOK_NETWORKS)",
        "address in a network of your own (VERTRAUENSKONTO_WEBHOOK_NETWORKS)",
    ),
    "name": Text("Name unbekannt", "name unknown"),
    "tls": Text("Verschlüsselung gescheitert", "encryption failed"),
    "timeout": Text("keine Antwort in der Zeit", "no answer in time"),
    "connection": Text("keine Verbindung", "no connection"),
}


def _endpoint() -> dict[str, object]:
    return argument(
        Text("Nummer der Adresse, wie in der Liste", "the address's number, as in the list"),
        metavar=_NUMBER,
        read=whole_number,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCommand:
    """Whom to tell what."""

    url: str = field(
        metadata=argument(
            Text("Adresse des anderen Programms", "the other program's address"),
            metavar=Text("ADRESSE", "ADDRESS"),
            read=text,
        )
    )
    events: str = field(
        default=_EVENTS,
        metadata=option(
            "--events",
            Text("Ereignisse, mit Komma getrennt", "events, separated by commas"),
            metavar=Text("EREIGNISSE", "EVENTS"),
            read=text,
        ),
    )
    names: bool = field(
        default=False,
        metadata=switch(
            "--names",
            Text("Namen der Kundinnen und Kunden mitsenden", "send the names of customers along"),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointCommand:
    """Which address."""

    endpoint: int = field(metadata=_endpoint())


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCommand:
    """Nothing to choose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryCommand:
    """Which delivery."""

    delivery: int = field(
        metadata=argument(
            Text("Nummer der Zustellung, wie im Protokoll", "the delivery's number, as in the log"),
            metavar=_NUMBER,
            read=whole_number,
        )
    )


def add(request: AddCommand, shell: Shell) -> int:
    """Add an address and print its secret once."""
    from vertrauenskonto.cli.database import database

    with database():
        from django.conf import settings

        from vertrauenskonto.db.actions import webhooks

        issued = webhooks.add(
            _viewer(),
            request.url,
            events=[name.strip() for name in request.events.split(",") if name.strip()],
            with_names=request.names,
            own_networks=settings.WEBHOOK_NETWORKS,
            now=datetime.now(UTC),
        )
    shell.print(issued.secret)
    shell.say(
        Text(
            f"Adresse {issued.endpoint_id}. Mit diesem Geheimnis prüft das andere Programm die "
            "Unterschrift; es wird nicht wieder gezeigt.",
            f"Address {issued.endpoint_id}. With this secret the other program checks the "
            "signature; it is not shown again.",
        )
    )
    return 0


def list_(_request: ListCommand, shell: Shell) -> int:
    """Print the addresses."""
    from vertrauenskonto.cli.database import database

    with database():
        from vertrauenskonto.db.queries import webhooks

        rows = webhooks.endpoints(_viewer())
    listed = []
    for row in rows:
        state = shell.words("aktiv", "active") if row.is_active else shell.words("aus", "off")
        if row.is_active and row.failing_since_at is not None:
            since = day_words(row.failing_since_at.date(), shell)
            state = shell.words(f"erfolglos seit {since}", f"failing since {since}")
        listed.append((str(row.id), row.url, ", ".join(row.events), state))
    headings = (
        Text("Nr.", "No."),
        Text("Adresse", "Address"),
        Text("Ereignisse", "Events"),
        Text("Zustand", "State"),
    )
    print_listing(shell, headings, listed, wraps=(1, 2))
    return 0


def log(request: EndpointCommand, shell: Shell) -> int:
    """Print the deliveries of an address, the newest first, with every attempt."""
    from vertrauenskonto.cli.database import database

    with database():
        from vertrauenskonto.db.queries import webhooks

        rows = webhooks.deliveries(_viewer(), endpoint_id=request.endpoint)
    headings = (
        Text("Nr.", "No."),
        Text("Nachricht", "Message"),
        Text("Ereignis", "Event"),
        Text("Zustand", "State"),
        Text("Versuche", "Attempts"),
    )
    listed = [
        (
            str(row.id),
            row.key,
            row.type,
            _said(_STATES, row.state, shell),
            ", ".join(_attempt(attempt, shell) for attempt in row.attempts),
        )
        for row in rows
    ]
    print_listing(shell, headings, listed, wraps=(4,))
    return 0


def _attempt(attempt: "Mapping[str, Any]", shell: Shell) -> str:
    when = moment_words(datetime.fromisoformat(attempt["at"]), shell)
    if attempt["status"]:
        return f"{when}: {attempt['status']}"
    return f"{when}: {_said(_FAILURES, attempt.get('error', ''), shell)}"


def _said(words: "Mapping[str, Text]", code: str, shell: Shell) -> str:
    return words[code].in_language(shell.language) if code in words else code


def ping(request: EndpointCommand, shell: Shell) -> int:
    """Queue a message without content."""
    from vertrauenskonto.cli.database import database, door

    with database():
        from vertrauenskonto.db.actions import webhooks

        key = webhooks.ping(_viewer(), request.endpoint, door=door(shell))
    shell.print(key)
    return 0


def resend(request: DeliveryCommand, _shell: Shell) -> int:
    """Queue a delivery once more."""
    from vertrauenskonto.cli.database import database

    with database():
        from vertrauenskonto.db.actions import webhooks

        webhooks.resend(_viewer(), request.delivery, now=datetime.now(UTC))
    return 0


def rotate(request: EndpointCommand, shell: Shell) -> int:
    """Give an address a new secret and print it once."""
    from vertrauenskonto.cli.database import database

    with database():
        from vertrauenskonto.db.actions import webhooks

        issued = webhooks.rotate(_viewer(), request.endpoint, now=datetime.now(UTC))
    shell.print(issued.secret)
    shell.say(
        Text(
            "Einen Tag lang gelten altes und neues Geheimnis; jede Nachricht trägt beide "
            "Unterschriften.",
            "For a day both secrets are good; every message carries both signatures.",
        )
    )
    return 0


def on(request: EndpointCommand, _shell: Shell) -> int:
    """Switch an address on."""
    return _switch(request, is_active=True)


def off(request: EndpointCommand, _shell: Shell) -> int:
    """Switch an address off."""
    return _switch(request, is_active=False)


def remove(request: EndpointCommand, _shell: Shell) -> int:
    """Remove an address with its log."""
    from vertrauenskonto.cli.database import database

    with database():
        from vertrauenskonto.db.actions import webhooks

        webhooks.remove(_viewer(), request.endpoint)
    return 0


def _switch(request: EndpointCommand, *, is_active: bool) -> int:
    from vertrauenskonto.cli.database import database

    with database():
        from vertrauenskonto.db.actions import webhooks

        webhooks.switch(_viewer(), request.endpoint, is_active=is_active)
    return 0


def _viewer() -> "Viewer":
    from vertrauenskonto.db.access import installation

    return installation("cli")


COMMANDS = (
    Command(
        name="add",
        summary=Text(
            "Ein Programm benachrichtigen, wenn etwas gebucht wird",
            "Tell a program when something is booked",
        ),
        details=Text(
            "Nachrichten enthalten nie einen Stand und, ohne --names, keinen Namen.",
            "Messages never hold a balance and, without --names, no name.",
        ),
        request=AddCommand,
        run=add,
        example="vertrauenskonto webhook add https://crm.example/hook",
    ),
    Command(
        name="list",
        summary=Text("Die Adressen zeigen", "Show the addresses"),
        request=ListCommand,
        run=list_,
        example="vertrauenskonto webhook list",
    ),
    Command(
        name="log",
        summary=Text("Die Zustellungen an eine Adresse zeigen", "Show an address's deliveries"),
        request=EndpointCommand,
        run=log,
        example="vertrauenskonto webhook log 1",
    ),
    Command(
        name="ping",
        summary=Text("Eine Probe-Nachricht senden", "Send a message to try it"),
        request=EndpointCommand,
        run=ping,
        example="vertrauenskonto webhook ping 1",
    ),
    Command(
        name="resend",
        summary=Text("Eine Nachricht noch einmal senden", "Send a message once more"),
        request=DeliveryCommand,
        run=resend,
        example="vertrauenskonto webhook resend 7",
    ),
    Command(
        name="rotate",
        summary=Text("Das Geheimnis einer Adresse erneuern", "Renew an address's secret"),
        request=EndpointCommand,
        run=rotate,
        example="vertrauenskonto webhook rotate 1",
    ),
    Command(
        name="on",
        summary=Text("Eine Adresse einschalten", "Switch an address on"),
        request=EndpointCommand,
        run=on,
        example="vertrauenskonto webhook on 1",
    ),
    Command(
        name="off",
        summary=Text("Eine Adresse ausschalten", "Switch an address off"),
        request=EndpointCommand,
        run=off,
        example="vertrauenskonto webhook off 1",
    ),
    Command(
        name="remove",
        summary=Text(
            "Eine Adresse mit ihrem Protokoll entfernen", "Remove an address with its log"
        ),
        request=EndpointCommand,
        run=remove,
        example="vertrauenskonto webhook remove 1",
    ),
)
