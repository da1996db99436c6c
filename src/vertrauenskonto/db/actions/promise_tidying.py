"""Forgetting promises and candour that are over for long; what they were booked as stays."""

from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q

from vertrauenskonto.db import models

# Deleted together: their steps go with them, and all of that is held in memory.
_PART = 2_000


def tidy(*, before: datetime, day: date) -> int:
    """Forget what is over: promises and candour before an instant, series with nothing left.

    A no that still holds is kept, and so is a mistake that the customer does not know of.
    """
    old = models.Promise.objects.filter(ended_at__lt=before).order_by("pk")
    gone = 0
    while part := list(old.values_list("pk", flat=True)[:_PART]):
        gone += models.Promise.objects.filter(pk__in=part).delete()[0]
    used = models.Promise.objects.filter(series=OuterRef("pk"))
    over = Q(ended_date__lt=day) | Q(last_date__lt=day)
    open_noes = Q(sort="refusal", state="counts") & (Q(until_date=None) | Q(until_date__gte=day))
    unsaid = Q(sort="mistake", state="counts", told_at=None)
    waiting = Q(state="waiting")
    old_ones = models.Candour.objects.filter(written_at__lt=before)
    gone += old_ones.exclude(open_noes | unsaid | waiting).delete()[0]
    return gone + models.Series.objects.filter(over, ~Exists(used)).delete()[0]
