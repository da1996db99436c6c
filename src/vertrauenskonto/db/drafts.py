"""Drafts: what people and systems report, and what of a report cannot be booked, field by field."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from operator import attrgetter, gt

from vertrauenskonto.core.errors import Invalid, Text
from vertrauenskonto.core.ledger.checks import target_problem
from vertrauenskonto.core.ledger.entries import ORGANISATION, Dimension

# As long as the columns are; a note is as long as a letter.
LENGTHS: Mapping[str, int] = {
    "source": 80,
    "source_id": 200,
    "kind": 80,
    "target": 80,
    "promise": 200,
    "reason": 40,
    "note": 20_000,
}
# What takes an entry back within the grace minute comes from this source, with this reason;
# statements and lists leave out both, so nobody else may say so.
SLIP = "slip"
# A day to come is possible, and counts from that day on (TA-1 11.2); one beyond is a slip.
AHEAD = timedelta(days=366)
_MOST = tuple(LENGTHS.values())
_NEEDED = ("source", "source_id")
_texts = attrgetter(*LENGTHS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Something that happened, as a person or a system reports it, before it has points.

    `source` and `source_id` name it for ever; the same again is a replay. `reverses` (Storno: it
    never happened) and `compensates` (Ausgleich: it was made good) hold the (source, source id) of
    another entry of the same customer. `value_date` is the day on which it happened for the
    customer, `happened_at` the instant where it is known, with its offset. `recorded_date` None: the
    server's day; only imports of older files claim another. `decided_on` None: its points are those
    of the policy in force on the day of recording; a promise is judged by the rules it was made under.
    `most`: what it may count at most, by precondition; what was cut has the remark `recovery_cap`.
    """

    customer: str
    source: str
    source_id: str
    value_date: date
    kind: str = ""
    recorded_date: date | None = None
    happened_at: datetime | None = None
    target: str = ORGANISATION
    promise: str = ""
    note: str = ""
    reverses: tuple[str, str] | None = None
    compensates: tuple[str, str] | None = None
    reason: str = ""
    decided_on: date | None = None
    most: Mapping[Dimension, float] | None = None


class Refused(Invalid):
    """A draft cannot be booked as it is; `code` is stable, `field` names what is wrong."""

    def __init__(self, code: str, field: str, text: Text) -> None:
        self.code = code
        self.field = field
        super().__init__(text)


def pointed(*parts: str) -> str:
    """Return where something stands in what was sent, as a JSON pointer without its first slash."""
    return "/".join(part.replace("~", "~0").replace("/", "~1") for part in parts)


_NAMES = tuple(field.name for field in fields(Draft))


def body_hash(drafts: Sequence[Draft]) -> bytes:
    """Return a hash of everything that the drafts say, in order."""
    body = [[getattr(draft, name) for name in _NAMES] for draft in drafts]
    return hashlib.sha256(json.dumps(body, default=str, ensure_ascii=True).encode()).digest()


def refuse_impossible(draft: Draft, *, today: date) -> None:
    """Go on if a draft could be booked, as far as it alone tells.

    Raises:
        Refused: with the first field that is wrong.
    """
    if draft.recorded_date is not None and draft.recorded_date > today:
        raise Refused(
            "recorded_in_future",
            "recorded_date",
            Text(
                de=f"Erfasst am {draft.recorded_date}, das liegt nach heute ({today}).",
                en=f"Recorded on {draft.recorded_date}, which is after today ({today}).",
            ),
        )
    # What takes back an entry has its day, whatever it is.
    if draft.value_date - today > AHEAD and not draft.reverses:
        raise Refused(
            "far_ahead",
            "value_date",
            Text(
                de=f"Geschehen am {draft.value_date}, das liegt mehr als {AHEAD.days} Tage nach "
                f"heute ({today}); vermutlich ein Schreibfehler.",
                en=f"Happened on {draft.value_date}, which is more than {AHEAD.days} days after "
                f"today ({today}); probably a slip of the pen.",
            ),
        )
    if draft.happened_at is not None and draft.happened_at.tzinfo is None:
        raise Refused(
            "no_offset",
            "happened_at",
            Text(
                de=f"{draft.happened_at.isoformat()} ist ohne Zeitzone kein Zeitpunkt; bitte mit "
                "Versatz angeben, etwa +01:00.",
                en=f"{draft.happened_at.isoformat()} is no instant without a time zone; add an "
                "offset such as +01:00.",
            ),
        )
    _refuse_texts(draft)
    wrong = target_problem(draft.target)
    if wrong:
        raise Refused("target", "target", wrong)
    if draft.reverses or draft.compensates:
        _refuse_reference(draft)


def refuse_reserved(draft: Draft) -> None:
    """Go on if a draft from outside does not claim to be a slip taken back.

    Raises:
        Refused: it does, by its source or its reason.
    """
    for field, value in (("source", draft.source), ("reason", draft.reason)):
        if value == SLIP:
            raise Refused(
                "reserved",
                field,
                Text(
                    de=f"„{SLIP}“ in „{field}“ ist der Rücknahme in der ersten Minute vorbehalten; "
                    "bitte ein anderes Wort wählen.",
                    en=f"'{SLIP}' as '{field}' is kept for taking back within the first minute; "
                    "choose another word.",
                ),
            )


def _refuse_texts(draft: Draft) -> None:
    values = _texts(draft)
    # All at once first: almost all drafts end here, and ten thousand come in one call.
    fits = not any(map(gt, map(len, values), _MOST))
    if fits and draft.source and draft.source_id and is_storable("".join(values)):
        return
    for name, most in LENGTHS.items():
        value: str = getattr(draft, name)
        if not value:
            if name in _NEEDED:
                raise Refused(
                    "missing",
                    name,
                    Text(
                        de=f"„{name}“ fehlt; ohne Quelle und Nummer lässt sich nicht erkennen, ob "
                        "dasselbe noch einmal kommt.",
                        en=f"'{name}' is missing; without source and id the same cannot be "
                        "recognised when it comes again.",
                    ),
                )
            continue
        if len(value) > most:
            raise Refused(
                "too_long",
                name,
                Text(
                    de=f"„{name}“ hat {len(value)} Zeichen; höchstens {most} sind möglich.",
                    en=f"'{name}' has {len(value)} characters; {most} are the most.",
                ),
            )
        if not is_storable(value):
            raise Refused(
                "characters",
                name,
                Text(
                    de=f"„{name}“ enthält Zeichen, die keine sind (NUL oder halbe Zeichen).",
                    en=f"'{name}' holds what is no character (NUL or half of one).",
                ),
            )


def is_storable(value: str) -> bool:
    """Tell whether a text has no NUL and no half characters, neither of which PostgreSQL stores."""
    if "\x00" in value:
        return False
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse_reference(draft: Draft) -> None:
    if draft.reverses and draft.compensates:
        raise Refused(
            "two_references",
            "compensates",
            Text(
                de="Storno (es geschah nie) und Ausgleich (es wurde gutgemacht) schließen einander "
                "aus; bitte nur eines.",
                en="A reversal (it never happened) and a compensation (it was made good) exclude "
                "each other; give only one.",
            ),
        )
    if not draft.reason:
        raise Refused(
            "missing",
            "reason",
            Text(
                de="Storno und Ausgleich brauchen einen Grund.",
                en="A reversal or compensation needs a reason.",
            ),
        )
