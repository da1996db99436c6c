"""People who work with the accounts: members of staff, their teams, and what two must agree on.

Reference: `Team`, `Person`, `Proposal`. Fact: `Contest`.
"""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from vertrauenskonto.db.models.facts import Fact
from vertrauenskonto.db.models.ledger import Entry


class Team(models.Model):
    """A group of people with a common queue."""

    name = models.CharField(max_length=80, unique=True)

    class Meta:
        db_table = "team"


class Person(AbstractBaseUser):
    """A member of staff who can sign in, named in facts by an opaque key only."""

    key = models.CharField(max_length=40, unique=True)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    # administrator, lead, contact, analyst or auditor
    role = models.CharField(max_length=20)
    team = models.ForeignKey(Team, models.SET_NULL, null=True)
    language = models.CharField(max_length=2, default="de")
    is_active = models.BooleanField(default=True)

    objects = BaseUserManager()

    USERNAME_FIELD = "email"

    class Meta:
        db_table = "person"


class Proposal(models.Model):
    """An entry that one person proposed and another must confirm (a breach of honesty)."""

    proposed_at = models.DateTimeField()
    proposer = models.ForeignKey(Person, models.PROTECT, related_name="+")
    draft = models.JSONField()
    # open, confirmed or declined
    state = models.CharField(max_length=20, default="open")
    decided_at = models.DateTimeField(null=True)
    decider = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "proposal"


class Contest(Fact):
    """What the person concerned says of an entry about her, and what came of it."""

    entry = models.ForeignKey(Entry, models.PROTECT)
    # comment, contested, upheld or withdrawn; the latest counts
    state = models.CharField(max_length=20)
    recorded_date = models.DateField()
    note_commitment = models.BinaryField(max_length=32, null=True)

    class Meta:
        db_table = "contest"
