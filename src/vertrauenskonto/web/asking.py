"""Around every page of ours: who asks, by which door she writes, and what a refusal looks like.

    @page()                       GET only, anybody who is signed in
    @page("POST", right="lead")   also POST; who lacks the right gets 403
    @page(module="reasons")       404 for everybody while the module is switched off
    @page("POST", form_on=("today",))  only takes a form that stands on another page
    def rules(request, asked): ...

An expired session loses nothing: what was posted without one waits in the new session, and comes
back as `asked.given(request)` when the page with the form is opened after signing in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import cast
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from vertrauenskonto.core.errors import Denied, NotFound
from vertrauenskonto.db import access
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.queries.policies import asked_once
from vertrauenskonto.web.frame import switched_on
from vertrauenskonto.web.row_numbers import ROW_MAX
from vertrauenskonto.web.templatetags.words import words

_KEPT = "kept_form"
# More than any form of ours holds, less than a session should carry.
_KEPT_LENGTH_MAX = 100_000
# Keeping writes to the database before anybody signed in: for browsers we know, and not too often.
_KEPT_PER_HOUR = 60
_KNOWN = "was_here"
_KNOWN_DAYS = 30

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request of somebody who is signed in; `door` is how she writes facts today.

    `kept`: what she had filled in before, and `sent_to`, the address it had been sent to.
    """

    viewer: access.Viewer
    door: Door
    kept: QueryDict | None = None
    sent_to: str = ""

    def given(self, request: HttpRequest) -> QueryDict | None:
        """Return what was filled in: posted now, or before the session had ended; else None."""
        return request.POST if request.method == "POST" else self.kept

    def may(self, right: access.Right) -> bool:
        """Tell whether her role has a right."""
        return access.may(self.viewer, right)


def page(
    *methods: str,
    right: access.Right | None = None,
    module: str | None = None,
    form_on: Sequence[str] = (),
) -> Callable[[View], View]:
    """Turn `view(request, asked, …)` into a page: signed in, with this right, errors as pages.

    NotFound becomes 404 and Denied 403; Invalid and Conflict are the view's to show at its fields.
    `form_on`, where the form stands on another page: its name, and which parts of the address it
    shares; whoever opens the address itself is led there.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            if module is not None and module not in switched_on(request):
                raise Http404
            if any(isinstance(value, int) and value > ROW_MAX for value in kwargs.values()):
                raise Http404
            asked = _asked(request)
            if right is not None and not asked.may(right):
                raise PermissionDenied
            if form_on and request.method != "POST":
                return redirect(_address(form_on, kwargs))
            if any("\0" in value for _, values in request.POST.lists() for value in values):
                # PostgreSQL takes none, and no page of ours sends one.
                return render(request, "400.html", status=400)
            try:
                with asked_once():
                    answer = view(request, asked, *args, **kwargs)
            except NotFound as refusal:
                raise Http404 from refusal
            except Denied as refusal:
                raise PermissionDenied from refusal
            _know(request, answer)
            return answer

        # `stale` reads them.
        answered.keeps_forms = True  # type: ignore[attr-defined]
        answered.form_on = form_on  # type: ignore[attr-defined]
        return cast("View", require_http_methods(["GET", "HEAD", *methods])(answered))

    return decorate


def _asked(request: HttpRequest) -> Asked:
    viewer = access.viewer_of(request.user, channel="web")
    now = datetime.now(UTC)
    door = Door(actor=viewer.actor, channel="web", at=now, today=timezone.localdate())
    kept, sent_to = _kept(request)
    return Asked(viewer=viewer, door=door, kept=kept, sent_to=sent_to)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    _keep(request)
    if _is_fragment(request):
        # A fragment would show the sign-in page inside the page; load the whole page instead.
        return HttpResponse(headers={"HX-Refresh": "true"})
    return redirect_to_login(_back(request))


def stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token is not of this sign-in (Django's CSRF_FAILURE_VIEW).

    She signed in again in another tab, say. If the form is ours and came from a page of ours, what
    was typed comes back, to be sent once more; everything else is refused.
    """
    view = request.resolver_match.func if request.resolver_match else None
    has_token = settings.CSRF_COOKIE_NAME in request.COOKIES
    if not (has_token and getattr(view, "keeps_forms", False) and _is_from_here(request)):
        return render(request, "403_csrf.html", status=403)
    _keep(request)
    if _is_fragment(request):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return redirect(_back(request))


