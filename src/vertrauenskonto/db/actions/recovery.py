"""Recovery cases: opened by hand, from a duty or by rule; each step recorded once, booked at once.

What may be recorded is decided by the core (`core.recovery.deciding.decide`); a step, what it books
and what it closes are one transaction. Each call is about one customer: there is no bulk.

    the case, locked -> its steps -> the new step decided (core) -> step, entries, case, obligation
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from secrets import token_hex
from typing import Literal

from django.db import transaction

from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Problem, Text
from vertrauenskonto.core.ledger.booking import RECOVERY_CAP
from vertrauenskonto.core.ledger.entries import Entry, Posting
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.core.recovery import case as cases
from vertrauenskonto.core.recovery.deciding import decide
from vertrauenskonto.core.recovery.deposits import deposits, failure
from vertrauenskonto.core.recovery.due import due_dates
from vertrauenskonto.core.recovery.facts import Act, Breach, Evaluation, Fact
from vertrauenskonto.core.recovery.paths import Route, path_for
from vertrauenskonto.core.recovery.steps import Channel, StepName
from vertrauenskonto.db import models, recovering
from vertrauenskonto.db.access import Viewer, customer_id, evaluated, installation, require
from vertrauenskonto.db.actions import ledger, watching
from vertrauenskonto.db.actions.choices import choose
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.ledger import Draft
from vertrauenskonto.db.queries.calendars import Calendars
from vertrauenskonto.db.queries.choices import choice
from vertrauenskonto.db.queries.recovery import missing, visible
from vertrauenskonto.db.recovering import SOURCE, core_case, family
from vertrauenskonto.db.retrying import patiently

Origin = Literal["hand", "obligation", "rule"]
TEXT_LENGTH_MAX, WORDS_LENGTH_MAX, NUMBER_LENGTH_MAX = 1000, 4000, 40
# An older failure that becomes known only now opens nothing by rule; by hand it may.
RULE_DAYS = 14
_DECISION = "decision"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCase:
    """What failed towards one customer, by key.

    `entry`: what was booked for it, by row number; None: nothing, and then nothing is deposited
    either. `happened_on` None: the day of the entry. `as_case`: not the light path, whatever the
    rule says. `number` names the form it came from; the same again opens nothing.
    """

    customer: str
    number: str
    entry: int | None = None
    happened_on: date | None = None
    incident: str = ""
    as_case: bool = False
    origin: Origin = "hand"
    obligation: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A step as somebody reports it; as `core.recovery.facts.Fact`.

    `person`: the key of who did it, "" for whoever reports. `survey`: answers of 1 to 7, None: no
    answer came. `number` names the form it came from; the same again changes nothing.
    """

    what: Act
    on: date
    number: str
    person: str = ""
    channel: Channel | None = None
    skipped: StepName | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    breach: Breach | None = None
    until: date | None = None
    survey: tuple[int, int, int] | None = None


def open_case(viewer: Viewer, new: NewCase, *, door: Door, policies: PolicyHistory) -> str:
    """Open a case for one failure towards one customer; return its key.

    If one is open for the same entry, that one is returned and nothing is opened.

    Raises:
        Invalid: the failure is missing, lies ahead or is too long.
        NotFound: there is no such customer or entry for this viewer, or it is not valued.
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    return patiently(lambda: _open(viewer, new, door, policies))


@transaction.atomic
def _open(viewer: Viewer, new: NewCase, door: Door, policies: PolicyHistory) -> str:
    pk = customer_id(viewer, new.customer)
    # Whoever opens another at the same moment waits here.
    customer = models.Customer.objects.select_for_update().get(pk=pk)
    if not evaluated(viewer).filter(pk=pk).exists():
        raise _no_customer(new.customer)
    there = models.Case.objects.filter(number=new.number).first()
    if there is not None:
        return there.key
    entry = _entry(pk, new.entry)
    if entry is not None:
        found = models.Case.objects.filter(entry=entry, closed_date=None).first()
        if found is not None:
            return found.key
    day = entry.value_date if entry is not None else new.happened_on
    _refuse(new, day, door.today)
    assert day is not None
    kind = entry.kind if entry is not None else ""
    route = routed(pk, kind, day, policies=policies, today=door.today, entry=new.entry)
    row = models.Case(
        key=f"r_{token_hex(16)}",
        customer=customer,
        path="case" if new.as_case else route.path,
        origin=new.origin,
        entry=entry,
        obligation_id=_obligation(pk, new.obligation),
        incident_date=day,
        incident=new.incident.strip(),
        opened_at=door.at,
        opened_date=door.today,
        opened_by=door.actor,
        number=new.number,
    )
    _place(row, core_case(row, ()))
    row.save(force_insert=True)
    return row.key


def routed(
    customer: int, kind: str, day: date, *, policies: PolicyHistory, today: date, entry: int | None
) -> Route:
    """Return which path a failure takes by rule, and why; nothing about the customer's worth counts."""
    policy = policies.in_force(today)
    earlier = recovering.failed_on(customer, policy, until=day)
    earlier.pop(entry or 0, None)
    return path_for(
        kind,
        on=day,
        honesty_kinds=recovering.honesty_kinds(policy),
        earlier=earlier.values(),
        is_unanswered=kind in recovering.UNANSWERED,
        rules=recovering.RULES,
    )


