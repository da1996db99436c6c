"""Booking by hand: whom, what, what it will do, done; and taking a slip back within a minute.

    /buchen/ -> /kunden/K/buchen/ -> ?art=KIND&nr=NUMBER (preview) -> booked, back on the account

The number is the entry's id from the moment the form is opened, so that a double click, the back
button or a reload books once.
"""

import re
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.cache import patch_vary_headers

from vertrauenskonto.core.errors import Conflict, Invalid, Text
from vertrauenskonto.core.ledger.booking import UnknownKind
from vertrauenskonto.core.ledger.entries import ORGANISATION
from vertrauenskonto.core.ledger.kinds import Kind
from vertrauenskonto.core.ledger.policy import Policy, PolicyHistory
from vertrauenskonto.db.actions import intake, looking
from vertrauenskonto.db.actions.intake import Report, Taken
from vertrauenskonto.db.drafts import Draft
from vertrauenskonto.db.queries import picking, policies
from vertrauenskonto.db.queries import preview as previews
from vertrauenskonto.db.queries.preview import Preview, Subject
from vertrauenskonto.render.numbers import number
from vertrauenskonto.web import corrections, special_categories
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.entry_forms import NUMBER_PATTERN, SOURCE, BookingForm, new_number
from vertrauenskonto.web.kind_picker import groups
from vertrauenskonto.web.previewing import shown
from vertrauenskonto.web.templatetags.words import UNDO, page_language, spoken, words


