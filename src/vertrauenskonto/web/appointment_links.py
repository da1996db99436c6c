"""An appointment by its customer's link, without an account: confirm it, choose another time, ask for a call.

The address is the only key, so nothing may carry it elsewhere: no cache, no referrer, no index; and
who guesses addresses is stopped soon. Every answer is a page of its own, also where it is too late.
"""

from datetime import UTC, datetime

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_safe

from vertrauenskonto.core.errors import Conflict, NotFound, Text
from vertrauenskonto.db.actions import appointments as actions
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.queries import appointments as queries
from vertrauenskonto.db.queries import policies
from vertrauenskonto.db.queries.appointments import Linked
from vertrauenskonto.web import invitations
from vertrauenskonto.web.appointment_forms import said_at
from vertrauenskonto.web.appointments import calendar_file
from vertrauenskonto.web.frame import switched_on
from vertrauenskonto.web.promises import MODULE
from vertrauenskonto.web.templatetags.words import spoken

_PER_HOUR = 120
_OPENING = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, secret: str) -> HttpResponse:
    """Show the appointment, or do what its customer asked for."""
    if MODULE not in switched_on(request):
        raise Http404
    if _is_too_often(request):
        return _page(request, {"is_too_often": True}, status=429)
    now = datetime.now(UTC)
    refusal = None
    try:
        if request.method == "POST":
            refusal = _acted(request, secret, now)
            if refusal is None:
                return _guarded(redirect("appointment_link", secret))
        found = queries.linked(secret, now=now)
    except NotFound:
        return _page(request, {"is_gone": True}, status=404)
    shown = {
        "appointment": found,
        "when": spoken(said_at(found.starts_at, found.zone)),
        "minutes": int((found.ends_at - found.starts_at).total_seconds() // 60),
        "slots": _slots(found),
        "refusal": refusal,
        "secret": secret,
    }
    return _page(request, shown, status=409 if refusal else 200)


@require_safe
def file(request: HttpRequest, secret: str) -> HttpResponse:
    """Give the appointment as a calendar file."""
    if MODULE not in switched_on(request):
        raise Http404
    if _is_too_often(request):
        return _page(request, {"is_too_often": True}, status=429)
    now = datetime.now(UTC)
    try:
        found = queries.linked_invitation(secret, now=now)
    except NotFound:
        return _page(request, {"is_gone": True}, status=404)
    url = invitations.link_address(request, secret)
    return _guarded(calendar_file(invitations.file_of(found, url=url, made_at=now)))


def _acted(request: HttpRequest, secret: str, now: datetime) -> Text | None:
    """Do what was asked for; return why not, None if it was done."""
    door = Door(actor="customer", channel="web", at=now, today=timezone.localdate())
    what = request.POST.get("what", "")
    try:
        if what == "confirm":
            actions.confirm(secret, door=door)
        elif what == "call":
            actions.ask_for_call(secret, door=door)
        elif what == "choose":
            starts = _instant(request.POST.get("slot", ""))
            if starts is None:
                # It is there to be read whether the link is; nothing else was chosen.
                queries.linked(secret, now=now)
                return Text("Bitte wählen Sie eine Zeit.", "Please choose a time.")
            actions.choose(secret, starts, door=door, policies=policies.history())
        else:
            raise Http404
    except Conflict as refusal:
        return refusal.text
    return None


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _slots(found: Linked) -> list[tuple[str, str]]:
    return [
        (s.starts_at.isoformat(), spoken(said_at(s.starts_at, found.zone))) for s in found.slots
    ]


def _is_too_often(request: HttpRequest) -> bool:
    hour = datetime.now(UTC).strftime("%Y-%m-%dT%H")
    name = f"appointment_links:{get_adapter().get_client_ip(request)}:{hour}"
    count = int(cache.get(name, 0)) + 1
    cache.set(name, count, timeout=3600)
    return count > _PER_HOUR


def _page(request: HttpRequest, shown: dict[str, object], *, status: int = 200) -> HttpResponse:
    return _guarded(render(request, "appointments/link.html", shown, status=status))


def _guarded(answer: HttpResponse) -> HttpResponse:
    answer.headers["Content-Security-Policy"] = f"{_OPENING}base-uri 'none'; frame-ancestors 'none'"
    # Not "no-referrer": without an origin browsers' forms could not be told from foreign ones.
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    patch_vary_headers(answer, ["Accept-Language"])
    return answer


urls = [
    path("termin/<str:secret>/", show, name="appointment_link"),
    path("termin/<str:secret>/termin.ics", file, name="appointment_link_file"),
]
