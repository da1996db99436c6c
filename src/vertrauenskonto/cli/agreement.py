"""`agreement`: recording what the installation may do only after somebody agreed."""

from dataclasses import dataclass, field

from vertrauenskonto.cli.database import database, door
from vertrauenskonto.cli.declare import Command, argument, option, switch
from vertrauenskonto.cli.listing import day_words
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import text
from vertrauenskonto.core.errors import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRequest:
    """What is agreed (or no longer), and where that is written down."""

    name: str = field(
        metadata=argument(
            Text(
                "works_council: Betriebsvereinbarung geschlossen; no_works_council: es gibt keinen "
                "Betriebsrat; scores: Kontostände dürfen über die Schnittstelle hinaus",
                "works_council: a works agreement is made; no_works_council: there is no works "
                "council; scores: balances may leave through the API",
            ),
            metavar=Text("NAME", "NAME"),
            read=text,
        )
    )
    purpose: str = field(
        metadata=option(
            "--purpose",
            Text(
                "wofür und wo es steht: Aktenzeichen, Tag, Umfang; keine Namen",
                "what for and where it is written: reference, date, scope; no names",
            ),
            metavar=Text("TEXT", "TEXT"),
            read=text,
        )
    )
    end: bool = field(
        default=False,
        metadata=switch("--end", Text("es gilt ab heute nicht mehr", "it ends today")),
    )


def record(request: RecordRequest, shell: Shell) -> int:
    """Record an agreement, or its end."""
    with database():
        from vertrauenskonto.db.actions.agreements import agree

        agree(request.name, is_in_force=not request.end, purpose=request.purpose, door=door(shell))
    shell.say(
        Text("Erfasst; es gilt ab sofort.", "Recorded; it holds from now on.")
        if not request.end
        else Text("Erfasst; es gilt nicht mehr.", "Recorded; it no longer holds.")
    )
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRequest:
    """Nothing to say."""


def show(request: ShowRequest, shell: Shell) -> int:
    """Print every record, and ask for the works council if nobody answered yet."""
    from vertrauenskonto.render.tables import Column, Row, Table, text_table

    with database():
        from vertrauenskonto.db import agreements

        records = agreements.records()
        is_answered = agreements.is_works_council_answered()
    begins, ends = shell.words("gilt", "in force"), shell.words("endet", "ends")
    table = Table(
        caption=shell.words("Vereinbarungen", "Agreements"),
        columns=(
            Column(heading=shell.words("Tag", "Day")),
            Column(heading="Name"),
            Column(heading=""),
            Column(heading=shell.words("Wofür und wo", "What for and where"), wraps=True),
        ),
        rows=tuple(
            Row(
                (
                    day_words(r.recorded_date, shell),
                    r.name,
                    begins if r.is_in_force else ends,
                    r.purpose,
                )
            )
            for r in records
        ),
    )
    shell.print(text_table(table, width=shell.width))
    if not is_answered:
        shell.say(
            Text(
                "Gibt es einen Betriebsrat? Solange das offen ist, wird nichts nach Beschäftigten "
                "ausgewertet. Antwort: agreement record works_council oder no_works_council.",
                "Is there a works council? Until that is answered, nothing is evaluated by member "
                "of staff. Answer: agreement record works_council or no_works_council.",
            )
        )
    return 0


COMMANDS = (
    Command(
        name="record",
        summary=Text("Eine Vereinbarung erfassen oder beenden", "Record or end an agreement"),
        request=RecordRequest,
        run=record,
        details=Text(
            "Der Eintrag ist versiegelt und bleibt. Der letzte eines Namens gilt.",
            "The record is sealed and stays. The latest of a name counts.",
        ),
        example='vertrauenskonto agreement record works_council --purpose "BV 7/2026, 2026-03-01"',
    ),
    Command(
        name="show",
        summary=Text("Alle Vereinbarungen zeigen", "Show all agreements"),
        request=ShowRequest,
        run=show,
        example="vertrauenskonto agreement show",
    ),
)
