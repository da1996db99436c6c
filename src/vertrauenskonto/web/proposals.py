"""The page for leads: breaches of honesty that wait for a second person, and contested entries."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound, Text
from vertrauenskonto.db import access
from vertrauenskonto.db.actions import honesty, looking
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.queries import people, policies
from vertrauenskonto.web.account import viewer
from vertrauenskonto.web.templatetags.words import spoken

_DONE = {
    "confirm": Text("Bestätigt und gebucht.", "Confirmed and booked."),
    "decline": Text("Abgelehnt; gebucht wird nichts.", "Declined; nothing is booked."),
    "uphold": Text("Die Buchung bleibt.", "The entry stands."),
    "withdraw": Text("Die Buchung ist storniert.", "The entry is reversed."),
}


@require_safe
@login_required
def waiting(request: HttpRequest) -> HttpResponse:
    """Show what waits for a lead, and what was decided last."""
    asker = viewer(request)
    try:
        proposals, contests = people.proposals(asker), people.contested(asker)
    except Denied as refusal:
        raise PermissionDenied from refusal
    _looked(asker, [*(p.customer for p in proposals), *(c.customer for c in contests)])
    found: dict[str, Any] = {"proposals": proposals, "contests": contests}
    return render(request, "proposals.html", found)


@require_POST
@login_required
def decide(request: HttpRequest, proposal: int) -> HttpResponse:
    """Confirm or decline a proposal, as the second person."""
    asker, door = _asker(request)

    def act(what: str, text: str) -> None:
        if what == "confirm":
            honesty.confirm(asker, proposal, door=door, policies=policies.history())
        else:
            honesty.decline(asker, proposal, reason=text, door=door)

    return _decided(request, ("confirm", "decline"), act)


@require_POST
@login_required
def settle(request: HttpRequest, entry: int) -> HttpResponse:
    """Uphold a contested entry, or withdraw it."""
    asker, door = _asker(request)

    def act(what: str, text: str) -> None:
        if what == "uphold":
            honesty.uphold(asker, entry, text=text, door=door)
        else:
            honesty.withdraw(asker, entry, text=text, door=door, policies=policies.history())

    return _decided(request, ("uphold", "withdraw"), act)


def _decided(
    request: HttpRequest, known: Sequence[str], act: Callable[[str, str], None]
) -> HttpResponse:
    what = request.POST.get("what", "")
    if what not in known:
        raise Http404
    try:
        act(what, request.POST.get("text", ""))
    except NotFound as refusal:
        raise Http404 from refusal
    except (Conflict, Denied, Invalid) as refusal:
        if not access.may(viewer(request), "lead"):
            raise PermissionDenied from refusal
        messages.error(request, spoken(refusal.text))
    else:
        messages.success(request, spoken(_DONE[what]))
    return redirect("proposals")


def _asker(request: HttpRequest) -> tuple[access.Viewer, Door]:
    asker = viewer(request)
    now = datetime.now(UTC)
    return asker, Door(actor=asker.actor, channel="web", at=now, today=timezone.localdate())


def _looked(asker: access.Viewer, customers: Sequence[str]) -> None:
    if customers:
        looking.note(asker, set(customers), "list", at=datetime.now(UTC))
