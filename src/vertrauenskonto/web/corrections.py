"""Storno, Ausgleich, and taking back a slip: what an earlier entry is named by, with its effect."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from vertrauenskonto.core.errors import Conflict, Invalid, Text
from vertrauenskonto.db.actions import intake, looking
from vertrauenskonto.db.drafts import Draft
from vertrauenskonto.db.queries import entries, picking, policies
from vertrauenskonto.db.queries import preview as previews
from vertrauenskonto.db.queries.entries import EntryRow
from vertrauenskonto.db.queries.preview import Preview, Subject
from vertrauenskonto.render.numbers import number
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.entry_forms import (
    SOURCE,
    CompensationForm,
    ReasonForm,
    ReversalForm,
    new_number,
)
from vertrauenskonto.web.kind_picker import deposits, points_words
from vertrauenskonto.web.previewing import shown
from vertrauenskonto.web.templatetags.words import page_language, spoken, words

PROPOSED = Text(
    "Vorgeschlagen. Was die Ehrlichkeit betrifft, wird gebucht, sobald eine zweite Person "
    "bestätigt.",
    "Proposed. What concerns honesty is booked as soon as a second person confirms it.",
)
_REVERSED = Text("Storniert.", "Reversed.")
_MADE_GOOD = Text("Der Ausgleich ist gebucht.", "Booked as made good.")
_BEFORE = Text(
    "Das war schon gebucht; es zählt einmal.", "This was booked already; it counts once."
)


@page("POST", right="book")
def undo(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Take back what she booked less than a minute ago, without a trace on statements."""
    if request.method != "POST":
        return redirect("today")
    name = request.POST.get("nr", "")
    try:
        taken = intake.undo(
            asked.viewer, SOURCE, name, door=asked.door, policies=policies.history()
        )
    except Conflict:
        row = entries.entry(asked.viewer, SOURCE, name)
        messages.error(
            request,
            words(
                "Die Minute ist vorbei. Stornieren Sie die Buchung mit einem Grund.",
                "The minute is over. Reverse the entry with a reason.",
            ),
        )
        return redirect(_address("reverse", row.customer, (SOURCE, name)))
    if taken.text is not None:
        messages.error(request, spoken(taken.text))
    else:
        messages.success(request, words("Zurückgenommen.", "Taken back."))
    return redirect("account_of", key=taken.customer)


