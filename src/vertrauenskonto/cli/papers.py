"""`papers`: the papers that data protection asks for, from the installation as it is."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from vertrauenskonto.cli.database import database
from vertrauenskonto.cli.declare import Command, argument
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import path
from vertrauenskonto.core.errors import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PapersCommand:
    """Where to write."""

    folder: Path = field(
        metadata=argument(
            Text("Ordner; er wird angelegt", "folder; it is made"),
            metavar=Text("ORDNER", "FOLDER"),
            read=path,
        )
    )


def papers(request: PapersCommand, shell: Shell) -> int:
    """Write every paper as Markdown, HTML and PDF."""
    from importlib.metadata import version

    from vertrauenskonto.engine.outputs import check_place, complete_or_absent
    from vertrauenskonto.render.papers import paper_sheet
    from vertrauenskonto.render.papers_all import PAPERS
    from vertrauenskonto.render.sheets import sheet_html, sheet_markdown, sheet_pdf

    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.queries.papers import installation as read

        found = read(
            installation("cli"),
            today=shell.today,
            now=datetime.now(UTC),
            version=version("vertrauenskonto"),
        )
    request.folder.mkdir(parents=True, exist_ok=True)
    for paper in PAPERS:
        sheet = paper_sheet(paper, found, shell.language)
        forms = {
            "md": sheet_markdown(sheet).encode(),
            "html": sheet_html(sheet).encode(),
            "pdf": sheet_pdf(sheet),
        }
        for form, contents in forms.items():
            target = request.folder / f"{paper.name}.{shell.language}.{form}"
            check_place(target)
            with complete_or_absent(target) as part:
                part.write_bytes(contents)
    shell.say(
        Text(
            f"{len(PAPERS)} Papiere in {request.folder}, je als .md, .html und .pdf. Es sind "
            "Entwürfe und keine Rechtsberatung; markierte Stellen füllt das Unternehmen aus.",
            f"{len(PAPERS)} papers in {request.folder}, each as .md, .html and .pdf. They are "
            "drafts and no legal advice; the company fills in the marked places.",
        )
    )
    return 0


COMMAND = Command(
    name="papers",
    summary=Text(
        "Datenschutz-Unterlagen aus dieser Installation erzeugen",
        "Generate the data protection papers from this installation",
    ),
    request=PapersCommand,
    run=papers,
    example="vertrauenskonto papers unterlagen --language de",
)
