"""Customers: the holder of an account by opaque key, and beside it everything that names a person.

Facts: `Customer`, `Membership`, `Attribute`, `Alias`, `Parent`. They hold no name, address or free
text.
Reference, erasable: `Profile`, `Contact`, `ExternalId`, `MatchKey`, `Unmatched`.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from vertrauenskonto.db.models.facts import Fact


class Customer(Fact):
    """The holder of one trust account, by an opaque key and nothing that names the person."""

    key = models.CharField(max_length=40, unique=True)

    class Meta:
        db_table = "customer"


class Membership(Fact):
    """From which day on a customer was put into a segment by hand; the latest counts."""

    customer = models.ForeignKey(Customer, models.PROTECT)
    segment = models.CharField(max_length=80, blank=True)
    recorded_date = models.DateField()

    class Meta:
        db_table = "membership"
        indexes = [models.Index(name="membership_latest", fields=["customer", "id"])]


class Attribute(Fact):
    """What a column that rules of segments may read says of a customer; the latest counts."""

    customer = models.ForeignKey(Customer, models.PROTECT)
    name = models.CharField(max_length=80)
    value = models.CharField(max_length=200, blank=True)
    recorded_date = models.DateField()

    class Meta:
        db_table = "attribute"
        indexes = [models.Index(name="attribute_latest", fields=["customer", "name", "id"])]


class Alias(Fact):
    """That a customer is the same as another, from the day of recording on; the latest counts.

    `into` NULL takes an earlier merge back. Chains are not written: `into` is never an alias itself.
    """

    customer = models.ForeignKey(Customer, models.PROTECT)
    into = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="+")
    recorded_date = models.DateField()

    class Meta:
        db_table = "alias"
        constraints = [
            models.CheckConstraint(
                name="alias_of_another", condition=Q(into=None) | ~Q(into=models.F("customer"))
            )
        ]
        indexes = [models.Index(name="alias_latest", fields=["customer", "id"])]


class Parent(Fact):
    """Which organisation a customer belongs to as a subsidiary; the latest counts, NULL: none."""

    customer = models.ForeignKey(Customer, models.PROTECT)
    parent = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="+")
    recorded_date = models.DateField()

    class Meta:
        db_table = "parent"
        constraints = [
            models.CheckConstraint(
                name="parent_of_another", condition=Q(parent=None) | ~Q(parent=models.F("customer"))
            )
        ]
        indexes = [models.Index(name="parent_latest", fields=["customer", "id"])]


class Profile(models.Model):
    """Who a customer is and who looks after them; erasing the row forgets the name."""

    customer = models.OneToOneField(Customer, models.PROTECT, primary_key=True)
    # person or organisation; a prospect has not bought anything yet
    sort = models.CharField(max_length=20)
    is_prospect = models.BooleanField(default=False)
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=2, default="de")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="owned"
    )
    # a team's queue, where no person owns the customer
    owner_team = models.ForeignKey("Team", models.SET_NULL, null=True, related_name="owned")
    deputies = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="deputised")

    class Meta:
        db_table = "profile"


class Contact(models.Model):
    """A person or place by which a customer is reached."""

    customer = models.ForeignKey(Customer, models.PROTECT)
    name = models.CharField(max_length=200, blank=True)
    function = models.CharField(max_length=80, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    address = models.TextField(blank=True)
    is_main = models.BooleanField(default=False)

    class Meta:
        db_table = "contact"
        indexes = [models.Index(name="contact_by_email", fields=["email"])]


class ExternalId(models.Model):
    """By which id another system knows the customer; one system's id names one customer."""

    customer = models.ForeignKey(Customer, models.PROTECT)
    system = models.CharField(max_length=80)
    value = models.CharField(max_length=200)

    class Meta:
        db_table = "external_id"
        constraints = [
            models.UniqueConstraint(name="external_id_names_one", fields=["system", "value"])
        ]


class MatchKey(models.Model):
    """A way by which incoming records find their customer, and whether a hit is certain."""

    name = models.CharField(max_length=40, primary_key=True)
    is_certain = models.BooleanField()

    class Meta:
        db_table = "match_key"


class Unmatched(models.Model):
    """An incoming record that may belong to several customers; it waits for a person."""

    source = models.CharField(max_length=80)
    source_id = models.CharField(max_length=200)
    received_at = models.DateTimeField()
    record = models.JSONField()
    candidates = models.JSONField()

    class Meta:
        db_table = "unmatched"
        constraints = [
            models.UniqueConstraint(name="unmatched_once", fields=["source", "source_id"])
        ]
