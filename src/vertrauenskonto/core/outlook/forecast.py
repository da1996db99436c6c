"""The forecast for one promise, and the earliest day that is safe enough.

How many days ahead people propose says how hard they think the job is, so in the record longer
promises are hardly kept more often. Moving the date of *one* job is another matter: it does not get
harder by that. So the proposed days are judged by the record, and another date for the same job by
how long things take:

    log-odds(kept by another date) = log-odds(kept as proposed)
                                   + log-odds(done by then) - log-odds(done as proposed)

Too little record is "unknown": there is no number then. What is due by a day is never less likely
with a later day; an appointment has the calendar of its hour, so there a later day may be worse.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import exp, sqrt

from vertrauenskonto.core.errors import NO_TEXT, Invalid, Text
from vertrauenskonto.core.outlook.learning import FACTORS, LEVEL_MIN, Outlook, Tally
from vertrauenskonto.core.outlook.record import Terms
from vertrauenskonto.core.stats.intervals import CONFIDENCE, z_value
from vertrauenskonto.core.stats.logistic import NO_LEVEL

# Of fewer decided promises of this kind nothing is said.
RECORD_MIN = 10
# What moves the log-odds by less than this (2 to 3 points in the middle) is not worth a word.
_WORTH_A_WORD = 0.1

_REASONS = {
    "kind": Text("unsere Erfahrung mit dieser Art", "what we saw with this kind"),
    "team": Text("die Bilanz des Teams", "the team's record"),
    "weekday": Text("der Wochentag", "the weekday"),
    "month": Text("die Jahreszeit", "the season"),
    "hour": Text("die Uhrzeit", "the hour"),
    "time": Text("die Zeit, die bleibt", "how much time there is"),
    "load": Text("die offene Arbeit des Teams", "what the team has open"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """How likely a promise is to be kept.

    `probability` with its interval `[low, high]`; all None: not enough record. `tally`: the promises
    of the nearest kind with enough of them. `because`: what it rests on, in a sentence or two.
    """

    probability: float | None
    low: float | None
    high: float | None
    tally: Tally
    because: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeDate:
    """The earliest day that is safe enough, and its forecast; both None: there is none.

    `because` says why not, or what the forecast rests on.
    """

    on: date | None
    forecast: Forecast | None
    because: Text


def forecast(
    outlook: Outlook,
    terms: Terms,
    *,
    days_instead: int | None = None,
    confidence: float = CONFIDENCE,
) -> Forecast:
    """Return how likely we are to keep a promise under these terms.

    `days_instead` asks for the same job with another date, so many working days ahead; it means
    nothing to an appointment, nor where it is not known how long such things take. The interval is about the probability: how far the record leaves it open, with what no record
    has seen (a new team, a month) counted in. One promise is kept or not all the same.
    """
    tally = _tally(outlook, terms)
    if outlook.fit is None or outlook.tallies.get(terms.kind[:1], _NONE).n < RECORD_MIN:
        return Forecast(
            probability=None, low=None, high=None, tally=tally, because=_too_little(outlook, terms)
        )
    mean, variance, unseen = outlook.fit.log_odds(outlook.places(terms), outlook.numbers(terms))
    variance = variance * outlook.clustering + unseen + _time_variance(outlook, terms, days_instead)
    moved = _moved(outlook, terms, days_instead)
    mean += moved
    half = z_value(confidence) * sqrt(variance)
    return Forecast(
        probability=_expit(mean),
        low=_expit(mean - half),
        high=_expit(mean + half),
        tally=tally,
        because=_because(_contributions(outlook, terms, moved), tally),
    )


def safe_date(
    outlook: Outlook, terms: Terms, *, confidence: float, days: Sequence[date]
) -> SafeDate:
    """Return the earliest day on which a promise is kept with this probability (0..1, open).

    Args:
        outlook: what was learned from the record.
        terms: the promise as proposed; other dates are tried for it.
        confidence: the probability that is safe enough.
        days: the days that come into question, in order; `days[n]` lies n working days ahead.

    Raises:
        Invalid: `confidence` is no probability between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise Invalid(
            Text(
                de=f"Die Sicherheit {confidence} liegt nicht zwischen 0 und 1. Wählen Sie zum "
                "Beispiel 0,9.",
                en=f"The confidence {confidence} does not lie between 0 and 1. Choose 0.9, for "
                "example.",
            )
        )
    found = forecast(outlook, terms)
    if found.probability is None:
        return SafeDate(on=None, forecast=None, because=found.because)
    if not terms.is_appointment and not outlook.durations.n:
        return SafeDate(on=None, forecast=None, because=_NO_DURATIONS)
    for n, day in enumerate(days):
        if terms.is_appointment:
            tried = forecast(outlook, replace(terms, due_on=day))
        else:
            tried = forecast(outlook, terms, days_instead=n)
        if tried.probability is not None and tried.probability >= confidence:
            return SafeDate(on=day, forecast=tried, because=tried.because)
    return SafeDate(on=None, forecast=None, because=_never(confidence, len(days), found.tally))