def open_by_rule(*, door: Door, policies: PolicyHistory) -> int:
    """Open what the failures booked since the last time call for; return how many cases.

    Safe to run twice. Failures from before going live, or that happened long ago, open nothing.
    """
    last = int(choice("recovery_looked_entry") or 0)
    policy = policies.in_force(door.today)
    newest = models.Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    since = door.today - timedelta(days=RULE_DAYS)
    live = choice("go_live_date")
    since = max(since, date.fromisoformat(live)) if live else since
    viewer = installation("work")
    rows = models.Entry.objects.filter(
        pk__gt=last,
        pk__lte=newest,
        kind__in=recovering.failures(policy),
        value_date__gte=since,
        value_date__lte=door.today,
    ).exclude(pk__in=models.Case.objects.filter(entry__isnull=False).values("entry"))
    opened = 0
    for row in rows.select_related("customer").order_by("pk"):
        if recovering.is_reversed(row.pk):
            continue
        new = NewCase(
            customer=row.customer.key, number=f"entry:{row.pk}", entry=row.pk, origin="rule"
        )
        try:
            open_case(viewer, new, door=door, policies=policies)
        except NotFound:
            # Of somebody whose account is not valued.
            continue
        opened += 1
    choose("recovery_looked_entry", str(newest))
    return opened


def record(
    viewer: Viewer, key: str, step: Recorded, *, door: Door, policies: PolicyHistory
) -> cases.Outcome:
    """Record one step in a case, book what it earns or costs; return where the case stands.

    The same form once more changes nothing.

    Raises:
        NotFound: there is no such case for this viewer.
        Conflict, Invalid: the case does not allow the step (`core.recovery.deciding.decide`);
            nothing was written.
        Denied: the viewer may not book, or decides what is for a lead to decide.
    """
    require(viewer, "book")
    if step.what in ("lead_repaired", "lead_not_repaired"):
        require(viewer, "lead")
    return patiently(lambda: _record(viewer, key, step, door, policies))


@transaction.atomic
def _record(
    viewer: Viewer, key: str, step: Recorded, door: Door, policies: PolicyHistory
) -> cases.Outcome:
    row = visible(viewer).select_for_update(of=("self",)).filter(key=key).first()
    if row is None:
        raise missing(key)
    steps = list(models.CaseStep.objects.filter(case=row).order_by("pk"))
    others = recovering.other_incidents(row, policies.in_force(door.today), until=door.today)
    case = core_case(row, steps, other_incidents=others)
    if any(one.number == step.number for one in steps):
        return cases.outcome(case)
    _refuse_long(step)
    told = decide(case, _fact(row, step, door, policies), today=door.today)
    _write(row, told, step.number, door)
    case = case.with_fact(told)
    if told.act == "confirmed":
        _deposit(row, case, door, policies)
    if told.act == "failed":
        _fail(row, case, door, policies)
    if told.act == "escalate":
        _continue(row, door)
    now = cases.outcome(case)
    _place(row, case)
    row.closed_date = door.today if now.is_closed and row.closed_date is None else row.closed_date
    row.save()
    if now.is_closed and "evaluated" in case.done and row.obligation_id is not None:
        watching.settle(row.obligation_id, today=door.today, at=door.at)
    return now


