"""Who may see and do what: the only place that decides it, for every channel.

A query or action for a user gets a `Viewer` and asks here. What a viewer may not see does not
exist for them (NotFound); what they may not do is Denied.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from django.conf import settings
from django.db.models import Q, QuerySet

from vertrauenskonto.core.errors import Denied, NotFound, Text
from vertrauenskonto.db import models

Role = Literal["administrator", "lead", "contact", "analyst", "auditor"]
ROLES: tuple[Role, ...] = get_args(Role)

Right = Literal[
    "book",  # entries, suspensions, customers' data
    "see_accounts",  # statements and balances of the customers they may see
    "see_names",  # names, addresses, free text
    "match",  # decide on unmatched records, merge and split
    "lead",  # policies, segments, restrictions, confirming what needs two
    "administer",  # people, teams, tokens, webhooks, agreements, erasure
    "audit",  # verification, the log of reads (two together), jobs, deliveries
]

RIGHTS: Mapping[Role, frozenset[Right]] = {
    "administrator": frozenset(get_args(Right)),
    "lead": frozenset({"book", "see_accounts", "see_names", "match", "lead"}),
    "contact": frozenset({"book", "see_accounts", "see_names"}),
    "analyst": frozenset({"see_accounts"}),
    "auditor": frozenset({"see_accounts", "see_names", "audit"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Somebody who asks: by which key facts name them, in which role, through which channel.

    `person_id` and `team_id` are row numbers, None for the installation itself.
    """

    actor: str
    role: Role
    channel: str
    person_id: int | None = None
    team_id: int | None = None


def installation(channel: str) -> Viewer:
    """Return the viewer of whoever holds the machine itself: its command line, its clock."""
    return Viewer(actor="system", role="administrator", channel=channel)


def viewer(person_id: int, *, channel: str) -> Viewer:
    """Return the viewer that an active member of staff is.

    Raises:
        NotFound: there is no such person, or she may no longer sign in.
    """
    person = models.Person.objects.filter(pk=person_id, is_active=True).first()
    if person is None:
        raise NotFound(
            Text(de="Dieses Benutzerkonto gibt es nicht.", en="There is no such user account.")
        )
    assert person.role in ROLES
    return Viewer(
        actor=person.key,
        role=person.role,
        channel=channel,
        person_id=person.pk,
        team_id=person.team_id,
    )


def may(viewer: Viewer, right: Right) -> bool:
    """Tell whether the viewer's role has a right."""
    return right in RIGHTS[viewer.role]


def require(viewer: Viewer, right: Right) -> None:
    """Go on if the viewer's role has a right.

    Raises:
        Denied: it has not.
    """
    if not may(viewer, right):
        raise Denied(
            Text(
                de=f"Die Rolle „{viewer.role}“ darf das nicht; nötig ist das Recht „{right}“.",
                en=f"The role '{viewer.role}' may not do this; it takes the right '{right}'.",
            )
        )


def customers(viewer: Viewer) -> QuerySet[models.Customer]:
    """Return the customers that exist for a viewer; for modules of `db` only."""
    found = models.Customer.objects.order_by("pk")
    if viewer.role != "contact":
        return found
    own = Q(profile__owner=viewer.person_id) | Q(profile__deputies=viewer.person_id)
    if viewer.team_id is not None:
        own |= Q(profile__owner=None, profile__owner_team=viewer.team_id)
    return found.filter(pk__in=models.Customer.objects.filter(own).values("pk"))


def customer_id(viewer: Viewer, key: str) -> int:
    """Return the row number of the customer that a viewer calls by `key`.

    Raises:
        NotFound: there is none, or not for this viewer.
    """
    if viewer.role == "analyst":
        found = _customer_behind(key)
    else:
        found = customers(viewer).filter(key=key).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound(
            Text(
                de=f"Es gibt keine Kundin und keinen Kunden „{key}“.",
                en=f"There is no customer '{key}'.",
            )
        )
    return found


def shown_key(viewer: Viewer, key: str) -> str:
    """Return how a customer is called before this viewer: analysts get a pseudonym."""
    return pseudonym(key) if viewer.role == "analyst" else key


def pseudonym(key: str) -> str:
    """Return the name by which analysts know a customer; without the secret it leads nowhere."""
    digest = hmac.new(settings.SECRET_KEY.encode(), b"pseudonym:" + key.encode(), hashlib.sha256)
    return f"x_{digest.hexdigest()[:32]}"


def _customer_behind(name: str) -> int | None:
    rows = models.Customer.objects.order_by("pk").values_list("pk", "key")
    return next((pk for pk, key in rows.iterator() if pseudonym(key) == name), None)
