"""The installation: modules, settings, test mail, the state of the data, jobs in the background."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from vertrauenskonto.core.errors import Text
from vertrauenskonto.db.actions import choices as choosing
from vertrauenskonto.db.actions import going_live
from vertrauenskonto.db.actions import jobs as job_actions
from vertrauenskonto.db.actions import modules as actions
from vertrauenskonto.db.queries import administration, choices, installation, jobs, modules
from vertrauenskonto.web import letters
from vertrauenskonto.web.administration import CURED_AT, findings
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OwnForm
from vertrauenskonto.web.templatetags.words import spoken, words

MODULE_WORDS: Mapping[str, tuple[Text, Text]] = {
    "promises": (
        Text("Zusagen", "Promises"),
        Text(
            "Was Sie Kunden zusagen, bis wann, und was daraus wird.",
            "What you promise customers, until when, and what becomes of it.",
        ),
    ),
    "recovery": (
        Text("Rückgewinnung", "Recovery"),
        Text(
            "Eine verletzte Beziehung Schritt für Schritt heilen.",
            "Heal a broken relationship step by step.",
        ),
    ),
    "reasons": (
        Text("Ursachen", "Reasons"),
        Text(
            "Was am meisten Vertrauen kostet, mit Verlauf.",
            "What costs most trust, with its trend.",
        ),
    ),
    "policy": (
        Text("Regelwerk", "Policy"),
        Text(
            "Buchungsarten und Schwellen auf einer Seite bearbeiten.",
            "Edit kinds and thresholds on a page.",
        ),
    ),
    "sources": (
        Text("Quellen und Import", "Sources and import"),
        Text(
            "Dateien einlesen, regelmäßig abholen, Unsicheres zuordnen.",
            "Import files, fetch them regularly, match what is uncertain.",
        ),
    ),
    "card": (
        Text("Kontokarte", "Account card"),
        Text(
            "Ein Konto klein im Helpdesk oder CRM zeigen.",
            "Show an account in a helpdesk or CRM.",
        ),
    ),
}


class TestMailForm(OwnForm):
    """Where a test mail goes."""

    email = forms.EmailField(max_length=254)
    texts: ClassVar[Mapping[str, Text]] = {"email": Text("Testmail an", "Test mail to")}


class ChoicesForm(OwnForm):
    """What a company chooses here and not in its environment."""

    go_live_date = forms.DateField(
        required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    capacity_per_day = forms.IntegerField(required=False, min_value=1, max_value=10_000)

    texts: ClassVar[Mapping[str, Text]] = {
        "go_live_date": Text("Tag des Starts", "First day"),
        "capacity_per_day": Text("Aufgaben an einem Arbeitstag", "Obligations on a working day"),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "go_live_date": Text(
            "Ab dann öffnen Konten unter der Schwelle Aufgaben. Leer: sofort.",
            "From then on accounts below their threshold open obligations. Empty: at once.",
        ),
        "capacity_per_day": Text(
            "So viele kann das Unternehmen schaffen. Ein neues Regelwerk wird daran gemessen.",
            "So many the company can meet. A new policy is measured by it.",
        ),
    }


@page("POST", right="administer")
def show_modules(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show the modules, and switch one."""
    if request.method == "POST":
        name, to = request.POST.get("name", ""), request.POST.get("to", "")
        actions.switch(asked.viewer, name, is_on=to == "on", now=asked.door.at)
        label = spoken(MODULE_WORDS[name][0])
        messages.success(
            request,
            words(f"„{label}“ ist eingeschaltet.", f"'{label}' is switched on.")
            if to == "on"
            else words(
                f"„{label}“ ist ausgeschaltet; die Seiten gibt es für niemanden mehr.",
                f"'{label}' is switched off; its pages exist for nobody any more.",
            ),
        )
        return redirect("modules")
    rows = [(row, *MODULE_WORDS[row.name]) for row in modules.listed(asked.viewer)]
    return render(request, "administration/modules.html", {"modules": rows})