def _is_from_here(request: HttpRequest) -> bool:
    """Tell whether the browser says that one of our own pages sent this."""
    own = {f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}
    return request.headers.get("Origin") in own


def _is_fragment(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers


def _know(request: HttpRequest, answer: HttpResponseBase) -> None:
    """Let the browser remember that somebody was signed in on it; it says nothing of whom."""
    if not _is_known(request):
        answer.set_signed_cookie(
            _KNOWN,
            "yes",
            salt=_KNOWN,
            max_age=_KNOWN_DAYS * 24 * 3600,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def _is_known(request: HttpRequest) -> bool:
    max_age = _KNOWN_DAYS * 24 * 3600
    return request.get_signed_cookie(_KNOWN, None, salt=_KNOWN, max_age=max_age) is not None


def _may_keep(request: HttpRequest) -> bool:
    """Tell whether what was posted is kept: hers who is signed in, or of a browser we know."""
    if request.user.is_authenticated:
        return True
    if not _is_known(request):
        return False
    hour = datetime.now(UTC).strftime("%Y-%m-%dT%H")
    name = f"{_KEPT}:{get_adapter().get_client_ip(request)}:{hour}"
    count = int(cache.get(name, 0)) + 1
    cache.set(name, count, timeout=3600)
    return count <= _KEPT_PER_HOUR


def _keep(request: HttpRequest) -> None:
    """Keep what was posted until the page with its form is opened again."""
    if request.method == "POST" and _may_keep(request):
        keep(request)


def keep(request: HttpRequest, *, is_refused: bool = False) -> None:
    """Keep what was posted for the page with its form; `is_refused`: she is told why already."""
    body = request.POST.copy()
    body.pop("csrfmiddlewaretoken", None)
    kept = {"path": _form_path(request), "body": body.urlencode(), "sent_to": request.path}
    if len(kept["body"]) <= _KEPT_LENGTH_MAX:
        request.session[_KEPT] = kept | ({"is_refused": True} if is_refused else {})


def _form_path(request: HttpRequest) -> str:
    """Return the address of the form: what htmx sends is part of one on the page she looks at."""
    try:
        shown = urlsplit(request.headers.get("HX-Current-URL", "")).path
    except ValueError:
        shown = ""
    return shown if shown and _is_fragment(request) else urlsplit(_back(request)).path


def _back(request: HttpRequest) -> str:
    """Return where the form of this address is to be seen, with the query it had."""
    match = request.resolver_match
    form_on = getattr(match.func, "form_on", ()) if match else ()
    if match is None or not form_on:
        return request.get_full_path()
    page_of_form = _address(form_on, match.kwargs)
    came_from = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, request.is_secure())
    return came_from if is_ours and urlsplit(came_from).path == page_of_form else page_of_form


def _address(form_on: Sequence[str], parts: Mapping[str, object]) -> str:
    name, *shared = form_on
    return reverse(name, args=[parts[part] for part in shared])


def _kept(request: HttpRequest) -> tuple[QueryDict | None, str]:
    """Return what was posted to this page's form before, once, and to which address."""
    kept = request.session.get(_KEPT)
    if request.method != "GET" or kept is None or kept["path"] != request.path:
        return None, ""
    del request.session[_KEPT]
    if not kept.get("is_refused"):
        messages.info(
            request,
            words(
                "Ihre Sitzung war abgelaufen. Was Sie eingegeben haben, steht noch da; senden Sie "
                "es noch einmal ab.",
                "Your session had ended. What you entered is still here; please send it once more.",
            ),
        )
    return QueryDict(kept["body"]), kept.get("sent_to", "")
