"""Promises and appointments: who told whom what, until when, and all that was said and done about it.

Reference: `Incident`, `Series`, `Promise`, `PromiseStep`. What a promise ended as is in the ledger;
here is what people work with until then.
"""

from django.db import models
from django.db.models import Q

from vertrauenskonto.db.models.customers import Customer
from vertrauenskonto.db.models.people import Person, Team


class Incident(models.Model):
    """One cause that hits many promises: a strike, a recall, an outage."""

    name = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    # the key of a person
    opened_by = models.CharField(max_length=80)
    # What customers are told, without name and date, and by when instead; one approved text.
    subject = models.CharField(max_length=200, blank=True)
    text = models.CharField(max_length=4000, blank=True)
    # The same for customers who read English; "": they are called.
    subject_en = models.CharField(max_length=200, blank=True)
    text_en = models.CharField(max_length=4000, blank=True)
    # by how many working days every date moves
    delay_days = models.SmallIntegerField(default=0)
    # of the form, so that it is opened once
    number = models.CharField(max_length=40, unique=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=80, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "incident"


class Series(models.Model):
    """A promise that comes again: every Monday, a report every month."""

    customer = models.ForeignKey(Customer, models.PROTECT)
    wording = models.CharField(max_length=500)
    capability = models.CharField(max_length=80, blank=True)
    # call, visit, mail, letter, chat, offer or other
    said_in = models.CharField(max_length=20)
    # when it was agreed
    made_at = models.DateTimeField()
    # by hand: the number of the form, so that it is begun once
    number = models.CharField(max_length=40, unique=True)
    giver = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    team = models.ForeignKey(Team, models.SET_NULL, null=True, related_name="+")
    # weekly, monthly or yearly, every so many of them, on the weekday or day of `first_date`
    rhythm = models.CharField(max_length=20)
    every = models.SmallIntegerField(default=1)
    first_date = models.DateField()
    last_date = models.DateField(null=True)
    # the day of the newest promise made from it
    made_until_date = models.DateField(null=True)
    ended_date = models.DateField(null=True)

    class Meta:
        db_table = "promise_series"


class Promise(models.Model):
    """What somebody told a customer, or a colleague, that we would do, and how it stands."""

    key = models.CharField(max_length=40, unique=True)
    # promise or appointment
    sort = models.CharField(max_length=20)
    # none: a promise among colleagues; it is never booked
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, db_index=False)
    colleague = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    wording = models.CharField(max_length=500)
    # what it takes to keep it: a callback, a delivery, a repair
    capability = models.CharField(max_length=80, blank=True)
    # call, visit, mail, letter, chat, offer or other
    said_in = models.CharField(max_length=20)
    # a ticket, a mail, a page: where it can be read again
    evidence = models.CharField(max_length=500, blank=True)
    depends_on = models.CharField(max_length=500, blank=True)
    # whom exactly we told, where an organisation is the customer
    told_whom = models.CharField(max_length=200, blank=True)
    is_first_contact = models.BooleanField(default=False)
    # given before the order: what won the customer
    is_before_order = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    # where the customer is: the day of an event for them
    zone = models.CharField(max_length=40)
    due_at = models.DateTimeField()
    # none: an instant was promised, not a day
    due_date = models.DateField(null=True)
    # who gave it and tells the customer; who must do it and can still save it
    giver = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    keeper = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    team = models.ForeignKey(Team, models.SET_NULL, null=True, related_name="+")
    # open, at_risk, overdue or an outcome (`core/promises.py`)
    state = models.CharField(max_length=20)
    is_at_risk = models.BooleanField(default=False)
    told_at = models.DateTimeField(null=True)
    renegotiated = models.SmallIntegerField(default=0)
    # working minutes between the customer knowing and the last date that failed or was replaced
    notice_minutes = models.IntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    # when the clock has something to do next: to warn, to say it is overdue, to end it
    next_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    incident = models.ForeignKey(Incident, models.SET_NULL, null=True)
    series = models.ForeignKey(Series, models.SET_NULL, null=True)
    # where it came from, and its name there; by hand: `web` and a number of the form
    source = models.CharField(max_length=80)
    source_id = models.CharField(max_length=200)
    # appointments: where, until when, how long the way takes
    place = models.CharField(max_length=300, blank=True)
    ends_at = models.DateTimeField(null=True)
    travel_minutes = models.SmallIntegerField(null=True)
    late_minutes = models.SmallIntegerField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    # of the link by which the customer confirms or picks another slot
    link_hash = models.BinaryField(max_length=32, null=True, unique=True)

    class Meta:
        db_table = "promise"
        constraints = [
            models.UniqueConstraint(name="promise_once_per_source", fields=["source", "source_id"]),
            models.CheckConstraint(
                name="promise_to_somebody",
                condition=Q(customer=None) | Q(colleague=None),
            ),
        ]
        indexes = [
            models.Index(name="promise_of_customer", fields=["customer", "due_at"]),
            models.Index(
                name="promise_by_clock", fields=["next_at"], condition=Q(next_at__isnull=False)
            ),
            models.Index(name="promise_open", fields=["due_at", "id"], condition=Q(ended_at=None)),
            models.Index(
                name="promise_ended", fields=["ended_at"], condition=Q(ended_at__isnull=False)
            ),
        ]


class PromiseStep(models.Model):
    """What was said or done about a promise, by whom, in order; nothing of it is changed later."""

    promise = models.ForeignKey(Promise, models.CASCADE)
    # when it happened, which may be long before it was written down
    at = models.DateTimeField()
    written_at = models.DateTimeField()
    # the key of a person, `system`, or `customer` through a link
    actor = models.CharField(max_length=80)
    # made, at_risk, safe_again, told, renegotiated, moved, done, given_up, withdrawn, absent,
    # corrected, warned, overdue, passed_on, invited, offered, confirmed or call_asked
    what = models.CharField(max_length=20)
    due_at = models.DateTimeField(null=True)
    due_date = models.DateField(null=True)
    late_minutes = models.SmallIntegerField(null=True)
    # how the customer was told: call, visit, mail, letter, chat or other
    channel = models.CharField(max_length=20, blank=True)
    # the key of the person it was passed on to
    person = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    # the entry it was booked as
    entry_source_id = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "promise_step"
        indexes = [
            models.Index(name="promise_step_of", fields=["promise", "id"]),
            # what people are told of
            models.Index(
                name="promise_step_told",
                fields=["at"],
                condition=Q(what__in=("warned", "overdue", "passed_on")),
            ),
        ]
