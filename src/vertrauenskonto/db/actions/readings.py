"""The log of reads: noting who looked at whose data, and asking to see it, two together."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, get_args

from django.db import transaction

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound, Text
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, customer_id, require

What = Literal[
    "customer",  # name, contacts, ids
    "statement",
    "explanation",
    "balance",
    "list",
    "report",
    "access_report",
    "export",
    "unmatched",
    "attachment",
]
WHATS: tuple[What, ...] = get_args(What)
PURPOSE_LENGTH_MAX = 500


def record(viewer: Viewer, customer_ids: Iterable[int], what: What, at: datetime) -> None:
    """Note that the viewer looked at the data of customers (by row number): one insert for all."""
    rows = [
        models.Reading(
            read_at=at, actor=viewer.actor, channel=viewer.channel, customer_id=pk, what=what
        )
        for pk in customer_ids
    ]
    models.Reading.objects.bulk_create(rows, batch_size=5000)


def ask(viewer: Viewer, purpose: str, *, now: datetime, key: str | None = None) -> int:
    """Ask to see the log of reads (of one customer, if `key` is given); return the request's number.

    Raises:
        Denied: the viewer may neither audit nor administer, or is no person.
        Invalid: the purpose is missing or too long.
        NotFound: there is no such customer for this viewer.
    """
    person = _person(viewer)
    purpose = purpose.strip()
    if not 1 <= len(purpose) <= PURPOSE_LENGTH_MAX:
        raise Invalid(
            Text(
                de=f"Der Zweck hat {len(purpose)} Zeichen; nötig sind 1 bis {PURPOSE_LENGTH_MAX}.",
                en=f"The purpose has {len(purpose)} characters; it takes 1 to "
                f"{PURPOSE_LENGTH_MAX}.",
            )
        )
    request = models.ReadingsRequest.objects.create(
        asked_at=now,
        asker_id=person,
        purpose=purpose,
        customer_id=None if key is None else customer_id(viewer, key),
    )
    return request.pk


@transaction.atomic
def agree(viewer: Viewer, request_id: int, *, now: datetime) -> None:
    """Agree to a request of somebody else; it is open to both for 24 hours from then on.

    Raises:
        Denied: the viewer may neither audit nor administer, is no person, or asked herself.
        NotFound: there is no such request.
        Conflict: somebody agreed already.
    """
    person = _person(viewer)
    found = models.ReadingsRequest.objects.select_for_update().filter(pk=request_id).first()
    if found is None:
        raise NotFound(
            Text(
                de=f"Es gibt keinen Antrag mit der Nummer {request_id}.",
                en=f"There is no request number {request_id}.",
            )
        )
    if found.asker_id == person:
        raise Denied(
            Text(
                de="Wer das Protokoll sehen will, kann nicht selbst zustimmen; nötig ist eine "
                "zweite Person.",
                en="Whoever asks for the log cannot agree as well; it takes a second person.",
            )
        )
    if found.agreed_at is not None:
        raise Conflict(
            Text(
                de=f"Dem Antrag {request_id} wurde schon zugestimmt; stellen Sie einen neuen.",
                en=f"Request {request_id} was agreed to already; make a new one.",
            )
        )
    found.agreed_at, found.agreer_id = now, person
    found.save(update_fields=["agreed_at", "agreer"])


def _person(viewer: Viewer) -> int:
    require(viewer, "audit")
    if viewer.person_id is None:
        raise Denied(
            Text(
                de="Das Protokoll der Zugriffe sehen nur zwei Personen gemeinsam, jede mit eigenem "
                "Benutzerkonto.",
                en="Only two persons together see the log of reads, each with a user account of "
                "her own.",
            )
        )
    return viewer.person_id
