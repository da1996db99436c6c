"""`proposals`: breaches of honesty that wait for a second person, and those that are contested."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from vertrauenskonto.cli.database import database, door
from vertrauenskonto.cli.declare import Command, argument, option
from vertrauenskonto.cli.proof import proven
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import one_of, text, whole_number
from vertrauenskonto.core.errors import NotFound, Text

if TYPE_CHECKING:
    from vertrauenskonto.db.access import Viewer
    from vertrauenskonto.db.actions.facts import Door

_STATES = ("open", "confirmed", "declined")
_NUMBER = Text("NUMMER", "NUMBER")


def _number(what: Text) -> dict[str, Any]:
    return argument(what, metavar=_NUMBER, read=whole_number)


def _proposal() -> dict[str, Any]:
    return _number(Text("Nummer des Vorschlags, wie in der Liste", "the proposal, as in the list"))


def _person() -> dict[str, Any]:
    return option(
        "--as",
        Text(
            "wer entscheidet: Kürzel oder E-Mail-Adresse; ihr Passwort wird erfragt",
            "who decides: key or e-mail address; her password is asked for",
        ),
        metavar=Text("PERSON", "PERSON"),
        read=text,
    )


def _why(flag: str, help_: Text) -> dict[str, Any]:
    return option(flag, help_, metavar=Text("TEXT", "TEXT"), read=text)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRequest:
    """Which proposals."""

    state: str = field(
        default="open",
        metadata=option(
            "--state",
            Text("open, confirmed oder declined", "open, confirmed or declined"),
            metavar=Text("STAND", "STATE"),
            read=one_of(*_STATES),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRequest:
    """Which proposal."""

    number: int = field(metadata=_proposal())


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmRequest:
    """Which proposal, and who confirms it."""

    number: int = field(metadata=_proposal())
    person: str = field(metadata=_person())


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineRequest:
    """Which proposal, who declines it, and why."""

    number: int = field(metadata=_proposal())
    person: str = field(metadata=_person())
    reason: str = field(
        metadata=_why("--reason", Text("warum; bleibt stehen", "why; it stays on record"))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestsRequest:
    """Nothing to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideRequest:
    """Which contested entry, who decides, and why."""

    number: int = field(
        metadata=_number(
            Text("Nummer der bestrittenen Buchung, wie in der Liste", "the entry, as in the list")
        )
    )
    person: str = field(metadata=_person())
    text: str = field(
        metadata=_why(
            "--text",
            Text("warum; die Person liest es", "why; the person concerned reads it"),
        )
    )


def listed(request: ListRequest, shell: Shell) -> int:
    """Print the proposals of one state."""
    from vertrauenskonto.render.tables import Column, Row, Table, text_table

    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.queries import people

        found = people.proposals(installation("cli"), state=request.state)
    table = Table(
        caption=shell.words("Vorschläge zur Ehrlichkeit", "Proposals on honesty"),
        columns=(
            Column(heading=shell.words("Nr.", "No.")),
            Column(heading=shell.words("Tag", "Day")),
            Column(heading=shell.words("Konto", "Account")),
            Column(heading=shell.words("Art", "Kind")),
            Column(heading=shell.words("Vorgeschlagen von", "Proposed by")),
            Column(heading=shell.words("Notiz", "Note"), wraps=True),
        ),
        rows=tuple(
            Row((str(p.id), p.value_date.isoformat(), p.customer, p.kind, p.proposer, p.note))
            for p in found
        ),
    )
    shell.print(text_table(table, width=shell.width))
    return 0


