"""The help of commands as text, in one language, made from what the commands declare."""

import textwrap
from collections.abc import Sequence

from vertrauenskonto.cli.declare import Command, Entry, Parameter, parameters
from vertrauenskonto.core.errors import Language, Text

PROGRAM = "vertrauenskonto"
ABOUT = Text(
    "Ein Vertrauenskonto für jede Kundin und jeden Kunden: was Vertrauen einbrachte, was es "
    "kostete, wie lange es reicht.",
    "A trust account for every customer: what earned trust, what cost it, how long it lasts.",
)
_LANGUAGE = (
    "--language de|en",
    Text(
        "Sprache; sonst die des Systems (LANGUAGE, LC_ALL, LC_MESSAGES, LANG)",
        "language; otherwise the system's (LANGUAGE, LC_ALL, LC_MESSAGES, LANG)",
    ),
)
_HELP = ("--help", Text("diese Hilfe zeigen", "show this help"))
_VERSION = ("--version", Text("Fassung des Programms zeigen", "show the program's version"))
EXIT_CODES = Text(
    "Rückgabewerte: 0 alles in Ordnung, 1 Probleme in den Daten (der Rest ist verarbeitet), "
    "2 die Anfrage passt nicht, 3 der Betrieb ist gestört (Platte voll, Server fort).",
    "Exit codes: 0 fine, 1 problems in the data (the rest was processed), 2 the request does not "
    "fit, 3 something failed in operation (disk full, server gone).",
)


def group_help(
    path: str, entries: Sequence[Entry | Command], language: Language, *, is_root: bool, width: int
) -> str:
    """Return the help of the program or of a group of commands."""
    command_word = Text("BEFEHL", "COMMAND").in_language(language)
    lines = [f"{_title('Aufruf', 'Usage', language)} {path} {command_word} …", ""]
    if is_root:
        lines += [*textwrap.wrap(ABOUT.in_language(language), width), ""]
    lines.append(_title("Befehle", "Commands", language))
    lines += _pairs([(e.name, e.summary.in_language(language)) for e in entries], width)
    always = [_LANGUAGE, _VERSION, _HELP] if is_root else [_LANGUAGE, _HELP]
    lines += ["", _title("Optionen", "Options", language)]
    lines += _pairs([(flag, words.in_language(language)) for flag, words in always], width)
    if is_root:
        lines += ["", *textwrap.wrap(EXIT_CODES.in_language(language), width)]
    more = Text(
        f"Mehr zu einem Befehl: {path} {command_word} --help",
        f"More about a command: {path} {command_word} --help",
    )
    return "\n".join([*lines, "", more.in_language(language)])


def command_help(path: str, command: Command, language: Language, *, width: int) -> str:
    """Return the help of one command: usage, what it does, arguments, options, an example."""
    declared = parameters(command.request)
    needed = [p for p in declared if p.flags and p.is_required]
    usage = [
        path,
        *(_place(p, language) for p in declared if not p.flags),
        *(_signature(p, language) for p in needed),
        Text("[OPTIONEN]", "[OPTIONS]").in_language(language),
    ]
    title = _title("Aufruf", "Usage", language)
    lines = textwrap.wrap(
        " ".join(usage), width, initial_indent=f"{title} ", subsequent_indent=" " * 8,
        break_on_hyphens=False,
    )  # fmt: skip
    about = f"{command.summary.in_language(language)}. {command.details.in_language(language)}"
    lines += ["", *textwrap.wrap(about.strip(), width)]
    arguments = [p for p in declared if not p.flags]
    if arguments:
        lines += ["", _title("Argumente", "Arguments", language)]
        lines += _pairs([_described(p, language) for p in arguments], width)
    lines += ["", _title("Optionen", "Options", language)]
    options = [_described(p, language) for p in declared if p.flags]
    always = [(flag, words.in_language(language)) for flag, words in (_LANGUAGE, _HELP)]
    lines += _pairs([*options, *always], width)
    if command.example:
        lines += ["", _title("Beispiel", "Example", language), f"  {command.example}"]
    return "\n".join(lines)


def _place(parameter: Parameter, language: Language) -> str:
    metavar = parameter.metavar.in_language(language)
    return metavar if parameter.is_required else f"[{metavar}]"


def _described(parameter: Parameter, language: Language) -> tuple[str, str]:
    words = parameter.help.in_language(language)
    if parameter.flags and parameter.is_required:
        words += Text(" [nötig]", " [required]").in_language(language)
    if parameter.shown_default:
        start = Text("sonst", "default").in_language(language)
        words += f" [{start}: {parameter.shown_default}]"
    return _signature(parameter, language), words


def _signature(parameter: Parameter, language: Language) -> str:
    metavar = parameter.metavar.in_language(language)
    return " ".join(part for part in (*parameter.flags, metavar) if part)


def _title(german: str, english: str, language: Language) -> str:
    return f"{german if language == 'de' else english}:"


def _pairs(pairs: Sequence[tuple[str, str]], width: int) -> list[str]:
    """Return two columns: a name, and words that wrap beside it."""
    column = min(max(len(name) for name, _ in pairs), 26) + 4
    lines = []
    for name, words in pairs:
        wrapped = textwrap.wrap(words, width - column) or [""]
        start = f"  {name}"
        if len(start) + 2 > column:
            lines.append(start)
            start = ""
        lines.append(start.ljust(column) + wrapped[0])
        lines += [" " * column + more for more in wrapped[1:]]
    return [line.rstrip() for line in lines]
