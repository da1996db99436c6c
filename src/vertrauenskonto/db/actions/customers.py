"""Customers: opening accounts, describing their holders, segments, and who looks after them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Literal, get_args

from django.db import transaction

from vertrauenskonto.core.errors import Conflict, NotFound, Text, did_you_mean
from vertrauenskonto.core.ledger.goal_guard import GoalRefused, refuse_goal
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, customer_id, require
from vertrauenskonto.db.actions.balances import keep_current
from vertrauenskonto.db.actions.clock import steadied
from vertrauenskonto.db.actions.facts import Door, write
from vertrauenskonto.db.actions.holding import held
from vertrauenskonto.db.drafts import Refused, pointed
from vertrauenskonto.db.matching import email_key, folded, name_postcode_key, phone_key
from vertrauenskonto.db.naming import name_anew
from vertrauenskonto.db.queries import ledger as queries
from vertrauenskonto.db.queries import stewardship
from vertrauenskonto.db.queries.segments import latest_attributes

Sort = Literal["person", "organisation"]
SORTS: tuple[Sort, ...] = get_args(Sort)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactData:
    """A person or place by which a customer is reached; the main one is shown first."""

    name: str = ""
    function: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    postcode: str = ""
    is_main: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """Who a customer is. A prospect has not bought anything yet; `ids` by the system's name."""

    name: str
    sort: str = "person"
    is_prospect: bool = False
    language: str = "de"
    contacts: tuple[ContactData, ...] = ()
    ids: Mapping[str, Sequence[str]] | None = None


@transaction.atomic
def open_accounts(count: int, *, door: Door) -> list[str]:
    """Open so many accounts and return their new opaque keys."""
    rows = [models.Customer(key=f"c_{token_hex(16)}") for _ in range(count)]
    write(rows, door=door)
    return [row.key for row in rows]


@transaction.atomic
def put_into_segment(keys: Sequence[str], segment: str, *, door: Door) -> None:
    """Put customers into a segment by hand, from today on; an empty name takes them out.

    The caller values their accounts anew (`choose_segment` does).
    """
    found = models.Customer.objects.filter(key__in=keys).order_by("pk")
    rows = [
        models.Membership(customer=customer, segment=segment, recorded_date=door.today)
        for customer in found
    ]
    write(rows, door=door)


@transaction.atomic
def choose_segment(
    viewer: Viewer, keys: Sequence[str], segment: str, *, door: Door, policies: PolicyHistory
) -> None:
    """Put customers into a segment by hand and value them anew; "" lets the rules decide again.

    Raises:
        Denied: the viewer may not.
        NotFound: there is no such customer, or the policy in force has no such segment.
        Invalid: the name reads revenue or another outcome.
    """
    require(viewer, "lead")
    door = steadied(door)
    _refuse_steering(segment, "segment")
    known = [s.name for s in policies.in_force(door.today).segments]
    if segment and segment not in known:
        near = did_you_mean(segment, known)
        raise NotFound(
            Text(
                de=f"Das Regelwerk hat kein Segment „{segment}“; es gibt "
                f"{', '.join(known) or 'keine'}.{near.de}",
                en=f"The policy has no segment '{segment}'; it has "
                f"{', '.join(known) or 'none'}.{near.en}",
            )
        )
    ids = [customer_id(viewer, key) for key in keys]
    customers = models.Customer.objects.filter(pk__in=ids).order_by("pk").select_for_update()
    put_into_segment([c.key for c in customers], segment, door=door)
    revalue(ids, policies, door)


@transaction.atomic
def set_attributes(
    viewer: Viewer,
    key: str,
    values: Mapping[str, str],
    *,
    door: Door,
    policies: PolicyHistory,
) -> None:
    """Record what columns say that rules of segments may read; "" takes a value back.

    What says nothing new is not recorded again.

    Raises:
        Denied: the viewer may not.
        NotFound: there is no such customer.
        Invalid: a name reads revenue or another outcome, or no rule of a segment reads this name or
            this value.
    """
    require(viewer, "book")
    check_attributes(values, policies)
    door = steadied(door)
    pk = customer_id(viewer, key)
    customer = models.Customer.objects.select_for_update().get(pk=pk)
    known = latest_attributes([customer.key])
    news = {
        name: value
        for name, value in plain_attributes(values).items()
        if known.get((customer.key, name), "") != value
    }
    if news:
        write(attribute_rows({customer: news}, door), door=door)
        revalue([pk], policies, door)


class Stale(Conflict):
    """What is said of a customer changed since it was read; nothing was written."""


