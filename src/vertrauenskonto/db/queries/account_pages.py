"""The account of one customer as its page shows it: who it is, what it is worth, its statement.

Few queries, however long the account: what the page shows beside the numbers comes with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Subquery

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger import explain as core_explain
from vertrauenskonto.core.ledger import statement as core_statement
from vertrauenskonto.core.ledger.balance import Valuation, runway, valuation
from vertrauenskonto.core.ledger.entries import (
    DIMENSIONS,
    PERSON_PREFIX,
    TOTAL,
    Dimension,
    Entry,
    Suspension,
    known_suspensions,
    live_entries,
)
from vertrauenskonto.core.ledger.explain import Explanation
from vertrauenskonto.core.ledger.periods import Period, around, newest
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.ledger.remedies import Help, help_for
from vertrauenskonto.core.ledger.statement import Statement
from vertrauenskonto.db import access, models, raw
from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.processing import State
from vertrauenskonto.db.queries import obligations, privacy, statements
from vertrauenskonto.db.queries.obligations import Duty
from vertrauenskonto.db.queries.statements import Printed, Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which account is asked for: its value date, what was known, whose part, which days.

    `known_at` None: all that was recorded; `period` None: the shortest in which something happened.
    """

    as_of: date
    known_at: date | None = None
    view: str = TOTAL
    period: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A person or place by which the customer is reached."""

    name: str
    function: str
    email: str
    phone: str
    address: str
    postcode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Who a customer is before this viewer; `pk` is for noting that somebody looked.

    `name`, `contacts` and `ids` (system, value) are None for who may see no names, and `owner` and
    `team` are "" then. `has_group`: it belongs to an organisation, or others belong to it.
    `is_merged`: entries of other customers count here.
    """

    pk: int
    key: str
    sort: str
    is_prospect: bool
    owner: str
    team: str
    has_group: bool
    is_merged: bool
    name: str | None
    contacts: tuple[Reached, ...] | None
    ids: tuple[tuple[str, str], ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """An entry of the period that no longer counts, and the reversal that says so."""

    entry: Entry
    reversal: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage:
    """An account as one viewer may know it, with its statement over `period`.

    `policy`: the version in force on the value date, for the account's segment. `runway_days` as
    `balance.runway`, None also outside the view `total`. `persons`: ids of members of staff whose
    part this viewer may ask for.
    """

    head: Head
    shown: Shown
    policy: Policy
    segment: Text | None
    valuation: Valuation
    runway_days: int | None
    helps: Mapping[Dimension, Help]
    rests: tuple[Suspension, ...]
    persons: tuple[str, ...]
    period: Period
    statement: Statement
    undone: tuple[Undone, ...]
    duty: Duty | None

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was ever booked on the account."""
        return not self.shown.account.entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """An account's value with each contribution, and the rules that say so."""

    head: Head
    shown: Shown
    policy: Policy
    explanation: Explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A customer whose account is not valued, and why."""

    head: Head
    state: State


def opened(viewer: Viewer, key: str, wanted: Wanted, *, today: date) -> AccountPage:
    """Return the account that the viewer calls `key`, with its statement; a duty is today's.

    Raises:
        NotFound, Denied, Conflict, Invalid: as `statements.shown`.
    """
    row, head, found = _opened(viewer, key, wanted)
    account, has_merges = found.account, row.has_merges
    policy = found.policies.in_force(wanted.as_of).for_segment(account.segment)
    live = live_entries(account.entries, as_of=wanted.as_of, known_at=wanted.known_at)
    period = _period(wanted, live)
    after, until = period.first - timedelta(days=1), min(period.last, wanted.as_of)
    printed = after if wanted.known_at is None else min(after, wanted.known_at)
    if printed != wanted.known_at:
        before = Printed(until=after, known_at=printed)
        found = statements.with_opening(
            viewer,
            head.pk,
            found,
            before,
            view=wanted.view,
            has_merges=has_merges or row.was_merged,
        )
    value = valuation(
        account, policy, as_of=wanted.as_of, known_at=wanted.known_at, view=wanted.view
    )
    dishonest = any(policy.is_honesty(e.kind) for e in live)
    is_total = wanted.view == TOTAL
    return AccountPage(
        head=head,
        shown=found,
        policy=policy,
        segment=next((s.label for s in policy.segments if s.name == account.segment), None),
        valuation=value,
        runway_days=runway(account, policy, as_of=wanted.as_of, known_at=wanted.known_at)
        if is_total
        else None,
        helps={d: help_for(d, value, policy, dishonest=dishonest) for d in DIMENSIONS},
        rests=tuple(known_suspensions(account.suspensions, known_at=wanted.known_at)),
        persons=_persons(account.entries),
        period=period,
        statement=core_statement.statement(
            account,
            found.policies,
            after=after,
            until=until,
            known_at=wanted.known_at,
            opening_known_at=printed,
            opening_account=found.opening,
            view=wanted.view,
        ),
        undone=tuple(_undone(account.entries, wanted, first=period.first, last=until)),
        duty=duty(viewer, row.duty, today),
    )


def why(viewer: Viewer, key: str, wanted: Wanted) -> Why:
    """Return why the account that the viewer calls `key` is worth what it is.

    Raises:
        NotFound, Denied, Conflict, Invalid: as `statements.shown`.
    """
    _, head, found = _opened(viewer, key, wanted)
    policy = found.policies.in_force(wanted.as_of)
    return Why(
        head=head,
        shown=found,
        policy=policy.for_segment(found.account.segment),
        explanation=core_explain.explanation(
            found.account, policy, as_of=wanted.as_of, known_at=wanted.known_at, view=wanted.view
        ),
    )


def stopped(viewer: Viewer, key: str) -> Stopped:
    """Return who the customer is whose account may not be valued.

    Raises:
        NotFound: there is none, or not for this viewer.
    """
    pk = access.customer_id(viewer, key)
    [row] = _rows(viewer).filter(pk=pk)
    state = privacy.state(pk)
    return Stopped(head=_head(viewer, row, with_contacts=state != "erased"), state=state)


def duty(viewer: Viewer, number: int | None, today: date) -> Duty | None:
    """Return the open duty with this number; most accounts have none, and nothing is asked."""
    if number is None:
        return None
    return obligations.one_open(viewer, number, today=today)


def _opened(viewer: Viewer, key: str, wanted: Wanted) -> tuple[Any, Head, Shown]:
    row, found = read(viewer, key, wanted)
    return row, _head(viewer, row), found


# Any: as `_rows` says.
def read(viewer: Viewer, key: str, wanted: Wanted) -> tuple[Any, Shown]:
    """Return the row of who is called `key`, with what `_rows` adds, and the account; for `db` only.

    Raises:
        NotFound, Denied, Conflict, Invalid: as `statements.shown`.
    """
    access.require(viewer, "see_accounts")
    statements.check_view(viewer, wanted.view)
    row = None
    if viewer.role != "analyst":
        row = _rows(viewer).filter(key=key).first()
    if row is not None and row.is_valued and not row.was_merged:
        found = statements.of_customer(
            viewer,
            row.pk,
            as_of=wanted.as_of,
            known_at=wanted.known_at,
            view=wanted.view,
            has_merges=row.has_merges,
        )
        return row, found
    # Merged, called by a pseudonym, or not to be shown: there it is said why.
    found = statements.shown(
        viewer, key, as_of=wanted.as_of, known_at=wanted.known_at, view=wanted.view
    )
    pk = access.customer_id(viewer, found.account.id)
    [row] = _rows(viewer).filter(pk=pk)
    return row, found


# Any: django-stubs cannot name a queryset with annotations.
def _rows(viewer: Viewer) -> Any:
    own = OuterRef("pk")
    return models.Customer.objects.select_related("profile__owner", "profile__owner_team").annotate(
        is_valued=Exists(access.evaluated(viewer).order_by().filter(pk=own)),
        was_merged=Exists(models.Alias.objects.filter(customer=own)),
        has_merges=Exists(models.Alias.objects.filter(into=own)),
        has_parent=Exists(models.Parent.objects.filter(customer=own)),
        has_children=Exists(models.Parent.objects.filter(parent=own)),
        duty=Subquery(
            models.Obligation.objects.filter(customer=own, closed_date=None)
            .order_by("pk")
            .values("pk")[:1]
        ),
    )


def _head(viewer: Viewer, row: Any, *, with_contacts: bool = True) -> Head:
    profile: models.Profile | None = getattr(row, "profile", None)
    shows = access.may(viewer, "see_names")
    contacts, ids = _reached(row.pk) if shows and with_contacts else ((), ())
    named = profile if shows else None
    return Head(
        pk=row.pk,
        key=access.shown_key(viewer, row.key),
        sort=profile.sort if profile else "person",
        is_prospect=profile.is_prospect if profile else False,
        owner=named.owner.name if named and named.owner else "",
        team=named.owner_team.name if named and named.owner_team else "",
        has_group=row.has_parent or row.has_children,
        is_merged=row.has_merges,
        name=(named.name if named else "") if shows else None,
        contacts=contacts if shows else None,
        ids=ids if shows else None,
    )


_REACHED = """SELECT 0, 0, system, value, '', '', '', '' FROM external_id WHERE customer_id = %s
UNION ALL SELECT 1, CASE WHEN is_main THEN 0 ELSE 1 END, name, function, email, phone, address,
  postcode FROM contact WHERE customer_id = %s ORDER BY 1, 2, 3, 4"""


def _reached(pk: int) -> tuple[tuple[Reached, ...], tuple[tuple[str, str], ...]]:
    rows = raw.fetched(_REACHED, [pk, pk])
    contacts = tuple(
        Reached(
            name=name,
            function=function,
            email=email,
            phone=phone,
            address=address,
            postcode=postcode,
        )
        for is_contact, _, name, function, email, phone, address, postcode in rows
        if is_contact
    )
    return contacts, tuple((row[2], row[3]) for row in rows if not row[0])


def _period(wanted: Wanted, live: list[Entry]) -> Period:
    if wanted.period is None:
        return newest((e.on for e in live), until=wanted.as_of)
    if wanted.period.first > wanted.as_of:
        return around(wanted.as_of, "month")
    return wanted.period


def _persons(entries: tuple[Entry, ...]) -> tuple[str, ...]:
    """Return the members of staff whom entries name openly to this viewer."""
    named = {e.target for e in entries if e.target.startswith(PERSON_PREFIX)}
    return tuple(sorted(target.removeprefix(PERSON_PREFIX) for target in named))


def _undone(entries: tuple[Entry, ...], wanted: Wanted, *, first: date, last: date) -> list[Undone]:
    known = [e for e in entries if wanted.known_at is None or e.recorded <= wanted.known_at]
    reversals = {e.reverses: e for e in known if e.reverses is not None}
    return [
        Undone(entry=e, reversal=reversals[e.id])
        for e in sorted(known, key=lambda e: (e.on, e.recorded, e.id))
        if e.id in reversals and first <= e.on <= last
    ]
