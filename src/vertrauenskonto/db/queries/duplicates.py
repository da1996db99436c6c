"""Accounts that may belong to the same customer: those that share a way to be reached."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count

from vertrauenskonto.core.errors import Text
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, customers, require
from vertrauenskonto.db.aliases import roots

# What two accounts share, by the column that holds it.
_SHARED = {
    "email_key": Text("gleiche E-Mail-Adresse", "same e-mail address"),
    "phone_key": Text("gleiche Telefonnummer", "same phone number"),
    "name_postcode_key": Text("gleicher Name, gleiche Postleitzahl", "same name and postcode"),
}
# An address that so many share is a mailbox of a company or a mistake, and says nothing.
_SHARED_MAX = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two accounts that may be the same customer's, and what speaks for it."""

    one: str
    one_name: str
    other: str
    other_name: str
    shared: tuple[Text, ...]


def pairs(viewer: Viewer, *, limit: int = 50) -> tuple[Pair, ...]:
    """Return accounts that share an address, a number or name and postcode.

    Raises:
        Denied: the viewer may not match.
    """
    require(viewer, "match")
    found: dict[tuple[int, int], list[Text]] = {}
    for column, text in _SHARED.items():
        rows = models.Contact.objects.exclude(**{column: ""}).values(column)
        groups = rows.annotate(n=Count("customer", distinct=True)).filter(
            n__gt=1, n__lte=_SHARED_MAX
        )
        values = list(groups.order_by(column).values_list(column, flat=True)[:limit])
        members: dict[str, set[int]] = {}
        contacts = models.Contact.objects.filter(**{f"{column}__in": values})
        for value, pk in contacts.values_list(column, "customer_id"):
            members.setdefault(value, set()).add(pk)
        for pks in members.values():
            _pair_up(found, sorted(pks), text)
    return _shown(viewer, found, limit)


def pairs_of(viewer: Viewer, number: int, *, limit: int = 20) -> tuple[Pair, ...]:
    """Return accounts that may belong to the same customer as this row, which stands second.

    Raises:
        Denied: the viewer may not match.
    """
    require(viewer, "match")
    found: dict[tuple[int, int], list[Text]] = {}
    own = models.Contact.objects.filter(customer=number)
    said = list(own.values_list(*_SHARED))
    for place, (column, text) in enumerate(_SHARED.items()):
        values = {row[place] for row in said if row[place]}
        if values:
            contacts = models.Contact.objects.filter(**{f"{column}__in": values})
            others = set(contacts.values_list("customer_id", flat=True)[: limit * 2]) - {number}
            for other in others:
                found.setdefault((other, number), []).append(text)
    return _shown(viewer, found, limit)


def _pair_up(found: dict[tuple[int, int], list[Text]], pks: list[int], text: Text) -> None:
    # Everybody with the oldest: merging one after the other joins them all.
    for pk in pks[1:]:
        texts = found.setdefault((pk, pks[0]), [])
        if text not in texts:
            texts.append(text)


def _shown(
    viewer: Viewer, found: dict[tuple[int, int], list[Text]], limit: int
) -> tuple[Pair, ...]:
    everybody = {pk for pair in found for pk in pair}
    ends = roots(everybody)
    named = _names(viewer, everybody)
    shown = [
        Pair(
            one=named[one][0],
            one_name=named[one][1],
            other=named[other][0],
            other_name=named[other][1],
            shared=tuple(texts),
        )
        for (one, other), texts in sorted(found.items())
        if ends[one] == one and ends[other] == other and one in named and other in named
    ]
    return tuple(shown[:limit])


def _names(viewer: Viewer, pks: Iterable[int]) -> dict[int, tuple[str, str]]:
    rows = customers(viewer).filter(pk__in=set(pks)).values_list("pk", "key", "profile__name")
    return {pk: (key, name or "") for pk, key, name in rows}
