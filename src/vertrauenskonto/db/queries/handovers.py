"""Handovers of customers from one contact person to another: what is done, missing, and said.

That a customer is handed over is known to whoever sees the customer. What the account is worth with
each of the two is shown to the two of them only, as far as the staff rule allows it.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from django.db.models import Q, QuerySet

from vertrauenskonto.core.errors import Denied, NotFound, Text
from vertrauenskonto.core.ledger.balance import retained_if_leaves, valuation
from vertrauenskonto.core.ledger.entries import PERSON_PREFIX
from vertrauenskonto.core.relations.handover import (
    Handover,
    HandoverStep,
    StepName,
    handover_steps,
)
from vertrauenskonto.db import access, models
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.db.queries import ledger, policies

_WORDED = "trusted_for"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A handover as a viewer sees it; `giver` and `successor` are names.

    Their names are no evaluation: who looks after a customer stands on the account too.
    """

    key: str
    customer: str
    name: str
    giver: str
    successor: str
    begun_on: date
    state: str
    closed_on: date | None

    @property
    def is_open(self) -> bool:
        """Tell whether it goes on."""
        return self.state == "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One thing recorded, by whom as the staff rule shows it."""

    what: str
    on: date
    written_at: datetime
    actor: str
    channel: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """What the account is worth, in points: all of it, with each of the two, and without the giver.

    `successor` None: she has not seen her own part yet, so the giver does not either.
    """

    total: float
    giver: float
    successor: float | None
    retained: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A handover with its steps, its story, and the promises the giver still has (key, wording).

    `part`: `giver` or `successor` if the viewer is one of the two, else "". `remains`: for the two
    only, None where the staff rule closes it; `why_hidden` says why, for the two.
    """

    shown: Shown
    steps: tuple[HandoverStep, ...]
    story: tuple[Done, ...]
    promises: tuple[tuple[str, str], ...]
    part: str
    is_giver_gone: bool
    remains: Remains | None
    why_hidden: Text | None

    @property
    def is_complete(self) -> bool:
        """Tell whether nothing is missing."""
        return all(step.done_on is not None for step in self.steps)


def visible(viewer: Viewer) -> QuerySet[models.Handover]:
    """Return the handovers of customers who exist for a viewer; for modules of `db` only.

    Raises:
        Denied: the viewer may see no names.
    """
    require(viewer, "see_names")
    seen = access.customers(viewer).order_by().values("pk")
    rows = models.Handover.objects.filter(customer__in=seen).order_by("-pk")
    return rows.select_related("customer__profile", "giver", "successor")


def of_seen(viewer: Viewer, pk: int, *, limit: int = 20) -> tuple[Shown, ...]:
    """Return the handovers of a customer whom the viewer was found to see, the newest first.

    Raises:
        Denied: the viewer may see no names.
    """
    require(viewer, "see_names")
    rows = models.Handover.objects.filter(customer=pk).order_by("-pk")
    whole = rows.select_related("customer__profile", "giver", "successor")
    return tuple(_shown(row) for row in whole[:limit])


def found(viewer: Viewer, key: str, *, locked: bool = False) -> models.Handover:
    """Return the row of a handover; for modules of `db` only.

    Raises:
        NotFound: there is none, or not for this viewer.
        Denied: as `visible`.
    """
    rows = visible(viewer).filter(key=key)
    row = (rows.select_for_update(of=("self",)) if locked else rows).first()
    if row is None:
        raise NotFound(Text(f"Es gibt keine Übergabe „{key}“.", f"There is no handover '{key}'."))
    return row


def sheet(viewer: Viewer, key: str, *, today: date) -> Sheet:
    """Return a handover with what is done, what is missing, and what remains.

    Raises:
        NotFound, Denied: as `found`.
    """
    row = found(viewer, key)
    done = list(models.HandoverStep.objects.filter(handover=row).order_by("pk"))
    names = access.shown_people(viewer, {step.actor for step in done})
    open_promises = tuple(left(row)) if row.state == "open" else ()
    me = viewer.person_id
    part = {row.giver_id: "giver", row.successor_id: "successor"}.get(me or 0, "")
    remains, why_hidden = None, None
    if part and row.state == "open":
        try:
            remains = _remains(viewer, row, today)
        except Denied as refusal:
            why_hidden = refusal.text
    return Sheet(
        shown=_shown(row),
        steps=handover_steps(core_handover(done, [p.wording or p.key for p in open_promises])),
        story=tuple(
            Done(
                what=step.what,
                on=step.on_date,
                written_at=step.written_at,
                actor=names[step.actor],
                channel=step.channel,
                words=step.words,
            )
            for step in done
        ),
        promises=tuple((p.key, p.wording) for p in open_promises),
        part=part,
        is_giver_gone=not row.giver.is_active,
        remains=remains,
        why_hidden=why_hidden,
    )


def core_handover(done: Sequence[models.HandoverStep], left_promises: Sequence[str]) -> Handover:
    """Return a handover as the core knows it; of each sort, what was recorded last counts."""
    on = {step.what: step.on_date for step in done}
    words = {step.what: step.words for step in done}
    return Handover(
        trusted_for=words.get(_WORDED, ""),
        trusted_for_on=on.get(_WORDED),
        customer_told_on=on.get("customer_told"),
        introduced_by_giver_on=on.get("introduced_by_giver"),
        introduced_by_successor_on=on.get("introduced_by_successor"),
        open_promises=left_promises,
        promises_passed_on=on.get("promises_passed"),
        successor_contact_on=on.get("own_account"),
    )


def left(row: models.Handover) -> QuerySet[models.Promise]:
    """Return the open promises to the customer that the giver still keeps or tells about."""
    hers = Q(giver=row.giver_id) | Q(keeper=row.giver_id)
    return models.Promise.objects.filter(hers, customer=row.customer_id, ended_at=None).order_by(
        "due_at", "pk"
    )


def missing_steps(row: models.Handover) -> list[StepName]:
    """Return the steps of a handover that are still missing."""
    done = list(models.HandoverStep.objects.filter(handover=row).order_by("pk"))
    steps = handover_steps(core_handover(done, [p.key for p in left(row)]))
    return [step.name for step in steps if step.done_on is None]


def _remains(viewer: Viewer, row: models.Handover, today: date) -> Remains:
    """Return what remains, for one of the two.

    Raises:
        Denied: no agreement allows it, the giver has not seen her own view, or the account is not
            valued.
    """
    pair = (row.giver.key, row.successor.key)
    access.handover_view(viewer, row.giver.key, pair=pair)
    if not access.evaluated(viewer).filter(pk=row.customer_id).exists():
        raise Denied(Text("Dieses Konto wird nicht bewertet.", "This account is not valued."))
    account = ledger.accounts([row.customer_id])[row.customer_id]
    policy = policies.history().in_force(today)

    def worth(person: models.Person) -> float:
        view = f"{PERSON_PREFIX}{person.key}"
        return valuation(account, policy, as_of=today, view=view).balance

    successor: float | None = None
    with suppress(Denied):
        access.handover_view(viewer, row.successor.key, pair=pair)
        successor = worth(row.successor)
    return Remains(
        total=valuation(account, policy, as_of=today).balance,
        giver=worth(row.giver),
        successor=successor,
        retained=retained_if_leaves(account, policy, row.giver.key, as_of=today),
    )


def _shown(row: models.Handover) -> Shown:
    profile = cast("models.Profile | None", getattr(row.customer, "profile", None))
    return Shown(
        key=row.key,
        customer=row.customer.key,
        name=profile.name if profile else "",
        giver=row.giver.name or row.giver.key,
        successor=row.successor.name or row.successor.key,
        begun_on=row.begun_date,
        state=row.state,
        closed_on=row.closed_date,
    )
