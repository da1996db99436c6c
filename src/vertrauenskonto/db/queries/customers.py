"""Customers as a viewer may see them: one of them, or a list."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from django.db.models import Q, QuerySet

from vertrauenskonto.core.errors import Invalid, NotFound, Text
from vertrauenskonto.core.ledger.goal_guard import refuse_goal
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.db import models
from vertrauenskonto.db.access import (
    Viewer,
    customer_id,
    evaluated,
    looked_after,
    may,
    person_view,
    require,
    shown_key,
    team_view,
)
from vertrauenskonto.db.aliases import members
from vertrauenskonto.db.naming import named_customers
from vertrauenskonto.db.queries import privacy
from vertrauenskonto.db.queries.chunks import SIZE
from vertrauenskonto.db.queries.hierarchy import parents
from vertrauenskonto.db.queries.segments import possible_members, segments

LIMIT_MAX = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A person or place by which a customer is reached."""

    name: str
    function: str
    email: str
    phone: str
    address: str
    postcode: str
    is_main: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSheet:
    """A customer and all that is said of them, apart from the account.

    `name`, `contacts` and `ids` (by system) are None for who may see no names. `owner` and
    `deputies` are keys of people, `queue` the team in whose queue they are. `state` says how the
    data may be processed, `merged` whose accounts count here too.
    """

    key: str
    sort: str
    is_prospect: bool
    language: str
    segment: str
    attributes: Mapping[str, str]
    parent: str
    merged: tuple[str, ...]
    state: str
    owner: str
    queue: str
    deputies: tuple[str, ...]
    name: str | None
    contacts: tuple[Reached, ...] | None
    ids: Mapping[str, tuple[str, ...]] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which customers are listed; None: whatever.

    `owner` is a person's key and `queue` a team's name: other people's take the staff rule
    (`db/access.py`). Each word of `text` begins a word of the name, without case and accents.
    """

    mine: bool = False
    owner: str | None = None
    queue: str | None = None
    segment: str | None = None
    below_threshold: bool | None = None
    prospect: bool | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRow:
    """A customer in a list; `balance` and what follows is None while nothing was booked."""

    key: str
    name: str | None
    sort: str
    is_prospect: bool
    is_mine: bool
    segment: str
    balance: float | None
    verdict: str | None
    below_threshold: bool | None
    as_of: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some customers; `next_after` continues the list, None: there are no more."""

    rows: tuple[CustomerRow, ...]
    next_after: int | None


def customer(viewer: Viewer, key: str, *, policy: Policy | None = None) -> CustomerSheet:
    """Return what is said of a customer; `policy` is the version whose segments count.

    Raises:
        NotFound: there is none, or not for this viewer.
    """
    pk = customer_id(viewer, key)
    group = (pk, *members([pk]).get(pk, ()))
    row = models.Customer.objects.get(pk=pk)
    profile = (
        models.Profile.objects.select_related("owner", "owner_team").filter(customer=pk).first()
    ) or models.Profile(customer=row, sort="person")
    shows = may(viewer, "see_names")
    keys = dict(models.Customer.objects.filter(pk__in=group).values_list("pk", "key"))
    above = parents([pk]).get(pk)
    return CustomerSheet(
        key=shown_key(viewer, row.key),
        sort=profile.sort,
        is_prospect=profile.is_prospect,
        language=profile.language,
        segment=segments({pk: group[1:]}, policy=policy).get(pk, ""),
        attributes=_attributes(group),
        parent=_parent_key(viewer, above),
        merged=tuple(shown_key(viewer, keys[one]) for one in group[1:]),
        state=privacy.state(pk),
        owner=profile.owner.key if profile.owner and shows else "",
        queue=profile.owner_team.name if profile.owner_team and shows else "",
        deputies=_deputies(pk) if shows else (),
        name=profile.name if shows else None,
        contacts=_contacts(group) if shows else None,
        ids=_ids(group) if shows else None,
    )


def page(
    viewer: Viewer,
    *,
    after: int | None = None,
    limit: int = 50,
    filters: Filters | None = None,
    policy: Policy | None = None,
) -> Page:
    """Return the customers whose accounts are valued and who exist for a viewer, in fixed order.

    Raises:
        Denied: a filter names other people, which the viewer may not, or names, which they don't
            see.
        NotFound: there is no such team.
        Invalid: the limit is none, or a filter reads revenue or another outcome.
    """
    require(viewer, "see_accounts")
    if not 1 <= limit <= LIMIT_MAX:
        raise Invalid(
            Text(
                de=f"limit = {limit}; möglich sind 1 bis {LIMIT_MAX}.",
                en=f"limit = {limit}; choose from 1 to {LIMIT_MAX}.",
            )
        )
    wanted = filters or Filters()
    found = _filtered(viewer, wanted).filter(pk__gt=after or 0)
    if wanted.segment is None:
        chosen = list(found.values_list("pk", flat=True)[: limit + 1])
    else:
        ids = _in_segment(found, wanted.segment, policy)
        chosen = list(islice(ids, limit + 1))
    shown = chosen[:limit]
    return Page(
        rows=_rows(viewer, shown, policy),
        next_after=shown[-1] if len(chosen) > limit else None,
    )


def _filtered(viewer: Viewer, wanted: Filters) -> QuerySet[models.Customer]:
    narrowed = kept(viewer, wanted)
    if wanted.below_threshold is not None:
        narrowed &= Q(balance__below_threshold=wanted.below_threshold)
    if wanted.text:
        require(viewer, "see_names")
        narrowed &= Q(pk__in=named_customers(wanted.text))
    # `evaluated` may have narrowed by deputies; each further condition stands for itself.
    return evaluated(viewer).filter(narrowed)


