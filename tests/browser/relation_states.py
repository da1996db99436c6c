"""Relationships of the small company: ended, being handed over, with a rhythm agreed."""

from tests.browser.company import Company

from vertrauenskonto.db import models
from vertrauenskonto.db.actions import relations

BRANDT = "Familie Brandt"


def ended(company: Company) -> str:
    """Return the address of a relationship that has ended."""
    key, alice = company.customers[BRANDT], company.people["alice"]
    if not models.Ending.objects.filter(customer__key=key).exists():
        relations.end(
            alice,
            key,
            on=company.staff.today,
            reason="Die Familie ist weggezogen.",
            number="visit",
            door=company.staff.door_of(alice),
        )
    return f"/kunden/{key}/beziehung/"
