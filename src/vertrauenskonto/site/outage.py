"""What is answered when the database is away or the disk is full: a clear message, later again.

Nothing is lost by it: what was acknowledged was written, and a call that got this answer can be
repeated as it was (with its idempotency key it is carried out once).
"""

import sys
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import (
    DisallowedHost,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.templatetags.static import static

from vertrauenskonto.db.retrying import is_disk_full
from vertrauenskonto.web.templatetags.words import page_language

RETRY_SECONDS = 5
# Browsers show no answer to what was not taken in, so more than is kept is read, and forgotten.
_READ_BYTES_MAX = 50_000_000
_BLOCK_BYTES = 1 << 16
_megabytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 2**20
_MEGABYTES = (f"{_megabytes:.1f}".replace(".", ","), f"{_megabytes:.1f}")

_AWAY = (
    "Die Datenbank ist gerade nicht erreichbar. Es ist nichts verloren; bitte wiederholen Sie es "
    "gleich.",
    "The database cannot be reached just now. Nothing is lost; please repeat it in a moment.",
)
_FULL = (
    "Der Datenträger ist voll; es wurde nichts geschrieben. Bitte verständigen Sie die "
    "Administration.",
    "The disk is full; nothing was written. Please tell the administrator.",
)
_HOST = (
    "Unter diesem Namen (Host) wird hier nicht geantwortet; nehmen Sie die Adresse aus "
    "VERTRAUENSKONTO_BASE_URL.",
    "This name (Host) is not answered here; use the address of VERTRAUENSKONTO_BASE_URL.",
)
_UNUSABLE = (
    "Mit dieser Anfrage lässt sich nichts anfangen; prüfen Sie Adresse und Kopfzeilen.",
    "Nothing can be made of this request; check its address and headers.",
)
_TOO_LONG = (
    f"Was Sie eingegeben haben, ist zu lang: Ein Formular darf zusammen {_MEGABYTES[0]} MB haben, "
    "eine Notiz viel weniger. Es ist nichts gespeichert. Gehen Sie im Browser zurück, kürzen Sie "
    "das längste Feld und senden Sie es noch einmal ab; lange Texte hängen Sie als Datei an.",
    f"What you entered is too long: a form may hold {_MEGABYTES[1]} MB in all, a note far less. "
    "Nothing is saved. Go back in the browser, shorten the longest field and send it again; attach "
    "long texts as a file.",
)
_TOO_MANY = (
    f"Das ist zu viel auf einmal: Ein Formular darf {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} "
    f"Angaben und {settings.DATA_UPLOAD_MAX_NUMBER_FILES} Dateien haben. Es ist nichts "
    "gespeichert. Gehen Sie im Browser zurück und wählen Sie weniger aus.",
    f"That is too much at once: a form may hold {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} fields "
    f"and {settings.DATA_UPLOAD_MAX_NUMBER_FILES} files. Nothing is saved. Go back in the browser, "
    "and choose fewer.",
)
_FAILED = (
    "Das hat nicht geklappt; der Fehler liegt bei uns. Die Nummer hilft beim Suchen: {id}",
    "That did not work; the fault is ours. This number helps to find it: {id}",
)
_NOT_WORKED = ("Das hat nicht geklappt", "That did not work")
_HEADINGS = {
    "too_large": ("Das ist zu viel", "That is too much"),
    "bad_request": ("Das lässt sich nicht lesen", "This cannot be read"),
    "unavailable": ("Gleich wieder da", "Back in a moment"),
    "disk_full": ("Kein Platz mehr", "No space left"),
}
_START = ("Zur Startseite", "Go to the start page")


def answer(request: HttpRequest, error: BaseException) -> HttpResponse | None:
    """Return the answer to an error of the database that passes by itself, None to others."""
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    if is_disk_full(error):
        return _problem(request, HTTPStatus.INSUFFICIENT_STORAGE, "disk_full", _FULL)
    response = _problem(request, HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", _AWAY)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer to an error nobody handled (Django's `handler500`), in the form asked for."""
    error = sys.exc_info()[1]
    known = None if error is None else answer(request, error)
    if known is not None:
        return known
    number = getattr(request, "id", "")
    words = tuple(text.format(id=number) for text in _FAILED)
    return _problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, "failed", words)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer to a request that Django itself refuses (its `handler400`), such as a wrong Host."""
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        _read_on(request)
        words = _TOO_LONG if isinstance(exception, RequestDataTooBig) else _TOO_MANY
        return _problem(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", words)
    words = _HOST if isinstance(exception, DisallowedHost) else _UNUSABLE
    return _problem(request, HTTPStatus.BAD_REQUEST, "bad_request", words)


def _read_on(request: HttpRequest) -> None:
    """Take in what is left of a body that is refused."""
    left = _READ_BYTES_MAX
    try:
        while left > 0 and (block := request.read(_BLOCK_BYTES)):
            left -= len(block)
    except UnreadablePostError:
        # She did not wait for an answer.
        return


def _problem(
    request: HttpRequest, status: HTTPStatus, code: str, words: tuple[str, ...]
) -> HttpResponse:
    german, english = words
    if request.path.startswith("/api/") or "text/html" not in request.headers.get("Accept", ""):
        body = {
            "type": f"urn:vertrauenskonto:problem:{code}",
            "title": status.phrase,
            "code": code,
            "status": status.value,
            "detail": english,
            "detail_de": german,
            "request_id": getattr(request, "id", ""),
        }
        return JsonResponse(body, status=status, content_type="application/problem+json")
    return HttpResponse(_page(_HEADINGS.get(code, _NOT_WORKED), words), status=status)


def _page(heading: tuple[str, str], words: tuple[str, ...]) -> str:
    """Return the page without templates: they may need what just failed."""
    language, other = ("de", "en") if page_language() == "de" else ("en", "de")
    number = ("de", "en").index(language)
    style, start = static("vertrauenskonto/site.css"), _START[number]
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{heading[number]} · Vertrauenskonto</title>"
        f'<link rel="stylesheet" href="{style}"></head><body>'
        '<header class="top"><a class="brand" href="/">Vertrauenskonto</a></header>'
        f'<main id="content" class="sheet"><h1>{heading[number]}</h1><p>{words[number]}</p>'
        # Which language is hers may be in what cannot be read just now.
        f'<p class="hint" lang="{other}">{words[1 - number]}</p>'
        f'<p><a href="/">{start}</a></p></main></body></html>'
    )
