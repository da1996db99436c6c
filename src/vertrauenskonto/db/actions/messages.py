"""Messages to customers: drafted, released, sent once, or recorded as told by call, visit or letter.

    draft -> waiting -> claimed -> sending -> sent, and the promise's step "told" with it
    draft or to_call -> told

Whoever turns `waiting` into `claimed` sends; what dies before the mail begins to leave is taken over
by another worker, what dies while it leaves is not sent again: somebody calls. Every message rests
on a ground (`core/consent.py`); without one nothing leaves.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from django.db import transaction
from django.db.models import QuerySet

from vertrauenskonto.core.consent import decision, required_ground
from vertrauenskonto.core.errors import (
    Conflict,
    Invalid,
    Language,
    NotFound,
    Problem,
    Text,
    TrustError,
)
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.db.actions import jobs, promises
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.promises import Taken, due_of
from vertrauenskonto.db.queries import privacy
from vertrauenskonto.db.queries.consents import recipients
from vertrauenskonto.db.queries.messages import address_of, has_mail, words_of
from vertrauenskonto.db.queries.promises import visible
from vertrauenskonto.notify import mail
from vertrauenskonto.notify.mail import Letter

How = Literal["call", "visit", "letter"]
# As the ways are called where consent is asked for.
_WAYS = {"call": "call", "visit": "in_person", "letter": "letter"}
_CLAIM = timedelta(minutes=10)
_TEXT_MAX, _SUBJECT_MAX = 8000, 200
_PURPOSE: Literal["contract"] = "contract"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message about one promise as its form makes it; `due` is the new date it names."""

    subject: str
    text: str
    language: Language
    due: date | datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """How a customer was told and when, None: now; `is_agreed`: to the new date named, too."""

    how: How
    at: datetime | None = None
    is_agreed: bool = False


