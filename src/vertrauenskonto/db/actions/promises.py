"""Promises and appointments: made, told about, renegotiated, kept or not; each step booked at once.

A step and what it books are one transaction. Everything is booked by the policy that was in force
when the promise was made. The clock (`db/actions/promise_clock.py`) takes steps through the same
door.

    the promise, locked -> its steps -> the new step decided (core) -> entry, step, promise
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from secrets import token_hex
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from vertrauenskonto.core import promises as rules
from vertrauenskonto.core.calendar.local_time import time_zone
from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Problem, Text
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, customer_id, require
from vertrauenskonto.db.actions import ledger, promise_times
from vertrauenskonto.db.actions.candour import connect
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.ledger import Draft
from vertrauenskonto.db.actions.promise_finding import (
    acting,
    ahead,
    person_named,
    refuse_erased,
    team_numbered,
)
from vertrauenskonto.db.queries.calendars import Calendars
from vertrauenskonto.db.queries.promises import visible
from vertrauenskonto.db.retrying import patiently

SaidIn = Literal["call", "visit", "mail", "letter", "chat", "offer", "other"]
SAID_IN: tuple[SaidIn, ...] = get_args(SaidIn)
Channel = Literal["call", "visit", "mail", "letter", "chat", "other"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)

# Every entry of the register comes from here; its id is the promise and the number of the step.
SOURCE = "promises"
_LENGTHS = {
    "wording": 500,
    "capability": 80,
    "evidence": 500,
    "depends_on": 500,
    "told_whom": 200,
    "place": 300,
    "source": 80,
    "source_id": 200,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPromise:
    """What somebody told a customer, by key, or a colleague, by key, that we would do.

    `due`: an instant with its offset, or a day, which ends where the customer is. `made_at` None:
    now. `is_first_contact` None: it is, if the customer has no earlier promise and no entry with
    contact. `source` and `source_id` name it for ever; the same again is a replay. `place`,
    `ends_at` and `travel_minutes` belong to appointments.
    """

    wording: str
    due: date | datetime
    source: str
    source_id: str
    customer: str = ""
    colleague: str = ""
    sort: rules.Sort = "promise"
    made_at: datetime | None = None
    capability: str = ""
    said_in: SaidIn = "call"
    evidence: str = ""
    depends_on: str = ""
    told_whom: str = ""
    is_first_contact: bool | None = None
    is_before_order: bool = False
    giver: str = ""
    keeper: str = ""
    team: int | None = None
    zone: str = ""
    place: str = ""
    ends_at: datetime | None = None
    travel_minutes: int | None = None
    series: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A step as somebody reports it: `at` None is now; `due` a day or an instant, as promised."""

    what: rules.What
    at: datetime | None = None
    due: date | datetime | None = None
    late_minutes: int = 0
    channel: Channel | Literal[""] = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The key of a promise, and whether it was there before."""

    key: str
    is_replay: bool = False


def make(viewer: Viewer, new: NewPromise, *, door: Door) -> Made:
    """Write a promise down. The same source and id again changes nothing.

    Raises:
        Invalid: a field is missing, too long or impossible; with a problem for each.
        NotFound: there is no such customer, colleague or team for this viewer.
        Denied: the viewer may not book.
        Conflict: the source and id name another promise already.
    """
    require(viewer, "book")
    return patiently(lambda: _make(viewer, new, door))


@transaction.atomic
def _make(viewer: Viewer, new: NewPromise, door: Door) -> Made:
    there = models.Promise.objects.filter(source=new.source, source_id=new.source_id).first()
    if there is not None:
        return _replay(viewer, there, new)
    row = _row(viewer, new, door)
    calendar = Calendars().of(row.customer_id, row.team_id)
    # What is refused is told by the clocks where the customer is.
    said = rules.Step(
        what="made",
        at=_local(row.made_at, row.zone),
        on=day_at(row.made_at, row.zone),
        due=_local(row.due_at, row.zone),
    )
    made = rules.begun(row_sort(row), said)
    promise_times.place(row, made, calendar, at=door.at)
    row.save(force_insert=True)
    models.PromiseStep.objects.create(
        promise=row,
        at=row.made_at,
        written_at=door.at,
        actor=door.actor,
        what="made",
        due_at=row.due_at,
        due_date=row.due_date,
    )
    connect(row)
    return Made(key=row.key)


def _replay(viewer: Viewer, there: models.Promise, new: NewPromise) -> Made:
    if there.customer_id is not None and new.customer:
        same = there.customer_id == customer_id(viewer, new.customer)
    else:
        same = bool(new.colleague) == (there.customer_id is None)
    if not same or there.wording != new.wording.strip():
        raise Conflict(
            Text(
                de=f"{new.source}:{new.source_id} gibt es schon mit anderem Inhalt; eine neue "
                "Zusage braucht eine neue Nummer.",
                en=f"{new.source}:{new.source_id} is there already with other contents; a new "
                "promise needs a new id.",
            )
        )
    return Made(key=there.key, is_replay=True)


def _row(viewer: Viewer, new: NewPromise, door: Door) -> models.Promise:
    _refuse(list(_problems(new)))
    zone = new.zone or settings.TIME_ZONE
    made_at = new.made_at or door.at
    if made_at > door.at:
        raise ahead("made_at", _local(made_at, zone), _local(door.at, zone))
    due_at, due_date = due_of(new.due, zone)
    row = models.Promise(
        key=f"p_{token_hex(16)}",
        sort=new.sort,
        wording=new.wording.strip(),
        capability=new.capability.strip(),
        said_in=new.said_in,
        evidence=new.evidence.strip(),
        depends_on=new.depends_on.strip(),
        told_whom=new.told_whom.strip(),
        is_before_order=new.is_before_order,
        made_at=made_at,
        zone=zone,
        due_at=due_at,
        due_date=due_date,
        state="open",
        source=new.source,
        source_id=new.source_id,
        place=new.place.strip(),
        ends_at=new.ends_at,
        travel_minutes=new.travel_minutes,
        series_id=new.series,
    )
    if new.customer:
        row.customer_id = customer_id(viewer, new.customer)
        refuse_erased(row.customer_id)
    else:
        row.colleague = person_named(new.colleague)
    row.giver = person_named(new.giver) if new.giver else acting(viewer)
    row.keeper = person_named(new.keeper) if new.keeper else row.giver
    theirs = row.keeper.team_id if row.keeper is not None else None
    row.team_id = theirs if new.team is None else team_numbered(new.team)
    first = new.is_first_contact
    row.is_first_contact = is_first_contact(row.customer_id, made_at) if first is None else first
    return row


def is_first_contact(customer: int | None, made_at: datetime) -> bool:
    """Tell whether nothing perceivable had happened with a customer before an instant's day."""
    if customer is None:
        return False
    before = models.Promise.objects.filter(customer=customer, made_at__lt=made_at)
    contacts = models.Entry.objects.filter(
        customer=customer, contact=True, value_date__lt=made_at.date()
    )
    return not before.exists() and not contacts.exists()


