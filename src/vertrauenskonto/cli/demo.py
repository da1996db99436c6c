"""`demo`: a made-up company, in the browser or (`--terminal`) as files."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from vertrauenskonto.cli.declare import Command, option, switch
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import path, text, whole_number
from vertrauenskonto.core.errors import Conflict, Text

_SEED = 7
_BIND = "127.0.0.1:8000"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCommand:
    """Where the company lives, which one, and how it is shown."""

    out: Path = field(
        default=Path("demo"),
        metadata=option(
            "--out",
            Text(
                "Ordner für Datenbank oder Dateien [sonst: demo]",
                "folder for the database or the files [default: demo]",
            ),
            metavar=Text("ORDNER", "FOLDER"),
            read=path,
        ),
    )
    seed: int = field(
        default=_SEED,
        metadata=option(
            "--seed",
            Text(
                "welche Firma; dieselbe Zahl, dieselbe Firma",
                "which company; same seed, same company",
            ),
            metavar=Text("ZAHL", "NUMBER"),
            read=whole_number,
        ),
    )
    bind: str = field(
        default=_BIND,
        metadata=option(
            "--bind",
            Text(
                "Adresse und Port [sonst: 127.0.0.1:8000, oder ein freier Port]",
                "address and port [default: 127.0.0.1:8000, or a free port]",
            ),
            metavar=Text("ADRESSE:PORT", "ADDRESS:PORT"),
            read=text,
        ),
    )
    terminal: bool = field(
        default=False,
        metadata=switch(
            "--terminal",
            Text(
                "ohne Browser: Dateien schreiben, bewerten und hier zeigen",
                "without a browser: write files, value them and show them here",
            ),
        ),
    )


def demo(request: DemoCommand, shell: Shell) -> int:
    """Show the company in the way that was asked for."""
    if request.terminal:
        from vertrauenskonto.cli.demo_terminal import show

        return show(request.out, request.seed, shell)
    # Before the settings are read: a demonstration never touches the installation of this machine.
    for name in [name for name in os.environ if name.startswith("VERTRAUENSKONTO_")]:
        del os.environ[name]
    os.environ["VERTRAUENSKONTO_DATA"] = str(request.out)
    return _serve(request, shell)


def _serve(request: DemoCommand, shell: Shell) -> int:
    from vertrauenskonto.cli.database import database
    from vertrauenskonto.cli.demo_company import furnish, is_furnished, sign_in_links
    from vertrauenskonto.cli.serve import address_of, listening
    from vertrauenskonto.cli.server import Server

    host, port = address_of(request.bind)
    with database():
        if not is_furnished():
            with shell.working(Text("Firma erfinden", "Making the company up")) as progress:
                furnish(request.seed, shell, progress)
        try:
            bound = listening(host, port)
        except Conflict:
            if request.bind != _BIND:
                raise
            bound = listening(host, 0)
        address = f"http://{host}:{bound.getsockname()[1]}/"
        shell.say(
            Text(
                f"Nordlicht Haustechnik, eine erfundene Firma, läuft auf {address}\n"
                f"(beenden mit Strg-C; neu anfangen: den Ordner {request.out} löschen).\n"
                "Jeder dieser Links meldet einmal an:",
                f"Nordlicht Haustechnik, a made-up company, is running at {address}\n"
                f"(end it with Ctrl-C; to begin anew delete the folder {request.out}).\n"
                "Each of these links signs in once:",
            )
        )
        for who, link in sign_in_links(shell):
            shell.say(Text(f"  {who.de}: {address}{link}", f"  {who.en}: {address}{link}"))
        Server(bound, workers=2, with_work=True).run()
    return 0


COMMAND = Command(
    name="demo",
    summary=Text(
        "Eine erfundene Firma anlegen und im Browser zeigen",
        "Make a company up and show it in the browser",
    ),
    request=DemoCommand,
    run=demo,
    details=Text(
        "Etwa 500 Kunden und drei Jahre, mit bekannter Wahrheit dahinter. Namen und Ereignisse sind "
        "erfunden. Die Firma hat ihre eigene Datenbank im Ordner; mit --terminal entstehen statt "
        "dessen Dateien, wie „score“ und „statement“ sie lesen.",
        "About 500 customers and three years, with a known truth behind them. Names and events are "
        "made up. The company has a database of its own in the folder; with --terminal there are "
        "files instead, as 'score' and 'statement' read them.",
    ),
    example="vertrauenskonto demo --out demo",
)
