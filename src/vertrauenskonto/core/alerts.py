"""When somebody may be told of something: her hour, her days, her quiet hours.

Everything goes by the clock on her wall: an hour that summer time skips is over when the next one
begins, and one that comes twice is one hour.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from vertrauenskonto.core.errors import Problem, Text

Rhythm = Literal["daily", "weekly", "off"]
RHYTHMS: tuple[Rhythm, ...] = get_args(Rhythm)
# Monday is 1, as in ISO 8601.
WEEKDAYS = (1, 2, 3, 4, 5, 6, 7)
WORKDAYS = frozenset({1, 2, 3, 4, 5})


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """On which days somebody may be told, and the quiet hours `[quiet_from, quiet_to)` of each.

    Hours are 0..23. Quiet hours may reach over midnight; where both are the same there are none.
    """

    days: frozenset[int] = WORKDAYS
    quiet_from: int = 20
    quiet_to: int = 7

    def is_quiet_hour(self, hour: int) -> bool:
        """Tell whether an hour belongs to the quiet ones."""
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= hour < self.quiet_to
        return hour >= self.quiet_from or hour < self.quiet_to

    def is_quiet(self, local: datetime) -> bool:
        """Tell whether nothing may be told at an instant of her local time."""
        return local.isoweekday() not in self.days or self.is_quiet_hour(local.hour)


def due_day(rhythm: Rhythm, hour: int, times: Times, *, local: datetime) -> date | None:
    """Return for which day a summary is due at an instant of local time, None: none is now.

    A weekly one belongs to the Monday of its week and is due from the first of her days on; it
    comes later in the week if nothing could be sent before.
    """
    if rhythm == "off" or times.is_quiet(local) or local.hour < hour:
        return None
    today = local.date()
    return today if rhythm == "daily" else today - timedelta(days=today.isoweekday() - 1)


def times_problems(rhythm: Rhythm, hour: int, times: Times) -> list[Problem]:
    """Return why nothing would ever be told at these times, or nothing."""
    found = []
    if rhythm != "off" and times.is_quiet_hour(hour):
        found.append(
            Problem(
                code="hour_is_quiet",
                field="hour",
                text=Text(
                    de=f"{hour} Uhr liegt in der Ruhezeit von {times.quiet_from} bis "
                    f"{times.quiet_to} Uhr. Wählen Sie eine andere Stunde oder Ruhezeit.",
                    en=f"{hour}:00 lies in the quiet hours from {times.quiet_from}:00 to "
                    f"{times.quiet_to}:00. Choose another hour or other quiet hours.",
                ),
            )
        )
    if not times.days:
        found.append(
            Problem(
                code="no_day",
                field="days",
                text=Text(
                    de="Wählen Sie mindestens einen Tag; abschalten lässt sich die Mail oben.",
                    en="Choose at least one day; the mail is switched off above.",
                ),
            )
        )
    return found
