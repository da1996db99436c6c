"""Tokens: what programs show at the API instead of a password.

Reference: `Token`.
"""

from django.db import models

from vertrauenskonto.db.models.people import Person


class Token(models.Model):
    """A secret with scopes and an end; only its hash is kept."""

    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.BinaryField(max_length=32)
    scopes = models.JSONField()
    # For whom it reads: her role and customers bound what the token may see.
    person = models.ForeignKey(Person, models.PROTECT)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_date = models.DateField(null=True)

    class Meta:
        db_table = "token"
