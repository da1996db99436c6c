"""Notes and attachments: text and files beside the facts, erasable.

A fact keeps a commitment, SHA-256 over a random nonce and the contents; erasing the row destroys
contents and nonce, and the seal still holds. Fact: `Evidence`. Reference: `Note`, `Attachment`.
"""

from django.db import models

from vertrauenskonto.db.models.facts import Fact
from vertrauenskonto.db.models.ledger import Entry


class Note(models.Model):
    """A free text, found by the commitment that a fact keeps."""

    commitment = models.BinaryField(primary_key=True, max_length=32)
    text = models.TextField()
    nonce = models.BinaryField(max_length=32)

    class Meta:
        db_table = "note"


class Evidence(Fact):
    """That a file was attached to an entry."""

    entry = models.ForeignKey(Entry, models.PROTECT)
    commitment = models.BinaryField(max_length=32, unique=True)

    class Meta:
        db_table = "evidence"


class Attachment(models.Model):
    """A file, found by the commitment that `Evidence` keeps; name and contents are committed to."""

    commitment = models.BinaryField(primary_key=True, max_length=32)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    contents = models.BinaryField()
    nonce = models.BinaryField(max_length=32)

    class Meta:
        db_table = "attachment"
