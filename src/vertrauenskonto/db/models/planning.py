"""Contacts that somebody planned: until the day, Today leaves the account in peace.

Reference: `PlannedContact`.
"""

from django.db import models

from vertrauenskonto.db.models.customers import Customer


class PlannedContact(models.Model):
    """That somebody will get in touch with a customer on a day; one plan per customer."""

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True)
    planned_date = models.DateField(db_index=True)
    # A contact since then makes the plan good.
    set_date = models.DateField()

    class Meta:
        db_table = "planned_contact"
