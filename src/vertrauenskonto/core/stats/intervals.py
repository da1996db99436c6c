"""Intervals: what a count or a handful of values says of the rate or the middle behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, sqrt
from statistics import NormalDist, median

CONFIDENCE = 0.95
# Up to here the middle's interval is exact.
_EXACT_MAX = 200


@dataclass(frozen=True, slots=True)
class Rate:
    """A share in [0, 1] of `n` cases, with its interval `[low, high]`."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Middle:
    """The median of `n` values with its interval; the bounds are None where n is too small."""

    value: float
    low: float | None
    high: float | None
    n: int


def z_value(confidence: float) -> float:
    """Return how many standard deviations a two-sided interval of this confidence reaches."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def rate(hits: int, n: int, *, confidence: float = CONFIDENCE) -> Rate | None:
    """Return the share of hits with its Wilson interval; None: of no cases there is no share.

    Centre (p + z²/2n) / (1 + z²/n), half-width z √(p(1-p)/n + z²/4n²) / (1 + z²/n). The cases are
    assumed to be independent; where one cause hits many, the interval is too narrow.

    Source: Wilson 1927; Newcombe 1998, method 3. Checked against: Newcombe's table 1.
    """
    assert 0 <= hits <= n, "no more hits than cases"
    if n == 0:
        return None
    share, z = hits / n, z_value(confidence)
    centre = share + z * z / (2 * n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # At the ends the bound is the end itself; floating noise must not leave [0, 1].
    low = 0.0 if hits == 0 else (centre - half) / (1 + z * z / n)
    high = 1.0 if hits == n else (centre + half) / (1 + z * z / n)
    return Rate(share, low, high, n)


def middle(values: Sequence[float], *, confidence: float = CONFIDENCE) -> Middle | None:
    """Return the median with its interval from the order of the values; None: there are none.

    The bounds are the k-th value from below and from above, with the largest k for which
    2 P(Binomial(n, 1/2) < k) <= 1 - confidence; from 200 values on k = (n - z √n) / 2. It holds for
    every distribution; with 95 % there is no such k below six values.

    Source: Conover 1999, section 3.2. Checked against: the binomial by hand for n = 6 and n = 16.
    """
    if not values:
        return None
    ordered, n = sorted(values), len(values)
    k = _rank(n, confidence)
    low, high = (ordered[k - 1], ordered[n - k]) if k else (None, None)
    return Middle(median(ordered), low, high, n)


def _rank(n: int, confidence: float) -> int:
    if n > _EXACT_MAX:
        return int((n - z_value(confidence) * sqrt(n)) / 2)
    below, k = 0.5**n, 0
    while 2 * below <= 1 - confidence:
        k += 1
        below += comb(n, k) * 0.5**n
    return k
