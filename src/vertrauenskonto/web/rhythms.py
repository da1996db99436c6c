"""How often a customer wants to hear from us: shown, agreed, changed.

/kunden/K/rhythmus/
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from vertrauenskonto.core.errors import Conflict, Invalid, Text
from vertrauenskonto.core.relations.cadence import EVERY_MAX, Rhythm
from vertrauenskonto.db.actions import looking
from vertrauenskonto.db.actions import rhythms as actions
from vertrauenskonto.db.actions.rhythms import NewRhythm
from vertrauenskonto.db.queries import rhythms as queries
from vertrauenskonto.db.queries import stewardship
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OnceForm
from vertrauenskonto.web.templatetags.words import CHANNELS, spoken, words

_UNITS = {
    "days": Text("Tage", "days"),
    "weeks": Text("Wochen", "weeks"),
    "months": Text("Monate", "months"),
}


class RhythmForm(OnceForm):
    """What was agreed with a customer; without a number, nothing is agreed any more."""

    every = forms.IntegerField(min_value=1, max_value=max(EVERY_MAX.values()), required=False)
    unit = forms.ChoiceField(initial="weeks")
    channel = forms.ChoiceField(required=False)
    agreed_with = forms.CharField(max_length=actions.NAME_LENGTH_MAX, required=False)
    on = forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    texts: ClassVar[Mapping[str, Text]] = {
        "every": Text("Alle wie viele?", "Every how many?"),
        "unit": Text("Tage, Wochen oder Monate", "Days, weeks or months"),
        "channel": Text("Auf welchem Weg?", "In which way?"),
        "agreed_with": Text("Mit wem abgesprochen?", "Agreed with whom?"),
        "on": Text("Abgesprochen am", "Agreed on"),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "every": Text(
            "Leer: Es ist nichts mehr abgesprochen.", "Empty: nothing is agreed any more."
        )
    }
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {
        "unit": _UNITS,
        "channel": {
            "": Text("egal", "any"),
            **{code: CHANNELS[code] for code in actions.CHANNELS},
        },
    }
    field_order = ("once", "every", "unit", "channel", "agreed_with", "on")

    def clean(self) -> dict[str, Any]:
        """Make the rhythm of number and unit."""
        given = super().clean() or self.cleaned_data
        given["rhythm"] = None
        if given.get("every") and given.get("unit"):
            try:
                given["rhythm"] = Rhythm(every=given["every"], unit=given["unit"])
            except Invalid as refusal:
                self.add_error("every", spoken(refusal.text))
        return given


@page("POST", right="see_names")
def show(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Show what was agreed with a customer, and write down what is agreed now."""
    head = stewardship.head(asked.viewer, key)
    if head.state != "normal":
        return redirect("account_of", head.key)
    form = RhythmForm(asked.given(request), initial={"on": asked.door.today})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        new = NewRhythm(
            rhythm=said["rhythm"],
            on=said["on"],
            number=said["once"],
            agreed_with=said["agreed_with"],
            channel=said["channel"],
        )
        try:
            actions.agree(asked.viewer, head.key, new, door=asked.door)
        except (Invalid, Conflict) as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, words("Festgehalten.", "Recorded."))
            return redirect("relation_of", head.key)
    looking.note(asked.viewer, [head.key], "customer", at=asked.door.at)
    told = {
        "head": head,
        "form": form if asked.may("book") else None,
        "written": queries.written(asked.viewer, head.number),
    }
    return render(request, "customers/rhythm.html", told)


urls = [path("kunden/<str:key>/rhythmus/", show, name="rhythm_of")]
