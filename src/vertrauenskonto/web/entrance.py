"""The one-time link: whoever was invited sets her password; the first administrator says more."""

import logging
from datetime import UTC, datetime

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.contrib import messages
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from vertrauenskonto.core.errors import Conflict, Denied, Invalid
from vertrauenskonto.db.actions import people, setup
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.web.forms import FirstStartForm, PasswordForm
from vertrauenskonto.web.templatetags.words import page_language, words

LOG = logging.getLogger("vertrauenskonto.sign_in")
_SECRET = "link_secret"  # noqa: S105 - the name under which a session keeps it


@require_safe
@never_cache
def link(request: HttpRequest, secret: str) -> HttpResponse:
    """Keep the secret in the session and go on without it: addresses end up in histories."""
    request.session[_SECRET] = secret
    return redirect("link_form")


@require_http_methods(["GET", "POST"])
@never_cache
def link_form(request: HttpRequest) -> HttpResponse:
    """Ask for a password (and, at the first start, for more), and let her sign in."""
    secret = str(request.session.get(_SECRET, ""))
    try:
        holder = people.whose_link(secret, at=datetime.now(UTC))
    except Denied as refusal:
        request.session.pop(_SECRET, None)
        return render(request, "account/link_over.html", {"text": refusal.text}, status=403)
    if holder.signs_in:
        # Shown first, used by its button only: programs that fetch links in advance use nothing up.
        if request.method == "POST":
            return _let_in(request, secret)
        return render(request, "account/link_sign_in.html", {"holder": holder})
    kind = FirstStartForm if holder.is_first else PasswordForm
    form = kind(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _use(secret, form)
        except (Invalid, Conflict) as refusal:
            form.refuse(refusal)
        else:
            del request.session[_SECRET]
            if holder.is_first:
                return _signed_in(request, form)
            done = words(
                "Ihr Passwort ist gesetzt. Melden Sie sich damit an.",
                "Your password is set. Sign in with it.",
            )
            messages.success(request, done)
            return redirect("account_login")
    return render(request, "account/link.html", {"form": form, "holder": holder})


def _let_in(request: HttpRequest, secret: str) -> HttpResponse:
    person = people.use_sign_in_link(secret, at=datetime.now(UTC))
    del request.session[_SECRET]
    # The link is all she has to prove herself with; an administrator sets a second factor up by it.
    record_authentication(request, person, "link", reauthenticated=True)
    answer: HttpResponse = perform_login(request, person)
    return answer


def company_sign_in(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead to the company's sign-in, or say that it is away."""
    try:
        answer: HttpResponse = openid_connect.login(request, provider_id)
    except (OSError, KeyError) as error:
        # What fetches its description raises OSError; one without the addresses is a KeyError.
        LOG.error("company_sign_in.failed", extra={"error": type(error).__name__})
        return render(request, "socialaccount/authentication_error.html", status=502)
    return answer


def _signed_in(request: HttpRequest, form: PasswordForm) -> HttpResponse:
    """Sign the first administrator in by what she just chose: she is to set up a second factor.

    That asks for the password once more unless it was just given, and it was.
    """
    given = {name: form.cleaned_data[name] for name in ("email", "password")}
    user = authenticate(request, **given)
    record_authentication(request, user, "password", email=given["email"], reauthenticated=True)
    answer: HttpResponse = perform_login(request, user)
    return answer


def _use(secret: str, form: PasswordForm) -> None:
    given = form.cleaned_data
    door = Door(actor="system", channel="web", at=datetime.now(UTC), today=timezone.localdate())
    if isinstance(form, FirstStartForm):
        setup.first_start(
            secret,
            password=given["password"],
            email=given["email"],
            name=given["name"],
            council=given["council"],
            purpose=given["purpose"],
            language=page_language(),
            door=door,
        )
    else:
        people.use_link(secret, password=given["password"], door=door)
