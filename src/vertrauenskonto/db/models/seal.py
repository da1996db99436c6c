"""The log over all transactions: leaves in order, and the heads that were taken (facts)."""

from django.db import models

from vertrauenskonto.db.models.facts import Transaction


class Leaf(models.Model):
    """The place of a transaction in the log; positions count from 0 without a gap."""

    position = models.BigIntegerField(primary_key=True)
    transaction = models.OneToOneField(Transaction, models.PROTECT, related_name="place")
    hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "leaf"


class TreeHead(models.Model):
    """A head of the log: what it committed to when it had `size` leaves."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    # The roots of the complete subtrees, 32 bytes each, from which the log goes on.
    peaks = models.BinaryField()
    taken_at = models.DateTimeField()

    class Meta:
        db_table = "tree_head"
