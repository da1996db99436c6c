"""From a command line to a request, by Typer; its refusals said in the user's language.

Typer splits the words and finds the command; values, what is required and all help come from what
the commands declare, because Typer speaks English only.
"""

import importlib
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import typer
import typer.core
import typer.main

from vertrauenskonto.cli.declare import Command, Entry, Parameter, parameters
from vertrauenskonto.cli.help import PROGRAM, command_help, group_help
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.core.errors import Invalid, Text, did_you_mean

_INTERRUPTED = 130
_SETTINGS = {"help_option_names": ["-h", "--help"]}


class UsageProblem(Invalid):
    """The command line does not fit; the message names the word and the cure."""

    def __init__(self, text: Text, path: str) -> None:
        super().__init__(
            Text(
                de=f"{text.de} Hilfe: {path} --help",
                en=f"{text.en} For help: {path} --help",
            )
        )


def run(arguments: Sequence[str], entries: Sequence[Entry], shell: Shell) -> int:
    """Find the command that the words name, read its request, run it and return its exit code.

    Raises:
        UsageProblem: there is no such command or option, or a value is missing or wrong.
        KeyboardInterrupt: the user interrupted it.
    """
    root = _Group.of(PROGRAM, entries, shell, is_root=True)
    try:
        result = root.main(list(arguments) or ["--help"], prog_name=PROGRAM, standalone_mode=False)
    except typer.TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            shell.print(error.format_message())
            return 0
        raise _explained(error) from error
    if result == _INTERRUPTED:
        # What Typer makes of Ctrl-C while it looks for the command.
        raise KeyboardInterrupt
    return int(result() if callable(result) else 0)


def loaded(entry: Entry) -> tuple[Command, ...]:
    """Return the command of an entry, or the commands of its group."""
    module = importlib.import_module(entry.module)
    found: tuple[Command, ...] = getattr(module, "COMMANDS", ()) or (module.COMMAND,)
    return found


class _Leaf(typer.core.TyperCommand):
    """A command that shows the help we wrote."""

    help_text = ""

    def get_help(self, ctx: Any) -> str:  # Any: Typer's context is of a private module
        """Return the help."""
        return self.help_text


class _Group(typer.core.TyperGroup):
    """Commands by name, whose modules are loaded when they are called."""

    help_text = ""
    path = PROGRAM
    makers: dict[str, Callable[[], Any]]

    @classmethod
    def of(
        cls, path: str, entries: Sequence[Entry | Command], shell: Shell, *, is_root: bool
    ) -> "_Group":
        """Return the group with these commands below the words `path`."""
        group = cls(name=path, no_args_is_help=True, context_settings=dict(_SETTINGS))
        group.path = path
        group.help_text = group_help(
            path, entries, shell.language, is_root=is_root, width=shell.width
        )
        group.makers = {
            entry.name: _maker(f"{path} {entry.name}", entry, shell) for entry in entries
        }
        return group

    def get_help(self, ctx: Any) -> str:
        """Return the help."""
        return self.help_text

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the commands."""
        return list(self.makers)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of this name; its module is loaded now.

        Raises:
            UsageProblem: there is none.
        """
        if cmd_name not in self.makers:
            if cmd_name.startswith("-"):
                return None
            near = did_you_mean(cmd_name, self.makers)
            raise UsageProblem(
                Text(
                    de=f"Den Befehl „{cmd_name}“ gibt es nicht.{near.de}",
                    en=f"There is no command '{cmd_name}'.{near.en}",
                ),
                self.path,
            )
        return self.makers[cmd_name]()


def _maker(path: str, entry: Entry | Command, shell: Shell) -> Callable[[], Any]:
    def make() -> Any:
        if isinstance(entry, Command):
            return _leaf(path, entry, shell)
        commands = loaded(entry)
        if len(commands) == 1 and commands[0].name == entry.name:
            return _leaf(path, commands[0], shell)
        return _Group.of(path, commands, shell, is_root=False)

    return make


