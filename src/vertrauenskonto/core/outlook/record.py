"""The record: what was promised under which terms, and what became of it."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A promise as far as it is known before it is given.

    `kind`: from coarse to fine, at most three words, e.g. `("repair", "heating")`. `days`: how many
    working days ahead it is due, by the caller's calendar and always counted in the same way; None:
    unknown. `open_load`: how many promises the team has open when this one is given. `team` "" and
    `open_load` None: not known, or not to be looked at. `due_hour` (0..23) matters to an appointment
    only, which happens *at* its hour; everything else is due *by* its day.
    """

    kind: tuple[str, ...]
    made_on: date
    due_on: date
    days: int | None = None
    due_hour: int | None = None
    team: str = ""
    open_load: int | None = None
    is_appointment: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """So many promises alike (`count`), and what became of them.

    `kept` None: not decided yet. `days_taken`: working days until it was done; where it is not
    done (`is_done` False), until we last looked; None: unknown.
    """

    terms: Terms
    kept: bool | None
    days_taken: int | None = None
    is_done: bool = True
    count: int = 1
