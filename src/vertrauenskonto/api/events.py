"""An event as programs report it, and what becomes of it."""

from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from django.conf import settings
from pydantic import Field, StringConstraints, model_validator

from vertrauenskonto.api.fields import (
    REASON_PATTERN,
    Day,
    Instant,
    Said,
    Strict,
    absent,
    said,
    text,
    wrong,
)
from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.core.ledger.entries import ORGANISATION
from vertrauenskonto.db.actions.intake import Report, Taken
from vertrauenskonto.db.actions.ledger import Draft
from vertrauenskonto.db.actions.matching import Record

Source = Annotated[str, said(80), Field(description="The system that reports.", examples=["shop"])]
SourceId = Annotated[
    str,
    said(200),
    Field(description="The number there; with `source` it names the entry for ever."),
]
Target = Annotated[
    str,
    StringConstraints(
        strict=True, max_length=80, pattern=r"^(organisation|person:[^\x00\s][^\x00]*)$"
    ),
    Field(description="At whom it was directed: `organisation` or `person:<id>`."),
]
Reason = Annotated[
    str,
    StringConstraints(strict=True, pattern=REASON_PATTERN),
    Field(description="Why, as a word for statistics; nothing personal.", examples=["mistake"]),
]
Note = Annotated[
    str, text(4000), Field(description="Free text; kept apart and erasable.", examples=[""])
]


class KnownAs(Strict):
    """What another system knows of a customer; ids and addresses find her, names never do."""

    ids: dict[Annotated[str, said(80)], Annotated[str, said(200)]] = Field(
        default_factory=dict, max_length=20, description="Id per system."
    )
    email: Annotated[str, text(254)] = ""
    phone: Annotated[str, text(40)] = ""
    name: Annotated[str, text(200)] = ""
    postcode: Annotated[str, text(20)] = ""

    @model_validator(mode="after")
    def _names_somebody(self) -> "KnownAs":
        if not (self.ids or self.email or self.phone):
            raise wrong(
                "customer",
                Text(
                    de="Niemand ist genannt; nötig ist mindestens eine Nummer (ids), eine "
                    "E-Mail-Adresse oder eine Telefonnummer.",
                    en="Nobody is named; give at least one id (ids), an e-mail address or a phone "
                    "number.",
                ),
            )
        return self


class EventIn(Strict):
    """Something that happened to a customer.

    The customer is named by our key (`customer`) or by what other systems know (`known_as`), the
    day by `value_date` or by `happened_at`, of which the day in the accounts' time zone is taken.
    """

    source: Source
    source_id: SourceId
    kind: Annotated[str, said(80)]
    customer: Annotated[str, said(40)] = absent()
    known_as: KnownAs = absent()
    value_date: Day = absent()
    happened_at: Instant = absent()
    recorded_date: Annotated[
        Day, Field(description="Only for older data, with scope `backfill`; else today.")
    ] = absent()
    target: Target = ORGANISATION
    promise: Annotated[str, text(200)] = ""
    note: Note = ""

    @model_validator(mode="after")
    def _is_complete(self) -> "EventIn":
        given = self.model_fields_set
        if ("customer" in given) == ("known_as" in given):
            raise wrong("customer", _ONE_CUSTOMER)
        if "value_date" not in given and "happened_at" not in given:
            raise wrong("day", _ONE_DAY)
        return self


_ONE_CUSTOMER = Text(
    de="Nennen Sie entweder customer (unser Schlüssel) oder known_as, nicht beides und nicht "
    "keines.",
    en="Give either customer (our key) or known_as, not both and not neither.",
)
_ONE_DAY = Text(
    de="Wann ist es geschehen? Nennen Sie value_date oder happened_at.",
    en="When did it happen? Give value_date or happened_at.",
)

Outcome = Literal["booked", "replayed", "conflict", "refused", "queued"]


class OutcomeOut(Said):
    """What became of one event; `code` and `text` say why it was not booked, or what to know of it
    (`ahead`: its day is still to come; `taken_back`: reversed since), `field` where (a JSON pointer
    into the event).
    """

    outcome: Outcome
    source: str
    source_id: str
    customer: str | None = None
    code: str | None = None
    field: str | None = None
    text: str | None = None


def report(event: EventIn) -> Report:
    """Return an event as the ledger takes it."""
    given = event.model_fields_set
    known = event.known_as if "known_as" in given else None
    return Report(
        draft=Draft(
            customer=event.customer or "",
            source=event.source,
            source_id=event.source_id,
            value_date=event.value_date if "value_date" in given else local_day(event.happened_at),
            kind=event.kind,
            recorded_date=event.recorded_date,
            happened_at=event.happened_at,
            target=event.target,
            promise=event.promise,
            note=event.note,
        ),
        record=None
        if known is None
        else Record(
            source=event.source,
            source_id=event.source_id,
            ids=known.ids,
            email=known.email,
            phone=known.phone,
            name=known.name,
            postcode=known.postcode,
        ),
    )


def local_day(at: datetime) -> date:
    """Return the day it was where the accounts are kept."""
    return at.astimezone(_zone(settings.TIME_ZONE)).date()


def outcome(taken: Taken, language: Language) -> dict[str, str]:
    """Return what became of one event, as JSON; what there is nothing to say of is left out."""
    said = {
        "outcome": taken.status,
        "source": taken.draft.source,
        "source_id": taken.draft.source_id,
    }
    if taken.customer and taken.status in ("booked", "replayed"):
        said["customer"] = taken.customer
    if taken.text is not None:
        said["code"] = taken.code
        if taken.field:
            said["field"] = f"/{taken.field}"
        said["text"] = taken.text.in_language(language)
    return said


@lru_cache(maxsize=4)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
