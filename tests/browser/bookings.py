"""Addresses of the forms of booking, as links lead to them."""

from urllib.parse import urlencode

from tests.browser.company import Company

from vertrauenskonto.db import models


def booking(made: Company, kind: str, name: str = "Gärtnerei Holm") -> str:
    """Return the address of the form of a kind, its number included."""
    query = urlencode({"art": kind, "nr": "0" * 32})
    return f"/kunden/{made.customers[name]}/buchen/?{query}"


def correction(made: Company, what: str, kind: str = "promise_broken_unannounced") -> str:
    """Return the address of Storno or Ausgleich of the first entry of a kind on Holm's account."""
    key = made.customers["Gärtnerei Holm"]
    row = models.Entry.objects.filter(customer__key=key, kind=kind).order_by("pk")[0]
    query = urlencode({"entry": f"{row.source}:{row.source_id}"})
    return f"/kunden/{key}/{what}/?{query}"