@transaction.atomic
def describe(
    viewer: Viewer, key: str, description: Description, *, read: str | None = None
) -> None:
    """Say who a customer is: profile and contacts are replaced, and so are the ids unless None.

    `read`: the mark of what was read before (`stewardship.described`), None: whatever it was.

    Raises:
        Denied: the viewer may not.
        NotFound: there is no such customer.
        Invalid: something is too long or not available.
        Stale: it is no longer what was read.
        Conflict: an id names another customer, or this one was erased.
    """
    require(viewer, "book")
    require(viewer, "see_names")
    _check_description(description)
    called = models.Customer.objects.get(pk=customer_id(viewer, key)).key
    customer = held([called])[called].root
    now = stewardship.described(stewardship.head(viewer, customer.key))
    if read not in (None, now.mark()):
        raise Stale(
            Text(
                de="Diese Angaben hat inzwischen jemand geändert; gespeichert ist noch nichts.",
                en="Somebody has changed these data meanwhile; nothing is saved yet.",
            )
        )
    models.Profile.objects.update_or_create(
        customer=customer,
        defaults={
            "sort": description.sort,
            "is_prospect": description.is_prospect,
            "name": description.name,
            "search_name": folded(description.name)[:200],
            "language": description.language,
        },
    )
    models.Contact.objects.filter(customer=customer).delete()
    models.Contact.objects.bulk_create(
        contact_row(customer, contact, called=contact.name or description.name)
        for contact in description.contacts
    )
    name_anew([customer.pk])
    if description.ids is not None:
        _replace_ids(customer, description.ids)


@transaction.atomic
def assign(
    viewer: Viewer,
    key: str,
    *,
    owner: str | None,
    team: str | None = None,
    deputies: Collection[str] = (),
) -> None:
    """Say who looks after a customer: a person, else a team's queue; and who stands in for her.

    People are named by their keys, the team by its name.

    Raises:
        Denied: the viewer may not.
        NotFound: there is no such customer, active person or team.
    """
    require(viewer, "match")
    pk = customer_id(viewer, key)
    people = {name: _person(name) for name in {*deputies, *([owner] if owner else [])}}
    queue = None if team is None else models.Team.objects.filter(name=team).first()
    if team is not None and queue is None:
        raise NotFound(Text(de=f"Es gibt kein Team „{team}“.", en=f"There is no team '{team}'."))
    profile, _ = models.Profile.objects.select_for_update().get_or_create(
        customer_id=pk, defaults={"sort": "person"}
    )
    profile.owner = people[owner] if owner else None
    profile.owner_team = queue
    profile.save(update_fields=["owner", "owner_team"])
    profile.deputies.set([people[name] for name in deputies])


def revalue(customer_ids: Collection[int], policies: PolicyHistory, door: Door) -> None:
    """Value accounts anew after something other than a booking changed them."""
    accounts = queries.accounts(customer_ids, policy=policies.in_force(door.today))
    used = {
        pk: account for pk, account in accounts.items() if account.entries or account.suspensions
    }
    keep_current(used, policies, as_of=door.today)
    models.Balance.objects.filter(customer_id__in=accounts.keys() - used.keys()).delete()


def profile_row(customer: models.Customer, *, sort: str, name: str) -> models.Profile:
    """Return a new profile, not yet stored."""
    return models.Profile(customer=customer, sort=sort, name=name, search_name=folded(name)[:200])


def contact_row(customer: models.Customer, data: ContactData, *, called: str) -> models.Contact:
    """Return a new contact, not yet stored; it is compared by the name `called`."""
    return models.Contact(
        customer=customer,
        name=data.name,
        function=data.function,
        email=data.email.strip(),
        phone=data.phone.strip(),
        address=data.address,
        postcode=data.postcode.strip(),
        is_main=data.is_main,
        email_key=email_key(data.email),
        phone_key=phone_key(data.phone),
        name_postcode_key=name_postcode_key(called, data.postcode)[:250],
    )


def plain_attributes(values: Mapping[str, str]) -> dict[str, str]:
    """Return attributes as they are kept: names without case, values without spaces around."""
    return {name.strip().casefold(): value.strip() for name, value in values.items()}


def attribute_rows(
    values: Mapping[models.Customer, Mapping[str, str]], door: Door
) -> list[models.Attribute]:
    """Return the facts that say these attributes of stored customers."""
    return [
        models.Attribute(customer=customer, name=name, value=value, recorded_date=door.today)
        for customer, own in values.items()
        for name, value in sorted(plain_attributes(own).items())
    ]


def known_attributes(
    values: Mapping[str, str], policies: PolicyHistory | None
) -> tuple[dict[str, str], list[str]]:
    """Return the attributes that a rule of a segment reads, and the names of the others.

    An attribute is a fact and outlives an erasure, so it can hold nothing but one of the words of
    the rules, of any version. For a value that no rule names, where rules read its column, stands
    "": what was said before is taken back.
    """
    words = _segment_words(policies)
    kept, others = {}, []
    for name, value in values.items():
        known = words.get(name.strip().casefold())
        if known is not None:
            kept[name] = value if value.strip() in known else ""
        if known is None or value.strip() not in known:
            others.append(name)
    return kept, others


