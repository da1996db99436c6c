"""Promises that come again: begun, ended, and each next one written down in time by a job.

What makes a promise of a series is its day: source `series`, id `number:day`. So the job may run
late, twice or at once with itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from vertrauenskonto.core import promise_series as rules
from vertrauenskonto.core.errors import Invalid, NotFound, Problem, Text, TrustError
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, customer_id, installation, require
from vertrauenskonto.db.actions import promises
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.promises import SAID_IN, NewPromise, SaidIn
from vertrauenskonto.db.queries.promise_series import visible
from vertrauenskonto.db.retrying import patiently

SOURCE = "series"
_AHEAD = timedelta(days=366 * 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSeries:
    """A promise that comes again, from `first_date` on; `last_date` None: until it is ended.

    `every`: every so many weeks, months or years. `number` names it: sent twice it is begun once.
    """

    customer: str
    wording: str
    rhythm: rules.Rhythm
    first_date: date
    number: str
    every: int = 1
    last_date: date | None = None
    capability: str = ""
    said_in: SaidIn = "call"


def begin(viewer: Viewer, new: NewSeries, *, door: Door) -> int:
    """Begin a series, write down what falls within the next days, and return its number.

    Raises:
        Invalid: a field is missing or impossible; with a problem for each.
        NotFound: there is no such customer for this viewer.
        Conflict: the customer's data were erased.
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    return patiently(lambda: _begin(viewer, new, door))


@transaction.atomic
def _begin(viewer: Viewer, new: NewSeries, door: Door) -> int:
    there = visible(viewer).filter(number=new.number).first()
    if there is not None:
        return there.pk
    problems = list(_problems(new, door))
    if problems:
        text = Text("So kann sie sich nicht wiederholen.", "It cannot come again like this.")
        raise Invalid(text, problems=problems)
    person = models.Person.objects.filter(key=viewer.actor).first()
    row = models.Series.objects.create(
        customer_id=customer_id(viewer, new.customer),
        wording=new.wording.strip(),
        capability=new.capability.strip(),
        said_in=new.said_in,
        made_at=door.at,
        number=new.number,
        giver=person,
        team_id=viewer.team_id,
        rhythm=new.rhythm,
        every=new.every,
        first_date=new.first_date,
        last_date=new.last_date,
    )
    _make_due(row, door)
    return row.pk


def end(viewer: Viewer, number: int, *, door: Door) -> None:
    """End a series; what it promised already stays promised.

    Raises:
        NotFound: there is no such series for this viewer.
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    found = visible(viewer).filter(pk=number)
    if not found.exists():
        raise NotFound(Text(de="Diese Reihe gibt es nicht.", en="There is no such series."))
    models.Series.objects.filter(pk=number, ended_date=None).update(ended_date=door.today)


def make_next(*, door: Door) -> int:
    """Write down the next promise of every series whose day is near; return how many."""
    made = 0
    active = models.Series.objects.filter(ended_date=None).order_by("pk")
    for number in list(active.values_list("pk", flat=True)):
        made += patiently(partial(_next_of, number, door))
    return made


@transaction.atomic
def _next_of(number: int, door: Door) -> int:
    row = models.Series.objects.select_for_update().filter(pk=number, ended_date=None).first()
    if row is None:
        return 0
    try:
        with transaction.atomic():
            return _make_due(row, door)
    except TrustError:
        # An account that was erased or is no longer there: nothing more is promised to it.
        return 0


def _make_due(row: models.Series, door: Door) -> int:
    until = door.today + timedelta(days=rules.LEAD_DAYS)
    until = until if row.last_date is None else min(until, row.last_date)
    rhythm = next(r for r in rules.RHYTHMS if r == row.rhythm)
    days = rules.due_dates(
        row.first_date, rhythm, row.every, after=row.made_until_date, until=until
    )
    for day in days:
        new = _promise(row, day)
        promises.make(installation("work"), new, door=door)
    if days:
        row.made_until_date = days[-1]
        row.save(update_fields=["made_until_date"])
    return len(days)


def _promise(row: models.Series, day: date) -> NewPromise:
    giver = row.giver.key if row.giver is not None and row.giver.is_active else ""
    return NewPromise(
        customer=row.customer.key,
        wording=row.wording,
        due=day,
        source=SOURCE,
        source_id=f"{row.pk}:{day}",
        # Not the day of the job: run late, it says the same.
        made_at=max(row.made_at, _begins(day - timedelta(days=rules.LEAD_DAYS))),
        capability=row.capability,
        said_in=next(one for one in SAID_IN if one == row.said_in),
        is_first_contact=None,
        giver=giver,
        team=row.team_id,
        series=row.pk,
    )


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(settings.TIME_ZONE))


def _problems(new: NewSeries, door: Door) -> Iterable[Problem]:
    if not new.wording.strip():
        yield _problem("wording", "Was wurde zugesagt?", "What was promised?")
    if len(new.wording.strip()) > 500:
        yield _problem("wording", "Höchstens 500 Zeichen.", "At most 500 characters.")
    if len(new.capability.strip()) > 80:
        yield _problem("capability", "Höchstens 80 Zeichen.", "At most 80 characters.")
    if not 1 <= new.every <= rules.EVERY_MAX:
        yield _problem(
            "every",
            f"Eine Zahl von 1 bis {rules.EVERY_MAX}.",
            f"A number from 1 to {rules.EVERY_MAX}.",
        )
    if new.first_date < door.today:
        yield _problem(
            "first_date",
            f"Der {new.first_date:%d.%m.%Y} ist vorbei; wann ist sie das nächste Mal fällig?",
            f"{new.first_date:%Y-%m-%d} is over; when is it due next?",
        )
    elif new.first_date - door.today > _AHEAD:
        yield _problem(
            "first_date",
            "Mehr als zehn Jahre voraus; vermutlich ein Schreibfehler.",
            "More than ten years ahead; probably a slip of the pen.",
        )
    if new.last_date is not None and new.last_date < new.first_date:
        yield _problem(
            "last_date",
            "Das Ende liegt vor dem ersten Tag.",
            "The end lies before the first day.",
        )


def _problem(field: str, de: str, en: str) -> Problem:
    return Problem(code=field, field=field, text=Text(de=de, en=en))
