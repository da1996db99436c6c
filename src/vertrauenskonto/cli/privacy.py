"""`privacy`: restricting, objecting, lifting, erasing, times of retention, and the log of reads."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from vertrauenskonto.cli.access_report import AccessReportCommand, access_report, key_argument
from vertrauenskonto.cli.database import database, door
from vertrauenskonto.cli.declare import Command, argument, option, switch
from vertrauenskonto.cli.installed import customer_key
from vertrauenskonto.cli.listing import day_words, print_listing
from vertrauenskonto.cli.privacy_readings import (
    AskRequest,
    ReadingsNumber,
    agree,
    ask,
    readings_log,
)
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import one_of, text, whole_number
from vertrauenskonto.core.errors import Invalid, Text

# Those that people give; what comes back from a backup is erased again by itself.
_REASONS_TO_ERASE = (
    "no_longer_needed",
    "consent_withdrawn",
    "objected",
    "unlawful",
    "legal_duty",
    "retention",
)


def _reason(words: Text, read: Callable[[str], str] = text) -> dict[str, Any]:
    return option("--reason", words, metavar=Text("GRUND", "REASON"), read=read)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRequest:
    """Whose state."""

    key: str = field(metadata=key_argument())


def state(request: StateRequest, shell: Shell) -> int:
    """Show how the data may be processed, and how it came to that."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.processing import STATE_WORDS, reason_words
        from vertrauenskonto.db.queries.privacy import processing

        found = processing(installation("cli"), customer_key(request.key))
        words = found.standing or (found.state,)
        for one in words:
            shell.print(STATE_WORDS[one].in_language(shell.language))
        # Lifting one leaves the other: what a row says is its reason and the state after it.
        listed = [
            (
                day_words(change.recorded_date, shell),
                STATE_WORDS[change.state].in_language(shell.language),
                reason_words(change.reason).in_language(shell.language),
                change.actor,
                change.channel,
            )
            for change in found.changes
        ]
    if listed:
        headings = (
            Text("Tag", "Day"),
            Text("seitdem", "Since then"),
            Text("Grund", "Reason"),
            Text("von", "By"),
            Text("über", "Through"),
        )
        shell.print("")
        print_listing(shell, headings, listed, wraps=(1, 2))
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictRequest:
    """Whose data, and why."""

    key: str = field(metadata=key_argument())
    reason: str = field(
        metadata=_reason(
            Text(
                "accuracy_contested, unlawful_processing, needed_for_claims, objection_pending "
                "oder precaution",
                "accuracy_contested, unlawful_processing, needed_for_claims, objection_pending or "
                "precaution",
            )
        )
    )


def restrict(request: RestrictRequest, shell: Shell) -> int:
    """Restrict the processing."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import privacy

        privacy.restrict(
            installation("cli"), customer_key(request.key), reason=request.reason, door=door(shell)
        )
    shell.say(
        Text(
            f"„{request.key}“ ist eingeschränkt: aufbewahrt, aber nicht mehr bewertet.",
            f"'{request.key}' is restricted: kept, but not evaluated any more.",
        )
    )
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRequest:
    """Who objected, and on what grounds."""

    key: str = field(metadata=key_argument())
    reason: str = field(
        default="no_reason_given",
        metadata=_reason(
            Text(
                "personal_situation, direct_marketing oder no_reason_given",
                "personal_situation, direct_marketing or no_reason_given",
            )
        ),
    )


def object_to(request: ObjectRequest, shell: Shell) -> int:
    """Record an objection."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import privacy

        privacy.object_to(
            installation("cli"), customer_key(request.key), reason=request.reason, door=door(shell)
        )
    shell.say(
        Text(
            f"Widerspruch von „{request.key}“ festgehalten; die Bewertung ist beendet.",
            f"Objection of '{request.key}' recorded; the evaluation has ended.",
        )
    )
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftRequest:
    """What is lifted for whom, and why."""

    key: str = field(metadata=key_argument())
    what: str = field(
        metadata=option(
            "--what",
            Text(
                "restricted: die Einschränkung; objected: der Widerspruch",
                "restricted: the restriction; objected: the objection",
            ),
            metavar=Text("WAS", "WHAT"),
            read=one_of("restricted", "objected"),
        )
    )
    reason: str = field(
        metadata=_reason(
            Text(
                "bei restricted: accuracy_verified, lawfulness_restored, claims_settled, "
                "objection_decided, at_request; bei objected: objection_withdrawn, "
                "compelling_grounds",
                "for restricted: accuracy_verified, lawfulness_restored, claims_settled, "
                "objection_decided, at_request; for objected: objection_withdrawn, "
                "compelling_grounds",
            )
        )
    )


