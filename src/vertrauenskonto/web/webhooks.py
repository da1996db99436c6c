"""Administration of webhooks: which addresses are told what, and what became of each message."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache

from vertrauenskonto.core.errors import Invalid, Text
from vertrauenskonto.db.actions import webhooks as actions
from vertrauenskonto.db.queries import webhooks
from vertrauenskonto.notify.webhooks import URL_LENGTH_MAX
from vertrauenskonto.web import once
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OnceForm
from vertrauenskonto.web.row_numbers import row_number
from vertrauenskonto.web.templatetags.words import spoken, words

_SECRET = "webhook"  # noqa: S105 - the name under which a session keeps it
EVENTS: Mapping[str, Text] = {
    "entry.booked": Text("eine Buchung", "an entry"),
    "entry.reversed": Text("ein Storno", "a reversal"),
    "entry.compensated": Text("ein Ausgleich", "a compensation"),
    "ping": Text("ein Versuch", "a test"),
}
STATES: Mapping[str, Text] = {
    "waiting": Text("wartet", "waiting"),
    "delivered": Text("angenommen", "accepted"),
    "given_up": Text("aufgegeben", "given up"),
    "withdrawn": Text("zurückgezogen", "withdrawn"),
}
_ERRORS: Mapping[str, Text] = {
    "address": Text("Adresse nicht erlaubt", "address not allowed"),
    "name": Text("Name unbekannt", "name unknown"),
    "tls": Text("Zertifikat ungültig", "certificate not valid"),
    "timeout": Text("keine Antwort", "no answer"),
    "connection": Text("keine Verbindung", "no connection"),
    "url": Text("Adresse falsch", "address wrong"),
}


class EndpointForm(OnceForm):
    """Which address is told what."""

    url = forms.CharField(max_length=URL_LENGTH_MAX, widget=forms.URLInput)
    events = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    with_names = forms.BooleanField(required=False)

    texts: ClassVar[Mapping[str, Text]] = {
        "url": Text("Adresse (https://…)", "Address (https://…)"),
        "events": Text("Wovon sie erfährt", "What it is told of"),
        "with_names": Text(
            "Namen der Kundinnen und Kunden mitsenden", "Send the names of customers along"
        ),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "with_names": Text(
            "Nur, wenn der Empfänger sie braucht; er steht dann in den Datenschutz-Unterlagen.",
            "Only if the receiver needs them; it is named in the privacy papers then.",
        )
    }
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {
        "events": {name: text for name, text in EVENTS.items() if name != "ping"}
    }


@page("POST", right="audit")
def listed(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show the addresses, and let an administrator add one."""
    form = EndpointForm(asked.given(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if not once.is_first(request, given["once"]):
            return redirect("webhooks")
        try:
            issued = actions.add(
                asked.viewer,
                given["url"],
                events=given["events"],
                with_names=given["with_names"],
                own_networks=settings.WEBHOOK_NETWORKS,
                now=asked.door.at,
            )
        except Invalid as refusal:
            once.again(request, given["once"])
            form.add_error("url", spoken(refusal.text))
        else:
            once.keep_secret(request, _SECRET, issued.secret)
            return redirect("webhook", issued.endpoint_id)
    shown = {
        "form": form,
        "endpoints": webhooks.endpoints(asked.viewer),
        "administers": asked.may("administer"),
    }
    return render(request, "administration/webhooks.html", shown)


@page(right="audit")
@never_cache
def one(request: HttpRequest, asked: Asked, endpoint: int) -> HttpResponse:
    """Show one address, what became of its messages, and its new secret, once."""
    rows = webhooks.deliveries(
        asked.viewer,
        endpoint_id=endpoint,
        before=row_number(request.GET.get("vor", "")),
        limit=_PAGE + 1,
    )
    shown = {
        "endpoint": (found := _found(asked, endpoint)),
        "told_of": [EVENTS[name] for name in found.events],
        "deliveries": [
            (row, EVENTS[row.type], STATES[row.state], [_attempt(a) for a in row.attempts])
            for row in rows[:_PAGE]
        ],
        "next_before": rows[_PAGE - 1].id if len(rows) > _PAGE else None,
        "secret": once.secret(request, _SECRET),
        "administers": asked.may("administer"),
    }
    return render(request, "administration/webhook.html", shown)


@page("POST", right="administer")
def act(request: HttpRequest, asked: Asked, endpoint: int) -> HttpResponse:
    """Try an address, switch it, or send a message once more."""
    if request.method != "POST":
        return redirect("webhook", endpoint)
    what = request.POST.get("what", "")
    if what == "try":
        actions.ping(asked.viewer, endpoint, door=asked.door)
        done = words(
            "Ein Versuch ist unterwegs; laden Sie die Seite in ein paar Sekunden neu.",
            "A test is on its way; reload the page in a few seconds.",
        )
    elif what in ("on", "off"):
        actions.switch(asked.viewer, endpoint, is_active=what == "on")
        done = (
            words("Eingeschaltet.", "Switched on.")
            if what == "on"
            else words(
                "Ausgeschaltet; was jetzt geschieht, wird auch später nicht gemeldet.",
                "Switched off; what happens now is not told later either.",
            )
        )
    elif what == "again" and (delivery := row_number(request.POST.get("delivery", ""))) is not None:
        actions.resend(asked.viewer, delivery, now=asked.door.at)
        done = words("Wird noch einmal geschickt.", "It is sent once more.")
    else:
        raise Http404
    messages.success(request, done)
    return redirect("webhook", endpoint)


@page("POST", right="administer")
@never_cache
def rotate(request: HttpRequest, asked: Asked, endpoint: int) -> HttpResponse:
    """Say what a new secret means, and make it."""
    found = _found(asked, endpoint)
    form = OnceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if once.is_first(request, form.cleaned_data["once"]):
            issued = actions.rotate(asked.viewer, endpoint, now=asked.door.at)
            once.keep_secret(request, _SECRET, issued.secret)
        return redirect("webhook", endpoint)
    return render(
        request, "administration/webhook_rotate.html", {"endpoint": found, "form": OnceForm()}
    )


@page("POST", right="administer")
def remove(request: HttpRequest, asked: Asked, endpoint: int) -> HttpResponse:
    """Say what removing means, and remove."""
    found = next((e for e in webhooks.endpoints(asked.viewer) if e.id == endpoint), None)
    if found is None:
        # Removed by the first of two clicks.
        return redirect("webhooks")
    if request.method == "POST":
        actions.remove(asked.viewer, endpoint)
        messages.success(request, words("Die Adresse ist entfernt.", "The address is removed."))
        return redirect("webhooks")
    return render(request, "administration/webhook_remove.html", {"endpoint": found})


_PAGE = 50


def _found(asked: Asked, endpoint: int) -> webhooks.EndpointRow:
    found = next((e for e in webhooks.endpoints(asked.viewer) if e.id == endpoint), None)
    if found is None:
        raise Http404
    return found


def _attempt(attempt: Mapping[str, object]) -> tuple[datetime, Text]:
    """Return when an attempt was made, and what the other side said."""
    status, error = attempt.get("status"), str(attempt.get("error", ""))
    told = Text(f"Antwort {status}", f"answer {status}")
    if status is None:
        told = _ERRORS.get(error, Text(error, error))
    return datetime.fromisoformat(str(attempt["at"])), told


urls = [
    path("verwaltung/webhooks/", listed, name="webhooks"),
    path("verwaltung/webhooks/<int:endpoint>/", one, name="webhook"),
    path("verwaltung/webhooks/<int:endpoint>/tun/", act, name="webhook_act"),
    path("verwaltung/webhooks/<int:endpoint>/geheimnis/", rotate, name="rotate_webhook"),
    path("verwaltung/webhooks/<int:endpoint>/entfernen/", remove, name="remove_webhook"),
]
