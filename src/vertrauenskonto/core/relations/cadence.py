"""Cadence: what to do next in a phase, and when this customer should hear from us again.

Only contact that the customer perceives as directed to them counts; a newsletter does not. What was
agreed with the customer goes before what is usual in the phase.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """When the customer should hear from us.

    `last`: the last perceivable contact, None: none yet. `every_days`: days between contacts;
    `is_agreed`: with this customer. `due`: the day by which to be in touch; None: no day.
    """

    last: date | None
    every_days: int | None
    is_agreed: bool
    due: date | None

    def overdue_days(self, today: date) -> int:
        """Return by how many days the contact is overdue; 0 if it is not."""
        return 0 if self.due is None else max((today - self.due).days, 0)


def cadence(
    facts: Iterable[Fact],
    phase: Phase,
    *,
    as_of: date,
    agreed_days: int | None = None,
    working: WorkingTime | None = None,
) -> Cadence:
    """Return when the customer should hear from us, from the contacts up to `as_of`.

    `agreed_days` is what was agreed with this customer, None: nothing. An ended relationship has
    no cadence, whatever was agreed. With `working`, what would be due on a day off is due on the
    working day before, so that nobody waits longer than agreed; on the next one, if the last contact
    was then.

    Raises:
        Invalid: `agreed_days` is no whole number of days from 1 on.
    """
    if agreed_days is not None and agreed_days < 1:
        raise Invalid(
            Text(
                de=f"Ein Abstand von {agreed_days} Tagen ist keiner. Nennen Sie mindestens 1 Tag, "
                "oder lassen Sie die Absprache leer.",
                en=f"An interval of {agreed_days} days is none. Give at least 1 day, or leave the "
                "agreement empty.",
            )
        )
    last = max((f.on for f in facts if _is_perceived(f) and f.on <= as_of), default=None)
    every = None if phase == "ended" else agreed_days or USUAL_DAYS[phase]
    due = last + timedelta(days=every) if last is not None and every is not None else None
    if working is not None and last is not None and due is not None:
        due = _on_a_working_day(due, last, working)
    return Cadence(last=last, every_days=every, is_agreed=agreed_days is not None, due=due)


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
