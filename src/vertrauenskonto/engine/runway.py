"""Run-ways of many accounts: in how many days each falls below the threshold if nothing happens.

Sums age as one posting, and so do the charges of silences that are over. Only a silence that still
runs grows; its charges on each day to come have a closed form. So a day of one account costs a few
multiplications, and an account is left alone once its day is found. DuckDB only.
"""

import duckdb

from vertrauenskonto.core.ledger.balance import RUNWAY_DAYS_MAX
from vertrauenskonto.core.ledger.entries import DIMENSIONS, TOTAL
from vertrauenskonto.engine.clock import RESTART, Step, clock_steps
from vertrauenskonto.engine.judging import balance_sql
from vertrauenskonto.engine.scoring import joined
from vertrauenskonto.engine.shape import Shape
from vertrauenskonto.engine.tables import NANO
from vertrauenskonto.engine.weights import POINT_SUMS

# Days looked at in one go, before accounts whose day is found are set aside.
_BLOCKS = ((0, 1), (1, 31), (31, 91), (91, 211), (211, 451), (451, RUNWAY_DAYS_MAX + 1))


def create_runway(connection: duckdb.DuckDBPyConnection, shape: Shape) -> None:
    """Create the relation `runway`: account, days (no row where 730 days do not suffice).

    Reads the relations of the scoring text and the table `sums`.
    """
    connection.execute(f"CREATE OR REPLACE TEMPORARY TABLE spell AS {_spells(shape)}")
    connection.execute(f"CREATE OR REPLACE TEMPORARY TABLE aging AS {_aging()}")
    connection.execute(f"CREATE OR REPLACE TEMPORARY TABLE ahead AS {_ahead(shape)}")
    connection.execute(f"CREATE OR REPLACE TEMPORARY TABLE more AS {_more(shape)}")
    empty = "SELECT account, CAST(0 AS INTEGER) AS days FROM ahead LIMIT 0"
    connection.execute(f"CREATE OR REPLACE TEMPORARY TABLE runway AS {empty}")
    for first, end in _BLOCKS:
        connection.execute(f"INSERT INTO runway {_found(shape, first, end)}")
        connection.execute("DELETE FROM ahead WHERE account IN (SELECT account FROM runway)")
    for table in ("spell", "aging", "ahead", "more"):
        connection.execute(f"DROP TABLE {table}")


def _spells(shape: Shape) -> str:
    """Silences with charges to come: since when, and until when at most.

    `nth` numbers them per account: without suspensions there is one at most.
    """
    asked = shape.total_only()
    horizon = shape.as_of + RUNWAY_DAYS_MAX
    end = f"CASE WHEN next_day <= {horizon} THEN next_day ELSE {horizon + 1} END"
    last: Step = (
        "spell",
        f"""SELECT account, day AS since, {end} - 1 AS until,
  ROW_NUMBER() OVER (PARTITION BY account ORDER BY day DESC) AS nth
FROM ahead_spaced
WHERE clock = {RESTART} AND {end} > {shape.as_of + 1}""",
    )
    steps = clock_steps(asked, today=str(shape.as_of), horizon=str(horizon), prefix="ahead_")
    return joined([*steps, last])


def _aging() -> str:
    """What is left of each sum after `days` days, per segment."""
    names = [*(f"half_life_{name}" for name in POINT_SUMS), "silence_half_life"]
    left = ",\n  ".join(
        f"CASE WHEN p.{name} IS NULL THEN 1 WHEN n.days / p.{name} > 1000 THEN 0 "
        f"ELSE POWER(CAST(2 AS DOUBLE), -(n.days / p.{name})) END AS left_{name}"
        for name in names
    )
    return f"""SELECT p.segment, CAST(n.days AS INTEGER) AS days,
  {left}
FROM parameters p, range({RUNWAY_DAYS_MAX + 1}) n(days)"""


def _ahead(shape: Shape) -> str:
    """Every account with its sums today, and the silence that still runs taken out of `closed`."""
    asked = shape.total_only()
    source = f"(SELECT * FROM sums WHERE view = '{TOTAL}')" if shape.persons else "sums"
    today = _silence(f"LEAST(s.until, {shape.as_of}) - s.since", f"{shape.as_of} - s.since")
    return f"""WITH valued AS ({balance_sql(asked, source)}),
running AS (
  SELECT v.account, SUM({today}) AS silence
  FROM spell s JOIN valued v ON v.account = s.account JOIN parameters p ON p.segment = v.segment
  GROUP BY v.account
)
SELECT v.account, v.segment, {", ".join(f"v.{name}" for name in POINT_SUMS)},
  v.silence - COALESCE(r.silence, 0) AS closed, s.since, s.until
FROM valued v
LEFT JOIN running r ON r.account = v.account
LEFT JOIN spell s ON s.account = v.account AND s.nth = 1"""


def _more(shape: Shape) -> str:
    """The charges of further silences to come, on each day: suspensions restart the clock."""
    day = f"{shape.as_of} + n.days"
    charged = _silence(f"LEAST(s.until, {day}) - s.since", f"{day} - s.since")
    return f"""SELECT s.account, n.days, SUM({charged}) AS silence
FROM spell s
JOIN ahead a ON a.account = s.account
JOIN parameters p ON p.segment = a.segment
JOIN aging n ON n.segment = a.segment
WHERE s.nth > 1
GROUP BY s.account, n.days"""


def _found(shape: Shape, first: int, end: int) -> str:
    """The accounts that fall below within a block of days, each with its first such day."""
    points = " + ".join(
        f"(a.deposits_{d} * n.left_half_life_deposits_{d} "
        f"- a.withdrawals_{d} * n.left_half_life_withdrawals_{d})"
        for d in DIMENSIONS
    )
    day = f"{shape.as_of} + n.days"
    running = _silence(f"LEAST(a.until, {day}) - a.since", f"{day} - a.since")
    more, joins = "", ""
    if shape.suspensions:
        more = " - COALESCE(m.silence, 0)"
        joins = "\nLEFT JOIN more m ON m.account = a.account AND m.days = n.days"
    balance = f"{points} - a.closed * n.left_silence_half_life - {running}{more}"
    return f"""SELECT a.account, MIN(n.days) AS days
FROM ahead a
JOIN aging n ON n.segment = a.segment
JOIN parameters p ON p.segment = a.segment{joins}
WHERE n.days >= {first} AND n.days < {end}
  AND FLOOR(({balance}) * {NANO} + 0.5) < p.threshold
GROUP BY a.account"""


def _silence(silent_days: str, age: str) -> str:
    """The decayed points of one silence: `silent_days` long so far, begun `age` days ago."""
    charges = f"((({silent_days}) - p.grace_days) // p.period_days + 1)"
    last = f"({age} - p.grace_days - ({charges} - 1) * p.period_days)"
    fading = (
        f"POWER(CAST(2 AS DOUBLE), -({last} / p.silence_half_life)) "
        f"* (1 - POWER(CAST(2 AS DOUBLE), -({charges} * p.period_days / p.silence_half_life))) "
        "/ (1 - p.silence_ratio)"
    )
    return (
        f"p.silence_points * CASE WHEN ({silent_days}) >= p.grace_days THEN "
        f"CASE WHEN p.silence_half_life IS NULL THEN {charges} ELSE {fading} END ELSE 0 END"
    )
