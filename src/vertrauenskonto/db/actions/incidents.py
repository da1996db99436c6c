"""Incidents: one cause that hits many promises; one approved text, each customer told once.

    opened (promises chosen, new dates reckoned) -> approved by a lead -> each message sent by a job
                                                 -> cancelled: what has not left yet is dropped

Who has no address, no ground for a mail or no text in their language stays on a list of calls.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from vertrauenskonto.core.calendar.local_time import local_instant
from vertrauenskonto.core.calendar.working_time import WorkingTime
from vertrauenskonto.core.consent import decision
from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Problem, Text
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.db.actions import messages
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.promises import due_of
from vertrauenskonto.db.queries.calendars import Calendars
from vertrauenskonto.db.queries.consents import recipients
from vertrauenskonto.db.queries.incidents import Filters, chosen
from vertrauenskonto.db.queries.messages import address_of, has_mail

PROMISES_MAX = 20_000
DELAY_MAX = 250
_PART = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIncident:
    """A cause as its form describes it; every date moves by `delay_days` working days, 0: none is
    named. `leave_out`: keys of promises that the filters choose and it does not hit.
    """

    name: str
    subject: str
    text: str
    subject_en: str
    text_en: str
    delay_days: int
    filters: Filters
    leave_out: frozenset[str] = frozenset()


def open_one(viewer: Viewer, new: NewIncident, *, number: str, door: Door) -> int:
    """Open an incident for the open promises chosen; the same form again changes nothing.

    Raises:
        Invalid: something is missing, or the filters choose nothing or too much.
        Denied: the viewer may not book.
    """
    require(viewer, "book")
    _refuse(_problems(new))
    with transaction.atomic():
        there = models.Incident.objects.filter(number=number).first()
        if there is not None:
            return there.pk
        rows = chosen(viewer, new.filters, now=door.at).exclude(key__in=new.leave_out)
        found = list(
            rows.filter(incident=None).order_by("customer_id", "due_at")[: PROMISES_MAX + 1]
        )
        if not found or len(found) > PROMISES_MAX:
            _refuse([_problem("name", _NOTHING if not found else _TOO_MANY)])
        incident = models.Incident.objects.create(
            name=new.name.strip(),
            opened_at=door.at,
            opened_by=door.actor,
            subject=new.subject.strip(),
            text=new.text.strip(),
            subject_en=new.subject_en.strip(),
            text_en=new.text_en.strip(),
            delay_days=new.delay_days,
            number=number,
        )
        _messages(incident, found, door)
        for start in range(0, len(found), _PART):
            keys = [row.pk for row in found[start : start + _PART]]
            models.Promise.objects.filter(pk__in=keys).update(incident=incident)
        return incident.pk


def approve(viewer: Viewer, incident: int, *, door: Door) -> None:
    """Approve the text and let every customer be told; approved before, nothing changes.

    Raises:
        NotFound: there is no such incident.
        Conflict: it was cancelled.
        Denied: the viewer does not lead.
    """
    require(viewer, "lead")
    with transaction.atomic():
        row = _locked(incident)
        if row.approved_at is not None:
            return
        if row.closed_at is not None:
            raise _cancelled()
        row.approved_at, row.approved_by = door.at, door.actor
        row.save(update_fields=["approved_at", "approved_by"])
        drafts = models.CustomerMessage.objects.filter(incident=row, state="draft").order_by("pk")
        takes_mail = has_mail()
        while part := list(drafts[:_PART]):
            known = recipients([message.customer_id for message in part])
            for message in part:
                found = decision(known[message.customer_id], "email", "contract", on=door.today)
                message.approved_at, message.approver = door.at, door.actor
                message.address = address_of(message.customer_id)
                message.ground = found.ground or ""
                message.channel = "email"
                message.state = "waiting" if found.is_open and takes_mail else "to_call"
                if message.state == "to_call":
                    message.reason = _why_call(message.address, is_open=found.is_open)
                    message.channel = ""
            columns = ["approved_at", "approver", "address", "ground", "channel", "state", "reason"]
            models.CustomerMessage.objects.bulk_update(part, columns)
        messages.send_soon(now=door.at, key=f"incident-{row.pk}")


def _why_call(address: str, *, is_open: bool) -> str:
    """Return why a customer is called and not written to."""
    if is_open:
        return "no_server"
    return "no_ground" if address else "no_address"


def cancel(viewer: Viewer, incident: int, *, door: Door) -> None:
    """Stop telling customers: what has not left yet is dropped, and so are calls not made yet.

    Raises:
        NotFound: there is no such incident. Denied: the viewer does not lead.
    """
    require(viewer, "lead")
    with transaction.atomic():
        row = _locked(incident)
        if row.closed_at is not None:
            return
        row.closed_at = door.at
        row.save(update_fields=["closed_at"])
        unsent = models.CustomerMessage.objects.filter(incident=row)
        unsent.filter(state__in=("draft", "waiting", "to_call")).update(state="dropped")


def _messages(incident: models.Incident, found: Sequence[models.Promise], door: Door) -> None:
    calendars = Calendars()
    languages = dict(
        models.Profile.objects.filter(pk__in={row.customer_id for row in found})
        .order_by("pk")
        .values_list("pk", "language")
    )
    made: dict[int, models.CustomerMessage] = {}
    for row in found:
        assert row.customer_id is not None, "chosen are promises to customers"
        if row.customer_id not in made:
            made[row.customer_id] = models.CustomerMessage(
                customer_id=row.customer_id,
                incident=incident,
                language="en" if languages.get(row.customer_id) == "en" else "de",
                drafted_at=door.at,
                drafter=door.actor,
                number=f"{incident.pk}:{row.customer_id}",
            )
    models.CustomerMessage.objects.bulk_create(made.values(), batch_size=_PART)
    lines = []
    for row in found:
        assert row.customer_id is not None, "chosen are promises to customers"
        working = calendars.of(row.customer_id, row.team_id)
        due_at, due_date = _later(row, incident.delay_days, working)
        lines.append(
            models.MessagePromise(
                message=made[row.customer_id], promise=row, due_at=due_at, due_date=due_date
            )
        )
    models.MessagePromise.objects.bulk_create(lines, batch_size=_PART)


def _later(
    row: models.Promise, days: int, working: WorkingTime
) -> tuple[datetime | None, date | None]:
    """Return a promise's date so many working days later, at the same local time; 0: none."""
    if not days:
        return None, None
    zone = ZoneInfo(row.zone)
    local = row.due_at.astimezone(zone)
    day = working.add_days(row.due_date or local.date(), days)
    if row.due_date is not None:
        return due_of(day, row.zone)
    return local_instant(day, local.time(), zone, is_later=False), None


