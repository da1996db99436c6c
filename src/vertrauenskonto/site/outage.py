"""What is answered when the database is away or the disk is full: a clear message, later again.

Nothing is lost by it: what was acknowledged was written, and a call that got this answer can be
repeated as it was (with its idempotency key it is carried out once).
"""

import sys
from http import HTTPStatus

from django.core.exceptions import DisallowedHost
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse

from vertrauenskonto.db.retrying import is_disk_full

RETRY_SECONDS = 5

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
_FAILED = (
    "Das hat nicht geklappt; der Fehler liegt bei uns. Die Nummer hilft beim Suchen: {id}",
    "That did not work; the fault is ours. This number helps to find it: {id}",
)


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
    words = _HOST if isinstance(exception, DisallowedHost) else _UNUSABLE
    return _problem(request, HTTPStatus.BAD_REQUEST, "bad_request", words)


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
    # Without templates: they may need what just failed.
    page = (
        '<!doctype html><html lang="de"><head><meta charset="utf-8">'
        f"<title>{status.value}</title></head><body><main>"
        f'<p>{german}</p><p lang="en">{english}</p></main></body></html>'
    )
    return HttpResponse(page, status=status)
