"""The overview of administration: each part in one sentence, and what needs attention first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from vertrauenskonto.core.errors import Text
from vertrauenskonto.db import checks, checks_database
from vertrauenskonto.db.access import Right
from vertrauenskonto.db.finding import Finding
from vertrauenskonto.db.queries import administration
from vertrauenskonto.db.queries.administration import Standing
from vertrauenskonto.db.queries.modules import MODULES
from vertrauenskonto.web import letters
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.frame import switched_on

_FINDINGS = "administration.findings"
# Every page asks; so often is often enough.
_FINDINGS_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of administration: where it is, what it is for, for whom, and how it stands."""

    url: str
    name: Text
    what: Text
    right: Right
    state: Text | None = None
    is_pressing: bool = False


@page()
def show(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show the parts that she may open, and above them what needs attention."""
    if not (asked.may("audit") or asked.may("lead")):
        raise PermissionDenied
    found: list[Finding] = []
    groups = _FOR_LEADS
    if asked.may("audit"):
        on = switched_on(request)
        groups = _groups(administration.standing(asked.viewer, now=asked.door.at), on)
        found = [f for f in findings(asked.door.at) if f.grade == "wrong"]
    shown = {
        "wrong": [(finding, CURED_AT.get(finding.code)) for finding in found],
        "groups": [
            (name, parts)
            for name, rows in groups.items()
            if (parts := [part for part in rows if asked.may(part.right)])
        ],
    }
    return render(request, "administration/overview.html", shown)


def findings(now: datetime, *, is_fresh: bool = False) -> tuple[Finding, ...]:
    """Return what `doctor` finds without asking the network, at most a minute old."""
    kept = None if is_fresh else cache.get(_FINDINGS)
    if not isinstance(kept, tuple):
        kept = (
            checks.versions(),
            *checks.machine(Path(settings.DATA), now),
            *checks_database.database(now),
        )
        cache.set(_FINDINGS, kept, _FINDINGS_SECONDS)
    return kept


# Where what is wrong can be looked at, by the finding's code.
CURED_AT: Mapping[str, str] = {
    "jobs": "jobs",
    "webhooks": "webhooks",
    "seal": "verification",
    "policy": "policy",
    "works_council": "agreements",
    "calendar": "working_calendars",
}


def _count(number: int, one: Text, many: Text) -> Text:
    told = one if number == 1 else many
    return Text(f"{number} {told.de}", f"{number} {told.en}")


_FOR_LEADS: Mapping[Text, tuple[Part, ...]] = {
    Text("Für die Leitung", "For leads"): (
        Part(
            url="merging",
            name=Text("Doppelte Konten", "Duplicate accounts"),
            what=Text(
                "Konten zusammenlegen, die derselben Person gehören.",
                "Merge accounts that belong to the same person.",
            ),
            right="match",
        ),
        Part(
            url="agreements",
            name=Text("Vereinbarungen", "Agreements"),
            what=Text(
                "Was mit dem Betriebsrat vereinbart ist und was das öffnet.",
                "What is agreed with the works council, and what that opens.",
            ),
            right="lead",
        ),
        Part(
            url="working_calendars",
            name=Text("Arbeitskalender", "Working calendars"),
            what=Text(
                "Arbeitszeiten und freie Tage, nach denen Fristen zählen.",
                "Hours and days off by which deadlines count.",
            ),
            right="lead",
        ),
    )
}


def _groups(found: Standing, on: frozenset[str]) -> Mapping[Text, tuple[Part, ...]]:
    return {
        Text("Menschen und Programme", "People and programs"): _people(found),
        Text("Betrieb", "Running it"): _running(found, on),
        Text("Nachweis", "Evidence"): _evidence(found),
        Text("Daten der Kundinnen und Kunden", "Customers' data"): _data(),
    }


def _people(found: Standing) -> tuple[Part, ...]:
    waiting = found.without_password
    people = _count(found.people, Text("Person", "person"), Text("Personen", "people"))
    return (
        Part(
            url="people_page",
            name=Text("Personen und Rechte", "People and rights"),
            what=Text(
                "Einladen, Rollen und Teams ändern, Zugänge beenden.",
                "Invite, change roles and teams, end access.",
            ),
            right="administer",
            state=Text(
                people.de + (f", {waiting} ohne Passwort" if waiting else ""),
                people.en + (f", {waiting} without a password" if waiting else ""),
            ),
        ),
        Part(
            url="tokens",
            name=Text("Token", "Tokens"),
            what=Text(
                "Womit sich Programme an der Schnittstelle ausweisen.",
                "What programs identify themselves with at the API.",
            ),
            right="administer",
            state=Text(f"{found.tokens} gültig", f"{found.tokens} valid"),
        ),
        Part(
            url="webhooks",
            name=Text("Webhooks", "Webhooks"),
            what=Text(
                "Welche Programme von Buchungen erfahren.", "Which programs learn of entries."
            ),
            right="audit",
            state=Text(
                f"{found.failing} von {found.endpoints} ohne Antwort"
                if found.failing
                else f"{found.endpoints} Adressen",
                f"{found.failing} of {found.endpoints} without an answer"
                if found.failing
                else f"{found.endpoints} addresses",
            ),
            is_pressing=bool(found.failing),
        ),
    )


def _running(found: Standing, on: frozenset[str]) -> tuple[Part, ...]:
    return (
        Part(
            url="working_calendars",
            name=Text("Arbeitskalender", "Working calendars"),
            what=Text(
                "Arbeitszeiten und freie Tage, nach denen Fristen zählen.",
                "Hours and days off by which deadlines count.",
            ),
            right="audit",
        ),
        Part(
            url="chats",
            name=Text("Meldungen an Chats", "Alerts to chats"),
            what=Text(
                "Wohin gemeldet wird, dass Aufgaben offen sind: nur Anzahl und Link.",
                "Where it is told that obligations are open: count and link only.",
            ),
            right="administer",
        ),
        Part(
            url="modules",
            name=Text("Module", "Modules"),
            what=Text(
                "Teile des Programms ein- und ausschalten.",
                "Switch parts of the program on and off.",
            ),
            right="administer",
            state=Text(f"{len(on)} von {len(MODULES)} an", f"{len(on)} of {len(MODULES)} on"),
        ),
        Part(
            url="settings",
            name=Text("Einstellungen", "Settings"),
            what=Text(
                "Was gilt und wo es geändert wird; Testmail; Tag des Starts; Kapazität.",
                "What is in effect and where it is changed; test mail; first day; capacity.",
            ),
            right="administer",
            state=Text("Mail eingerichtet", "mail is set up")
            if letters.is_set_up()
            else Text("keine Mail", "no mail"),
        ),
        Part(
            url="data_state",
            name=Text("Zustand der Daten", "State of the data"),
            what=Text(
                "Fassungen, Größe, Sicherung, Uhr; was fehlt und was hilft.",
                "Versions, size, backup, clock; what is wrong and the cure.",
            ),
            right="audit",
        ),
        Part(
            url="jobs",
            name=Text("Arbeiten im Hintergrund", "Background jobs"),
            what=Text("Was wartet und was aufgegeben wurde.", "What waits and what was given up."),
            right="audit",
            state=Text(f"{found.given_up} aufgegeben", f"{found.given_up} given up"),
            is_pressing=bool(found.given_up),
        ),
    )


def _evidence(found: Standing) -> tuple[Part, ...]:
    return (
        Part(
            url="audit",
            name=Text("Protokoll der Änderungen", "Audit log"),
            what=Text("Wer wann was geschrieben hat.", "Who wrote what and when."),
            right="audit",
        ),
        Part(
            url="verification",
            name=Text("Prüfung", "Verification"),
            what=Text(
                "Ob hinter dem Rücken des Programms etwas geändert wurde.",
                "Whether anything was changed behind the program's back.",
            ),
            right="audit",
            state=Text(f"{found.sealed} gesiegelt", f"{found.sealed} sealed"),
        ),
        Part(
            url="readings",
            name=Text("Protokoll der Zugriffe", "Log of reads"),
            what=Text(
                "Wer welche Kundendaten angesehen hat; öffnet sich nur zu zweit.",
                "Who looked at which customers' data; it takes two to open it.",
            ),
            right="audit",
            state=Text(
                f"{found.requests} Anträge warten" if found.requests != 1 else "1 Antrag wartet",
                f"{found.requests} requests wait" if found.requests != 1 else "1 request waits",
            )
            if found.requests
            else None,
            is_pressing=bool(found.requests),
        ),
        Part(
            url="agreements",
            name=Text("Vereinbarungen", "Agreements"),
            what=Text(
                "Betriebsrat, und ob Kontostände hinausgehen.",
                "Works council, and whether balances may leave.",
            ),
            right="audit",
            state=Text(f"{found.agreements} in Kraft", f"{found.agreements} in force"),
        ),
        Part(
            url="papers",
            name=Text("Datenschutz-Unterlagen", "Privacy papers"),
            what=Text(
                "Sechs Entwürfe aus dieser Installation, als Seite und PDF.",
                "Six drafts from this installation, as page and PDF.",
            ),
            right="audit",
        ),
    )


def _data() -> tuple[Part, ...]:
    return (
        Part(
            url="merging",
            name=Text("Doppelte Konten", "Duplicate accounts"),
            what=Text(
                "Konten zusammenlegen, die derselben Person gehören.",
                "Merge accounts that belong to the same person.",
            ),
            right="match",
        ),
        Part(
            url="retention",
            name=Text("Aufbewahrung", "Retention"),
            what=Text(
                "Wie lange was behalten und wann es gelöscht wird.",
                "How long what is kept, and when it is deleted.",
            ),
            right="audit",
        ),
        Part(
            url="export",
            name=Text("Alles herausgeben", "Give everything out"),
            what=Text(
                "Alle Konten und Buchungen in offenen Formaten.",
                "All accounts and entries in open formats.",
            ),
            right="administer",
        ),
    )


urls = [path("verwaltung/", show, name="administration")]
