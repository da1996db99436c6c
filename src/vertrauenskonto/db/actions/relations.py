"""Relationships: said to have ended, and taken back; both with a reason, neither a booking."""

from datetime import date

from django.db import transaction

from vertrauenskonto.core.errors import Conflict, Invalid, Problem, Text
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, customer_id, require
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.queries.relations import relation

REASON_LENGTH_MAX = 500


def end(viewer: Viewer, key: str, *, on: date, reason: str, number: str, door: Door) -> None:
    """Say that the relationship with a customer ended on a day; the same form again says nothing.

    Raises:
        Denied: the viewer may not book.
        NotFound: there is no such customer for this viewer.
        Invalid: no reason is given, or the day is still to come.
        Conflict: there was no contact yet, it has ended already, or the account is not valued.
    """
    require(viewer, "book")
    pk = customer_id(viewer, key)
    told = _reason(reason)
    if on > door.today:
        text = Text(
            "Dieser Tag kommt erst noch. Tragen Sie das Ende ein, wenn es so weit ist.",
            "This day is still to come. Record the end when it is there.",
        )
        raise Invalid(text, problems=[Problem(code="on", field="on", text=text)])
    with transaction.atomic():
        _locked(pk)
        if models.Ending.objects.filter(number=number).exists():
            return
        found = relation(viewer, key, today=door.today)
        if found.now is None:
            raise Conflict(
                Text(
                    "Es gab noch keinen Kontakt; hier kann nichts enden.",
                    "There was no contact yet; there is nothing to end.",
                )
            )
        if found.is_ended:
            raise Conflict(
                Text("Die Beziehung ist schon beendet.", "The relationship has ended already.")
            )
        models.Ending.objects.create(
            customer_id=pk,
            on_date=on,
            reason=told,
            written_at=door.at,
            actor=door.actor,
            number=number,
        )


def take_back(viewer: Viewer, key: str, *, reason: str, door: Door) -> None:
    """Take back that the relationship with a customer has ended: it goes on as if never said.

    Raises:
        Denied: the viewer may not book.
        NotFound: there is no such customer for this viewer.
        Invalid: no reason is given.
        Conflict: it has not ended, or the account is not valued.
    """
    require(viewer, "book")
    pk = customer_id(viewer, key)
    told = _reason(reason)
    with transaction.atomic():
        _locked(pk)
        found = relation(viewer, key, today=door.today)
        if found.ended is None:
            raise Conflict(
                Text(
                    "Die Beziehung ist nicht beendet; hier ist nichts zurückzunehmen.",
                    "The relationship has not ended; there is nothing to take back.",
                )
            )
        models.Ending.objects.filter(pk=found.ended.number).update(
            taken_back_at=door.at, taken_back_by=door.actor, taken_back_reason=told
        )


def _locked(customer: int) -> None:
    """Let whoever says something of the same customer at the same moment wait."""
    models.Customer.objects.select_for_update().get(pk=customer)


def _reason(reason: str) -> str:
    told = reason.strip()
    if not told or len(told) > REASON_LENGTH_MAX:
        text = Text(
            f"Nennen Sie den Grund, in höchstens {REASON_LENGTH_MAX} Zeichen.",
            f"Give the reason, in at most {REASON_LENGTH_MAX} characters.",
        )
        raise Invalid(text, problems=[Problem(code="reason", field="reason", text=text)])
    return told