def kept(viewer: Viewer, wanted: Filters) -> Q:
    """Return the condition of who looks after a customer, and of what profiles say.

    Raises:
        Denied: a filter names other people, which the viewer may not.
        NotFound: there is no such team.
    """
    narrowed = Q()
    if wanted.mine:
        narrowed &= _looked_after(viewer.person_id)
    if wanted.owner is not None:
        person = models.Person.objects.filter(key=wanted.owner).first()
        if person is None or person.pk != viewer.person_id:
            person_view(viewer, wanted.owner)
        narrowed &= _looked_after(person.pk if person else None)
    if wanted.queue is not None:
        team = models.Team.objects.filter(name=wanted.queue).first()
        if team is None:
            raise NotFound(
                Text(
                    de=f"Es gibt kein Team „{wanted.queue}“.",
                    en=f"There is no team '{wanted.queue}'.",
                )
            )
        if team.pk != viewer.team_id:
            team_view(viewer, team.pk, is_rate=False)
        narrowed &= Q(pk__in=_profiles(owner=None, owner_team=team.pk))
    if wanted.prospect is not None:
        prospects = Q(pk__in=_profiles(is_prospect=True))
        narrowed &= prospects if wanted.prospect else ~prospects
    return narrowed


def _profiles(**given: object) -> "QuerySet[models.Profile, Any]":  # one column, as a subquery
    return models.Profile.objects.filter(**given).values("customer")


def _looked_after(person_id: int | None) -> Q:
    """Return the condition that a person owns a customer or stands in for the owner."""
    if person_id is None:
        return Q(pk=None)
    return Q(pk__in=looked_after(person_id))


def _in_segment(
    found: QuerySet[models.Customer], segment: str, policy: Policy | None
) -> Iterator[int]:
    """Yield who belongs to a segment, in order; "" means the general rules."""
    refuse_goal(segment)
    possible = possible_members(segment, policy) if segment else None
    after = 0
    while True:
        part = list(found.filter(pk__gt=after).values_list("pk", flat=True)[:SIZE])
        asked = [pk for pk in part if possible is None or pk in possible]
        groups = members(asked)
        belongs = segments({pk: groups.get(pk, ()) for pk in asked}, policy=policy)
        yield from (pk for pk in asked if belongs.get(pk, "") == segment)
        if len(part) < SIZE:
            return
        after = part[-1]


def _rows(viewer: Viewer, ids: list[int], policy: Policy | None) -> tuple[CustomerRow, ...]:
    keys = dict(models.Customer.objects.filter(pk__in=ids).values_list("pk", "key"))
    profiles = models.Profile.objects.in_bulk(ids)
    balances = models.Balance.objects.in_bulk(ids)
    groups = members(ids)
    belongs = segments({pk: groups.get(pk, ()) for pk in ids}, policy=policy)
    mine: set[int] = set()
    if viewer.person_id is not None:
        own = models.Customer.objects.filter(_looked_after(viewer.person_id), pk__in=ids)
        mine = set(own.values_list("pk", flat=True))
    shows = may(viewer, "see_names")
    rows = []
    for pk in ids:
        profile, balance = profiles.get(pk), balances.get(pk)
        rows.append(
            CustomerRow(
                key=shown_key(viewer, keys[pk]),
                name=(profile.name if profile else "") if shows else None,
                sort=profile.sort if profile else "person",
                is_prospect=profile.is_prospect if profile else False,
                is_mine=pk in mine,
                segment=belongs.get(pk, ""),
                balance=balance.balance if balance else None,
                verdict=balance.verdict if balance else None,
                below_threshold=balance.below_threshold if balance else None,
                as_of=balance.as_of_date if balance else None,
            )
        )
    return tuple(rows)


def _attributes(group: tuple[int, ...]) -> dict[str, str]:
    said: dict[int, dict[str, str]] = {pk: {} for pk in group}
    rows = models.Attribute.objects.filter(customer_id__in=group).order_by("pk")
    for pk, name, value in rows.values_list("customer_id", "name", "value"):
        said[pk][name] = value
    merged = {n: v for pk in reversed(group) for n, v in said[pk].items() if v}
    return dict(sorted(merged.items()))


def _parent_key(viewer: Viewer, pk: int | None) -> str:
    """Return the key of the parent, "" if there is none for this viewer."""
    if pk is None:
        return ""
    key = models.Customer.objects.values_list("key", flat=True).get(pk=pk)
    try:
        customer_id(viewer, shown_key(viewer, key))
    except NotFound:
        return ""
    return shown_key(viewer, key)


def _deputies(pk: int) -> tuple[str, ...]:
    people = models.Person.objects.filter(deputised=pk).order_by("key")
    return tuple(people.values_list("key", flat=True))


def _contacts(group: tuple[int, ...]) -> tuple[Reached, ...]:
    rows = models.Contact.objects.filter(customer_id__in=group).order_by("-is_main", "pk")
    return tuple(
        Reached(
            name=row.name,
            function=row.function,
            email=row.email,
            phone=row.phone,
            address=row.address,
            postcode=row.postcode,
            is_main=row.is_main,
        )
        for row in rows
    )


def _ids(group: tuple[int, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    rows = models.ExternalId.objects.filter(customer_id__in=group).order_by("system", "value")
    for system, value in rows.values_list("system", "value"):
        found[system] = (*found.get(system, ()), value)
    return found
