"""`work`: what the clock sets going, until it is stopped or until nothing is due."""

from dataclasses import dataclass, field

from vertrauenskonto.cli.declare import Command, switch
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.core.errors import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCommand:
    """How long to work."""

    once: bool = field(
        default=False,
        metadata=switch(
            "--once",
            Text("tun, was jetzt fällig ist, und enden", "do what is due now, and end"),
        ),
    )
    again: bool = field(
        default=False,
        metadata=switch(
            "--again",
            Text("aufgegebene Arbeiten noch einmal versuchen", "try jobs that were given up again"),
        ),
    )


def work(request: WorkCommand, shell: Shell) -> int:
    """Work; SIGTERM and Ctrl-C end it after the job at hand."""
    import signal

    from vertrauenskonto.cli.database import database

    with database():
        from vertrauenskonto.cli.worker import Worker, system_clock
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions.jobs import try_again
        from vertrauenskonto.db.queries.jobs import counts

        if request.again:
            try_again(installation("cli"), now=system_clock())
        worker = Worker(system_clock)
        # Whoever called us gets their own handlers back: Ctrl-C would otherwise stop being heard.
        before = {
            number: signal.signal(number, lambda *_: worker.stop())
            for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            if not request.once:
                worker.run()
                return 0
            tried = worker.once()
            worker.close()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        given_up = counts()["given_up"]
    shell.say(
        Text(
            de=f"{tried} Arbeiten ausgeführt, {given_up} aufgegeben.",
            en=f"{tried} jobs carried out, {given_up} given up.",
        )
    )
    return 1 if given_up else 0


COMMAND = Command(
    name="work",
    summary=Text(
        "Tun, was die Uhr anstößt: siegeln, Stände nachführen, zustellen, aufräumen",
        "Do what the clock sets going: seal, bring balances up, deliver, tidy",
    ),
    details=Text(
        "`serve` tut das von selbst mit. Beliebig viele dürfen zugleich laufen.",
        "`serve` does this by itself. Any number may run at once.",
    ),
    request=WorkCommand,
    run=work,
    example="vertrauenskonto work --once",
)
