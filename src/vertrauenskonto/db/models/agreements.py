"""Agreements: what the installation may do only after somebody agreed, with purpose and person.

Fact: `Agreement`.
"""

from django.db import models

from vertrauenskonto.db.models.facts import Fact


class Agreement(Fact):
    """That something is agreed from a day on, or no longer; the latest of a name counts.

    Names: `works_council` (evaluations by member of staff), `scores` (balances leave by the API).
    """

    name = models.CharField(max_length=40)
    is_in_force = models.BooleanField()
    recorded_date = models.DateField()
    purpose = models.CharField(max_length=500)

    class Meta:
        db_table = "agreement"
