"""Administration of chat systems: which are told of duties, when, and whether it arrives."""

from collections.abc import Mapping
from typing import ClassVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache

from vertrauenskonto.core.alerts import Times
from vertrauenskonto.core.errors import Invalid, Text
from vertrauenskonto.db.actions import alerts as actions
from vertrauenskonto.db.actions.alerts import NAME_LENGTH_MAX, Target
from vertrauenskonto.db.queries import alerts
from vertrauenskonto.db.queries.alerts import TargetRow
from vertrauenskonto.notify import chat
from vertrauenskonto.notify.webhooks import networks
from vertrauenskonto.render.alert_words import WEEKDAYS, trial_message
from vertrauenskonto.web import once
from vertrauenskonto.web.alerts import TimesForm, shown_times
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OnceForm
from vertrauenskonto.web.templatetags.words import page_language, spoken, words

_TELLS: Mapping[str, Text] = {
    "opened": Text("neue Aufgaben", "new duties"),
    "overdue": Text(
        "Aufgaben, die überfällig geworden und der Leitung gemeldet sind",
        "duties that became overdue and were reported to the leads",
    ),
}
_LANGUAGES: Mapping[str, Text] = {
    "de": Text("Deutsch", "German"),
    "en": Text("Englisch", "English"),
}


class TargetForm(TimesForm, OnceForm):
    """Where a chat system is, and what it is told."""

    name = forms.CharField(max_length=NAME_LENGTH_MAX)
    address = forms.CharField(
        max_length=chat.ADDRESS_LENGTH_MAX,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
        ),
    )
    tells = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    language = forms.ChoiceField()
    with_names = forms.BooleanField(required=False)

    field_order = (
        "name",
        "address",
        "tells",
        "language",
        "days",
        "quiet_from",
        "quiet_to",
        "with_names",
    )
    texts: ClassVar[Mapping[str, Text]] = {
        **TimesForm.time_texts,
        "name": Text("Name", "Name"),
        "address": Text("Adresse", "Address"),
        "tells": Text("Gemeldet werden", "It is told of"),
        "language": Text("Sprache", "Language"),
        "with_names": Text("Namen der Kundinnen und Kunden nennen", "Give customers' names"),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "quiet_to": TimesForm.quiet_hint,
        "address": Text(
            "Wie apprise sie schreibt, zum Beispiel slack://…, matrixs://…, ntfys://…, mmosts://…, "
            "oder die Webhook-Adresse, die Slack, Teams, Discord oder Google Chat zeigt. Sie wird "
            "verschlüsselt aufbewahrt und nicht wieder gezeigt.",
            "As apprise writes it, e.g. slack://…, matrixs://…, ntfys://…, mmosts://…, or the "
            "webhook address that Slack, Teams, Discord or Google Chat shows. It is kept "
            "enciphered and not shown again.",
        ),
        "with_names": Text(
            "Nur, wenn alle, die dort mitlesen, die Namen sehen dürfen; der Dienst erfährt sie mit. "
            "Namen gehen erst hinaus, wenn die Vereinbarung über Kontostände erfasst ist.",
            "Only if everybody who reads there may see them; the service learns them too. Names "
            "leave only once the agreement on balances is recorded.",
        ),
    }
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {
        **TimesForm.time_choices,
        "tells": _TELLS,
        "language": _LANGUAGES,
    }

    def target(self) -> Target:
        """Return what was filled in."""
        given = self.cleaned_data
        return Target(
            name=given["name"],
            address=given["address"] or None,
            tells=given["tells"],
            times=self.times(),
            language="en" if given["language"] == "en" else "de",
            with_names=given["with_names"],
        )


