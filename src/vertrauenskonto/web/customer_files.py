"""The list of customers as a file for a spreadsheet: within rights, noted, never with a formula."""

from tempfile import TemporaryFile

from django.http import FileResponse, Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from vertrauenskonto.core.errors import Conflict, Denied, Text
from vertrauenskonto.db.actions import exporting_lists
from vertrauenskonto.db.queries.customer_list import CustomerLine
from vertrauenskonto.render.list_files import Cell, ListColumn, csv_parts, write_xlsx
from vertrauenskonto.web.asking import Asked
from vertrauenskonto.web.customer_filters import Given
from vertrauenskonto.web.customer_lines import reach_words, weakest_words
from vertrauenskonto.web.templatetags.words import page_language, spoken, words

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def exported(request: HttpRequest, asked: Asked, wish: Given, form: str) -> HttpResponseBase:
    """Return the file; a page that says why not, where there is none."""
    if form not in ("csv", "xlsx"):
        raise Http404
    try:
        lines = exporting_lists.lines(
            asked.viewer, wish.wanted, wish.order, at=asked.door.at, today=asked.door.today
        )
    except (Conflict, Denied) as refusal:
        status = 403 if isinstance(refusal, Denied) else 409
        context = {"reason": spoken(refusal.text), "may_agree": asked.may("administer")}
        return render(request, "customers/not_exported.html", context, status=status)
    name = f"{words('kunden', 'customers')}-{timezone.localdate().isoformat()}.{form}"
    rows = (_cells(line) for line in lines)
    if form == "csv":
        parts = csv_parts(_columns(), rows, page_language())
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(parts, content_type="text/csv; charset=utf-8", headers=headers)
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it
    write_xlsx(file, _columns(), rows, words("Kunden", "Customers"))
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=_XLSX)


def _columns() -> list[ListColumn]:
    named: tuple[tuple[Text, str], ...] = (
        (Text("Name", "Name"), "text"),
        (Text("Kennung", "Key"), "text"),
        (Text("Stand", "Balance"), "number"),
        (Text("Veränderung", "Change"), "number"),
        (Text("seit", "since"), "day"),
        (Text("Reicht bis", "Lasts until"), "text"),
        (Text("Fällt am", "Falls on"), "day"),
        (Text("Am schwächsten", "Weakest"), "text"),
        (Text("Letzter Kontakt", "Last contact"), "day"),
        (Text("Kundengruppe", "Segment"), "text"),
        (Text("Bewertet am", "Valued on"), "day"),
    )
    return [
        ListColumn(
            heading=spoken(text), sort=next(s for s in ("text", "number", "day") if s == sort)
        )
        for text, sort in named
    ]


def _cells(line: CustomerLine) -> tuple[Cell, ...]:
    return (
        line.name or "",
        line.key,
        line.balance,
        line.change,
        line.earlier,
        reach_words(line),
        line.falls,
        weakest_words(line),
        line.last_contact,
        line.segment or "",
        line.as_of,
    )
