"""What is said of one customer and who looks after them, as a form shows it before it is changed.

Of the customer whose account counts only: what those merged into it say stays theirs.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from vertrauenskonto.db import models, raw
from vertrauenskonto.db.access import Viewer, customer_id, customers, require
from vertrauenskonto.db.aliases import merged_into, roots
from vertrauenskonto.db.matching import email_key, name_postcode_key, phone_key
from vertrauenskonto.db.processing import State
from vertrauenskonto.db.queries import privacy
from vertrauenskonto.db.queries.customers import Reached
from vertrauenskonto.db.queries.segments import by_hand


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Which customer a page is about: the key whose account counts, the name, and the state.

    `head` alone makes it, so whoever has one may see this customer's data; `number` is the row's.
    """

    number: int
    key: str
    name: str
    state: State

    @property
    def called(self) -> str:
        """The name, else the beginning of the key."""
        return self.name or f"{self.key[:10]}…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """Who a customer is; `ids` by the system that gave them."""

    name: str
    sort: str
    is_prospect: bool
    language: str
    contacts: tuple[Reached, ...]
    ids: Mapping[str, tuple[str, ...]]

    def mark(self) -> str:
        """Return what stays the same as long as nobody changes any of this."""
        said = (self.name, self.sort, self.is_prospect, self.language, self.contacts, self.ids)
        return hashlib.sha256(repr(said).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAfter:
    """Who looks after a customer: a person (by key), a team's queue, and who stands in."""

    owner: str
    queue: str
    deputies: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A customer merged directly into another."""

    key: str
    name: str


def head(viewer: Viewer, key: str) -> Head:
    """Return which customer `key` leads to.

    Raises:
        NotFound: there is none, or not for this viewer.
        Denied: the viewer may see no names.
    """
    require(viewer, "see_names")
    pk = customer_id(viewer, key)
    row = models.Customer.objects.filter(pk=pk).values_list("key", "profile__name").get()
    return Head(number=pk, key=row[0], name=row[1] or "", state=privacy.state(pk))


def described(head: Head) -> Described:
    """Return what is said of a customer."""
    pk = head.number
    profile = models.Profile.objects.filter(pk=pk).first() or models.Profile(sort="person")
    ids: dict[str, tuple[str, ...]] = {}
    rows = models.ExternalId.objects.filter(customer=pk).order_by("system", "value")
    for system, value in rows.values_list("system", "value"):
        ids[system] = (*ids.get(system, ()), value)
    contacts = models.Contact.objects.filter(customer=pk).order_by("-is_main", "pk")
    return Described(
        name=profile.name,
        sort=profile.sort,
        is_prospect=profile.is_prospect,
        language=profile.language,
        contacts=tuple(
            Reached(
                name=row.name,
                function=row.function,
                email=row.email,
                phone=row.phone,
                address=row.address,
                postcode=row.postcode,
                is_main=row.is_main,
            )
            for row in contacts
        ),
        ids=ids,
    )


def looked_after(head: Head) -> LookedAfter:
    """Return who looks after a customer."""
    pk = head.number
    profile = models.Profile.objects.select_related("owner", "owner_team").filter(pk=pk).first()
    deputies = models.Person.objects.filter(deputised=pk).order_by("key")
    return LookedAfter(
        owner=profile.owner.key if profile and profile.owner else "",
        queue=profile.owner_team.name if profile and profile.owner_team else "",
        deputies=tuple(deputies.values_list("key", flat=True)),
    )


def merged(head: Head) -> tuple[Merged, ...]:
    """Return who is merged directly into a customer today."""
    pk = head.number
    rows = models.Alias.objects.filter(into=pk).values_list("customer_id", flat=True)
    now = {one for one, into in merged_into(set(rows)).items() if into == pk}
    found = models.Customer.objects.filter(pk__in=now).order_by("pk")
    return tuple(
        Merged(key=row_key, name=name or "")
        for row_key, name in found.values_list("key", "profile__name")
    )


def segment_by_hand(head: Head) -> str:
    """Return the segment that somebody put a customer into, "" if the rules decide."""
    rows = raw.fetched(*by_hand([head.number]))
    return next((name for _, name, _ in rows[-1:]), "")


def alike(
    viewer: Viewer, *, name: str, email: str, phone: str, postcode: str
) -> tuple[Merged, ...]:
    """Return the customers of this viewer who are reached in the same way: the same ones perhaps."""
    require(viewer, "see_names")
    wanted = {
        "email_key": email_key(email),
        "phone_key": phone_key(phone),
        "name_postcode_key": name_postcode_key(name, postcode)[:250],
    }
    found: set[int] = set()
    for column, value in wanted.items():
        if value:
            rows = models.Contact.objects.filter(**{column: value})
            found.update(rows.values_list("customer_id", flat=True)[:20])
    ends = set(roots(found).values()) if found else set()
    rows_of = customers(viewer).filter(pk__in=ends).values_list("key", "profile__name")
    return tuple(Merged(key=key, name=called or "") for key, called in rows_of)
