"""Recovery cases: which are open and what is due, one case with its steps, how fair they are."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import isfinite
from statistics import median
from typing import Literal, cast, get_args

from django.db.models import Exists, OuterRef, Q, QuerySet

from vertrauenskonto.core.errors import NotFound, Text
from vertrauenskonto.core.recovery.advice import ADVICE, Advice
from vertrauenskonto.core.recovery.case import OPEN_STATES, STATE_LABELS, Case, State
from vertrauenskonto.core.recovery.deciding import Option, allowed
from vertrauenskonto.core.recovery.due import due_dates
from vertrauenskonto.core.recovery.facts import (
    DECISION_LABELS,
    DECISION_QUESTIONS,
    PHONE_CHOICE,
    Breach,
    Decision,
    Fact,
)
from vertrauenskonto.core.recovery.steps import (
    CHANNEL_LABELS,
    STEPS,
    STRUCTURE,
    Path,
    Step,
    StepName,
    step_of,
)
from vertrauenskonto.db import access, models, recovering
from vertrauenskonto.db.access import Viewer, evaluated, may, require, shown_key
from vertrauenskonto.db.queries import policies
from vertrauenskonto.db.queries.calendars import Calendars
from vertrauenskonto.db.queries.choices import choice

# due: until today or overdue; wish: resting at the customer's wish; lead: waits for a lead.
Which = Literal["open", "due", "wish", "lead", "closed"]
WHICH: tuple[Which, ...] = get_args(Which)
PAGE_MAX = 200
# Failures that can be chosen when a case is opened by hand.
FAILURE_DAYS, FAILURES_MAX = 365, 12
BREACH_LABELS: Mapping[Breach, Text] = {
    "able": Text("das Können", "ability"),
    "willing": Text("das Wollen", "willingness"),
    "both": Text("Können und Wollen", "ability and willingness"),
}
DECILES, CASES_PER_DECILE_MIN = 10, 10
# Steps that book something for the case itself.
_BOOKING = ("repair", "prevention", "confirmed", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A case as a viewer sees it; `name` is None where she sees no names.

    `kind`: what was booked as the failure, "" if nothing was. `next_step` and `due`: what should be
    done first, by when; `next_step` None: nothing, or somebody must decide.
    """

    key: str
    customer: str
    name: str | None
    path: Path
    state: State
    state_text: Text
    is_open: bool
    kind: str
    incident: str
    incident_on: date
    opened_on: date
    closed_on: date | None
    next_step: Step | None
    due: date | None
    is_overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One thing recorded; `actor` and `by` as the staff rule shows them."""

    fact: Fact
    actor: str
    by: str
    written_at: datetime
    answers: tuple[tuple[Text, str], ...]

    @property
    def label(self) -> Text:
        """What was recorded."""
        return DECISION_LABELS[cast("Decision", self.fact.act)]

    @property
    def channel(self) -> Text | None:
        """How it was said, if anything was."""
        return CHANNEL_LABELS[self.fact.channel] if self.fact.channel else None

    @property
    def breach(self) -> Text | None:
        """What was broken, where the facts say so."""
        return BREACH_LABELS[self.fact.breach] if self.fact.breach else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of the path: done, skipped, possible now, or not yet, and then why.

    `skip` is the option to leave out an advised step.
    """

    step: Step
    done: Done | None
    skipped: Done | None
    option: Option | None
    skip: Option | None
    due: date | None
    advice: tuple[Advice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A case with its steps in order, what was decided in it, and what may be decided now.

    `before`: what else was recorded, the oldest first. `entry`: source and id of what failed;
    `earned`: points deposited and lost by the case.
    """

    shown: Shown
    case: Case
    stages: tuple[Stage, ...]
    decisions: tuple[Option, ...]
    before: tuple[Done, ...]
    obligation: int | None
    entry: tuple[str, str] | None
    earned: float
    is_repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ForLetter:
    """What a letter of a case says: the case, what was recorded in it, and name and address lines."""

    shown: Shown
    facts: tuple[Fact, ...]
    address: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some cases; `after` leads to the next ones, None: these were the last."""

    cases: tuple[Shown, ...]
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An entry that a case may be opened for: a failure or a complaint that still stands."""

    entry: int
    kind: str
    on: date
    case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenth:
    """The closed cases of customers of one tenth by revenue: how many, how fast, how they ended.

    `days`: from opening to closing, the middle one. `repaired`: their share, 0 to 1.
    """

    number: int
    count: int
    days: float
    repaired: float

    @property
    def percent(self) -> int:
        """The share repaired, in whole percent."""
        return round(100 * self.repaired)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fairness:
    """Whether cases go faster or end better for those who spend more; `why_none` if unknown."""

    column: str
    count: int
    tenths: tuple[Tenth, ...]
    why_none: Text | None


def visible(viewer: Viewer) -> QuerySet[models.Case]:
    """Return the cases that exist for a viewer; for modules of `db` only.

    Raises:
        Denied: the viewer may not book: a case is worked on, not looked up.
    """
    require(viewer, "book")
    allowed_ = evaluated(viewer).order_by().values("pk")
    return models.Case.objects.filter(customer__in=allowed_).order_by("due_date", "pk")


def page(viewer: Viewer, which: Which, *, today: date, after: str = "", limit: int = 50) -> Page:
    """Return a page of cases, the first due first; closed ones the newest first.

    Raises:
        Denied: as `visible`.
    """
    rows = _which(visible(viewer), which, today)
    last = models.Case.objects.filter(key=after).first() if after else None
    if last is not None and which == "closed":
        same = Q(closed_date=last.closed_date, pk__lt=last.pk)
        rows = rows.filter(same | Q(closed_date__lt=last.closed_date))
    elif last is not None:
        rows = rows.filter(
            Q(due_date__gt=last.due_date) | Q(due_date=last.due_date, pk__gt=last.pk)
        )
    found = list(_whole(rows)[: min(limit, PAGE_MAX) + 1])
    shown = tuple(_shown(viewer, row, today) for row in found[:limit])
    return Page(cases=shown, after=shown[-1].key if len(found) > limit else None)


def pressing(viewer: Viewer, *, today: date, is_own: bool, limit: int = 50) -> tuple[Shown, ...]:
    """Return the cases with something due today or before; `is_own`: of customers she looks after.

    Raises:
        Denied: as `visible`.
    """
    rows = _which(visible(viewer), "due", today)
    if is_own and viewer.person_id is not None:
        rows = rows.filter(customer__in=access.looked_after(viewer.person_id, viewer.team_id))
    return tuple(_shown(viewer, row, today) for row in _whole(rows)[:limit])


def of_seen(viewer: Viewer, pk: int, *, today: date, limit: int = 5) -> tuple[Shown, ...]:
    """Return the open cases of a customer whom the viewer was found to see."""
    rows = models.Case.objects.filter(customer=pk, closed_date=None).order_by("due_date", "pk")
    return tuple(_shown(viewer, row, today) for row in _whole(rows)[:limit])


def of_obligation(viewer: Viewer, number: int, *, today: date) -> tuple[Shown, ...]:
    """Return the cases that are about a duty.

    Raises:
        Denied: as `visible`.
    """
    rows = visible(viewer).filter(obligation=number)
    return tuple(_shown(viewer, row, today) for row in _whole(rows))


def failures_of(viewer: Viewer, key: str, *, today: date) -> tuple[Failure, ...]:
    """Return what a case may be opened for with a customer: failures and complaints, newest first.

    Raises:
        NotFound: there is no such customer for this viewer, or the account is not valued.
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    pk = access.customer_id(viewer, key)
    if not evaluated(viewer).filter(pk=pk).exists():
        raise NotFound(
            Text(
                f"Das Konto von „{key}“ wird nicht bewertet.",
                f"The account of '{key}' is not valued.",
            )
        )
    kinds = recovering.failures(policies.history().in_force(today)) | {recovering.COMPLAINT}
    undone = models.Entry.objects.filter(reverses=OuterRef("pk"))
    rows = models.Entry.objects.filter(
        customer__in=recovering.family(pk),
        kind__in=kinds,
        value_date__gt=today - timedelta(days=FAILURE_DAYS),
        value_date__lte=today,
    ).filter(~Exists(undone))
    found = list(rows.order_by("-value_date", "-pk")[:FAILURES_MAX])
    open_cases = models.Case.objects.filter(entry__in=found, closed_date=None)
    by_entry = dict(open_cases.values_list("entry", "key"))
    return tuple(
        Failure(entry=row.pk, kind=row.kind, on=row.value_date, case=by_entry.get(row.pk, ""))
        for row in found
    )


def sheet(viewer: Viewer, key: str, *, today: date) -> Sheet:
    """Return one case with its steps in order and what may be recorded now.

    Raises:
        NotFound: there is none, or not for this viewer.
        Denied: as `visible`.
    """
    row = _one(viewer, key)
    steps = _steps(row)
    policy = policies.history().in_force(today)
    others = recovering.other_incidents(row, policy, until=today)
    case = recovering.core_case(row, steps, other_incidents=others)
    names = access.shown_people(viewer, {s.actor for s in steps} | {s.person for s in steps})
    done = [_done(row, s, names) for s in steps]
    options = allowed(case, today=today)
    # A closed case owes nothing any more.
    due = {} if row.closed_date else due_dates(case, working_day=_working_day(row))
    in_steps = [d for d in done if step_of(case.path, d.fact.act) or d.fact.act == "skip"]
    return Sheet(
        shown=_shown(viewer, row, today),
        case=case,
        stages=tuple(_stage(step, in_steps, options, due) for step in STEPS[case.path]),
        decisions=tuple(
            o for o in options if step_of(case.path, o.act) is None and o.act != "skip"
        ),
        before=tuple(d for d in done if d not in in_steps),
        obligation=row.obligation_id,
        entry=None if row.entry is None else (row.entry.source, row.entry.source_id),
        earned=_earned(row) if any(s.what in _BOOKING for s in steps) else 0.0,
        is_repeated=bool(others),
    )


def for_letter(viewer: Viewer, key: str, *, today: date) -> ForLetter:
    """Return what a letter of one case says.

    Raises:
        NotFound: there is none, or not for this viewer.
        Denied: as `visible`.
    """
    row = _one(viewer, key)
    return ForLetter(
        shown=_shown(viewer, row, today),
        facts=tuple(map(recovering.fact, _steps(row))),
        address=_address(row) if may(viewer, "see_names") else (),
    )


def fairness(viewer: Viewer) -> Fairness:
    """Return speed and outcome of closed cases by tenths of revenue, where that is known.

    Nothing decides by it: it shows whether those who spend little are served as well.

    Raises:
        Denied: the viewer may not lead.
    """
    require(viewer, "lead")
    column = choice("revenue_column")
    if not column:
        text = Text(
            "Es ist keine Spalte mit dem Umsatz der Kunden benannt.",
            "No column with the revenue of customers is named.",
        )
        return Fairness(column="", count=0, tenths=(), why_none=text)
    revenue = _revenue(column)
    ended = models.Case.objects.filter(path="case", closed_date__isnull=False, customer__in=revenue)
    rows = ended.exclude(state__in=("dropped", "no_breach")).order_by("pk")
    found = [
        (revenue[customer], (closed - opened).days, state == "repaired")
        for customer, opened, closed, state in rows.values_list(
            "customer", "opened_date", "closed_date", "state"
        )
        if closed is not None
    ]
    needed = DECILES * CASES_PER_DECILE_MIN
    if len(found) < needed:
        text = Text(
            f"Erst ab {needed} abgeschlossenen Fällen mit bekanntem Umsatz sagt der Vergleich "
            f"etwas; bisher sind es {len(found)}.",
            f"Only from {needed} closed cases with known revenue on does this say anything; so far "
            f"there are {len(found)}.",
        )
        return Fairness(column=column, count=len(found), tenths=(), why_none=text)
    return Fairness(column=column, count=len(found), tenths=tuple(_tenths(found)), why_none=None)


def revenue_columns(viewer: Viewer) -> tuple[str, ...]:
    """Return the columns of customers that may hold revenue, for who may name the one that does.

    Raises:
        Denied: the viewer may not lead.
    """
    require(viewer, "lead")
    rows = models.Attribute.objects.order_by("name").values_list("name", flat=True)
    return tuple(rows.distinct()[:100])


def missing(key: str) -> NotFound:
    """Return the refusal of a key that names no case, or none for this viewer."""
    return NotFound(Text(f"Es gibt keinen Fall „{key}“.", f"There is no recovery case '{key}'."))


def _one(viewer: Viewer, key: str) -> models.Case:
    row = _whole(visible(viewer)).filter(key=key).first()
    if row is None:
        raise missing(key)
    return row


def _steps(row: models.Case) -> list[models.CaseStep]:
    return list(models.CaseStep.objects.filter(case=row).order_by("pk"))


def _working_day(row: models.Case) -> Callable[[date, int], date]:
    return Calendars().of(row.customer_id, None).add_days


def _tenths(found: Sequence[tuple[float, int, bool]]) -> list[Tenth]:
    """Return the cases by tenths; equal revenues stay together, in the lower tenth."""
    ordered = sorted(found)
    ranks = {value: n for n, (value, _, _) in reversed(list(enumerate(ordered)))}
    parts: dict[int, list[tuple[int, bool]]] = {}
    for value, days, repaired in ordered:
        tenth = ranks[value] * DECILES // len(ordered)
        parts.setdefault(tenth, []).append((days, repaired))
    return [
        Tenth(
            number=n + 1,
            count=len(rows),
            days=float(median(days for days, _ in rows)),
            repaired=sum(repaired for _, repaired in rows) / len(rows),
        )
        for n, rows in sorted(parts.items())
    ]


def _revenue(column: str) -> dict[int, float]:
    """Return what the column says of customers who have cases, where it is a number."""
    having = models.Case.objects.order_by().values("customer")
    rows = models.Attribute.objects.filter(name=column, customer__in=having).order_by("pk")
    found: dict[int, float] = {}
    for customer, value in rows.values_list("customer", "value"):
        try:
            found[customer] = float(value)
        except ValueError:
            found.pop(customer, None)
    return {pk: value for pk, value in found.items() if isfinite(value)}


def _which(rows: QuerySet[models.Case], which: Which, today: date) -> QuerySet[models.Case]:
    if which == "closed":
        return rows.filter(closed_date__isnull=False).order_by("-closed_date", "-pk")
    rows = rows.filter(closed_date=None)
    if which == "due":
        return rows.filter(due_date__lte=today).exclude(state="customers_wish")
    states: Mapping[Which, State] = {"wish": "customers_wish", "lead": "awaiting_lead"}
    return rows.filter(state=states[which]) if which in states else rows


def _whole(rows: QuerySet[models.Case]) -> QuerySet[models.Case]:
    return rows.select_related("customer__profile", "entry")


def _shown(viewer: Viewer, row: models.Case, today: date) -> Shown:
    shows = may(viewer, "see_names")
    profile = getattr(row.customer, "profile", None)
    path, state = cast("Path", row.path), cast("State", row.state)
    return Shown(
        key=row.key,
        customer=shown_key(viewer, row.customer.key),
        name=(profile.name if profile else "") if shows else None,
        path=path,
        state=state,
        state_text=STATE_LABELS[state],
        is_open=state in OPEN_STATES,
        kind=row.entry.kind if row.entry else "",
        incident=row.incident if shows else "",
        incident_on=row.incident_date,
        opened_on=row.opened_date,
        closed_on=row.closed_date,
        next_step=step_of(path, row.next_step),
        due=row.due_date,
        is_overdue=row.due_date is not None and row.due_date < today and state == "open",
    )


def _done(row: models.Case, step: models.CaseStep, names: Mapping[str, str]) -> Done:
    fact = recovering.fact(step)
    known = step_of(cast("Path", row.path), fact.act)
    asked = known.questions if known else DECISION_QUESTIONS[fact.act]
    return Done(
        fact=fact,
        actor=names[step.actor],
        by=names[step.person],
        written_at=step.written_at,
        answers=tuple(
            (q.label, text)
            for q in (*asked, PHONE_CHOICE, *STRUCTURE)
            if (text := fact.words.get(q.name))
        ),
    )


def _stage(
    step: Step, done: Sequence[Done], options: Collection[Option], due: Mapping[StepName, date]
) -> Stage:
    return Stage(
        step=step,
        done=next((d for d in done if d.fact.act == step.name), None),
        skipped=next((d for d in done if d.fact.act == "skip" and d.fact.step == step.name), None),
        option=next((o for o in options if o.act == step.name), None),
        skip=next((o for o in options if o.act == "skip" and o.step == step.name), None),
        due=due.get(step.name),
        advice=ADVICE[step.name],
    )


def _earned(row: models.Case) -> float:
    """Return the points that the case itself booked and that still stand."""
    names = [f"{row.key}:{step}" for step in _BOOKING]
    undone = models.Entry.objects.filter(reverses=OuterRef("pk"))
    rows = models.Entry.objects.filter(source=recovering.SOURCE, source_id__in=names)
    found = rows.filter(~Exists(undone)).order_by("pk")
    return sum(p.points for one in found for p in recovering.postings(one))


def _address(row: models.Case) -> tuple[str, ...]:
    people = models.Contact.objects.filter(customer=row.customer).order_by("-is_main", "pk")
    main = people.first()
    profile = getattr(row.customer, "profile", None)
    name = profile.name if profile else ""
    if main is None:
        return (name,) if name else ()
    lines = [name, main.name if main.name != name else ""]
    lines += main.address.splitlines()
    if main.postcode and main.postcode not in main.address:
        lines.append(main.postcode)
    return tuple(line.strip() for line in lines if line.strip())
