"""How well the forecast before promising does: `python -m bench.outlook DATA [--write]`.

DATA holds `nycflights` and `olist`. Each record is cut in two by time: the forecast learns from the
earlier part as it was known on that day, and is scored on the later one. The baseline is the kept
rate of the carrier (flights) or of all orders (Olist), as known on the same day. `--write` draws the
reliability diagrams of the documents.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import fmean
from typing import Any

import duckdb

from vertrauenskonto.core.outlook.forecast import forecast, safe_date
from vertrauenskonto.core.outlook.learning import Outlook, outlook
from vertrauenskonto.core.outlook.record import Past, Terms
from vertrauenskonto.core.stats.calibration import Bin, brier, reliability
from vertrauenskonto.render.charts import LIGHT
from vertrauenskonto.render.reliability_chart import reliability_chart

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
FLIGHTS_CUT = date(2013, 7, 1)
OLIST_CUT = date(2018, 5, 1)
SAFE = (0.8, 0.9, 0.95)
HORIZON_DAYS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What was measured on the later part; `baseline` is the Brier score of the kept rate."""

    n: int
    kept: float
    forecast: float
    brier: float
    baseline: float
    bins: tuple[Bin, ...]
    learned_seconds: float

    @property
    def ratio(self) -> float:
        """The Brier score over that of the baseline: below 1 the forecast knows more."""
        return self.brier / self.baseline


def flights(data: Path) -> tuple[list[Past], list[Past]]:
    """Return the flights before July 2013 and from then on, by what a timetable says.

    Kept: arrived at most 15 minutes late; cancelled or diverted flights were not.
    """
    rows = _rows(
        f"""SELECT carrier, origin || '-' || dest, make_date(year, month, day), hour,
  coalesce(arr_delay <= 15, false) AS kept, count(*)
FROM '{data}/nycflights/flights_2013_01_09.parquet' GROUP BY ALL ORDER BY ALL"""
    )
    past = [
        Past(
            terms=Terms(
                kind=(carrier, route), made_on=day, due_on=day, due_hour=hour, is_appointment=True
            ),
            kept=kept,
            count=count,
        )
        for carrier, route, day, hour, kept, count in rows
    ]
    return (
        [row for row in past if row.terms.due_on < FLIGHTS_CUT],
        [row for row in past if row.terms.due_on >= FLIGHTS_CUT],
    )


def deliveries(data: Path, *, cut: date = OLIST_CUT) -> tuple[list[Past], list[Past]]:
    """Return Olist's orders bought before the cut, as known then, and those bought from then on.

    Days are calendar days: bought, promised, delivered. Kept: delivered on the promised day at the
    latest; never delivered counts as not kept. By state of the customer, which the buyer says.
    """
    orders, columns = data / "olist" / "orders.csv", "order_id, customer_id, order_status"
    rows = _rows(
        f"""SELECT customer_state, order_purchase_timestamp::DATE,
  order_estimated_delivery_date::DATE, order_delivered_customer_date::DATE
FROM (
  SELECT {columns}, order_purchase_timestamp, order_estimated_delivery_date,
    order_delivered_customer_date FROM '{orders}'
  UNION SELECT {columns}, order_purchase_timestamp, order_estimated_delivery_date,
    order_delivered_customer_date FROM '{data}/olist/extra_orders.csv'
) JOIN '{data}/olist/customers_all.parquet' USING (customer_id)
WHERE order_status NOT IN ('canceled', 'unavailable')
ORDER BY 2, 1, 3, 4"""
    )
    earlier, later = [], []
    for state, bought, due, delivered in rows:
        terms = Terms(
            kind=("delivery", state), made_on=bought, due_on=due, days=(due - bought).days
        )
        if bought >= cut:
            kept = delivered is not None and delivered <= due
            days = (delivered - bought).days if delivered else None
            later.append(Past(terms=terms, kept=kept, days_taken=days))
            continue
        is_done = delivered is not None and delivered < cut
        kept = delivered <= due if is_done else (None if due >= cut else False)
        days = ((delivered if is_done else cut) - bought).days
        earlier.append(Past(terms=terms, kept=kept, days_taken=days, is_done=is_done))
    return earlier, later


