"""One cause that hits many promises: chosen by filters, one approved text, every customer told once.

/zusagen/ursachen/neu/?faehigkeit=Lieferung -> /zusagen/ursachen/4/ -> approved by a lead -> sent
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from vertrauenskonto.core.errors import Conflict, Invalid, Text
from vertrauenskonto.db.actions import incidents as actions
from vertrauenskonto.db.actions import looking
from vertrauenskonto.db.actions.incidents import NewIncident
from vertrauenskonto.db.queries import incidents as queries
from vertrauenskonto.db.queries import people
from vertrauenskonto.db.queries import promises as register
from vertrauenskonto.db.queries.incidents import Filters, Sheet, Told
from vertrauenskonto.db.queries.messages import has_mail
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OnceForm, OwnForm
from vertrauenskonto.web.notice_forms import REASONS
from vertrauenskonto.web.special_categories import Careful
from vertrauenskonto.web.templatetags.words import spoken, words

_MODULE = "promises"
_DAY = {"type": "date"}


class FilterForm(OwnForm):
    """Which promises a cause hits."""

    texts: ClassVar[Mapping[str, Text]] = {
        "faehigkeit": Text("Worum es geht", "What it draws on"),
        "von": Text("Fällig ab", "Due from"),
        "bis": Text("Fällig bis", "Due until"),
        "team": Text("Team", "Team"),
        "text": Text("Im Wortlaut oder bei „hängt ab von“", "In the words or under 'depends on'"),
    }

    faehigkeit = forms.ChoiceField(required=False)
    von = forms.DateField(required=False, widget=forms.DateInput(_DAY, format="%Y-%m-%d"))
    bis = forms.DateField(required=False, widget=forms.DateInput(_DAY, format="%Y-%m-%d"))
    team = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    text = forms.CharField(required=False, max_length=100)

    def filters(self) -> Filters:
        """Return what was chosen; nothing where it makes no sense."""
        said = self.cleaned_data
        return Filters(
            capability=said.get("faehigkeit", ""),
            due_from=said.get("von"),
            due_until=said.get("bis"),
            team=said.get("team"),
            text=said.get("text", ""),
        )


class IncidentForm(Careful, OnceForm):
    """What happened, and what customers are told."""

    careful: ClassVar[tuple[str, ...]] = ("text",)
    texts: ClassVar[Mapping[str, Text]] = {
        "name": Text("Was ist geschehen?", "What happened?"),
        "subject": Text("Betreff", "Subject"),
        "text": Text("Was Kunden lesen", "What customers read"),
        "subject_en": Text("Betreff auf Englisch", "Subject in English"),
        "text_en": Text("Text auf Englisch", "Text in English"),
        "delay_days": Text("Alle Termine verschieben sich um", "All dates move by"),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "name": Text("Für uns: Streik, Rückruf, Ausfall.", "For us: strike, recall, outage."),
        "text": Text(
            "Grund und was jetzt geschieht. Anrede, die betroffenen Zusagen, neue Termine und Gruß "
            "setzt das Programm dazu.",
            "The reason and what happens now. Greeting, the promises hit, new dates and close are "
            "added.",
        ),
        "text_en": Text(
            "Für Kunden, die Englisch lesen. Leer: sie werden angerufen.",
            "For customers who read English. Empty: they are called.",
        ),
        "delay_days": Text(
            "Arbeitstage, nach dem Kalender jedes Kunden. 0: noch keinen neuen Termin nennen.",
            "Working days, by each customer's calendar. 0: name no new date yet.",
        ),
    }

    name = forms.CharField(max_length=200)
    subject = forms.CharField(max_length=200)
    text = forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": 6}))
    subject_en = forms.CharField(max_length=200, required=False)
    text_en = forms.CharField(
        max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    delay_days = forms.IntegerField(min_value=0, max_value=250, initial=2)


@page(right="book", module=_MODULE)
def listed(request: HttpRequest, asked: Asked) -> HttpResponse:
    """List the causes."""
    told = {"incidents": queries.listed(asked.viewer)}
    return render(request, "incidents/list.html", told)


@page("POST", right="book", module=_MODULE)
def new(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Choose the promises a cause hits, and write what customers are told."""
    narrowed = _filter_form(request, asked)
    filters = narrowed.filters() if narrowed.is_valid() else Filters()
    form = IncidentForm(asked.given(request))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        shown_keys = set(request.POST.getlist("gezeigt"))
        new_one = NewIncident(
            name=said["name"],
            subject=said["subject"],
            text=said["text"],
            subject_en=said["subject_en"],
            text_en=said["text_en"],
            delay_days=said["delay_days"],
            filters=filters,
            leave_out=frozenset(shown_keys - set(request.POST.getlist("zusage"))),
        )
        try:
            number = actions.open_one(asked.viewer, new_one, number=said["once"], door=asked.door)
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            return redirect("incident", number)
    count, found = (
        (0, ()) if filters.is_empty else queries.found(asked.viewer, filters, now=asked.door.at)
    )
    customers = {one.customer for one in found}
    if customers:
        looking.note(asked.viewer, customers, "list", at=asked.door.at)
    ticked = set(request.POST.getlist("zusage")) if request.method == "POST" else None
    told = {
        "narrowed": narrowed,
        "form": form,
        "count": count,
        "found": [(one, ticked is None or one.key in ticked) for one in found],
        "is_narrowed": not filters.is_empty,
        "query": request.GET.urlencode(),
    }
    return render(request, "incidents/new.html", told)


