"""The SQL of the sums: decayed points and silence of every account (TA-1 11.3 to 11.5).

clock.py: event ---> ... ---> spaced ---> weighed ---> sums
slots.py: event ---> slots -------------> weighed ---> sums

`weighed` has points and charges of every event as they count today; `sums` adds them up per account
(and view).
"""

from collections.abc import Iterator

from vertrauenskonto.core.ledger.entries import ORGANISATION, TOTAL
from vertrauenskonto.engine.clock import RESTART, Step, carried, clock_steps
from vertrauenskonto.engine.shape import Shape
from vertrauenskonto.engine.slots import slot_steps
from vertrauenskonto.engine.weights import (
    POINT_SUMS,
    SILENCE_PARAMETERS,
    charges,
    point_units,
    silence_units,
)

# Whole numbers: points and silence (in charges) in units, charges, and whether honesty is breached.
SUMS = (*POINT_SUMS, "silence_units", "charges", "dishonest")


def sums_steps(shape: Shape, *, today: str, prefix: str = "") -> Iterator[Step]:
    """Yield the steps (name, SELECT) that end in `<prefix>sums`.

    Args:
        shape: what there is to read.
        today: the valuation day as SQL, in days since 1970-01-01; may name a column of `p`.
        prefix: put before every step's name, so that two valuations fit into one text.
    """
    weighed, targets = f"{prefix}weighed", f"{prefix}targets"
    if shape.slots:
        yield from slot_steps(shape, today=today, prefix=prefix)
    else:
        yield from clock_steps(shape, today=today, horizon=today, prefix=prefix)
        yield weighed, _weighed(shape, f"{prefix}spaced", today)
    if shape.persons:
        yield targets, _by(weighed, "account, target")
        yield f"{prefix}sums", "\nUNION ALL\n".join(_views(targets))
    else:
        also = ",\n  MAX(contact_day) AS contact_day" if shape.last_contact else ""
        yield f"{prefix}sums", _by(weighed, "account", also)


def _weighed(shape: Shape, spaced: str, today: str) -> str:
    """Return each row's points and charges as they count today, in whole units."""
    keys = "account, target" if shape.persons else "account"
    join = "\n    JOIN parameters p ON p.segment = s.segment" if shape.segments else ""
    parameters = [*SILENCE_PARAMETERS]
    if shape.segments:
        parameters += [f"half_life_{name}" for name in POINT_SUMS]
    kept = ", ".join(f"{shape.parameter(name)} AS {name}" for name in parameters)
    columns = ", ".join(f"s.{name}" for name in carried(shape))
    contact_day = ",\n  CASE WHEN live * contact = 1 THEN day END AS contact_day"
    points = ",\n  ".join(point_units(shape, live="live = 1"))
    # Where the clock does not restart, the silence is cut to less than any grace.
    return f"""SELECT {keys},
  {points},
  {silence_units()} AS silence_units,
  charges, {"honesty * live" if shape.honesty else "0"} AS dishonest{
        contact_day if shape.last_contact else ""
    }
FROM (
  SELECT *, {charges()} AS charges
  FROM (
    SELECT {columns}, {kept},
      {today} - s.day AS age,
      CASE WHEN s.clock <> {RESTART} THEN -1
        WHEN s.next_day <= {today} THEN s.next_day - 1 - s.day
        ELSE {today} - s.day END AS silent_days
    FROM {spaced} s{join}
  ) d
) w"""


def _by(source: str, keys: str, also: str = "") -> str:
    added = ",\n  ".join(f"SUM({name}) AS {name}" for name in SUMS[:-1])
    return f"""SELECT {keys},
  {added},
  MAX(dishonest) AS dishonest{also}
FROM {source}
GROUP BY {keys}"""


def _views(targets: str) -> Iterator[str]:
    every = ", ".join(f"SUM({name}) AS {name}" for name in SUMS[:-1])
    yield f"""SELECT account, '{TOTAL}' AS view, {every}, MAX(dishonest) AS dishonest
FROM {targets}
GROUP BY account"""
    ours = f"target = '{ORGANISATION}'"
    points = ", ".join(
        f"SUM(CASE WHEN {ours} THEN {name} ELSE 0 END) AS {name}" for name in POINT_SUMS
    )
    yield f"""SELECT account, '{ORGANISATION}' AS view, {points},
  SUM(silence_units) AS silence_units, SUM(charges) AS charges,
  MAX(CASE WHEN {ours} THEN dishonest ELSE 0 END) AS dishonest
FROM {targets}
GROUP BY account"""
    yield f"""SELECT account, target AS view, {", ".join(POINT_SUMS)},
  0 AS silence_units, 0 AS charges, dishonest
FROM {targets}
WHERE target <> '{ORGANISATION}'"""
