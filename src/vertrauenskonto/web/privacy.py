"""Retention and the export of everything; what concerns one customer is in `customer_privacy`."""

from collections.abc import Mapping
from typing import ClassVar

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache

from vertrauenskonto.core.errors import Text
from vertrauenskonto.db.actions import long_works as working
from vertrauenskonto.db.actions import privacy as actions
from vertrauenskonto.db.queries import long_works, privacy
from vertrauenskonto.db.retention import BY_NAME
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OwnForm
from vertrauenskonto.web.row_numbers import row_number
from vertrauenskonto.web.templatetags.words import page_language, words

_DAYS_MAX = 36_500


class RetentionForm(OwnForm):
    """After how many days something is forgotten."""

    days = forms.IntegerField(required=False, min_value=1, max_value=_DAYS_MAX)
    texts: ClassVar[Mapping[str, Text]] = {
        "days": Text("Nach so vielen Tagen", "After so many days")
    }
    hints: ClassVar[Mapping[str, Text]] = {"days": Text("Leer: nie.", "Empty: never.")}


class ExportForm(OwnForm):
    """In which format."""

    form = forms.ChoiceField(widget=forms.RadioSelect, initial="csv")
    texts: ClassVar[Mapping[str, Text]] = {"form": Text("Format", "Format")}
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {
        "form": {
            "csv": Text("CSV, für Tabellenprogramme", "CSV, for spreadsheets"),
            "ndjson": Text("NDJSON, für Programme", "NDJSON, for programs"),
            "parquet": Text("Parquet, für Auswertungen", "Parquet, for analyses"),
        }
    }


@page(right="audit")
def retention(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show how long what is kept, and on what ground."""
    shown = {"rules": privacy.retention(), "administers": asked.may("administer")}
    return render(request, "administration/retention.html", shown)


@page("POST", right="administer")
def rule(request: HttpRequest, asked: Asked, name: str) -> HttpResponse:
    """Say what a rule deletes, and change it."""
    if name not in BY_NAME:
        raise Http404
    found = next(r for r in privacy.retention() if r.name == name)
    form = RetentionForm(asked.given(request), initial={"days": found.days})
    if request.method == "POST" and form.is_valid():
        actions.keep(asked.viewer, name, days=form.cleaned_data["days"])
        messages.success(
            request,
            words(
                "Die Frist gilt ab sofort; gelöscht wird nachts.",
                "The rule holds from now on; deleting is done at night.",
            ),
        )
        return redirect("retention")
    shown = {"form": form, "rule": found, "default": BY_NAME[name].days}
    return render(request, "administration/retention_rule.html", shown)


@page("POST", right="administer")
def export(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Have everything written in open formats; begin it, stop it, and fetch the file."""
    form = ExportForm(asked.given(request) if request.POST.get("what") != "cancel" else None)
    if request.method == "POST":
        work = row_number(request.POST.get("work", ""))
        if request.POST.get("what") == "cancel" and work is not None:
            working.cancel(asked.viewer, work, now=asked.door.at)
            return redirect("export")
        if form.is_valid():
            working.ask(
                asked.viewer,
                "export",
                now=asked.door.at,
                form=form.cleaned_data["form"],
                language=page_language(),
            )
            return redirect("export")
    rows = long_works.newest(asked.viewer, "export", now=asked.door.at, limit=5)
    shown = {
        "form": form,
        "work": rows[0] if rows and rows[0].is_open else None,
        "ended": [row for row in rows if not row.is_open],
        "hours": int(long_works.FILE_KEPT.total_seconds()) // 3600,
    }
    is_part = request.headers.get("HX-Request") == "true"
    part = "administration/export_state.html"
    return render(request, part if is_part else "administration/export.html", shown)


@page(right="administer")
@never_cache
def export_file(request: HttpRequest, asked: Asked, number: int) -> HttpResponseBase:
    """Hand the file of an export out to whoever asked for it."""
    found = long_works.file(asked.viewer, number, now=asked.door.at)
    try:
        contents = found.open("rb")
    except FileNotFoundError:
        # Somebody was erased in this moment.
        raise Http404 from None
    name = f"vertrauenskonto-export-{asked.door.today}.zip"
    return FileResponse(contents, as_attachment=True, filename=name)


urls = [
    path("verwaltung/aufbewahrung/", retention, name="retention"),
    path("verwaltung/aufbewahrung/<str:name>/", rule, name="retention_rule"),
    path("verwaltung/export/", export, name="export"),
    path("verwaltung/export/<int:number>.zip", export_file, name="export_file"),
]
