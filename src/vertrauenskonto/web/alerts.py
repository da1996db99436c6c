"""What somebody is told: her messages here, and when she gets them by mail."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from vertrauenskonto.core.alerts import RHYTHMS, Rhythm, Times
from vertrauenskonto.core.errors import Invalid, Text
from vertrauenskonto.db.actions import alerts as actions
from vertrauenskonto.db.actions import looking
from vertrauenskonto.db.queries import alerts, promise_news
from vertrauenskonto.db.queries.alerts import Choice
from vertrauenskonto.render.alert_words import WEEKDAYS
from vertrauenskonto.web import letters
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OwnForm
from vertrauenskonto.web.row_numbers import row_number
from vertrauenskonto.web.templatetags.words import words

_DAYS = {str(n): name for n, name in enumerate(WEEKDAYS, start=1)}
_HOURS = {str(n): Text(f"{n} Uhr", f"{n}:00") for n in range(24)}
_RHYTHMS: Mapping[str, Text] = {
    "daily": Text("jeden Tag, an dem etwas wartet", "every day on which something is waiting"),
    "weekly": Text(
        "einmal in der Woche, am ersten der Tage unten",
        "once a week, on the first of the days below",
    ),
    "off": Text("gar nicht", "never"),
}
_WHAT: Mapping[str, Text] = {
    "opened": Text("Neue Aufgabe", "New duty"),
    "overdue": Text("Überfällig", "Overdue"),
    "assigned": Text("Ihnen übergeben", "Given to you"),
}
_PROMISED: Mapping[str, Text] = {
    "warned": Text("Bald fällig: dem Kunden Bescheid geben?", "Due soon: tell the customer?"),
    "overdue": Text("Zusage überfällig", "Promise overdue"),
    "passed_on": Text("Zusage an Sie weitergegeben", "Promise handed on to you"),
}


class TimesForm(OwnForm):
    """On which days somebody is told, and when there is quiet."""

    days = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    quiet_from = forms.TypedChoiceField(coerce=int)
    quiet_to = forms.TypedChoiceField(coerce=int)

    time_texts: ClassVar[Mapping[str, Text]] = {
        "days": Text("An diesen Tagen", "On these days"),
        "quiet_from": Text("Ruhe von", "Quiet from"),
        "quiet_to": Text("Ruhe bis", "Quiet until"),
    }
    time_choices: ClassVar[Mapping[str, Mapping[str, Text]]] = {
        "days": _DAYS,
        "quiet_from": _HOURS,
        "quiet_to": _HOURS,
    }
    quiet_hint: ClassVar[Text] = Text(
        "In der Ruhezeit kommt nichts; was wartet, kommt danach. Zweimal dieselbe Stunde: keine "
        "Ruhezeit.",
        "Nothing comes in the quiet hours; what waits comes afterwards. Twice the same hour: no "
        "quiet hours.",
    )

    def times(self) -> Times:
        """Return the days and the quiet hours."""
        given = self.cleaned_data
        return Times(
            days=frozenset(int(day) for day in given["days"]),
            quiet_from=given["quiet_from"],
            quiet_to=given["quiet_to"],
        )


def shown_times(times: Times) -> dict[str, Any]:
    """Return days and quiet hours as a form begins with them."""
    return {
        "days": [str(day) for day in sorted(times.days)],
        "quiet_from": times.quiet_from,
        "quiet_to": times.quiet_to,
    }


class ChoiceForm(TimesForm):
    """When she gets her messages by mail, and which."""

    rhythm = forms.ChoiceField(widget=forms.RadioSelect)
    hour = forms.TypedChoiceField(coerce=int)
    with_names = forms.BooleanField(required=False)
    weekly_reasons = forms.BooleanField(required=False)

    field_order = (
        "rhythm",
        "hour",
        "days",
        "quiet_from",
        "quiet_to",
        "with_names",
        "weekly_reasons",
    )
    texts: ClassVar[Mapping[str, Text]] = {
        **TimesForm.time_texts,
        "rhythm": Text("Ihre Aufgaben als Mail", "Your duties by mail"),
        "hour": Text("Um", "At"),
        "with_names": Text("Namen in der Mail nennen", "Give names in the mail"),
        "weekly_reasons": Text(
            "Was Vertrauen gekostet hat: fünf Sätze, einmal in der Woche",
            "What cost trust: five sentences, once a week",
        ),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "quiet_to": TimesForm.quiet_hint,
        "with_names": Text(
            "Sonst stehen darin nur Zahlen und ein Link. Mails liegen oft unverschlüsselt auf "
            "fremden Servern.",
            "Otherwise it holds only counts and a link. Mails often lie unencrypted on other "
            "people's servers.",
        ),
    }
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {
        **TimesForm.time_choices,
        "rhythm": _RHYTHMS,
        "hour": _HOURS,
    }


@page("POST")
def settings(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Let her say when she gets what by mail."""
    chosen = alerts.choice(asked.viewer)
    form = ChoiceForm(asked.given(request), initial=_shown(chosen))
    _leave_out(form, asked)
    if request.method == "POST" and form.is_valid():
        try:
            actions.choose(asked.viewer, _chosen(form, chosen))
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, words("Gespeichert.", "Saved."))
            return redirect("alert_settings")
    shown = {"form": form, "may_mail": letters.is_set_up(), "address": request.user}
    return render(request, "alerts/settings.html", shown)


