"""The pages of whoever is signed in: who she is here, how she signs in, and in which language."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from vertrauenskonto.core.errors import Conflict, Invalid
from vertrauenskonto.db import access
from vertrauenskonto.db.actions import honesty
from vertrauenskonto.db.actions import people as actions
from vertrauenskonto.web.asking import Asked, keep, page
from vertrauenskonto.web.roles import ROLE_WORDS
from vertrauenskonto.web.special_categories import unsaid, warning
from vertrauenskonto.web.templatetags.words import spoken


def viewer(request: HttpRequest) -> access.Viewer:
    """Return who asks.

    Raises:
        NotFound: nobody who may work here.
    """
    return access.viewer(int(request.user.pk or 0), channel="web")


@require_safe
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Show how she signs in, and lead to changing each part of it."""
    return render(request, "account/index.html", {"role": ROLE_WORDS[viewer(request).role]})


@page("POST", form_on=("today",))
def contest(request: HttpRequest, asked: Asked, entry: int) -> HttpResponse:
    """Record what she says of an entry that concerns her: a comment, or that she contests it."""
    text = request.POST.get("text", "")
    careful = unsaid(request.POST, "text")
    if careful:
        messages.error(request, spoken(warning(careful)))
        keep(request, is_refused=True)
        return redirect("today")
    act = honesty.contest if request.POST.get("what") == "contest" else honesty.comment
    try:
        act(asked.viewer, entry, text=text, door=asked.door)
    except (Invalid, Conflict) as refusal:
        messages.error(request, spoken(refusal.text))
        keep(request, is_refused=True)
    return redirect("today")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Show the pages in another language from now on, and go back to where she was."""
    chosen = request.POST.get("language", "")
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = reverse("today")
    response = redirect(back)
    if chosen not in dict(settings.LANGUAGES):
        return response
    if request.user.is_authenticated:
        actions.change_own_language(viewer(request), chosen)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=365 * 24 * 60 * 60,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
