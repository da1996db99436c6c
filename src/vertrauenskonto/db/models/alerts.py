"""Alerts: who wants to be told when, what was told already, and the chat systems that are told.

Reference: `AlertChoice`, `AlertTarget`. Projection: `AlertSent`, which keeps anybody from being told
twice. Nothing here holds a customer: what there is to tell is looked up when it is told.
"""

from django.conf import settings
from django.db import models


class AlertChoice(models.Model):
    """How a member of staff wants to be told; without a row the defaults of the columns count."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True)
    # daily, weekly or off
    rhythm = models.CharField(max_length=10, default="daily")
    hour = models.IntegerField(default=8)
    quiet_from = models.IntegerField(default=20)
    quiet_to = models.IntegerField(default=7)
    # the days on which she may be told, Monday is 1: "12345"
    days = models.CharField(max_length=7, default="12345")
    with_names = models.BooleanField(default=False)
    weekly_reasons = models.BooleanField(default=False)
    # What happened before is read; NULL: nothing is.
    read_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "alert_choice"


class AlertSent(models.Model):
    """That a mail of a day is being sent or was sent; whoever writes the row sends it."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    # digest or reasons
    sort = models.CharField(max_length=20)
    day = models.DateField()
    # claimed (nothing left the house yet), sending, sent, or nothing (there was nothing to say)
    state = models.CharField(max_length=10, default="claimed")
    claimed_at = models.DateTimeField()

    class Meta:
        db_table = "alert_sent"
        constraints = [models.UniqueConstraint(name="alert_once", fields=["person", "sort", "day"])]


class AlertTarget(models.Model):
    """A chat system that is told of duties; its address holds secrets and is kept enciphered."""

    name = models.CharField(max_length=80)
    address = models.TextField()
    # the address as it may be shown
    masked = models.CharField(max_length=200)
    language = models.CharField(max_length=2, default="de")
    # opened, overdue, escalated
    tells = models.JSONField()
    with_names = models.BooleanField(default=False)
    quiet_from = models.IntegerField(default=20)
    quiet_to = models.IntegerField(default=7)
    days = models.CharField(max_length=7, default="12345")
    is_active = models.BooleanField(default=True)
    # Up to when everything was told, and when the last attempt was.
    told_until_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    # What became of the last attempt: a word of `notify.chat`, or empty if it arrived.
    error = models.CharField(max_length=20, blank=True)
    failing_since_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "alert_target"
