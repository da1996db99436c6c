"""The account card, small enough to stand inside another program; read only.

A browser sends our session cookie to a frame on the same site only. Inside a foreign helpdesk the
card is therefore opened by a link that the helpdesk's server got for it (`/api/v1/card/links`).
"""

from datetime import UTC, datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound, Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.actions import cards as actions
from vertrauenskonto.db.actions import looking
from vertrauenskonto.db.queries import cards
from vertrauenskonto.db.queries.cards import Card
from vertrauenskonto.render.words import DIMENSION_LABELS, outlook, reason_word, verdict_word
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OwnForm
from vertrauenskonto.web.frame import switched_on
from vertrauenskonto.web.templatetags.words import page_language, words


class FramesForm(OwnForm):
    """Which pages may show the card in a frame."""

    origins = forms.CharField(
        required=False,
        max_length=2 * actions.ORIGINS_LENGTH_MAX,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    texts: ClassVar = {
        "origins": Text("Adressen, die einbetten dürfen", "Addresses that may embed")
    }
    hints: ClassVar = {
        "origins": Text(
            "Eine je Zeile, zum Beispiel https://helpdesk.example. Leer: niemand.",
            "One per line, e.g. https://helpdesk.example. Empty: nobody.",
        )
    }


@page(module="card")
def show(request: HttpRequest, asked: Asked) -> HttpResponseBase:
    """Show the card of whom the address names, or ask for whom."""
    given = {
        "mail": request.GET.get("mail", "").strip(),
        "number": request.GET.get("kundennummer", "").strip(),
        "order": request.GET.get("auftrag", "").strip(),
    }
    shown: dict[str, Any] = {"given": given, "asks": True}
    try:
        hits = cards.find(asked.viewer, **given, is_on=True)
    except Invalid as refusal:
        is_new = not any(given.values())
        return _small(request, shown | {"wrong": None if is_new else refusal.text})
    shown |= {"hits": hits, "outcome": cards.outcome(hits)}
    if len(hits) == 1:
        shown |= _card(asked.viewer, hits[0].key, asked.door.at)
    elif hits:
        looking.note(asked.viewer, [hit.key for hit in hits], "list", at=asked.door.at)
    return _small(request, shown)


@require_safe
def linked(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Show the one card that a link is for, without a session and for a few minutes."""
    now = datetime.now(UTC)
    if "card" not in switched_on(request):
        raise Http404
    try:
        key, token = actions.linked(secret, now=now)
        shown = _card(cards.reader(token, now=now), key, now)
    except (NotFound, Denied):
        return _small(request, {"is_over": True}, status=410)
    return _small(request, {"outcome": "one", **shown})


@page("POST", right="administer")
def settings(request: HttpRequest, asked: Asked) -> HttpResponseBase:
    """Say which pages may show the card in a frame."""
    initial = {"origins": "\n".join(cards.ancestors())}
    form = FramesForm(asked.given(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.allow_frames(asked.viewer, form.cleaned_data["origins"])
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, words("Gespeichert.", "Saved."))
            return redirect("card_settings")
    shown = {"form": form, "is_on": "card" in switched_on(request)}
    return render(request, "accounts/card_settings.html", shown)


def _card(viewer: Viewer, key: str, now: datetime) -> dict[str, Any]:
    """Return what the card shows, and note that somebody looked."""
    today = timezone.localdate()
    try:
        found = cards.card(viewer, key, today=today)
    except Conflict as refusal:
        return {"refused": refusal.text}
    looking.note(viewer, [key], "balance", at=now)
    return {"card": found, "sentence": _sentence(found), "parts": _parts(found)}


def _sentence(found: Card) -> str:
    return outlook(
        found.runway_days, found.valuation.as_of, page_language(), is_empty=found.is_empty
    )


def _parts(found: Card) -> list[dict[str, Any]]:
    value = found.valuation
    return [
        {
            "label": DIMENSION_LABELS[d],
            "word": verdict_word(value.verdicts[d], value.opinions[d]),
            "is_weakest": d == value.weakest.dimension,
            # Where the verdict is open, its word is the reason already.
            "reason": reason_word(value.weakest.reason) if value.verdicts[d] != "unknown" else None,
        }
        for d in DIMENSIONS
    ]


def _small(request: HttpRequest, shown: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Return the small page, to be framed by those who may and by nobody else."""
    response = render(request, "accounts/card.html", shown, status=status)
    frames = cards.ancestors()
    response["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        f"base-uri 'none'; frame-ancestors {' '.join(frames) or chr(39) + 'none' + chr(39)}"
    )
    # The older header knows no list; where there is one, the newer alone decides.
    response.xframe_options_exempt = bool(frames)
    # The address may hold the link's secret.
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response


urls = [
    path("karte/", show, name="card"),
    path("karte/<str:secret>/", linked, name="card_link"),
    path("verwaltung/karte/", settings, name="card_settings"),
]