def measured(
    earlier: list[Past], later: list[Past], *, cut: date, base: Callable[[Outlook, Terms], float]
) -> Score:
    """Learn from the earlier part, and score on the later one against the rate `base`."""
    started = time.perf_counter()
    learned = outlook(earlier, as_of=cut)
    seconds = time.perf_counter() - started
    said: dict[Terms, float] = {}
    forecasts, bases, kept = [], [], []
    for row in later:
        probability = forecast(learned, row.terms).probability if row.terms not in said else None
        if probability is not None:
            said[row.terms] = probability
        forecasts += [said.get(row.terms, base(learned, row.terms))] * row.count
        bases += [base(learned, row.terms)] * row.count
        kept += [bool(row.kept)] * row.count
    return Score(
        n=len(kept),
        kept=fmean(kept),
        forecast=fmean(forecasts),
        brier=brier(forecasts, kept),
        baseline=brier(bases, kept),
        bins=reliability(forecasts, kept),
        learned_seconds=seconds,
    )


def kind_rate(learned: Outlook, terms: Terms) -> float:
    """Return the kept rate of the coarsest kind (the carrier), as known; else that of all."""
    tally = learned.tallies.get(terms.kind[:1], learned.tallies[()])
    return tally.kept / tally.n


def flights_score(data: Path) -> Score:
    """Return how well July to September 2013 were foreseen from January to June."""
    return measured(*flights(data), cut=FLIGHTS_CUT, base=kind_rate)


def deliveries_score(data: Path) -> Score:
    """Return how well Olist's later deliveries were foreseen."""
    return measured(*deliveries(data), cut=OLIST_CUT, base=kind_rate)


def safe_dates(data: Path, confidence: float) -> tuple[int, float, float]:
    """Return what safe dates would have done on Olist's later orders.

    How many orders have one, the share of these delivered by it, and the mean days to it.
    """
    earlier, later = deliveries(data)
    learned = outlook(earlier, as_of=OLIST_CUT)
    kept, ahead = [], []
    found: dict[Terms, int | None] = {}
    for row in later:
        if row.terms not in found:
            calendar = [row.terms.made_on + timedelta(days=n) for n in range(HORIZON_DAYS)]
            safe = safe_date(learned, row.terms, confidence=confidence, days=calendar)
            found[row.terms] = None if safe.on is None else (safe.on - row.terms.made_on).days
        days = found[row.terms]
        if days is not None:
            kept.append(row.days_taken is not None and row.days_taken <= days)
            ahead.append(days)
    return len(kept), fmean(kept), fmean(ahead)


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(config={"threads": 1}) as connection:
        return connection.execute(sql).fetchall()


def main() -> None:
    """Print the scores; draw the diagrams when asked."""
    parser = argparse.ArgumentParser(prog="python -m bench.outlook", description=__doc__)
    parser.add_argument("data", type=Path, help="the folder with nycflights and olist")
    parser.add_argument("--write", action="store_true", help="draw docs/images/outlook-*.svg")
    asked = parser.parse_args()
    for name, score in (
        ("flights", flights_score(asked.data)),
        ("deliveries", deliveries_score(asked.data)),
    ):
        print(
            f"{name}: n {score.n:,}, kept {score.kept:.4f}, forecast {score.forecast:.4f}, Brier "
            f"{score.brier:.5f}, baseline {score.baseline:.5f}, ratio {score.ratio:.4f}, learned in "
            f"{score.learned_seconds:.1f} s"
        )
        for b in score.bins:
            print(
                f"  {b.lower:.1f}-{b.upper:.1f}  n {b.came_true.n:>6,}  forecast {b.forecast:.3f}  "
                f"kept {b.came_true.value:.3f} [{b.came_true.low:.3f}, {b.came_true.high:.3f}]"
            )
        if asked.write:
            _draw(name, score)
    for confidence in SAFE:
        n, kept, ahead = safe_dates(asked.data, confidence)
        print(
            f"safe dates at {confidence:.0%}: {n:,} orders, delivered by it {kept:.4f}, "
            f"{ahead:.1f} days ahead in the mean"
        )


def _draw(name: str, score: Score) -> None:
    chart = reliability_chart(score.bins, "en", palette=LIGHT)
    path = IMAGES / f"outlook-{name}.svg"
    path.write_text(chart.svg + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
