"""Candour: recording what was said honestly, the second look, and what it is booked as.

A record and what it books are one transaction. What asks for a second look is booked once somebody
else had it. A kind that the policy in force does not have is not booked; the record stays, and its
page says so.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from secrets import token_hex
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from vertrauenskonto.core.candour import records as rules
from vertrauenskonto.core.candour.records import Told
from vertrauenskonto.core.candour.refusals import holds
from vertrauenskonto.core.errors import Conflict, Denied, Invalid, Problem, Text
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, customer_id, require
from vertrauenskonto.db.actions import ledger
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.ledger import Draft
from vertrauenskonto.db.actions.promise_finding import refuse_erased
from vertrauenskonto.db.candour_rows import (
    SOURCE,
    is_booked,
    missing,
    refusals_against,
    told_of,
    visible,
)
from vertrauenskonto.db.retrying import patiently

REMARK_LENGTH_MAX = 500


def record(
    viewer: Viewer,
    customer: str,
    told: Told,
    *,
    number: str,
    door: Door,
    policies: PolicyHistory | None,
) -> str:
    """Record what was said, and book what it counts as; return the key of the record.

    The same number again changes nothing. `policies` None: none is in force, nothing is booked.

    Raises:
        NotFound: there is no such customer for this viewer.
        Invalid: something is missing or contradicts itself; with a problem for each.
        Conflict: the customer was erased, or the number was used for something else.
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    return patiently(lambda: _record(viewer, customer, told, number, (door, policies)))


_Way = tuple[Door, PolicyHistory | None]


@transaction.atomic
def _record(viewer: Viewer, customer: str, told: Told, number: str, way: _Way) -> str:
    pk, (door, _) = customer_id(viewer, customer), way
    told = _dated(told)
    there = models.Candour.objects.filter(number=number).first()
    if there is not None:
        if there.customer_id != pk or told_of(there) != told:
            raise Conflict(
                Text(
                    de="Aus diesem Formular wurde schon etwas anderes festgehalten. Öffnen Sie es "
                    "neu, wenn noch etwas dazukommt.",
                    en="Something else was recorded from this form already. Open it anew if there "
                    "is more to record.",
                )
            )
        return there.key
    _refuse(list(rules.problems(told, now=door.at, today=door.today)))
    refuse_erased(pk)
    row = models.Candour.objects.create(
        key=f"o_{token_hex(16)}",
        customer_id=pk,
        sort=told.sort,
        choice=told.choice,
        answers=dict(told.answers),
        capability=told.capability,
        on_date=told.on,
        until_date=told.until,
        knew_at=told.knew_at,
        told_at=told.told_at,
        written_at=door.at,
        actor=door.actor,
        state="waiting" if rules.needs_second_look(told) else "counts",
        number=number,
    )
    _book(row, way)
    return row.key


def look(
    viewer: Viewer,
    key: str,
    *,
    counts: bool,
    remark: str,
    door: Door,
    policies: PolicyHistory | None,
) -> None:
    """Decide, as a second person, whether advice with a conflict counts; done before, it stays.

    Raises:
        NotFound: there is no such record for this viewer.
        Denied: the viewer may not book, recorded it herself, or is no person.
        Invalid: it does not count, and nothing says why.
        Conflict: it waits for no second look, or somebody else decided otherwise.
    """
    require(viewer, "book")
    with transaction.atomic():
        row = _locked(viewer, key)
        state = "counts" if counts else "declined"
        if row.decider == viewer.actor and row.state == state:
            return
        if row.state != "waiting":
            raise Conflict(
                Text(
                    de="Darüber ist schon entschieden; ein zweiter Blick steht nicht mehr aus.",
                    en="This is decided already; no second look is needed any more.",
                )
            )
        if viewer.person_id is None or viewer.actor == row.actor:
            raise Denied(
                Text(
                    de="Der zweite Blick gehört jemand anderem als der Person, die den Rat "
                    "festgehalten hat.",
                    en="The second look takes somebody else than the person who recorded the "
                    "advice.",
                )
            )
        _decide(row, state, remark, door, needs_remark=not counts)
        _book(row, (door, policies))


