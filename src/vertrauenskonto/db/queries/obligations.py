"""Obligations: whose duty it is to act on which account, why, and until when."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal, get_args

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from vertrauenskonto.core.errors import NotFound, Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.kinds import PROMISE_LADDER
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.obligations import buffer_target
from vertrauenskonto.db import access, models
from vertrauenskonto.db.access import Viewer, evaluated, may, require, shown_key
from vertrauenskonto.db.queries import policies
from vertrauenskonto.render.numbers import long_day, number
from vertrauenskonto.render.words import DIMENSION_LABELS, reason_word

# all: open and awake; closed: within the last 30 days.
Which = Literal["mine", "queue", "overdue", "all", "snoozed", "closed"]
WHICH: tuple[Which, ...] = get_args(Which)
PAGE_MAX = 500
CLOSED_DAYS = 30
# Beyond it a database knows no row.
_NUMBER_MAX = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """An obligation as a viewer sees it.

    `customer`: how the customer is called before her; `name` and `phone` are None where she sees no
    names. `owner`: the name of whoever has it, "" if that is the customer's owner or team, `person`
    where the staff rule masks it. Points: `balance` (None: not valued), `threshold`,
    `buffer_target`, from which the duty closes, and `promise_cost`: what the account must stand
    above its threshold to bear one promise broken silently, 0 where the policy knows no such kind.
    """

    id: int
    customer: str
    name: str | None
    phone: str | None
    causes: tuple[Text, ...]
    sorts: tuple[str, ...]
    opened_date: date
    due_date: date
    is_overdue: bool
    is_escalated: bool
    owner: str
    is_mine: bool
    snoozed_until: date | None
    closed_date: date | None
    outcome: str
    balance: float | None
    threshold: float
    buffer_target: float
    promise_cost: float
    weakest: str
    weakest_reason: str
    group: int | None
    group_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One step of a duty's history; `actor` and `person` as the staff rule shows them."""

    at: datetime
    actor: str
    what: str
    sort: str
    until: date | None
    person: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A duty, and all that was done about it, the newest first."""

    duty: Duty
    history: tuple[Done, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some duties, the first due first; `after` leads to the next ones, None: these were the last."""

    duties: tuple[Duty, ...]
    after: tuple[int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """One duty for a cause that many accounts have, and the duties below it that the viewer sees.

    Of those below that are closed, `recovered_count` have their buffer again; `other_count` were
    left, or are no longer valued or merged.
    """

    id: int
    name: str
    owner: str
    is_mine: bool
    opened_date: date
    due_date: date
    is_overdue: bool
    resolved_date: date | None
    outcome: str
    open_count: int
    recovered_count: int = 0
    other_count: int = 0
    duties: tuple[Duty, ...] = ()


def mine(viewer: Viewer, *, today: date, limit: int = PAGE_MAX) -> tuple[Duty, ...]:
    """Return what the viewer has to do: hers, her customers' and her team's; overdue first.

    Raises:
        Denied: the viewer may not see accounts.
    """
    rows = _awake(_open(viewer), today).filter(_is_hers(viewer))
    return _duties(viewer, rows.order_by("due_date", "pk")[:limit], today)


def count_open(viewer: Viewer, *, today: date) -> int:
    """Return how many duties `mine` would list.

    Raises:
        Denied: the viewer may not see accounts.
    """
    return _awake(_open(viewer), today).filter(_is_hers(viewer)).count()


def of_viewer(viewer: Viewer) -> QuerySet[models.Obligation]:
    """Return the obligations, open and closed, that are the viewer's; for modules of `db` only.

    Raises:
        Denied: the viewer may not see accounts.
    """
    return _visible(viewer).filter(_is_hers(viewer))


def of_customer(viewer: Viewer, key: str, *, today: date) -> Duty | None:
    """Return the duty that is open on a customer's account, None if there is none.

    Raises:
        NotFound: there is no such customer for this viewer.
        Denied: the viewer may not see accounts.
    """
    customer = access.customer_id(viewer, key)
    return next(iter(_duties(viewer, _open(viewer).filter(customer=customer), today)), None)


def some(viewer: Viewer, numbers: Collection[int], *, today: date) -> tuple[Duty, ...]:
    """Return those of the duties that are open and that the viewer sees, the first due first.

    Raises:
        Denied: the viewer may not see accounts.
    """
    rows = _open(viewer).filter(pk__in=[n for n in numbers if n < _NUMBER_MAX])
    return _duties(viewer, rows.order_by("due_date", "pk")[:PAGE_MAX], today)


def one_open(viewer: Viewer, number: int, *, today: date) -> Duty | None:
    """Return an open duty of a customer whom the viewer is known to see; for modules of `db` only."""
    rows = models.Cause.objects.filter(obligation=number, obligation__closed_date=None)
    joined = [f"obligation__{name}" for name in _WHOLE]
    phone = _phone("obligation__customer")
    causes = list(rows.select_related("entry", *joined).annotate(phone=phone))
    if not causes:
        return None
    # Any: it carries what `_whole` adds.
    row: Any = causes[0].obligation
    row.phone = causes[0].phone
    [duty] = _duties(viewer, [row], today, causes=causes)
    return duty


def sheet(viewer: Viewer, obligation: int, *, today: date) -> Sheet:
    """Return one duty with all that was done about it.

    Raises:
        NotFound: there is none, or not for this viewer.
        Denied: the viewer may not see accounts.
    """
    found = list(_whole(_visible(viewer).filter(pk=obligation)))
    if not found:
        raise _missing(obligation)
    rows = list(models.Step.objects.filter(obligation=obligation).order_by("-pk"))
    keys = {row.actor for row in rows} | {row.person for row in rows} | _owners(found)
    names = access.shown_people(viewer, keys)
    shows = may(viewer, "see_names")
    [duty] = _duties(viewer, found, today, names)
    return Sheet(
        duty=duty,
        history=tuple(
            Done(
                at=row.at,
                actor=names[row.actor],
                what=row.what,
                sort=row.sort,
                until=row.until_date,
                person=names[row.person],
                reason=row.reason if shows else "",
            )
            for row in rows
        ),
    )


def page(
    viewer: Viewer,
    which: Which = "all",
    *,
    today: date,
    after: tuple[int, int] | None = None,
    limit: int = 50,
) -> Page:
    """Return duties of one sort, page by page; `after` as an earlier page gave it.

    Raises:
        Denied: the viewer may not see accounts.
    """
    size = min(max(limit, 1), PAGE_MAX)
    rows = _chosen(viewer, which, today)
    day, order = "due_date", ("due_date", "pk")
    if which == "closed":
        day, order = "closed_date", ("-closed_date", "-pk")
    if after is not None:
        last, pk = date.fromordinal(after[0]), after[1]
        beyond = "lt" if which == "closed" else "gt"
        rows = rows.filter(Q(**{f"{day}__{beyond}": last}) | Q(**{day: last, f"pk__{beyond}": pk}))
    found = list(_whole(rows).order_by(*order)[: size + 1])
    more = None
    if len(found) > size:
        end = found[size - 1]
        more = (getattr(end, day).toordinal(), end.pk)
    return Page(duties=_duties(viewer, found[:size], today), after=more)


def shared(viewer: Viewer, number: int, *, today: date) -> Shared:
    """Return a shared duty with the open duties below it that the viewer sees.

    Raises:
        NotFound: there is none, or it is not hers and she sees none of its customers.
        Denied: the viewer may not see accounts.
    """
    below = _visible(viewer).filter(shared=number)
    found = _shared_seen(viewer, below).filter(pk=number).select_related("owner").first()
    if found is None:
        raise _missing(number)
    ended = below.exclude(closed_date=None).order_by().values_list("outcome")
    outcomes = dict(ended.annotate(Count("pk")))
    rows = below.filter(closed_date=None).order_by("due_date", "pk")[:PAGE_MAX]
    duties = _duties(viewer, rows, today)
    [told] = _shared(viewer, [found], {found.pk: len(duties)}, today, duties)
    recovered = outcomes.get("recovered", 0)
    other = sum(outcomes.values()) - recovered
    return replace(told, recovered_count=recovered, other_count=other)


def shared_open(viewer: Viewer, *, today: date) -> tuple[Shared, ...]:
    """Return the shared duties that are not dealt with, the first due first, without what is below.

    Raises:
        Denied: the viewer may not see accounts.
    """
    below = _visible(viewer).filter(shared=OuterRef("pk"))
    return _unresolved(viewer, _shared_seen(viewer, below), today)


def shared_mine(viewer: Viewer, *, today: date) -> tuple[Shared, ...]:
    """Return the shared duties that are hers and not dealt with, the first due first.

    Raises:
        Denied: the viewer may not see accounts.
    """
    return _unresolved(viewer, shared_of_viewer(viewer), today)


def shared_of_viewer(viewer: Viewer) -> QuerySet[models.SharedDuty]:
    """Return the shared duties, dealt with or not, that are the viewer's; for modules of `db` only.

    Leads also see to those that nobody has.

    Raises:
        Denied: the viewer may not see accounts.
    """
    require(viewer, "see_accounts")
    hers = Q(pk__in=()) if viewer.person_id is None else Q(owner=viewer.person_id)
    if may(viewer, "lead"):
        hers |= _is_unheld()
    return models.SharedDuty.objects.filter(hers)


def _shared_seen(viewer: Viewer, below: QuerySet[models.Obligation]) -> QuerySet[models.SharedDuty]:
    """Return the shared duties that are the viewer's or have something below them that she sees.

    Leads see them all: they are told of every one that is overdue.
    """
    if may(viewer, "lead"):
        return models.SharedDuty.objects.all()
    hers = shared_of_viewer(viewer).values("pk")
    return models.SharedDuty.objects.filter(Q(pk__in=hers) | Q(Exists(below)))


def _unresolved(
    viewer: Viewer, rows: QuerySet[models.SharedDuty], today: date
) -> tuple[Shared, ...]:
    found = list(rows.filter(resolved_date=None).select_related("owner").order_by("due_date", "pk"))
    if not found:
        return ()
    below = _open(viewer).filter(shared__in=found).order_by().values_list("shared")
    return _shared(viewer, found, dict(below.annotate(Count("pk"))), today)


def _shared(
    viewer: Viewer,
    rows: Sequence[models.SharedDuty],
    counts: Mapping[int, int],
    today: date,
    duties: tuple[Duty, ...] = (),
) -> tuple[Shared, ...]:
    shows = may(viewer, "see_names")
    keys = {row.pk: row.owner.key if row.owner else "" for row in rows}
    names = access.shown_people(viewer, set(keys.values()))
    return tuple(
        Shared(
            id=row.pk,
            name=row.name if shows else "",
            owner=names[keys[row.pk]],
            is_mine=row.owner_id is not None and row.owner_id == viewer.person_id,
            opened_date=row.opened_date,
            due_date=row.due_date,
            is_overdue=row.due_date < today and row.resolved_date is None,
            resolved_date=row.resolved_date,
            outcome=row.outcome if shows else "",
            open_count=counts.get(row.pk, 0),
            duties=duties,
        )
        for row in rows
    )


# ---------------------------------------------------------------------- whose it is


def _is_unheld() -> Q:
    return Q(owner=None) | Q(owner__is_active=False)


def _is_unkept() -> Q:
    return Q(customer__profile__owner=None) | Q(customer__profile__owner__is_active=False)


def _is_hers(viewer: Viewer) -> Q:
    """Return whether a duty is the viewer's: hers, or nobody's and she looks after the customer.

    Leads also see to what nobody and no team looks after.
    """
    hers = kept = Q(pk__in=())
    if viewer.person_id is not None:
        hers = Q(owner=viewer.person_id)
        deputies = models.Profile.deputies.through.objects.filter(
            profile=OuterRef("customer"), person=viewer.person_id
        )
        kept = Q(customer__profile__owner=viewer.person_id) | Q(Exists(deputies))
    if viewer.team_id is not None:
        kept |= _is_unkept() & Q(customer__profile__owner_team=viewer.team_id)
    if may(viewer, "lead"):
        kept |= _is_unkept() & Q(customer__profile__owner_team=None)
    return hers | (_is_unheld() & kept)


# ---------------------------------------------------------------------- which there are


def _visible(viewer: Viewer) -> QuerySet[models.Obligation]:
    require(viewer, "see_accounts")
    allowed = evaluated(viewer).order_by().values("pk")
    return models.Obligation.objects.filter(customer__in=allowed)


def _open(viewer: Viewer) -> QuerySet[models.Obligation]:
    return _visible(viewer).filter(closed_date=None)


def _awake(rows: QuerySet[models.Obligation], today: date) -> QuerySet[models.Obligation]:
    return rows.filter(Q(snoozed_until_date=None) | Q(snoozed_until_date__lte=today))


def _chosen(viewer: Viewer, which: Which, today: date) -> QuerySet[models.Obligation]:
    if which == "closed":
        since = today - timedelta(days=CLOSED_DAYS)
        return _visible(viewer).filter(closed_date__gte=since)
    rows = _open(viewer)
    if which == "snoozed":
        return rows.filter(snoozed_until_date__gt=today)
    rows = _awake(rows, today)
    if which == "mine":
        return rows.filter(_is_hers(viewer))
    if which == "queue":
        return rows.filter(_is_unheld() & _is_unkept())
    if which == "overdue":
        return rows.filter(due_date__lt=today)
    return rows


# ---------------------------------------------------------------------- how they are shown


def _whole(rows: QuerySet[models.Obligation]) -> QuerySet[models.Obligation]:
    return rows.select_related(*_WHOLE).annotate(phone=_phone("customer"))


_WHOLE = ("customer__balance", "customer__profile", "owner", "shared")


def _phone(customer: str) -> Subquery:
    """Return a number to call a customer by: the main contact's, or else the first there is."""
    rows = models.Contact.objects.filter(customer=OuterRef(customer)).exclude(phone="")
    return Subquery(rows.order_by("-is_main", "pk").values("phone")[:1])


def _owners(rows: Sequence[models.Obligation]) -> set[str]:
    return {row.owner.key if row.owner else "" for row in rows}


def _duties(
    viewer: Viewer,
    rows: QuerySet[models.Obligation] | Sequence[models.Obligation],
    today: date,
    known: Mapping[str, str] | None = None,
    causes: Sequence[models.Cause] | None = None,
) -> tuple[Duty, ...]:
    """Return rows as the viewer sees them.

    `known`: how people are called, and `causes` of all of them, from who asked already.
    """
    found = list(_whole(rows)) if isinstance(rows, QuerySet) else rows
    if not found:
        return ()
    # Any: rows carry what `_whole` added.
    whole: dict[int, Any] = {row.pk: row for row in found}
    policy = policies.history().in_force(today)
    shows = may(viewer, "see_names")
    why = _causes(whole, causes)
    owners = [row.owner for row in found if row.owner]
    names = known or access.shown_people(viewer, _owners(found), known=owners)
    made = []
    for pk, row in whole.items():
        balance = getattr(row.customer, "balance", None)
        profile = getattr(row.customer, "profile", None)
        rules = policy.for_segment(balance.segment if balance else "").parameters
        sorts = tuple(c.sort for c in why[pk])
        made.append(
            Duty(
                id=pk,
                customer=shown_key(viewer, row.customer.key),
                name=(profile.name if profile else "") if shows else None,
                phone=(row.phone or "") if shows else None,
                causes=_sentences(why[pk], row, balance, policy),
                sorts=sorts,
                opened_date=row.opened_date,
                due_date=row.due_date,
                is_overdue=row.closed_date is None and row.due_date < today,
                is_escalated=row.escalated_date is not None,
                owner=names[row.owner.key if row.owner else ""],
                is_mine=row.owner_id is not None and row.owner_id == viewer.person_id,
                snoozed_until=_asleep(row, today),
                closed_date=row.closed_date,
                outcome=row.outcome,
                balance=balance.balance if balance else None,
                threshold=rules.threshold,
                buffer_target=buffer_target(rules),
                promise_cost=_promise_cost(policy, balance.segment if balance else ""),
                weakest=balance.weakest if balance else "",
                weakest_reason=balance.weakest_reason if balance else "",
                group=row.shared_id,
                group_name=row.shared.name if row.shared and shows else "",
            )
        )
    return tuple(made)


def _promise_cost(policy: Policy, segment: str) -> float:
    worst = policy.for_segment(segment).kinds.get(PROMISE_LADDER[-1])
    return max(-worst.total, 0.0) if worst else 0.0


def _asleep(row: models.Obligation, today: date) -> date | None:
    until = row.snoozed_until_date
    return until if until is not None and until > today else None


def _causes(
    whole: Mapping[int, models.Obligation], rows: Iterable[models.Cause] | None
) -> dict[int, list[models.Cause]]:
    """Return what each duty is about: what still stands, or, of closed ones, all that did."""
    found: dict[int, list[models.Cause]] = {pk: [] for pk in whole}
    if rows is None:
        rows = models.Cause.objects.filter(obligation__in=list(whole)).select_related("entry")
    for cause in rows:
        if cause.ended_date is None or whole[cause.obligation_id].closed_date is not None:
            found[cause.obligation_id].append(cause)
    for causes in found.values():
        causes.sort(key=lambda cause: (_WEIGHT[cause.sort], cause.pk))
        if causes and causes[0].sort == "honesty":
            # That willing reads no follows from it and need not be said twice.
            causes[:] = [cause for cause in causes if cause.sort != "willing"]
    return found


_WEIGHT = {"honesty": 0, "threshold": 1, "willing": 2, "able": 3, "assessable": 4}


def _sentences(
    causes: Sequence[models.Cause],
    row: models.Obligation,
    balance: models.Balance | None,
    policy: Policy,
) -> tuple[Text, ...]:
    """Return what a duty is about, the main cause first; preconditions that read no are one."""
    found = [_breach(cause, policy) for cause in causes if cause.sort == "honesty"]
    if any(cause.sort == "threshold" for cause in causes):
        found.append(_threshold(row, balance, policy))
    dimensions = [DIMENSION_LABELS[d] for d in DIMENSIONS if d in {c.sort for c in causes}]
    if dimensions:
        found.append(_reads_no(dimensions))
    return tuple(found)


def _reads_no(dimensions: Sequence[Text]) -> Text:
    *first, last = dimensions
    german = f"{', '.join(d.de for d in first)} und {last.de}" if first else last.de
    english = f"{', '.join(d.en for d in first)} and {last.en}" if first else last.en
    return Text(
        f"{german} {'stehen' if first else 'steht'} auf Nein: Es spricht mehr dagegen als dafür.",
        f"{english} {'read' if first else 'reads'} no: more speaks against it than for it.",
    )


def _breach(cause: models.Cause, policy: Policy) -> Text:
    assert cause.entry is not None, "a breach of honesty is an entry"
    known = policy.kinds.get(cause.entry.kind)
    label = known.label if known else Text(cause.entry.kind, cause.entry.kind)
    day = cause.entry.value_date
    return Text(
        f"Verstoß gegen die Ehrlichkeit: {label.de}, {long_day(day, 'de')}.",
        f"A breach of honesty: {label.en}, {long_day(day, 'en')}.",
    )


def _threshold(row: models.Obligation, balance: models.Balance | None, policy: Policy) -> Text:
    if balance is None or row.closed_date is not None:
        return Text(
            "Das Konto war unter seine Schwelle gefallen.",
            "The account had fallen below its threshold.",
        )
    if not balance.below_threshold:
        target = buffer_target(policy.for_segment(balance.segment).parameters)
        return Text(
            f"Wieder über der Schwelle, aber noch ohne Puffer: er ist bei {number(target, 'de')} "
            "Punkten erreicht.",
            f"Above the threshold again, but without a buffer yet: that takes "
            f"{number(target, 'en')} points.",
        )
    weakest = DIMENSION_LABELS[balance.weakest]  # type: ignore[index]  # one of the three
    reason = reason_word(balance.weakest_reason)
    return Text(
        f"Unter der Schwelle; am schwächsten: {weakest.de}, {reason.de}.",
        f"Below the threshold; weakest: {weakest.en}, {reason.en}.",
    )


def _missing(number_: int) -> NotFound:
    return NotFound(
        Text(de=f"Eine Aufgabe {number_} gibt es nicht.", en=f"There is no duty {number_}.")
    )
