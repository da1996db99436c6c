"""Consent: whom we may reach how and for what, on which ground, and what a customer said of it.

Channels are asked for many customers at once, so that a list of tasks can show them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

from vertrauenskonto.core.consent import (
    Channel,
    Consent,
    Decision,
    ExistingCustomer,
    Objection,
    Purpose,
    Recipient,
    open_channels,
)
from vertrauenskonto.db import aliases, models
from vertrauenskonto.db.access import (
    Viewer,
    customer_id,
    customers,
    key_behind,
    require,
    shown_people,
)

_BASIS = (
    "is_answered",
    "address_from_sale",
    "similar_goods",
    "has_not_objected",
    "notice_at_collection",
    "notice",
    "presumed_interest",
)
_CONDITIONS = _BASIS[1:6]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A consent or an objection as it was recorded; `is_in_force` on the day it is asked for."""

    number: int
    is_objection: bool
    channel: str
    purpose: str
    since: date
    proof: str
    withdrawn: date | None
    is_in_force: bool
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a customer said, what else a message may rest on, and what is open for each purpose."""

    is_consumer: bool
    said: tuple[Said, ...]
    basis: Mapping[str, Any]
    open: Mapping[Purpose, tuple[Decision, ...]]


def sheet(viewer: Viewer, key: str, *, on: date) -> Sheet:
    """Return all about a customer's consent.

    Raises:
        NotFound: there is no such customer for this viewer.
        Denied: the viewer may see no names.
    """
    require(viewer, "see_names")
    pk = customer_id(viewer, key)
    read = _read([pk])[pk]
    recipient, (_, basis, _, rows) = _recipient(*read), read
    names = shown_people(viewer, {row.actor for row in rows})
    return Sheet(
        is_consumer=recipient.is_consumer,
        said=tuple(
            Said(
                number=row.pk,
                is_objection=row.sort == "objected",
                channel=row.channel,
                purpose=row.purpose,
                since=row.since_date,
                proof=row.proof,
                withdrawn=row.withdrawn_date,
                is_in_force=row.since_date <= on
                and (row.withdrawn_date is None or on < row.withdrawn_date),
                actor=names[row.actor],
            )
            for row in rows
        ),
        basis={name: value for name, value in basis.items() if value is not None},
        open={purpose: open_channels(recipient, purpose, on=on) for purpose in get_args(Purpose)},
    )


def channels(
    viewer: Viewer, keys: Collection[str], purpose: Purpose, *, on: date
) -> dict[str, tuple[Decision, ...]]:
    """Return the channels of those customers whom the viewer sees, by the keys she knows them by.

    Raises:
        Denied: the viewer may see no accounts.
    """
    require(viewer, "see_accounts")
    called = {found: key for key in keys if (found := key_behind(viewer, key))}
    if not called:
        return {}
    rows = customers(viewer).filter(key__in=called)
    pks = dict(rows.values_list("pk", "key"))
    known = recipients(pks)
    return {called[key]: open_channels(known[pk], purpose, on=on) for pk, key in pks.items()}


def recipients(pks: Collection[int]) -> dict[int, Recipient]:
    """Return customers, by row number, as the rules of consent see them; for modules of `db` only.

    What those said who were merged into a customer counts for them too.
    """
    return {pk: _recipient(*read) for pk, read in _read(pks).items()}


# Sort, other grounds by name, channels with an address, what was said.
_Read = tuple[str, Mapping[str, Any], set[Channel], list[models.Consent]]


def _read(pks: Collection[int]) -> dict[int, _Read]:
    families = aliases.members(pks)
    holder = {member: pk for pk in pks for member in (pk, *families.get(pk, ()))}
    reached: dict[int, set[Channel]] = {pk: set() for pk in pks}
    contacts = models.Contact.objects.filter(customer__in=pks).order_by("pk")
    for pk, email, phone, address in contacts.values_list(
        "customer_id", "email", "phone", "address"
    ):
        reached[pk] |= _reached(email, phone, address)
    said: dict[int, list[models.Consent]] = {pk: [] for pk in pks}
    rows = models.Consent.objects.filter(customer__in=holder)
    for row in rows.order_by("-since_date", "-pk"):
        said[holder[row.customer_id]].append(row)
    sorts = {}
    profiles = models.Profile.objects.filter(pk__in=pks).order_by("pk")
    columns = [f"customer__consent_basis__{name}" for name in _BASIS]
    for pk, sort, *basis in profiles.values_list("pk", "sort", *columns):
        sorts[pk] = sort, dict(zip(_BASIS, basis, strict=True))
    return {pk: (*sorts.get(pk, ("person", {})), reached[pk], said[pk]) for pk in pks}


def _reached(email: str, phone: str, address: str) -> set[Channel]:
    found: set[Channel] = set()
    if email:
        found |= {"email", "video"}
    if phone:
        found |= {"call", "sms"}
    if address:
        found |= {"letter"}
    return found


def _recipient(
    sort: str, basis: Mapping[str, Any], reached: set[Channel], said: Collection[models.Consent]
) -> Recipient:
    existing = None
    if basis.get("is_answered"):
        existing = ExistingCustomer(**{name: basis[name] for name in _CONDITIONS})
    return Recipient(
        is_consumer=sort != "organisation",
        addresses=frozenset(reached),
        consents=tuple(
            Consent(
                channel=row.channel,  # type: ignore[arg-type]  # checked when it was recorded
                purpose=row.purpose,  # type: ignore[arg-type]  # checked when it was recorded
                given_on=row.since_date,
                proof=row.proof,
                withdrawn_on=row.withdrawn_date,
            )
            for row in said
            if row.sort == "given"
        ),
        objections=tuple(
            Objection(
                on=row.since_date,
                channel=row.channel or None,  # type: ignore[arg-type]  # checked when recorded
            )
            for row in said
            if row.sort == "objected" and row.withdrawn_date is None
        ),
        existing_customer=existing,
        presumed_interest=basis.get("presumed_interest") or "",
    )
