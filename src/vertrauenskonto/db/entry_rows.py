"""Rows of the table of entries on their way in: as the driver takes them, and as the leaf holds them.

Thousands pass in one call, so these are no ORM objects; what they are called is the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection

from vertrauenskonto.core.ledger.entries import DIMENSIONS, Entry
from vertrauenskonto.core.ledger.seal import Scalar
from vertrauenskonto.db.models.ledger import HUNDREDTHS

COLUMNS = (
    "id",
    "transaction_id",
    "customer_id",
    "source",
    "source_id",
    "kind",
    "value_date",
    "recorded_date",
    "happened_at",
    "target",
    "contact",
    *DIMENSIONS,
    "policy",
    "promise",
    "remark",
    "reverses_id",
    "reason",
    "compensates_id",
    "note_commitment",
)


@dataclass(frozen=True, slots=True)
class Customer:
    """The customer of a row: its number and key."""

    pk: int
    key: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A stored entry that another one names: its number, source and source id."""

    pk: int
    source: str
    source_id: str


@dataclass(slots=True, kw_only=True)
class EntryRow:
    """One entry, to be written or stored before; the points in hundredths, in the order of `COLUMNS`.

    Of one stored before the note is None (only its commitment is known), and the points are not read.
    """

    customer: Customer
    source: str
    source_id: str
    kind: str
    value_date: date
    recorded_date: date
    happened_at: datetime | None
    target: str
    policy: str
    promise: str
    reason: str
    contact: bool = False
    points: tuple[int, int, int] = (0, 0, 0)
    remark: str = ""
    note: str | None = None
    note_commitment: bytes | None = None
    reverses: "EntryRow | Reference | None" = None
    compensates: "EntryRow | Reference | None" = None
    pk: int = 0

    def sealed(self) -> list[Scalar]:
        """Return what the leaf holds: `sealing.FACTS` of the newest layout, in plain form."""
        undone, made_good = self.reverses, self.compensates
        return [
            self.customer.key,
            self.source,
            self.source_id,
            self.kind,
            self.value_date.isoformat(),
            self.recorded_date.isoformat(),
            None
            if self.happened_at is None
            else self.happened_at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.target,
            self.contact,
            *self.points,
            self.policy,
            self.promise,
            self.remark,
            undone.source if undone else None,
            undone.source_id if undone else None,
            self.reason,
            made_good.source if made_good else None,
            made_good.source_id if made_good else None,
            self.note_commitment.hex() if self.note_commitment else None,
        ]

    # Any: values as the driver takes them.
    def values(self, transaction: int) -> Sequence[Any]:
        """Return the values of `COLUMNS`."""
        undone, made_good = self.reverses, self.compensates
        return (
            self.pk,
            transaction,
            self.customer.pk,
            self.source,
            self.source_id,
            self.kind,
            # Both drivers read a day from its text; making the text is cheaper than adapting a day.
            self.value_date.isoformat(),
            self.recorded_date.isoformat(),
            None
            if self.happened_at is None
            else connection.ops.adapt_datetimefield_value(self.happened_at),
            self.target,
            self.contact,
            *self.points,
            self.policy,
            self.promise,
            self.remark,
            undone.pk if undone else None,
            self.reason,
            made_good.pk if made_good else None,
            self.note_commitment,
        )


def hundredths(entry: Entry) -> tuple[int, int, int]:
    """Return an entry's points as the table holds them."""
    points = dict.fromkeys(DIMENSIONS, 0)
    for posting in entry.postings:
        points[posting.dimension] += round(posting.points * HUNDREDTHS)
    return points["willing"], points["able"], points["assessable"]