def take(
    viewer: Viewer, key: str, step: Taken, *, door: Door, policies: PolicyHistory
) -> rules.Standing:
    """Take a step on a promise and book what it makes; return how the promise stands.

    The step that was taken last, once more, changes nothing.

    Raises:
        NotFound: there is no such promise for this viewer.
        Conflict, Invalid: the promise does not allow the step (`core.promises.taken`), or what it
            makes cannot be booked; nothing was written.
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    return patiently(lambda: _take(viewer, key, step, door, policies))


@transaction.atomic
def _take(
    viewer: Viewer, key: str, step: Taken, door: Door, policies: PolicyHistory
) -> rules.Standing:
    row = visible(viewer).select_for_update(of=("self",)).filter(key=key).first()
    if row is None:
        raise missing(key)
    return step_on(row, step, door=door, policies=policies)


def step_on(
    row: models.Promise, step: Taken, *, door: Door, policies: PolicyHistory
) -> rules.Standing:
    """Take a step on a promise that the caller has locked, inside its transaction.

    Raises:
        Conflict, Invalid: as `take`.
    """
    steps = list(models.PromiseStep.objects.filter(promise=row).order_by("pk"))
    now = rules.standing(row_sort(row), core_steps(row, steps))
    last = _last(steps)
    due_at, due_date = due_of(step.due, row.zone) if step.due is not None else (None, None)
    if _is_again(last, step, due_at):
        return now
    at = _local(step.at or door.at, row.zone)
    if at > door.at:
        raise ahead("at", at, _local(door.at, row.zone))
    asked = rules.Step(
        what=step.what,
        at=at,
        on=day_at(at, row.zone) if step.what != "given_up" else _broken_on(row, at),
        due=due_at and _local(due_at, row.zone),
        late_minutes=step.late_minutes,
    )
    after, bookings = rules.taken(now, asked)
    written = models.PromiseStep(
        promise=row,
        at=at,
        written_at=door.at,
        actor=door.actor,
        what=step.what,
        due_at=due_at,
        due_date=due_date,
        late_minutes=step.late_minutes if row.sort == "appointment" else None,
        channel=step.channel,
        note=step.note.strip(),
    )
    if row.customer_id is not None:
        if step.what == "corrected":
            _take_back(row, steps, door, policies)
        elif bookings:
            number = len(steps) + 1
            written.entry_source_id = f"{row.key}:{number}"
            _book(row, bookings[0], written, door, policies)
    written.save(force_insert=True)
    if due_at is not None:
        promise_times.move(row, due_at, due_date)
    if step.what == "done" and row.sort == "appointment":
        row.late_minutes = step.late_minutes
    calendar = Calendars().of(row.customer_id, row.team_id)
    if step.what in ("told", "renegotiated"):
        promise_times.keep_notice(row, now, calendar, at=at)
    promise_times.place(row, after, calendar, at=door.at)
    row.save()
    return after


def pass_on(
    viewer: Viewer,
    key: str,
    person: str,
    *,
    role: Literal["keeper", "giver"],
    note: str,
    door: Door,
) -> None:
    """Hand a promise on to who does it (`keeper`) or to who tells the customer (`giver`).

    Raises:
        NotFound: there is no such promise or person.
        Conflict: the promise is over.
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    with transaction.atomic():
        row = visible(viewer).select_for_update(of=("self",)).filter(key=key).first()
        if row is None:
            raise missing(key)
        if row.ended_at is not None:
            raise Conflict(
                Text(
                    de="Diese Zusage ist abgeschlossen; es gibt nichts mehr weiterzugeben.",
                    en="This promise is over; there is nothing left to hand on.",
                )
            )
        whom = person_named(person)
        if getattr(row, f"{role}_id") == whom.pk:
            return
        setattr(row, role, whom)
        if role == "keeper" and whom.team_id is not None:
            row.team_id = whom.team_id
        row.save()
        models.PromiseStep.objects.create(
            promise=row,
            at=door.at,
            written_at=door.at,
            actor=door.actor,
            what="passed_on",
            person=whom.key,
            note=note.strip()[:1000],
        )


