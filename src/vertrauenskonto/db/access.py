"""Who may see and do what: the only place that decides it, for every channel.

A query or action for a user gets a `Viewer` and asks here. What a viewer may not see does not
exist for them (NotFound); what they may not do is Denied.
"""

import hashlib
import hmac
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from vertrauenskonto.core.errors import Denied, NotFound, Text
from vertrauenskonto.core.ledger.entries import PERSON_PREFIX
from vertrauenskonto.db import agreements, models
from vertrauenskonto.db.aliases import roots

# Below these sizes a team says what its members do (the smaller one for sums and counts).
TEAM_SIZE_MIN, TEAM_SIZE_MIN_FOR_RATES = 5, 10
# What stands where a member of staff is not shown.
MASKED = "person"
# Who acts without being a member of staff: nobody, the program, a customer through a link.
NOBODYS = frozenset({"", "system", "customer"})

_Row = TypeVar("_Row", models.Processing, models.Alias)

Role = Literal["administrator", "lead", "contact", "analyst", "auditor"]
ROLES: tuple[Role, ...] = get_args(Role)

Right = Literal[
    "book",  # entries, suspensions, customers' data
    "see_accounts",  # statements and balances of the customers they may see
    "see_names",  # names, addresses, free text
    "match",  # decide on unmatched records, merge and split
    "lead",  # policies, segments, restrictions, confirming what needs two
    "see_drafts",  # drafts of the policy, and what they would have done to accounts
    "administer",  # people, teams, tokens, webhooks, agreements, erasure
    "audit",  # verification, the log of reads (two together), jobs, deliveries
]

