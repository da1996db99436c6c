"""`policy show | check | diff`: rule books for people to read, correct and approve."""

from dataclasses import dataclass, field

from vertrauenskonto.cli.declare import Command, argument, option
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import one_of, text
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
)
