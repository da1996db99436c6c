"""Second factors whose secret nobody can read any more: said on each page, and left as they are.

It is so after the file secret-key became another one. Put back, it makes all codes good again.
"""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views
from cryptography.fernet import InvalidToken
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path


def is_readable(factor: Authenticator) -> bool:
    """Tell whether the secret behind an app or recovery codes can be deciphered; a key has none."""
    kept: dict[str, Any] = factor.data
    try:
        for name in {"secret", "seed"} & kept.keys():
            get_adapter().deciphered(kept[name])
    except InvalidToken:
        return False
    return True


def has_unreadable(person: object) -> bool:
    """Tell whether a person has codes that cannot be checked any more."""
    return not all(map(is_readable, Authenticator.objects.filter(user=person)))


@login_required
def codes(request: HttpRequest) -> HttpResponseBase:
    """Show the recovery codes; those that cannot be read lead back to where that is said."""
    return _unless_unreadable(request) or views.view_recovery_codes(request)


@login_required
def download(request: HttpRequest) -> HttpResponseBase:
    """Hand out the recovery codes as a file; else as `codes`."""
    return _unless_unreadable(request) or views.download_recovery_codes(request)


def _unless_unreadable(request: HttpRequest) -> HttpResponseBase | None:
    kept = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.RECOVERY_CODES)
    return None if all(map(is_readable, kept)) else redirect("mfa_index")


# Before allauth's own addresses, which would show codes that are none.
urls = [
    path("konto/2fa/recovery-codes/", codes, name="mfa_view_recovery_codes"),
    path("konto/2fa/recovery-codes/download/", download, name="mfa_download_recovery_codes"),
]