@page(right="book")
def book(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Choose on whose account; `art` is passed on."""
    text = request.GET.get("text", "")[:200]
    art = request.GET.get("art", "")[:80]
    found = picking.named(asked.viewer, text) if text.strip() else picking.usual(asked.viewer)
    passed = f"?{urlencode({'art': art})}" if art else ""
    is_fragment = _is_fragment(request)
    if len(found) == 1 and text.strip() and not is_fragment:
        return redirect(reverse("book_for", args=[found[0].key]) + passed)
    if found:
        looking.note(asked.viewer, {one.key for one in found}, "list", at=asked.door.at)
    template = "entries/customers_found.html" if is_fragment else "entries/customers.html"
    told = {"found": found, "text": text, "art": art, "passed": passed}
    return _varying(render(request, template, told))


@page("POST", right="book")
def book_for(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Choose what happened, see what booking it will do, and book it."""
    history = policies.history_or_none()
    if history is None:
        return render(request, "entries/no_policy.html")
    try:
        subject = previews.subject(asked.viewer, key)
    except Conflict as refusal:
        messages.error(request, spoken(refusal.text))
        return redirect("book")
    rules = previews.rules(subject, history, today=asked.door.today)
    given = asked.given(request)
    asked_for = given or request.GET
    art = asked_for.get("art", "")
    if art not in rules.kinds:
        return _kinds(request, asked, subject, rules, unknown=art)
    kind, nr = rules.kinds[art], asked_for.get("nr", "")
    if given is None and not re.fullmatch(NUMBER_PATTERN, nr):
        query = urlencode({"art": art, "nr": new_number()})
        return redirect(f"{request.path}?{query}")
    form = BookingForm(
        given,
        subject=subject,
        viewer=asked.viewer,
        today=asked.door.today,
        initial={"nr": nr, "art": art, "day": asked.door.today, "target": ORGANISATION},
    )
    if request.method == "POST" and request.POST.get("do") == "book" and form.is_valid():
        [taken] = intake.take(
            asked.viewer, [Report(draft=form.draft())], door=asked.door, policies=history
        )
        answer = _answer(request, taken, kind, form)
        if answer is not None:
            return answer
    return _form(request, asked, subject, history, (form, kind))


def _kinds(
    request: HttpRequest, asked: Asked, subject: Subject, rules: Policy, *, unknown: str
) -> HttpResponse:
    text = request.GET.get("suche", "")[:80]
    found = groups(rules, used=picking.habits(asked.viewer).kinds, text=text)
    only = [choice for group in found for choice in group.choices]
    is_fragment = _is_fragment(request)
    if text.strip() and len(only) == 1 and not is_fragment:
        return redirect(f"{request.path}?{urlencode({'art': only[0].kind.name})}")
    if not is_fragment:
        looking.note(asked.viewer, [subject.key], "list", at=asked.door.at)
    template = "entries/kinds_found.html" if is_fragment else "entries/kinds.html"
    told = {"subject": subject, "groups": found, "text": text, "unknown": unknown}
    return _varying(render(request, template, told))


def _form(
    request: HttpRequest,
    asked: Asked,
    subject: Subject,
    history: PolicyHistory,
    made: tuple[BookingForm, Kind],
) -> HttpResponse:
    form, kind = made
    seen, wrong = _preview(asked, subject, history, form)
    was_booked = request.method == "GET" and previews.is_taken(SOURCE, str(form["nr"].value()))
    if request.method == "GET":
        looking.note(asked.viewer, [subject.key], "balance", at=asked.door.at)
    told: dict[str, Any] = {
        "subject": subject,
        "kind": kind,
        "form": form,
        "is_open": form.errors or _is_written(form, asked),
        "was_booked": was_booked,
        "wrong": wrong,
        "again": f"?{urlencode({'art': kind.name})}",
        "preview": shown(seen, asked.door.today) if seen else None,
        "button": _button(seen, kind),
        "is_first": True,
    }
    return render(request, "entries/form.html", told)


def _preview(
    asked: Asked, subject: Subject, history: PolicyHistory, form: BookingForm
) -> tuple[Preview | None, Text | None]:
    """Return what the form would do as it is filled in, or why nothing can be said."""
    day, target = asked.door.today, ORGANISATION
    if form.is_bound:
        form.is_valid()
        if {"day", "target"} & set(form.errors):
            return None, None
        day, target = form.cleaned_data["day"], form.cleaned_data["target"]
    draft = Draft(
        customer=subject.key,
        source=SOURCE,
        source_id=new_number(),
        kind=str(form["art"].value()),
        value_date=day,
        target=target,
    )
    try:
        seen = previews.preview(
            asked.viewer, draft, policies=history, today=asked.door.today, on=subject
        )
    except (UnknownKind, Invalid) as refusal:
        return None, refusal.text
    return seen, None


def _answer(
    request: HttpRequest, taken: Taken, kind: Kind, form: BookingForm
) -> HttpResponse | None:
    """Return where she goes after booking; None: back to the form, which says why."""
    label = spoken(kind.label)
    if taken.status == "booked":
        messages.success(
            request,
            words(f"Gebucht: {label}.", f"Booked: {label}."),
            extra_tags=f"{UNDO}{taken.draft.source_id}",
        )
    elif taken.status == "replayed":
        said = spoken(taken.text) if taken.code == "taken_back" and taken.text else ""
        messages.info(
            request,
            said
            or words(
                f"Das war schon gebucht: {label}. Es zählt einmal.",
                f"This was booked already: {label}. It counts once.",
            ),
        )
    elif taken.status == "queued":
        messages.info(request, spoken(corrections.PROPOSED))
    elif taken.status == "conflict":
        # Back after booking, changed and sent again: perhaps something else that happened.
        form.renumber()
        form.problem_at("", _BOOKED_OTHERWISE)
        return None
    else:
        assert taken.text is not None, "what is refused says why"
        form.problem_at({"value_date": "day"}.get(taken.field, taken.field), taken.text)
        return None
    return redirect("account_of", key=taken.customer or taken.draft.customer)


_BOOKED_OTHERWISE = Text(
    "Aus diesem Formular wurde schon gebucht, mit anderem Inhalt. Ist noch etwas geschehen, buchen "
    "Sie es jetzt als weitere Buchung; war das Erste falsch, stornieren Sie es.",
    "Something was booked from this form already, with other contents. If something else happened, "
    "book it now as a further entry; if the first was wrong, reverse it.",
)


def _button(seen: Preview | None, kind: Kind) -> str:
    """Return what the button says: what will happen."""
    if seen and seen.needs_second:
        return words("Zur Bestätigung vorschlagen", "Propose for confirmation")
    points = seen.points if seen else kind.total
    told = number(points, page_language(), signed=True, decimals=_decimals(points))
    if points > 0:
        return words(f"Einzahlung {told} buchen", f"Book deposit {told}")
    if points < 0:
        return words(f"Abhebung {told} buchen", f"Book withdrawal {told}")
    return words(f"„{kind.label.de}“ buchen", f"Book ‘{kind.label.en}’")


def _decimals(points: float) -> int:
    return 0 if points == int(points) else 1 if round(points, 1) == points else 2


def _is_written(form: BookingForm, asked: Asked) -> bool:
    """Tell whether something stands in the fields that are folded away at first."""
    day = str(form["day"].value() or "")
    return bool(form["note"].value()) or day != str(asked.door.today)


def _is_fragment(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _varying(response: HttpResponse) -> HttpResponse:
    # The same address answers with a page or with a part of it.
    patch_vary_headers(response, ["HX-Request"])
    return response


urls = [
    path("buchen/", book, name="book"),
    path("kunden/<str:key>/buchen/", book_for, name="book_for"),
    *corrections.urls,
    *special_categories.urls,
]