_NONE = Tally(kept=0, n=0)
_NO_DURATIONS = Text(
    de="Von keiner solchen Zusage ist bekannt, wie lange sie gedauert hat: Ein sicherer Termin lässt "
    "sich nicht nennen. Tragen Sie ein, wann Zusagen erledigt wurden.",
    en="Of no such promise it is known how long it took: no safe date can be told. Record when "
    "promises are done.",
)


def _expit(x: float) -> float:
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))


def _tally(outlook: Outlook, terms: Terms) -> Tally:
    """Return the tally of the finest kind that has enough promises, else that of the coarsest."""
    for depth in range(len(terms.kind), 1, -1):
        found = outlook.tallies.get(terms.kind[:depth], _NONE)
        if found.n >= LEVEL_MIN:
            return found
    return outlook.tallies.get(terms.kind[:1], _NONE)


def _moved(outlook: Outlook, terms: Terms, days_instead: int | None) -> float:
    """Return by how much another date for the same job moves the log-odds."""
    if days_instead is None or terms.is_appointment or not outlook.durations.n:
        return 0.0
    known = outlook.durations
    proposed = (
        outlook.usual_time if terms.days is None else known.log_odds(terms.kind, terms.days)[0]
    )
    return known.log_odds(terms.kind, days_instead)[0] - proposed


def _time_variance(outlook: Outlook, terms: Terms, days_instead: int | None) -> float:
    """Return what the uncertainty of the durations adds to the variance."""
    known = outlook.durations
    if not known.n or terms.is_appointment:
        return 0.0
    assert outlook.fit is not None, "the slope comes from the fit"
    slope = float(outlook.fit.coefficients[outlook.fit.starts[-1]])
    proposed = 0.0 if terms.days is None else slope**2 * known.log_odds(terms.kind, terms.days)[1]
    moved = 0.0 if days_instead is None else known.log_odds(terms.kind, days_instead)[1]
    return proposed + moved


def _because(parts: dict[str, float], tally: Tally) -> Text:
    said = Text(
        de=f"Von {tally.n} solchen Zusagen haben wir {tally.kept} gehalten.",
        en=f"Of {tally.n} such promises we kept {tally.kept}.",
    )
    lowest, highest = min(parts, key=lambda k: parts[k]), max(parts, key=lambda k: parts[k])
    against = for_ = NO_TEXT
    if parts[lowest] <= -_WORTH_A_WORD:
        word = _REASONS[lowest]
        against = Text(f" Dagegen spricht vor allem {word.de}.", f" Against it: mainly {word.en}.")
    if parts[highest] >= _WORTH_A_WORD:
        word = _REASONS[highest]
        for_ = Text(f" Dafür spricht vor allem {word.de}.", f" For it: mainly {word.en}.")
    return Text(said.de + against.de + for_.de, said.en + against.en + for_.en)


def _contributions(outlook: Outlook, terms: Terms, moved: float) -> dict[str, float]:
    """Return by how much each thing moves the log-odds against what is usual with us."""
    assert outlook.fit is not None, "contributions come from a fit"
    found = outlook.fit
    parts = dict.fromkeys(_REASONS, 0.0)
    for name, start, place in zip(FACTORS, found.starts, outlook.places(terms), strict=False):
        if place != NO_LEVEL:
            parts[name.partition("_")[0]] += float(found.coefficients[start + place])
    slopes = found.coefficients[found.starts[-1] :]
    time, load = outlook.numbers(terms)
    parts["time"], parts["load"] = float(slopes[0]) * time + moved, float(slopes[1]) * load
    return parts


def _too_little(outlook: Outlook, terms: Terms) -> Text:
    n = outlook.tallies.get(terms.kind[:1], _NONE).n
    return Text(
        de=f"Zu wenig Erfahrung für eine Zahl: {n} entschiedene Zusagen dieser Art, nötig sind "
        f"{RECORD_MIN}. Unbekannt heißt nicht unwahrscheinlich.",
        en=f"Too little record for a number: {n} decided promises of this kind, {RECORD_MIN} are "
        "needed. Unknown does not mean unlikely.",
    )


def _never(confidence: float, days: int, tally: Tally) -> Text:
    share = f"{100 * confidence:.0f}"
    return Text(
        de=f"An keinem der {days} geprüften Tage sind {share}\u00a0% erreicht; von {tally.n} solchen "
        f"Zusagen haben wir {tally.kept} gehalten. Versprechen Sie weniger, oder senken Sie die "
        "Sicherheit bewusst.",
        en=f"None of the {days} days looked at reaches {share}%; of {tally.n} such promises we kept "
        f"{tally.kept}. Promise less, or lower the confidence knowingly.",
    )
