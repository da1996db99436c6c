"""The page for leads: breaches of honesty that wait for a second person, and contested entries."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, Text
from vertrauenskonto.db.actions import honesty, looking
from vertrauenskonto.db.queries import people, policies
from vertrauenskonto.web.asking import Asked, keep, page
from vertrauenskonto.web.special_categories import box, unsaid, warning
from vertrauenskonto.web.templatetags.words import spoken

_DONE = {
    "confirm": Text("Bestätigt und gebucht.", "Confirmed and booked."),
    "decline": Text("Abgelehnt; gebucht wird nichts.", "Declined; nothing is booked."),
    "uphold": Text("Die Buchung bleibt.", "The entry stands."),
    "withdraw": Text("Die Buchung ist storniert.", "The entry is reversed."),
}


@page()
def waiting(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show what waits for a lead, and what was decided last."""
    proposals, contests = people.proposals(asked.viewer), people.contested(asked.viewer)
    _looked(asked, [*(p.customer for p in proposals), *(c.customer for c in contests)])
    text = asked.kept.get("text", "") if asked.kept else ""
    kept = {"sent_to": asked.sent_to, "text": text, "care": box(text)}
    found: dict[str, Any] = {"proposals": proposals, "contests": contests, "kept": kept}
    return render(request, "proposals.html", found)


@page("POST", form_on=("proposals",))
def decide(request: HttpRequest, asked: Asked, proposal: int) -> HttpResponse:
    """Confirm or decline a proposal, as the second person."""

    def act(what: str, text: str) -> None:
        if what == "confirm":
            honesty.confirm(asked.viewer, proposal, door=asked.door, policies=policies.history())
        else:
            honesty.decline(asked.viewer, proposal, reason=text, door=asked.door)

    return _decided(request, asked, ("confirm", "decline"), act)


@page("POST", form_on=("proposals",))
def settle(request: HttpRequest, asked: Asked, entry: int) -> HttpResponse:
    """Uphold a contested entry, or withdraw it."""
    viewer, door = asked.viewer, asked.door

    def act(what: str, text: str) -> None:
        if what == "uphold":
            honesty.uphold(viewer, entry, text=text, door=door)
        else:
            honesty.withdraw(viewer, entry, text=text, door=door, policies=policies.history())

    return _decided(request, asked, ("uphold", "withdraw"), act)


def _decided(
    request: HttpRequest, asked: Asked, known: Sequence[str], act: Callable[[str, str], None]
) -> HttpResponse:
    what = request.POST.get("what", "")
    if what not in known:
        raise Http404
    # Who confirms gives no reason; what was typed for the other button is not kept.
    careful = unsaid(request.POST, "text") if what != "confirm" else ()
    if careful and asked.may("lead"):
        messages.error(request, spoken(warning(careful)))
        keep(request, is_refused=True)
        return redirect("proposals")
    try:
        act(what, request.POST.get("text", ""))
    except (Conflict, Denied, Invalid) as refusal:
        if not asked.may("lead"):
            raise PermissionDenied from refusal
        messages.error(request, spoken(refusal.text))
        keep(request, is_refused=True)
    else:
        messages.success(request, spoken(_DONE[what]))
    return redirect("proposals")


def _looked(asked: Asked, customers: Sequence[str]) -> None:
    if customers:
        looking.note(asked.viewer, set(customers), "list", at=asked.door.at)
