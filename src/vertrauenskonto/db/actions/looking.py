"""Noting that somebody looked at customers whom they call by key."""

from collections.abc import Collection
from datetime import datetime

from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, customer_id
from vertrauenskonto.db.actions import readings
from vertrauenskonto.db.actions.readings import What


def note(viewer: Viewer, keys: Collection[str], what: What, *, at: datetime) -> None:
    """Note that the viewer was shown the data of these customers, whom they may see.

    A list of pseudonyms is not noted: it shows nobody's data. One pseudonym looked at is.
    """
    if viewer.role != "analyst":
        rows = models.Customer.objects.filter(key__in=keys).values_list("pk", flat=True)
        readings.record(viewer, list(rows), what, at)
    elif len(keys) == 1:
        readings.record(viewer, [customer_id(viewer, key) for key in keys], what, at)
