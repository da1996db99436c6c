"""Drafts of the policy: each saving kept, and what the last twelve months would have been.

Reference: `PolicyDraft`, `DraftRevision`. Projection: `PolicyReplay`, `ReplayedAccount`. What is in
force is a fact (`PolicyVersion`).
"""

from django.db import models

from vertrauenskonto.db.models.customers import Customer


class PolicyDraft(models.Model):
    """A policy being written; `revision` counts its savings."""

    name = models.CharField(max_length=80)
    # The version, or the shipped policy, that it was begun from.
    begun_from = models.CharField(max_length=100)
    author = models.CharField(max_length=80)
    begun_at = models.DateTimeField()
    revision = models.IntegerField(default=1)
    # The number of the version that it became; NULL: it still is a draft.
    became = models.IntegerField(null=True)
    # Why it came into force without a replay: the first policy, before anything was booked.
    without_replay = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "policy_draft"


class DraftRevision(models.Model):
    """A draft as it was saved once: the complete text of a policy file."""

    draft = models.ForeignKey(PolicyDraft, models.CASCADE, related_name="revisions")
    revision = models.IntegerField()
    document = models.TextField()
    editor = models.CharField(max_length=80)
    saved_at = models.DateTimeField()

    class Meta:
        db_table = "policy_draft_revision"
        constraints = [
            models.UniqueConstraint(name="draft_revision_once", fields=["draft", "revision"])
        ]


class PolicyReplay(models.Model):
    """The last replay of a draft: of which revision, against which version, and what came of it."""

    draft = models.OneToOneField(PolicyDraft, models.CASCADE, primary_key=True)
    revision = models.IntegerField()
    # The version compared with, as name/number.
    compared = models.CharField(max_length=100)
    # waiting, running, done, failed or cancelled
    state = models.CharField(max_length=20, default="waiting")
    # Whoever holds it may write; a worker taken for dead, and alive after all, no longer does.
    run = models.CharField(max_length=40, blank=True)
    share = models.FloatField(default=0.0)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    first_date = models.DateField(null=True)
    last_date = models.DateField(null=True)
    # Counts only: accounts in each band, duties on each day.
    result = models.JSONField(default=dict)

    class Meta:
        db_table = "policy_replay"


class ReplayedAccount(models.Model):
    """An account that a draft puts into another band or gives another verdict.

    `scene`: `first_day`, with the points that are booked, or `year`, had it held all the time.
    """

    replay = models.ForeignKey(PolicyReplay, models.CASCADE, db_index=False)
    customer = models.ForeignKey(Customer, models.CASCADE)
    scene = models.CharField(max_length=20)
    before = models.FloatField()
    after = models.FloatField()
    change = models.FloatField()
    band_before = models.CharField(max_length=20)
    band_after = models.CharField(max_length=20)
    verdict_before = models.CharField(max_length=20)
    verdict_after = models.CharField(max_length=20)

    class Meta:
        db_table = "replayed_account"
        constraints = [
            models.UniqueConstraint(
                name="replayed_account_once", fields=["replay", "scene", "customer"]
            )
        ]
        indexes = [
            models.Index(
                name="replayed_account_by_change", fields=["replay", "scene", "change", "id"]
            )
        ]
