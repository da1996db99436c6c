"""Forgetting promises that are over for long; what they were booked as stays in the ledger."""

from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q

from vertrauenskonto.db import models

# Deleted together: their steps go with them, and all of that is held in memory.
_PART = 2_000


def tidy(*, before: datetime, day: date) -> int:
    """Forget promises that ended before an instant, and series of which nothing is left."""
    old = models.Promise.objects.filter(ended_at__lt=before).order_by("pk")
    gone = 0
    while part := list(old.values_list("pk", flat=True)[:_PART]):
        gone += models.Promise.objects.filter(pk__in=part).delete()[0]
    used = models.Promise.objects.filter(series=OuterRef("pk"))
    over = Q(ended_date__lt=day) | Q(last_date__lt=day)
    return gone + models.Series.objects.filter(over, ~Exists(used)).delete()[0]
