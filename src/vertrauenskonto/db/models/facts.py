"""What every fact is: a row written once, as part of a sealed transaction.

Triggers in the database refuse to update or delete facts (`migrations/0002_append_only.py`), and
every column of every fact is sealed (`db/sealing.py`).
"""

from django.db import models
from django.db.models import Q


class Transaction(models.Model):
    """What was written together, by whom, through which door: one leaf of the log."""

    # indexed: every booking asks for the newest
    booked_at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=80)
    channel = models.CharField(max_length=20)
    # Who confirmed it, where a second person is needed.
    second = models.CharField(max_length=80, blank=True)
    # NULL, not an empty text: many transactions have no key, and keys are unique.
    idempotency_key = models.CharField(max_length=200, null=True, unique=True)  # noqa: DJ001
    body_hash = models.BinaryField(max_length=32, null=True)
    layout = models.SmallIntegerField()
    leaf_hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "booking_transaction"
        constraints = [
            models.CheckConstraint(
                name="transaction_key_comes_with_body_hash",
                condition=Q(idempotency_key=None, body_hash=None)
                | Q(idempotency_key__isnull=False, body_hash__isnull=False),
            )
        ]
        indexes = [
            # What somebody booked by hand of late; imports do not grow it.
            models.Index(
                name="transaction_by_hand", fields=["actor", "id"], condition=Q(channel="web")
            )
        ]


class Fact(models.Model):
    """A row that is written once, as part of a transaction, and never changed."""

    transaction = models.ForeignKey(Transaction, models.PROTECT, related_name="+")

    class Meta:
        abstract = True
