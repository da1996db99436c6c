"""Taking a list of customers out of the program: whether it may be, and noting who did."""

from collections.abc import Iterator
from datetime import date, datetime

from vertrauenskonto.core.errors import Conflict, Denied, Text
from vertrauenskonto.db import agreements
from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.actions import readings
from vertrauenskonto.db.actions.tokens import SCORES_NOT_AGREED
from vertrauenskonto.db.queries import customer_list
from vertrauenskonto.db.queries.customer_list import EXPORT_MAX, CustomerLine, Wanted
from vertrauenskonto.db.queries.customer_walk import Order


def lines(
    viewer: Viewer, wanted: Wanted, order: Order, *, at: datetime, today: date
) -> Iterator[CustomerLine]:
    """Return all lines of a list, in order; each part is noted in the log of reads as it is read.

    Raises:
        Denied: nobody agreed that balances leave, the viewer may not see accounts, or a filter
            names other people.
        Conflict: these are more than one file should hold.
        NotFound, Invalid: as `customer_list.page`.
    """
    if not agreements.in_force("scores"):
        raise Denied(SCORES_NOT_AGREED)
    if customer_list.count(viewer, wanted, today=today, up_to=EXPORT_MAX) is None:
        raise Conflict(
            Text(
                de=f"Die Liste hat mehr als {EXPORT_MAX:,} Zeilen.".replace(",", ".")
                + " Grenzen Sie sie ein; alles zusammen gibt es unter Verwaltung › Export.",
                en=f"The list has more than {EXPORT_MAX:,} lines. Narrow it down; everything at "
                "once is under Administration › Export.",
            )
        )
    return _noted(viewer, customer_list.parts(viewer, wanted, order, today=today), at)


def _noted(
    viewer: Viewer, parts: Iterator[dict[int, CustomerLine]], at: datetime
) -> Iterator[CustomerLine]:
    for part in parts:
        if viewer.role != "analyst":
            # A list of pseudonyms shows nobody's data.
            readings.record(viewer, part, "export", at)
        yield from part.values()
