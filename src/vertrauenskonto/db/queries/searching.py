"""Finding customers by what somebody types: words of a name, a number, a mail address, a key."""

from typing import Any

from django.db.models import QuerySet

from vertrauenskonto.db import models, raw
from vertrauenskonto.db.access import Viewer, key_behind, may
from vertrauenskonto.db.matching import email_key
from vertrauenskonto.db.naming import named_customers

TEXT_LENGTH_MAX = 200
# Each source once, by steps through the index: there are few of them and millions of entries.
_SOURCES = """WITH RECURSIVE s(source) AS (
  SELECT MIN(source) FROM entry
  UNION ALL
  SELECT (SELECT MIN(e.source) FROM entry e WHERE e.source > s.source) FROM s
  WHERE s.source IS NOT NULL
) SELECT source FROM s WHERE source IS NOT NULL"""


# Any: django-stubs cannot name a query of one column.
def found(viewer: Viewer, text: str) -> "QuerySet[Any, Any]":
    """Return a query for the row numbers of the customers that a text means; merged ones as well.

    Each word of it must begin a word of the name; or the whole is a number of a customer or an
    order, or a mail address. Who sees no names finds by key only.
    """
    wanted = text.strip()[:TEXT_LENGTH_MAX].replace("\0", "")
    keyed = models.Customer.objects.filter(key=key_behind(viewer, wanted)).values("pk")
    if not may(viewer, "see_names"):
        return keyed.order_by()
    parts = [
        named_customers(wanted),
        models.ExternalId.objects.filter(value=wanted).values("customer"),
    ]
    address = email_key(wanted)
    if address:
        parts.append(models.Contact.objects.filter(email_key=address).values("customer"))
    if any(sign.isdigit() for sign in wanted):
        sources = [source for (source,) in raw.fetched(_SOURCES)]
        entries = models.Entry.objects.filter(source__in=sources, source_id=wanted)
        parts.append(entries.values("customer"))
    return keyed.order_by().union(*(part.order_by() for part in parts))
