"""`mapping show`: the mappings we ship, to choose one and to copy it as a model."""

from dataclasses import dataclass, field

from vertrauenskonto.cli.declare import Command, argument
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import text
from vertrauenskonto.core.errors import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRequest:
    """Which mapping to show; none: list them."""

    name: str = field(
        default="",
        metadata=argument(
            Text(
                "Name einer mitgelieferten Zuordnung [sonst: alle auflisten]",
                "name of a shipped mapping [default: list them]",
            ),
            metavar=Text("NAME", "NAME"),
            read=text,
        ),
    )


def show(request: ShowRequest, shell: Shell) -> int:
    """Print a shipped mapping as the file it is, or the list of them."""
    from vertrauenskonto.importers.shipped import shipped_text

    shell.print(shipped_text(request.name) if request.name else _list(shell))
    return 0


def _list(shell: Shell) -> str:
    from vertrauenskonto.importers.shipped import SHIPPED, shipped_mapping
    from vertrauenskonto.render.tables import Column, Row, Table, text_table

    lang = shell.language
    mappings = [shipped_mapping(name) for name in SHIPPED]
    table = Table(
        caption=shell.words("Mitgelieferte Zuordnungen", "Shipped mappings"),
        columns=(
            Column(heading="Name"),
            Column(heading=shell.words("Datei", "File")),
            Column(heading=shell.words("So entsteht sie", "How to make it"), wraps=True),
        ),
        rows=tuple(
            Row((m.name, m.title.in_language(lang), m.export.in_language(lang))) for m in mappings
        ),
    )
    return text_table(table, width=shell.width)


COMMANDS = (
    Command(
        name="show",
        summary=Text(
            "Eine mitgelieferte Zuordnung als Vorlage zeigen, oder alle auflisten",
            "Show a shipped mapping to copy, or list them all",
        ),
        request=ShowRequest,
        run=show,
        details=Text(
            "Mit > eigene.toml entsteht daraus eine eigene Datei für import --from eigene.toml.",
            "With > own.toml it becomes a file of your own for import --from own.toml.",
        ),
        example="vertrauenskonto mapping show shopware",
    ),
)
