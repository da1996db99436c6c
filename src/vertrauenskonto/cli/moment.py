"""When a job runs."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The instant (UTC) by the server's clock, and the day that it is for the accounts."""

    now: datetime
    today: date