def draft(viewer: Viewer, key: str, told: Draft, *, number: str, door: Door) -> int:
    """Keep a draft about a promise, to be read and sent; the same form again changes nothing.

    Raises:
        NotFound: there is no such promise to a customer for this viewer.
        Conflict: the promise is over.
        Invalid: the new date is impossible, or the text is missing or too long.
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    _check(told.subject, told.text)
    with transaction.atomic():
        row = visible(viewer).filter(key=key, customer__isnull=False).first()
        if row is None or row.customer_id is None:
            raise promises.missing(key)
        there = models.CustomerMessage.objects.filter(number=number).first()
        if there is not None:
            return there.pk
        if row.ended_at is not None:
            raise Conflict(
                Text(
                    de="Diese Zusage ist abgeschlossen; es gibt nichts mehr anzukündigen.",
                    en="This promise is over; there is nothing left to announce.",
                )
            )
        due_at, due_date = due_of(told.due, row.zone) if told.due is not None else (None, None)
        made = models.CustomerMessage.objects.create(
            customer_id=row.customer_id,
            language=told.language,
            subject=told.subject.strip(),
            text=told.text.strip() + "\n",
            drafted_at=door.at,
            drafter=door.actor,
            number=number,
        )
        models.MessagePromise.objects.create(
            message=made, promise=row, due_at=due_at, due_date=due_date
        )
        return made.pk


def revise(viewer: Viewer, number: int, *, subject: str, text: str) -> None:
    """Change the words of a draft.

    Raises:
        NotFound, Denied: as `draft`.
        Conflict: it went out already.
        Invalid: the text is missing or too long.
    """
    _check(subject, text)
    own = _seen(viewer, number).filter(state="draft", incident=None)
    if not own.update(subject=subject.strip(), text=text.strip() + "\n"):
        raise _settled()


def drop(viewer: Viewer, number: int) -> None:
    """Throw a draft away.

    Raises:
        NotFound, Denied: as `draft`.
        Conflict: it went out already.
    """
    if not _seen(viewer, number).filter(state="draft", incident=None).delete()[0]:
        raise _settled()


def release(viewer: Viewer, number: int, *, door: Door) -> None:
    """Let a draft be sent by mail; released before, nothing changes.

    Raises:
        NotFound: as `draft`. Denied: too, or there is no ground for the message.
        Conflict: it was settled otherwise, or no mail server is set up.
    """
    own = _seen(viewer, number)
    row = own.get()
    if row.state != "draft":
        if row.channel == "email":
            return
        raise _settled()
    if row.incident_id is not None:
        raise Conflict(
            Text(
                de="Diese Nachricht gibt eine Leitung mit der gemeinsamen Ursache frei.",
                en="A lead approves this message together with its cause.",
            )
        )
    if not has_mail():
        raise Conflict(
            Text(
                de="Es ist kein Mailserver eingerichtet. Rufen Sie an, oder schreiben Sie einen Brief.",
                en="No mail server is set up. Call, or write a letter.",
            )
        )
    if privacy.state(row.customer_id) == "erased":
        raise _settled()
    found = required_ground(
        recipients([row.customer_id])[row.customer_id], "email", _PURPOSE, on=door.today
    )
    address = address_of(row.customer_id)
    own.filter(state="draft").update(
        state="waiting",
        channel="email",
        address=address,
        ground=found.ground,
        approved_at=door.at,
        approver=door.actor,
    )


def tell(viewer: Viewer, number: int, said: Spoken, *, door: Door, policies: PolicyHistory) -> None:
    """Record that a customer was told by call, visit or letter.

    Raises:
        NotFound, Denied: as `draft`.
        Conflict: it was settled already, or the promise allows no such step.
        Invalid: the instant lies ahead.
    """
    with transaction.atomic():
        row = _seen(viewer, number).select_for_update(of=("self",)).get()
        if row.state == "told" and row.channel == _WAYS[said.how]:
            return
        if row.state not in ("draft", "to_call"):
            raise _settled()
        on = recipients([row.customer_id])[row.customer_id]
        # Whoever is spoken to can be: an unknown number is no reason to forget that we called.
        found = decision(on, _WAYS[said.how], _PURPOSE, on=door.today)  # type: ignore[arg-type]  # our words
        for line in row.about.select_related("promise").order_by("pk"):
            step = Taken(what="told", at=said.at, channel=said.how)
            if said.is_agreed and line.due_at is not None:
                due = line.due_date or line.due_at
                step = Taken(what="renegotiated", at=said.at, due=due, channel=said.how)
            promises.take(viewer, line.promise.key, step, door=door, policies=policies)
        row.state, row.channel = "told", _WAYS[said.how]
        row.ground = found.ground or "contract"
        row.sent_at = said.at or door.at
        row.approved_at, row.approver = row.approved_at or door.at, row.approver or door.actor
        row.save()


def agreed(
    viewer: Viewer,
    number: int,
    *,
    channel: Literal["call", "visit", "mail", "letter"],
    at: datetime | None,
    door: Door,
    policies: PolicyHistory,
) -> None:
    """Record that the customer agreed to the new dates a message named.

    Raises:
        NotFound, Denied: as `draft`.
        Conflict, Invalid: the promise allows no new date (any more).
    """
    row = _seen(viewer, number).get()
    with transaction.atomic():
        for line in row.about.select_related("promise").exclude(due_at=None).order_by("pk"):
            due = line.due_date or line.due_at
            step = Taken(what="renegotiated", at=at, due=due, channel=channel)
            promises.take(viewer, line.promise.key, step, door=door, policies=policies)


def deliver(number: int, *, door: Door, policies: PolicyHistory) -> str:
    """Send one message that waits, if nobody else does; return its state afterwards.

    Must not run inside a transaction: every step of it has to be seen by others.
    """
    claimed = _claim(number, now=door.at)
    if claimed is None:
        return _state(number)
    if privacy.state(claimed.customer_id) in ("restricted", "erased"):
        _settle(number, "to_call", "not_valued")
        return "to_call"
    if not claimed.text and not _write(claimed):
        return "to_call"
    letter = Letter(
        to=claimed.address,
        subject=claimed.subject,
        text=claimed.text,
        reply_to=_reply_to(claimed.approver),
        mail_id=claimed.mail_id,
    )
    outcome = mail.send(letter, begin=lambda: _begin(number, claimed_at=door.at))
    if outcome == "sent":
        _sent(number, door, policies)
    elif outcome == "away":
        models.CustomerMessage.objects.filter(pk=number, state__in=("claimed", "sending")).update(
            state="waiting"
        )
    elif outcome in ("refused", "unclear"):
        _settle(number, "to_call", outcome)
    return _state(number)


def deliver_all(*, door: Door, policies: PolicyHistory, limit: int) -> bool:
    """Send what waits, the oldest first; return whether more may wait.

    A server that is away is asked once.
    """
    stopped = models.CustomerMessage.objects.filter(
        state="sending", claimed_at__lte=door.at - _CLAIM
    )
    stopped.update(state="to_call", reason="unclear")
    # A claim from the future was made before the clock was set back.
    models.CustomerMessage.objects.filter(
        state__in=("claimed", "sending"), claimed_at__gt=door.at + _CLAIM
    ).update(claimed_at=door.at)
    waiting = models.CustomerMessage.objects.filter(state__in=("waiting", "claimed"))
    numbers = list(waiting.order_by("pk").values_list("pk", flat=True)[:limit])
    for number in numbers:
        if deliver(number, door=door, policies=policies) == "waiting":
            return False
    return len(numbers) == limit


def send_soon(*, now: datetime, key: str) -> None:
    """Have what waits sent by a worker."""
    jobs.enqueue("send_messages", due_at=now, key=key)


def _claim(number: int, *, now: datetime) -> models.CustomerMessage | None:
    own = models.CustomerMessage.objects.filter(pk=number)
    row = own.filter(state__in=("waiting", "claimed")).first()
    if row is None:
        return None
    if row.state == "claimed" and row.claimed_at is not None and row.claimed_at > now - _CLAIM:
        return None
    taken = own.filter(state=row.state, claimed_at=row.claimed_at)
    mail_id = row.mail_id or mail.new_mail_id()
    if not taken.update(state="claimed", claimed_at=now, mail_id=mail_id):
        return None
    return own.get()


def _begin(number: int, *, claimed_at: datetime) -> bool:
    own = models.CustomerMessage.objects.filter(pk=number, state="claimed", claimed_at=claimed_at)
    return bool(own.update(state="sending"))


def _write(row: models.CustomerMessage) -> bool:
    """Write an incident's message for its customer; False: there is no text in their language."""
    found = words_of(row)
    if found is None:
        _settle(row.pk, "to_call", "no_text")
        return False
    row.subject, row.text = found
    row.save(update_fields=["subject", "text"])
    return True


