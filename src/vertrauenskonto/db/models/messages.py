"""Messages to customers: that a promise will fail or gets a new date, and how they were told.

Reference, erasable: `CustomerMessage`, `MessagePromise`. What a message did to the promise is a step
of the promise.
"""

from django.db import models
from django.db.models import Q

from vertrauenskonto.db.models.customers import Customer
from vertrauenskonto.db.models.promises import Incident, Promise


class CustomerMessage(models.Model):
    """What one customer is told in one message; whoever claims the row sends it."""

    customer = models.ForeignKey(Customer, models.PROTECT)
    # None: about one promise, by hand. One cause tells each customer once.
    incident = models.ForeignKey(Incident, models.CASCADE, null=True)
    # call, visit, letter or email (`core/consent.py`); in an incident email until it is tried
    channel = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=2, default="de")
    address = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    text = models.CharField(max_length=8000, blank=True)
    # on which it went out: a word of `core/consent.py`
    ground = models.CharField(max_length=20, blank=True)
    drafted_at = models.DateTimeField()
    # keys of people
    drafter = models.CharField(max_length=80)
    approved_at = models.DateTimeField(null=True)
    approver = models.CharField(max_length=80, blank=True)
    # draft, waiting (to be sent), claimed, sending, sent, told (by call, visit or letter), to_call,
    # unclear (it stopped while it left) or dropped
    state = models.CharField(max_length=10, default="draft")
    # why somebody has to call: no_ground, no_address, refused, unclear, no_text or not_valued
    reason = models.CharField(max_length=20, blank=True)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    # the Message-ID of the mail
    mail_id = models.CharField(max_length=120, blank=True)
    # of the form it was drafted in, so that it is drafted once
    number = models.CharField(max_length=40, unique=True)

    class Meta:
        db_table = "customer_message"
        constraints = [
            models.UniqueConstraint(
                name="message_once_per_incident",
                fields=["incident", "customer"],
                condition=Q(incident__isnull=False),
            )
        ]
        indexes = [
            models.Index(name="message_of_customer", fields=["customer", "id"]),
            models.Index(
                name="message_to_send",
                fields=["state", "id"],
                condition=Q(state__in=("waiting", "claimed", "sending")),
            ),
        ]


class MessagePromise(models.Model):
    """A promise that a message is about, and the new date it names."""

    message = models.ForeignKey(CustomerMessage, models.CASCADE, related_name="about")
    promise = models.ForeignKey(Promise, models.CASCADE)
    # None: no new date is named
    due_at = models.DateTimeField(null=True)
    due_date = models.DateField(null=True)

    class Meta:
        db_table = "message_promise"
        constraints = [
            models.UniqueConstraint(name="message_promise_once", fields=["message", "promise"])
        ]
