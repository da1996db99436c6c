"""Relationships: that one ended, how often a customer wants to hear from us, who hands it over.

Reference: `Ending`, `Rhythm`, `Handover`, `HandoverStep`. In which phase a relationship is follows
from the ledger, the cases and the endings (`core/relations`); nothing of it is stored.
"""

from django.db import models
from django.db.models import Q

from vertrauenskonto.db.models.customers import Customer
from vertrauenskonto.db.models.people import Person


class Ending(models.Model):
    """That somebody said that a relationship has ended; it can be taken back."""

    customer = models.ForeignKey(Customer, models.PROTECT)
    on_date = models.DateField()
    reason = models.CharField(max_length=500)
    written_at = models.DateTimeField()
    # the key of a person
    actor = models.CharField(max_length=80)
    # of the form it came from, so that it is said once
    number = models.CharField(max_length=40, unique=True)
    taken_back_at = models.DateTimeField(null=True)
    taken_back_by = models.CharField(max_length=80, blank=True)
    taken_back_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "relation_ending"


class Rhythm(models.Model):
    """How often a customer wants to hear from us, as agreed with them; the latest counts."""

    customer = models.ForeignKey(Customer, models.PROTECT)
    # days, weeks or months, and how many; 0: nothing is agreed any more
    unit = models.CharField(max_length=20)
    every = models.SmallIntegerField()
    # call, visit, mail, letter, chat or other
    channel = models.CharField(max_length=20, blank=True)
    agreed_date = models.DateField()
    # whom we agreed it with, on their side
    agreed_with = models.CharField(max_length=200, blank=True)
    # the key of the person who agreed on it for us
    actor = models.CharField(max_length=80)
    written_at = models.DateTimeField()
    # of the form it came from, so that it is written down once
    number = models.CharField(max_length=40, unique=True)
    is_latest = models.BooleanField(default=True)

    class Meta:
        db_table = "relation_rhythm"
        constraints = [
            models.UniqueConstraint(
                name="relation_rhythm_latest", fields=["customer"], condition=Q(is_latest=True)
            )
        ]


class Handover(models.Model):
    """That one contact person hands a customer over to another, until it is done or given up."""

    key = models.CharField(max_length=40, unique=True)
    customer = models.ForeignKey(Customer, models.PROTECT)
    giver = models.ForeignKey(Person, models.PROTECT, related_name="+")
    successor = models.ForeignKey(Person, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    begun_date = models.DateField()
    # the key of a person
    begun_by = models.CharField(max_length=80)
    # of the form it came from, so that it is begun once
    number = models.CharField(max_length=40, unique=True)
    # she stood in for somebody before, and goes on if the handover is given up
    was_deputy = models.BooleanField(default=False)
    # open, completed or given_up
    state = models.CharField(max_length=20, default="open")
    closed_date = models.DateField(null=True)

    class Meta:
        db_table = "handover"
        constraints = [
            models.UniqueConstraint(
                name="handover_one_open", fields=["customer"], condition=Q(state="open")
            )
        ]


class HandoverStep(models.Model):
    """One thing done or said in a handover, by whom; nothing of it is changed later."""

    handover = models.ForeignKey(Handover, models.CASCADE)
    # trusted_for, customer_told, introduced_by_giver, introduced_by_successor, promises_passed,
    # own_account, completed or given_up
    what = models.CharField(max_length=30)
    on_date = models.DateField()
    written_at = models.DateTimeField()
    # the key of a person
    actor = models.CharField(max_length=80)
    # call, visit, video, mail, letter or other
    channel = models.CharField(max_length=20, blank=True)
    words = models.CharField(max_length=1000, blank=True)
    # of the form it came from, so that it is recorded once
    number = models.CharField(max_length=40, unique=True)

    class Meta:
        db_table = "handover_step"
        indexes = [models.Index(name="handover_step_of", fields=["handover", "id"])]