RIGHTS: Mapping[Role, frozenset[Right]] = {
    "administrator": frozenset(get_args(Right)),
    "lead": frozenset({"book", "see_accounts", "see_names", "match", "lead", "see_drafts"}),
    "contact": frozenset({"book", "see_accounts", "see_names"}),
    "analyst": frozenset({"see_accounts", "see_drafts"}),
    "auditor": frozenset({"see_accounts", "see_names", "audit", "see_drafts"}),
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
    return viewer_of(person, channel=channel)


def viewer_of(person: object, *, channel: str) -> Viewer:
    """Return the viewer that a row of an active member of staff is, as sign-in has read it.

    Raises:
        NotFound: it is none.
    """
    if not isinstance(person, models.Person) or not person.is_active:
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
    return models.Customer.objects.order_by("pk").filter(is_seen(viewer))


def is_seen(viewer: Viewer) -> Q:
    """Return the condition, on rows whose key is a customer's, that they exist for a viewer."""
    if viewer.role != "contact":
        return Q()
    assert viewer.person_id is not None, "a contact is a person"
    return Q(pk__in=looked_after(viewer.person_id, viewer.team_id))


# Any: django-stubs cannot name a query of one column.
def looked_after(person_id: int, team_id: int | None = None) -> "QuerySet[Any, Any]":
    """Return a query for whom a person owns or stands in for, or a team has in its queue.

    One query for each, put together: an "or" between them would look at every customer.
    """
    profiles = models.Profile.objects.order_by()
    deputies = models.Profile.deputies.through.objects.order_by()
    owned: QuerySet[Any, Any] = profiles.filter(owner=person_id).values("customer")
    parts: list[QuerySet[Any, Any]] = [deputies.filter(person_id=person_id).values("profile")]
    if team_id is not None:
        parts.append(profiles.filter(owner=None, owner_team=team_id).values("customer"))
    return owned.union(*parts, all=True)


def evaluated(viewer: Viewer) -> QuerySet[models.Customer]:
    """Return the customers whose accounts may be valued and listed for a viewer.

    Left out are those whose processing is restricted, objected to or erased, and those merged into
    another customer; for modules of `db` only.
    """
    stopped = models.Processing.objects.filter(~Q(state="normal"), customer=OuterRef("pk"))
    merged = models.Alias.objects.filter(into__isnull=False, customer=OuterRef("pk"))
    return customers(viewer).filter(~Exists(_latest(stopped)), ~Exists(_latest(merged)))


def _latest(rows: QuerySet[_Row]) -> QuerySet[_Row]:
    """Keep the rows after which nothing else was recorded for their customer."""
    later = rows.model._default_manager.filter(customer=OuterRef("customer"), pk__gt=OuterRef("pk"))
    return rows.filter(~Exists(later))


def hidden(viewer: Viewer, keys: Iterable[str]) -> set[str]:
    """Return those of the customers' keys that do not exist for a viewer, as `customer_id` says.

    Keys of nobody are left out.
    """
    if viewer.role != "contact":
        return set()
    named = dict(models.Customer.objects.filter(key__in=set(keys)).values_list("key", "pk"))
    ends = roots(set(named.values()))
    seen = customers(viewer).filter(pk__in=set(ends.values()))
    theirs = set(seen.values_list("pk", flat=True))
    return {key for key, pk in named.items() if ends[pk] not in theirs}


def customer_id(viewer: Viewer, key: str) -> int:
    """Return the row number of the customer that a viewer calls by `key`.

    The key of a customer merged into another leads to the one whose account counts.

    Raises:
        NotFound: there is none, or not for this viewer.
    """
    return own_and_root(viewer, key)[1]


def own_id(viewer: Viewer, key: str) -> int:
    """Return the row number of the customer with this key itself, whoever's account counts for it.

    Raises:
        NotFound: as `customer_id`.
    """
    return own_and_root(viewer, key)[0]


def own_and_root(viewer: Viewer, key: str) -> tuple[int, int]:
    """Return the row numbers of the customer with this key and of whose account counts for it.

    Raises:
        NotFound: as `customer_id`.
    """
    called = _key_behind(key) if viewer.role == "analyst" else key
    ever = models.Alias.objects.filter(customer=OuterRef("pk"))
    named = models.Customer.objects.filter(key=called).annotate(
        was_merged=Exists(ever),
        is_seen=Exists(customers(viewer).order_by().filter(pk=OuterRef("pk"))),
    )
    # This passes with every page and call: one query, unless somebody was merged.
    for own, was_merged, is_seen in named.values_list("pk", "was_merged", "is_seen"):
        root = roots([own])[own] if was_merged else own
        if is_seen if root == own else customers(viewer).filter(pk=root).exists():
            return own, root
    raise NotFound(
        Text(
            de=f"Es gibt keine Kundin und keinen Kunden „{key}“.",
            en=f"There is no customer '{key}'.",
        )
    )


def key_behind(viewer: Viewer, shown: str) -> str | None:
    """Return the key of whom a viewer calls by `shown`; None where a pseudonym leads nowhere."""
    return _key_behind(shown) if viewer.role == "analyst" else shown


def shown_key(viewer: Viewer, key: str) -> str:
    """Return how a customer is called before this viewer: analysts get a pseudonym."""
    return pseudonym(key) if viewer.role == "analyst" else key


def pseudonym(key: str) -> str:
    """Return the name by which analysts know a customer; without the secret it leads nowhere.

    The key's 128 random bits enciphered under the installation's secret: nothing is stored that
    links the two, and who holds the secret finds the customer again without trying all of them.
    """
    cipher = _pseudonym_cipher().encryptor()
    return f"x_{cipher.update(bytes.fromhex(key.removeprefix('c_'))).hex()}"


def shown_entry(viewer: Viewer, source: str, source_id: str) -> tuple[str, str]:
    """Return how an entry's source and id are shown: analysts get a pseudonym of the id.

    The number of an order or ticket would lead to the customer in the system it comes from.
    """
    if viewer.role != "analyst":
        return source, source_id
    secret = hmac.new(_pseudonym_secret(), f"{source}:{source_id}".encode(), hashlib.sha256)
    return source, f"e_{secret.hexdigest()[:32]}"


def person_view(viewer: Viewer, person_key: str) -> None:
    """Go on if the viewer may see what is grouped or filtered by this member of staff.

    Nobody may before the works council agreed, or before it is recorded that there is none. Then
    she may see her own view; leads and administrators may after she did. Rankings never exist, so
    there is nothing to ask for them. Every list, report, export, feed, answer, metric and log query
    that names a person as group or filter asks here first.

    Raises:
        Denied: the viewer may not; the message says what is missing.
    """
    _refuse_unagreed()
    person = models.Person.objects.filter(key=person_key)
    if viewer.person_id is not None and person.filter(pk=viewer.person_id).exists():
        person.filter(has_seen_own_view=False).update(has_seen_own_view=True)
        return
    require(viewer, "lead")
    _refuse_unseen(person_key)


def handover_view(viewer: Viewer, person_key: str, *, pair: Collection[str]) -> None:
    """Go on if the viewer may see what hangs on one of the two of a handover that goes on.

    Each of the two may, whatever her role: the other's part after the other has seen it herself.
    Nobody else may, not even a lead.

    Raises:
        Denied: the viewer may not; the message says what is missing.
    """
    assert person_key in pair, "the handover is of others"
    if viewer.actor not in pair:
        raise Denied(
            Text(
                de="Was an einer Person hängt, sehen bei einer Übergabe nur die beiden selbst.",
                en="In a handover only the two of them see what hangs on a person.",
            )
        )
    if viewer.actor == person_key:
        person_view(viewer, person_key)
        return
    _refuse_unagreed()
    _refuse_unseen(person_key)


def _refuse_unagreed() -> None:
    if not agreements.person_views_agreed():
        raise Denied(
            Text(
                de="Auswertungen nach Beschäftigten gibt es erst, wenn eine Betriebsvereinbarung "
                "erfasst ist oder erfasst ist, dass es keinen Betriebsrat gibt: "
                "vertrauenskonto agreement record",
                en="Views by member of staff exist only after a works agreement is recorded, or "
                "that there is no works council: vertrauenskonto agreement record",
            )
        )


def _refuse_unseen(person_key: str) -> None:
    if not models.Person.objects.filter(key=person_key, has_seen_own_view=True).exists():
        raise Denied(
            Text(
                de=f"Zuerst sieht „{person_key}“ die eigene Auswertung selbst; dafür braucht die "
                "Person ein Benutzerkonto mit diesem Kürzel und muss sie einmal geöffnet haben.",
                en=f"'{person_key}' sees her own view first; for that she needs a user account "
                "with this key and must have opened it once.",
            )
        )


def organisation_view(targets: Iterable[str]) -> None:
    """Go on if the organisation's part of what has these targets may be shown.

    Total less organisation is the part of the persons, so before an agreement the organisation's
    part is closed wherever a person has one.

    Raises:
        Denied: one is a person, and no agreement allows views by person.
    """
    if any(t.startswith(PERSON_PREFIX) for t in targets) and not agreements.person_views_agreed():
        raise Denied(
            Text(
                de="Hier stehen Buchungen zu einzelnen Beschäftigten; aus der Sicht "
                "„organisation“ ließe sich ihr Teil errechnen. Sie öffnet sich, sobald eine "
                "Betriebsvereinbarung erfasst ist oder erfasst ist, dass es keinen Betriebsrat "
                "gibt. Bis dahin: total",
                en="There are entries on members of staff here; from the view 'organisation' "
                "their part could be worked out. It opens once a works agreement is recorded, or "
                "that there is no works council. Until then: total",
            )
        )


def team_view(viewer: Viewer, team_id: int, *, is_rate: bool) -> None:
    """Go on if the viewer may see what is grouped or filtered by this team.

    A team of 5 (10 where shares or rates are shown) hides its members. A smaller one is treated
    like its members: nobody sees it before an agreement, and after it those who may see each of
    them.

    Raises:
        Denied: the viewer may not.
    """
    members = models.Person.objects.filter(team=team_id, is_active=True).order_by("pk")
    keys = list(members.values_list("key", flat=True))
    least = TEAM_SIZE_MIN_FOR_RATES if is_rate else TEAM_SIZE_MIN
    if len(keys) >= least:
        return
    if not keys or not agreements.person_views_agreed():
        raise Denied(
            Text(
                de=f"Dieses Team hat {len(keys)} Mitglieder; ohne Betriebsvereinbarung werden hier "
                f"nur Teams ab {least} ausgewertet.",
                en=f"This team has {len(keys)} members; without a works agreement only teams of "
                f"{least} or more are shown here.",
            )
        )
    for key in keys:
        person_view(viewer, key)


def target_mask(viewer: Viewer) -> Callable[[str], str]:
    """Return `shown_target` for many targets: each member of staff is looked up once."""
    shown: dict[str, str] = {}

    def mask(target: str) -> str:
        if not target.startswith(PERSON_PREFIX):
            return target
        if target not in shown:
            is_open = _sees_person(viewer, target.removeprefix(PERSON_PREFIX))
            shown[target] = target if is_open else MASKED
        return shown[target]

    return mask


def shown_target(viewer: Viewer, target: str) -> str:
    """Return how an entry's target is shown: `person` where the viewer may not see which one."""
    return target_mask(viewer)(target)


def shown_actor(viewer: Viewer, actor: str) -> str:
    """Return how the writer of a fact is shown: `person` where the viewer may not see which one.

    `system` is nobody's name. Auditors and administrators see the key, one row at a time: who
    wrote something is what an audit is for, and a key is no group or filter.
    """
    if actor in NOBODYS or may(viewer, "audit") or _sees_person(viewer, actor):
        return actor
    return MASKED


def shown_people(
    viewer: Viewer, keys: Collection[str], *, known: Iterable[models.Person] = ()
) -> dict[str, str]:
    """Return how members of staff, given by key, are called before a viewer: by name, or `person`.

    As `shown_actor`, but for many at once, and everybody is told of what she did herself. `known`:
    rows of them, from who has read them.
    """
    people = {row.key: row for row in known}
    named = set(keys) - NOBODYS - people.keys()
    if named:
        people |= {row.key: row for row in models.Person.objects.filter(key__in=named)}
    sees_all = may(viewer, "audit")
    asks = not sees_all and bool(people.keys() - {viewer.actor}) and may(viewer, "lead")
    leads = asks and agreements.person_views_agreed()
    shown = {}
    for key in keys:
        person = people.get(key)
        is_open = sees_all or key == viewer.actor or (leads and person and person.has_seen_own_view)
        if key in NOBODYS:
            shown[key] = key
        else:
            shown[key] = (person and person.name) or key if is_open else MASKED
    return shown


def _sees_person(viewer: Viewer, person_key: str) -> bool:
    """Tell what `person_view` would, without noting that anybody looked."""
    if not agreements.person_views_agreed():
        return False
    person = models.Person.objects.filter(key=person_key)
    if viewer.person_id is not None and person.filter(pk=viewer.person_id).exists():
        return True
    return may(viewer, "lead") and person.filter(has_seen_own_view=True).exists()


def _pseudonym_secret() -> bytes:
    return hashlib.sha256(b"pseudonym:" + settings.SECRET_KEY.encode()).digest()


def _pseudonym_cipher() -> Cipher[ECB]:
    # One block of random bits, each different: no block ever repeats, so ECB shows nothing.
    return Cipher(AES(_pseudonym_secret()), ECB())  # noqa: S305


def _key_behind(name: str) -> str | None:
    try:
        block = bytes.fromhex(name.removeprefix("x_"))
    except ValueError:
        return None
    if len(block) != AES.block_size // 8:
        return None
    return f"c_{_pseudonym_cipher().decryptor().update(block).hex()}"
