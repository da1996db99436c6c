"""A customer's consent: which ways are open for what, what they agreed or objected to, other grounds.

/kunden/K/einwilligungen/ (each thing recorded: POST to the same address)
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from vertrauenskonto.core.consent import (
    CHANNEL_LABELS,
    PURPOSE_LABELS,
    PURPOSES,
    ExistingCustomer,
    Purpose,
)
from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Text
from vertrauenskonto.db.actions import consents as actions
from vertrauenskonto.db.actions import looking
from vertrauenskonto.db.actions.consents import No, Yes
from vertrauenskonto.db.queries import consents as queries
from vertrauenskonto.db.queries import stewardship
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OnceForm, OwnForm
from vertrauenskonto.web.row_numbers import row_number
from vertrauenskonto.web.stewardship import tabs
from vertrauenskonto.web.templatetags.words import spoken, words

_ALL_WAYS: Mapping[str, Text] = {str(code): text for code, text in CHANNEL_LABELS.items()}
_WAYS: Mapping[str, Text] = {code: text for code, text in _ALL_WAYS.items() if code != "in_person"}
_PROOF = Text("Nachweis", "Proof")


class _SaidForm(OnceForm):
    """What a customer said on a day."""

    since = forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    proof = forms.CharField(max_length=500, required=False)


class YesForm(_SaidForm):
    """What a customer agreed to."""

    texts: ClassVar[Mapping[str, Text]] = {
        "channel": Text("Weg", "Channel"),
        "purpose": Text("Wofür?", "What for?"),
        "since": Text("Seit", "Since"),
        "proof": _PROOF,
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "proof": Text(
            "Wo es steht oder zu hören ist: Formular, Aufnahme, bestätigte Mail.",
            "Where it can be read or heard: a form, a recording, a confirmed mail.",
        )
    }
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {
        "channel": _WAYS,
        "purpose": {code: text for code, text in PURPOSE_LABELS.items() if code != "contract"},
    }

    channel = forms.ChoiceField(initial="email")
    purpose = forms.ChoiceField(initial="newsletter")
    field_order = ("once", "channel", "purpose", "since", "proof")


class NoForm(_SaidForm):
    """What a customer objected to."""

    texts: ClassVar[Mapping[str, Text]] = {
        "channel": Text("Wogegen?", "Against what?"),
        "since": Text("Seit", "Since"),
        "proof": Text("Wie gesagt?", "How was it said?"),
    }
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {
        "channel": {
            "": Text("alles, was der Vertrag nicht verlangt", "all that the contract does not ask"),
            **_ALL_WAYS,
        }
    }

    channel = forms.ChoiceField(required=False)
    field_order = ("once", "channel", "since", "proof")


class BasisForm(OwnForm):
    """The four conditions of § 7(3) UWG, the notice, and why a company wants calls."""

    texts: ClassVar[Mapping[str, Text]] = {
        "is_answered": Text(
            "Die Ausnahme für Bestandskunden wurde geprüft",
            "The exception for existing customers was looked at",
        ),
        "address_from_sale": Text(
            "Die Adresse stammt aus einem Verkauf an den Kunden",
            "The address comes from a sale to the customer",
        ),
        "similar_goods": Text(
            "Es geht um eigene ähnliche Waren oder Leistungen",
            "It is about similar goods or services of our own",
        ),
        "has_not_objected": Text(
            "Der Kunde hat nicht widersprochen", "The customer has not objected"
        ),
        "notice_at_collection": Text(
            "Beim Erheben stand der Hinweis auf das Widerspruchsrecht dabei",
            "The notice on the right to object was given when the address was collected",
        ),
        "notice": Text("Hinweis in jeder Nachricht", "Notice in every message"),
        "presumed_interest": Text(
            "Warum ein Unternehmen den Anruf wünscht", "Why a company wants the call"
        ),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "notice": Text(
            "Etwa: „Sie können dem jederzeit widersprechen, ohne dass andere Kosten entstehen als "
            "die Übermittlung nach den Basistarifen.“",
            "Such as: 'You may object at any time, at no cost but that of sending your message.'",
        ),
        "presumed_interest": Text(
            "Nur bei Unternehmen. Etwa: „fragte im Mai nach Wartung“.",
            "For companies only. Such as: 'asked about servicing in May'.",
        ),
    }

    is_answered = forms.BooleanField(required=False)
    address_from_sale = forms.BooleanField(required=False)
    similar_goods = forms.BooleanField(required=False)
    has_not_objected = forms.BooleanField(required=False)
    notice_at_collection = forms.BooleanField(required=False)
    notice = forms.CharField(
        max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    presumed_interest = forms.CharField(max_length=500, required=False)


@page("POST", right="see_names")
def show(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Show what is open to a customer and why; record what they said."""
    head = stewardship.head(asked.viewer, key)
    found = queries.sheet(asked.viewer, key, on=asked.door.today)
    given = asked.given(request)
    what = given.get("what", "") if given else ""
    first = {"since": asked.door.today}
    made: dict[str, Any] = {
        "yes": YesForm(given if what == "yes" else None, initial=first, prefix="yes"),
        "no": NoForm(given if what == "no" else None, initial=first, prefix="no"),
        "basis": BasisForm(given if what == "basis" else None, initial=found.basis),
    }
    if request.method == "POST":
        if not asked.may("book") or what not in (*made, "withdraw"):
            raise Http404
        if _recorded(request, asked, head.key, what, made):
            return redirect("customer_consents", head.key)
    looking.note(asked.viewer, [head.key], "customer", at=asked.door.at)
    told = {
        "head": head,
        "tabs": tabs(asked, head.key, "customer_consents"),
        "found": found,
        "purposes": [(PURPOSE_LABELS[p], channels) for p, channels in found.open.items()],
        "purpose_words": PURPOSE_LABELS,
        "acts": asked.may("book"),
        "wrong": what,
        **made,
    }
    return render(request, "consents/show.html", told)


