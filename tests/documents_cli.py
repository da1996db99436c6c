"""The reference page of the command line, written from what the commands declare."""

from vertrauenskonto.cli.help import ABOUT, EXIT_CODES, PROGRAM, command_help, group_help
from vertrauenskonto.cli.main import COMMANDS
from vertrauenskonto.cli.parser import loaded

WIDTH = 96


def pages() -> dict[str, str]:
    """Return the page: path under docs/ → text."""
    return {"reference/command-line.md": _page()}


def _page() -> str:
    parts = [
        "# Command line",
        "This page is written by `make docs` from the commands themselves.",
        ABOUT.en,
        EXIT_CODES.en,
        "Messages and help are German where the system is (`LANGUAGE`, `LC_ALL`, `LC_MESSAGES`, "
        "`LANG`), English otherwise; `--language de` or `--language en` chooses. Results go to "
        "standard output, everything said about them to standard error. Files appear complete or "
        "not at all.",
        _block(group_help(PROGRAM, COMMANDS, "en", is_root=True, width=WIDTH)),
    ]
    for entry in COMMANDS:
        commands = loaded(entry)
        for command in commands:
            is_alone = command.name == entry.name
            path = (
                f"{PROGRAM} {entry.name}" if is_alone else f"{PROGRAM} {entry.name} {command.name}"
            )
            parts.append(f"## {path.removeprefix(PROGRAM).strip()}")
            parts.append(f"{command.summary.en}. *{command.summary.de}.*")
            parts.append(_block(command_help(path, command, "en", width=WIDTH)))
    return "\n\n".join(parts) + "\n"


def _block(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```"
