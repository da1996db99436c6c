"""Webhooks out: where messages go, and what became of each delivery.

Reference: `Endpoint`, `Delivery`.
"""

from django.db import models


class Endpoint(models.Model):
    """An address of another system that is told what happens; the secret signs the messages."""

    url = models.CharField(max_length=500)
    secret = models.CharField(max_length=100)
    events = models.JSONField()
    with_names = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "webhook_endpoint"


class Delivery(models.Model):
    """One message to one endpoint, with every attempt."""

    endpoint = models.ForeignKey(Endpoint, models.CASCADE)
    key = models.CharField(max_length=60)
    body = models.JSONField()
    created_at = models.DateTimeField()
    # waiting, delivered or given_up
    state = models.CharField(max_length=20, default="waiting")
    attempts = models.JSONField(default=list)

    class Meta:
        db_table = "webhook_delivery"
        constraints = [
            models.UniqueConstraint(name="delivery_once", fields=["endpoint", "key"]),
        ]
