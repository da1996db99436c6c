"""Accounts as core values, read from the facts."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from vertrauenskonto.core.ledger.entries import DIMENSIONS, Account, Entry, Posting, Suspension
from vertrauenskonto.db import models
from vertrauenskonto.db.models.ledger import HUNDREDTHS


def accounts(customer_ids: Collection[int]) -> dict[int, Account]:
    """Return the accounts of the customers, by row number; five queries, however many there are."""
    keys = dict(
        models.Customer.objects.filter(pk__in=customer_ids).order_by("pk").values_list("pk", "key")
    )
    entries: dict[int, list[Entry]] = defaultdict(list)
    for customer_id, entry in _entries(customer_ids):
        entries[customer_id].append(entry)
    suspensions: dict[int, list[Suspension]] = defaultdict(list)
    for row in models.Suspension.objects.filter(customer_id__in=customer_ids).order_by("pk"):
        suspensions[row.customer_id].append(
            Suspension(
                id=row.key, starts=row.starts_date, ends=row.ends_date, recorded=row.recorded_date
            )
        )
    segments = _segments(customer_ids)
    return {
        pk: Account(
            id=key,
            entries=tuple(entries[pk]),
            suspensions=tuple(suspensions[pk]),
            segment=segments.get(pk, ""),
        )
        for pk, key in keys.items()
    }


def account(key: str) -> Account:
    """Return the account of the customer with this key.

    Raises:
        models.Customer.DoesNotExist: there is none; `db.access` turns that into NotFound.
    """
    customer = models.Customer.objects.get(key=key)
    return accounts([customer.pk])[customer.pk]


def entry_id(source: str, source_id: str) -> str:
    """Return the id by which the core knows an entry."""
    return f"{source}:{source_id}"


def _segments(customer_ids: Collection[int]) -> dict[int, str]:
    rows = models.Membership.objects.filter(customer_id__in=customer_ids).order_by("pk")
    return dict(rows.values_list("customer_id", "segment"))


def _entries(customer_ids: Collection[int]) -> Iterable[tuple[int, Entry]]:
    rows = (
        models.Entry.objects.filter(customer_id__in=customer_ids)
        .order_by("pk")
        .values_list(
            "customer_id",
            "source",
            "source_id",
            "kind",
            "value_date",
            "recorded_date",
            "target",
            "contact",
            *DIMENSIONS,
            "promise",
            "remark",
            "reverses__source",
            "reverses__source_id",
            named=True,
        )
    )
    for row in rows.iterator(chunk_size=5000):
        yield row.customer_id, _entry(row)


def _entry(row: Any) -> Entry:
    return Entry(
        id=entry_id(row.source, row.source_id),
        on=row.value_date,
        recorded=row.recorded_date,
        kind=row.kind,
        target=row.target,
        contact=row.contact,
        postings=tuple(
            Posting(d, hundredths / HUNDREDTHS)
            for d in DIMENSIONS
            if (hundredths := getattr(row, d))
        ),
        reverses=(
            None
            if row.reverses__source is None
            else entry_id(row.reverses__source, row.reverses__source_id)
        ),
        source=row.source,
        promise=row.promise,
        remark=row.remark,
    )
