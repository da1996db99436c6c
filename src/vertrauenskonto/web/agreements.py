"""What is agreed here: the question for a works council, and whether balances may leave."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from vertrauenskonto.core.errors import Conflict, Invalid, Text
from vertrauenskonto.db import agreements
from vertrauenskonto.db.access import shown_actor
from vertrauenskonto.db.actions import agreements as actions
from vertrauenskonto.db.actions.agreements import PURPOSE_LENGTH_MAX
from vertrauenskonto.web import once
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OnceForm
from vertrauenskonto.web.templatetags.words import words


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """One thing that can be agreed: what it is, what it opens, and what closes when it ends."""

    name: str
    title: Text
    opens: tuple[Text, ...]
    closes: Text


_VIEWS = (
    Text(
        "Jede Person kann ihre eigene Auswertung sehen; sie sieht sie als Erste.",
        "Each person can see her own view; she sees it first.",
    ),
    Text(
        "Danach sehen Leitung und Administration sie, und Namen erscheinen in Kontoauszügen.",
        "After that leads and administrators see it, and names appear in statements.",
    ),
    Text(
        "Ranglisten von Beschäftigten gibt es auch dann nicht.",
        "There are no rankings of members of staff even then.",
    ),
)
_SHUT = Text(
    "Ab sofort wird nichts mehr nach Beschäftigten ausgewertet, gefiltert oder herausgegeben.",
    "From now on nothing is evaluated, filtered or given out by member of staff any more.",
)
SORTS = (
    Sort(
        name="works_council",
        title=Text("Betriebsvereinbarung geschlossen", "Works agreement made"),
        opens=_VIEWS,
        closes=_SHUT,
    ),
    Sort(
        name="no_works_council",
        title=Text("Es gibt keinen Betriebsrat", "There is no works council"),
        opens=_VIEWS,
        closes=_SHUT,
    ),
    Sort(
        name="scores",
        title=Text("Kontostände dürfen hinaus", "Balances may leave"),
        opens=(
            Text(
                "Programme mit einem Token für „scores“ lesen Kontostände und Urteile.",
                "Programs with a token for 'scores' read balances and verdicts.",
            ),
            Text(
                "Nie für Preise, Kredit, Verträge oder Servicestufen: dafür ist das Konto nicht da.",
                "Never for prices, credit, contracts or service levels: the account isn't for that.",
            ),
        ),
        closes=Text(
            "Ab sofort liest kein Programm mehr Kontostände oder Urteile.",
            "From now on no program reads balances or verdicts any more.",
        ),
    ),
)
_BY_NAME = {sort.name: sort for sort in SORTS}


class AgreementForm(OnceForm):
    """What for, and where it is written down."""

    purpose = forms.CharField(
        max_length=PURPOSE_LENGTH_MAX, widget=forms.Textarea(attrs={"rows": 3})
    )
    texts: ClassVar[Mapping[str, Text]] = {
        "purpose": Text("Wofür, und wo es steht", "What for, and where it is written")
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "purpose": Text(
            "Aktenzeichen, Tag und Umfang. Nennen Sie keine Person: der Eintrag bleibt für immer.",
            "Reference, date and scope. Name no person: the record stays for ever.",
        )
    }


@page()
def listed(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show what is agreed, what that opens, and the whole history."""
    if not (asked.may("lead") or asked.may("audit")):
        raise PermissionDenied
    records = [r for r in agreements.records() if r.name in _BY_NAME]
    latest = {r.name: r for r in records}
    shown = {
        "sorts": [(sort, latest.get(sort.name)) for sort in SORTS],
        "history": [
            (r, _BY_NAME[r.name].title, shown_actor(asked.viewer, r.actor))
            for r in reversed(records)
        ],
        "is_answered": "works_council" in latest or "no_works_council" in latest,
        "administers": asked.may("administer"),
        "sees_papers": asked.may("audit"),
    }
    return render(request, "administration/agreements.html", shown)


@page("POST", right="administer")
def record(request: HttpRequest, asked: Asked, name: str, verb: str) -> HttpResponse:
    """Say what recording or ending an agreement means, ask where it is written, and record it."""
    sort = _BY_NAME.get(name)
    if sort is None:
        raise Http404
    begins = verb == "erfassen"
    form = AgreementForm(asked.given(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if not once.is_first(request, given["once"]):
            return redirect("agreements")
        try:
            actions.agree(name, is_in_force=begins, purpose=given["purpose"], door=asked.door)
        except (Invalid, Conflict) as refusal:
            once.again(request, given["once"])
            form.refuse(refusal)
        else:
            messages.success(
                request,
                words("Erfasst; es gilt ab sofort.", "Recorded; it holds from now on.")
                if begins
                else words("Erfasst; es gilt nicht mehr.", "Recorded; it no longer holds."),
            )
            return redirect("agreements")
    shown = {"form": form, "sort": sort, "begins": begins}
    return render(request, "administration/agreement.html", shown)


urls = [
    path("verwaltung/vereinbarungen/", listed, name="agreements"),
    path(
        "verwaltung/vereinbarungen/<str:name>/erfassen/",
        record,
        {"verb": "erfassen"},
        name="record_agreement",
    ),
    path(
        "verwaltung/vereinbarungen/<str:name>/beenden/",
        record,
        {"verb": "beenden"},
        name="end_agreement",
    ),
]