def tell(
    viewer: Viewer,
    key: str,
    *,
    by: str,
    told_at: datetime | None,
    door: Door,
    policies: PolicyHistory | None,
) -> None:
    """Record that the customer now knows of a mistake, and from whom; again, it changes nothing.

    `told_at` None: just now.

    Raises:
        NotFound: there is no such record for this viewer.
        Invalid: the instant lies ahead or before we knew, or nobody is named.
        Conflict: it is no mistake that counts, or something else was recorded of it before.
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    with transaction.atomic():
        row = _locked(viewer, key)
        if row.told_at is not None and row.choice == by and told_at in (None, row.told_at):
            return
        if row.sort != "mistake" or row.told_at is not None or row.state != "counts":
            raise Conflict(
                Text(
                    de="Zu diesem Eintrag ist schon festgehalten, seit wann der Kunde es weiß.",
                    en="It is recorded already since when the customer knows of this.",
                )
            )
        told = _dated(replace(told_of(row), choice=by, told_at=told_at or door.at))
        _refuse(list(rules.problems(told, now=door.at, today=door.today)))
        if not by:
            raise _wrong("choice", Text("Wer hat es zuerst gesagt?", "Who said so first?"))
        row.choice, row.told_at, row.on_date = by, told.told_at, told.on
        row.save(update_fields=["choice", "told_at", "on_date"])
        _book(row, (door, policies))


def lift(viewer: Viewer, key: str, *, door: Door) -> None:
    """Let a no end before today; that it was said stays, and what it was booked as.

    Raises:
        NotFound: there is no such record for this viewer.
        Conflict: it is no no that counts.
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    with transaction.atomic():
        row = _locked(viewer, key)
        if row.sort != "refusal" or row.state != "counts":
            raise Conflict(
                Text(
                    de="Hier gilt kein Nein, das enden könnte.",
                    en="No no is in force here that could end.",
                )
            )
        if holds(row.on_date, row.until_date, day=door.today):
            row.until_date = door.today - timedelta(days=1)
            row.save(update_fields=["until_date"])


def take_back(
    viewer: Viewer, key: str, *, remark: str, door: Door, policies: PolicyHistory | None
) -> None:
    """Take back what was recorded wrongly, and reverse what it was booked as; both stay to be seen.

    Raises:
        NotFound: there is no such record for this viewer.
        Invalid: nothing says why, or too much.
        Conflict: what it was booked as cannot be reversed; nothing was written.
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    with transaction.atomic():
        row = _locked(viewer, key)
        if row.state == "withdrawn":
            return
        _decide(row, "withdrawn", remark, door, needs_remark=True)
        if policies is not None and is_booked(row):
            reversal = Draft(
                customer=row.customer.key,
                source=SOURCE,
                source_id=f"{row.key}:reversed",
                value_date=door.today,
                reverses=(SOURCE, row.key),
                reason="entered_wrongly",
            )
            _booked(reversal, (door, policies))


def connect(promise: models.Promise) -> None:
    """Tie a new promise to the noes it runs against, so that both lead to each other."""
    if promise.customer_id is None:
        return
    day = promise.made_at.astimezone(ZoneInfo(promise.zone)).date()
    found = refusals_against(
        promise.customer_id, promise.wording, capability=promise.capability, day=day
    )
    for row in found:
        row.promises.add(promise)


def _locked(viewer: Viewer, key: str) -> models.Candour:
    row = visible(viewer).select_for_update(of=("self",)).filter(key=key).first()
    if row is None:
        raise missing(key)
    return row


def _dated(told: Told) -> Told:
    """Return a record in clean words; a mistake has the day that its instants say."""
    answers = {q.name: told.said(q.name) for q in rules.QUESTIONS[told.sort]}
    told = replace(told, answers=answers, capability=told.capability.strip())
    at = told.told_at or told.knew_at
    if told.sort != "mistake" or at is None:
        return told
    return replace(told, on=at.astimezone(ZoneInfo(settings.TIME_ZONE)).date())


def _decide(
    row: models.Candour, state: str, remark: str, door: Door, *, needs_remark: bool
) -> None:
    remark = remark.strip()
    if len(remark) > REMARK_LENGTH_MAX or (needs_remark and not remark):
        raise _wrong(
            "remark",
            Text(
                f"Die Begründung hat {len(remark)} Zeichen; nötig sind 1 bis {REMARK_LENGTH_MAX}.",
                f"The reason has {len(remark)} characters; it takes 1 to {REMARK_LENGTH_MAX}.",
            ),
        )
    row.state, row.remark = state, remark
    row.decider, row.decided_at = door.actor, door.at
    row.save(update_fields=["state", "remark", "decider", "decided_at"])


def _book(row: models.Candour, way: _Way) -> None:
    """Book what a record counts as, once it counts."""
    told = told_of(row)
    kind = rules.kind_of(told)
    if kind is None or row.state != "counts" or way[1] is None:
        return
    draft = Draft(
        customer=row.customer.key,
        source=SOURCE,
        source_id=row.key,
        kind=kind,
        value_date=row.on_date,
        note=told.headline,
    )
    _booked(draft, way)


def _booked(draft: Draft, way: _Way) -> None:
    door, policies = way
    assert policies is not None, "without a policy nothing is booked"
    [outcome] = ledger.book([draft], door=door, policies=policies).outcomes
    if outcome.status in ("refused", "conflict") and outcome.code != "kind":
        assert outcome.text is not None, "what is refused says why"
        raise Conflict(outcome.text)


def _wrong(field: str, text: Text) -> Invalid:
    return Invalid(text, problems=[Problem(code=field, field=field, text=text)])


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise Invalid(
            Text("Der Eintrag ist unvollständig.", "The record is incomplete."), problems=problems
        )
