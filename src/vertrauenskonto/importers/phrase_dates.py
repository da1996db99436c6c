"""Time words of a sentence, German and English, as days and instants, or as a question.

What cannot be told for sure is not guessed: "Freitag" said on a Friday, "3/4", "nächsten Freitag"
come back as candidates with the question to ask. Weeks begin on Monday (ISO 8601); the middle and
the end of a month are its 15th and its last day (§ 192 BGB). The words are found by the patterns of
`phrase_patterns`; this module says what they mean together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from vertrauenskonto.core.errors import NO_TEXT, Language, Text
from vertrauenskonto.importers.phrase_patterns import readings
from vertrauenskonto.importers.phrase_rules import Reading
from vertrauenskonto.importers.phrase_words import pattern

Due = date | datetime

_WHICH = Text(de="Welcher Tag ist gemeint?", en="Which day is meant?")
_PAST = Text(
    de="Dieser Zeitpunkt lag schon zurück, als es geschrieben wurde; welcher ist gemeint?",
    en="This had passed when it was written; which day is meant?",
)
_CLOCK = Text(
    de="Diese Uhrzeit gibt es an diesem Tag nicht oder zweimal (Zeitumstellung); welche ist gemeint?",
    en="The clocks change that day: this time does not exist or exists twice; which one is meant?",
)
_WHEN = Text(de="Bis wann?", en="By when?")

_OR = pattern(r"[\s,]*(?:oder|or|bzw\.?|/)[\s,]*(?:am |on |den )?")
_SAME_DAY = pattern(r"[\s,]*(?:\(|den |dem |the |am |on )?\s*")
_NEAR = pattern(
    r"[\s,]*(?:in |der |of |um |at |ab |bis |by |gegen |spätestens |am |on |the |früh |noch )*[\s,]*"
)
_LATEST = pattern(r"spätestens|allerspätestens|at the latest|latest")


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """When something is due, as far as the words say.

    `spans` are the time words (offsets, half-open), `candidates` days or instants with a zone. It
    is clear when there is no question; a question without candidates asks for any day.
    """

    spans: tuple[tuple[int, int], ...] = ()
    candidates: tuple[Due, ...] = ()
    question: Text = _WHEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """When and where something was written: its day, its instant if known, and the zone."""

    day: date
    at: datetime | None
    zone: ZoneInfo

    @classmethod
    def of(cls, written: Due, zone: ZoneInfo) -> "Written":
        """Return the local day and instant of `written`; an instant carries its own offset."""
        if not isinstance(written, datetime):
            return cls(day=written, at=None, zone=zone)
        if written.tzinfo is None:
            written = written.replace(tzinfo=zone)
        local = written.astimezone(zone)
        return cls(day=local.date(), at=local, zone=zone)


def time_words(sentence: str, *, language: Language, written: Written) -> list[Reading]:
    """Return what in a sentence speaks of time, in order and each with its own meaning.

    Parts that belong together ("Freitag, den 20. März", "nächste Woche Mittwoch", "Donnerstag oder
    Freitag") come back as one.
    """
    joined: list[Reading] = []
    for found in readings(sentence, language=language, today=written.day):
        together = None
        if joined:
            between = sentence[joined[-1].end : found.start]
            together = _together(joined[-1], found, between) if len(between) < 20 else None
        if together is None:
            joined.append(found)
        else:
            joined[-1] = together
    return joined


def _together(first: Reading, second: Reading, between: str) -> Reading | None:
    """Return two neighbouring readings as one, or None when they stay two."""
    whole = replace(second, start=first.start, clock=second.clock or first.clock)
    dated = first.kind == second.kind == "day"
    if (
        dated
        and first.weekday is not None
        and second.weekday is None
        and _SAME_DAY.fullmatch(between)
    ):
        if second.days and all(day.weekday() == first.weekday for day in second.days):
            return whole
        matching = tuple(day for day in second.days if day.weekday() == first.weekday)
        days = matching or (*second.days, *first.days)
        return replace(whole, days=days, question=NO_TEXT if len(days) == 1 else _WHICH)
    if {first.kind, second.kind} == {"day", "week"} and _NEAR.fullmatch(between):
        weekday = first.weekday if first.kind == "day" else second.weekday
        monday = first.monday or second.monday
        if weekday is not None and monday is not None:
            day = monday + timedelta(days=weekday)
            return replace(
                whole, kind="day", days=(day,), question=NO_TEXT, weekday=weekday, monday=None
            )
    if first.kind == second.kind == "day" and _OR.fullmatch(between):
        days = tuple(dict.fromkeys((*first.days, *second.days)))
        return replace(whole, days=days, question=_WHICH, weekday=None)
    return None


def due(found: Sequence[Reading], sentence: str, *, written: Written) -> When:
    """Return what the time words of one promise say together; none of them asks "by when?"."""
    told = [reading for reading in found if reading.kind != "past"]
    spans = tuple((reading.start, reading.end) for reading in told)
    days = [r for r in told if r.days]
    clock = next((r.clock for r in told if r.clock is not None), None)
    ahead = next((r.ahead for r in told if r.ahead is not None), None)
    if any(r.kind == "recurring" for r in told):
        question = next(r.question for r in told if r.kind == "recurring")
        return When(spans=spans, question=question)
    if not days and ahead is not None:
        return _ahead(ahead, spans, written)
    if len(days) > 1:
        latest = [r for r in days if _LATEST.search(sentence, max(0, r.start - 14), r.end + 15)]
        days = latest[-1:] or days
    candidates = tuple(dict.fromkeys(day for r in days for day in r.days))
    question = next((r.question for r in days if r.question.en), NO_TEXT)
    if len(days) > 1 and len(candidates) > 1:
        question = _WHICH
    if not candidates:
        if clock is None and not any(r.kind == "daypart" for r in told):
            return When(spans=spans)
        candidates = (written.day,)
        now = written.at
        if clock is not None and now is not None and clock <= now.time():
            candidates, question = (written.day + timedelta(days=1),), _PAST
    if not question.en and candidates[0] < written.day:
        question = _PAST
    if clock is None:
        return When(spans=spans, candidates=candidates, question=question)
    instants = [_instants(day, clock, written.zone) for day in candidates]
    if any(len(possible) > 1 or not exact for possible, exact in instants):
        question = _CLOCK
    candidates = tuple(instant for possible, _ in instants for instant in possible)
    if not question.en and written.at is not None and instants[0][0][0] <= written.at:
        question = _PAST
    return When(spans=spans, candidates=candidates, question=question)


def _ahead(ahead: timedelta, spans: tuple[tuple[int, int], ...], written: Written) -> When:
    """Return what lies so far ahead: an instant, or a day when only the day of writing is known."""
    if written.at is None:
        days = -(-ahead // timedelta(days=1)) if ahead >= timedelta(days=1) else 0
        due_day = written.day + timedelta(days=days)
        return When(spans=spans, candidates=(due_day,), question=NO_TEXT)
    instant = (written.at.astimezone(UTC) + ahead).astimezone(written.zone)
    return When(spans=spans, candidates=(instant,), question=NO_TEXT)


def _instants(day: date, clock: time, zone: ZoneInfo) -> tuple[list[datetime], bool]:
    """Return the instants at which a clock of this zone shows this time, and whether it does."""
    both = [datetime.combine(day, clock.replace(fold=fold), tzinfo=zone) for fold in (0, 1)]
    exact = [local for local in both if local.astimezone(UTC).astimezone(zone).time() == clock]
    shown = exact or [both[0].astimezone(UTC).astimezone(zone)]
    unique = {local.astimezone(UTC): local for local in shown}
    return list(unique.values()), bool(exact)
