"""The relationship with one customer: its phases and why, its end, and that taken back.

/kunden/K/beziehung/    each form: POST to the same address
"""

from collections.abc import Mapping
from typing import ClassVar

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path

from vertrauenskonto.core.errors import Conflict, Invalid, Text
from vertrauenskonto.core.relations.phases import PhaseRules
from vertrauenskonto.db.actions import looking
from vertrauenskonto.db.actions import relations as actions
from vertrauenskonto.db.actions.relations import REASON_LENGTH_MAX
from vertrauenskonto.db.queries import handovers, stewardship
from vertrauenskonto.db.queries import relations as queries
from vertrauenskonto.db.queries.relations import Relation
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OnceForm, OwnForm
from vertrauenskonto.web.special_categories import Careful
from vertrauenskonto.web.stewardship import tabs
from vertrauenskonto.web.templatetags.words import words

ACTS = ("end", "take_back")
_REASON = Text("Warum?", "Why?")


class EndForm(Careful, OnceForm):
    """When a relationship ended, and why."""

    careful: ClassVar[tuple[str, ...]] = ("reason",)
    texts: ClassVar[Mapping[str, Text]] = {
        "on": Text("Beendet am", "Ended on"),
        "reason": _REASON,
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "reason": Text("So, dass der Kunde es lesen dürfte.", "So that the customer could read it.")
    }

    on = forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(max_length=REASON_LENGTH_MAX, widget=forms.Textarea(attrs={"rows": 2}))
    field_order = ("once", "on", "reason")


class TakeBackForm(Careful, OwnForm):
    """Why a relationship has not ended after all."""

    careful: ClassVar[tuple[str, ...]] = ("reason",)
    texts: ClassVar[Mapping[str, Text]] = {"reason": _REASON}

    reason = forms.CharField(max_length=REASON_LENGTH_MAX, widget=forms.Textarea(attrs={"rows": 2}))


@page("POST", right="see_names")
def show(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Show the phases of a relationship; say that it has ended, or take that back."""
    head = stewardship.head(asked.viewer, key)
    try:
        found = queries.relation(asked.viewer, key, today=asked.door.today)
    except Conflict:
        # Of an account that is not valued, its page says why.
        return redirect("account_of", head.key)
    given = asked.given(request)
    what = given.get("what", "") if given else ""
    forms_of = _forms(asked, found, given, what)
    if request.method == "POST":
        if what not in ACTS:
            raise Http404
        if what not in forms_of:
            # Somebody else was quicker, or the same form came twice.
            messages.info(request, words("Das steht schon so da.", "It says so already."))
            return redirect("relation_of", head.key)
        if _is_recorded(asked, head.key, what, forms_of[what]):
            messages.success(request, words("Festgehalten.", "Recorded."))
            return redirect("relation_of", head.key)
    looking.note(asked.viewer, [head.key], "customer", at=asked.door.at)
    told = {
        "head": head,
        "tabs": tabs(asked, head.key, "relation_of"),
        "relation": found,
        "rules": PhaseRules(),
        "handovers": handovers.of_seen(asked.viewer, head.number),
        "may_hand_over": asked.may("book"),
        "forms": forms_of,
    }
    return render(request, "customers/relation.html", told)


def _forms(asked: Asked, found: Relation, given: QueryDict | None, what: str) -> dict[str, OwnForm]:
    """Return the forms of what may be said now, by name; only the one sent is filled in."""
    if not asked.may("book"):
        return {}

    def sent(name: str) -> QueryDict | None:
        return given if name == what else None

    made: dict[str, OwnForm] = {}
    if found.ended is not None:
        made["take_back"] = TakeBackForm(sent("take_back"), prefix="take_back")
    elif found.now is not None:
        first = {"on": asked.door.today}
        made["end"] = EndForm(sent("end"), prefix="end", initial=first)
    return made


def _is_recorded(asked: Asked, key: str, what: str, form: OwnForm) -> bool:
    """Record what was sent; False: it was refused, and the form says why."""
    if not form.is_valid():
        return False
    said, viewer, door = form.cleaned_data, asked.viewer, asked.door
    try:
        if what == "end":
            reason, number = said["reason"], said["once"]
            actions.end(viewer, key, on=said["on"], reason=reason, number=number, door=door)
        else:
            actions.take_back(viewer, key, reason=said["reason"], door=door)
    except (Invalid, Conflict) as refusal:
        form.refuse(refusal)
        return False
    return True


urls = [path("kunden/<str:key>/beziehung/", show, name="relation_of")]
