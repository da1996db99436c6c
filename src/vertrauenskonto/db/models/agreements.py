"""Agreements: what the installation may do only after somebody agreed, with purpose and person.

Fact: `Agreement`.
"""

from typing import Literal

from django.db import models

from vertrauenskonto.db.models.facts import Fact

Name = Literal[
    "works_council",  # the works council agreed to views by member of staff
    "no_works_council",  # there is none, so nobody has to agree to them
    "scores",  # balances leave through the API
]


class Agreement(Fact):
    """That something is agreed from a day on, or no longer; the latest of a name counts."""

    name = models.CharField(max_length=40)
    is_in_force = models.BooleanField()
    recorded_date = models.DateField()
    purpose = models.CharField(max_length=500)

    class Meta:
        db_table = "agreement"
