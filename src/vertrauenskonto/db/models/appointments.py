"""Slots: other times that a customer may choose for an appointment.

Reference: `Slot`. The appointment itself is a promise of this sort (`promises.py`).
"""

from django.db import models

from vertrauenskonto.db.models.promises import Promise


class Slot(models.Model):
    """A time that we offer instead of the agreed one; gone once one of them is taken."""

    promise = models.ForeignKey(Promise, models.CASCADE)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        db_table = "appointment_slot"
        constraints = [
            models.UniqueConstraint(name="appointment_slot_once", fields=["promise", "starts_at"]),
        ]
