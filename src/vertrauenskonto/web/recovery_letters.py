"""Letters of a recovery case: begun by the program, written and checked by a person, as PDF.

The check asks and never blocks. Only what nobody filled in, in double square brackets, does.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.text import slugify

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.core.text import apology, readability
from vertrauenskonto.db.actions import looking
from vertrauenskonto.db.queries import recovery as queries
from vertrauenskonto.db.queries.recovery import ForLetter
from vertrauenskonto.render.letter_drafts import SORT_LABELS, SORTS, Sort, drafted
from vertrauenskonto.web.account_charts import company
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OwnForm
from vertrauenskonto.web.templatetags.words import page_language, spoken, words

_BLANK = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
_LENGTH_MAX = 8000
_BY_STEP: Mapping[str, Sort] = {
    "contact": "reason",
    "reason": "reason",
    "apology": "apology",
    "new_chance": "invitation",
    "offer": "invitation",
}


class LetterForm(OwnForm):
    """To whom, about what, and the text."""

    texts: ClassVar[Mapping[str, Text]] = {
        "address": Text("Anschrift", "Address"),
        "subject": Text("Betreff", "Subject"),
        "text": Text("Text", "Text"),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "text": Text(
            "Ein Vorschlag: Schreiben Sie ihn um, bis er nach Ihnen klingt. Was in [[…]] steht, "
            "wissen nur Sie.",
            "A suggestion: rewrite it until it sounds like you. What stands in [[…]] only you know.",
        ),
    }

    address = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 4}))
    subject = forms.CharField(max_length=200)
    text = forms.CharField(max_length=_LENGTH_MAX, widget=forms.Textarea(attrs={"rows": 19}))

    def clean_text(self) -> str:
        """Ask for what only the writer knows."""
        text = str(self.cleaned_data["text"])
        blanks = _BLANK.findall(text)
        # Checking a draft is possible with gaps; printing it is not.
        if blanks and self.data.get("what") == "pdf":
            told = ", ".join(blank.strip() for blank in blanks)
            raise forms.ValidationError(
                words(f"Bitte noch ergänzen: {told}", f"Please still fill in: {told}")
            )
        return text


def for_step(step: str) -> Sort | None:
    """Return which letter helps with a step, None for most."""
    return _BY_STEP.get(step)


@page("POST", right="book", module="recovery")
def letter(request: HttpRequest, asked: Asked, key: str, sort: str) -> HttpResponse:
    """Write, check and print one letter to one customer."""
    about = queries.for_letter(asked.viewer, key, today=asked.door.today)
    kind = next((s for s in SORTS if s == sort), SORTS[0])
    if kind == "invitation" and all(fact.act != "apology" for fact in about.facts):
        messages.info(
            request,
            words(
                "Erst die Entschuldigung, dann die Einladung: Ein Angebot vorher wirkt wie "
                "Freikaufen.",
                "First the apology, then the invitation: an offer before it looks like buying "
                "oneself off.",
            ),
        )
        return redirect("recovery_case", key)
    language: Language = "en" if request.GET.get("sprache", page_language()) == "en" else "de"
    form = LetterForm(asked.given(request), initial=_initial(request, about, kind, language))
    if request.method == "POST" and form.is_valid() and request.POST.get("what") == "pdf":
        return _pdf(asked, about, kind, form.cleaned_data, language)
    looking.note(asked.viewer, {about.shown.customer}, "customer", at=asked.door.at)
    told: dict[str, Any] = {
        "case": about.shown,
        "form": form,
        "sort": kind,
        "sorts": [(s, SORT_LABELS[s]) for s in SORTS],
        "label": SORT_LABELS[kind],
        "language": language,
        "check": _check(str(form["text"].value() or ""), kind, language),
        "is_checked": request.method == "POST",
    }
    return render(request, "recovery/letter.html", told)


def _initial(
    request: HttpRequest, about: ForLetter, kind: Sort, language: Language
) -> dict[str, str]:
    said: dict[str, str] = {}
    for fact in about.facts:
        if fact.act not in ("prevention", "skip"):
            said |= fact.words
    writer = str(getattr(request.user, "name", ""))
    on = about.shown.incident_on
    subject, text = drafted(kind, language, on=on, said=said, writer=writer)
    return {"address": "\n".join(about.address), "subject": subject, "text": text}


def _check(text: str, kind: Sort, language: Language) -> dict[str, Any]:
    """Return what to ask the writer; of parts only the letter with the apology is asked."""
    found = apology.checked(text, language)
    read = readability.readability(text, language)
    return {
        "parts": [(apology.PART_LABELS[p], p in found.parts) for p in apology.PARTS]
        if kind == "apology"
        else [],
        "findings": [
            {"question": f.question, "place": f.span.of(text).strip() if f.span else ""}
            for f in found.findings
            if kind == "apology" or f.span is not None
        ],
        "is_hard": read.is_hard,
        "long": [span.of(text).strip() for span in read.long_sentences],
        "jargon": [(m.span.of(text), m.entry.plain) for m in read.marked],
    }


def _pdf(
    asked: Asked, about: ForLetter, kind: Sort, said: Mapping[str, str], language: Language
) -> HttpResponse:
    # Django's check of all addresses should not wait for what only this view needs.
    from vertrauenskonto.render.letter_sheet import Letter, letter_pdf  # noqa: PLC0415

    contents = letter_pdf(
        Letter(
            company=company(),
            address=tuple(line.strip() for line in said["address"].splitlines() if line.strip()),
            made_on=asked.door.today,
            subject=said["subject"],
            text=said["text"],
        ),
        language,
    )
    looking.note(asked.viewer, {about.shown.customer}, "customer", at=asked.door.at)
    name = f"{slugify(spoken(SORT_LABELS[kind]))}-{asked.door.today}.pdf"
    response = HttpResponse(contents, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


urls = [
    path("rueckgewinnung/<str:key>/brief/<str:sort>/", letter, name="recovery_letter"),
]