@transaction.atomic
def _sent(number: int, door: Door, policies: PolicyHistory) -> None:
    own = models.CustomerMessage.objects.select_for_update().filter(pk=number, state="sending")
    row = own.first()
    if row is None:
        return
    row.state, row.sent_at = "sent", door.at
    row.save(update_fields=["state", "sent_at"])
    _told(row, door, policies)


def _told(row: models.CustomerMessage, door: Door, policies: PolicyHistory) -> None:
    """Write down at each promise that the customer knows; who was faster than us stays."""
    keys = row.about.order_by("promise_id").values_list("promise_id", flat=True)
    found = models.Promise.objects.select_for_update().filter(pk__in=list(keys)).order_by("pk")
    for promise in found:
        try:
            with transaction.atomic():
                step = Taken(what="told", at=door.at, channel="mail")
                promises.step_on(promise, step, door=door, policies=policies)
        except TrustError:
            # It ended while the mail was on its way; that the customer was told stands here.
            continue


def _settle(number: int, state: str, reason: str) -> None:
    open_ones = models.CustomerMessage.objects.filter(pk=number)
    open_ones.filter(state__in=("waiting", "claimed", "sending")).update(state=state, reason=reason)


def _state(number: int) -> str:
    found = models.CustomerMessage.objects.filter(pk=number).values_list("state", flat=True)
    return found.first() or "dropped"


def _reply_to(approver: str) -> str:
    found = models.Person.objects.filter(key=approver, is_active=True).values_list(
        "email", flat=True
    )
    return found.first() or ""


def _seen(viewer: Viewer, number: int) -> QuerySet[models.CustomerMessage]:
    require(viewer, "book")
    own = models.CustomerMessage.objects.filter(
        pk=number, about__promise__in=visible(viewer).order_by()
    )
    rows = models.CustomerMessage.objects.filter(pk__in=own.values("pk")).order_by("pk")
    if not rows.exists():
        raise NotFound(
            Text(de=f"Es gibt keine Nachricht {number}.", en=f"There is no message {number}.")
        )
    return rows


def _check(subject: str, text: str) -> None:
    found = []
    for name, said, most in (("subject", subject, _SUBJECT_MAX), ("text", text, _TEXT_MAX)):
        if not said.strip():
            found.append(_problem(name, Text("Hier fehlt etwas.", "Something is missing here.")))
        elif len(said) >= most:
            found.append(
                _problem(
                    name, Text(f"Höchstens {most - 1} Zeichen.", f"At most {most - 1} characters.")
                )
            )
    if found:
        raise Invalid(
            Text("Die Nachricht ist unvollständig.", "The message is incomplete."), problems=found
        )


def _problem(field: str, text: Text) -> Problem:
    return Problem(code=field, field=field, text=text)


def _settled() -> Conflict:
    return Conflict(
        Text(
            de="Diese Nachricht ist schon erledigt; ein neuer Entwurf geht noch.",
            en="This message is settled already; you can make a new draft.",
        )
    )
