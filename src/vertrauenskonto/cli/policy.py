"""`policy show | check | diff | put | history`: rule books to read, approve and put in force."""

from dataclasses import dataclass, field
from datetime import date

from vertrauenskonto.cli import options
from vertrauenskonto.cli.declare import Command, argument, option
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import day, one_of, text
from vertrauenskonto.core.errors import Language, Text

_POLICY = Text("REGELWERK", "POLICY")
_WHICH = Text(
    "eine TOML-Datei, ein Ordner mit Fassungen oder der Name eines mitgelieferten Regelwerks",
    "a TOML file, a folder of its versions or the name of a shipped policy",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRequest:
    """Which policy to show, and how."""

    policy: str = field(default="default", metadata=argument(_WHICH, metavar=_POLICY, read=text))
    format: str = field(
        default="table",
        metadata=option(
            "--format",
            Text(
                "table zum Lesen, toml als vollständige Datei",
                "table to read, toml as a complete file",
            ),
            metavar=Text("table|toml", "table|toml"),
            read=one_of("table", "toml"),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """Which policy to check."""

    policy: str = field(metadata=argument(_WHICH, metavar=_POLICY, read=text))


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffRequest:
    """Which policies to compare."""

    old: str = field(metadata=argument(_WHICH, metavar=Text("ALT", "OLD"), read=text))
    new: str = field(metadata=argument(_WHICH, metavar=Text("NEU", "NEW"), read=text))


@dataclass(frozen=True, slots=True, kw_only=True)
class PutRequest:
    """Which policy to put in force, and from when on."""

    policy: str = field(metadata=argument(_WHICH, metavar=_POLICY, read=text))
    starts: date | None = field(
        default=None,
        metadata=option(
            "--from",
            Text(
                "erster Tag; nur bei der ersten Fassung einer Installation darf er vergangen sein "
                "[sonst: der Tag im Regelwerk, frühestens heute]",
                "first day; only that of an installation's first version may be over [default: the "
                "day in the policy, today at the earliest]",
            ),
            metavar=options.DAY,
            read=day,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRequest:
    """Nothing to choose."""


def show(request: ShowRequest, shell: Shell) -> int:
    """Print the version of a policy that is in force today."""
    from vertrauenskonto.core.ledger.policy_file.toml import policy_to_toml
    from vertrauenskonto.importers.policy import read_policy, shipped_policies
    from vertrauenskonto.render.policy import policy_text

    found = read_policy(request.policy).in_force(shell.today)
    if request.format == "toml":
        shell.print(policy_to_toml(found))
        return 0
    shell.print(policy_text(found, shell.language, width=shell.width))
    names = ", ".join(shipped_policies())
    shell.say(Text(f"Mitgeliefert sind: {names}.", f"Shipped are: {names}."))
    return 0


def check(request: CheckRequest, shell: Shell) -> int:
    """Print everything that is wrong with a policy; exit code 1 if anything is."""
    from vertrauenskonto.importers.policy import check_policy

    problems = check_policy(request.policy)
    for problem in problems:
        shell.print(problem.in_language(shell.language))
    errors = sum(problem.severity == "error" for problem in problems)
    shell.say(_verdict(request.policy, errors))
    return 1 if errors else 0


def diff(request: DiffRequest, shell: Shell) -> int:
    """Print what differs between the newest versions of two policies."""
    from vertrauenskonto.core.ledger.policy_diff import policy_diff
    from vertrauenskonto.importers.policy import read_policy

    old, new = (read_policy(name).versions[-1] for name in (request.old, request.new))
    changes = policy_diff(old, new)
    for change in changes:
        shell.print(_line(change.key, change.text, shell.language))
    number = len(changes)
    shell.say(
        Text(
            f"{old.label} → {new.label}: {number or 'keine'} "
            f"{'Änderung' if number == 1 else 'Änderungen'}.",
            f"{old.label} → {new.label}: {number or 'no'} "
            f"{'difference' if number == 1 else 'differences'}.",
        )
    )
    return 0


def put(request: PutRequest, shell: Shell) -> int:
    """Put the newest version of a policy in force in this installation."""
    from vertrauenskonto.cli.database import database, door
    from vertrauenskonto.importers.policy import read_policy
    from vertrauenskonto.render.numbers import long_day

    wanted = read_policy(request.policy).versions[-1]
    with database():
        from vertrauenskonto.db.actions.policies import put_in_force
        from vertrauenskonto.db.queries.policies import put_versions

        known = {version.label for version in put_versions()}
        done = put_in_force(wanted, valid_from=request.starts, door=door(shell))
    starts = Text(long_day(done.valid_from, "de"), long_day(done.valid_from, "en"))
    if done.label in known:
        shell.say(
            Text(
                f"Diese Regeln sind schon die Fassung {done.label}, in Kraft ab {starts.de}; es "
                "wurde nichts geändert.",
                f"These rules are version {done.label} already, in force from {starts.en}; nothing "
                "was changed.",
            )
        )
    else:
        shell.say(
            Text(
                f"{done.label} gilt ab {starts.de}.", f"{done.label} is in force from {starts.en}."
            )
        )
    return 0


def history(request: HistoryRequest, shell: Shell) -> int:
    """Print which versions were put in force, when and by whom, and what each changed."""
    from vertrauenskonto.cli.database import database
    from vertrauenskonto.render.numbers import long_day

    with database():
        from vertrauenskonto.db.queries import policies

        policies.history()
        versions = policies.put_versions()
    for version in versions:
        starts = Text(long_day(version.valid_from, "de"), long_day(version.valid_from, "en"))
        put_on = version.put_at.astimezone().date()
        set_on = Text(long_day(put_on, "de"), long_day(put_on, "en"))
        shell.print(
            shell.words(
                f"{version.label}: gilt ab {starts.de}; gesetzt am {set_on.de} von {version.actor}",
                f"{version.label}: in force from {starts.en}; put on {set_on.en} by {version.actor}",
            )
        )
        for change in version.changes:
            shell.print(f"  {_line(change.key, change.text, shell.language)}")
    return 0


def _line(key: str, words: Text, language: Language) -> str:
    return f"{key}: {words.in_language(language)}"


def _verdict(name: str, errors: int) -> Text:
    if not errors:
        return Text(f"{name}: das Regelwerk ist brauchbar.", f"{name}: the policy can be used.")
    return Text(
        f"{name}: {errors} Fehler; so ist das Regelwerk nicht brauchbar.",
        f"{name}: {errors} {'mistake' if errors == 1 else 'mistakes'}; the policy cannot be used "
        "like this.",
    )


COMMANDS = (
    Command(
        name="show",
        summary=Text(
            "Ein Regelwerk zeigen: Buchungsarten, Punkte, Halbwertszeiten, Grenzen",
            "Show a policy: kinds, points, half-lives, limits",
        ),
        request=ShowRequest,
        run=show,
        example="vertrauenskonto policy show craft",
    ),
    Command(
        name="check",
        summary=Text(
            "Ein Regelwerk prüfen: jeder Fehler mit Zeile, Schlüssel und Abhilfe",
            "Check a policy: each mistake with line, key and cure",
        ),
        request=CheckRequest,
        run=check,
        example="vertrauenskonto policy check policy.toml",
    ),
    Command(
        name="diff",
        summary=Text(
            "Zwei Regelwerke vergleichen, Schlüssel für Schlüssel",
            "Compare two policies, key by key",
        ),
        request=DiffRequest,
        run=diff,
        example="vertrauenskonto policy diff default craft",
    ),
    Command(
        name="put",
        summary=Text(
            "Ein Regelwerk in dieser Installation in Kraft setzen",
            "Put a policy in force in this installation",
        ),
        request=PutRequest,
        run=put,
        details=Text(
            "Was gebucht ist, behält seine Punkte; Halbwertszeiten, Stille und Grenzen gelten ab dem "
            "ersten Tag der Fassung, und die Kontostände werden neu berechnet. Ein Regelwerk, das "
            "Umsatz oder andere Wirkungen liest, wird abgelehnt.",
            "What is booked keeps its points; half-lives, silence and limits apply from the first "
            "day of the version, and balances are computed anew. A policy that reads revenue or "
            "other outcomes is refused.",
        ),
        example="vertrauenskonto policy put craft --from 2026-01-01",
    ),
    Command(
        name="history",
        summary=Text(
            "Die Fassungen dieser Installation: ab wann, von wem, was sich änderte",
            "The versions of this installation: from when, by whom, what changed",
        ),
        request=HistoryRequest,
        run=history,
        example="vertrauenskonto policy history",
    ),
)
