"""The papers that data protection asks for, to read here and to take along."""

import re
from importlib.metadata import version

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from vertrauenskonto.core.errors import Text
from vertrauenskonto.db.queries.papers import installation
from vertrauenskonto.render.papers import Paper, paper_sheet
from vertrauenskonto.render.papers_all import PAPERS
from vertrauenskonto.render.sheets import (
    Block,
    Grid,
    Heading,
    Items,
    Sheet,
    sheet_html,
    sheet_markdown,
    sheet_pdf,
)
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.templatetags.words import page_language

_BLANK = re.compile(r"\[\[(.+?)\]\]")
_WHAT = {
    "privacy-notice": Text(
        "für Kundinnen und Kunden: was gespeichert wird und welche Rechte sie haben",
        "for customers: what is kept and which rights they have",
    ),
    "balancing-test": Text(
        "warum das Unternehmen das Konto führen darf", "why the company may keep the account"
    ),
    "record-of-processing": Text(
        "das Verzeichnis nach Art. 30 DSGVO", "the record under article 30 GDPR"
    ),
    "impact-assessment": Text(
        "Risiken und was gegen sie getan ist", "risks and what is done about them"
    ),
    "measures": Text("wie die Daten geschützt sind", "how the data are protected"),
    "works-agreement": Text(
        "ein Entwurf für Betriebsrat und Leitung", "a draft for works council and management"
    ),
}
_TYPES = {
    "html": "text/html; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "pdf": "application/pdf",
}


@page(right="audit")
def listed(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show which papers there are."""
    papers = [(paper, _WHAT.get(paper.name)) for paper in PAPERS]
    return render(
        request, "administration/papers.html", {"papers": papers, "forms": ("pdf", "html", "md")}
    )


@page(right="audit")
def show(request: HttpRequest, asked: Asked, name: str) -> HttpResponse:
    """Show one paper as a page."""
    sheet = _sheet(asked, name)
    shown = {"sheet": sheet, "name": name, "blocks": [_shown(block) for block in sheet.blocks]}
    return render(request, "administration/paper.html", shown)


@page(right="audit")
def download(request: HttpRequest, asked: Asked, name: str, form: str) -> HttpResponse:
    """Hand one paper out as a file."""
    if form not in _TYPES:
        raise Http404
    sheet = _sheet(asked, name)
    contents = (
        sheet_pdf(sheet)
        if form == "pdf"
        else (sheet_markdown(sheet) if form == "md" else sheet_html(sheet)).encode()
    )
    file = f"{name}.{sheet.language}.{form}"
    return HttpResponse(
        contents,
        content_type=_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{file}"'},
    )


def _sheet(asked: Asked, name: str) -> Sheet:
    paper: Paper | None = next((p for p in PAPERS if p.name == name), None)
    if paper is None:
        raise Http404
    found = installation(
        asked.viewer,
        today=asked.door.today,
        now=asked.door.at,
        version=version("vertrauenskonto"),
    )
    return paper_sheet(paper, found, page_language())


def _shown(block: Block) -> dict[str, object]:
    if isinstance(block, Heading):
        return {"sort": "heading", "text": block.text}
    if isinstance(block, Items):
        return {"sort": "items", "items": [_marked(item) for item in block.items]}
    if isinstance(block, Grid):
        rows = [[_marked(cell) for cell in row] for row in block.rows]
        return {"sort": "grid", "headings": block.headings, "rows": rows}
    return {"sort": "paragraph", "text": _marked(block.text)}


def _marked(text: str) -> SafeString:
    """Return a text with what the company must fill in marked, and its lines as lines."""
    told = _BLANK.sub(r"<mark>\1</mark>", escape(text)).replace("\n", "<br>")
    return mark_safe(told)  # noqa: S308 - escaped above


urls = [
    path("verwaltung/papiere/", listed, name="papers"),
    path("verwaltung/papiere/<str:name>/", show, name="paper"),
    path("verwaltung/papiere/<str:name>.<str:form>", download, name="paper_file"),
]