def show(request: ShowRequest, shell: Shell) -> int:
    """Print everything about one proposal."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.queries import people

        asker = installation("cli")
        rows = [p for state in _STATES for p in people.proposals(asker, state=state)]
    found = next((p for p in rows if p.id == request.number), None)
    if found is None:
        raise NotFound(
            Text(
                f"Einen Vorschlag {request.number} gibt es nicht; vertrauenskonto proposals list "
                "zeigt alle offenen.",
                f"There is no proposal {request.number}; vertrauenskonto proposals list shows all "
                "that are open.",
            )
        )
    for german, english, value in (
        ("Nummer", "Number", found.id),
        ("Stand", "State", found.state),
        ("Konto", "Account", found.customer),
        ("Art", "Kind", found.kind),
        ("Tag", "Day", found.value_date),
        ("Betrifft", "Concerns", found.target),
        ("Notiz", "Note", found.note),
        ("Kennung", "Source", f"{found.source}:{found.source_id}"),
        ("Vorgeschlagen", "Proposed", f"{found.proposed_at:%Y-%m-%d %H:%M} UTC, {found.proposer}"),
        ("Entschieden von", "Decided by", found.decider),
        ("Begründung", "Reason", found.reason),
    ):
        if value != "":
            shell.print(f"{shell.words(german, english)}: {value}")
    return 0


def confirm(request: ConfirmRequest, shell: Shell) -> int:
    """Book what was proposed, as the second person."""
    with _deciding(request.person, shell) as (viewer, way):
        from vertrauenskonto.db.actions import honesty
        from vertrauenskonto.db.queries import policies

        honesty.confirm(viewer, request.number, door=way, policies=policies.history())
    shell.say(Text("Bestätigt und gebucht.", "Confirmed and booked."))
    return 0


def decline(request: DeclineRequest, shell: Shell) -> int:
    """Decide that what was proposed is not booked."""
    with _deciding(request.person, shell) as (viewer, way):
        from vertrauenskonto.db.actions import honesty

        honesty.decline(viewer, request.number, reason=request.reason, door=way)
    shell.say(Text("Abgelehnt; gebucht wird nichts.", "Declined; nothing is booked."))
    return 0


def contests(request: ContestsRequest, shell: Shell) -> int:
    """Print the entries that somebody contested and nobody decided on."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.queries import people

        found = people.contested(installation("cli"))
    for one in found:
        shell.print(f"{one.entry}  {one.value_date}  {one.customer}  {one.kind}  {one.note}")
        for said in one.said:
            shell.print(f"    {said.recorded_date}  {said.text}")
    if not found:
        shell.say(Text("Keine Buchung ist bestritten.", "No entry is contested."))
    return 0


def uphold(request: DecideRequest, shell: Shell) -> int:
    """Decide that a contested entry stands."""
    with _deciding(request.person, shell) as (viewer, way):
        from vertrauenskonto.db.actions import honesty

        honesty.uphold(viewer, request.number, text=request.text, door=way)
    shell.say(Text("Die Buchung bleibt.", "The entry stands."))
    return 0


def withdraw(request: DecideRequest, shell: Shell) -> int:
    """Decide that a contested entry never happened."""
    with _deciding(request.person, shell) as (viewer, way):
        from vertrauenskonto.db.actions import honesty
        from vertrauenskonto.db.queries import policies

        honesty.withdraw(
            viewer, request.number, text=request.text, door=way, policies=policies.history()
        )
    shell.say(Text("Die Buchung ist storniert.", "The entry is reversed."))
    return 0


@contextmanager
def _deciding(person: str, shell: Shell) -> "Iterator[tuple[Viewer, Door]]":
    """Yield who decides, proven by her password, and the door that carries her name."""
    with database():
        viewer = proven(person, shell)
        yield viewer, replace(door(shell), actor=viewer.actor)


_TWO = Text(
    "Das entscheidet eine Person mit dem Recht „lead“, die weder vorgeschlagen hat noch gemeint "
    "ist. Wer die Kommandozeile hat, ist das nicht von selbst: Die Person gibt ihr Passwort ein, "
    "und einen Code, wenn sie einen zweiten Faktor hat.",
    "A person with the right 'lead' decides, who neither proposed it nor is concerned. Holding the "
    "command line does not make anybody that person: she gives her password, and a code if she has "
    "a second factor.",
)

COMMANDS = (
    Command(
        name="list",
        summary=Text("Vorschläge zeigen, die warten", "List the proposals that wait"),
        request=ListRequest,
        run=listed,
        example="vertrauenskonto proposals list",
    ),
    Command(
        name="show",
        summary=Text("Einen Vorschlag zeigen", "Show a proposal"),
        request=ShowRequest,
        run=show,
        example="vertrauenskonto proposals show 7",
    ),
    Command(
        name="confirm",
        summary=Text("Als zweite Person bestätigen", "Confirm as the second person"),
        details=_TWO,
        request=ConfirmRequest,
        run=confirm,
        example="vertrauenskonto proposals confirm 7 --as lena@example.org",
    ),
    Command(
        name="decline",
        summary=Text("Als zweite Person ablehnen", "Decline as the second person"),
        details=_TWO,
        request=DeclineRequest,
        run=decline,
        example='vertrauenskonto proposals decline 7 --as lena@example.org --reason "mix-up"',
    ),
    Command(
        name="contests",
        summary=Text("Bestrittene Buchungen zeigen", "List contested entries"),
        request=ContestsRequest,
        run=contests,
        example="vertrauenskonto proposals contests",
    ),
    Command(
        name="uphold",
        summary=Text("Entscheiden, dass eine Buchung bleibt", "Decide that an entry stands"),
        details=_TWO,
        request=DecideRequest,
        run=uphold,
        example='vertrauenskonto proposals uphold 12 --as leo@example.org --text "the slip shows it"',
    ),
    Command(
        name="withdraw",
        summary=Text("Eine bestrittene Buchung stornieren", "Reverse a contested entry"),
        details=_TWO,
        request=DecideRequest,
        run=withdraw,
        example='vertrauenskonto proposals withdraw 12 --as leo@example.org --text "it was sent"',
    ),
)
