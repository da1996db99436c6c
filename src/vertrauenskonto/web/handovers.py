"""Handing a customer over from one contact person to another, step by step.

/kunden/K/uebergabe/ -> /uebergabe/h_…/ (each step: POST to the same address)
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, Text
from vertrauenskonto.core.relations.handover import LABELS
from vertrauenskonto.db.actions import handovers as actions
from vertrauenskonto.db.actions import looking
from vertrauenskonto.db.actions.handovers import WITH_CHANNEL, WORDS_LENGTH_MAX, Step, What
from vertrauenskonto.db.queries import handovers as queries
from vertrauenskonto.db.queries import people, stewardship
from vertrauenskonto.db.queries.handovers import Sheet
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OnceForm, OwnForm
from vertrauenskonto.web.special_categories import Careful
from vertrauenskonto.web.templatetags.words import CHANNELS, spoken, words

_ON = Text("Wann?", "When?")
_STEPS: Mapping[str, tuple[What, ...]] = {
    "trusted_for": ("trusted_for",),
    "customer_told": ("customer_told",),
    "introduced": ("introduced_by_giver", "introduced_by_successor"),
    "promises_passed": ("promises_passed",),
    "own_account": ("own_account",),
}
SAID: Mapping[str, Text] = {
    **{str(name): label for name, label in LABELS.items()},
    "introduced_by_giver": Text(
        "Vorstellung, bestätigt von der bisherigen Ansprechpartnerin",
        "Introduction, confirmed by the present contact person",
    ),
    "introduced_by_successor": Text(
        "Vorstellung, bestätigt von der Nachfolge", "Introduction, confirmed by the successor"
    ),
    "completed": Text("Übergabe abgeschlossen", "Handover completed"),
    "given_up": Text("Übergabe abgebrochen", "Handover given up"),
}
_STATES = {
    "open": Text("läuft", "going on"),
    "completed": Text("abgeschlossen", "completed"),
    "given_up": Text("abgebrochen", "given up"),
}


class BeginForm(OnceForm):
    """Who takes a customer over."""

    successor = forms.ChoiceField()
    texts: ClassVar[Mapping[str, Text]] = {"successor": Text("Wer übernimmt?", "Who takes over?")}
    hints: ClassVar[Mapping[str, Text]] = {
        "successor": Text(
            "Sie sieht das Konto von jetzt an als Vertretung.",
            "She sees the account from now on, as a deputy.",
        )
    }


class StepForm(Careful, OnceForm):
    """One step: when, and where it matters how and in which words."""

    careful: ClassVar[tuple[str, ...]] = ("words",)
    on = forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    channel = forms.ChoiceField()
    words = forms.CharField(
        max_length=WORDS_LENGTH_MAX, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    texts: ClassVar[Mapping[str, Text]] = {
        "on": _ON,
        "channel": Text("Wie?", "How?"),
        "words": Text("Anmerkung", "Remark"),
    }
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {
        "channel": {code: CHANNELS[code] for code in actions.CHANNELS}
    }
    field_order = ("once", "on", "channel", "words")

    def __init__(self, *args: Any, what: What, **kwargs: Any) -> None:  # Django's own arguments
        super().__init__(*args, prefix=what, **kwargs)
        self.what = what
        if what not in WITH_CHANNEL:
            del self.fields["channel"]
        if what == "trusted_for":
            self.fields["words"].required = True
            self.fields["words"].label = spoken(
                Text("Worin vertraut der Kunde ihr?", "What does the customer trust in her?")
            )

    def step(self) -> Step:
        """Return what is to be recorded."""
        said = self.cleaned_data
        return Step(
            what=self.what,
            on=said["on"],
            number=said["once"],
            channel=said.get("channel", ""),
            words=said["words"],
        )


class GiveUpForm(Careful, OwnForm):
    """Why a handover is given up."""

    careful: ClassVar[tuple[str, ...]] = ("words",)
    words = forms.CharField(max_length=WORDS_LENGTH_MAX, widget=forms.Textarea(attrs={"rows": 2}))
    texts: ClassVar[Mapping[str, Text]] = {"words": Text("Warum?", "Why?")}


@page("POST", right="book")
def begin(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Ask who takes a customer over, and begin."""
    head = stewardship.head(asked.viewer, key)
    owner = stewardship.looked_after(head).owner
    form = BeginForm(asked.given(request))
    everybody = people.colleagues(asked.viewer)
    form.offer("successor", {p.key: Text(p.name, p.name) for p in everybody if p.key != owner})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = actions.begin(
                asked.viewer, key, successor=said["successor"], number=said["once"], door=asked.door
            )
        except (Invalid, Conflict, Denied) as refusal:
            form.refuse(refusal)
        else:
            return redirect("handover", made)
    looking.note(asked.viewer, [head.key], "customer", at=asked.door.at)
    return render(request, "handovers/begin.html", {"form": form, "head": head})