def core_steps(row: models.Promise, steps: Iterable[models.PromiseStep]) -> list[rules.Step]:
    """Return the steps that decide how a promise stands, as the core reads them."""
    return [
        rules.Step(
            what=step.what,  # type: ignore[arg-type]  # filtered below
            at=_local(step.at, row.zone),
            on=day_at(step.at, row.zone),
            due=step.due_at and _local(step.due_at, row.zone),
            late_minutes=step.late_minutes or 0,
        )
        for step in steps
        if step.what in get_args(rules.What)
    ]


def _local(at: datetime, zone: str) -> datetime:
    """Return an instant as clocks there show it, its offset fixed: reckoning with it stays exact."""
    local = at.astimezone(ZoneInfo(zone))
    return local.replace(tzinfo=timezone(local.utcoffset() or timedelta()))


def due_of(due: date | datetime, zone: str) -> tuple[datetime, date | None]:
    """Return the instant by which something is due, and the day where a day was promised.

    Raises:
        Invalid: the instant has no offset.
    """
    if isinstance(due, datetime):
        if due.tzinfo is None:
            raise Invalid(
                Text(
                    de=f"{due.isoformat()} ist ohne Zeitzone kein Zeitpunkt.",
                    en=f"{due.isoformat()} is no instant without a time zone.",
                )
            )
        return due, None
    # A day ends with its last microsecond: what is done that evening is in time.
    end = datetime.combine(due + timedelta(days=1), time(), ZoneInfo(zone))
    return end - timedelta(microseconds=1), due


def row_sort(row: models.Promise) -> rules.Sort:
    """Return what sort of promise a row is, as the core names it."""
    return "appointment" if row.sort == "appointment" else "promise"


def missing(key: str) -> NotFound:
    """Return the refusal of a key that names no promise, or none for this viewer."""
    return NotFound(Text(de=f"Es gibt keine Zusage „{key}“.", en=f"There is no promise '{key}'."))


