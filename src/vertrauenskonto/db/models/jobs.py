"""Jobs: work that is done later, once, by whoever claims it first.

Reference: `Job`, `Worker`.
"""

from django.db import models


class Job(models.Model):
    """A piece of work with a lease, safe to be claimed twice, late, or by a worker that dies."""

    name = models.CharField(max_length=40)
    # What must exist once only: the same key again is the same job. NULL: may repeat.
    key = models.CharField(max_length=200, null=True, unique=True)  # noqa: DJ001
    arguments = models.JSONField(default=dict)
    due_at = models.DateTimeField()
    lease = models.CharField(max_length=40, blank=True)
    leased_until_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    # Class and place of the last failure; never its message, which may quote personal data.
    error = models.CharField(max_length=200, blank=True)
    # waiting, done or given_up
    state = models.CharField(max_length=20, default="waiting")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "job"
        indexes = [models.Index(name="job_due", fields=["state", "due_at"])]


class Worker(models.Model):
    """A process that does jobs, and when it last said so."""

    key = models.CharField(max_length=40, unique=True)
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "worker"
