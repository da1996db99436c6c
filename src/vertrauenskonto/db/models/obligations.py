"""Obligations: who must act on which account, why, until when, and all that was done about it.

Reference: `Obligation`, `Cause`, `Step`, `SharedDuty`.
Projection: `Resting`, what must not open an obligation again before it was over.
"""

from django.db import models
from django.db.models import Q

from vertrauenskonto.db.models.customers import Customer
from vertrauenskonto.db.models.ledger import Entry
from vertrauenskonto.db.models.people import Person


class SharedDuty(models.Model):
    """One duty for a cause that many accounts have: a carrier, a warehouse, a product."""

    name = models.CharField(max_length=200)
    # none: whoever looks after the customers
    owner = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    opened_date = models.DateField()
    due_date = models.DateField()
    escalated_date = models.DateField(null=True)
    resolved_date = models.DateField(null=True)
    # what was done about the cause
    outcome = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "shared_duty"


class Obligation(models.Model):
    """That somebody must act on an account; one open at a time."""

    customer = models.ForeignKey(Customer, models.PROTECT)
    opened_date = models.DateField()
    due_date = models.DateField()
    # who took it or was given it; none: the customer's owner, or else the team's queue
    owner = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    snoozed_until_date = models.DateField(null=True)
    escalated_date = models.DateField(null=True)
    closed_date = models.DateField(null=True)
    # how it ended: recovered, evaluated (its recovery case), left, not_valued or merged
    outcome = models.CharField(max_length=20, blank=True)
    shared = models.ForeignKey(SharedDuty, models.SET_NULL, null=True)

    class Meta:
        db_table = "obligation"
        constraints = [
            models.UniqueConstraint(
                name="obligation_one_open", fields=["customer"], condition=Q(closed_date=None)
            )
        ]
        indexes = [
            models.Index(
                name="obligation_by_day", fields=["due_date", "id"], condition=Q(closed_date=None)
            ),
            models.Index(
                name="obligation_closed",
                fields=["closed_date"],
                condition=Q(closed_date__isnull=False),
            ),
        ]


class Cause(models.Model):
    """Why an obligation is there; it may have several causes, one after the other."""

    obligation = models.ForeignKey(Obligation, models.CASCADE)
    # threshold, willing, able, assessable or honesty
    sort = models.CharField(max_length=20)
    # what breached honesty
    entry = models.ForeignKey(Entry, models.PROTECT, null=True)
    added_date = models.DateField()
    ended_date = models.DateField(null=True)

    class Meta:
        db_table = "obligation_cause"


class Step(models.Model):
    """What was done about an obligation, or about a shared duty itself, by whom and why, in order."""

    obligation = models.ForeignKey(Obligation, models.CASCADE, null=True)
    shared = models.ForeignKey(SharedDuty, models.CASCADE, null=True, db_index=False)
    at = models.DateTimeField()
    # the key of a person or `system`
    actor = models.CharField(max_length=80)
    # opened, cause_added, cause_ended, taken, assigned, snoozed, woken, escalated, grouped,
    # ungrouped, shared_resolved, recovered, evaluated, left, not_valued or merged
    what = models.CharField(max_length=20)
    # threshold, willing, able, assessable or honesty, where a cause came or went
    sort = models.CharField(max_length=20, blank=True)
    # until when it rests
    until_date = models.DateField(null=True)
    # the key of the person it was given to
    person = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "obligation_step"
        constraints = [
            models.CheckConstraint(
                name="obligation_step_of_one",
                condition=Q(obligation__isnull=False, shared=None)
                | Q(obligation=None, shared__isnull=False),
            )
        ]
        indexes = [
            models.Index(name="obligation_step_by_time", fields=["at"]),
            models.Index(
                name="obligation_step_shared",
                fields=["shared"],
                condition=Q(shared__isnull=False),
            ),
        ]


class Resting(models.Model):
    """A trigger that has fired on an account, and opens nothing until it was over.

    `is_old`: it never opened anything, for it was there before going live or came by new rules.
    """

    customer = models.ForeignKey(Customer, models.PROTECT)
    sort = models.CharField(max_length=20)
    entry = models.ForeignKey(Entry, models.PROTECT, null=True, db_index=False)
    is_old = models.BooleanField()

    class Meta:
        db_table = "resting_trigger"
        constraints = [
            models.UniqueConstraint(
                name="resting_once", fields=["customer", "sort"], condition=Q(entry=None)
            ),
            models.UniqueConstraint(name="resting_entry_once", fields=["customer", "entry"]),
        ]
