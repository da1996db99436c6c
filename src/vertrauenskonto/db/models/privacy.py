"""Privacy: how a customer's data may be processed, who read them, and how long what is kept.

Fact: `Processing`. Reference: `Retention`. Reference, deleted after its time: `Reading`,
`ReadingsRequest`.
"""

from django.db import models

from vertrauenskonto.db.models.customers import Customer
from vertrauenskonto.db.models.facts import Fact
from vertrauenskonto.db.models.people import Person


class Processing(Fact):
    """How a customer's data may be processed from a day on; the latest counts, none: normally."""

    customer = models.ForeignKey(Customer, models.PROTECT)
    # normal, restricted (GDPR article 18), objected (article 21) or erased (article 17)
    state = models.CharField(max_length=20)
    recorded_date = models.DateField()
    # One of the codes in db.retention.REASONS; never a free text.
    reason = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "processing"
        indexes = [models.Index(name="processing_latest", fields=["customer", "id"])]


class Retention(models.Model):
    """After how many days something is forgotten, where the company chose another than we do."""

    name = models.CharField(max_length=40, primary_key=True)
    # NULL: never
    days = models.IntegerField(null=True)

    class Meta:
        db_table = "retention"


class Reading(models.Model):
    """That somebody looked at a customer's data: who, when, what, through which door."""

    read_at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=80)
    channel = models.CharField(max_length=20)
    customer = models.ForeignKey(Customer, models.PROTECT)
    what = models.CharField(max_length=40)

    class Meta:
        db_table = "reading"


class ReadingsRequest(models.Model):
    """A wish to see the log of reads; it opens when a second person agrees."""

    asked_at = models.DateTimeField()
    asker = models.ForeignKey(Person, models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=500)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True)
    agreed_at = models.DateTimeField(null=True)
    agreer = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "readings_request"