def _fact(row: models.Case, step: Recorded, door: Door, policies: PolicyHistory) -> Fact:
    told = Fact(
        act=step.what,
        on=step.on,
        by=step.person or door.actor,
        channel=step.channel,
        step=step.skipped,
        words=step.words,
        breach=step.breach,
        valid_until=step.until,
    )
    if step.what != "evaluated":
        return told
    balance = models.Balance.objects.filter(customer=row.customer_id).first()
    if balance is None:
        raise Conflict(
            Text(
                "Das Konto wird nicht bewertet; ohne Kontostand gibt es keine Auswertung.",
                "The account is not valued; without a balance there is no evaluation.",
            )
        )
    policy = policies.in_force(door.today).for_segment(balance.segment)
    return replace(
        told,
        evaluation=Evaluation(
            balance=balance.balance,
            threshold=policy.parameters.threshold,
            survey=step.survey,
        ),
    )


def _write(row: models.Case, told: Fact, number: str, door: Door) -> None:
    found = told.evaluation
    models.CaseStep.objects.create(
        case=row,
        on_date=told.on,
        written_at=door.at,
        actor=door.actor,
        person=told.by,
        what=told.act,
        channel=told.channel or "",
        skipped=told.step or "",
        words=dict(told.words),
        breach=told.breach or "",
        until_date=told.valid_until,
        balance=None if found is None else found.balance,
        threshold=None if found is None else found.threshold,
        survey=None if found is None or found.survey is None else list(found.survey),
        is_repeated=found is not None and found.is_repeated,
        number=number,
    )


def _place(row: models.Case, case: cases.Case) -> None:
    """Write into a case's row where it stands and what is due next; does not save."""
    now = cases.outcome(case)
    row.state = now.state
    row.next_step, row.due_date = "", None
    if now.is_closed:
        return
    if now.state != "open":
        row.next_step, row.due_date = _DECISION, now.since
        return
    calendar = Calendars().of(row.customer_id, None)
    due = due_dates(case, working_day=calendar.add_days)
    if due:
        row.next_step = min(due, key=lambda name: due[name])
        row.due_date = due[row.next_step]


def _deposit(row: models.Case, case: cases.Case, door: Door, policies: PolicyHistory) -> None:
    """Book what a confirmed case earns: never more than its incident took."""
    policy = policies.in_force(door.today).for_segment(_segment(row.customer_id))
    entry = row.entry
    took = () if entry is None or recovering.is_reversed(entry.pk) else recovering.postings(entry)
    earned = deposits(case, took, policy=policy, recorded=door.today, booked=_booked_before(row))
    _book(row, earned, door, policies)


def _booked_before(row: models.Case) -> list[Posting]:
    """Return what other cases deposited for the same incident and still stands."""
    if row.entry_id is None:
        return []
    others = models.Case.objects.filter(entry=row.entry_id).exclude(pk=row.pk)
    names = [f"{key}:{step}" for key in others.values_list("key", flat=True) for step in _EARNING]
    rows = models.Entry.objects.filter(source=SOURCE, source_id__in=names).order_by("pk")
    return [
        p for one in rows if not recovering.is_reversed(one.pk) for p in recovering.postings(one)
    ]


_EARNING = ("repair", "prevention", "confirmed")


def _fail(row: models.Case, case: cases.Case, door: Door, policies: PolicyHistory) -> None:
    policy = policies.in_force(door.today).for_segment(_segment(row.customer_id))
    lost = failure(case, policy=policy, recorded=door.today)
    _book(row, () if lost is None else (lost,), door, policies)


def _book(
    row: models.Case, entries: tuple[Entry, ...], door: Door, policies: PolicyHistory
) -> None:
    said = {s.what: s.words for s in models.CaseStep.objects.filter(case=row)}
    drafts = []
    for entry in entries:
        step = entry.id.rpartition(":")[2]
        words = said.get(step, {})
        drafts.append(
            Draft(
                customer=row.customer.key,
                source=SOURCE,
                source_id=f"{row.key}:{step}",
                kind=entry.kind,
                value_date=entry.on,
                note=words.get("what") or words.get("customer_words") or words.get("note") or "",
                most={p.dimension: p.points for p in entry.postings}
                if entry.remark == RECOVERY_CAP
                else None,
            )
        )
    for outcome in ledger.book(drafts, door=door, policies=policies).outcomes:
        if outcome.status in ("refused", "conflict"):
            assert outcome.text is not None
            raise Conflict(outcome.text)