def _locked(incident: int) -> models.Incident:
    rows: QuerySet[models.Incident] = models.Incident.objects.select_for_update()
    row = rows.filter(pk=incident).first()
    if row is None:
        raise NotFound(Text(de="Diese Ursache gibt es nicht.", en="There is no such cause."))
    return row


def _cancelled() -> Conflict:
    return Conflict(
        Text(
            de="Das wurde abgebrochen; öffnen Sie die Ursache neu.",
            en="This was cancelled; open the cause anew.",
        )
    )


_NOTHING = Text(
    "Diese Auswahl trifft keine offene Zusage, die nicht schon zu einer Ursache gehört.",
    "This choice hits no open promise that does not belong to a cause already.",
)
_TOO_MANY = Text(
    f"Das sind mehr als {PROMISES_MAX} Zusagen; wählen Sie enger.",
    f"These are more than {PROMISES_MAX} promises; narrow the choice.",
)


def _problems(new: NewIncident) -> list[Problem]:
    missing = Text("Hier fehlt etwas.", "Something is missing here.")
    needed = {"name": new.name, "subject": new.subject, "text": new.text}
    found = [_problem(name, missing) for name, said in needed.items() if not said.strip()]
    if bool(new.subject_en.strip()) != bool(new.text_en.strip()):
        both = Text(
            "Auf Englisch fehlt Betreff oder Text.", "In English subject or text is missing."
        )
        found.append(_problem("text_en", both))
    if not 0 <= new.delay_days <= DELAY_MAX:
        most = Text(f"0 bis {DELAY_MAX} Arbeitstage.", f"0 to {DELAY_MAX} working days.")
        found.append(_problem("delay_days", most))
    return found


def _problem(field: str, text: Text) -> Problem:
    return Problem(code=field, field=field, text=text)


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise Invalid(
            Text("Bitte prüfen Sie Ihre Angaben.", "Please check what you entered."),
            problems=problems,
        )
