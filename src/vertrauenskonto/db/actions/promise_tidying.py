"""Forgetting what was agreed and said and is over for long; what it was booked as stays."""

from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q

from vertrauenskonto.db import models

# Deleted together: their steps go with them, and all of that is held in memory.
_PART = 2_000


def tidy(*, before: datetime, day: date) -> int:
    """Forget what is over: promises, candour and the like before an instant, series with nothing left.

    A no that still holds is kept, a mistake that the customer does not know of, the rhythm that was
    agreed last, and the end of a relationship that was not taken back.
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
    gone += models.Rhythm.objects.filter(is_latest=False, written_at__lt=before).delete()[0]
    gone += models.Handover.objects.filter(closed_date__lt=day).delete()[0]
    gone += models.Ending.objects.filter(taken_back_at__lt=before).delete()[0]
    return gone + models.Series.objects.filter(over, ~Exists(used)).delete()[0]
