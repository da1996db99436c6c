"""Cadence: what to do next in a phase, and when this customer should hear from us again.

Only contact that the customer perceives as directed to them counts; a newsletter does not. What was
agreed with the customer goes before what is usual in the phase.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from vertrauenskonto.core.calendar.working_time import WorkingTime
from vertrauenskonto.core.errors import Invalid, Text
from vertrauenskonto.core.relations.phases import Fact, Phase, Standing

# Days between contacts where nothing was agreed; None: nobody is waiting for us.
USUAL_DAYS: Mapping[Phase, int | None] = {
    "winning": 14,
    "building": 30,
    "keeping": 90,
    "repairing": 7,
    "ended": None,
}

NEXT_STEPS: Mapping[Phase, tuple[Text, ...]] = {
    "winning": (
        Text(
            "Fragen, was der Kunde schon weiß und was er erreichen will.",
            "Ask what the customer knows already and wants to achieve.",
        ),
        Text(
            "Nur zusagen, was sicher zu halten ist; Nein sagen, wo es das nicht ist.",
            "Promise only what is sure to be kept; say no where it is not.",
        ),
        Text(
            "Eine kleine Zusage mit Termin geben und halten.",
            "Give one small promise with a date, and keep it.",
        ),
    ),
    "building": (
        Text(
            "Jede Zusage mit Termin festhalten und halten.",
            "Record every promise with its date, and keep it.",
        ),
        Text(
            "Zeigen, woran der Kunde unsere Arbeit beurteilen kann.",
            "Show by what the customer can judge our work.",
        ),
        Text(
            "Eine zweite Ansprechpartnerin vorstellen.",
            "Introduce a second contact person.",
        ),
    ),
    "keeping": (
        Text(
            "Sich melden, bevor es still wird, mit etwas, das dem Kunden nützt.",
            "Get in touch before it falls silent, with something of use to the customer.",
        ),
        Text(
            "Fragen, ob sich beim Kunden etwas geändert hat.",
            "Ask whether anything has changed for the customer.",
        ),
        Text(
            "Eigene Fehler selbst sagen, ehe der Kunde sie findet.",
            "Tell our own mistakes before the customer finds them.",
        ),
    ),
    "repairing": (
        Text(
            "Den nächsten Schritt des Falls tun; nichts anbieten, was davon ablenkt.",
            "Take the next step of the case; offer nothing that distracts from it.",
        ),
        Text(
            "Offene Zusagen besonders früh prüfen: Ein zweiter Bruch wiegt schwerer.",
            "Look at open promises especially early: a second breach weighs more.",
        ),
    ),
    "ended": (
        Text(
            "Offene Zusagen noch halten oder absprechen.",
            "Keep the open promises, or come to an agreement about them.",
        ),
        Text(
            "Den Kunden in Ruhe lassen; nur er beginnt neu.",
            "Leave the customer in peace; only they begin anew.",
        ),
    ),
}

FIRST_CONTACT_CARE: tuple[Text, ...] = (
    Text(
        "Beim ersten Termin pünktlich sein: Verspätung wiegt hier doppelt.",
        "Be on time at the first appointment: lateness weighs double here.",
    ),
    Text(
        "Den ersten Termin am Vortag bestätigen und sagen, wer kommt.",
        "Confirm the first appointment the day before and say who will come.",
    ),
    Text(
        "Für die erste Zusage den sicheren Termin nehmen, nicht den frühesten.",
        "For the first promise take the safe date, not the earliest.",
    ),
)


Unit = Literal["days", "weeks", "months"]
UNITS: tuple[Unit, ...] = get_args(Unit)
EVERY_MAX: Mapping[Unit, int] = {"days": 365, "weeks": 104, "months": 24}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often contact is wanted: every so many days, weeks or months."""

    every: int
    unit: Unit = "days"

    def __post_init__(self) -> None:
        """Refuse what is no interval.

        Raises:
            Invalid: it is less than one, or longer than anybody agrees on.
        """
        most = EVERY_MAX[self.unit]
        if not 1 <= self.every <= most:
            raise Invalid(
                Text(
                    de=f"Ein Abstand von {self.every} ist nicht möglich. Nennen Sie 1 bis {most}.",
                    en=f"An interval of {self.every} is not possible. Give 1 to {most}.",
                )
            )

    def after(self, day: date) -> date:
        """Return the day that is due after a contact; from the 31st, the last of a shorter month."""
        if self.unit != "months":
            return day + timedelta(**{self.unit: self.every})
        months = day.month - 1 + self.every
        year, month = day.year + months // 12, months % 12 + 1
        return date(year, month, min(day.day, monthrange(year, month)[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """When the customer should hear from us.

    `last`: the last perceivable contact, None: none yet. `rhythm`: how often, None: nobody waits;
    `is_agreed`: with this customer. `due`: the day by which to be in touch; None: no day.
    """

    last: date | None
    rhythm: Rhythm | None
    is_agreed: bool
    due: date | None

    def overdue_days(self, today: date) -> int:
        """Return by how many days the contact is overdue; 0 if it is not."""
        return 0 if self.due is None else max((today - self.due).days, 0)


def cadence(
    last: date | None,
    phase: Phase,
    *,
    agreed: Rhythm | None = None,
    working: WorkingTime | None = None,
) -> Cadence:
    """Return when the customer should hear from us, from the `last` perceivable contact on.

    `agreed` is what was agreed with this customer, None: nothing. An ended relationship has no
    cadence, whatever was agreed. With `working`, what would be due on a day off is due on the
    working day before, so that nobody waits longer than agreed; on the next one, if the last contact
    was then.
    """
    usual = USUAL_DAYS[phase]
    rhythm = None if usual is None else agreed or Rhythm(every=usual)
    due = rhythm.after(last) if last is not None and rhythm is not None else None
    if working is not None and last is not None and due is not None:
        due = _on_a_working_day(due, last, working)
    return Cadence(last=last, rhythm=rhythm, is_agreed=agreed is not None, due=due)


def last_contact(facts: Iterable[Fact], *, as_of: date) -> date | None:
    """Return the day of the last contact up to `as_of` that the customer perceived."""
    return max((f.on for f in facts if _is_perceived(f) and f.on <= as_of), default=None)


def _on_a_working_day(due: date, last: date, working: WorkingTime) -> date:
    if working.is_working_day(due):
        return due
    before = working.add_days(due, -1)
    return before if before > last else working.add_days(due, 1)


def next_steps(standing: Standing | None) -> tuple[Text, ...]:
    """Return what to do next; at the first contact with care, as long as no promise was kept.

    `standing` None: there was no contact yet.
    """
    if standing is None:
        return (*FIRST_CONTACT_CARE, *NEXT_STEPS["winning"])
    care = FIRST_CONTACT_CARE if standing.phase == "winning" and not standing.kept else ()
    return (*care, *NEXT_STEPS[standing.phase])


def _is_perceived(fact: Fact) -> bool:
    return fact.is_contact or fact.what == "first_contact"
