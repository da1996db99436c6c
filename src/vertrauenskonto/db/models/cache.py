"""What all processes of the server remember for a short while: who guessed how often.

Reference, deleted after its time: `Remembered`, in the columns that Django's cache of the database
expects; only that cache writes here. As a model the table comes with the others, so that the first
start needs no step of its own.
"""

from django.db import models


class Remembered(models.Model):
    """One value with an end."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "remembered"
