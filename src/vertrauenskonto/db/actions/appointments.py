"""Appointments: made, held or missed, other times offered, and what customers do by their link.

A customer's own wish for another time is no promise of ours that failed: it moves the appointment
and books nothing. Where we had said that we cannot come, the same choice renegotiates it, and that
is booked. Who asks by the link for a call is told by when we ring: so it becomes a promise.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from django.db import transaction

from vertrauenskonto.core.appointments import Visit
from vertrauenskonto.core.errors import Conflict, Invalid, Language, Problem, Text
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, installation, require
from vertrauenskonto.db.actions import promises
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.promises import Made, NewPromise, Taken
from vertrauenskonto.db.queries import appointments as queries
from vertrauenskonto.db.queries.calendars import Calendars
from vertrauenskonto.db.queries.feeds import hashed
from vertrauenskonto.db.retrying import patiently

SLOTS_MAX = 10
SOURCE = "appointments"

ATTENDANCE = ("done", "absent", "given_up")
_CALLBACK = Text("Rückruf", "Callback")
_CALL_ABOUT = Text("Rückruf wegen", "Call back about")


def make(viewer: Viewer, new: NewPromise, *, door: Door) -> Made:
    """Write an appointment down: `due` is when it begins, `ends_at` when it ends.

    Raises:
        Invalid: it has no beginning or no end, or ends before it begins; or as `promises.make`.
        NotFound, Denied, Conflict: as `promises.make`.
    """
    if not isinstance(new.due, datetime) or new.ends_at is None:
        raise Invalid(
            Text(
                de="Ein Termin braucht Tag, Uhrzeit und Dauer.",
                en="An appointment needs day, time and length.",
            )
        )
    # Refuses what is no appointment.
    Visit(starts=new.due, ends=new.ends_at, travel_minutes=new.travel_minutes or 0)
    return promises.make(viewer, replace(new, sort="appointment"), door=door)


def attend(viewer: Viewer, key: str, step: Taken, *, door: Door, policies: PolicyHistory) -> None:
    """Record that an appointment took place, that the customer was absent, or that nobody came.

    It is booked on the day it was agreed for, whenever somebody writes it down.

    Raises:
        NotFound: there is no such appointment for this viewer.
        Invalid: it has not begun yet.
        Conflict: it is over already.
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    assert step.what in ATTENDANCE, "what else happens is no attendance"
    row = queries.found(viewer, key)
    if door.at < row.due_at:
        raise Invalid(
            Text(
                de="Der Termin hat noch nicht begonnen; was daraus wird, weiß noch niemand.",
                en="The appointment has not begun yet; nobody knows what will come of it.",
            )
        )
    at = min(row.due_at + timedelta(minutes=max(step.late_minutes, 0)), door.at)
    # What nobody came to is broken from now on, on the day it was agreed for.
    begun = replace(step, at=door.at if step.what == "given_up" else at)
    promises.take(viewer, key, begun, door=door, policies=policies)


def move(
    viewer: Viewer,
    key: str,
    starts: datetime,
    *,
    is_customers_wish: bool,
    door: Door,
    policies: PolicyHistory,
) -> None:
    """Move an appointment, as was agreed with the customer; it stays as long as it was.

    Raises:
        NotFound: there is no such appointment for this viewer.
        Conflict: it is over or has begun, or we had told the customer that we cannot come.
        Invalid: the new time is no later one.
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    queries.found(viewer, key)
    step = Taken(what="moved" if is_customers_wish else "renegotiated", due=starts, channel="other")
    promises.take(viewer, key, step, door=door, policies=policies)


def offer(viewer: Viewer, key: str, starts: Collection[datetime], *, door: Door) -> None:
    """Offer a customer other times instead of those offered before; none: nothing is offered.

    Raises:
        NotFound: there is no such appointment for this viewer.
        Invalid: too many, or one that is past.
        Conflict: the appointment is over or has begun.
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    if len(set(starts)) > SLOTS_MAX:
        raise Invalid(
            Text(
                de=f"Bieten Sie höchstens {SLOTS_MAX} Zeiten an; mehr liest niemand.",
                en=f"Offer {SLOTS_MAX} times at most; nobody reads more.",
            )
        )
    with transaction.atomic():
        row = queries.found(viewer, key, locked=True)
        _refuse_late(row, door)
        for at in starts:
            if at <= door.at or at == row.due_at:
                raise _no_slot(at)
        length = queries.visit_of(row).ends - row.due_at
        before = set(models.Slot.objects.filter(promise=row).values_list("starts_at", flat=True))
        if before == set(starts):
            return
        models.Slot.objects.filter(promise=row).delete()
        models.Slot.objects.bulk_create(
            [models.Slot(promise=row, starts_at=at, ends_at=at + length) for at in set(starts)]
        )
        _done(row, "offered", door)


def give_link(viewer: Viewer, key: str, *, door: Door) -> str:
    """Open the link for the customer and return its secret, the last part of its address.

    Raises:
        NotFound: there is no such appointment for this viewer.
        Conflict: it is over or has begun.
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    secret = queries.secret_of(key)
    with transaction.atomic():
        row = queries.found(viewer, key, locked=True)
        _refuse_late(row, door)
        row.link_hash = hashed(secret)
        row.save(update_fields=["link_hash"])
    return secret


def take_link_back(viewer: Viewer, key: str) -> None:
    """Close the customer's link: its address answers like one that never existed.

    Raises:
        NotFound: there is no such appointment for this viewer.
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    with transaction.atomic():
        row = queries.found(viewer, key, locked=True)
        row.link_hash = None
        row.save(update_fields=["link_hash"])


