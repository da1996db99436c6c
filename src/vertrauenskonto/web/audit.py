"""The audit log, its verification, and the log of reads that takes two to open."""

import json
from collections.abc import Mapping
from datetime import date
from typing import ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound, Text
from vertrauenskonto.db.actions import long_works as working
from vertrauenskonto.db.actions import readings as reading_actions
from vertrauenskonto.db.actions.readings import PURPOSE_LENGTH_MAX
from vertrauenskonto.db.queries import audit, installation, long_works, readings, seal
from vertrauenskonto.web import once
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OnceForm, OwnForm
from vertrauenskonto.web.row_numbers import row_number
from vertrauenskonto.web.templatetags.words import spoken, words

FACT_WORDS: Mapping[str, Text] = {
    "agreement": Text("Vereinbarung", "agreement"),
    "alias": Text("Zusammenlegung", "merge"),
    "attribute": Text("Merkmal", "attribute"),
    "contest": Text("Wort zu einer Buchung", "word on an entry"),
    "customer": Text("Konto eröffnet", "account opened"),
    "entry": Text("Buchung", "entry"),
    "evidence": Text("Anhang", "attachment"),
    "membership": Text("Kundengruppe", "segment"),
    "parent": Text("Konzern", "group of companies"),
    "policy_version": Text("Regelwerk", "policy"),
    "processing": Text("Verarbeitung der Daten", "processing of data"),
    "role_given": Text("Rolle", "role"),
    "suspension": Text("Ruhezeit", "rest period"),
}
CHANNEL_WORDS: Mapping[str, Text] = {
    "cli": Text("Befehlszeile", "command line"),
    "api": Text("Schnittstelle", "API"),
    "web": Text("Seite", "page"),
    "import": Text("Import", "import"),
    "work": Text("Uhr", "clock"),
    "feed": Text("Kalender", "calendar"),
}
WHAT_WORDS: Mapping[str, Text] = {
    "customer": Text("Stammdaten", "customer's data"),
    "statement": Text("Kontoauszug", "statement"),
    "explanation": Text("Erklärung", "explanation"),
    "balance": Text("Kontostand", "balance"),
    "list": Text("Liste", "list"),
    "report": Text("Bericht", "report"),
    "access_report": Text("Auskunft", "access report"),
    "export": Text("Export", "export"),
    "unmatched": Text("Zuordnung", "matching"),
    "attachment": Text("Anhang", "attachment"),
}
_PAGE = 100


class FilterForm(OwnForm):
    """Which days, and what kind of facts."""

    von = forms.DateField(required=False, widget=forms.DateInput({"type": "date"}))
    bis = forms.DateField(required=False, widget=forms.DateInput({"type": "date"}))
    art = forms.ChoiceField(required=False)

    texts: ClassVar[Mapping[str, Text]] = {
        "von": Text("Von", "From"),
        "bis": Text("Bis", "To"),
        "art": Text("Was", "What"),
    }
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {
        "art": {"": Text("alles", "everything"), **FACT_WORDS}
    }


class AskForm(OnceForm):
    """What for, and perhaps about whom."""

    purpose = forms.CharField(
        max_length=PURPOSE_LENGTH_MAX, widget=forms.Textarea(attrs={"rows": 3})
    )
    customer = forms.CharField(max_length=40, required=False)
    texts: ClassVar[Mapping[str, Text]] = {
        "purpose": Text("Anlass", "Reason"),
        "customer": Text("Nur eine Kundin oder ein Kunde (Kennung)", "One customer only (key)"),
    }


