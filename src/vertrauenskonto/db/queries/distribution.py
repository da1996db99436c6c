"""How the balances of a list of customers are spread."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from math import ceil, floor

from django.db.models import Count, F, Value
from django.db.models.functions import Floor

from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.queries.customer_list import Wanted, valued
from vertrauenskonto.render.portfolio_chart import Bin

# Points: the finest step that is told apart, and how far a balance may lie off by floating noise.
_STEP = 5.0
_NOISE = 1e-9
_BINS_MAX = 24
# So much of the accounts at each end may lie outside the picture, where it would press the rest flat.
_TAIL = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """Accounts by balance, in steps of one width; `outside` lie further off than the picture goes."""

    bins: tuple[Bin, ...]
    accounts: int
    outside: int


def distribution(viewer: Viewer, wanted: Wanted, *, today: date, threshold: float) -> Distribution:
    """Return how the balances of those who match are spread around the threshold.

    Raises:
        Denied, NotFound, Invalid: as `customer_list.page`.
    """
    step = Floor((F("balance") - Value(threshold) + Value(_NOISE)) / Value(_STEP))
    rows = (
        valued(viewer, wanted, today=today)
        .order_by()
        .annotate(step=step)
        .values("step")
        .annotate(accounts=Count("pk"))
        .values_list("step", "accounts")
    )
    counts = {int(place): accounts for place, accounts in rows}
    accounts = sum(counts.values())
    shown = _within(counts, accounts)
    return Distribution(
        bins=_bins(shown, threshold),
        accounts=accounts,
        outside=accounts - sum(shown.values()),
    )


def _within(counts: dict[int, int], accounts: int) -> dict[int, int]:
    """Leave out the tails, if there are more steps than a picture holds."""
    places = sorted(counts)
    if not places or places[-1] - places[0] < _BINS_MAX:
        return counts
    left_out = accounts * _TAIL
    for ends in (places, places[::-1]):
        passed = 0
        for place in ends:
            passed += counts[place]
            if passed > left_out:
                break
            counts = {p: n for p, n in counts.items() if p != place}
    return counts


def _bins(counts: dict[int, int], threshold: float) -> tuple[Bin, ...]:
    if not counts:
        return ()
    first, last = min(counts), max(counts)
    steps = 1
    for factor in (2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000):
        if ceil((last - first + 1) / steps) < _BINS_MAX:
            break
        steps = factor
    wide: Counter[int] = Counter()
    for place, accounts in counts.items():
        wide[floor(place / steps)] += accounts
    width = steps * _STEP
    return tuple(
        Bin(threshold + place * width, threshold + (place + 1) * width, wide[place])
        for place in range(min(wide), max(wide) + 1)
    )
