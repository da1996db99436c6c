"""What a customer is told when a promise will fail: in plain words, in their language.

First what fails, then why, then what happens now, then the new date. A person reads and changes it
before it goes out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.render.numbers import long_day

SUBJECT_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A promise as a message tells of it; `new_*` None: no new date is named.

    `wording` as the customer heard it. `due_date` None: an instant was promised, told by the clocks
    of `zone`.
    """

    wording: str
    zone: str
    due_at: datetime
    due_date: date | None
    new_at: datetime | None = None
    new_date: date | None = None


def notice(
    told: Told, *, reason: str, steps: str, called: str, sender: str, language: Language
) -> tuple[str, str]:
    """Return subject and text of a message about one promise.

    Args:
        told: the promise and its new date.
        reason: why it fails, in sentences of ours.
        steps: what happens now, in sentences of ours; "" leaves it out.
        called: the name in the greeting, "" for none.
        sender: who signs.
        language: the customer's.
    """
    body = [
        Text(
            f"wir haben Ihnen zugesagt: {_quoted(told.wording).de}. Termin dafür war der "
            f"{_until(told.due_at, told.due_date, told.zone).de}. Diesen Termin halten wir nicht ein.",
            f"we promised you: {_quoted(told.wording).en}. It was due on "
            f"{_until(told.due_at, told.due_date, told.zone).en}. We will not meet this date.",
        ),
        Text(f"Der Grund: {_sentence(reason)}", f"The reason: {_sentence(reason)}"),
    ]
    if steps.strip():
        body.append(
            Text(
                f"Das geschieht jetzt: {_sentence(steps)}", f"What happens now: {_sentence(steps)}"
            )
        )
    if told.new_at is not None:
        body.append(_proposal(told))
    else:
        body.append(_LATER)
    return _subject([told]).in_language(language), _letter(body, called, sender, language)


def incident_notice(
    told: Sequence[Told], *, subject: str, text: str, called: str, sender: str, language: Language
) -> tuple[str, str]:
    """Return subject and text for one customer of an incident: the approved text, and their dates."""
    lines = []
    for one in told:
        new = _until(one.new_at, one.new_date, one.zone) if one.new_at else None
        was = _until(one.due_at, one.due_date, one.zone)
        lines.append(
            Text(
                f"– {one.wording.rstrip('.')}: bisher {was.de}"
                + (f", neu {new.de}." if new else "; den neuen Termin nennen wir Ihnen noch."),
                f"– {one.wording.rstrip('.')}: {was.en} so far"
                + (f", now {new.en}." if new else "; we will tell you the new date."),
            )
        )
    listed = Text("\n".join(line.de for line in lines), "\n".join(line.en for line in lines))
    heads = Text(
        "Das betrifft, was wir Ihnen zugesagt haben:", "This is about what we promised you:"
    )
    body = [
        Text(text.strip(), text.strip()),
        Text(f"{heads.de}\n{listed.de}", f"{heads.en}\n{listed.en}"),
        _ASK if any(one.new_at for one in told) else _LATER,
    ]
    return subject[:SUBJECT_MAX], _letter(body, called, sender, language)


_ASK = Text(
    "Passt Ihnen das nicht, antworten Sie bitte auf diese Nachricht. Dann finden wir einen anderen "
    "Termin.",
    "If this does not suit you, please answer this message. We will then find another date.",
)
_LATER = Text(
    "Wir melden uns mit einem neuen Termin, sobald wir ihn sicher wissen.",
    "We will come back to you with a new date as soon as we are sure of it.",
)
_END = Text("Es tut uns leid, dass Sie neu planen müssen.", "We are sorry that you have to replan.")


def _proposal(told: Told) -> Text:
    new = _until(told.new_at, told.new_date, told.zone)
    return Text(
        f"Unser neuer Termin: {new.de}. {_ASK.de}",
        f"Our new date: {new.en}. {_ASK.en}",
    )


def _subject(told: Sequence[Told]) -> Text:
    what = told[0].wording.rstrip(".")
    if len(what) > 80:
        what = f"{what[:79]}…"
    if told[0].new_at is None:
        return Text(f"Unser Termin verschiebt sich: {what}", f"Our date moves: {what}")
    return Text(f"Neuer Termin: {what}", f"New date: {what}")


def _letter(body: Sequence[Text], called: str, sender: str, language: Language) -> str:
    hello = Text(f"Guten Tag {called},".replace(" ,", ","), f"Hello {called},".replace(" ,", ","))
    close = Text("Mit freundlichen Grüßen", "Kind regards")
    parts = [hello, *body, _END, Text(f"{close.de}\n{sender}", f"{close.en}\n{sender}")]
    return "\n\n".join(part.in_language(language).strip() for part in parts) + "\n"


def _until(at: datetime | None, day: date | None, zone: str) -> Text:
    if day is not None:
        return Text(long_day(day, "de"), long_day(day, "en"))
    assert at is not None, "a date is a day or an instant"
    local = at.astimezone(ZoneInfo(zone))
    return Text(
        f"{long_day(local.date(), 'de')}, {local:%H:%M} Uhr",
        f"{long_day(local.date(), 'en')}, {local:%H:%M}",
    )


def _quoted(wording: str) -> Text:
    what = wording.strip().rstrip(".")
    return Text(f"„{what}“", f"‘{what}’")


def _sentence(text: str) -> str:
    told = " ".join(text.split())
    return told if told.endswith((".", "!", "?")) else f"{told}."
