"""Runs of imports: a file on its way into the ledger, and what became of it.

Reference: `ImportRun`. The file itself lies in the data folder and is deleted after its time.
"""

from django.conf import settings
from django.db import models

from vertrauenskonto.db.models.sources import Source


class ImportRun(models.Model):
    """One upload or one scheduled reading, with its counts."""

    # made with the form: the same key again is the same upload
    key = models.CharField(max_length=40, unique=True)
    source = models.ForeignKey(Source, models.SET_NULL, null=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    # the system that the mapping names; entries are booked under it
    system = models.CharField(max_length=80, blank=True)
    # names as they were given, and a hash of the contents
    files = models.JSONField()
    file_hash = models.CharField(max_length=64)
    size = models.BigIntegerField()
    is_kept = models.BooleanField(default=True)
    mapping = models.CharField(max_length=80, blank=True)
    mapping_text = models.TextField(blank=True)
    # uploaded, checking, checked, booking, booked, stopped, failed or discarded
    state = models.CharField(max_length=20, default="uploaded")
    # read, book, compare or ledger, and the share done of it
    stage = models.CharField(max_length=20, blank=True)
    share = models.FloatField(default=0.0)
    attempts = models.IntegerField(default=0)
    counts = models.JSONField(default=dict)
    # why it failed, in both languages; {}: it did not
    error = models.JSONField(default=dict)
    newest_date = models.DateField(null=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "import_run"
        indexes = [
            models.Index(name="import_run_by_system", fields=["system", "id"]),
            models.Index(name="import_run_by_hash", fields=["file_hash"]),
            models.Index(name="import_run_kept", fields=["is_kept", "created_at"]),
        ]
