"""`serve`: the production server, with a worker beside it."""

import socket
from dataclasses import dataclass, field

from vertrauenskonto.cli.declare import Command, option, switch
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import text, whole_number
from vertrauenskonto.core.errors import Conflict, Invalid, Text

_WORKERS_MAX = 64
_LOCAL = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeCommand:
    """Where to listen, and with how many processes."""

    bind: str = field(
        default="127.0.0.1:8000",
        metadata=option(
            "--bind",
            Text("Adresse und Port, oder nur der Port", "address and port, or the port alone"),
            metavar=Text("ADRESSE:PORT", "ADDRESS:PORT"),
            read=text,
        ),
    )
    workers: int = field(
        default=2,
        metadata=option(
            "--workers",
            Text("Zahl der Prozesse, die antworten", "number of processes that answer"),
            metavar=Text("ZAHL", "NUMBER"),
            read=whole_number,
        ),
    )
    without_work: bool = field(
        default=False,
        metadata=switch(
            "--without-work",
            Text(
                "keinen Arbeiter mitlaufen lassen; `work` läuft dann für sich",
                "run no worker beside; `work` then runs on its own",
            ),
        ),
    )


def serve(request: ServeCommand, shell: Shell) -> int:
    """Serve until SIGTERM; requests under way are finished."""
    from vertrauenskonto.cli.database import database

    host, port = address_of(request.bind)
    if not 1 <= request.workers <= _WORKERS_MAX:
        raise Invalid(
            Text(
                de=f"Es können 1 bis {_WORKERS_MAX} Prozesse sein, nicht {request.workers}.",
                en=f"There can be 1 to {_WORKERS_MAX} processes, not {request.workers}.",
            )
        )
    with database():
        # Both before anybody is told an address: a server that cannot serve says so at once.
        _writable()
        bound = listening(host, port)
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{bound.getsockname()[1]}/"
        shell.say(
            Text(
                f"Vertrauenskonto läuft auf {address} (beenden mit Strg-C).",
                f"Vertrauenskonto is running at {address} (end it with Ctrl-C).",
            )
        )
        _warn_if_open(shell, host)
        _tell_first_link(shell, address)
        from vertrauenskonto.cli.server import Server

        Server(bound, workers=request.workers, with_work=not request.without_work).run()
    return 0


def address_of(given: str) -> tuple[str, int]:
    """Return host and port of an address as people write it.

    Raises:
        Invalid: it is none.
    """
    host, _, port = (given if ":" in given else f"{_LOCAL}:{given}").rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise Invalid(
            Text(
                de=f"„{given}“ ist keine Adresse; schreiben Sie sie wie 127.0.0.1:8000.",
                en=f"'{given}' is not an address; write it like 127.0.0.1:8000.",
            )
        )
    return host.strip("[]"), int(port)


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that is ours; the server gets it ready-made, so nobody can come between.

    Raises:
        Conflict: somebody listens there already, or it cannot be listened there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        made = socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Conflict(
            Text(
                de=f"Auf {host}:{port} kann nicht gelauscht werden ({reason}); läuft dort schon "
                "etwas? Wählen Sie einen anderen Port mit --bind.",
                en=f"Cannot listen on {host}:{port} ({reason}); is something running there "
                "already? Choose another port with --bind.",
            )
        ) from error
    made.set_inheritable(True)
    return made


def _writable() -> None:
    """Try to write into the data folder.

    Raises:
        OSError: it cannot be written; the entry point says so.
    """
    import tempfile

    from django.conf import settings

    with tempfile.NamedTemporaryFile(dir=settings.DATA):
        pass


def _warn_if_open(shell: Shell, host: str) -> None:
    if host in {"localhost", "::1"} or host.startswith("127."):
        return
    shell.say(
        Text(
            "Andere Rechner erreichen diesen Server unverschlüsselt: Passwörter gehen lesbar "
            "durchs Netz. Davor gehört ein Webserver mit HTTPS.",
            "Other machines reach this server unencrypted: passwords cross the network in the "
            "clear. Put a web server with HTTPS before it.",
        )
    )


def _tell_first_link(shell: Shell, address: str) -> None:
    """Print the one-time link of the first administrator, if there is none yet."""
    from urllib.parse import urljoin

    from vertrauenskonto.cli.database import door
    from vertrauenskonto.db.actions import people

    link = people.first_link_if_needed(door=door(shell))
    if link:
        whole = urljoin(address, link)
        shell.say(
            Text(
                f"Noch gibt es keine Administration. Dieser Link gilt einmal:\n  {whole}",
                f"There is no administrator yet. This link works once:\n  {whole}",
            )
        )


COMMAND = Command(
    name="serve",
    summary=Text(
        "Die Anwendung bereitstellen, zunächst auf diesem Rechner",
        "Serve the application, at first on this machine",
    ),
    details=Text(
        "Ohne alles Weitere entsteht eine SQLite-Datenbank im Datenordner, und nur dieser Rechner "
        "erreicht die Seiten. Für andere gehört ein Webserver mit HTTPS davor; siehe "
        "docs/guides/operation.md.",
        "With nothing else given, an SQLite database is made in the data folder, and only this "
        "machine reaches the pages. For others put a web server with HTTPS before it; see "
        "docs/guides/operation.md.",
    ),
    request=ServeCommand,
    run=serve,
    example="vertrauenskonto serve --workers 4",
)
