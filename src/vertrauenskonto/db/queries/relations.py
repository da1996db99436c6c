"""In which phase a relationship is, since when and why, what to do next, and who said it ended.

Worked out each time from what is recorded: the ledger, the first promise, the cases and endings.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple, cast
from zoneinfo import ZoneInfo

from django.conf import settings

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.recovery.case import OPEN_STATES
from vertrauenskonto.core.relations.cadence import Rhythm, Unit, next_steps
from vertrauenskonto.core.relations.from_ledger import ledger_facts
from vertrauenskonto.core.relations.phases import NAMES, Fact, Standing, What, phases
from vertrauenskonto.db import access, aliases, raw
from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.queries import account_pages, ledger
from vertrauenskonto.db.queries.account_pages import Wanted
from vertrauenskonto.db.queries.statements import Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """That somebody said a relationship ended; `reason` is "" for who sees no names."""

    number: int
    on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """How often a customer wants to hear from us, since when, and in which way ("": any)."""

    rhythm: Rhythm
    on: date
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """The phases of a relationship so far, the last one being today's; none before a contact.

    `ended`: the ending that counts, if it is ended. `handover`: the key of the handover of their
    contact person that goes on, "" if there is none or the viewer sees no names. `rhythm`: how often
    they want to hear from us, if that was agreed and not before an end.
    """

    standings: tuple[Standing, ...]
    ended: Ended | None
    handover: str
    rhythm: Agreed | None

    @property
    def now(self) -> Standing | None:
        """Where it stands."""
        return self.standings[-1] if self.standings else None

    @property
    def is_ended(self) -> bool:
        """Tell whether it has ended."""
        return self.now is not None and self.now.phase == "ended"

    @property
    def name(self) -> Text:
        """What the phase is called."""
        return NAMES[self.now.phase] if self.now else _NOT_BEGUN

    @property
    def next_steps(self) -> tuple[Text, ...]:
        """What to do next."""
        return next_steps(self.now)

    @property
    def history(self) -> tuple[tuple[Text, Standing], ...]:
        """The phases by name, the newest first."""
        return tuple((NAMES[one.phase], one) for one in reversed(self.standings))


_NOT_BEGUN = Text("noch kein Kontakt", "no contact yet")


def relation(viewer: Viewer, key: str, *, today: date) -> Relation:
    """Return the relationship with the customer whom the viewer calls `key`.

    Raises:
        NotFound, Denied, Conflict: as `statements.shown`.
    """
    row, shown = account_pages.read(viewer, key, Wanted(as_of=today))
    return of_shown(viewer, row.pk, shown, is_merged=row.has_merges, as_of=today)


def of_shown(
    viewer: Viewer,
    pk: int,
    shown: Shown,
    *,
    is_merged: bool,
    as_of: date,
    known_at: date | None = None,
) -> Relation:
    """Return the relationship with a customer whose account the viewer was shown.

    `is_merged`: others may have been merged into it.
    """
    family = [pk]
    if is_merged:
        family += aliases.members([pk]).get(pk, ())
    known = as_of if known_at is None else min(as_of, known_at)
    sql = _RECORDED.format(among=raw.among("customer_id"))
    rows = [_Row(*row) for row in raw.fetched(sql, [raw.listed(family)] * 5)]
    policy = shown.policies.in_force(as_of)
    facts = [fact for row in rows for fact in _recorded(viewer, row, known)]
    facts += ledger_facts(shown.account, policy, as_of=as_of, known_at=known_at)
    standings = phases(fact for fact in facts if fact.on <= as_of)
    ended, shows = None, access.may(viewer, "see_names")
    stated = [row for row in rows if row.sort == "ending" and _is_stated(row, known)]
    if standings and standings[-1].phase == "ended" and stated:
        last = max(stated, key=lambda row: (row.first, row.number))
        ended = Ended(number=last.number, on=_day(last.first), reason=last.name if shows else "")
    handovers = [row.name for row in rows if row.sort == "handover" and shows]
    rhythms = [row for row in rows if row.sort == "rhythm"]
    return Relation(
        standings=standings,
        ended=ended,
        handover="".join(handovers[:1]),
        rhythm=_agreed(rhythms, [_day(row.first) for row in stated]),
    )


class _Row(NamedTuple):
    """A case, an ending, a handover, a rhythm or the first promise: `first` is its day, then when written and closed."""

    sort: str
    number: int
    name: str
    state: str
    first: str
    written: str
    closed: str | None
    source: str | None
    source_id: str | None


def _recorded(viewer: Viewer, row: _Row, known: date) -> Iterator[Fact]:
    if row.sort == "case":
        yield from _of_case(viewer, row, known)
    elif row.sort == "ending" and _is_stated(row, known):
        yield Fact(on=_day(row.first), what="ended")
    elif row.sort == "promise" and _day(row.written) <= known:
        # Whoever was promised something has been spoken to.
        yield Fact(on=_day(row.first), what="event", is_contact=True)


def _of_case(viewer: Viewer, row: _Row, known: date) -> Iterator[Fact]:
    if _day(row.written) > known or row.state in _NO_BREACH:
        return
    name = row.name
    if row.source and row.source_id:
        # As the ledger names a breach of honesty, so that one repair is one.
        name = ledger.entry_id(*access.shown_entry(viewer, row.source, row.source_id))
    yield Fact(on=_day(row.first), what="breach", breach=name)
    if row.state not in OPEN_STATES and row.closed and _day(row.closed) <= known:
        what: What = "repaired" if row.state == "repaired" else "left_unrepaired"
        yield Fact(on=_day(row.closed), what=what, breach=name)


def _agreed(rows: Sequence[_Row], ends: Sequence[date]) -> Agreed | None:
    """Return what was agreed last; what was agreed before an end counts no more."""
    if not rows:
        return None
    last = max(rows, key=lambda row: row.written)
    day = _day(last.first)
    if any(end >= day for end in ends):
        return None
    unit = cast("Unit", last.state)
    rhythm = Rhythm(every=last.number, unit=unit)
    return Agreed(rhythm=rhythm, on=day, channel=last.name)


def _is_stated(row: _Row, known: date) -> bool:
    """Tell whether an ending was said by a day and not taken back by then."""
    return _day(row.written) <= known and not (row.closed and _day(row.closed) <= known)


def _day(told: str) -> date:
    """Return the day here of a day, or of an instant, as the database writes it."""
    if len(told) == len("2026-03-18"):
        return date.fromisoformat(told)
    at = datetime.fromisoformat(told)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(_HERE).date()


_HERE = ZoneInfo(settings.TIME_ZONE)
# Closed without a breach of ours.
_NO_BREACH = frozenset({"no_breach", "dropped"})
# Days and instants as text: one column holds both.
_RECORDED = """SELECT 'case', c.id, c.key, c.state, CAST(c.incident_date AS TEXT),
  CAST(c.opened_date AS TEXT), CAST(c.closed_date AS TEXT), e.source, e.source_id
FROM recovery_case c LEFT JOIN entry e ON e.id = c.entry_id WHERE c.path = 'case' AND c.{among}
UNION ALL SELECT 'ending', id, reason, '', CAST(on_date AS TEXT), CAST(written_at AS TEXT),
  CAST(taken_back_at AS TEXT), NULL, NULL FROM relation_ending WHERE {among}
UNION ALL SELECT 'handover', id, key, state, CAST(begun_date AS TEXT), CAST(begun_date AS TEXT),
  NULL, NULL, NULL FROM handover WHERE state = 'open' AND {among}
UNION ALL SELECT 'rhythm', every, channel, unit, CAST(agreed_date AS TEXT),
  CAST(written_at AS TEXT), NULL, NULL, NULL FROM relation_rhythm
  WHERE is_latest AND every > 0 AND {among}
UNION ALL SELECT 'promise', 0, '', '', CAST(MIN(made_at) AS TEXT), CAST(MIN(made_at) AS TEXT),
  NULL, NULL, NULL FROM promise WHERE {among} GROUP BY customer_id"""
