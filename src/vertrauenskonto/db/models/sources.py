"""Sources: where entries come from by themselves, and mails that wait.

Reference: `Mapping`, `Source`, `MailDraft`.
"""

from django.db import models

from vertrauenskonto.db.models.customers import Customer


class Mapping(models.Model):
    """A mapping that somebody of this company made, as TOML; the command line reads it as well."""

    name = models.CharField(max_length=80, unique=True)
    text = models.TextField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "mapping"


class Source(models.Model):
    """A place that is read by the clock: a folder, a database, an SFTP server or a mailbox."""

    title = models.CharField(max_length=80)
    # folder, sql, sftp or mailbox
    kind = models.CharField(max_length=20)
    # a shipped mapping or one of `Mapping`; "" for mailboxes
    mapping = models.CharField(max_length=80, blank=True)
    # what the kind needs to know: host, folder, query, … (`db.actions.sources`)
    place = models.JSONField(default=dict)
    # password or private key, enciphered under the installation's secret
    secret = models.TextField(blank=True)
    # either every so many minutes, or once a day at so many minutes past midnight
    every_minutes = models.IntegerField(null=True)
    daily_minute = models.IntegerField(null=True)
    is_on = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    last_at = models.DateTimeField(null=True)
    # the last time that all went well
    good_at = models.DateTimeField(null=True)
    # why the last run failed, in both languages; {}: it did not
    error = models.JSONField(default=dict)
    # up to where a database was read
    cursor = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "source"
        indexes = [models.Index(name="source_due", fields=["is_on", "due_at"])]


class MailDraft(models.Model):
    """A mail that may become an entry; it waits for a person and is emptied once decided."""

    source = models.ForeignKey(Source, models.SET_NULL, null=True)
    # a hash of the message's own id: one mail, one draft
    fingerprint = models.CharField(max_length=64, unique=True)
    received_at = models.DateTimeField()
    sent_date = models.DateField()
    # from, to, subject and text as they are shown, and the names of attachments
    contents = models.JSONField()
    kind = models.CharField(max_length=80, blank=True)
    # keys of the customers it may be about, each with the addresses that speak for it
    candidates = models.JSONField()
    customer = models.ForeignKey(Customer, models.PROTECT, null=True)
    # waiting, booked or discarded
    state = models.CharField(max_length=20, default="waiting")
    reason = models.CharField(max_length=40, blank=True)
    decided_at = models.DateTimeField(null=True)
    decider = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "mail_draft"
        indexes = [models.Index(name="mail_draft_waiting", fields=["state", "id"])]
