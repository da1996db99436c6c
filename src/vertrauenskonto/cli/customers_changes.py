"""`customers`, what changes them: deciding, merging, moving, segments, groups, who looks after whom."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vertrauenskonto.cli.database import database, door
from vertrauenskonto.cli.declare import Command, argument, option
from vertrauenskonto.cli.installed import customer_key
from vertrauenskonto.cli.listing import print_listing
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import text, whole_number
from vertrauenskonto.core.errors import Invalid, Language, NotFound, Text

if TYPE_CHECKING:
    from vertrauenskonto.core.ledger.policy import Policy
    from vertrauenskonto.db.actions.readings import What

_KEY = Text("KENNUNG", "KEY")
_WHOSE = Text("Kennung des Kontos", "the account's key")


def customer(words: Text = _WHOSE) -> dict[str, Any]:
    """Return the metadata of the argument for one customer."""
    return argument(words, metavar=_KEY, read=text)


def words_of(given: str) -> tuple[str, ...]:
    """Return words separated by commas."""
    return tuple(word.strip() for word in given.split(",") if word.strip())


def entry_of(given: str) -> tuple[str, str]:
    """Return source and source id of an entry written as SOURCE:ID.

    Raises:
        Invalid: it is not written so.
    """
    source, colon, source_id = given.partition(":")
    if not (source and colon and source_id):
        raise Invalid(
            Text(
                de=f"„{given}“ ist keine Buchung; schreiben Sie QUELLE:NUMMER.",
                en=f"'{given}' is no entry; write SOURCE:ID.",
            )
        )
    return source, source_id


def policy_in_force(shell: Shell) -> "Policy | None":
    """Return the version in force today, None while there is none; inside `database()` only."""
    from vertrauenskonto.db.queries import policies

    try:
        return policies.history().in_force(shell.today)
    except NotFound:
        return None


def note(keys: Sequence[str], what: "What", shell: Shell) -> None:
    """Note in the log of reads that these customers were shown; inside `database()` only."""
    from vertrauenskonto.db.access import installation
    from vertrauenskonto.db.actions import looking

    looking.note(installation("cli"), keys, what, at=door(shell).at)


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeRequest:
    """Who is the same as whom."""

    customer: str = field(metadata=customer(Text("Kennung, die aufgeht", "the key merged away")))
    into: str = field(
        metadata=argument(
            Text("Kennung, deren Konto künftig für beide zählt", "the key whose account remains"),
            metavar=Text("IN", "INTO"),
            read=text,
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmergeRequest:
    """Whose merge to take back."""

    customer: str = field(metadata=customer(Text("Kennung, die aufging", "the key merged away")))


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRequest:
    """Which entries to move, from where to where, and why."""

    customer: str = field(metadata=customer(Text("falsches Konto", "the wrong account")))
    into: str = field(
        metadata=argument(
            Text("richtiges Konto", "the right account"), metavar=Text("NACH", "INTO"), read=text
        )
    )
    entries: tuple[str, ...] = field(
        metadata=option(
            "--entries",
            Text("Buchungen QUELLE:NUMMER, durch Kommas getrennt", "entries SOURCE:ID, by commas"),
            metavar=Text("BUCHUNGEN", "ENTRIES"),
            read=words_of,
        )
    )
    reason: str = field(
        metadata=option(
            "--reason",
            Text("Grund, ein Wort wie mixed_up", "reason, a word like mixed_up"),
            metavar=Text("WORT", "WORD"),
            read=text,
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideRequest:
    """For whom a waiting record is."""

    record: int = field(
        metadata=argument(
            Text("Nummer des Datensatzes", "the record's number"),
            metavar=Text("NR", "NO"),
            read=whole_number,
        )
    )
    customer: str = field(
        metadata=argument(
            Text(
                "Kennung des Kontos; new: neues Konto; discard: verwerfen",
                "the account's key; new: a new account; discard: throw it away",
            ),
            metavar=Text("KENNUNG|new|discard", "KEY|new|discard"),
            read=text,
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchKeysRequest:
    """Which key to set to which weight; neither: show all."""

    name: str = field(
        default="",
        metadata=argument(
            Text(
                "external_id, id:SYSTEM, email, phone oder name_postcode",
                "external_id, id:SYSTEM, email, phone or name_postcode",
            ),
            metavar=Text("SCHLÜSSEL", "MATCH_KEY"),
            read=text,
        ),
    )
    weight: str = field(
        default="",
        metadata=argument(
            Text(
                "certain: verbindet; uncertain: wartet auf einen Menschen; off: zählt nicht",
                "certain: joins; uncertain: waits for a person; off: doesn't count",
            ),
            metavar=Text("GEWICHT", "WEIGHT"),
            read=text,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignRequest:
    """Who looks after a customer."""

    customer: str = field(metadata=customer())
    owner: str = field(
        default="",
        metadata=option(
            "--owner",
            Text("Kürzel der Person", "the person's key"),
            metavar=Text("PERSON", "PERSON"),
            read=text,
        ),
    )
    team: str = field(
        default="",
        metadata=option(
            "--team",
            Text("Team, in dessen Warteschlange sie kommen", "team in whose queue they come"),
            metavar=Text("TEAM", "TEAM"),
            read=text,
        ),
    )
    deputies: tuple[str, ...] = field(
        default=(),
        metadata=option(
            "--deputies",
            Text("Kürzel der Vertretungen, durch Kommas getrennt", "deputies' keys, by commas"),
            metavar=Text("PERSONEN", "PEOPLE"),
            read=words_of,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRequest:
    """Which segment a customer is in by hand."""

    customer: str = field(metadata=customer())
    segment: str = field(
        default="",
        metadata=argument(
            Text("Segment; leer: die Regeln entscheiden", "segment; empty: the rules decide"),
            metavar=Text("SEGMENT", "SEGMENT"),
            read=text,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentRequest:
    """To which organisation a customer belongs."""

    customer: str = field(metadata=customer(Text("Kennung der Tochter", "the subsidiary's key")))
    parent: str = field(
        default="",
        metadata=argument(
            Text("Kennung der Mutter; leer: keine", "the parent's key; empty: none"),
            metavar=Text("MUTTER", "PARENT"),
            read=text,
        ),
    )


def merge(request: MergeRequest, shell: Shell) -> int:
    """Let two customers be the same."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import merging
        from vertrauenskonto.db.queries import policies

        is_new = merging.merge(
            installation("cli"),
            customer_key(request.customer),
            customer_key(request.into),
            door=door(shell),
            policies=policies.history(),
        )
    shell.say(
        Text(
            f"Zusammengelegt; zurück: vertrauenskonto customers unmerge {request.customer}",
            f"Merged; to take it back: vertrauenskonto customers unmerge {request.customer}",
        )
        if is_new
        else Text("Das war schon so.", "It was so already.")
    )
    return 0