@page("POST", right="book")
def reverse_entry(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Reverse an entry that never happened, showing first what that takes back."""
    about = _about(request, asked, key)
    form = ReversalForm(asked.given(request), initial={"nr": new_number()})
    draft = replace(about.draft, value_date=about.row.value_date, reverses=about.named)
    if _is_sent(request) and form.is_valid():
        answer = _booked(request, asked, form, draft)
        if answer is not None:
            return answer
    return _shown(request, asked, about, {"form": form, "button": _taking_back(about.row)}, draft)


@page("POST", right="book")
def compensate(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Book what makes an entry good: choose a deposit, see what it does, book it."""
    about = _about(request, asked, key)
    given = asked.given(request)
    rules = previews.rules(about.subject, policies.history(), today=asked.door.today)
    kind = rules.kinds.get((given or request.GET).get("art", ""))
    if kind is None or kind.total <= 0:
        text = request.GET.get("suche", "")[:80]
        groups = deposits(rules, used=picking.habits(asked.viewer).kinds, text=text)
        return _shown(request, asked, about, {"groups": groups, "text": text})
    form = CompensationForm(given, initial={"nr": new_number(), "art": kind.name})
    draft = replace(about.draft, kind=kind.name, compensates=about.named)
    if _is_sent(request) and form.is_valid():
        answer = _booked(request, asked, form, draft)
        if answer is not None:
            return answer
    return _shown(request, asked, about, {"form": form, "kind": kind}, draft)


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    """What a correction is about: the customer and the entry; `draft` begins what is booked."""

    subject: Subject
    row: EntryRow
    draft: Draft

    @property
    def named(self) -> tuple[str, str]:
        return self.row.source, self.row.source_id


def _about(request: HttpRequest, asked: Asked, key: str) -> _About:
    """Return what the address names (`entry=SOURCE:ID`), or the form that was kept."""
    given = asked.given(request)
    entry = (given or request.GET).get("entry", "")
    source, _, name = entry.partition(":")
    subject = previews.subject(asked.viewer, key)
    row = entries.entry(asked.viewer, source, name, with_notes=True)
    if row.customer != subject.key:
        raise Http404
    draft = Draft(
        customer=subject.key, source=SOURCE, source_id=new_number(), value_date=asked.door.today
    )
    return _About(subject=subject, row=row, draft=draft)


def _is_sent(request: HttpRequest) -> bool:
    return request.method == "POST" and request.POST.get("do") == "book"


def _booked(
    request: HttpRequest, asked: Asked, form: ReasonForm, draft: Draft
) -> HttpResponse | None:
    """Book a draft that names another entry; None: it cannot be, and the form says why."""
    given, named = form.cleaned_data, draft.reverses or draft.compensates
    assert named is not None
    taken = intake.take_about(
        asked.viewer,
        replace(draft, source_id=given["nr"], reason=given["reason"], note=given["note"]),
        named,
        door=asked.door,
        policies=policies.history(),
        is_day_given=False,
    )
    if taken.status in ("conflict", "refused"):
        assert taken.text is not None, "what is refused says why"
        form.problem_at(taken.field, taken.text)
        return None
    if taken.status == "queued":
        messages.info(request, spoken(PROPOSED))
    elif taken.status == "replayed":
        messages.info(request, spoken(_BEFORE))
    else:
        messages.success(request, spoken(_REVERSED if draft.reverses else _MADE_GOOD))
    return redirect("account_of", key=taken.customer or draft.customer)


def _shown(
    request: HttpRequest,
    asked: Asked,
    about: _About,
    told: dict[str, Any],
    draft: Draft | None = None,
) -> HttpResponse:
    """Show the entry with the form, or with the kinds to choose from while there is no draft."""
    is_reversal = draft is not None and draft.reverses is not None
    seen, wrong = _preview(asked, draft, about.subject) if draft else (None, None)
    if request.method == "GET":
        looking.note(asked.viewer, [about.subject.key], "balance", at=asked.door.at)
    if draft is not None and not is_reversal:
        points = seen.points if seen else 0.0
        made_good = number(points, page_language(), signed=True)
        told["button"] = words(f"Ausgleich {made_good} buchen", f"Book {made_good} to make it good")
    if seen and seen.needs_second:
        told["button"] = words("Zur Bestätigung vorschlagen", "Propose for confirmation")
    told |= {
        "subject": about.subject,
        "row": about.row,
        "points": points_words(about.row.points.items()),
        "entry": ":".join(about.named),
        "is_reversal": is_reversal,
        "preview": shown(seen, asked.door.today) if seen else None,
        "wrong": wrong,
    }
    template = "entries/correction.html" if draft else "entries/compensate_kinds.html"
    return render(request, template, told)


def _preview(asked: Asked, draft: Draft, subject: Subject) -> tuple[Preview | None, Text | None]:
    try:
        seen = previews.preview(
            asked.viewer,
            # A reason is needed for booking only.
            replace(draft, reason="preview"),
            policies=policies.history(),
            today=asked.door.today,
            on=subject,
        )
    except Invalid as refusal:
        return None, refusal.text
    return seen, None


def _taking_back(row: EntryRow) -> str:
    """Return what the button of a reversal says."""
    total = sum(row.points.values())
    told = number(abs(total), page_language())
    if total > 0:
        return words(f"Stornieren: {told} Punkte zurücknehmen", f"Reverse: take {told} points back")
    if total < 0:
        return words(f"Stornieren: {told} Punkte zurückgeben", f"Reverse: give {told} points back")
    return words("Stornieren", "Reverse it")


def _address(name: str, key: str, named: tuple[str, str]) -> str:
    return f"{reverse(name, args=[key])}?{urlencode({'entry': ':'.join(named)})}"


urls = [
    path("buchungen/rueckgaengig/", undo, name="undo"),
    path("kunden/<str:key>/storno/", reverse_entry, name="reverse"),
    path("kunden/<str:key>/ausgleich/", compensate, name="compensate"),
]
