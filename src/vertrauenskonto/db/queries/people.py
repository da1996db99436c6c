"""People: who works here, what waits for a second person, and what concerns the one who asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from vertrauenskonto.core.ledger.entries import PERSON_PREFIX
from vertrauenskonto.db import access, models
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.db.models.people import NOBODYS_DOMAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A member of staff as the administration sees her; `has_password`: her link was used.

    `is_first`: the first administrator, who has not given her address yet; `email` is made up.
    """

    key: str
    email: str
    name: str
    role: str
    team: str
    language: str
    is_active: bool
    has_password: bool
    is_first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An entry that waits for a second person, or about which one decided."""

    id: int
    proposed_at: datetime
    proposer: str
    customer: str
    kind: str
    value_date: date
    target: str
    note: str
    source: str
    source_id: str
    state: str
    decider: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Something said about an entry, and what it made of it; an erased text is empty."""

    state: str
    recorded_date: date
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """An entry of a kind of honesty that names the viewer; `is_reversed`: it was taken back."""

    entry: int
    customer: str
    kind: str
    value_date: date
    recorded_date: date
    note: str
    is_reversed: bool
    said: tuple[Said, ...]

    @property
    def state(self) -> str:
        """What the latest word makes of it: contested, upheld, withdrawn, or empty."""
        return next((s.state for s in reversed(self.said) if s.state != "comment"), "")


def people(viewer: Viewer) -> Sequence[Person]:
    """Return everybody who works here or did, by e-mail address.

    Raises:
        Denied: the viewer may not administer.
    """
    require(viewer, "administer")
    rows = models.Person.objects.select_related("team").order_by("email")
    return [
        Person(
            key=row.key,
            email=row.email,
            name=row.name,
            role=row.role,
            team=row.team.name if row.team else "",
            language=row.language,
            is_active=row.is_active,
            has_password=row.has_usable_password(),
            is_first=row.email.endswith(f"@{NOBODYS_DOMAIN}"),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A team and how many active people belong to it."""

    id: int
    name: str
    people: int


def teams(viewer: Viewer) -> Sequence[Team]:
    """Return all teams, by name.

    Raises:
        Denied: the viewer may not assign customers.
    """
    require(viewer, "match")
    active = Count("person", filter=Q(person__is_active=True))
    rows = models.Team.objects.annotate(n=active).order_by("name")
    return [Team(id=row.pk, name=row.name, people=row.n) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosable:
    """Somebody who can be put in charge of a customer: her key, and how she is called."""

    key: str
    name: str


def choosable(viewer: Viewer) -> Sequence[Choosable]:
    """Return the active people whom customers can be given to, by name.

    Raises:
        Denied: the viewer may not assign customers.
    """
    require(viewer, "match")
    return _working()


def colleagues(viewer: Viewer) -> Sequence[Choosable]:
    """Return the active people who can keep a promise or tell a customer, by name.

    Raises:
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    return _working()


def _working() -> Sequence[Choosable]:
    rows = models.Person.objects.filter(
        is_active=True, role__in=("administrator", "lead", "contact")
    ).exclude(email__endswith=f"@{NOBODYS_DOMAIN}")
    return [
        Choosable(key=row.key, name=row.name or row.email) for row in rows.order_by("name", "email")
    ]


def proposals(
    viewer: Viewer, *, state: str = "open", after: int = 0, limit: int | None = None
) -> Sequence[Proposal]:
    """Return what waits for a second person (or was decided), oldest first.

    `after` is the last id seen; `limit` None returns all.

    Raises:
        Denied: the viewer may not decide on any.
    """
    require(viewer, "lead")
    mask = access.target_mask(viewer)
    rows = models.Proposal.objects.filter(
        state=state, pk__gt=after, customer__in=access.customers(viewer)
    )
    return [
        Proposal(
            id=row.pk,
            proposed_at=row.proposed_at,
            proposer=access.shown_actor(viewer, row.proposer),
            customer=row.customer.key,
            kind=row.draft["kind"],
            value_date=date.fromisoformat(row.draft["value_date"]),
            target=mask(row.draft["target"]),
            note=row.draft["note"],
            source=row.source,
            source_id=row.source_id,
            state=row.state,
            decider=access.shown_actor(viewer, row.decider),
            reason=row.reason,
        )
        for row in rows.select_related("customer").order_by("pk")[:limit]
    ]


def concerning(viewer: Viewer) -> Sequence[Concern]:
    """Return the entries on honesty that name the viewer, newest first, and what was said of them.

    This is no evaluation of staff: only she sees it, and only so that she can answer. It holds
    before a works agreement too.
    """
    if viewer.person_id is None:
        return []
    # Every such entry came through a proposal; those are few, and entries are millions.
    target = f"{PERSON_PREFIX}{viewer.actor}"
    confirmed = models.Proposal.objects.filter(state="confirmed", draft__target=target)
    named = Q(pk__in=[])
    for source, source_id in confirmed.order_by("pk").values_list("source", "source_id"):
        named |= Q(source=source, source_id=source_id)
    rows = models.Entry.objects.filter(named, target=target, reverses=None)
    return _concerns(viewer, rows.order_by("-pk"))


def contested(viewer: Viewer) -> Sequence[Concern]:
    """Return the entries that somebody contested and on which nobody decided yet, oldest first.

    Raises:
        Denied: the viewer may not decide on any.
    """
    require(viewer, "lead")
    touched = models.Contest.objects.filter(state="contested").values("entry")
    rows = models.Entry.objects.filter(pk__in=touched, customer__in=access.customers(viewer))
    return [c for c in _concerns(viewer, rows.order_by("pk")) if c.state == "contested"]


def _concerns(viewer: Viewer, entries: QuerySet[models.Entry]) -> Sequence[Concern]:
    found = list(entries.select_related("customer"))
    reversals = models.Entry.objects.filter(reverses__in=found)
    reversed_ids = set(reversals.order_by("pk").values_list("reverses", flat=True))
    said = models.Contest.objects.filter(entry__in=found).order_by("pk")
    commitments = [e.note_commitment for e in found] + [row.note_commitment for row in said]
    texts = {
        bytes(note.commitment): note.text
        for note in models.Note.objects.filter(
            commitment__in=[c for c in commitments if c is not None]
        )
    }
    by_entry: dict[int, list[Said]] = {}
    for row in said:
        by_entry.setdefault(row.entry_id, []).append(
            Said(
                state=row.state,
                recorded_date=row.recorded_date,
                text=texts.get(bytes(row.note_commitment or b""), ""),
            )
        )
    return [
        Concern(
            entry=row.pk,
            customer=access.shown_key(viewer, row.customer.key),
            kind=row.kind,
            value_date=row.value_date,
            recorded_date=row.recorded_date,
            note=texts.get(bytes(row.note_commitment or b""), ""),
            is_reversed=row.pk in reversed_ids,
            said=tuple(by_entry.get(row.pk, ())),
        )
        for row in found
    ]
