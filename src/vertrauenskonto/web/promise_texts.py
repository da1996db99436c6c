"""Promises in pasted text: found, shown, and each confirmed by itself; the text is not kept.

/kunden/K/zusage/text/ -> suggestions -> one of them written down, the others still there
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Text
from vertrauenskonto.db.actions import looking
from vertrauenskonto.db.actions import promises as actions
from vertrauenskonto.db.queries import preview
from vertrauenskonto.db.queries import promises as queries
from vertrauenskonto.db.queries.preview import Subject
from vertrauenskonto.importers.phrases import Suggestion, suggestions
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OwnForm
from vertrauenskonto.web.local_forms import refuse
from vertrauenskonto.web.promise_forms import PromiseForm
from vertrauenskonto.web.templatetags.words import spoken, words

TEXT_MAX = 20_000
_SHOWN_MAX = 20


class TextForm(OwnForm):
    """What somebody wrote to the customer, and when."""

    texts: ClassVar[Mapping[str, Text]] = {
        "text": Text("Was Sie geschrieben oder notiert haben", "What you wrote or noted"),
        "written": Text("Geschrieben am", "Written on"),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "text": Text(
            "Eine Mail, ein Chat, eine Gesprächsnotiz. Der Text wird nicht gespeichert.",
            "A mail, a chat, a note of a call. The text is not kept.",
        ),
        "written": Text(
            "Von diesem Tag an zählen „morgen“ und „Freitag“.", "Days count from here."
        ),
    }

    text = forms.CharField(max_length=TEXT_MAX, widget=forms.Textarea(attrs={"rows": 8}))
    written = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), required=True
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A suggestion with its form; `taken` is the key of the promise made from it, "" for none."""

    number: str
    sentence: str
    question: Text | None
    form: PromiseForm
    taken: str


@page("POST", right="book", module="promises")
def read(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Find promises in a text, and write down the one that is confirmed."""
    try:
        subject = preview.subject(asked.viewer, key)
    except Conflict as refusal:
        messages.error(request, spoken(refusal.text))
        return redirect("promises")
    given = asked.given(request)
    form = TextForm(given, initial={"written": asked.door.today})
    found: list[Found] | None = None
    if given is not None and form.is_valid():
        found = _found(asked, subject, form.cleaned_data, given)
        if request.method == "POST":
            found = _confirmed(request, asked, subject, found)
    looking.note(asked.viewer, [subject.key], "list", at=asked.door.at)
    told = {"form": form, "subject": subject, "found": found}
    return render(request, "promises/text.html", told)


def _found(asked: Asked, subject: Subject, said: Mapping[str, Any], given: Any) -> list[Found]:
    # Any: what Django's forms take.
    text, written = str(said["text"]), said["written"]
    working = queries.working_time(asked.viewer, customer=subject.key)
    zone = ZoneInfo(settings.TIME_ZONE)
    names = tuple(name for name in (subject.name,) if name)
    shown: list[Found] = []
    there = _numbers(asked, subject, text)
    for one in suggestions(text, written=written, zone=zone, customers=names)[:_SHOWN_MAX]:
        prefix = f"s{one.sentence[0]}-{len(shown)}"
        number = there.number(prefix)
        form = PromiseForm(
            given if f"{prefix}-wording" in given else None,
            viewer=asked.viewer,
            # Only what is to be written down now is held against what was refused.
            customer=subject.key if given.get("take") == prefix else "",
            today=asked.door.today,
            working=working,
            prefix=prefix,
            initial=_initial(one, number, zone, made=_made(written, asked.door.today)),
        )
        shown.append(
            Found(
                number=prefix,
                sentence=text[slice(*one.sentence)].strip(),
                question=one.when.question if one.when.question.de else None,
                form=form,
                taken=there.key(number),
            )
        )
    return shown


@dataclass(frozen=True, slots=True, kw_only=True)
class _Numbers:
    """By what number each suggestion of a text is known, and which are promises already."""

    start: str
    taken: Mapping[str, str]

    def number(self, prefix: str) -> str:
        return f"{self.start}{hashlib.sha256(prefix.encode()).hexdigest()[:8]}"

    def key(self, number: str) -> str:
        return self.taken.get(number, "")


def _numbers(asked: Asked, subject: Subject, text: str) -> _Numbers:
    start = hashlib.sha256(f"{subject.key}\n{text}".encode()).hexdigest()[:24] + "-"
    return _Numbers(start=start, taken=queries.begun_with(asked.viewer, "web", start))


def _made(written: date, today: date) -> datetime | None:
    """Return when it was said: of another day nobody knows the hour."""
    return None if written >= today else datetime.combine(written, time(12))


def _initial(
    one: Suggestion, number: str, zone: ZoneInfo, *, made: datetime | None
) -> dict[str, Any]:
    due = one.due
    day = due.astimezone(zone).date() if isinstance(due, datetime) else due
    clock = due.astimezone(zone).time() if isinstance(due, datetime) else None
    wording = one.clause[:1].upper() + one.clause[1:]
    initial: dict[str, Any] = {"wording": wording, "once": number, "quick": "other" if day else ""}
    if day is not None:
        initial["day"] = day
    if clock is not None:
        initial["clock"] = clock
    if made is not None:
        initial["made"] = made
    return initial


def _confirmed(
    request: HttpRequest, asked: Asked, subject: Subject, found: list[Found]
) -> list[Found]:
    """Write down the suggestion whose button was pressed, if any."""
    taken = request.POST.get("take", "")
    chosen = next((one for one in found if one.number == taken and not one.taken), None)
    if chosen is None or not chosen.form.is_valid():
        return found
    try:
        new = chosen.form.promise(customer=subject.key)
        made = actions.make(asked.viewer, new, door=asked.door)
    except (Conflict, Invalid, NotFound) as refusal:
        refuse(chosen.form, refusal)
        return found
    messages.success(request, words("Zusage festgehalten.", "Promise recorded."))
    return [
        Found(
            number=one.number,
            sentence=one.sentence,
            question=one.question,
            form=one.form,
            taken=made.key if one is chosen else one.taken,
        )
        for one in found
    ]


urls = [path("kunden/<str:key>/zusage/text/", read, name="promise_texts")]
