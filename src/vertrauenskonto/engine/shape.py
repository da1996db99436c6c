"""The shape of a scoring: what data and policy have, and therefore what the SQL text must say.

Parts that are absent are left out of the text, which is where much of the speed comes from.
"""

from dataclasses import dataclass, replace

from vertrauenskonto.core.ledger.entries import ORGANISATION, PERSON_PREFIX, TOTAL
from vertrauenskonto.core.ledger.policy import Parameters
from vertrauenskonto.engine.tables import number, parameter_values

PERSONS = "persons"
# Stands for persons who may not be shown: they count in the total, and have no view of their own.
HIDDEN = f"{PERSON_PREFIX}*"
VIEWS = (ORGANISATION, PERSONS, TOTAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What to value and what there is to read. Flags are True where in doubt.

    `as_of` and `known_at` are days since 1970-01-01. `parameters` are the only ones, or None when
    segments differ and the relation `parameters` holds them.

    - `event_points`, `event_contact`, `recorded`: `event` has `willing`, `able`, `assessable`;
      `contact`; `recorded`. Without them the kind's, the kind's, and the day count.
    - `persons`: some targets are persons. `hides`: of those, `HIDDEN` gets no row. `reversals`: `event` has `id` and `reverses`.
    - `versions`: `kind` holds several versions of the policy.
    - `pending`: some events may not count on `as_of` (days to come, not yet known, reversed).
    - `non_contacts`: some events are no contacts. `honesty`: some kinds breach honesty.
    - `suspensions`, `accounts`: the relations `suspension` and `account_segment` exist.
    - `slots`: when not 0, nothing but kind and day tells what an event is worth, and `kind` has
      `ordinal` from 0 to `slots` - 1; see `slots.py`. `first_day`: no event is earlier.
    - `runway`: the relation `runway` (account, days) exists.
    - `last_contact`: the output has a column `last_contact`, a day; only without slots and persons.
    """

    policy: str
    as_of: int
    known_at: int | None = None
    parameters: Parameters | None
    views: tuple[str, ...] = VIEWS
    event_points: bool = True
    event_contact: bool = True
    recorded: bool = True
    persons: bool = True
    hides: bool = False
    reversals: bool = True
    versions: bool = True
    pending: bool = True
    non_contacts: bool = True
    honesty: bool = True
    suspensions: bool = True
    accounts: bool = True
    slots: int = 0
    first_day: int = 0
    velocity: bool = False
    runway: bool = False
    last_contact: bool = False

    @property
    def segments(self) -> bool:
        """Tell whether accounts are valued by the parameters and kinds of their segment."""
        return self.parameters is None

    @property
    def is_plain(self) -> bool:
        """Tell whether kind and day alone tell what an event is worth, and for whom."""
        return not (
            self.segments
            or self.event_points
            or self.event_contact
            or self.persons
            or self.reversals
            or self.versions
            or self.suspensions
            or self.accounts
            or (self.pending and self.known_at is not None)
        )

    def total_only(self) -> "Shape":
        """Return the shape of a valuation on an earlier day, of which only the total is wanted."""
        return replace(self, persons=False, pending=True, honesty=False, last_contact=False)

    def parameter(self, name: str) -> str:
        """Return a parameter as SQL: a constant, or the column of the joined relation `p`."""
        if self.parameters is None:
            return f"p.{name}"
        value = parameter_values(self.parameters)[name]
        return str(value) if name.endswith("_days") else number(value)

    def is_never(self, name: str) -> bool:
        """Tell whether a half-life is known to be "never forgotten"."""
        return self.parameters is not None and parameter_values(self.parameters)[name] is None
