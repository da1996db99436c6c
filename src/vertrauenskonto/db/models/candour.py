"""Candour: advice, a no, a mistake told, a wish taken up, and what became of each.

Reference: `Candour`. What it was booked as is in the ledger; the words are here and go with the
customer.
"""

from django.db import models
from django.db.models import Q

from vertrauenskonto.db.models.customers import Customer
from vertrauenskonto.db.models.promises import Promise


class Candour(models.Model):
    """One record, as `core.candour.records.Told`; nothing of it is changed but what its state says."""

    key = models.CharField(max_length=40, unique=True)
    customer = models.ForeignKey(Customer, models.PROTECT, db_index=False)
    # advice, refusal, mistake or wish
    sort = models.CharField(max_length=20)
    # whom advice serves, no or limit, who told of a mistake first
    choice = models.CharField(max_length=20, blank=True)
    # answers to the questions of the sort, by name
    answers = models.JSONField(default=dict)
    # of a refusal: what it would take
    capability = models.CharField(max_length=80, blank=True)
    on_date = models.DateField()
    # the last day on which a no holds; none: until further notice
    until_date = models.DateField(null=True)
    # of a mistake
    knew_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    written_at = models.DateTimeField()
    # the key of a person
    actor = models.CharField(max_length=80)
    # counts, waiting, declined or withdrawn
    state = models.CharField(max_length=20)
    # who had the second look or took it back, when, and why; a key of a person
    decider = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)
    remark = models.CharField(max_length=500, blank=True)
    # of the form, so that it is recorded once
    number = models.CharField(max_length=40, unique=True)
    # given later although this no held
    promises = models.ManyToManyField(Promise, related_name="refusals")

    class Meta:
        db_table = "candour"
        indexes = [
            models.Index(name="candour_of_customer", fields=["customer", "id"]),
            models.Index(name="candour_waiting", fields=["id"], condition=Q(state="waiting")),
        ]