@page("POST", right="book")
def listed(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show what happened to her duties, and let her mark all of it as read."""
    if request.method == "POST":
        actions.mark_read(asked.viewer, until=_instant(request.POST.get("until"), asked.door.at))
        return redirect("alerts")
    found = alerts.messages(
        asked.viewer,
        now=asked.door.at,
        before=row_number(request.GET.get("vor", "")),
    )
    is_first = not request.GET.get("vor")
    promised = promise_news.newest(asked.viewer, now=asked.door.at) if is_first else ()
    seen = {row.customer for row in found.rows if row.customer}
    seen |= {row.customer for row in promised if row.customer}
    if seen:
        looking.note(asked.viewer, seen, "list", at=asked.door.at)
    shown = {
        "rows": [(row, _WHAT[row.what]) for row in found.rows],
        "promised": [(row, _PROMISED[row.what]) for row in promised],
        "unread": sum(row.is_unread for row in found.rows) + sum(row.is_unread for row in promised),
        "next_before": found.next_before,
        # What comes while she reads stays unread.
        "until": asked.door.at.isoformat(),
    }
    return render(request, "alerts/list.html", shown)


def _leave_out(form: ChoiceForm, asked: Asked) -> None:
    """Leave out what her role never gets."""
    if not asked.may("lead"):
        del form.fields["weekly_reasons"]
    if not asked.may("book"):
        for name in ("rhythm", "with_names"):
            del form.fields[name]


def _shown(chosen: Choice) -> dict[str, Any]:
    return {
        "rhythm": chosen.rhythm,
        "hour": chosen.hour,
        "with_names": chosen.with_names,
        "weekly_reasons": chosen.weekly_reasons,
        **shown_times(chosen.times),
    }


def _chosen(form: ChoiceForm, before: Choice) -> Choice:
    given = form.cleaned_data
    rhythms: dict[str, Rhythm] = {name: name for name in RHYTHMS}
    return Choice(
        rhythm=rhythms.get(given.get("rhythm", ""), before.rhythm),
        hour=given["hour"],
        times=form.times(),
        with_names=given.get("with_names", False),
        weekly_reasons=given.get("weekly_reasons", False),
    )


def _instant(text: str | None, latest: datetime) -> datetime:
    """Return the instant a page was made, as it says; never one to come."""
    try:
        said = datetime.fromisoformat(text or "")
        return min(said.astimezone(UTC), latest) if said.tzinfo else latest
    except (OverflowError, ValueError):
        return latest


urls = [
    path("meldungen/", listed, name="alerts"),
    path("konto/meldungen/", settings, name="alert_settings"),
]