@page("POST", right="administer")
def show_settings(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show what is in effect, change what is chosen here, and send a test mail."""
    is_mail = request.POST.get("what") == "mail"
    given = asked.given(request)
    mail = TestMailForm(given if is_mail else None, initial={"email": request.user.get_username()})
    chosen = ChoicesForm(None if is_mail else given, initial=_chosen())
    if request.method == "POST" and is_mail and mail.is_valid():
        _test_mail(request, mail.cleaned_data["email"])
        return redirect("settings")
    if request.method == "POST" and not is_mail and chosen.is_valid():
        day, number = chosen.cleaned_data["go_live_date"], chosen.cleaned_data["capacity_per_day"]
        going_live.move(day, door=asked.door)
        choosing.choose("capacity_per_day", str(number) if number else "")
        messages.success(request, words("Gespeichert; es gilt sofort.", "Saved; it holds at once."))
        return redirect("settings")
    shown = {
        "mail": mail,
        "chosen": chosen,
        "is_mailed": letters.is_set_up(),
        "sender": settings.DEFAULT_FROM_EMAIL,
        "settings": [
            (s.name, settings.IN_EFFECT[s.name], s.default, Text(s.help_de, s.help_en))
            for s in settings.SETTINGS
        ],
    }
    return render(request, "administration/settings.html", shown)


@page("POST", right="audit")
def data_state(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show versions, size, newest booking and seal, and every finding with its cure."""
    if request.method == "POST":
        findings(asked.door.at, is_fresh=True)
        return redirect("data_state")
    found = findings(asked.door.at)
    ranks = ("wrong", "hint", "fine")
    shown = {
        "findings": [
            (f, CURED_AT.get(f.code)) for f in sorted(found, key=lambda f: ranks.index(f.grade))
        ],
        "size": (size := administration.size(asked.viewer)),
        "rows": [(_TABLES[name], count) for name, count in size.rows.items()],
        "newest": installation.newest_booking_at(),
        "sealed": installation.sealed(),
    }
    return render(request, "administration/data_state.html", shown)


@page("POST", right="audit")
def show_jobs(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show what waits and what was given up, and try all of it again."""
    if request.method == "POST":
        count = job_actions.try_again(asked.viewer, now=asked.door.at)
        messages.success(
            request,
            words(
                f"Noch einmal eingereiht: {count}. Das Ergebnis steht in ein paar Minuten hier.",
                f"Queued once more: {count}. The outcome stands here in a few minutes.",
            ),
        )
        return redirect("jobs")
    shown = {
        "given_up": [(job, _JOBS.get(job.name)) for job in jobs.page(asked.viewer)],
        "waiting": [
            (job, _JOBS.get(job.name)) for job in jobs.page(asked.viewer, state="waiting", limit=20)
        ],
        "counts": jobs.counts(),
        "heartbeat": jobs.last_heartbeat(),
        "administers": asked.may("administer"),
    }
    return render(request, "administration/jobs.html", shown)


_TABLES: Mapping[str, Text] = {
    "customer": Text("Konten", "accounts"),
    "entry": Text("Buchungen", "entries"),
    "balance": Text("Kontostände", "balances"),
    "booking_transaction": Text("Vorgänge im Protokoll", "transactions in the log"),
    "note": Text("Notizen", "notes"),
    "attachment": Text("Anhänge", "attachments"),
    "reading": Text("Zugriffe", "reads"),
}
_JOBS: Mapping[str, Text] = {
    "deliver": Text("Webhook zustellen", "deliver a webhook"),
    "bring_up": Text("Kontostände auf den Tag bringen", "bring balances up to the day"),
    "promise_clock": Text("vor Zusagen warnen", "warn of promises"),
    "retain": Text("nach Frist löschen", "delete by the rules of retention"),
    "expire": Text("Abgelaufenes vergessen", "forget what has run out"),
    "long_work": Text("prüfen oder herausgeben", "verify or give out"),
}


def _chosen() -> dict[str, object]:
    day, number = choices.choice("go_live_date"), choices.choice("capacity_per_day")
    try:
        first = date.fromisoformat(day) if day else None
    except ValueError:
        first = None
    return {"go_live_date": first, "capacity_per_day": number or None}


def _test_mail(request: HttpRequest, to: str) -> None:
    refused = letters.send(
        to,
        words("Testmail von Vertrauenskonto", "Test mail from Vertrauenskonto"),
        words(
            "Diese Mail zeigt, dass der Mailserver von Vertrauenskonto arbeitet. Es ist nichts zu "
            "tun.\n",
            "This mail shows that Vertrauenskonto's mail server works. There is nothing to do.\n",
        ),
    )
    if refused is None:
        messages.success(
            request,
            words(
                f"Der Mailserver hat die Mail an {to} angenommen. Sehen Sie nach, ob sie ankommt, "
                "auch im Spamordner.",
                f"The mail server has accepted the mail to {to}. See whether it arrives, in the "
                "spam folder too.",
            ),
        )
    else:
        messages.error(
            request,
            words("Die Mail ging nicht hinaus. ", "The mail did not go out. ") + spoken(refused),
        )


urls = [
    path("verwaltung/module/", show_modules, name="modules"),
    path("verwaltung/einstellungen/", show_settings, name="settings"),
    path("verwaltung/zustand/", data_state, name="data_state"),
    path("verwaltung/arbeiten/", show_jobs, name="jobs"),
]
