"""What this installation uses and how it is set up, as people chose it in the program.

Reference: `Module`, `Choice`. Settings that must be known before the database is open are read from
the environment instead (`site/settings.py`).
"""

from django.db import models


class Module(models.Model):
    """That a part of the program was switched on or off; without a row its default counts."""

    name = models.CharField(max_length=40, primary_key=True)
    is_on = models.BooleanField()
    # Who switched it last, by key, and when.
    actor = models.CharField(max_length=80, blank=True)
    switched_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "module"


class Choice(models.Model):
    """One answer about the company, by name: the day of going live, duties a day, and the like."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "choice"
