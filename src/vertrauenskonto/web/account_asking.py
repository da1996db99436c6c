"""What the address of an account's pages says: value date, knowledge day, whose part, which days.

    ?tag=2026-03-18&kenntnis=2026-03-01&sicht=organisation&zeitraum=2026-Q1&seite=2

What cannot be read is said at its field, and the page shows today's account instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.entries import ORGANISATION, PERSON_PREFIX, TOTAL
from vertrauenskonto.core.ledger.periods import Period, free, named
from vertrauenskonto.db.queries.account_pages import Wanted
from vertrauenskonto.web.row_numbers import row_number

# As far as an account is looked ahead anywhere.
_AHEAD = timedelta(days=730)
_FIRST = date(1900, 1, 1)

NO_DAY = Text(
    de="Das ist kein Tag. Schreiben Sie ihn wie 2026-03-18, oder wählen Sie ihn aus.",
    en="This is not a day. Write it like 2026-03-18, or choose it.",
)
_TOO_FAR = Text(
    de="So weit lässt sich nicht rechnen; möglich sind Tage von 1900 bis in zwei Jahren.",
    en="That is too far to calculate; choose a day from 1900 to two years ahead.",
)
_NO_PERIOD = Text(
    de="Diesen Zeitraum gibt es nicht; der erste Tag darf nicht nach dem letzten liegen.",
    en="There is no such period; the first day must not lie after the last.",
)
_NO_VIEW = Text(
    de="Diese Sicht gibt es nicht; gezeigt wird das ganze Konto.",
    en="There is no such view; the whole account is shown.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What was asked for: ready for the query, as it was typed, and what is wrong with it."""

    wanted: Wanted
    typed: Mapping[str, str]
    problems: Mapping[str, Text] = field(default_factory=dict)
    page: int | None = None
    is_today: bool = True

    @property
    def kept(self) -> str:
        """The switches as an address repeats them, "" if none is set; without the period."""
        said = {"tag": "" if self.is_today else str(self.wanted.as_of)}
        said |= {"kenntnis": str(self.wanted.known_at or "")}
        said |= {"sicht": "" if self.wanted.view == TOTAL else self.wanted.view}
        return urlencode({name: value for name, value in said.items() if value})

    def instead(self, problem: Text) -> "Asking":
        """Return the same for the whole account, with what was wrong with the view."""
        return replace(
            self,
            wanted=replace(self.wanted, view=TOTAL),
            problems={**self.problems, "sicht": problem},
        )


def asking(request: HttpRequest, today: date) -> Asking:
    """Return what an address asks for."""
    names = ("tag", "kenntnis", "sicht", "zeitraum", "von", "bis", "seite")
    typed = {name: request.GET.get(name, "").strip()[:80] for name in names}
    problems: dict[str, Text] = {}
    as_of = _day(typed, "tag", today, problems)
    known_at = _day(typed, "kenntnis", today, problems)
    view = typed["sicht"] or TOTAL
    if view not in (TOTAL, ORGANISATION) and not view.startswith(PERSON_PREFIX):
        problems["sicht"] = _NO_VIEW
        view = TOTAL
    page = row_number(typed["seite"])
    return Asking(
        wanted=Wanted(
            as_of=as_of or today, known_at=known_at, view=view, period=_period(typed, problems)
        ),
        typed=typed,
        problems=problems,
        page=page,
        is_today=as_of is None or as_of == today,
    )


def _day(
    typed: Mapping[str, str], name: str, today: date, problems: dict[str, Text]
) -> date | None:
    if not typed[name]:
        return None
    try:
        day = date.fromisoformat(typed[name])
    except ValueError:
        problems[name] = NO_DAY
        return None
    if not _FIRST <= day <= today + _AHEAD:
        problems[name] = _TOO_FAR
        return None
    return day


def _period(typed: Mapping[str, str], problems: dict[str, Text]) -> Period | None:
    if typed["von"] or typed["bis"]:
        try:
            first, last = (date.fromisoformat(typed[name]) for name in ("von", "bis"))
        except ValueError:
            problems["von"] = NO_DAY
            return None
        if first > last or first < _FIRST:
            problems["von"] = _NO_PERIOD
            return None
        return free(first, last)
    if not typed["zeitraum"]:
        return None
    period = named(typed["zeitraum"])
    if period is None:
        problems["von"] = _NO_PERIOD
    return period
