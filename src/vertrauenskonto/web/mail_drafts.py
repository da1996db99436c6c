"""Drafts from mails: book one, or discard it with a reason."""

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from vertrauenskonto.core.errors import Conflict, Text, TrustError
from vertrauenskonto.db.actions import looking
from vertrauenskonto.db.actions import mail_drafts as actions
from vertrauenskonto.db.actions.mail_drafts import Booking
from vertrauenskonto.db.queries import mail_drafts as queries
from vertrauenskonto.db.queries import policies
from vertrauenskonto.db.queries.mail_drafts import DraftRow, Meant
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.import_forms import RefusableForm
from vertrauenskonto.web.special_categories import Careful
from vertrauenskonto.web.templatetags.words import spoken, words

_NOTE_LENGTH_MAX = 2_000
_REASONS = {
    "not_about_a_customer": Text("betrifft niemanden von uns", "concerns none of our customers"),
    "private": Text("privat", "private"),
    "booked_already": Text("ist schon gebucht", "is booked already"),
    "advertising": Text("Werbung", "advertising"),
    "other": Text("anderer Grund", "another reason"),
}


class _Labelled(RefusableForm):
    """What becomes of a mail, with its labels, which stand before a hint is added to them."""

    customer = forms.ChoiceField(widget=forms.RadioSelect)
    kind = forms.ChoiceField()
    value_date = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d.%m.%Y"],
    )
    note = forms.CharField(
        required=False, max_length=_NOTE_LENGTH_MAX, widget=forms.Textarea(attrs={"rows": 5})
    )

    def __init__(self, *args: Any, meant: tuple[Meant, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].label = words("Kundin oder Kunde", "Customer")
        self.fields["kind"].label = words("Buchungsart", "Kind")
        self.fields["value_date"].label = words("Tag, an dem es geschah", "The day it happened")
        self.fields["note"].label = words("Notiz", "Note")
        self.fields["note"].help_text = words(
            "Nur, was die Buchung erklärt; nichts über Gesundheit, Glauben oder Familie.",
            "Only what explains the entry; nothing on health, belief or family.",
        )
        customer, kind = self.fields["customer"], self.fields["kind"]
        assert isinstance(customer, forms.ChoiceField)
        assert isinstance(kind, forms.ChoiceField)
        customer.choices = [(m.key, _shown(m)) for m in meant]
        history = policies.history_or_none()
        known = history.versions[-1].kinds.items() if history else ()
        labels = {name: spoken(k.label) for name, k in known}
        kind.choices = [
            (name, labels[name]) for name in sorted(labels, key=lambda n: labels[n].casefold())
        ]


class BookForm(Careful, _Labelled):
    """What becomes of a mail; its text is read once more for what nobody should write down."""

    careful: ClassVar[tuple[str, ...]] = ("note",)


def _shown(meant: Meant) -> str:
    name = meant.name or meant.key
    if not meant.by:
        return name
    return f"{name} – {', '.join(meant.by)}"


@page(right="lead", module="sources")
def listed(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show the drafts that wait."""
    rows, count = queries.waiting(asked.viewer)
    _looked(asked, [meant for row in rows for meant in row.candidates])
    return render(request, "sources/drafts.html", {"rows": rows, "count": count})


@page("POST", right="lead", module="sources")
def decide(request: HttpRequest, asked: Asked, draft: int) -> HttpResponse:
    """Book a draft, or discard it."""
    if request.method == "POST" and "discard" in request.POST:
        return _discarded(request, asked, draft)
    row = queries.draft(asked.viewer, draft)
    text = request.GET.get("suche", "") or request.POST.get("suche", "")
    meant = {m.key: m for m in (*row.candidates, *queries.named(asked.viewer, text))}
    form = BookForm(
        asked.given(request), meant=tuple(meant.values()), initial=_initial(row, tuple(meant))
    )
    if request.method == "POST" and form.is_valid():
        try:
            _book(asked, draft, form.cleaned_data)
        except TrustError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, words("Gebucht.", "Booked."))
            return redirect("mail_drafts")
    _looked(asked, list(meant.values()))
    told = {"row": row, "form": form, "text": text, "meant": meant, "reasons": _REASONS.items()}
    return render(request, "sources/draft.html", told, status=400 if form.errors else 200)


def _book(asked: Asked, draft: int, given: dict[str, Any]) -> None:
    booking = Booking(
        customer=given["customer"],
        kind=given["kind"],
        value_date=given["value_date"],
        note=given["note"],
    )
    actions.book(asked.viewer, draft, booking, door=asked.door, policies=policies.history())


def _discarded(request: HttpRequest, asked: Asked, draft: int) -> HttpResponse:
    reason = request.POST.get("reason", "")
    try:
        actions.discard(asked.viewer, draft, reason, now=asked.door.at)
        messages.success(request, words("Verworfen.", "Discarded."))
    except Conflict as refusal:
        messages.error(request, spoken(refusal.text))
    return redirect("mail_drafts")


def _initial(row: DraftRow, keys: tuple[str, ...]) -> dict[str, Any]:
    note = f"{row.subject}\n\n{row.text}".strip()
    # Chosen beforehand only if there is no doubt.
    alone = row.candidates[0].key if len(row.candidates) == 1 and len(keys) == 1 else None
    return {"customer": alone, "kind": row.kind, "value_date": row.sent_date, "note": note}


def _looked(asked: Asked, meant: list[Meant]) -> None:
    if meant:
        looking.note(asked.viewer, {m.key for m in meant}, "list", at=asked.door.at)


urls = [
    path("quellen/entwuerfe/", listed, name="mail_drafts"),
    path("quellen/entwuerfe/<int:draft>/", decide, name="mail_draft"),
]
