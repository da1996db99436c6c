"""Customers: the holder of an account by opaque key, and beside it everything that names a person.

Facts: `Customer`, `Membership`, `Attribute`, `Alias`, `Parent`. They hold no name, address or free
text.
Reference, erasable: `Profile`, `Contact`, `ExternalId`, `MatchKey`, `Unmatched`.
Projection of names, erased with them: `NameWord`.
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

    `into` NULL takes an earlier merge back. `into` may be merged further later: readers follow to the
    root (`db/aliases.py`), so that taking one merge back changes nothing else.
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
    # the name as it is searched: without case and accents
    search_name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=2, default="de")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="owned"
    )
    # a team's queue, where no person owns the customer
    owner_team = models.ForeignKey("Team", models.SET_NULL, null=True, related_name="owned")
    deputies = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="deputised")

    class Meta:
        db_table = "profile"
        indexes = [
            models.Index(name="profile_by_name", fields=["search_name", "customer"]),
            models.Index(
                name="profile_prospect", fields=["customer"], condition=Q(is_prospect=True)
            ),
        ]


class NameWord(models.Model):
    """A word of a customer's name, or of a contact's, as it is searched by its beginning."""

    customer = models.ForeignKey(Customer, models.PROTECT, db_index=False)
    word = models.CharField(max_length=40)

    class Meta:
        db_table = "name_word"
        constraints = [models.UniqueConstraint(name="name_word_once", fields=["customer", "word"])]
        indexes = [
            # PostgreSQL finds beginnings by an index of bytes only, whatever the language.
            models.Index(
                name="name_word_begins",
                fields=["word", "customer"],
                opclasses=["varchar_pattern_ops", "int8_ops"],
            )
        ]


class Contact(models.Model):
    """A person or place by which a customer is reached."""

    customer = models.ForeignKey(Customer, models.PROTECT)
    name = models.CharField(max_length=200, blank=True)
    function = models.CharField(max_length=80, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    address = models.TextField(blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    is_main = models.BooleanField(default=False)
    # The same as incoming records are compared by (`db/queries/matching.py`), "" if there is none.
    email_key = models.CharField(max_length=254, blank=True)
    phone_key = models.CharField(max_length=40, blank=True)
    name_postcode_key = models.CharField(max_length=250, blank=True)

    class Meta:
        db_table = "contact"
        indexes = [
            models.Index(name="contact_by_email", fields=["email_key"]),
            models.Index(name="contact_by_phone", fields=["phone_key"]),
            models.Index(name="contact_by_name_postcode", fields=["name_postcode_key"]),
        ]


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
        indexes = [models.Index(name="external_id_by_value", fields=["value"])]


class MatchKey(models.Model):
    """A way by which incoming records find their customer, where it differs from the default."""

    # external_id, id:<system>, email, phone or name_postcode; never a name alone
    name = models.CharField(max_length=100, primary_key=True)
    # certain (a hit joins), uncertain (a hit waits for a person) or off
    weight = models.CharField(max_length=20)

    class Meta:
        db_table = "match_key"
        constraints = [
            models.CheckConstraint(
                name="match_key_weight", condition=Q(weight__in=("certain", "uncertain", "off"))
            ),
            models.CheckConstraint(name="match_key_never_name_alone", condition=~Q(name="name")),
        ]


class Unmatched(models.Model):
    """An incoming record that may belong to several customers; it waits for a person.

    Once decided, `customer` says for whom and the rest is emptied: the row stays so that the same
    record finds the same customer again.
    """

    source = models.CharField(max_length=80)
    source_id = models.CharField(max_length=200)
    received_at = models.DateTimeField()
    record = models.JSONField()
    # what waits to be booked once the customer is known, or null
    draft = models.JSONField(null=True)
    # keys of the customers it may belong to, with what spoke for each
    candidates = models.JSONField()
    # a hash of what names the person in the record: those with the same are decided together
    sameness = models.CharField(max_length=64, blank=True, db_index=True)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True)
    decided_at = models.DateTimeField(null=True)
    decider = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "unmatched"
        constraints = [
            models.UniqueConstraint(name="unmatched_once", fields=["source", "source_id"])
        ]
        indexes = [models.Index(name="unmatched_waiting", fields=["customer", "id"])]
