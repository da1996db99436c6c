"""Set-up: from a list of customers or an export of orders to a first honest page."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Text, TrustError
from vertrauenskonto.db import contact_files
from vertrauenskonto.db.actions import setting_up as actions
from vertrauenskonto.db.actions import working_calendars as calendars
from vertrauenskonto.db.queries import setting_up as queries
from vertrauenskonto.db.queries.calendars import has_companys
from vertrauenskonto.importers.contacts import BYTES_MAX, FIELDS, ContactTable, read_contacts
from vertrauenskonto.importers.policy import read_policy, shipped_policies
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OwnForm
from vertrauenskonto.web.templatetags.words import counted, page_language, spoken, words
from vertrauenskonto.web.working_calendars import regions

_LIST = "contact_list"
_SHOWN = 8
_FIELD_WORDS = {
    "number": Text("Kundennummer", "Customer number"),
    "name": Text("Name", "Name"),
    "email": Text("E-Mail-Adresse", "E-mail address"),
    "phone": Text("Telefon", "Telephone"),
    "postcode": Text("Postleitzahl", "Postcode"),
    "opening": Text(
        "Anfangsstand (bewährt, stabil, belastet)", "Opening (proven, stable, strained)"
    ),
}


class RulesForm(OwnForm):
    """What kind of company it is, how often it meets its customers, and from when it counts."""

    industry = forms.ChoiceField(widget=forms.RadioSelect)
    usual_days = forms.IntegerField(
        min_value=1, max_value=actions.USUAL_DAYS_MAX, widget=forms.NumberInput
    )
    go_live = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    openings = forms.ChoiceField(widget=forms.RadioSelect)
    region = forms.ChoiceField(required=False)

    texts: ClassVar = {
        "industry": Text("Ihre Branche", "Your industry"),
        "usual_days": Text(
            "Tage zwischen zwei Kontakten, üblicherweise", "Days between two contacts, usually"
        ),
        "go_live": Text("Ab welchem Tag es zählt", "From which day it counts"),
        "openings": Text("Anfangsstände", "Opening balances"),
        "region": Text("Bundesland oder Kanton", "State or canton"),
    }
    hints: ClassVar = {
        "industry": Text(
            "Damit beginnen Sie; jeden Punkt können Sie später ändern.",
            "You begin with this; you can change every point later.",
        ),
        "usual_days": Text(
            "Danach richtet sich, ab wann Stille etwas kostet.",
            "This decides from when silence costs something.",
        ),
        "go_live": Text(
            "Was vorher war, wird angerechnet, aber niemand beginnt mit Abzügen für Stille.",
            "What was before counts, but nobody starts with charges for silence.",
        ),
        "region": Text(
            "Danach richten sich die Feiertage, an denen keine Frist abläuft.",
            "It decides on which holidays no deadline falls.",
        ),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Django's own arguments
        super().__init__(*args, **kwargs)
        self.offer(
            "industry",
            {name: _industry(name) for name in shipped_policies() if name != "default"},
        )
        later = Text("später", "later")
        self.offer("region", {"": later, **regions()})
        self.offer(
            "openings",
            {
                "none": Text("Keine: alle beginnen bei null", "None: everybody begins at zero"),
                "list": Text(
                    "Aus meiner Liste: bewährt, stabil oder belastet",
                    "From my list: proven, stable or strained",
                ),
            },
        )


def _industry(name: str) -> Text:
    policy = read_policy(name).versions[-1]
    days = policy.parameters.silence.usual_contact_days
    return Text(
        f"{policy.title.de} (Kontakt etwa alle {days} Tage)",
        f"{policy.title.en} (contact about every {days} days)",
    )


@page("POST", right="administer")
def show(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show each step and where it stands; end the set-up."""
    if request.method == "POST":
        try:
            actions.finish(asked.viewer, opens_old="opens_old" in request.POST, door=asked.door)
        except Conflict as refusal:
            messages.error(request, spoken(refusal.text))
            return redirect("setup")
        return redirect("today")
    return render(request, "setup/setup.html", {"set_up": queries.progress(asked.viewer)})


