"""Messages to customers: what a draft starts from, and what was sent or said about a promise."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Subquery

from vertrauenskonto.core.calendar.working_time import WorkingTime
from vertrauenskonto.core.consent import Decision, open_channels
from vertrauenskonto.core.errors import Language, NotFound, Text
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, require, shown_people
from vertrauenskonto.db.queries.calendars import Calendars
from vertrauenskonto.db.queries.consents import recipients
from vertrauenskonto.db.queries.promises import visible
from vertrauenskonto.render.notice_words import Told, incident_notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a message about a promise starts from.

    `told` is the promise in its own words; `called` and `sender` are names, `channels` says which
    ways to this customer are open for what the contract requires. `address` "": no mail goes.
    `lead_minutes`: working minutes from now until the promise is due; 0 afterwards.
    """

    key: str
    customer: str
    name: str
    is_open: bool
    sort: str
    capability: str
    working: WorkingTime
    companys: WorkingTime
    told: Told
    language: Language
    called: str
    sender: str
    address: str
    lead_minutes: int
    channels: tuple[Decision, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as a viewer sees it; names as the staff rule shows them.

    `due_at` and `due_date` are the new date it names for its first promise. `lead_minutes`: working
    minutes between the customer knowing and the date that failed, None: not told, or too late.
    """

    number: int
    promise: str
    customer: str
    incident: int | None
    channel: str
    language: Language
    address: str
    subject: str
    text: str
    ground: str
    state: str
    reason: str
    drafted_at: datetime
    drafter: str
    approver: str
    sent_at: datetime | None
    mail_id: str
    due_at: datetime | None
    due_date: date | None
    zone: str
    lead_minutes: int | None


def has_mail() -> bool:
    """Tell whether a mail server is set up."""
    return not settings.EMAIL_BACKEND.endswith("dummy.EmailBackend")


def address_of(customer: int) -> str:
    """Return the address a customer's mails go to, "" for none; for modules of `db` only."""
    found = models.Contact.objects.filter(customer=customer).exclude(email="")
    return found.order_by("-is_main", "pk").values_list("email", flat=True).first() or ""


def start(viewer: Viewer, key: str, *, now: datetime, today: date) -> Start:
    """Return what a message about a promise starts from.

    Raises:
        NotFound: there is no such promise to a customer for this viewer.
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    rows = visible(viewer).filter(key=key, customer__isnull=False)
    me = models.Person.objects.filter(pk=viewer.person_id or 0).order_by("pk").values("name")[:1]
    row = rows.select_related("customer__profile").annotate(me=Subquery(me)).first()
    if row is None or row.customer is None:
        raise NotFound(
            Text(de=f"Es gibt keine Zusage „{key}“.", en=f"There is no promise '{key}'.")
        )
    profile = getattr(row.customer, "profile", None)
    recipient = recipients([row.customer.pk])[row.customer.pk]
    calendars = Calendars()
    working = calendars.of(row.customer_id, row.team_id)
    lead = working.between(now, row.due_at) if row.due_at > now else 0.0
    contacts = models.Contact.objects.filter(customer=row.customer).order_by("-is_main", "pk")
    reached = list(contacts.values_list("name", "email"))
    called = next((name for name, _ in reached if name), profile.name if profile else "")
    address = next((email for _, email in reached if email), "")
    return Start(
        key=row.key,
        customer=row.customer.key,
        name=profile.name if profile else "",
        is_open=row.ended_at is None,
        sort=row.sort,
        capability=row.capability,
        working=working,
        companys=calendars.of(None, None),
        told=told_of(row),
        language=_language(profile),
        called=row.told_whom or called,
        sender=row.me or "",
        address=address if has_mail() else "",
        lead_minutes=int(lead),
        channels=open_channels(recipient, "contract", on=today),
    )


def told_of(
    row: models.Promise, new_at: datetime | None = None, new_date: date | None = None
) -> Told:
    """Return a promise as a message tells of it; for modules of `db` only."""
    return Told(
        wording=row.wording or row.capability,
        zone=row.zone,
        due_at=row.due_at,
        due_date=row.due_date,
        new_at=new_at,
        new_date=new_date,
    )


def one(viewer: Viewer, key: str, number: int) -> Message:
    """Return a message about a promise.

    Raises:
        NotFound: there is none, or not for this viewer.
        Denied: the viewer may not book.
    """
    found = [m for m in of_promise(viewer, key) if m.number == number]
    if not found:
        raise NotFound(
            Text(de=f"Es gibt keine Nachricht {number}.", en=f"There is no message {number}.")
        )
    return found[0]


def of_promise(viewer: Viewer, key: str) -> tuple[Message, ...]:
    """Return all messages about a promise, the newest first; none where she sees no names.

    Raises:
        Denied: the viewer may not see accounts.
    """
    lines = models.MessagePromise.objects.filter(
        promise__in=visible(viewer).filter(key=key).order_by()
    )
    lines = lines.select_related("message__customer", "promise").order_by("-message_id")
    return shown(viewer, list(lines))


def shown(viewer: Viewer, lines: Collection[models.MessagePromise]) -> tuple[Message, ...]:
    """Return messages by their lines; for modules of `db` only."""
    people = {line.message.drafter for line in lines} | {line.message.approver for line in lines}
    names = shown_people(viewer, people | {""})
    return tuple(_message(line, names) for line in lines)


def words_of(row: models.CustomerMessage) -> tuple[str, str] | None:
    """Return subject and text of an incident's message; None: there is none in their language."""
    incident = row.incident
    assert incident is not None, "a message by hand has its text"
    english = row.language == "en"
    subject = incident.subject_en if english else incident.subject
    text = incident.text_en if english else incident.text
    if not text or not subject:
        return None
    lines = row.about.select_related("promise").order_by("promise__due_at", "pk")
    profile = models.Profile.objects.filter(pk=row.customer_id).first()
    sender = models.Person.objects.filter(key=incident.approved_by).values_list("name", flat=True)
    return incident_notice(
        [told_of(line.promise, line.due_at, line.due_date) for line in lines],
        subject=subject,
        text=text,
        called=_called(row.customer_id, profile),
        sender=sender.first() or "",
        language=_language(profile),
    )


def _message(line: models.MessagePromise, names: Mapping[str, str]) -> Message:
    row = line.message
    return Message(
        number=row.pk,
        promise=line.promise.key,
        customer=row.customer.key,
        incident=row.incident_id,
        channel=row.channel,
        language="en" if row.language == "en" else "de",
        address=row.address,
        subject=row.subject,
        text=row.text,
        ground=row.ground,
        state=row.state,
        reason=row.reason,
        drafted_at=row.drafted_at,
        drafter=names[row.drafter],
        approver=names[row.approver],
        sent_at=row.sent_at,
        mail_id=row.mail_id,
        due_at=line.due_at,
        due_date=line.due_date,
        zone=line.promise.zone,
        lead_minutes=line.promise.notice_minutes,
    )


def _language(profile: models.Profile | None) -> Language:
    return "en" if profile is not None and profile.language == "en" else "de"


def _called(customer: int, profile: models.Profile | None) -> str:
    """Return the name in a greeting: the contact's, of a person their own."""
    people = models.Contact.objects.filter(customer=customer).exclude(name="")
    contact = people.order_by("-is_main", "pk").values_list("name", flat=True).first()
    return contact or (profile.name if profile else "")
