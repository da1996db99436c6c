"""Invitations to appointments: the calendar file, and the mail that brings it."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from vertrauenskonto.core.errors import Text
from vertrauenskonto.db.queries.appointments import Invitation
from vertrauenskonto.render.calendar import Meeting, meeting_file
from vertrauenskonto.web import letters
from vertrauenskonto.web.appointment_forms import said_at


def link_address(request: HttpRequest, secret: str) -> str:
    """Return the whole address of a customer's link."""
    base = settings.BASE_URL or request.build_absolute_uri("/").rstrip("/")
    return f"{base}{reverse('appointment_link', args=[secret])}"


def file_of(found: Invitation, *, to: str = "", url: str = "", made_at: datetime) -> bytes:
    """Return the calendar file of an appointment; `to`: who is invited by it."""
    sender = settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">").strip()
    meeting = Meeting(
        uid=found.uid,
        sequence=found.sequence,
        method=found.method,
        starts=found.starts_at,
        ends=found.ends_at,
        zone=found.zone,
        words=found.wording,
        place=found.place,
        organiser=(found.organiser, sender),
        to=to,
        url=url,
    )
    return meeting_file(meeting, made_at=made_at)


def send(found: Invitation, *, url: str, made_at: datetime) -> Text | None:
    """Send a customer the invitation to what was agreed, or its cancellation; None: it went out.

    It needs no consent: without it the customer could not keep the appointment (core/consent.py).
    """
    contents = file_of(found, to=found.to, url=url, made_at=made_at)
    when = said_at(found.starts_at, found.zone)
    if found.method == "CANCEL":
        subject = Text(f"Abgesagt: {found.wording}", f"Cancelled: {found.wording}")
        body = Text(
            f"Guten Tag,\n\nder Termin am {when.de} findet nicht statt.\n\n{found.organiser}\n",
            f"Hello,\n\nthe appointment on {when.en} will not take place.\n\n{found.organiser}\n",
        )
    else:
        place = f"\n{found.place}" if found.place else ""
        answer = (
            Text(
                f"\n\nPasst es? Hier bestätigen Sie, oder wählen eine andere Zeit:\n{url}",
                f"\n\nDoes it suit you? Confirm here, or choose another time:\n{url}",
            )
            if url
            else Text("", "")
        )
        subject = Text(f"Termin: {found.wording}", f"Appointment: {found.wording}")
        body = Text(
            f"Guten Tag,\n\nwir haben vereinbart: {found.wording}\n{when.de}{place}{answer.de}\n\n"
            f"{found.organiser}\n",
            f"Hello,\n\nwe agreed: {found.wording}\n{when.en}{place}{answer.en}\n\n"
            f"{found.organiser}\n",
        )
    return letters.send(
        found.to,
        " ".join(subject.in_language(found.language).split()),
        body.in_language(found.language),
        invitation=(found.method, contents),
    )