def drafts_of(
    row: models.Promise, customer: str, booking: rules.Booking, source_id: str, *, note: str
) -> Draft:
    """Return what a step is booked as, by the policy of the day on which the promise was made."""
    return Draft(
        customer=customer,
        source=SOURCE,
        source_id=source_id,
        kind=rules.kind_of(booking, is_first_contact=row.is_first_contact),
        value_date=booking.on,
        promise=row.key,
        note=note,
        decided_on=day_at(row.made_at, row.zone),
    )


def _book(
    row: models.Promise,
    booking: rules.Booking,
    step: models.PromiseStep,
    door: Door,
    policies: PolicyHistory,
) -> None:
    assert row.customer is not None
    note = row.wording if not step.note else f"{row.wording} – {step.note}"
    draft = drafts_of(row, row.customer.key, booking, step.entry_source_id, note=note)
    _booked([draft], door, policies)


def _take_back(
    row: models.Promise, steps: Sequence[models.PromiseStep], door: Door, policies: PolicyHistory
) -> None:
    """Reverse the entry of the outcome that was wrong; a withdrawn promise has none."""
    ended = next(
        (s for s in reversed(steps) if s.what in ("done", "given_up", "withdrawn", "absent")), None
    )
    if ended is None or not ended.entry_source_id or row.customer is None:
        return
    draft = Draft(
        customer=row.customer.key,
        source=SOURCE,
        source_id=f"{ended.entry_source_id}:reversed",
        value_date=door.today,
        reverses=(SOURCE, ended.entry_source_id),
        reason="entered_wrongly",
    )
    _booked([draft], door, policies)


def _booked(drafts: Sequence[Draft], door: Door, policies: PolicyHistory) -> None:
    for outcome in ledger.book(drafts, door=door, policies=policies).outcomes:
        if outcome.status in ("refused", "conflict"):
            assert outcome.text is not None
            raise Conflict(outcome.text)


def _last(steps: Sequence[models.PromiseStep]) -> models.PromiseStep | None:
    return next((s for s in reversed(steps) if s.what in get_args(rules.What)), None)


def _is_again(last: models.PromiseStep | None, step: Taken, due_at: datetime | None) -> bool:
    """Tell whether a step is the last one sent twice: the same thing with the same words."""
    return (
        last is not None
        and last.what == step.what != "made"
        and (last.due_at, last.note, last.channel) == (due_at, step.note.strip(), step.channel)
        and (step.at is None or step.at == last.at)
    )


def _broken_on(row: models.Promise, at: datetime) -> date:
    """Return the day on which a promise failed for the customer: when it was due, or told before."""
    return day_at(min(at, row.due_at), row.zone)


def day_at(at: datetime, zone: str) -> date:
    """Return the day that an instant is where the customer is."""
    return at.astimezone(ZoneInfo(zone)).date()


def _problems(new: NewPromise) -> Iterable[Problem]:
    if not new.wording.strip():
        yield _problem("wording", "Was wurde zugesagt?", "What was promised?")
    if bool(new.customer) == bool(new.colleague):
        yield _problem(
            "customer",
            "Wem wurde es zugesagt: einem Kunden oder einem Kollegen?",
            "Who was promised it: a customer or a colleague?",
        )
    if new.said_in not in SAID_IN:
        yield _problem(
            "said_in",
            f"„{new.said_in}“ ist nicht bekannt; möglich sind {', '.join(SAID_IN)}.",
            f"'{new.said_in}' is not known; possible are {', '.join(SAID_IN)}.",
        )
    if new.zone:
        try:
            time_zone(new.zone)
        except Invalid as refusal:
            yield Problem(code="zone", field="zone", text=refusal.text)
    if new.sort not in rules.SORTS:
        yield _problem("sort", "Zusage oder Termin?", "Promise or appointment?")
    if not new.source or not new.source_id:
        yield _problem("source_id", "Quelle und Nummer fehlen.", "Source and id are missing.")
    values: Mapping[str, str] = {name: getattr(new, name) for name in _LENGTHS}
    for name, text in values.items():
        if len(text) > _LENGTHS[name]:
            yield _problem(
                name,
                f"Zu lang ({len(text)} Zeichen); höchstens {_LENGTHS[name]}.",
                f"Too long ({len(text)} characters); at most {_LENGTHS[name]}.",
            )


def _problem(field: str, de: str, en: str) -> Problem:
    return Problem(code=field, field=field, text=Text(de=de, en=en))


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise Invalid(
            Text(de="Die Zusage ist unvollständig.", en="The promise is incomplete."),
            problems=problems,
        )
