"""Saved views: lists of customers that somebody comes back to, by name.

Reference: `SavedView`. It keeps filters and order, never a text that was searched for: that names
customers.
"""

from django.db import models

from vertrauenskonto.db.models.people import Person


class SavedView(models.Model):
    """One list under a name; one that is shared is there for everybody, each with their own rows."""

    owner = models.ForeignKey(Person, models.CASCADE)
    name = models.CharField(max_length=80)
    # names of filters and their values, as in an address of the page
    filters = models.JSONField()
    is_shared = models.BooleanField(default=False)

    class Meta:
        db_table = "saved_view"
        constraints = [
            models.UniqueConstraint(name="saved_view_named_once", fields=["owner", "name"])
        ]
