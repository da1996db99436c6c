"""Asking a named person for her password, where a command decides in her name."""

import sys
from getpass import getpass
from typing import TYPE_CHECKING

from vertrauenskonto.cli.shell import Shell

if TYPE_CHECKING:
    from vertrauenskonto.db.access import Viewer


def proven(named: str, shell: Shell) -> "Viewer":
    """Return the person, after her password and, if she has a second factor, a code.

    Both are asked for at the terminal; without one they are the lines of standard input. Only
    inside `cli.database.database`.

    Raises:
        Denied: they do not fit together.
    """
    from vertrauenskonto.db.actions.proof import needs_code, prove

    password = _answer(shell.words(f"Passwort von {named}: ", f"Password of {named}: "))
    code = ""
    if needs_code(named):
        code = _answer(shell.words("Code der App oder Notfallcode: ", "App or recovery code: "))
    return prove(named, password=password, code=code.strip(), channel="cli")


def _answer(prompt: str) -> str:
    if sys.stdin.isatty():
        return getpass(prompt)
    return sys.stdin.readline().removesuffix("\n")
