"""How often a customer wants to hear from us: agreed with them, changed, or agreed no more."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from vertrauenskonto.core.errors import Conflict, Invalid, Problem, Text
from vertrauenskonto.core.relations.cadence import UNITS, Rhythm
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, customer_id, evaluated, require
from vertrauenskonto.db.actions.facts import Door

CHANNELS = ("call", "visit", "mail", "letter", "chat", "other")
NAME_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRhythm:
    """What was agreed with a customer: how often, on which day, with whom and in which way.

    `rhythm` None: nothing any more. `number` names the form; the same once more changes nothing.
    """

    rhythm: Rhythm | None
    on: date
    number: str
    agreed_with: str = ""
    channel: str = ""


def agree(viewer: Viewer, key: str, new: NewRhythm, *, door: Door) -> None:
    """Write down how often a customer wants to hear from us; it replaces what was agreed before.

    Raises:
        Denied: the viewer may not book.
        NotFound: there is no such customer for this viewer.
        Conflict: the account is not valued.
        Invalid: the day is still to come, or the name is too long.
    """
    require(viewer, "book")
    pk = customer_id(viewer, key)
    if new.on > door.today:
        raise _wrong("on", "Dieser Tag kommt erst noch.", "This day is still to come.")
    if len(new.agreed_with) > NAME_LENGTH_MAX:
        most = NAME_LENGTH_MAX
        raise _wrong("agreed_with", f"Höchstens {most} Zeichen.", f"At most {most} characters.")
    assert not new.channel or new.channel in CHANNELS, "the form offers no other"
    assert new.rhythm is None or new.rhythm.unit in UNITS
    with transaction.atomic():
        models.Customer.objects.select_for_update().get(pk=pk)
        if not evaluated(viewer).filter(pk=pk).exists():
            raise Conflict(Text("Dieses Konto wird nicht bewertet.", "This account is not valued."))
        if models.Rhythm.objects.filter(number=new.number).exists():
            return
        models.Rhythm.objects.filter(customer=pk, is_latest=True).update(is_latest=False)
        models.Rhythm.objects.create(
            customer_id=pk,
            unit=new.rhythm.unit if new.rhythm else "days",
            every=new.rhythm.every if new.rhythm else 0,
            channel=new.channel,
            agreed_date=new.on,
            agreed_with=new.agreed_with.strip(),
            actor=door.actor,
            written_at=door.at,
            number=new.number,
        )


def _wrong(field: str, german: str, english: str) -> Invalid:
    text = Text(german, english)
    return Invalid(text, problems=[Problem(code=field, field=field, text=text)])
