"""Candour towards one customer of the small company: a record of each sort, and a promise against a no."""

from datetime import timedelta

from tests.browser.company import Company
from tests.browser.promise_states import HOLM, _door

from vertrauenskonto.core.candour.records import Told
from vertrauenskonto.db import models
from vertrauenskonto.db.access import installation
from vertrauenskonto.db.actions import candour, promises
from vertrauenskonto.db.actions.promises import NewPromise
from vertrauenskonto.db.queries.policies import history


def told() -> dict[str, Told]:
    """Return a record of each sort, by the name that tests call it."""
    door = _door()
    day, ago = door.today - timedelta(days=3), timedelta
    return {
        "conflict": Told(
            sort="advice",
            on=day,
            choice="customer",
            answers={
                "given": "Die kleine Pumpe genügt für die Fläche.",
                "best_for_customer": "Die kleine Pumpe",
                "best_for_us": "Die große Pumpe, daran verdienen wir doppelt",
                "benefit": "Einladung des Herstellers zur Messe",
            },
        ),
        "no": Told(
            sort="refusal",
            on=day,
            choice="no",
            answers={
                "what": "Lieferung am Samstag",
                "why": "Samstags ist das Lager geschlossen.",
                "alternative": "Freitag bis 17 Uhr oder Montag ab 7 Uhr",
            },
            capability="Lieferung",
        ),
        "unsaid": Told(
            sort="mistake",
            on=day,
            answers={"what": "Die Rechnung vom Februar enthielt eine Position doppelt."},
            knew_at=door.at - ago(days=2),
        ),
        "mistake": Told(
            sort="mistake",
            on=day,
            choice="us",
            answers={"what": "Ein Schlauch war falsch beschriftet."},
            knew_at=door.at - ago(days=6),
            told_at=door.at - ago(days=5),
        ),
        "wish": Told(
            sort="wish",
            on=day,
            answers={
                "knows": "Wie der Boden nach Regen steht.",
                "proposed": "Erst nach dem Regen spritzen, und abends.",
                "taken_up": "Abends, ab der nächsten Woche.",
                "left_out": "Nach jedem Regen.",
                "reason": "Dafür reicht unser Personal nicht.",
            },
        ),
    }


def recorded(company: Company) -> dict[str, str]:
    """Record one of each sort, once, and promise against the no; return the keys by name."""
    there = dict(models.Candour.objects.values_list("number", "key"))
    if there:
        return there
    viewer, door, key = installation("test"), _door(), company.customers[HOLM]
    for name, one in told().items():
        there[name] = candour.record(viewer, key, one, number=name, door=door, policies=history())
    new = NewPromise(
        customer=key,
        wording="Samstagslieferung der Setzlinge",
        due=door.today + timedelta(days=3),
        source="test",
        source_id="against",
        giver="p_alice",
        is_first_contact=False,
    )
    promises.make(viewer, new, door=door)
    return there


def listed(company: Company, which: str) -> str:
    """Return the address of a list with something on it."""
    recorded(company)
    return f"/offenheit/?art={which}"


def one(company: Company, name: str) -> str:
    """Return the address of a record."""
    return f"/offenheit/{recorded(company)[name]}/"


def of_customer(company: Company, rest: str = "") -> str:
    """Return an address of candour below the customer."""
    recorded(company)
    return f"/kunden/{company.customers[HOLM]}/offenheit/{rest}"


def against(company: Company) -> str:
    """Return the address of a promise that was given against a no."""
    recorded(company)
    key = models.Promise.objects.get(source="test", source_id="against").key
    return f"/zusagen/{key}/"