@page("POST", right="administer")
def rules(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Ask what the company is like and put a starter policy in force."""
    known = queries.progress(asked.viewer)
    initial = {
        "go_live": known.go_live or asked.door.today,
        "openings": "none",
        "industry": "craft",
        "usual_days": 120,
    }
    form = RulesForm(asked.given(request), initial=initial)
    if has_companys():
        del form.fields["region"]
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.begin(
                asked.viewer,
                industry=given["industry"],
                usual_days=given["usual_days"],
                go_live=given["go_live"],
                with_openings=given["openings"] == "list",
                door=asked.door,
            )
            if given.get("region"):
                calendars.for_company(asked.viewer, given["region"], now=asked.door.at)
        except TrustError as refusal:
            form.refuse(refusal)
        else:
            return redirect("setup")
    return render(request, "setup/rules.html", {"form": form, "set_up": known})


@page("POST", right="administer")
def contacts(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Take a list of contacts in."""
    refusal = None
    if request.method == "POST":
        try:
            request.session[_LIST] = _received(request)
        except Invalid as wrong:
            refusal = wrong
        else:
            return redirect("setup_columns")
    found = {"refusal": refusal, "set_up": queries.progress(asked.viewer)}
    return render(request, "setup/contacts.html", found, status=400 if refusal else 200)


def _received(request: HttpRequest) -> str:
    upload = request.FILES.get("upload")
    too_large = getattr(request, "is_upload_too_large", False)
    if upload is None and not too_large:
        raise Invalid(Text("Wählen Sie eine Datei aus.", "Choose a file."))
    contents = b"" if upload is None else upload.read(BYTES_MAX + 1)
    name = (upload.name if upload is not None else "") or ""
    # Read before it is kept: what is no list is refused here.
    read_contacts(name, b"x" * (BYTES_MAX + 1) if too_large else contents)
    return contact_files.keep(contents)


@page("POST", right="administer")
def columns(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show what the columns are taken for, and open the accounts once that is confirmed."""
    token = str(request.session.get(_LIST, ""))
    try:
        table = read_contacts("", contact_files.kept(token))
    except NotFound as gone:
        messages.error(request, spoken(gone.text))
        return redirect("setup_contacts")
    chosen = _chosen(request, table)
    if request.method == "POST" and request.POST.get("what") == "enter":
        entered = actions.enter(asked.viewer, table.values(chosen), door=asked.door)
        contact_files.drop(token)
        request.session.pop(_LIST, None)
        _tell(request, entered)
        return redirect("setup")
    fields = [
        {"name": field, "words": _FIELD_WORDS[field], "chosen": chosen.get(field, "")}
        for field in FIELDS
    ]
    found = {
        "table": table,
        "fields": fields,
        "rows": table.values(chosen)[:_SHOWN],
        "count": len(table.rows),
    }
    return render(request, "setup/columns.html", found)


def _chosen(request: HttpRequest, table: ContactTable) -> dict[str, str]:
    if request.method != "POST":
        return table.guessed()
    said = {field: request.POST.get(field, "") for field in FIELDS}
    return {field: column for field, column in said.items() if column in table.columns}


def _tell(request: HttpRequest, entered: actions.Entered) -> None:
    messages.success(
        request,
        ", ".join(
            (
                counted(
                    entered.opened,
                    "Konto eröffnet",
                    "Konten eröffnet",
                    "account opened",
                    "accounts opened",
                ),
                counted(
                    entered.known,
                    "war schon da",
                    "waren schon da",
                    "was there already",
                    "were there already",
                ),
                counted(
                    entered.waiting,
                    "wartet auf eine Zuordnung.",
                    "warten auf eine Zuordnung.",
                    "waits to be matched.",
                    "wait to be matched.",
                ),
            )
        ),
    )
    for problem in entered.problems[:_SHOWN]:
        messages.error(request, problem.in_language(page_language()))
    left = len(entered.problems) - _SHOWN
    if left > 0:
        messages.error(
            request,
            "… " + counted(left, "weitere Zeile.", "weitere Zeilen.", "more row.", "more rows."),
        )


@page("POST", right="administer")
def silence(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Let silence count from going live on only, for everybody known so far."""
    known = queries.progress(asked.viewer)
    if request.method == "POST" and known.go_live is not None:
        count = actions.forgive_silence(asked.viewer, go_live=known.go_live, door=asked.door)
        messages.success(
            request,
            words("Stille zählt erst ab dem Start für ", "Silence counts from going live only for ")
            + counted(count, "Konto.", "Konten.", "account.", "accounts."),
        )
    return redirect("setup")


@page("POST", right="administer")
def rehearsal(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Replay the last twelve months and lead to what came of it."""
    if request.method != "POST":
        return redirect("setup")
    name = words("Probelauf der Einrichtung", "Replay of the set-up")
    return redirect("policy_replay", actions.rehearse(asked.viewer, name=name, door=asked.door))


urls = [
    path("einrichten/", show, name="setup"),
    path("einrichten/regeln/", rules, name="setup_rules"),
    path("einrichten/kunden/", contacts, name="setup_contacts"),
    path("einrichten/kunden/spalten/", columns, name="setup_columns"),
    path("einrichten/stille/", silence, name="setup_silence"),
    path("einrichten/probelauf/", rehearsal, name="setup_rehearsal"),
]
