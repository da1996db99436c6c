"""Calendar feeds: addresses nobody can guess, which can be revoked.

Reference: `Feed`.
"""

from django.db import models

from vertrauenskonto.db.models.people import Person


class Feed(models.Model):
    """A feed of one person's dates; only a hash of the address is kept."""

    secret_hash = models.BinaryField(max_length=32, unique=True)
    person = models.ForeignKey(Person, models.PROTECT)
    with_names = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "feed"
