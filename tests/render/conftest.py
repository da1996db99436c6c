"""One account with a story, valued by the neutral parameters, for everything that is drawn."""

from datetime import date

import pytest

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS, Account, Entry, Posting
from vertrauenskonto.core.ledger.policy import Policy, PolicyHistory

AS_OF = date(2025, 12, 18)
POLICY = PolicyHistory((Policy(name="neutral"),))
LABELS = {
    "order_received": Text("Auftrag erhalten", "Order received"),
    "promise_kept": Text("Zusage gehalten", "Promise kept"),
    "promise_broken": Text("Zusage <gebrochen>", "Promise <broken>"),
    "advice": Text("Ehrlich beraten", "Honest advice"),
}


def entry(number, on, kind, target="organisation", source="Lager", **points):
    return Entry(
        id=str(number),
        on=on,
        recorded=on,
        kind=kind,
        target=target,
        contact=True,
        source=source,
        postings=tuple(Posting(d, float(points[d])) for d in DIMENSIONS if d in points),
    )


@pytest.fixture
def holm():
    """Return an account that fell, was silent, and recovered."""
    return Account(
        id="Gärtnerei Holm",
        entries=(
            entry(1, date(2024, 2, 3), "order_received", source="Shop"),
            entry(2, date(2024, 2, 20), "promise_kept", able=5, assessable=2),
            entry(3, date(2024, 6, 2), "promise_broken", willing=-10, able=-15),
            entry(4, date(2025, 5, 3), "promise_kept", able=5, assessable=2),
            entry(5, date(2025, 6, 9), "advice", "person:brandt", willing=15, assessable=3),
            entry(6, date(2025, 9, 30), "advice", willing=15, assessable=3),
            entry(7, date(2026, 2, 1), "promise_kept", able=5, assessable=2),
        ),
    )


@pytest.fixture
def empty():
    """Return an account on which nothing is booked."""
    return Account(id="Leer GmbH")
