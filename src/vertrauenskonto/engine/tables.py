"""Names and types of every table the engine reads or writes, and how numbers are written in SQL."""

import math
from collections.abc import Mapping

from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.policy import Parameters

# The canonical event table as people give it; only the first three columns are required.
EVENT_COLUMNS = (
    "account",
    "kind",
    "day",
    "id",
    "source",
    "recorded",
    "target",
    "contact",
    "points_willing",
    "points_able",
    "points_assessable",
    "reverses",
)
SUSPENSION_COLUMNS = ("account", "id", "from", "to", "recorded")
ACCOUNT_COLUMNS = ("account", "segment")

_OPINION_PARTS = ("belief", "disbelief", "uncertainty", "base_rate", "expected")

# The output of `score`, in order, with its type in DuckDB; points unless the name says otherwise.
OUTPUT_COLUMNS: Mapping[str, str] = {
    "account": "VARCHAR",
    "view": "VARCHAR",
    "segment": "VARCHAR",
    "as_of": "DATE",
    "known_at": "DATE",
    "policy": "VARCHAR",
    "balance": "DOUBLE",
    **{f"deposits_{d}": "DOUBLE" for d in DIMENSIONS},
    **{f"withdrawals_{d}": "DOUBLE" for d in DIMENSIONS},
    "silence": "DOUBLE",
    "silence_charges": "BIGINT",
    **{f"{part}_{d}": "DOUBLE" for d in DIMENSIONS for part in _OPINION_PARTS},
    **{f"joint_{part}": "DOUBLE" for part in (*_OPINION_PARTS, "lower_bound", "upper_bound")},
    "weakest_dimension": "VARCHAR",
    "weakest_expected": "DOUBLE",
    "weakest_reason": "VARCHAR",
    "weakest_lack_damage": "DOUBLE",
    "weakest_lack_ignorance": "DOUBLE",
    **{f"verdict_{d}": "VARCHAR" for d in DIMENSIONS},
    "verdict": "VARCHAR",
    "below_threshold": "BOOLEAN",
    "retained_if_leaves": "DOUBLE",
}
VELOCITY_COLUMN = "velocity_per_30_days"
RUNWAY_COLUMN = "runway_days"

# The relation `parameters` has one row per segment; '' is the row of the general rules.
PARAMETER_COLUMNS: Mapping[str, str] = {
    **{f"half_life_deposits_{d}": "DOUBLE" for d in DIMENSIONS},
    **{f"half_life_withdrawals_{d}": "DOUBLE" for d in DIMENSIONS},
    "grace_days": "INTEGER",
    "period_days": "INTEGER",
    "silence_points": "DOUBLE",
    "silence_half_life": "DOUBLE",
    "silence_ratio": "DOUBLE",
    "evidence_share": "DOUBLE",
    "points_per_evidence": "DOUBLE",
    "prior_weight": "DOUBLE",
    **{f"base_rate_{d}": "DOUBLE" for d in DIMENSIONS},
    "base_rate_joint": "DOUBLE",
    "threshold": "DOUBLE",
    "spillover": "DOUBLE",
    "velocity_days": "INTEGER",
    "yes_expected_min": "DOUBLE",
    "yes_uncertainty_max": "DOUBLE",
    "no_expected_below": "DOUBLE",
}

# Limits are compared with values rounded to 9 decimals, as whole billionths: ROUND differs between
# engines, FLOOR does not.
NANO = 1e9


def parameter_values(parameters: Parameters) -> dict[str, float | int | None]:
    """Return one row of the relation `parameters`; limits in billionths, half-lives in days."""
    silence, opinion, verdict = parameters.silence, parameters.opinion, parameters.verdict
    half_life = silence.half_life_days
    halves = parameters.half_life_days
    return {
        **{f"half_life_deposits_{d}": halves[d].deposits for d in DIMENSIONS},
        **{f"half_life_withdrawals_{d}": halves[d].withdrawals for d in DIMENSIONS},
        "grace_days": silence.grace_days,
        "period_days": silence.period_days,
        "silence_points": silence.points,
        "silence_half_life": half_life,
        "silence_ratio": None if half_life is None else _ratio(silence.period_days / half_life),
        "evidence_share": silence.evidence_share,
        "points_per_evidence": opinion.points_per_evidence,
        "prior_weight": opinion.prior_weight,
        **{f"base_rate_{d}": opinion.base_rate[d] for d in DIMENSIONS},
        "base_rate_joint": math.prod(opinion.base_rate[d] for d in DIMENSIONS),
        "threshold": _billionths(parameters.threshold),
        "spillover": parameters.spillover,
        "velocity_days": parameters.velocity_days,
        "yes_expected_min": _billionths(verdict.yes_expected_min),
        "yes_uncertainty_max": _billionths(verdict.yes_uncertainty_max),
        "no_expected_below": _billionths(verdict.no_expected_below),
    }


def number(value: float | None) -> str:
    """Return the number as a typed SQL constant: untyped ones become decimals on some engines."""
    if value is None:
        return "CAST(NULL AS DOUBLE)"
    if isinstance(value, int):
        return f"CAST({value} AS DOUBLE)"
    return f"CAST({value!r} AS DOUBLE)"


def text(value: str) -> str:
    """Return the text as a SQL constant."""
    quoted = value.replace("'", "''")
    return f"'{quoted}'"


def output_columns(*, velocity: bool = False, runway: bool = False) -> dict[str, str]:
    """Return names and types of the output, with the columns asked for."""
    columns = dict(OUTPUT_COLUMNS)
    if velocity:
        columns[VELOCITY_COLUMN] = "DOUBLE"
    if runway:
        columns[RUNWAY_COLUMN] = "INTEGER"
    return columns


def _ratio(half_lives: float) -> float:
    return 2.0**-half_lives if half_lives <= 1000 else 0.0


def _billionths(limit: float) -> float:
    """Return the limit in billionths; whole where the limit has at most nine decimals.

    0.7 * 1e9 need not be 700000000 exactly, but a value rounded to 0.7 must reach the limit 0.7.
    """
    exact = limit * NANO
    return float(round(exact)) if math.isclose(exact, round(exact), abs_tol=1e-4) else exact
