"""`import --into-database`: the events of files, booked in the ledger of this installation."""

from dataclasses import replace
from typing import TYPE_CHECKING

from vertrauenskonto.cli.import_request import ImportCommand, inputs
from vertrauenskonto.cli.import_told import say_encodings, tell_import
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.core.errors import Invalid, Text

if TYPE_CHECKING:
    from vertrauenskonto.db.actions.imports import Booked
    from vertrauenskonto.db.actions.promise_imports import Registered


def into_database(request: ImportCommand, shell: Shell) -> int:
    """Read the files, book what they tell, and say what was booked and what came before."""
    import gc

    from vertrauenskonto.cli.database import database, door
    from vertrauenskonto.cli.written import keep_inputs
    from vertrauenskonto.engine.connection import Limits
    from vertrauenskonto.engine.importing import ImportRequest, imported
    from vertrauenskonto.importers.shipped import chosen_mapping

    _refuse_contradiction(request)
    # Events come by the hundred thousand and form no cycles; looking for some took a tenth of the time.
    gc.set_threshold(200_000, 20, 100)
    mapping = chosen_mapping(request.mapping)
    if request.outcomes is not None:
        outputs = {"--outcomes": request.outcomes}
        keep_inputs(outputs, inputs(request, mapping, shell), policy=request.mapping)
    with database():
        from vertrauenskonto.db.actions.imports import book_import
        from vertrauenskonto.db.actions.promise_imports import import_promises
        from vertrauenskonto.db.queries import policies

        history = policies.history()
        with (
            shell.stages() as progress,
            imported(
                ImportRequest(
                    path=request.source,
                    mapping=mapping,
                    policy=history,
                    today=shell.today,
                    mapping_file=request.mapping,
                    encoding=request.encoding or None,
                    outcomes=request.outcomes,
                    for_ledger=True,
                    limits=Limits(memory=request.memory),
                    progress=progress,
                )
            ) as found,
        ):
            report = found.report
            entering = replace(door(shell), channel="import")
            booked = book_import(
                found,
                door=entering,
                policies=history,
                progress=lambda share: progress("ledger", share),
            )
            # After the events: what happened before a promise says whether it was the first.
            promised = import_promises(
                found,
                door=entering,
                policies=history,
                progress=lambda share: progress("ledger", share),
            )
    tell_import(report, history, shell)
    say_encodings(report, shell)
    _say_booked(booked, shell)
    if report.promises:
        _say_promised(promised, shell)
    if request.outcomes is not None:
        shell.say(Text(f"Geschrieben: {request.outcomes}", f"Written: {request.outcomes}"))
    return shell.report(
        (*report.problems, *booked.problems, *promised.problems),
        errors=report.error_count + booked.problem_count + promised.problem_count,
        notes=report.note_count,
    )


def _refuse_contradiction(request: ImportCommand) -> None:
    for flag, given in (
        ("--out", request.out is not None),
        ("--dry-run", request.dry_run),
        ("--policy", bool(request.policy)),
    ):
        if given:
            raise Invalid(
                Text(
                    f"--into-database und {flag} schließen einander aus: gebucht wird in der "
                    "Datenbank, nach dem Regelwerk, das dort in Kraft ist.",
                    f"--into-database and {flag} exclude each other: it is booked in the "
                    "database, by the policy that is in force there.",
                )
            )


def _say_promised(promised: "Registered", shell: Shell) -> None:
    from vertrauenskonto.core.promises import STATES
    from vertrauenskonto.render.numbers import count, counted

    made, on, again = promised.made, promised.continued, promised.replayed
    shell.say(
        Text(
            f"{counted(made, 'de', one='Zusage', many='Zusagen')} festgehalten, "
            f"{count(on, 'de')} weitergeführt, {count(again, 'de')} schon bekannt.",
            f"{counted(made, 'en', one='promise', many='promises')} recorded, "
            f"{count(on, 'en')} continued, {count(again, 'en')} known before.",
        )
    )
    for state, words in STATES.items():
        if number := promised.states.get(state):
            shell.say(
                Text(f"  {words.de}: {count(number, 'de')}", f"  {words.en}: {count(number, 'en')}")
            )
    if promised.waiting:
        shell.say(
            Text(
                f"{count(promised.waiting, 'de')} Zusagen warten darauf, dass jemand entscheidet, "
                "wem sie gegeben wurden.",
                f"{count(promised.waiting, 'en')} promises wait for somebody to decide to whom "
                "they were made.",
            )
        )


def _say_booked(booked: "Booked", shell: Shell) -> None:
    from vertrauenskonto.render.numbers import count, counted

    new, again = booked.booked, booked.replayed
    shell.say(
        Text(
            f"{counted(new, 'de', one='Ereignis', many='Ereignisse')} gebucht, "
            f"{count(again, 'de')} schon früher gebucht.",
            f"{counted(new, 'en', one='event', many='events')} booked, "
            f"{count(again, 'en')} booked before.",
        )
    )
    if booked.waiting:
        shell.say(
            Text(
                f"{count(booked.waiting, 'de')} warten darauf, dass jemand entscheidet, wem sie "
                "gehören; danach lesen Sie die Datei noch einmal ein.",
                f"{count(booked.waiting, 'en')} wait for somebody to decide whose they are; import "
                "the file again after that.",
            )
        )
    if booked.proposed:
        shell.say(
            Text(
                f"{count(booked.proposed, 'de')} betreffen die Ehrlichkeit und warten auf eine "
                "zweite Person.",
                f"{count(booked.proposed, 'en')} concern honesty and wait for a second person.",
            )
        )
    if booked.unread_attributes:
        shell.say(
            Text(
                "Angaben für Segmente, die das Regelwerk nicht nennt und die deshalb nicht "
                f"gespeichert sind: {count(booked.unread_attributes, 'de')}.",
                "Values for segments that the policy does not name, and that are therefore not "
                f"kept: {count(booked.unread_attributes, 'en')}.",
            )
        )
