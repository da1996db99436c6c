"""What a preview says in words: balances, preconditions and reach, before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.db.queries.preview import Preview, Standing
from vertrauenskonto.render.numbers import long_day, number
from vertrauenskonto.render.words import DIMENSION_LABELS, is_empty, outlook, verdict_word
from vertrauenskonto.web.kind_picker import points_words
from vertrauenskonto.web.templatetags.words import page_language, spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One precondition: what it reads now and after, and the points booked on it."""

    name: str
    points: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A preview in words; `balance` and what follows is empty where the account is not valued."""

    points: str
    remark: str
    needs_second: bool
    before: str
    after: str
    reach_before: str
    reach_after: str
    rows: Sequence[Row]
    alarms: Sequence[Text]


def shown(seen: Preview, today: date) -> Shown:
    """Return a preview in words, in the language of the page."""
    points = {p.dimension: p.points for p in seen.entry.postings}
    told = points_words(points.items())
    if seen.before is None or seen.after is None:
        return Shown(
            points=told,
            remark=spoken(seen.remark),
            needs_second=seen.needs_second,
            before="",
            after="",
            reach_before="",
            reach_after="",
            rows=(),
            alarms=(),
        )
    language = page_language()
    before, after = seen.before.valuation, seen.after.valuation
    rows = [
        Row(
            name=spoken(DIMENSION_LABELS[d]),
            points=number(points[d], language, signed=True) if d in points else "",
            before=spoken(verdict_word(before.verdicts[d], before.opinions[d])),
            after=spoken(verdict_word(after.verdicts[d], after.opinions[d])),
        )
        for d in DIMENSIONS
    ]
    return Shown(
        points=told,
        remark=spoken(seen.remark),
        needs_second=seen.needs_second,
        before=number(before.balance, language),
        after=number(after.balance, language),
        reach_before=_reach(seen.before, today),
        reach_after=_reach(seen.after, today),
        rows=rows,
        alarms=_alarms(seen),
    )


def _reach(standing: Standing, today: date) -> str:
    return outlook(
        standing.runway_days, today, page_language(), is_empty=is_empty(standing.valuation)
    )


def _alarms(seen: Preview) -> Sequence[Text]:
    told = []
    if seen.opens:
        assert seen.due is not None
        told.append(
            Text(
                f"Es entsteht eine Aufgabe, fällig am {long_day(seen.due, 'de')}.",
                f"A duty will be opened, due on {long_day(seen.due, 'en')}.",
            )
        )
    if seen.ends:
        told.append(
            Text(
                "Die offene Aufgabe zu diesem Konto ist damit erledigt.",
                "The open duty on this account will be done.",
            )
        )
    assert seen.before is not None
    assert seen.after is not None
    limit = Text(number(seen.threshold, "de"), number(seen.threshold, "en"))
    if seen.after.valuation.below_threshold and not seen.before.valuation.below_threshold:
        told.append(
            Text(
                f"Das Konto fällt unter die Schwelle von {limit.de}.",
                f"The account falls below its threshold of {limit.en}.",
            )
        )
    if seen.before.valuation.below_threshold and not seen.after.valuation.below_threshold:
        told.append(
            Text(
                f"Das Konto liegt wieder über der Schwelle von {limit.de}.",
                f"The account is above its threshold of {limit.en} again.",
            )
        )
    return told