def unmerge(request: UnmergeRequest, shell: Shell) -> int:
    """Take a merge back."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import merging
        from vertrauenskonto.db.queries import policies

        merging.unmerge(
            installation("cli"),
            customer_key(request.customer),
            door=door(shell),
            policies=policies.history(),
        )
    shell.say(Text("Wieder getrennt.", "Taken apart again."))
    return 0


def move(request: MoveRequest, shell: Shell) -> int:
    """Move entries to the account where they belong."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import merging
        from vertrauenskonto.db.queries import policies

        done = merging.move_entries(
            installation("cli"),
            customer_key(request.customer),
            [entry_of(entry) for entry in request.entries],
            into=customer_key(request.into),
            reason=request.reason,
            door=door(shell),
            policies=policies.history(),
        )
    for old, new in done.moved.items():
        shell.print(f"{':'.join(old)} → {':'.join(new)}")
    return 0


def decide(request: DecideRequest, shell: Shell) -> int:
    """Decide for whom a record is."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import matching
        from vertrauenskonto.db.queries import policies

        done = matching.decide(
            installation("cli"),
            request.record,
            customer_key(request.customer),
            door=door(shell),
            policies=policies.history(),
        )
    if done.key:
        shell.print(done.key)
    shell.say(
        Text(
            f"Entschieden: {_counted(done.records, 'Datensatz', 'Datensätze', 'de')}, "
            f"{_counted(len(done.outcomes), 'Buchung', 'Buchungen', 'de')}.",
            f"Decided: {_counted(done.records, 'record', 'records', 'en')}, "
            f"{_counted(len(done.outcomes), 'entry', 'entries', 'en')}.",
        )
        if not done.replayed
        else Text("Das war schon so entschieden.", "It was decided so already.")
    )
    return 0


def _counted(number: int, one: str, many: str, language: Language) -> str:
    from vertrauenskonto.render.numbers import counted

    return counted(number, language, one=one, many=many)


_WEIGHTS = {
    "certain": Text("derselbe Kunde", "the same customer"),
    "uncertain": Text("vielleicht: jemand entscheidet", "perhaps: somebody decides"),
    "off": Text("nichts", "nothing"),
}


def match_keys(request: MatchKeysRequest, shell: Shell) -> int:
    """Print by what records find their customer, after setting one if asked to."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import matching
        from vertrauenskonto.db.queries import matching as queries

        if request.name:
            matching.set_match_key(installation("cli"), request.name, request.weight)
        found = queries.match_keys()
    headings = (
        Text("Merkmal", "Key"),
        Text("Was ein Treffer sagt", "What a hit says"),
        Text("Wert", "Value"),
    )
    listed = [
        (name, _WEIGHTS[weight].in_language(shell.language), weight)
        for name, weight in found.items()
    ]
    print_listing(shell, headings, listed)
    return 0


