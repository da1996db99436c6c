"""Recovery: the case of a failure, and what was done and said to repair it, in order.

Reference: `Case`, `CaseStep`. Where a case stands follows from its steps (`core/recovery`); what
stands in the row of the case is there for lists. Its deposits and withdrawals are in the ledger.
"""

from django.db import models
from django.db.models import Q

from vertrauenskonto.db.models.customers import Customer
from vertrauenskonto.db.models.ledger import Entry
from vertrauenskonto.db.models.obligations import Obligation


class Case(models.Model):
    """A failure towards one customer that is being repaired, by a case or by the light path."""

    key = models.CharField(max_length=40, unique=True)
    customer = models.ForeignKey(Customer, models.PROTECT)
    # case or light
    path = models.CharField(max_length=20)
    # hand, obligation, rule or escalated
    origin = models.CharField(max_length=20)
    # what failed; none: nothing was booked for it, and so nothing is deposited
    entry = models.ForeignKey(Entry, models.PROTECT, null=True)
    obligation = models.ForeignKey(Obligation, models.SET_NULL, null=True)
    incident_date = models.DateField()
    # what happened, in the words of whoever opened it
    incident = models.CharField(max_length=1000, blank=True)
    opened_at = models.DateTimeField()
    opened_date = models.DateField()
    # the key of a person or `system`
    opened_by = models.CharField(max_length=80)
    # of the form it came from, so that it is opened once
    number = models.CharField(max_length=40, unique=True)
    # as `core.recovery.case.State`
    state = models.CharField(max_length=20)
    closed_date = models.DateField(null=True)
    # the step that is due first, `decision` where somebody must decide; none: nothing is due
    next_step = models.CharField(max_length=20, blank=True)
    due_date = models.DateField(null=True)

    class Meta:
        db_table = "recovery_case"
        constraints = [
            models.UniqueConstraint(
                name="recovery_case_one_open",
                fields=["entry"],
                condition=Q(closed_date=None, entry__isnull=False),
            )
        ]
        indexes = [
            models.Index(
                name="recovery_case_by_day",
                fields=["due_date", "id"],
                condition=Q(closed_date=None),
            ),
            models.Index(
                name="recovery_case_closed",
                fields=["closed_date"],
                condition=Q(closed_date__isnull=False),
            ),
        ]


class CaseStep(models.Model):
    """One thing recorded in a case: a step done, or a decision; nothing of it is changed later."""

    case = models.ForeignKey(Case, models.CASCADE)
    # when it happened, which may be before it was written down
    on_date = models.DateField()
    written_at = models.DateTimeField()
    # who wrote it, and who did it: keys of people
    actor = models.CharField(max_length=80)
    person = models.CharField(max_length=80)
    # as `core.recovery.facts.Act`
    what = models.CharField(max_length=20)
    channel = models.CharField(max_length=20, blank=True)
    # which advised step was left out
    skipped = models.CharField(max_length=20, blank=True)
    # answers to the questions of the step, by name
    words = models.JSONField(default=dict)
    # willing, able or both
    breach = models.CharField(max_length=20, blank=True)
    # until when an offer holds
    until_date = models.DateField(null=True)
    # of an evaluation: points, three answers of 1 to 7 or none, another incident within 12 months
    balance = models.FloatField(null=True)
    threshold = models.FloatField(null=True)
    survey = models.JSONField(null=True)
    is_repeated = models.BooleanField(default=False)
    # of the form it came from, so that it is recorded once
    number = models.CharField(max_length=40, unique=True)

    class Meta:
        db_table = "recovery_step"
        indexes = [models.Index(name="recovery_step_of", fields=["case", "id"])]
