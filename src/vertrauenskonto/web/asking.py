"""Around every page of ours: who asks, by which door she writes, and what a refusal looks like.

    @page()                       GET only, anybody who is signed in
    @page("POST", right="lead")   also POST; who lacks the right gets 403
    @page(module="reasons")       404 for everybody while the module is switched off
    def rules(request, asked): ...

An expired session loses nothing: what was posted without one waits in the new session, and comes
back as `asked.given(request)` when the same form is opened after signing in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from vertrauenskonto.core.errors import Denied, NotFound
from vertrauenskonto.db import access
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.web.frame import switched_on
from vertrauenskonto.web.templatetags.words import words

_KEPT = "kept_form"
# More than any form of ours holds, less than a session should carry.
_KEPT_LENGTH_MAX = 100_000

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request of somebody who is signed in; `door` is how she writes facts today."""

    viewer: access.Viewer
    door: Door
    kept: QueryDict | None = None

    def given(self, request: HttpRequest) -> QueryDict | None:
        """Return what was filled in: posted now, or before the session had ended; else None."""
        return request.POST if request.method == "POST" else self.kept

    def may(self, right: access.Right) -> bool:
        """Tell whether her role has a right."""
        return access.may(self.viewer, right)


def page(
    *methods: str, right: access.Right | None = None, module: str | None = None
) -> Callable[[View], View]:
    """Turn `view(request, asked, …)` into a page: signed in, with this right, errors as pages.

    NotFound becomes 404 and Denied 403; Invalid and Conflict are the view's to show at its fields.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            if module is not None and module not in switched_on(request):
                raise Http404
            asked = _asked(request)
            if right is not None and not asked.may(right):
                raise PermissionDenied
            try:
                return view(request, asked, *args, **kwargs)
            except NotFound as refusal:
                raise Http404 from refusal
            except Denied as refusal:
                raise PermissionDenied from refusal

        answered.keeps_forms = True  # type: ignore[attr-defined]  # `stale` reads it
        return cast("View", require_http_methods(["GET", "HEAD", *methods])(answered))

    return decorate


def _asked(request: HttpRequest) -> Asked:
    viewer = access.viewer_of(request.user, channel="web")
    now = datetime.now(UTC)
    door = Door(actor=viewer.actor, channel="web", at=now, today=timezone.localdate())
    return Asked(viewer=viewer, door=door, kept=_kept(request))


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    _keep(request)
    if _is_fragment(request):
        # A fragment would show the sign-in page inside the page; load the whole page instead.
        return HttpResponse(headers={"HX-Refresh": "true"})
    back = request.get_full_path() if request.method != "POST" else request.path
    return redirect_to_login(back)


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
    return redirect(request.path)


def _is_from_here(request: HttpRequest) -> bool:
    """Tell whether the browser says that one of our own pages sent this."""
    own = {f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}
    return request.headers.get("Origin") in own


def _is_fragment(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers


def _keep(request: HttpRequest) -> None:
    """Keep what was posted until the page with its form is opened again."""
    if request.method != "POST":
        return
    body = request.POST.copy()
    body.pop("csrfmiddlewaretoken", None)
    kept = {"path": _form_path(request), "body": body.urlencode()}
    if len(kept["body"]) <= _KEPT_LENGTH_MAX:
        request.session[_KEPT] = kept


def _form_path(request: HttpRequest) -> str:
    """Return the address of the form: what htmx sends is part of one on the page she looks at."""
    try:
        shown = urlsplit(request.headers.get("HX-Current-URL", "")).path
    except ValueError:
        shown = ""
    return shown if shown and _is_fragment(request) else request.path


def _kept(request: HttpRequest) -> QueryDict | None:
    """Return what was posted to this address before she signed in again, once."""
    kept = request.session.get(_KEPT)
    if request.method != "GET" or kept is None or kept["path"] != request.path:
        return None
    del request.session[_KEPT]
    messages.info(
        request,
        words(
            "Ihre Sitzung war abgelaufen. Was Sie eingegeben haben, steht noch da; senden Sie es "
            "noch einmal ab.",
            "Your session had ended. What you entered is still here; please send it once more.",
        ),
    )
    return QueryDict(kept["body"])