def assign(request: AssignRequest, shell: Shell) -> int:
    """Say who looks after a customer."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import customers

        customers.assign(
            installation("cli"),
            customer_key(request.customer),
            owner=request.owner or None,
            team=request.team or None,
            deputies=request.deputies,
        )
    shell.say(Text("Eingetragen.", "Entered."))
    return 0


def segment(request: SegmentRequest, shell: Shell) -> int:
    """Put a customer into a segment by hand."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import customers
        from vertrauenskonto.db.queries import policies

        customers.choose_segment(
            installation("cli"),
            [customer_key(request.customer)],
            request.segment,
            door=door(shell),
            policies=policies.history(),
        )
    shell.say(Text("Eingetragen und neu bewertet.", "Entered and valued anew."))
    return 0


def parent(request: ParentRequest, shell: Shell) -> int:
    """Say to which organisation a customer belongs."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import hierarchy

        is_new = hierarchy.set_parent(
            installation("cli"),
            customer_key(request.customer),
            customer_key(request.parent) or None,
            door=door(shell),
        )
    shell.say(
        Text("Eingetragen.", "Entered.")
        if is_new
        else Text("Das war schon so.", "It was so already.")
    )
    return 0


COMMANDS = (
    Command(
        name="decide",
        summary=Text(
            "Entscheiden, wem ein wartender Datensatz gehört",
            "Decide to whom a waiting record belongs",
        ),
        request=DecideRequest,
        run=decide,
        example="vertrauenskonto customers decide 12 new",
    ),
    Command(
        name="merge",
        summary=Text(
            "Zwei Konten als dieselbe Kundin oder denselben Kunden führen",
            "Keep two accounts as one and the same customer",
        ),
        request=MergeRequest,
        run=merge,
        example="vertrauenskonto customers merge c_0123 c_4567",
    ),
    Command(
        name="unmerge",
        summary=Text("Eine Zusammenlegung zurücknehmen", "Take a merge back"),
        request=UnmergeRequest,
        run=unmerge,
        example="vertrauenskonto customers unmerge c_0123",
    ),
    Command(
        name="move",
        summary=Text(
            "Buchungen auf das richtige Konto umbuchen",
            "Move entries to the account they belong to",
        ),
        request=MoveRequest,
        run=move,
        example="vertrauenskonto customers move c_0123 c_4567 --entries shop:17 --reason mixed_up",
    ),
    Command(
        name="match-keys",
        summary=Text(
            "Zeigen und festlegen, woran Datensätze ihr Konto finden",
            "Show and set by what records find their account",
        ),
        request=MatchKeysRequest,
        run=match_keys,
        example="vertrauenskonto customers match-keys email certain",
    ),
    Command(
        name="assign",
        summary=Text("Festlegen, wer betreut und wer vertritt", "Say who looks after whom"),
        request=AssignRequest,
        run=assign,
        example="vertrauenskonto customers assign c_0123 --owner p_alice --deputies p_bob",
    ),
    Command(
        name="segment",
        summary=Text("Von Hand einem Segment zuordnen", "Put into a segment by hand"),
        request=SegmentRequest,
        run=segment,
        example="vertrauenskonto customers segment c_0123 b2b",
    ),
    Command(
        name="parent",
        summary=Text("Eine Tochter ihrer Mutter zuordnen", "Put a subsidiary below its parent"),
        request=ParentRequest,
        run=parent,
        example="vertrauenskonto customers parent c_0123 c_4567",
    ),
)
