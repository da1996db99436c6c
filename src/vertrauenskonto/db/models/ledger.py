"""The ledger: entries, suspensions and policy versions, and what accounts are worth.

Facts: `Entry`, `Suspension`, `PolicyVersion`.
Projection: `Balance`, droppable and rebuilt from the facts.
"""

from django.db import models
from django.db.models import F, Q

from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.db.models.customers import Customer
from vertrauenskonto.db.models.facts import Fact

# Points are stored as whole hundredths: two decimals exactly, whatever the database adds up.
HUNDREDTHS = 100
HUNDREDTHS_MAX = 1000 * HUNDREDTHS


class Entry(Fact):
    """One entry with its postings, one column per dimension, in hundredths of a point."""

    # Found by `entry_of_customer`; what few entries have, by indexes of those few.
    customer = models.ForeignKey(Customer, models.PROTECT, db_index=False)
    source = models.CharField(max_length=80)
    source_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=80, blank=True)
    value_date = models.DateField()
    recorded_date = models.DateField()
    happened_at = models.DateTimeField(null=True)
    target = models.CharField(max_length=80)
    contact = models.BooleanField()
    willing = models.IntegerField()
    able = models.IntegerField()
    assessable = models.IntegerField()
    policy = models.CharField(max_length=100)
    promise = models.CharField(max_length=200, blank=True)
    remark = models.CharField(max_length=40, blank=True)
    reverses = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=40, blank=True)
    compensates = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", db_index=False
    )
    note_commitment = models.BinaryField(max_length=32, null=True)

    class Meta:
        db_table = "entry"
        constraints = [
            models.UniqueConstraint(name="entry_once_per_source", fields=["source", "source_id"]),
            models.CheckConstraint(
                name="entry_points_within_limits",
                condition=Q(willing__range=(-HUNDREDTHS_MAX, HUNDREDTHS_MAX))
                & Q(able__range=(-HUNDREDTHS_MAX, HUNDREDTHS_MAX))
                & Q(assessable__range=(-HUNDREDTHS_MAX, HUNDREDTHS_MAX)),
            ),
            models.CheckConstraint(
                name="entry_reversal_has_reason_and_no_points",
                condition=Q(reverses=None)
                | Q(willing=0, able=0, assessable=0, contact=False, compensates=None)
                & ~Q(reason=""),
            ),
            models.CheckConstraint(name="entry_has_source_id", condition=~Q(source_id="")),
            models.UniqueConstraint(
                name="entry_reversed_once",
                fields=["reverses"],
                condition=Q(reverses__isnull=False),
            ),
        ]
        indexes = [
            # With what a balance is made of, so that PostgreSQL need not look at the rows.
            models.Index(
                name="entry_of_customer",
                fields=["customer", "value_date"],
                include=["id", "kind", "contact", *DIMENSIONS, "reverses"],
            ),
            # What cost trust, newest last: the page of reasons reads months of it.
            models.Index(
                name="entry_withdrawal",
                fields=["value_date", "id"],
                include=["customer", "kind", "source", *DIMENSIONS],
                condition=Q(reverses=None)
                & (Q(willing__lt=0) | Q(able__lt=0) | Q(assessable__lt=0)),
            ),
            models.Index(
                name="entry_compensated",
                fields=["compensates"],
                condition=Q(compensates__isnull=False),
            ),
        ]


class Suspension(Fact):
    """One version of a time without silence charges, `[starts_date, ends_date)`."""

    customer = models.ForeignKey(Customer, models.PROTECT)
    key = models.CharField(max_length=80)
    starts_date = models.DateField()
    ends_date = models.DateField(null=True)
    recorded_date = models.DateField()
    reason = models.CharField(max_length=40)

    class Meta:
        db_table = "suspension"
        constraints = [
            models.UniqueConstraint(
                name="suspension_one_version_a_day", fields=["customer", "key", "recorded_date"]
            ),
            models.CheckConstraint(
                name="suspension_ends_after_it_starts",
                condition=Q(ends_date=None) | Q(ends_date__gt=F("starts_date")),
            ),
        ]


class PolicyVersion(Fact):
    """One version of the policy, as the TOML document it was put in force with."""

    name = models.CharField(max_length=80)
    version = models.IntegerField()
    valid_from_date = models.DateField()
    document = models.TextField()

    class Meta:
        db_table = "policy_version"
        constraints = [
            models.UniqueConstraint(name="policy_numbered_once", fields=["version"]),
            models.UniqueConstraint(name="policy_one_a_day", fields=["valid_from_date"]),
        ]


class Balance(models.Model):
    """What a customer's account is worth on `as_of_date`, as `core.ledger.balance` says."""

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True)
    as_of_date = models.DateField()
    policy = models.CharField(max_length=100)
    # as customers' data say, whether or not the policy has rules for it
    segment = models.CharField(max_length=80, blank=True, default="")
    balance = models.FloatField()
    silence = models.FloatField()
    silence_charges = models.IntegerField()
    weakest = models.CharField(max_length=20)
    weakest_expected = models.FloatField()
    weakest_reason = models.CharField(max_length=20)
    verdict = models.CharField(max_length=20)
    verdict_willing = models.CharField(max_length=20)
    verdict_able = models.CharField(max_length=20)
    verdict_assessable = models.CharField(max_length=20)
    below_threshold = models.BooleanField()
    last_contact_date = models.DateField(null=True)
    # The first day below the threshold if nothing happens: `as_of_date` if it is below already,
    # NULL: not until `looked_until_date`.
    falls_date = models.DateField(null=True)
    looked_until_date = models.DateField(null=True)
    # The Monday four weeks before, what the account was worth then by today's rules and knowledge,
    # and the difference; NULL where nothing had happened yet.
    earlier_date = models.DateField(null=True)
    earlier_balance = models.FloatField(null=True)
    change = models.FloatField(null=True)

    class Meta:
        db_table = "balance"
        # One for each order of the list. Who is below is few and lies at one end of each order, so
        # that walking an index of all would pass nearly everybody first.
        indexes = [
            models.Index(name="balance_by_worth", fields=["balance", "customer"]),
            models.Index(name="balance_by_change", fields=["change", "customer"]),
            models.Index(name="balance_by_fall", fields=["falls_date", "customer"]),
            models.Index(name="balance_by_weakest", fields=["weakest_expected", "customer"]),
            models.Index(name="balance_by_contact", fields=["last_contact_date", "customer"]),
            *(
                models.Index(
                    name=f"balance_below_by_{name}",
                    fields=[column, "customer"],
                    condition=Q(below_threshold=True),
                )
                for name, column in (
                    ("worth", "balance"),
                    ("change", "change"),
                    ("weakest", "weakest_expected"),
                    ("contact", "last_contact_date"),
                )
            ),
            models.Index(name="balance_in_segment", fields=["segment"], condition=~Q(segment="")),
        ]
