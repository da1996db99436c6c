"""Long work: what somebody asked for that takes too long to wait for, and what came of it.

Reference, deleted after its time: `LongWork`.
"""

from django.db import models

from vertrauenskonto.db.models.people import Person


class LongWork(models.Model):
    """One piece of work that runs in the background, for whoever asked for it."""

    # verify or export
    name = models.CharField(max_length=20)
    asker = models.ForeignKey(Person, models.PROTECT)
    asked_at = models.DateTimeField()
    # what was chosen for it, in words of the program
    options = models.JSONField(default=dict)
    # waiting, working, done, failed or cancelled
    state = models.CharField(max_length=20, default="waiting")
    # the share done, 0..1
    share = models.FloatField(default=0.0)
    # counts and findings; never a name
    result = models.JSONField(default=dict)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "long_work"
        indexes = [models.Index(name="long_work_newest", fields=["name", "id"])]
