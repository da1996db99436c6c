"""What a command is, as a value: its words in both languages and the request it reads.

A request is a frozen dataclass; each field is an argument or an option. From the same values come
the parser, the help and the reference page, so that none can say something else than the others.
"""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from vertrauenskonto.core.errors import NO_TEXT, Text

if TYPE_CHECKING:
    from vertrauenskonto.cli.shell import Shell

_KEY = "parameter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One argument (no flags) or option; `read` None: a switch that takes no value.

    `read` turns the text given into a value, or raises Invalid with a message that says what is
    allowed; `shown_default` is what the help says if nothing is given.
    """

    name: str = ""
    flags: tuple[str, ...] = ()
    help: Text
    metavar: Text = NO_TEXT
    read: Callable[[str], object] | None = None
    is_required: bool = False
    shown_default: str = ""

    @property
    def label(self) -> str:
        """How messages call it: the long option, or the argument's name."""
        return self.flags[0] if self.flags else self.metavar.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command: what it does, what it reads and the function that does it.

    `run` gets the request and the shell and returns the exit code. `example` is a whole line.
    """

    name: str
    summary: Text
    request: type[Any]
    run: Callable[[Any, "Shell"], int]
    details: Text = NO_TEXT
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A command as the list of commands shows it, before its module is loaded.

    `module` holds `COMMAND`, or `COMMANDS` for a group of several.
    """

    name: str
    summary: Text
    module: str


def argument(words: Text, *, metavar: Text, read: Callable[[str], object]) -> dict[str, Any]:
    """Return the metadata of a dataclass field that is an argument."""
    return {_KEY: Parameter(help=words, metavar=metavar, read=read)}


def option(
    flag: str, words: Text, *, metavar: Text, read: Callable[[str], object]
) -> dict[str, Any]:
    """Return the metadata of a dataclass field that is an option with a value."""
    return {_KEY: Parameter(flags=(flag,), help=words, metavar=metavar, read=read)}


def switch(flag: str, words: Text) -> dict[str, Any]:
    """Return the metadata of a dataclass field (bool, default False) that is on when given."""
    return {_KEY: Parameter(flags=(flag,), help=words)}


def parameters(request: type[Any]) -> list[Parameter]:
    """Return the parameters of a request class, arguments first, in order of their fields.

    A field without a default is required; a default worth telling is shown in the help.
    """
    found = []
    for part in fields(request):
        declared: Parameter = part.metadata[_KEY]
        is_required = part.default is MISSING
        is_telling = isinstance(part.default, str | int) and not isinstance(part.default, bool)
        shown = str(part.default) if is_telling else ""
        found.append(
            replace(declared, name=part.name, is_required=is_required, shown_default=shown)
        )
    return sorted(found, key=lambda parameter: bool(parameter.flags))
