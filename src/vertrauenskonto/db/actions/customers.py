"""Customers: opening accounts, and putting them into segments by hand."""

from collections.abc import Sequence
from secrets import token_hex

from django.db import transaction

from vertrauenskonto.db import models
from vertrauenskonto.db.actions.facts import Door, write


@transaction.atomic
def open_accounts(count: int, *, door: Door) -> list[str]:
    """Open so many accounts and return their new opaque keys."""
    rows = [models.Customer(key=f"c_{token_hex(16)}") for _ in range(count)]
    write(rows, door=door)
    return [row.key for row in rows]


@transaction.atomic
def put_into_segment(keys: Sequence[str], segment: str, *, door: Door) -> None:
    """Put customers into a segment by hand, from today on; an empty name takes them out."""
    found = models.Customer.objects.filter(key__in=keys).order_by("pk")
    rows = [
        models.Membership(customer=customer, segment=segment, recorded_date=door.today)
        for customer in found
    ]
    write(rows, door=door)
