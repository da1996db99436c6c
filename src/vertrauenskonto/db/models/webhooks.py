"""Webhooks out: where messages go, and what became of each delivery.

Reference: `Endpoint`, `Delivery`. A delivery holds keys only; names are looked up when it is sent.
"""

from django.db import models


class Endpoint(models.Model):
    """An address of another system that is told what happens; the secret signs the messages."""

    url = models.CharField(max_length=500)
    secret = models.CharField(max_length=100)
    # For a while after a rotation messages carry signatures by both secrets.
    previous_secret = models.CharField(max_length=100, blank=True)
    previous_until_at = models.DateTimeField(null=True)
    events = models.JSONField()
    with_names = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    # Since when nothing has arrived; NULL: all is well.
    failing_since_at = models.DateTimeField(null=True)
    # An address that just failed is left alone for a while, so that others need not wait for it.
    resting_until_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "webhook_endpoint"


class Delivery(models.Model):
    """One message to one endpoint, with every attempt."""

    endpoint = models.ForeignKey(Endpoint, models.CASCADE)
    key = models.CharField(max_length=60)
    type = models.CharField(max_length=40)
    body = models.JSONField()
    created_at = models.DateTimeField()
    # waiting, delivered, given_up or withdrawn (nothing was left that may be told)
    state = models.CharField(max_length=20, default="waiting")
    attempts = models.JSONField(default=list)

    class Meta:
        db_table = "webhook_delivery"
        constraints = [
            models.UniqueConstraint(name="delivery_once", fields=["endpoint", "key"]),
        ]
        indexes = [models.Index(name="delivery_by_state", fields=["state", "created_at"])]
