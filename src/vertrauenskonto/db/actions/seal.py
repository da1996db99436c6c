"""Sealing: giving every written transaction its place in the log.

Writers only insert; one sealer at a time appends what they wrote. So nobody queues for the tree,
and a transaction that commits late simply gets a later place.
"""

from datetime import datetime

from django.db import connection, transaction

from vertrauenskonto.core.ledger.seal import Frontier, Head
from vertrauenskonto.db import models
from vertrauenskonto.db.queries.seal import frontier

BATCH = 10_000


@transaction.atomic
def seal(*, at: datetime) -> Head:
    """Append every transaction not yet in the log, and take a head if it grew."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # Any constant will do; it is only ours inside this database.
            cursor.execute("SELECT pg_advisory_xact_lock(6962)")
    grown: Frontier = frontier()
    before = grown.size
    while waiting := _unsealed():
        leaves = []
        for pk, leaf_hash in waiting:
            leaves.append(models.Leaf(position=grown.size, transaction_id=pk, hash=leaf_hash))
            grown = grown.append(leaf_hash)
        models.Leaf.objects.bulk_create(leaves)
    if grown.size > before:
        models.TreeHead.objects.create(
            size=grown.size, root=grown.head.root, peaks=b"".join(grown.peaks), taken_at=at
        )
    return grown.head


def _unsealed() -> list[tuple[int, bytes]]:
    rows = models.Transaction.objects.filter(place=None).order_by("pk")
    return [(pk, bytes(leaf)) for pk, leaf in rows.values_list("pk", "leaf_hash")[:BATCH]]