@page("POST", right="audit")
@never_cache
def listed(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show the chat systems, and let an administrator add one."""
    first = {"tells": list(_TELLS), "language": page_language(), **shown_times(Times())}
    form = TargetForm(asked.given(request), initial=first)
    if request.method == "POST" and form.is_valid():
        if not once.is_first(request, form.cleaned_data["once"]):
            return redirect("chats")
        try:
            added = actions.add_target(asked.viewer, form.target(), now=asked.door.at)
        except Invalid as refusal:
            once.again(request, form.cleaned_data["once"])
            form.refuse(refusal)
        else:
            messages.success(
                request,
                words(
                    "Hinzugefügt. Schicken Sie eine Testnachricht, um die Verbindung zu prüfen.",
                    "Added. Send a test message to check the connection.",
                ),
            )
            return redirect("chat", added)
    shown = {
        "form": form,
        "targets": alerts.targets(asked.viewer),
        "administers": asked.may("administer"),
    }
    return render(request, "alerts/chats.html", shown)


@page("POST", right="audit")
@never_cache
def one(request: HttpRequest, asked: Asked, target: int) -> HttpResponse:
    """Show one chat system, and let an administrator change it."""
    found = _found(asked, target)
    form = TargetForm(asked.given(request), initial=_shown(found))
    form.fields["address"].required = False
    form.fields["address"].help_text = words(
        f"Jetzt: {found.masked}. Leer: bleibt so.", f"Now: {found.masked}. Empty: stays."
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_target(asked.viewer, target, form.target())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, words("Gespeichert.", "Saved."))
            return redirect("chat", target)
    shown = {
        "form": form,
        "target": found,
        "tells": [_TELLS[sort] for sort in found.tells],
        "days": [WEEKDAYS[day - 1] for day in sorted(found.times.days)],
        "error": chat.WORDS.get(found.error),
        "administers": asked.may("administer"),
    }
    return render(request, "alerts/chat.html", shown)


@page("POST", right="administer")
def act(request: HttpRequest, asked: Asked, target: int) -> HttpResponse:
    """Try a chat system, or switch it on or off."""
    if request.method != "POST":
        return redirect("chat", target)
    what = request.POST.get("what", "")
    if what == "try":
        _try(request, asked, _found(asked, target))
    elif what in ("on", "off"):
        actions.switch_target(asked.viewer, target, is_active=what == "on", now=asked.door.at)
        done = words("Eingeschaltet.", "Switched on.")
        if what == "off":
            done = words(
                "Ausgeschaltet; was jetzt geschieht, wird auch später nicht gemeldet.",
                "Switched off; what happens now is not told later either.",
            )
        messages.success(request, done)
    else:
        raise Http404
    return redirect("chat", target)


@page("POST", right="administer")
def remove(request: HttpRequest, asked: Asked, target: int) -> HttpResponse:
    """Say what removing means, and remove."""
    found = alerts.target(asked.viewer, target)
    if found is None:
        # Removed by the first of two clicks.
        return redirect("chats")
    if request.method == "POST":
        actions.remove_target(asked.viewer, target)
        messages.success(request, words("Entfernt.", "Removed."))
        return redirect("chats")
    return render(request, "alerts/chat_remove.html", {"target": found})


def _try(request: HttpRequest, asked: Asked, found: TargetRow) -> None:
    """Send a test message, and say what became of it."""
    title, text = trial_message(url=settings.BASE_URL, language=found.language)
    message = chat.ChatMessage(title=title, text=text)
    address = alerts.address(found.id)

    def send() -> chat.ChatOutcome:
        if address is None:
            return chat.ChatOutcome(error="unreadable")
        return chat.send(address, message, allowed=networks(settings.WEBHOOK_NETWORKS))

    outcome = actions.try_target(asked.viewer, found.id, send, now=asked.door.at)
    if outcome.is_delivered:
        messages.success(
            request,
            words(
                "Der Dienst hat die Testnachricht angenommen. Sehen Sie nach, ob sie im richtigen "
                "Kanal steht.",
                "The service took the test message. Check that it appears in the right channel.",
            ),
        )
    else:
        messages.error(request, spoken(chat.WORDS[outcome.error]))


def _found(asked: Asked, target: int) -> TargetRow:
    found = alerts.target(asked.viewer, target)
    if found is None:
        raise Http404
    return found


def _shown(found: TargetRow) -> dict[str, object]:
    return {
        "name": found.name,
        "tells": found.tells,
        "language": found.language,
        "with_names": found.with_names,
        **shown_times(found.times),
    }


urls = [
    path("verwaltung/meldungen/", listed, name="chats"),
    path("verwaltung/meldungen/<int:target>/", one, name="chat"),
    path("verwaltung/meldungen/<int:target>/tun/", act, name="chat_act"),
    path("verwaltung/meldungen/<int:target>/entfernen/", remove, name="remove_chat"),
]