@page(right="audit")
def log(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show who wrote what when, by day and kind; never by person."""
    form = FilterForm(request.GET or None)
    given: dict[str, date | str | None] = {}
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
    first, last = given.get("von"), given.get("bis")
    found = audit.page(
        asked.viewer,
        first=first if isinstance(first, date) else None,
        last=last if isinstance(last, date) else None,
        fact=str(given.get("art") or ""),
        before=row_number(request.GET.get("vor", "")),
    )
    kept = {name: request.GET[name] for name in FilterForm.texts if request.GET.get(name)}
    shown = {
        "form": form,
        "lines": [
            (
                line,
                CHANNEL_WORDS.get(line.channel),
                [(FACT_WORDS[n], c) for n, c in line.facts.items()],
            )
            for line in found.lines
        ],
        "older": urlencode({**kept, "vor": found.next_before}) if found.next_before else "",
    }
    return render(request, "administration/audit.html", shown)


@page("POST", right="audit")
def verification(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show the newest head and the last verification; begin one, or stop it."""
    if request.method == "POST":
        work = row_number(request.POST.get("work", ""))
        if request.POST.get("what") == "cancel" and work is not None:
            working.cancel(asked.viewer, work, now=asked.door.at)
        else:
            working.ask(asked.viewer, "verify", now=asked.door.at)
        return redirect("verification")
    rows = long_works.newest(asked.viewer, "verify", now=asked.door.at, limit=10)
    last = next((row for row in rows if row.state == "done"), None)
    problems = last.result["problems"] if last is not None else ()
    shown = {
        "work": rows[0] if rows and rows[0].is_open else None,
        "last": last,
        "ended": next((row for row in rows if not row.is_open), None),
        "problems": [Text(told["de"], told["en"]) for told in problems],
        "sealed": installation.sealed(),
        "head": seal.frontier().head,
    }
    part = "administration/verification_state.html"
    is_part = request.headers.get("HX-Request") == "true"
    return render(request, part if is_part else "administration/verification.html", shown)


@page(right="audit")
def head(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Hand out the newest head, to be kept outside: `verify --against` holds the log against it."""
    newest = seal.frontier().head
    told = {
        "what": "vertrauenskonto: head of the log (RFC 9162, SHA-256)",
        "taken_at": asked.door.at.isoformat(timespec="seconds"),
        "size": newest.size,
        "root": newest.root.hex(),
    }
    name = f"head-{asked.door.today}.json"
    return HttpResponse(
        json.dumps(told, indent=2) + "\n",
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@page("POST", right="audit")
def requests(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show who asked to see the log of reads, ask, and agree to somebody else's request."""
    form = AskForm(asked.given(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if not once.is_first(request, given["once"]):
            return redirect("readings")
        try:
            reading_actions.ask(
                asked.viewer,
                given["purpose"],
                now=asked.door.at,
                key=given["customer"].strip() or None,
            )
        except NotFound as refusal:
            once.again(request, given["once"])
            form.add_error("customer", spoken(refusal.text))
        except Invalid as refusal:
            once.again(request, given["once"])
            form.refuse(refusal)
        else:
            messages.success(
                request,
                words(
                    "Gestellt. Eine zweite Person stimmt auf dieser Seite zu.",
                    "Asked. A second person agrees on this page.",
                ),
            )
            return redirect("readings")
    rows = readings.requests(asked.viewer, limit=50)
    now = asked.door.at
    shown = {
        "form": form,
        "rows": [
            {
                "row": row,
                "is_mine": row.asker == asked.viewer.actor,
                "is_open": row.agreed_at is not None
                and row.agreed_at <= now < row.agreed_at + readings.VALID
                and asked.viewer.actor in (row.asker, row.agreer),
            }
            for row in rows
        ],
    }
    return render(request, "administration/readings.html", shown)


@page("POST", right="audit")
def agree(request: HttpRequest, asked: Asked, number: int) -> HttpResponse:
    """Agree to a request of somebody else."""
    if request.method == "POST":
        try:
            reading_actions.agree(asked.viewer, number, now=asked.door.at)
        except (Conflict, Denied) as refusal:
            messages.error(request, spoken(refusal.text))
        else:
            messages.success(
                request,
                words(
                    "Zugestimmt; das Protokoll ist für Sie beide 24 Stunden offen.",
                    "Agreed; the log is open to the two of you for 24 hours.",
                ),
            )
    return redirect("readings")


@page(right="audit")
def opened(request: HttpRequest, asked: Asked, number: int) -> HttpResponse:
    """Show the log of reads that a request opened."""
    after = row_number(request.GET.get("nach", "")) or 0
    rows = readings.page(asked.viewer, number, now=asked.door.at, after=after, limit=_PAGE + 1)
    shown = {
        "number": number,
        "rows": [
            (row, WHAT_WORDS.get(row.what), CHANNEL_WORDS.get(row.channel)) for row in rows[:_PAGE]
        ],
        "next_after": rows[_PAGE - 1].id if len(rows) > _PAGE else None,
    }
    return render(request, "administration/readings_log.html", shown)


urls = [
    path("verwaltung/protokoll/", log, name="audit"),
    path("verwaltung/pruefung/", verification, name="verification"),
    path("verwaltung/pruefung/kopf.json", head, name="seal_head"),
    path("verwaltung/zugriffe/", requests, name="readings"),
    path("verwaltung/zugriffe/<int:number>/", opened, name="readings_log"),
    path("verwaltung/zugriffe/<int:number>/zustimmen/", agree, name="agree_readings"),
]
