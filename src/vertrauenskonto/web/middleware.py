"""Around every page: what the browser may load, the language, refusals, and the second factor."""

from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import cast
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import FileResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation

Answer = Callable[[HttpRequest], HttpResponseBase]

# Where an administrator without a second factor may still go: to set one up, and out.
_OPEN_PATHS = ("/konto/2fa/", "/konto/reauthenticate/", "/konto/logout/", "/konto/sprache/")


class Headers:
    """Tells the browser to load nothing from elsewhere, and nobody to frame us.

    Django 5.2 has no Content-Security-Policy of its own yet, and these few lines need no package.
    A view that needs other rules sets the header itself.
    """

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response
        # Browsers apply form-action to where a form is redirected, too.
        issuer = urlsplit(settings.OIDC_ISSUER)
        forms = f"'self' {issuer.scheme}://{issuer.netloc}" if issuer.netloc else "'self'"
        self._policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            f"font-src 'self'; connect-src 'self'; form-action {forms}; base-uri 'none'; "
            "frame-ancestors 'none'"
        )

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        response = self._get_response(request)
        response.headers.setdefault("Content-Security-Policy", self._policy)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=()"
        )
        return response


class OwnLanguage:
    """Speaks the language that a person chose, whatever her browser prefers."""

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        language = getattr(request.user, "language", None)
        if language is None:
            return self._get_response(request)
        with translation.override(language):
            response = self._get_response(request)
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            # Its parts are made after this has ended.
            parts = cast("Iterable[bytes]", response.streaming_content)
            response.streaming_content = _in_language(parts, language)
        return response


def _in_language(parts: Iterable[bytes], language: str) -> Iterator[bytes]:
    waiting = iter(parts)
    while True:
        with translation.override(language):
            part = next(waiting, None)
        if part is None:
            return
        yield part


class Refusals:
    """Turns away addresses that no database can look for, and gives bare refusals their page."""

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        # PostgreSQL takes no NUL in a text. The API refuses it itself, as it refuses: with a reason.
        is_page = not request.path.startswith("/api/")
        if is_page and ("\0" in request.path or "%00" in request.META.get("QUERY_STRING", "")):
            raise Http404
        response = self._get_response(request)
        is_bare = response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not response.streaming
        if not (is_bare and "text/html" in request.headers.get("Accept", "")):
            return response
        page = render(request, "405.html", status=response.status_code)
        page.headers["Allow"] = response.headers.get("Allow", "")
        return page


class SecondFactor:
    """Leads administrators who have no second factor to setting one up, and nowhere else."""

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request."""
        is_open = request.path.startswith((*_OPEN_PATHS, settings.STATIC_URL))
        if not is_open and _is_missing(request):
            return HttpResponseRedirect(reverse("mfa_index"))
        return self._get_response(request)


def _is_missing(request: HttpRequest) -> bool:
    user = request.user
    is_administrator = getattr(user, "role", "") == "administrator"
    return is_administrator and not getattr(user, "has_second_factor", False)
