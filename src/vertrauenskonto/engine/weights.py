"""The SQL of weights: what is left of points and of silence charges today, in whole units."""

from vertrauenskonto.core.ledger.decay import HALF_LIVES_MAX
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.engine.shape import Shape
from vertrauenskonto.engine.tables import number

# Whole units to the point, so that the order in which threads add changes nothing and two runs give
# the same bytes. A power of ten, so that points with two decimals are exact. One posting is off by
# at most 0.5 units, 30,000 postings by 1.5e-10 points. The largest posting takes 1e17 of the
# 9.2e18 a BIGINT holds; sums must be wider (DuckDB: HUGEINT, PostgreSQL: numeric).
UNITS = 1e14
# A spell of silence in units of one charge; a longer series would not fit a BIGINT.
SERIES_MAX = 9e4

POINT_SUMS = (*(f"deposits_{d}" for d in DIMENSIONS), *(f"withdrawals_{d}" for d in DIMENSIONS))
# The parameters that `silence_units` and `charges` name as columns.
SILENCE_PARAMETERS = ("grace_days", "period_days", "silence_half_life", "silence_ratio")


def point_units(shape: Shape, *, live: str) -> list[str]:
    """Return the columns `POINT_SUMS` of a row, from `willing`, `able`, `assessable` and `age`.

    `live` is the condition that the row counts. With segments the half-lives are columns.
    """
    return [
        f"{_units(shape, d, sign, live)} AS {side}_{d}"
        for side, sign in (("deposits", ">"), ("withdrawals", "<"))
        for d in DIMENSIONS
    ]


def charges() -> str:
    """Return how many charges fell due in `silent_days` after a contact."""
    return """CASE WHEN silent_days >= grace_days
    THEN CAST(FLOOR(CAST(silent_days - grace_days AS DOUBLE) / period_days) AS INTEGER) + 1
    ELSE 0 END"""


def silence_units() -> str:
    """Return the decayed `charges` of one spell, in charges: a geometric series in closed form."""
    share = weight(last_charge_age(), "silence_half_life")
    return (
        "CASE WHEN charges > 0 AND silence_half_life IS NOT NULL "
        f"THEN {whole(f'{share} * {series()}')} "
        "ELSE CAST(0 AS BIGINT) END"
    )


def last_charge_age(row: str = "") -> str:
    """Return how many days ago the last of the `charges` fell due; `row`: alias and dot, if any."""
    return f"({row}age - {row}grace_days - ({row}charges - 1) * {row}period_days)"


def series() -> str:
    """Return what all `charges` are worth when the last falls due, in charges."""
    span = "(charges * period_days)"
    return f"((1 - {weight(span, 'silence_half_life')}) / (1 - silence_ratio))"


def _units(shape: Shape, dimension: str, sign: str, live: str) -> str:
    side = "deposits" if sign == ">" else "withdrawals"
    name = f"half_life_{side}_{dimension}"
    half_life = name if shape.segments else shape.parameter(name)
    share = "CAST(1 AS DOUBLE)" if shape.is_never(name) else weight("age", half_life)
    if shape.segments:
        share = f"CASE WHEN {name} IS NULL THEN CAST(1 AS DOUBLE) ELSE {share} END"
    face = dimension if sign == ">" else f"-{dimension}"
    return (
        f"CASE WHEN {live} AND {dimension} {sign} 0 THEN {whole(f'{face} * {share}')} "
        "ELSE CAST(0 AS BIGINT) END"
    )


def weight(age: str, half_life: str) -> str:
    """Return what is left after `age` >= 0 days, as `core.ledger.decay.weight` says."""
    return (
        f"CASE WHEN {age} / {half_life} > {HALF_LIVES_MAX} THEN CAST(0 AS DOUBLE) "
        f"ELSE POWER(CAST(2 AS DOUBLE), -({age} / {half_life})) END"
    )


def whole(points: str) -> str:
    """Return points as whole units."""
    return f"CAST(FLOOR({points} * {number(UNITS)} + CAST(0.5 AS DOUBLE)) AS BIGINT)"
