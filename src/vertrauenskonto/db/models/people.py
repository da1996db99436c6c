"""People who work with the accounts: members of staff, their teams, and what two must agree on.

Reference: `Team`, `Person`, `SignInLink`, `Proposal`. Facts: `RoleGiven`, `Contest`.
"""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from vertrauenskonto.db.models.customers import Customer
from vertrauenskonto.db.models.facts import Fact
from vertrauenskonto.db.models.ledger import Entry

# The first administrator gives her own address when she opens her link; till then it ends so.
NOBODYS_DOMAIN = "first-start.invalid"


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
    # Nobody else sees a view of her before she looked at it herself.
    has_seen_own_view = models.BooleanField(default=False)

    objects = BaseUserManager()

    USERNAME_FIELD = "email"

    class Meta:
        db_table = "person"


class RoleGiven(Fact):
    """That a person has a role from a day on, or, with none, no access; the latest counts."""

    # The key of a person: facts outlive accounts.
    person = models.CharField(max_length=40)
    role = models.CharField(max_length=20, blank=True)
    recorded_date = models.DateField()

    class Meta:
        db_table = "role_given"


class SignInLink(models.Model):
    """An address that works once; only a hash of it is kept.

    It lets a person set her password, or, where `signs_in`, lets her in without one.
    """

    secret_hash = models.BinaryField(max_length=32, unique=True)
    person = models.ForeignKey(Person, models.CASCADE)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    signs_in = models.BooleanField(default=False)

    class Meta:
        db_table = "sign_in_link"


class Proposal(models.Model):
    """An entry that one person proposed and another must confirm (a breach of honesty)."""

    proposed_at = models.DateTimeField()
    # The key of a person, or `system` for imports from files.
    proposer = models.CharField(max_length=80)
    channel = models.CharField(max_length=20)
    customer = models.ForeignKey(Customer, models.PROTECT)
    source = models.CharField(max_length=80)
    source_id = models.CharField(max_length=200)
    draft = models.JSONField()
    # open, confirmed or declined
    state = models.CharField(max_length=20, default="open")
    decided_at = models.DateTimeField(null=True)
    decider = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "proposal"
        constraints = [
            models.UniqueConstraint(
                name="proposal_open_once",
                fields=["source", "source_id"],
                condition=models.Q(state="open"),
            )
        ]
        indexes = [models.Index(name="proposal_by_state", fields=["state", "id"])]


class Contest(Fact):
    """What the person concerned says of an entry about her, and what came of it."""

    entry = models.ForeignKey(Entry, models.PROTECT)
    # comment, contested, upheld or withdrawn; the latest counts
    state = models.CharField(max_length=20)
    recorded_date = models.DateField()
    note_commitment = models.BinaryField(max_length=32, null=True)

    class Meta:
        db_table = "contest"
