"""Refusals as RFC 9457 says them (application/problem+json), in the caller's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from vertrauenskonto.api.reading import as_json, language
from vertrauenskonto.core.errors import (
    NO_TEXT,
    Conflict,
    Denied,
    Invalid,
    NotFound,
    Text,
    TrustError,
)
from vertrauenskonto.core.ledger.goal_guard import GoalRefused
from vertrauenskonto.db.clock import ClockDoubtful
from vertrauenskonto.db.drafts import Refused

MEDIA_TYPE = "application/problem+json"
_URN = "urn:vertrauenskonto:problem:"

# code: status and title; the codes are stable and meant for programs.
TITLES: Mapping[str, tuple[int, Text]] = {
    "unreadable": (400, Text("Der Inhalt ist kein JSON", "The body is not JSON")),
    "too_deep": (400, Text("Der Inhalt ist zu tief geschachtelt", "The body is nested too deep")),
    "bad_request": (400, Text("Die Anfrage ist unbrauchbar", "The request is unusable")),
    "unauthenticated": (401, Text("Kein gültiges Token", "No valid token")),
    "denied": (403, Text("Nicht erlaubt", "Not allowed")),
    "not_found": (404, Text("Nicht gefunden", "Not found")),
    "method": (405, Text("Diese Methode gibt es hier nicht", "No such method here")),
    "not_acceptable": (406, Text("Kein passendes Format", "No acceptable format")),
    "conflict": (409, Text("Widerspruch", "Conflict")),
    "length_required": (411, Text("Die Länge fehlt", "The length is missing")),
    "too_large": (413, Text("Der Inhalt ist zu groß", "The body is too large")),
    "media_type": (415, Text("Diese Art von Inhalt geht nicht", "Unsupported media type")),
    "invalid": (422, Text("Die Angaben sind falsch", "The input is wrong")),
    "key_reused": (422, Text("Der Schlüssel ist verbraucht", "The key was used before")),
    "too_many": (429, Text("Zu viele Aufrufe", "Too many calls")),
    "goal_guard": (422, Text("Das Ziel ist Vertrauen", "The goal is trust")),
    "failed": (500, Text("Unerwarteter Fehler", "Unexpected failure")),
    "disk_full": (507, Text("Der Datenträger ist voll", "The disk is full")),
    "unavailable": (503, Text("Gerade nicht erreichbar", "Unavailable right now")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """One thing wrong with a request: where, the value unless it is personal, and the cure.

    `place` is `body`, `query`, `path` or `header`; `pointer` a JSON pointer into it.
    """

    place: str
    pointer: str
    code: str
    text: Text
    value: str | None = None

    def said(self, language: Any) -> dict[str, Any]:
        """Return it as JSON in a language."""
        said: dict[str, Any] = {
            "in": self.place,
            "pointer": self.pointer,
            "code": self.code,
            "text": self.text.in_language(language),
        }
        if self.value is not None:
            said["value"] = self.value
        return said


class Refusal(Exception):
    """A request that the API itself refuses, before anything was asked of the ledger."""

    def __init__(
        self,
        code: str,
        text: Text = NO_TEXT,
        *,
        wrong: Sequence[Wrong] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.code = code
        self.text = text
        self.wrong = wrong
        self.headers = headers or {}
        super().__init__(code, text)


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return the answer that says a refusal."""
    status, title = TITLES[refusal.code]
    spoken = language(request)
    body: dict[str, Any] = {
        "type": _URN + refusal.code,
        "title": title.in_language(spoken),
        "status": status,
        "detail": (refusal.text if refusal.text != NO_TEXT else title).in_language(spoken),
        "code": refusal.code,
        "request_id": getattr(request, "request_id", ""),
    }
    if refusal.wrong:
        body["errors"] = [wrong.said(spoken) for wrong in refusal.wrong]
    response = HttpResponse(as_json(body), content_type=MEDIA_TYPE, status=status)
    response["Content-Language"] = spoken
    response["Cache-Control"] = "no-store"
    for name, value in refusal.headers.items():
        response[name] = value
    return response


def refusal_of(error: TrustError) -> Refusal:
    """Return how the API says what the ledger refuses."""
    code = code_of(error)
    wrong = [
        Wrong(
            place="body",
            pointer=f"/{problem.field}" if problem.field else "",
            code=problem.code,
            text=problem.text,
        )
        for problem in error.problems
    ]
    if isinstance(error, Refused):
        pointer = f"/{error.field}" if error.field else ""
        wrong.append(Wrong(place="body", pointer=pointer, code=error.code, text=error.text))
    return Refusal(code, error.text, wrong=wrong)


def code_of(error: TrustError) -> str:
    """Return the stable code of what the ledger refuses."""
    for kind, code in _FAMILIES:
        if isinstance(error, kind):
            return code
    return "invalid"


_FAMILIES: tuple[tuple[type[TrustError], str], ...] = (
    (ClockDoubtful, "unavailable"),
    (GoalRefused, "goal_guard"),
    (Invalid, "invalid"),
    (NotFound, "not_found"),
    (Conflict, "conflict"),
    (Denied, "denied"),
)