def _filter_form(request: HttpRequest, asked: Asked) -> FilterForm:
    form = FilterForm(request.GET)
    every = {"": Text("alles", "everything")}
    known = {name: Text(name, name) for name in register.capabilities(asked.viewer)}
    form.offer("faehigkeit", {**every, **known})
    teams: dict[str, Text] = {}
    if asked.may("match"):
        teams = {str(t.id): Text(t.name, t.name) for t in people.teams(asked.viewer)}
    form.offer("team", {"": Text("alle", "all"), **teams})
    return form


@page("POST", right="book", module=_MODULE)
def one(request: HttpRequest, asked: Asked, number: int) -> HttpResponse:
    """Show who was told and who is still to be called; approve the text, or cancel."""
    sheet = queries.sheet(asked.viewer, number)
    if request.method == "POST":
        step = {"approve": actions.approve, "cancel": actions.cancel}.get(
            request.POST.get("what", "")
        )
        if step is None:
            raise Http404
        try:
            step(asked.viewer, number, door=asked.door)
        except Conflict as refusal:
            messages.error(request, spoken(refusal.text))
        else:
            messages.success(request, words("Festgehalten.", "Recorded."))
        return redirect("incident", number)
    customers = {one.message.customer for one in sheet.customers}
    if customers:
        looking.note(asked.viewer, customers, "list", at=asked.door.at)
    told: dict[str, Any] = {
        "sheet": sheet,
        "to_call": _lines(sheet, ("to_call",)),
        "reached": _lines(sheet, ("sent", "told")),
        "others": _lines(sheet, ("draft", "waiting", "claimed", "sending", "dropped")),
        "all": sum(sheet.counts.values()),
        "done": sheet.counts.get("sent", 0) + sheet.counts.get("told", 0),
        "calls": sheet.counts.get("to_call", 0),
        "leads": asked.may("lead"),
        "takes_mail": has_mail(),
    }
    return render(request, "incidents/one.html", told)


def _lines(sheet: Sheet, states: tuple[str, ...]) -> list[tuple[Told, Text | None]]:
    return [
        (one, REASONS.get(one.message.reason))
        for one in sheet.customers
        if one.message.state in states
    ]


urls = [
    path("zusagen/ursachen/", listed, name="incidents"),
    path("zusagen/ursachen/neu/", new, name="incident_new"),
    path("zusagen/ursachen/<int:number>/", one, name="incident"),
]
