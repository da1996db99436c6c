"""Promises of the small company: one in each state, a form with errors, a text with suggestions."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from tests.browser.company import Company

from vertrauenskonto.core.promises import What
from vertrauenskonto.db import models
from vertrauenskonto.db.access import installation
from vertrauenskonto.db.actions import promise_clock, promise_series, promises
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.promise_series import NewSeries
from vertrauenskonto.db.actions.promises import NewPromise, Taken
from vertrauenskonto.db.queries.policies import history

HOLM = "Gärtnerei Holm"
# wording → days until due, days since it was made, the steps taken
_SAID: dict[str, tuple[int, int, tuple[What, ...]]] = {
    "Angebot für die Hecke schicken": (5, 1, ()),
    "Rückruf wegen der Rechnung": (0, 1, ()),
    "Lieferung der Setzlinge": (2, 9, ("at_risk",)),
    "Muster vorbeibringen": (1, 6, ("told",)),
    "Gutschrift ausstellen": (-2, 9, ()),
    "Bewässerung prüfen": (3, 12, ("done",)),
}


def _door() -> Door:
    now = datetime.now(UTC)
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    return Door(actor="system", channel="test", at=now, today=today)


def said(company: Company) -> dict[str, str]:
    """Promise something of each sort to one customer, once; return the keys by wording."""
    there = dict(models.Promise.objects.filter(source="test").values_list("wording", "key"))
    if there:
        return there
    viewer, door = installation("test"), _door()
    for wording, (days, ago, steps) in _SAID.items():
        new = NewPromise(
            customer=company.customers[HOLM],
            wording=wording,
            due=door.today + timedelta(days=days),
            made_at=door.at - timedelta(days=ago),
            capability="Lieferung" if "Lieferung" in wording else "Rückruf",
            source="test",
            source_id=wording,
            giver="p_alice",
            said_in="call",
            evidence="Ticket 4711",
            told_whom="Frau Holm",
            is_first_contact=False,
        )
        there[wording] = promises.make(viewer, new, door=door).key
        for what in steps:
            taken = Taken(
                what=what,
                channel="call" if what == "told" else "",
                note="Das Lager meldet Rückstand.",
            )
            promises.take(viewer, there[wording], taken, door=door, policies=history())
    promise_clock.run(now=door.at, door=door, policies=history())
    return there


def listed(company: Company, query: str = "") -> str:
    """Return the address of the list, with something in it."""
    return f"/zusagen/{query}" if said(company) else ""


def one(company: Company, wording: str) -> str:
    """Return the address of one promise."""
    return f"/zusagen/{said(company)[wording]}/"


def of_customer(company: Company, rest: str = "zusage/") -> str:
    """Return an address below the customer."""
    return f"/kunden/{company.customers[HOLM]}/{rest}"


def again(company: Company) -> str:
    """Return the address of a customer's promises, one of which comes again."""
    said(company)
    new = NewSeries(
        customer=company.customers[HOLM],
        wording="Wochenbericht schicken",
        rhythm="weekly",
        first_date=_door().today + timedelta(days=3),
        number="test",
    )
    promise_series.begin(company.people["alice"], new, door=_door())
    return of_customer(company, "zusagen/")


def found(company: Company) -> str:
    """Return the address of a search for whom to promise something."""
    return f"/zusagen/neu/?{urlencode({'text': 'F'})}" if company.customers else ""
