"""What a picker offers first: customers by name, and what somebody booked by hand before."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from vertrauenskonto.db import access, models, raw
from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.naming import named_customers, searched_words

# Entries by hand that say what is usual for somebody.
_LATEST = 200
_HERS = """SELECT e.kind, e.customer_id FROM
  (SELECT id FROM booking_transaction WHERE channel = 'web' AND actor = %s
   ORDER BY id DESC LIMIT %s) t
JOIN entry e ON e.transaction_id = t.id ORDER BY e.id DESC"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A customer to choose; `is_mine`: the viewer looks after them."""

    key: str
    name: str
    is_mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What the viewer herself booked by hand of late: kinds, most used first, and customers."""

    kinds: tuple[str, ...]
    customer_ids: tuple[int, ...]


def habits(viewer: Viewer) -> Habits:
    """Return what the viewer books; it is hers alone, and nobody else's to see.

    Raises:
        Denied: the viewer may not book.
    """
    access.require(viewer, "book")
    rows = raw.fetched(_HERS, [viewer.actor, _LATEST])
    counted = Counter(kind for kind, _ in rows if kind)
    return Habits(
        kinds=tuple(kind for kind, _ in counted.most_common()),
        customer_ids=tuple(dict.fromkeys(pk for _, pk in rows)),
    )


def named(viewer: Viewer, text: str, *, limit: int = 8) -> Sequence[Pick]:
    """Return customers who have a word for each of a text's, one's own first.

    Raises:
        Denied: the viewer may not book, or sees no names.
    """
    access.require(viewer, "book")
    access.require(viewer, "see_names")
    if not searched_words(text):
        return ()
    return _picked(viewer, Q(pk__in=named_customers(text)), limit)


def usual(viewer: Viewer, *, limit: int = 6) -> Sequence[Pick]:
    """Return whom the viewer booked on last, the latest first.

    Raises:
        Denied: the viewer may not book.
    """
    ids = habits(viewer).customer_ids[:limit]
    found = {pick.key: pick for pick in _picked(viewer, Q(pk__in=ids), limit)} if ids else {}
    keys = dict(models.Customer.objects.filter(pk__in=ids).values_list("pk", "key")) if ids else {}
    return [found[keys[pk]] for pk in ids if keys[pk] in found]


def _picked(viewer: Viewer, wanted: Q, limit: int) -> Sequence[Pick]:
    hers = models.Profile.objects.filter(customer=OuterRef("pk")).filter(
        Q(owner=viewer.person_id) | Q(deputies=viewer.person_id)
    )
    rows = (
        access.evaluated(viewer)
        .filter(wanted)
        .annotate(is_mine=Exists(hers))
        .order_by("-is_mine", "profile__search_name", "pk")
        .values_list("key", "profile__name", "is_mine")
    )
    return [Pick(key=key, name=name or "", is_mine=is_mine) for key, name, is_mine in rows[:limit]]