def lift(request: LiftRequest, shell: Shell) -> int:
    """Lift a restriction or an objection."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import privacy
        from vertrauenskonto.db.processing import STATE_WORDS

        left = privacy.lift(
            installation("cli"),
            customer_key(request.key),
            what="objected" if request.what == "objected" else "restricted",
            reason=request.reason,
            door=door(shell),
        )
        words = STATE_WORDS[left]
    shell.say(Text(f"„{request.key}“: jetzt {words.de}.", f"'{request.key}': now {words.en}."))
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseRequest:
    """Whom to forget, why, and whether that is certain."""

    key: str = field(metadata=key_argument())
    reason: str = field(
        metadata=_reason(
            Text(
                "no_longer_needed, consent_withdrawn, objected, unlawful, legal_duty oder retention",
                "no_longer_needed, consent_withdrawn, objected, unlawful, legal_duty or retention",
            ),
            # Refused before anything is asked back.
            one_of(*_REASONS_TO_ERASE),
        )
    )
    yes: bool = field(
        default=False,
        metadata=switch("--yes", Text("ohne Rückfrage löschen", "erase without asking back")),
    )


def erase(request: EraseRequest, shell: Shell) -> int:
    """Forget a customer; asks for the key once more."""
    if not request.yes:
        shell.say(
            Text(
                "Löschen lässt sich nicht zurücknehmen. Zur Bestätigung die Kennung noch einmal:",
                "Erasing cannot be taken back. To confirm, type the key once more:",
            )
        )
        try:
            typed = input().strip()
        except EOFError:
            typed = ""
        if typed != request.key:
            raise Invalid(
                Text(
                    f"„{typed}“ ist nicht „{request.key}“; nichts wurde gelöscht.",
                    f"'{typed}' is not '{request.key}'; nothing was erased.",
                )
            )
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import privacy

        done = privacy.erase(
            installation("cli"), customer_key(request.key), reason=request.reason, door=door(shell)
        )
    shell.say(
        Text(
            f"„{request.key}“ ist gelöscht: {done.rows} Zeilen. Ältere Sicherungen enthalten die "
            "Daten noch; nach dem Einspielen einer solchen wird die Löschung wiederholt.",
            f"'{request.key}' is erased: {done.rows} rows. Older backups still hold the data; "
            "after restoring one the erasure is repeated.",
        )
    )
    if not done.is_scrubbed:
        shell.say(
            Text(
                "Im Schreibprotokoll der Datenbank steht noch ein Rest, weil gerade jemand liest; "
                "„work“ entfernt ihn heute Nacht.",
                "The database's write-ahead log still holds a rest because somebody is reading; "
                "'work' removes it tonight.",
            )
        )
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRequest:
    """Nothing to choose."""


def retention(_request: RetentionRequest, shell: Shell) -> int:
    """Show how long what is kept."""
    with database():
        from vertrauenskonto.db.queries.privacy import retention as rules

        listed = [
            (
                rule.name,
                shell.words("nie", "never") if rule.days is None else str(rule.days),
                rule.what.in_language(shell.language),
            )
            for rule in rules()
        ]
    headings = (Text("Frist", "Rule"), Text("Tage", "Days"), Text("Was", "What"))
    print_listing(shell, headings, listed, wraps=(2,))
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepRequest:
    """What to keep, and how long."""

    name: str = field(
        metadata=argument(
            Text(
                "Frist, wie `privacy retention` sie nennt", "rule, as `privacy retention` names it"
            ),
            metavar=Text("FRIST", "RULE"),
            read=text,
        )
    )
    days: str = field(
        metadata=argument(
            Text("Tage, oder off: nie löschen", "days, or off: never forget"),
            metavar=Text("TAGE", "DAYS"),
            read=text,
        )
    )


def keep(request: KeepRequest, shell: Shell) -> int:
    """Choose how long something is kept."""
    days = None if request.days == "off" else whole_number(request.days)
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions import privacy

        privacy.keep(installation("cli"), request.name, days=days)
    shell.say(Text("Die Frist gilt ab sofort.", "The rule holds from now on."))
    return 0


def _command(name: str, summary: Text, request: type[Any], run: Any, example: str) -> Command:
    # Any: each command reads a request of its own.
    return Command(
        name=name,
        summary=summary,
        request=request,
        run=run,
        example=f"vertrauenskonto privacy {name} {example}".strip(),
    )


COMMANDS = (
    _command(
        "report",
        Text("Auskunft schreiben, wie „access-report“", "Write an access report"),
        AccessReportCommand,
        access_report,
        "c_8f1d --out auskunft.pdf",
    ),
    _command(
        "state",
        Text("Zeigen, wie Daten verarbeitet werden dürfen", "Show how data may be processed"),
        StateRequest,
        state,
        "c_8f1d",
    ),
    _command(
        "restrict",
        Text("Verarbeitung einschränken (Art. 18)", "Restrict processing (article 18)"),
        RestrictRequest,
        restrict,
        "c_8f1d --reason accuracy_contested",
    ),
    _command(
        "object",
        Text("Widerspruch festhalten (Art. 21)", "Record an objection (article 21)"),
        ObjectRequest,
        object_to,
        "c_8f1d --reason personal_situation",
    ),
    _command(
        "lift",
        Text("Einschränkung oder Widerspruch aufheben", "Lift a restriction or an objection"),
        LiftRequest,
        lift,
        "c_8f1d --what restricted --reason accuracy_verified",
    ),
    _command(
        "erase",
        Text("Eine Person vergessen (Art. 17)", "Forget a person (article 17)"),
        EraseRequest,
        erase,
        "c_8f1d --reason no_longer_needed",
    ),
    _command(
        "retention",
        Text("Zeigen, wie lange was behalten wird", "Show how long what is kept"),
        RetentionRequest,
        retention,
        "",
    ),
    _command(
        "keep",
        Text("Eine Frist festlegen", "Choose how long something is kept"),
        KeepRequest,
        keep,
        "prospects 730",
    ),
    _command(
        "ask-readings",
        Text("Einsicht in das Protokoll der Zugriffe beantragen", "Ask to see the log of reads"),
        AskRequest,
        ask,
        '--as bob --purpose "Beschwerde vom 3. März"',
    ),
    _command(
        "agree-readings",
        Text("Der Einsicht einer anderen Person zustimmen", "Agree to somebody else's request"),
        ReadingsNumber,
        agree,
        "7 --as alice",
    ),
    _command(
        "readings",
        Text("Das Protokoll der Zugriffe zeigen", "Show the log of reads"),
        ReadingsNumber,
        readings_log,
        "7 --as bob",
    ),
)