def _leaf(path: str, command: Command, shell: Shell) -> Any:
    """Return a Typer command whose parameters are those of the request."""
    declared = parameters(command.request)

    # The command runs after Typer has returned: Typer would swallow interrupts and broken pipes.
    def callback(**given: Any) -> Callable[[], int]:
        request = _request(command, declared, given, path)
        return lambda: command.run(request, shell)

    # Typer reads parameters off a function's signature; ours is made from the request.
    signature = inspect.Signature(
        [
            inspect.Parameter(
                p.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=_typer_parameter(p),
                annotation=bool if p.read is None else str,
            )
            for p in declared
        ]
    )
    vars(callback)["__signature__"] = signature
    callback.__annotations__ = {p.name: bool if p.read is None else str for p in declared}
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(command.name, cls=_Leaf, context_settings=dict(_SETTINGS))(callback)
    made: Any = typer.main.get_command(app)
    made.help_text = command_help(path, command, shell.language, width=shell.width)
    return made


def _typer_parameter(parameter: Parameter) -> Any:
    if not parameter.flags:
        return typer.Argument(None)
    return typer.Option(False if parameter.read is None else None, *parameter.flags)


def _request(
    command: Command, declared: Sequence[Parameter], given: dict[str, Any], path: str
) -> Any:
    values: dict[str, object] = {}
    for parameter in declared:
        word = given[parameter.name]
        if parameter.read is None:
            values[parameter.name] = bool(word)
        elif word is not None:
            values[parameter.name] = _read(parameter, str(word), path)
        elif parameter.is_required:
            raise _missing(parameter, path)
    return command.request(**values)


def _read(parameter: Parameter, word: str, path: str) -> object:
    assert parameter.read is not None, "a switch has no value to read"
    try:
        return parameter.read(word)
    except Invalid as error:
        raise UsageProblem(
            Text(
                de=f"{parameter.label}: {error.text.de}",
                en=f"{parameter.label}: {error.text.en}",
            ),
            path,
        ) from error


def _missing(parameter: Parameter, path: str) -> UsageProblem:
    if not parameter.flags:
        return UsageProblem(
            Text(
                de=f"Es fehlt {parameter.metavar.de}: {parameter.help.de}.",
                en=f"{parameter.metavar.en} is missing: {parameter.help.en}.",
            ),
            path,
        )
    return UsageProblem(
        Text(
            de=f"Es fehlt {parameter.label} {parameter.metavar.de}: {parameter.help.de}.",
            en=f"{parameter.label} {parameter.metavar.en} is missing: {parameter.help.en}.",
        ),
        path,
    )


def _explained(error: typer.TyperException) -> UsageProblem:
    """Return a refusal of Typer's in both languages."""
    context = getattr(error, "ctx", None)
    path = str(context.command_path) if context is not None else PROGRAM
    flag = str(getattr(error, "option_name", ""))
    if type(error).__name__ == "NoSuchOption":
        near = did_you_mean(flag, getattr(error, "possibilities", None) or ())
        text = Text(
            de=f"Die Option {flag} gibt es hier nicht.{near.de}",
            en=f"There is no option {flag} here.{near.en}",
        )
    elif flag and "does not take" in error.message:
        text = Text(
            de=f"Die Option {flag} nimmt keinen Wert; lassen Sie ihn weg.",
            en=f"The option {flag} takes no value; leave it out.",
        )
    elif flag:
        text = Text(de=f"Hinter {flag} fehlt der Wert.", en=f"The value after {flag} is missing.")
    else:
        words = error.message.partition("(s) (")[2].removesuffix(")") or error.message
        text = Text(
            de=f"Hier ist etwas zu viel: {words}. Werte mit Leerzeichen brauchen Anführungszeichen.",
            en=f"There is something too many: {words}. Values with spaces need quotes.",
        )
    return UsageProblem(text, path)