def _recorded(
    request: HttpRequest, asked: Asked, key: str, what: str, made: Mapping[str, Any]
) -> bool:
    """Record what was sent; False: the form says what is wrong."""
    form = made.get(what)
    if form is not None and not form.is_valid():
        return False
    try:
        if form is None:
            number = row_number(request.POST.get("number", "")) or 0
            today = asked.door.today
            actions.withdraw(asked.viewer, key, number, on=today, door=asked.door)
        elif what == "basis":
            _describe(asked, key, form.cleaned_data)
        else:
            said = form.cleaned_data
            one: Yes | No
            if what == "yes":
                one = Yes(
                    channel=said["channel"],
                    purpose=said["purpose"],
                    since=said["since"],
                    proof=said["proof"],
                )
            else:
                one = No(channel=said["channel"], since=said["since"], proof=said["proof"])
            actions.record(asked.viewer, key, one, number=said["once"], door=asked.door)
    except (Conflict, Invalid, NotFound) as refusal:
        if form is None:
            messages.error(request, spoken(refusal.text))
            return True
        form.refuse(refusal)
        return False
    messages.success(request, words("Festgehalten.", "Recorded."))
    return True


def _describe(asked: Asked, key: str, said: Mapping[str, Any]) -> None:
    conditions = ("address_from_sale", "similar_goods", "has_not_objected", "notice_at_collection")
    existing = None
    if said["is_answered"]:
        existing = ExistingCustomer(
            notice=said["notice"], **{name: said[name] for name in conditions}
        )
    actions.describe_basis(
        asked.viewer, key, existing, presumed_interest=said["presumed_interest"], door=asked.door
    )


@page(right="see_names")
def ways(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Show which ways to a customer are open for one purpose, as a part of a list of tasks."""
    if "HX-Request" not in request.headers:
        return redirect("customer_consents", key)
    wanted = request.GET.get("zweck")
    purpose: Purpose = next((p for p in PURPOSES if p == wanted), "recontact")
    found = queries.channels(asked.viewer, [key], purpose, on=asked.door.today)
    if key not in found:
        raise Http404
    looking.note(asked.viewer, [key], "list", at=asked.door.at)
    told = {"channels": found[key], "purpose": PURPOSE_LABELS[purpose]}
    return render(request, "consents/ways.html", told)


urls = [
    path("kunden/<str:key>/einwilligungen/", show, name="customer_consents"),
    path("kunden/<str:key>/wege/", ways, name="customer_ways"),
]
