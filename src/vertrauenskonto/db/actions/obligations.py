"""Obligations as people work on them: take, hand on, put off, leave, bundle; each step is kept.

How they open and close by themselves is in `db/actions/watching.py`. Nothing here closes an
obligation but `leave`, which takes a reason.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta
from typing import TypeVar

from django.db import transaction

from vertrauenskonto.core.errors import Denied, Invalid, NotFound, Problem, Text
from vertrauenskonto.core.obligations import DUE_DAYS, SNOOZE_DAYS_MAX
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, evaluated, may, require, viewer_of
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.watching import (
    drop,
    escalate,
    everybody_watched,
    look_at_old_states,
    watch,
)
from vertrauenskonto.db.queries.calendars import Calendars
from vertrauenskonto.db.retrying import patiently

__all__ = [
    "assign",
    "drop",
    "escalate",
    "everybody_watched",
    "forget_reasons",
    "give_shared",
    "group",
    "leave",
    "look_at_old_states",
    "resolve_shared",
    "snooze",
    "take",
    "ungroup",
    "wake",
    "watch",
]

REASON_LENGTH_MAX = 500
NAME_LENGTH_MAX = 200
GROUPED_MAX = 500

_Result = TypeVar("_Result")


def take(viewer: Viewer, obligation: int, *, door: Door) -> None:
    """Take an obligation over; whose it was before is in its history.

    Raises:
        NotFound: there is none that is open, or not for this viewer.
        Denied: the viewer may not act on accounts, or is no person.
    """
    person = _person(viewer)

    def act(row: models.Obligation) -> None:
        if row.owner_id != person:
            row.owner_id = person
            _done(row, "taken", door)

    _on(viewer, obligation, act)


def assign(viewer: Viewer, obligation: int, person: str, *, door: Door) -> None:
    """Give an obligation to a member of staff by key; "": to whoever looks after the customer.

    Raises:
        NotFound: there is none that is open, or no such person.
        Denied: the viewer may not lead.
        Invalid: the person may not act on accounts, or not on this one.
    """
    require(viewer, "lead")
    owner = _worker(person)

    def act(row: models.Obligation) -> None:
        if owner is not None:
            _refuse_stranger(owner, [row.customer_id])
        if row.owner_id != (owner and owner.pk):
            row.owner = owner
            _done(row, "assigned", door, person=person)

    _on(viewer, obligation, act)


def snooze(viewer: Viewer, obligation: int, until: date, reason: str, *, door: Door) -> None:
    """Put an obligation off until a day, on which it comes back by itself and is due.

    A breach of honesty is put off by leads only: else it could be, again and again.

    Raises:
        NotFound: there is none that is open, or not for this viewer.
        Denied: the viewer may not act on accounts, or may not put off a breach of honesty.
        Invalid: the day or the reason is missing or impossible.
    """
    require(viewer, "book")
    last = door.today + timedelta(days=SNOOZE_DAYS_MAX)
    problems = _reason_problems(reason)
    if not door.today < until <= last:
        problems.append(
            Problem(
                code="until",
                field="until",
                text=Text(
                    de=f"Wählen Sie einen Tag nach heute und bis zum {last:%d.%m.%Y}; länger als "
                    f"{SNOOZE_DAYS_MAX} Tage ruht keine Aufgabe.",
                    en=f"Choose a day after today, up to {last.isoformat()}; no duty rests longer "
                    f"than {SNOOZE_DAYS_MAX} days.",
                ),
            )
        )
    _refuse(problems)

    def act(row: models.Obligation) -> None:
        _refuse_honesty(viewer, row)
        last_step = models.Step.objects.filter(obligation=row).order_by("-pk").first()
        if last_step and (last_step.until_date, last_step.reason) == (until, reason.strip()):
            # The same once more: the button was pressed twice.
            return
        row.snoozed_until_date = until
        row.due_date = max(row.due_date, until)
        row.escalated_date = None
        _done(row, "snoozed", door, reason=reason, until=until)

    _on(viewer, obligation, act)


def wake(viewer: Viewer, obligation: int, *, door: Door) -> None:
    """Let an obligation rest no longer.

    Raises:
        NotFound: there is none that is open, or not for this viewer.
        Denied: the viewer may not act on accounts.
    """

    def act(row: models.Obligation) -> None:
        if row.snoozed_until_date is not None:
            row.snoozed_until_date = None
            _done(row, "woken", door)

    _on(viewer, obligation, act)


def leave(viewer: Viewer, obligation: int, reason: str, *, door: Door) -> None:
    """Close an obligation though the account has no buffer; what it was about opens no other.

    A breach of honesty is left by leads only. The account opens the next one after it had its
    buffer, or for another cause.

    Raises:
        NotFound: there is none that is open, or not for this viewer.
        Denied: the viewer may not act on accounts, or may not leave a breach of honesty.
        Invalid: the reason is missing or too long.
    """
    require(viewer, "book")
    _refuse(_reason_problems(reason))

    def act(row: models.Obligation) -> None:
        _refuse_honesty(viewer, row)
        causes = models.Cause.objects.filter(obligation=row, ended_date=None)
        causes.update(ended_date=door.today)
        row.closed_date, row.outcome = door.today, "left"
        row.snoozed_until_date = None
        _done(row, "left", door, reason=reason)

    _on(viewer, obligation, act)


def group(
    viewer: Viewer,
    obligations: Collection[int],
    name: str,
    *,
    owner: str = "",
    due: date | None = None,
    door: Door,
) -> int:
    """Bundle obligations of one cause under a shared duty and return its number; each stays open.

    `owner`: the key of a member of staff, "": nobody in particular. `due` None: three working days.

    Raises:
        NotFound: one of them is not open, or not for this viewer, or there is no such person.
        Denied: the viewer may not act on accounts, or names somebody else without being a lead.
        Invalid: the name is missing, fewer than two are named, or the day is over.
    """
    require(viewer, "book")
    numbers = sorted(set(obligations))
    _refuse(_group_problems(numbers, name, due, door.today))
    person = _worker(owner)
    if person is not None and person.pk != viewer.person_id:
        require(viewer, "lead")

    def work() -> int:
        rows = _locked(viewer, numbers)
        if person is not None:
            _refuse_stranger(person, [row.customer_id for row in rows])
        shared = models.SharedDuty.objects.create(
            name=name.strip(),
            owner=person,
            opened_date=door.today,
            due_date=due or Calendars().of(None, viewer.team_id).add_days(door.today, DUE_DAYS),
        )
        _done_shared(shared, "opened", door, person=person.key if person else "")
        for row in rows:
            row.shared = shared
            _done(row, "grouped", door)
        return shared.pk

    return _patiently(work)


def ungroup(viewer: Viewer, obligation: int, *, door: Door) -> None:
    """Take an obligation out of its shared duty.

    Raises:
        NotFound: there is none that is open, or not for this viewer.
        Denied: the viewer may not act on accounts.
    """

    def act(row: models.Obligation) -> None:
        if row.shared_id is not None:
            row.shared = None
            _done(row, "ungrouped", door)

    _on(viewer, obligation, act)


def give_shared(viewer: Viewer, shared: int, person: str, *, door: Door) -> None:
    """Give a shared duty to a member of staff by key; oneself, or as a lead anybody.

    Raises:
        NotFound: there is none that is open, or not for this viewer, or no such person.
        Denied: the viewer may not act on accounts, or gives it to somebody else without being a lead.
    """
    require(viewer, "book")
    owner = _worker(person)
    if owner is None or owner.pk != viewer.person_id:
        require(viewer, "lead")

    def work() -> None:
        row, rows = _shared(viewer, shared)
        if owner is not None:
            _refuse_stranger(owner, [one.customer_id for one in rows])
        if row.owner_id == (owner and owner.pk):
            return
        row.owner = owner
        row.save(update_fields=["owner"])
        what = "taken" if owner is not None and owner.pk == viewer.person_id else "assigned"
        _done_shared(row, what, door, person=person)

    _patiently(work)


def resolve_shared(viewer: Viewer, shared: int, outcome: str, *, door: Door) -> int:
    """Say that the common cause is dealt with, and how; return how many obligations stay open.

    Nothing closes by it: each account is closed when it has its buffer again.

    Raises:
        NotFound: there is none that is open, or not for this viewer.
        Denied: the viewer may not act on accounts.
        Invalid: what was done is missing or too long.
    """
    require(viewer, "book")
    _refuse(_reason_problems(outcome))

    def work() -> int:
        row, rows = _shared(viewer, shared)
        row.resolved_date, row.outcome = door.today, outcome.strip()
        row.save(update_fields=["resolved_date", "outcome"])
        for one in rows:
            _done(one, "shared_resolved", door, reason=outcome)
        return len(rows)

    return _patiently(work)


def forget_reasons(*, before: date) -> int:
    """Empty the reasons given in duties that were closed before a day; return how many."""
    rows = models.Step.objects.filter(obligation__closed_date__lt=before).exclude(reason="")
    shared = models.SharedDuty.objects.filter(resolved_date__lt=before).exclude(outcome="")
    return rows.update(reason="") + shared.update(outcome="")


# ---------------------------------------------------------------------- one at a time


def _patiently(work: Callable[[], _Result]) -> _Result:
    def whole() -> _Result:
        with transaction.atomic():
            return work()

    return patiently(whole)


def _on(viewer: Viewer, obligation: int, act: Callable[[models.Obligation], None]) -> None:
    """Do something about one open obligation, which is locked meanwhile."""
    require(viewer, "book")

    def work() -> None:
        [row] = _locked(viewer, [obligation])
        act(row)

    _patiently(work)


def _locked(viewer: Viewer, numbers: Sequence[int]) -> list[models.Obligation]:
    rows = models.Obligation.objects.select_for_update().filter(pk__in=numbers, closed_date=None)
    found = list(rows.order_by("pk"))
    customers = {row.customer_id for row in found}
    seen = set(evaluated(viewer).filter(pk__in=customers).values_list("pk", flat=True))
    if len(found) < len(numbers) or not customers <= seen:
        raise _missing(numbers)
    return found


def _shared(viewer: Viewer, number: int) -> tuple[models.SharedDuty, list[models.Obligation]]:
    """Return a shared duty, locked, with those of its obligations that are open.

    It exists for who sees all of its customers, or else could not say what is dealt with.
    """
    row = models.SharedDuty.objects.select_for_update().filter(pk=number).first()
    if row is None or row.resolved_date is not None:
        raise _missing([number])
    rows = models.Obligation.objects.filter(shared=row, closed_date=None)
    return row, _locked(viewer, list(rows.order_by("pk").values_list("pk", flat=True)))


def _refuse_honesty(viewer: Viewer, row: models.Obligation) -> None:
    """Go on if the viewer may put this obligation aside."""
    causes = models.Cause.objects.filter(obligation=row, ended_date=None, sort="honesty")
    if not may(viewer, "lead") and causes.exists():
        raise Denied(
            Text(
                de="Bei einem Verstoß gegen die Ehrlichkeit entscheidet die Leitung, ob die "
                "Aufgabe ruht oder es dabei bleibt.",
                en="With a breach of honesty a lead decides whether the duty rests or is left.",
            )
        )


def _done(
    row: models.Obligation,
    what: str,
    door: Door,
    *,
    reason: str = "",
    until: date | None = None,
    person: str = "",
) -> None:
    row.save()
    models.Step.objects.create(
        obligation=row,
        at=door.at,
        actor=door.actor,
        what=what,
        reason=reason.strip(),
        until_date=until,
        person=person,
    )


def _done_shared(row: models.SharedDuty, what: str, door: Door, *, person: str) -> None:
    models.Step.objects.create(shared=row, at=door.at, actor=door.actor, what=what, person=person)


def _missing(numbers: Collection[int]) -> NotFound:
    named = ", ".join(map(str, sorted(numbers)))
    return NotFound(
        Text(
            de=f"Aufgabe {named}: es gibt sie nicht, oder sie ist schon erledigt.",
            en=f"Duty {named}: there is none, or it is done already.",
        )
    )


def _person(viewer: Viewer) -> int:
    require(viewer, "book")
    if viewer.person_id is None:
        raise Denied(
            Text(
                de="Eine Aufgabe übernimmt ein Mensch mit eigenem Benutzerkonto.",
                en="A duty is taken by a person with a user account of her own.",
            )
        )
    return viewer.person_id


def _worker(key: str) -> models.Person | None:
    if not key:
        return None
    person = models.Person.objects.filter(key=key, is_active=True).first()
    if person is None:
        raise NotFound(
            Text(
                de=f"Es gibt kein aktives Benutzerkonto „{key}“.",
                en=f"There is no active user account '{key}'.",
            )
        )
    return person


def _refuse_stranger(person: models.Person, customer_ids: Collection[int]) -> None:
    """Go on if a person may act on all of these customers."""
    other = viewer_of(person, channel="web")
    seen = evaluated(other).filter(pk__in=customer_ids).count() if may(other, "book") else 0
    if seen < len(set(customer_ids)):
        text = Text(
            de=f"„{person.key}“ sieht diese Kundin oder diesen Kunden nicht; ordnen Sie zuerst die "
            "Zuständigkeit zu.",
            en=f"'{person.key}' does not see this customer; give her the responsibility first.",
        )
        _refuse([Problem(code="stranger", field="person", text=text)])


def _reason_problems(reason: str) -> list[Problem]:
    length = len(reason.strip())
    if 1 <= length <= REASON_LENGTH_MAX and "\0" not in reason:
        return []
    return [
        Problem(
            code="reason",
            field="reason",
            text=Text(
                de=f"Schreiben Sie in einem Satz, warum: 1 bis {REASON_LENGTH_MAX} Zeichen, hier "
                f"sind es {length}.",
                en=f"Say why in a sentence: 1 to {REASON_LENGTH_MAX} characters, here it is "
                f"{length}.",
            ),
        )
    ]


def _group_problems(
    numbers: Sequence[int], name: str, due: date | None, today: date
) -> list[Problem]:
    found = []
    if not 1 <= len(name.strip()) <= NAME_LENGTH_MAX or "\0" in name:
        text = Text(
            de="Nennen Sie die gemeinsame Ursache, etwa „Spedition Nord“: 1 bis "
            f"{NAME_LENGTH_MAX} Zeichen.",
            en=f"Name the common cause, such as 'Carrier North': 1 to {NAME_LENGTH_MAX} characters.",
        )
        found.append(Problem(code="name", field="name", text=text))
    if not 2 <= len(numbers) <= GROUPED_MAX:
        text = Text(
            de=f"Wählen Sie 2 bis {GROUPED_MAX} Aufgaben mit derselben Ursache; gewählt: "
            f"{len(numbers)}.",
            en=f"Choose 2 to {GROUPED_MAX} duties of the same cause; chosen: {len(numbers)}.",
        )
        found.append(Problem(code="duties", field="duties", text=text))
    if due is not None and due < today:
        text = Text(
            de=f"Der {due:%d.%m.%Y} ist vorbei; wählen Sie heute oder später.",
            en=f"{due.isoformat()} is over; choose today or later.",
        )
        found.append(Problem(code="due", field="due", text=text))
    return found


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise Invalid(problems[0].text, problems=problems)