def _continue(row: models.Case, door: Door) -> None:
    """Open the case that a light path becomes; the light path itself is closed."""
    # First the old one, for only one may be open for an entry.
    row.closed_date = door.today
    row.save()
    new = models.Case(
        key=f"r_{token_hex(16)}",
        customer_id=row.customer_id,
        path="case",
        origin="escalated",
        entry_id=row.entry_id,
        obligation_id=row.obligation_id,
        incident_date=row.incident_date,
        incident=row.incident,
        opened_at=door.at,
        opened_date=door.today,
        opened_by=door.actor,
        number=row.key,
    )
    _place(new, core_case(new, ()))
    new.save(force_insert=True)


def forget_words(*, before: date) -> int:
    """Empty what was said in cases that were closed before a day; return how many steps and cases."""
    old = models.Case.objects.filter(closed_date__lt=before)
    steps = models.CaseStep.objects.filter(case__in=old).exclude(words={})
    return steps.update(words={}) + old.exclude(incident="").update(incident="")


def _segment(customer: int) -> str:
    rows = models.Balance.objects.filter(customer=customer)
    return rows.values_list("segment", flat=True).first() or ""


def _entry(customer: int, number: int | None) -> models.Entry | None:
    if number is None:
        return None
    found = models.Entry.objects.filter(pk=number, customer__in=family(customer)).first()
    if found is None or found.reverses_id is not None or recovering.is_reversed(number):
        raise NotFound(
            Text(
                "Diese Buchung gibt es auf dem Konto nicht, oder sie zählt nicht mehr.",
                "There is no such entry on the account, or it no longer counts.",
            )
        )
    return found


def _obligation(customer: int, number: int | None) -> int | None:
    """Return the open obligation that a case is about: the one named, or the customer's own."""
    rows = models.Obligation.objects.filter(customer=customer, closed_date=None)
    if number is not None:
        rows = rows.filter(pk=number)
    return rows.values_list("pk", flat=True).first()


def _refuse(new: NewCase, day: date | None, today: date) -> None:
    problems = []
    if day is None:
        text = Text("Wann ist es geschehen?", "When did it happen?")
        problems.append(Problem(code="missing", field="happened_on", text=text))
    elif day > today:
        text = Text(f"{day} liegt nach heute.", f"{day} is after today.")
        problems.append(Problem(code="ahead", field="happened_on", text=text))
    if new.entry is None and not new.incident.strip():
        text = Text(
            "Sagen Sie, was geschehen ist, oder wählen Sie die Buchung.",
            "Say what happened, or choose the entry.",
        )
        problems.append(Problem(code="missing", field="incident", text=text))
    if len(new.incident) > TEXT_LENGTH_MAX:
        problems.append(_too_long("incident", TEXT_LENGTH_MAX))
    if not 0 < len(new.number) <= NUMBER_LENGTH_MAX:
        problems.append(_too_long("number", NUMBER_LENGTH_MAX))
    if problems:
        raise Invalid(
            Text("So lässt sich kein Fall eröffnen.", "No case can be opened like that."),
            problems=problems,
        )


def _refuse_long(step: Recorded) -> None:
    problems = [
        _too_long(name, WORDS_LENGTH_MAX)
        for name, text in step.words.items()
        if len(text) > WORDS_LENGTH_MAX or "\x00" in text
    ]
    if not 0 < len(step.number) <= NUMBER_LENGTH_MAX:
        problems.append(_too_long("number", NUMBER_LENGTH_MAX))
    if problems:
        raise Invalid(
            Text("Das kann so nicht eingetragen werden.", "This cannot be recorded like that."),
            problems=problems,
        )


def _too_long(field_: str, most: int) -> Problem:
    text = Text(f"Höchstens {most} Zeichen sind möglich.", f"{most} characters are the most.")
    return Problem(code="too_long", field=field_, text=text)


def _no_customer(key: str) -> NotFound:
    return NotFound(
        Text(
            f"Für „{key}“ lässt sich kein Fall führen.",
            f"No case can be led for '{key}'.",
        )
    )
