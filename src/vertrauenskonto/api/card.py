"""The account card: one account in brief for a helpdesk, and short-lived links that show it."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from ninja import Query, Router
from ninja.responses import Status

from vertrauenskonto.api.callers import caller, looked, needs, now, today, viewer
from vertrauenskonto.api.fields import Said, Strict, absent, said
from vertrauenskonto.api.reading import language
from vertrauenskonto.core.errors import Conflict
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.db.actions import cards as actions
from vertrauenskonto.db.queries import cards
from vertrauenskonto.db.queries.cards import Card
from vertrauenskonto.render.page import GUARD
from vertrauenskonto.render.words import outlook

router = Router(tags=["card"])

_Mail = Annotated[str, said(254)]
_Named = Annotated[str, said(200)]


class CardData(Said):
    """An account in brief; `sentence` says how long it lasts, in the language asked for."""

    customer: str
    name: str | None
    as_of: date
    sentence: str
    balance: float
    threshold: float
    below_threshold: bool
    runway_days: int | None
    verdict: str
    verdicts: dict[str, str]
    weakest: str
    weakest_reason: str
    last_contact: date | None
    duty_due: date | None
    url: str


class MatchOut(Said):
    """A customer who is called so; name null: the token lacks the scope `names`."""

    customer: str
    name: str | None


class CardOut(Said):
    """What was found: `one`, `several` (look for one of `matches` by its key), `none`, or
    `not_valued`: the account's processing is restricted, objected to or ended.

    `guard` says what the card must not be used for.
    """

    outcome: Literal["one", "several", "none", "not_valued"]
    card: CardData | None
    matches: list[MatchOut]
    guard: str


class CardLinkIn(Strict):
    """Whose card is to be shown: exactly one of the three."""

    mail: _Mail = absent()
    number: _Named = absent()
    order: _Named = absent()


class CardLinkOut(Said):
    """The address to put into a frame, and until when it shows the card; null: not one was found."""

    outcome: Literal["one", "several", "none"]
    url: str | None
    expires_at: datetime | None


@router.get("/card", response=CardOut, exclude_none=False, **needs("scores"))
def card(
    request: HttpRequest,
    mail: Annotated[_Mail | None, Query(description="Mail address.")] = None,
    number: Annotated[
        _Named | None, Query(description="Customer number in any system, or the key here.")
    ] = None,
    order: Annotated[_Named | None, Query(description="Number of an order.")] = None,
) -> Any:
    """Show an account in brief: exactly one of mail, number and order says whose."""
    asker = viewer(request)
    hits = cards.find(asker, mail=mail or "", number=number or "", order=order or "")
    sees_names = "names" in caller(request).scopes
    outcome: str = cards.outcome(hits)
    found = None
    if outcome == "one":
        try:
            found = cards.card(asker, hits[0].key, today=today())
        except Conflict:
            outcome = "not_valued"
    looked(request, [hit.key for hit in hits], "balance" if found else "list")
    return {
        "outcome": outcome,
        "card": _said(request, found, sees_names=sees_names) if found else None,
        "matches": [{"customer": h.key, "name": h.name if sees_names else None} for h in hits],
        "guard": GUARD.in_language(language(request)),
    }


@router.post("/card/links", response={201: CardLinkOut}, **needs("scores"))
def card_link(request: HttpRequest, body: CardLinkIn) -> Any:
    """Make a link that shows one card in a frame, without signing in, for ten minutes."""
    mail, number, order = body.mail or "", body.number or "", body.order or ""
    hits = cards.find(viewer(request), mail=mail, number=number, order=order)
    outcome = cards.outcome(hits)
    if outcome != "one":
        return Status(201, {"outcome": outcome, "url": None, "expires_at": None})
    secret, until = actions.link(hits[0].key, caller(request).token_id, now=now())
    url = _address(request, reverse("card_link", args=[secret]))
    return Status(201, {"outcome": outcome, "url": url, "expires_at": until})


def _said(request: HttpRequest, found: Card, *, sees_names: bool) -> dict[str, Any]:
    value = found.valuation
    sentence = outlook(found.runway_days, value.as_of, language(request), is_empty=found.is_empty)
    return {
        "customer": found.key,
        "name": found.name if sees_names else None,
        "as_of": value.as_of,
        "sentence": sentence,
        "balance": value.balance,
        "threshold": found.threshold,
        "below_threshold": bool(value.below_threshold),
        "runway_days": found.runway_days,
        "verdict": value.verdict,
        "verdicts": {d: value.verdicts[d] for d in DIMENSIONS},
        "weakest": value.weakest.dimension,
        "weakest_reason": value.weakest.reason,
        "last_contact": found.last_contact,
        "duty_due": found.duty.due_date if found.duty else None,
        "url": _address(request, reverse("account_of", args=[found.key])),
    }


def _address(request: HttpRequest, path: str) -> str:
    return f"{settings.BASE_URL}{path}" if settings.BASE_URL else request.build_absolute_uri(path)