def check_attributes(values: Mapping[str, str], policies: PolicyHistory | None) -> None:
    """Go on if these attributes may be recorded: see `known_attributes`.

    Raises:
        Invalid: a name reads revenue or another outcome, or no rule of a segment reads this name or
            this value.
    """
    for name in values:
        _refuse_steering(name, pointed("attributes", name))
    _, others = known_attributes(values, policies)
    if others:
        read = "; ".join(
            f"{name}: {', '.join(sorted(words - {''}))}"
            for name, words in sorted(_segment_words(policies).items())
        )
        # Not the value: what was meant for a note may be personal.
        raise Refused(
            "attribute",
            pointed("attributes", others[0]),
            Text(
                de="Ein Merkmal wird nie gelöscht; deshalb gibt es nur solche, die ein Segment "
                f"des Regelwerks liest, mit den Werten, die es nennt ({read or 'hier keines'}). "
                "Anderes gehört in die Kundendaten oder in eine Notiz.",
                en="An attribute is never erased; so there are only those that a segment of the "
                f"policy reads, with the values that it names ({read or 'none here'}). Anything "
                "else belongs in the customer's data or in a note.",
            ),
        )


def _segment_words(policies: PolicyHistory | None) -> dict[str, set[str]]:
    words: dict[str, set[str]] = {}
    for version in policies.versions if policies else ():
        for segment in version.segments:
            if segment.column and segment.values:
                words.setdefault(segment.column.casefold(), {""}).update(segment.values)
    return words


def _refuse_steering(name: str, field: str) -> None:
    try:
        refuse_goal(name)
    except GoalRefused as refusal:
        raise GoalRefused(replace(refusal.problems[0], field=field)) from None


def check_sort(sort: str) -> None:
    """Go on if a customer can be of this sort.

    Raises:
        Invalid: it cannot.
    """
    if sort not in SORTS:
        raise Refused(
            "sort",
            "sort",
            Text(
                de=f"„{sort}“ gibt es nicht; möglich sind {', '.join(SORTS)}.",
                en=f"'{sort}' is not available; choose from {', '.join(SORTS)}.",
            ),
        )


def _check_description(description: Description) -> None:
    check_sort(description.sort)
    if description.language not in ("de", "en"):
        raise Refused(
            "language",
            "language",
            Text(
                de=f"Die Sprache „{description.language}“ gibt es nicht; möglich sind de und en.",
                en=f"The language '{description.language}' is not available; use de or en.",
            ),
        )
    _refuse_length("name", description.name, 200)
    limits = {"name": 200, "function": 80, "email": 254, "phone": 40, "postcode": 20}
    for contact in description.contacts:
        for name, length in limits.items():
            _refuse_length(f"contacts.{name}", getattr(contact, name), length)
        _refuse_length("contacts.address", contact.address, 2000)
    for system, values in (description.ids or {}).items():
        _refuse_length("ids", system, 80)
        for value in values:
            _refuse_length(f"ids.{system}", value, 200)
            if not (system.strip() and value.strip()):
                raise Refused(
                    "missing",
                    pointed("ids", system),
                    Text(
                        de="ids: System und Nummer dürfen nicht leer sein.",
                        en="ids: system and id must not be empty.",
                    ),
                )


def _refuse_length(name: str, value: str, length: int) -> None:
    if len(value) > length or "\0" in value:
        raise Refused(
            "too_long" if len(value) > length else "characters",
            pointed(*name.split(".", 1)),
            Text(
                de=f"{name}: höchstens {length} Zeichen, kein Nullzeichen.",
                en=f"{name}: at most {length} characters, no null character.",
            ),
        )


def _replace_ids(customer: models.Customer, ids: Mapping[str, Sequence[str]]) -> None:
    wanted = {(s.strip(), v.strip()) for s, values in ids.items() for v in values}
    there: set[tuple[str, str]] = set()
    for row in models.ExternalId.objects.filter(customer=customer).order_by("pk"):
        if (row.system, row.value) in wanted:
            there.add((row.system, row.value))
        else:
            row.delete()
    for system, value in sorted(wanted - there):
        row, is_new = models.ExternalId.objects.get_or_create(
            system=system, value=value, defaults={"customer": customer}
        )
        if not is_new and row.customer_id != customer.pk:
            raise Conflict(
                Text(
                    de=f"Die Nummer „{value}“ ({system}) gehört schon zu einem anderen Konto; "
                    "sind es dieselben, legen Sie die Konten zusammen.",
                    en=f"The id '{value}' ({system}) belongs to another account; if they are the "
                    "same, merge the accounts.",
                )
            )


def _person(key: str) -> models.Person:
    person = models.Person.objects.filter(key=key, is_active=True).first()
    if person is None:
        raise NotFound(
            Text(
                de=f"Es gibt kein aktives Benutzerkonto „{key}“.",
                en=f"There is no active user account '{key}'.",
            )
        )
    return person
