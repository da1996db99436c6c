"""The scoring text: what `core.ledger.balance` says about one account, said in SQL about all.

The text is written in DuckDB's dialect and stays inside what PostgreSQL and Spark can also say
(no lists, lambdas, macros or QUALIFY; explicit casts), so one definition runs on every engine.
Nothing executes here. It reads these relations, which each engine prepares from its input:

    event            one row per usable event: account, day, kind; as the shape says also id,
                     recorded, target, contact, willing, able, assessable, reverses. Days are whole
                     numbers since 1970-01-01; what is NULL in contact and points is the kind's
    kind             segment, kind, valid_from, valid_until (days, the latter exclusive), willing,
                     able, assessable, contact, honesty; ordinal (only with slots)
    calendar         day: every day from the first event to the last, and to the valuation day (only
                     with slots)
    parameters       segment and `tables.PARAMETER_COLUMNS` (only with segments)
    suspension       account, id, starts, ends (a far day when open), recorded (only with them)
    account_segment  account, segment (only with accounts or segments)
    runway           account, days (only with run-way)
"""

from collections.abc import Container, Iterable

from vertrauenskonto.engine.clock import Step
from vertrauenskonto.engine.judging import balance_sql, score_steps
from vertrauenskonto.engine.shape import Shape
from vertrauenskonto.engine.slots import lookup_steps
from vertrauenskonto.engine.sums import sums_steps


def scoring_sql(shape: Shape, *, given: Container[str] = ()) -> str:
    """Return one SELECT with the whole output, in no particular order.

    `given` names steps that exist as tables and are left out of the text.
    """
    steps = [*sums_steps(shape, today=str(shape.as_of))]
    if shape.velocity:
        steps += _before_steps(shape)
    return joined([*steps, *score_steps(shape)], given=given)


def sums_sql(shape: Shape, *, given: Container[str] = ()) -> str:
    """Return one SELECT with the sums of every account, in whole units.

    `given` names steps that exist as tables and are left out of the text.
    """
    return joined(sums_steps(shape, today=str(shape.as_of)), given=given)


def balances_sql(shape: Shape) -> str:
    """Return one SELECT with the total balance of every account, by its columns of that name."""
    total = shape.total_only()
    steps = [*sums_steps(total, today=str(total.as_of), prefix="before_")]
    balance = balance_sql(total, "before_sums")
    return joined([*steps, ("before", f"SELECT account, balance\nFROM (\n{balance}\n) total")])


def valued_sql(shape: Shape, *, given: Container[str] = ()) -> str:
    """Return one SELECT with points and balances, all that the output is made of row by row."""
    steps = [*sums_steps(shape, today=str(shape.as_of)), *score_steps(shape)]
    names = [name for name, _ in steps]
    return joined(steps[: names.index("valued") + 1], given=given)


def scores_sql(shape: Shape) -> str:
    """Return one SELECT that makes the output of a table `valued`, in its order. DuckDB only."""
    return joined(score_steps(shape, native=True), given=("balanced", "valued"))


def before_sql(shape: Shape, *, given: Container[str] = ()) -> str:
    """Return one SELECT with the total balance one velocity window before the valuation day."""
    return joined(_before_steps(shape), given=given)


def lookup_tables(shape: Shape) -> list[Step]:
    """Return the steps that say what a slot or a charge is worth; none without slots.

    An engine may keep them as tables: joining a table by a dense whole number is fast.
    """
    if not shape.slots:
        return []
    steps = [*lookup_steps(shape, today=str(shape.as_of))]
    if shape.velocity:
        earlier = shape.total_only()
        steps += lookup_steps(earlier, today=_window_start(shape), prefix="before_")
    return steps


def joined(steps: Iterable[Step], *, given: Container[str] = ()) -> str:
    """Return the steps as one SELECT, the last one being what is selected."""
    *named, (_, last) = steps
    listed = ",\n".join(f"{name} AS (\n{select}\n)" for name, select in named if name not in given)
    return f"WITH {listed}\n{last}" if listed else last


def _before_steps(shape: Shape) -> list[Step]:
    """Return the steps that end in `before`: account and balance."""
    earlier = shape.total_only()
    steps = [*sums_steps(earlier, today=_window_start(shape), prefix="before_")]
    balance = balance_sql(earlier, "before_sums")
    return [*steps, ("before", f"SELECT account, balance\nFROM (\n{balance}\n) earlier")]


def _window_start(shape: Shape) -> str:
    return f"({shape.as_of} - {shape.parameter('velocity_days')})"
