"""Tokens: what programs show at the API instead of a password, and what they did with it.

Reference: `Token`. Reference, deleted after its time: `Answer`, `Usage`.
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


class Answer(models.Model):
    """What a call with an idempotency key was answered, so that a repeated call is answered so."""

    token = models.ForeignKey(Token, models.CASCADE)
    key = models.CharField(max_length=200)
    # Over method, path and body: the same key for anything else is an error.
    request_hash = models.BinaryField(max_length=32)
    status = models.SmallIntegerField()
    content = models.BinaryField()
    content_type = models.CharField(max_length=80)
    # Of which customers call and answer speak: marks of their keys, so that erasing finds them.
    about = models.BinaryField(default=b"")
    answered_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "token_answer"
        constraints = [models.UniqueConstraint(name="answer_once", fields=["token", "key"])]


class Usage(models.Model):
    """How many calls of the current minute were handed out to the processes that serve a token."""

    token = models.OneToOneField(Token, models.CASCADE, primary_key=True)
    minute = models.BigIntegerField()
    calls = models.IntegerField()

    class Meta:
        db_table = "token_usage"
