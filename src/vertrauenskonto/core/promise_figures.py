"""Figures over promises that ended: how well we keep our word, and where we should give less of it.

Every figure says from how many promises it comes; from none there is no figure. Nothing here knows
who gave a promise: figures are by kind, never by person.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from vertrauenskonto.core.errors import Invalid, Text
from vertrauenskonto.core.stats.intervals import CONFIDENCE, Middle, Rate, middle, rate

How = Literal[
    "kept", "late_with_notice", "broken_with_notice", "late_silent", "broken_silent", "withdrawn"
]
HOW: tuple[How, ...] = get_args(How)
_NOTIFIED = frozenset({"late_with_notice", "broken_with_notice"})

# A kind is kept too seldom when its whole interval lies below this, of at least so many promises.
KEPT_MIN, STOP_MIN = 0.7, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A promise that ended, as far as figures look at it.

    `before_order`: given before the customer had ordered anything; None: unknown. `notice_hours`:
    working hours between telling the customer and the date that failed, None where nobody was told
    before it. `renegotiated`: how often a new date was agreed in time. `is_punctual`: for an
    appointment, whether it began on time; None for everything else.
    """

    kind: str
    how: How
    before_order: bool | None = None
    is_first_contact: bool = False
    notice_hours: float | None = None
    renegotiated: int = 0
    is_punctual: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How promises ended; those withdrawn by the customer have judged nothing and are left out.

    `kept`: of all. `kept_as_given`: kept without a new date. `before_order`, `after_order`: kept, of
    those given before and after the order. `notified`: of those that failed or got a new date, the
    share whose customer knew before the date. `notice_hours`: how long before, in working hours.
    `first_contact`: kept (an appointment: begun on time) at a first contact. None: of no promise.
    """

    n: int
    kept: Rate | None
    kept_as_given: Rate | None
    before_order: Rate | None
    after_order: Rate | None
    notified: Rate | None
    notice_hours: Middle | None
    first_contact: Rate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPromising:
    """A kind of promise that is kept too seldom to be given, and why."""

    kind: str
    kept: Rate
    because: Text


def figures(ended: Iterable[Ended], *, confidence: float = CONFIDENCE) -> Figures:
    """Return the figures over promises; intervals (Wilson, order statistics) of this confidence."""
    judged = [promise for promise in ended if promise.how != "withdrawn"]
    missed = [p for p in judged if p.how != "kept" or p.renegotiated]

    def share(hits: Sequence[bool]) -> Rate | None:
        return rate(sum(hits), len(hits), confidence=confidence)

    return Figures(
        n=len(judged),
        kept=share([p.how == "kept" for p in judged]),
        kept_as_given=share([p.how == "kept" and not p.renegotiated for p in judged]),
        before_order=share([p.how == "kept" for p in judged if p.before_order is True]),
        after_order=share([p.how == "kept" for p in judged if p.before_order is False]),
        notified=share([p.how == "kept" or p.how in _NOTIFIED for p in missed]),
        notice_hours=middle(
            [p.notice_hours for p in missed if p.notice_hours is not None], confidence=confidence
        ),
        first_contact=share([_is_on_time(p) for p in judged if p.is_first_contact]),
    )


def figures_by_kind(
    ended: Iterable[Ended], *, confidence: float = CONFIDENCE
) -> Mapping[str, Figures]:
    """Return the figures of each kind, in the order of their names."""
    by_kind: dict[str, list[Ended]] = {}
    for promise in ended:
        by_kind.setdefault(promise.kind, []).append(promise)
    return {kind: figures(by_kind[kind], confidence=confidence) for kind in sorted(by_kind)}


def stop_promising(
    by_kind: Mapping[str, Figures], *, kept_min: float = KEPT_MIN, n_min: int = STOP_MIN
) -> tuple[StopPromising, ...]:
    """Return the kinds that we should stop promising, the worst first.

    A kind is one of them when the whole interval of its kept rate lies below `kept_min` (0..1), of
    at least `n_min` promises: a run of bad luck is no reason.

    Raises:
        Invalid: `kept_min` is no share.
    """
    if not 0 <= kept_min <= 1:
        raise Invalid(
            Text(
                de=f"Die Grenze {kept_min} liegt nicht zwischen 0 und 1. Für 70 Prozent ist es 0,7.",
                en=f"The limit {kept_min} does not lie between 0 and 1. For 70 per cent it is 0.7.",
            )
        )
    found = [
        StopPromising(kind=kind, kept=its.kept, because=_because(its.kept, kept_min))
        for kind, its in by_kind.items()
        if its.kept is not None and its.n >= n_min and its.kept.high < kept_min
    ]
    return tuple(sorted(found, key=lambda stop: (stop.kept.value, stop.kind)))


def _is_on_time(promise: Ended) -> bool:
    return promise.how == "kept" and promise.is_punctual is not False


def _because(kept: Rate, kept_min: float) -> Text:
    hits, high, limit = round(kept.value * kept.n), 100 * kept.high, 100 * kept_min
    return Text(
        de=f"Von {kept.n} gehalten: {hits}. Auch wohlwollend gerechnet sind das höchstens "
        f"{high:.0f}\u00a0%, verlangt sind {limit:.0f}\u00a0%. Versprechen Sie es nicht mehr, oder "
        "mit mehr Zeit.",
        en=f"Of {kept.n} kept: {hits}. Even kindly reckoned that is at most {high:.0f}%, "
        f"{limit:.0f}% are asked for. Stop promising it, or promise it with more time.",
    )