@page("POST", right="see_names")
def show(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Show a handover step by step; record a step, complete it or give it up."""
    sheet = queries.sheet(asked.viewer, key, today=asked.door.today)
    given = asked.given(request)
    what = given.get("what", "") if given else ""
    forms_of = _forms(asked, sheet, given, what)
    if request.method == "POST":
        if what != "complete" and what not in (*SAID, "give_up"):
            raise Http404
        if _is_recorded(request, asked, sheet, forms_of.get(what), what):
            account = asked.viewer.role == "contact" and what in ("complete", "give_up")
            return redirect("today") if account else redirect("handover", key)
    looking.note(asked.viewer, [sheet.shown.customer], "customer", at=asked.door.at)
    told = {
        "sheet": sheet,
        "handover": sheet.shown,
        "state": _STATES[sheet.shown.state],
        "stages": [
            {"step": step, "forms": _offered(sheet, forms_of, step.name)} for step in sheet.steps
        ],
        "first": what or next((s.name for s in sheet.steps if s.done_on is None), ""),
        "story": [(SAID[done.what], done) for done in sheet.story],
        "give_up": forms_of.get("give_up"),
    }
    return render(request, "handovers/one.html", told)


def _offered(
    sheet: Sheet, forms_of: Mapping[str, OwnForm], name: str
) -> list[tuple[Text, OwnForm]]:
    """Return the forms of a step that are still to be filled in, with what they say."""
    done = {one.what for one in sheet.story}
    return [
        (SAID[what], forms_of[what])
        for what in _STEPS[name]
        if what in forms_of and (what not in done or what == "promises_passed")
    ]


def _forms(asked: Asked, sheet: Sheet, given: Any, what: str) -> dict[str, OwnForm]:
    """Return the forms of what may be recorded now, by name; only the one sent is filled in."""
    # Any: what Django's forms take.
    if not (asked.may("book") and sheet.shown.is_open):
        return {}
    names = [name for part in _STEPS.values() for name in part]
    if sheet.part != "giver" and not (sheet.is_giver_gone and asked.may("match")):
        names.remove("introduced_by_giver")
    if sheet.part != "successor":
        names.remove("introduced_by_successor")
    made: dict[str, OwnForm] = {
        name: StepForm(given if name == what else None, what=name, initial=_first(asked.door.today))
        for name in names
    }
    made["give_up"] = GiveUpForm(given if what == "give_up" else None, prefix="give_up")
    return made


def _first(today: date) -> dict[str, object]:
    return {"on": today, "channel": "visit"}


def _is_recorded(
    request: HttpRequest, asked: Asked, sheet: Sheet, form: OwnForm | None, what: str
) -> bool:
    """Do what was sent; False: it was refused, and the form says why."""
    key, viewer, door = sheet.shown.key, asked.viewer, asked.door
    if form is not None and not form.is_valid():
        return False
    try:
        if what == "complete":
            actions.complete(viewer, key, door=door)
        elif form is None:
            messages.info(request, words("Diese Übergabe ist zu Ende.", "This handover is over."))
            return True
        elif isinstance(form, StepForm):
            actions.record(viewer, key, form.step(), door=door)
        else:
            actions.give_up(viewer, key, reason=form.cleaned_data["words"], door=door)
    except (Conflict, Invalid) as refusal:
        if form is None:
            messages.error(request, spoken(refusal.text))
            return True
        form.refuse(refusal)
        return False
    messages.success(request, words("Eingetragen.", "Recorded."))
    return True


urls = [
    path("kunden/<str:key>/uebergabe/", begin, name="handover_for"),
    path("uebergabe/<str:key>/", show, name="handover"),
]
