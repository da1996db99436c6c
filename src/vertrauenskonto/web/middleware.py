"""Around every page: what the browser may load, in whose language, and with which second factor."""

from collections.abc import Callable
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
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
            return self._get_response(request)


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
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    user = request.user
    return getattr(user, "role", "") == "administrator" and not is_mfa_enabled(user, types=kinds)