def invited(viewer: Viewer, key: str, *, door: Door) -> None:
    """Record that the mail server took the invitation; the contract is its legal ground.

    Raises:
        NotFound: there is no such appointment for this viewer.
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    with transaction.atomic():
        _done(queries.found(viewer, key, locked=True), "invited", door, channel="mail")


# ------------------------------------------------------------------ the customer, by the link


def confirm(secret: str, *, door: Door) -> None:
    """Let the customer confirm an appointment; once more changes nothing.

    Raises:
        NotFound: there is no such link, or it has expired.
        Conflict: the appointment is over or has begun.
    """
    with transaction.atomic():
        row = queries.by_link(secret, now=door.at, locked=True)
        _refuse_late(row, door)
        if row.confirmed_at is None:
            row.confirmed_at = door.at
            row.save(update_fields=["confirmed_at"])
            _done(row, "confirmed", door)


def choose(secret: str, starts: datetime, *, door: Door, policies: PolicyHistory) -> None:
    """Let the customer choose one of the times that were offered; the same once more is done.

    Raises:
        NotFound: there is no such link, or it has expired.
        Conflict: the time is not offered any more or taken, or the appointment is over or has begun.
    """
    patiently(lambda: _choose(secret, starts, door, policies))


@transaction.atomic
def _choose(secret: str, starts: datetime, door: Door, policies: PolicyHistory) -> None:
    row = queries.by_link(secret, now=door.at, locked=True)
    if row.due_at == starts:
        return
    _refuse_late(row, door)
    slot = models.Slot.objects.filter(promise=row, starts_at=starts).first()
    visit = queries.visit_of(row)
    chosen = replace(visit, starts=starts, ends=starts + (visit.ends - visit.starts))
    if slot is None or starts <= door.at or queries.is_taken(row, chosen):
        raise Conflict(
            Text(
                de="Diese Zeit ist inzwischen nicht mehr frei. Bitte wählen Sie eine andere, oder "
                "lassen Sie sich anrufen.",
                en="This time is no longer free. Please choose another one, or ask for a call.",
            )
        )
    what: Literal["moved", "renegotiated"] = "moved" if row.told_at is None else "renegotiated"
    step = Taken(what=what, due=starts, channel="other")
    promises.step_on(row, step, door=door, policies=policies)
    # Whoever chooses a time has confirmed it.
    row.confirmed_at = door.at
    row.save(update_fields=["confirmed_at"])


def ask_for_call(secret: str, *, door: Door) -> None:
    """Let the customer ask for a call: it is promised for the next working day, once.

    Raises:
        NotFound: there is no such link, or it has expired.
        Conflict: the appointment is over or has begun.
    """
    with transaction.atomic():
        row = queries.by_link(secret, now=door.at, locked=True)
        _refuse_late(row, door)
        asked = models.PromiseStep.objects.filter(promise=row, what="call_asked", due_at=row.due_at)
        if asked.exists() or row.customer is None:
            return
        person = row.giver or row.keeper
        language: Language = "en" if person is not None and person.language == "en" else "de"
        working = Calendars().of(row.customer_id, row.team_id)
        promises.make(
            installation(door.channel),
            NewPromise(
                customer=row.customer.key,
                wording=f"{_CALL_ABOUT.in_language(language)}: {row.wording}"[:500],
                due=working.add_days(door.today, 1),
                source=SOURCE,
                source_id=f"{row.key}:{row.due_at:%Y%m%dT%H%M}",
                said_in="other",
                capability=_CALLBACK.in_language(language),
                is_first_contact=False,
                giver=person.key if person is not None and person.is_active else "",
                zone=row.zone,
            ),
            door=door,
        )
        _done(row, "call_asked", door, due_at=row.due_at)


def _refuse_late(row: models.Promise, door: Door) -> None:
    if row.ended_at is not None or door.at > row.due_at:
        raise Conflict(
            Text(
                de="Dieser Termin hat begonnen oder ist vorbei; ändern lässt er sich nicht mehr.",
                en="This appointment has begun or is over; it cannot be changed any more.",
            )
        )


def _no_slot(at: datetime) -> Invalid:
    text = Text(
        de=f"{at:%d.%m.%Y %H:%M} lässt sich nicht anbieten: die Zeit ist vorbei oder die des Termins.",
        en=f"{at:%Y-%m-%d %H:%M} cannot be offered: it is past, or the appointment's own time.",
    )
    return Invalid(text, problems=(Problem(code="slot", field="slots", text=text),))


def _done(
    row: models.Promise,
    what: str,
    door: Door,
    *,
    channel: str = "",
    due_at: datetime | None = None,
) -> None:
    models.PromiseStep.objects.create(
        promise=row,
        at=door.at,
        written_at=door.at,
        actor=door.actor,
        what=what,
        channel=channel,
        due_at=due_at,
    )
