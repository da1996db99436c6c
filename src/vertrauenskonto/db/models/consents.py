"""Consent: on which channels a customer may be written to or called for what, with the proof.

Reference: `Consent` (given or objected), `ConsentBasis` (what else a message may rest on). Both go
when the customer is erased.
"""

from django.db import models

from vertrauenskonto.db.models.customers import Customer


class Consent(models.Model):
    """A customer's yes to one channel and purpose, or a no to one channel or to all advertising."""

    customer = models.ForeignKey(Customer, models.PROTECT)
    # given or objected
    sort = models.CharField(max_length=10)
    # a word of `core/consent.py`; an objection without one is to everything but the contract
    channel = models.CharField(max_length=20, blank=True)
    # none for an objection
    purpose = models.CharField(max_length=20, blank=True)
    since_date = models.DateField()
    # where it can be read or heard again: a form, a call, a confirmed mail
    proof = models.CharField(max_length=500, blank=True)
    # the first day on which it no longer holds
    withdrawn_date = models.DateField(null=True)
    written_at = models.DateTimeField()
    # the key of a person
    actor = models.CharField(max_length=80)
    # of the form, so that it is recorded once
    number = models.CharField(max_length=40, unique=True)

    class Meta:
        db_table = "consent"
        indexes = [models.Index(name="consent_of_customer", fields=["customer", "id"])]


class ConsentBasis(models.Model):
    """The four conditions of § 7(3) UWG with the notice, and why a company would want a call."""

    customer = models.OneToOneField(
        Customer, models.PROTECT, primary_key=True, related_name="consent_basis"
    )
    # Whether somebody answered the four conditions at all.
    is_answered = models.BooleanField(default=False)
    address_from_sale = models.BooleanField(default=False)
    similar_goods = models.BooleanField(default=False)
    has_not_objected = models.BooleanField(default=False)
    notice_at_collection = models.BooleanField(default=False)
    # the sentence on the right to object that goes into every message
    notice = models.CharField(max_length=500, blank=True)
    presumed_interest = models.CharField(max_length=500, blank=True)
    written_at = models.DateTimeField()
    actor = models.CharField(max_length=80)

    class Meta:
        db_table = "consent_basis"
