"""The SQL that judges sums: balance, opinions, weakest, verdicts (TA-1 11.5, 11.6, 11.12)."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import get_args

from vertrauenskonto.core.ledger.entries import DIMENSIONS, ORGANISATION, TOTAL
from vertrauenskonto.core.ledger.opinions import Reason, Verdict
from vertrauenskonto.engine.clock import Step
from vertrauenskonto.engine.shape import HIDDEN, PERSONS, VIEWS, Shape
from vertrauenskonto.engine.tables import NANO, RUNWAY_COLUMN, VELOCITY_COLUMN, number, text
from vertrauenskonto.engine.weights import POINT_SUMS, UNITS

# What is reported of the weakest precondition, and the column it comes from.
_WEAKEST = (
    ("expected", "expected"),
    ("lack_damage", "disbelief"),
    ("lack_ignorance", "ignorance"),
)
_VOCABULARIES = (DIMENSIONS, get_args(Verdict), get_args(Reason))
_PARTS = ("belief", "disbelief", "uncertainty", "base_rate", "expected")


def balance_sql(shape: Shape, source: str) -> str:
    """Return the SELECT of points and balance, from sums in whole units.

    Without parameters of their own for segments the column `segment` is empty.
    """
    keys = ["s.account"] + (["s.view"] if shape.persons else [])
    if shape.last_contact:
        keys.append("s.contact_day AS last_contact")
    points = [f"CAST(s.{name} AS DOUBLE) / {number(UNITS)} AS {name}" for name in POINT_SUMS]
    points_of_charge = shape.parameter("silence_points")
    never = f"{points_of_charge} * CAST(s.charges AS DOUBLE)"
    fading = f"{points_of_charge} * (CAST(s.silence_units AS DOUBLE) / {number(UNITS)})"
    if shape.segments:
        silence = f"CASE WHEN p.silence_half_life IS NULL THEN {never} ELSE {fading} END"
    else:
        silence = never if shape.is_never("silence_half_life") else fading
    joins, segment = "", "''"
    if shape.segments:
        segment = "COALESCE(a.segment, '')"
        joins = """
LEFT JOIN account_segment a ON a.account = s.account
JOIN parameters p ON p.segment = COALESCE(a.segment, '')"""
    added = " + ".join(f"(deposits_{d} - withdrawals_{d})" for d in DIMENSIONS)
    return f"""SELECT *, {added} - silence AS balance
FROM (
  SELECT {", ".join(keys)}, {segment} AS segment,
    {(", " + chr(10) + "    ").join(points)},
    {silence} AS silence,
    CAST(s.charges AS BIGINT) AS silence_charges, s.dishonest
  FROM {source} s{joins}
) points"""


def score_steps(shape: Shape, *, native: bool = False) -> Iterator[Step]:
    """Yield the steps from `sums` to `scored`, which has the output's columns.

    Reads `before` (account, balance) with velocity, and the relation `runway` with run-way. All
    joins lie in `valued`; what comes after it looks at one row at a time. `native`: for DuckDB only,
    which then keeps the order of the rows, and holds words of a closed vocabulary as an ENUM (one
    byte instead of sixteen).
    """
    yield "balanced", balance_sql(shape, "sums")
    yield "valued", _valued(shape)
    yield "evident", _evident(shape)
    yield "judged", _judged()
    yield "compared", _compared()
    yield "decided", _decided(shape, native=native)
    yield "reasoned", _reasoned(shape, native=native)
    if not shape.persons:
        yield "viewed", _viewed(shape, native=native)
    yield "scored", _scored(shape)


def _valued(shape: Shape) -> str:
    columns, joins = ["v.*"], ""
    if shape.velocity:
        columns.append("b.balance AS before_balance")
        joins += "\nJOIN before b ON b.account = v.account"
    if shape.runway:
        columns.append("w.days AS runway_days")
        joins += "\nLEFT JOIN runway w ON w.account = v.account"
    if shape.persons:
        columns.append("t.balance AS total_balance")
        joins += f"\nJOIN balanced t ON t.account = v.account AND t.view = '{TOTAL}'"
    return f"SELECT {', '.join(columns)}\nFROM balanced v{joins}{_wanted(shape)}"


def _parameters(shape: Shape, names: list[str]) -> tuple[str, str]:
    """Return the parameters as columns, and the join that they need."""
    listed = ", ".join(f"{shape.parameter(name)} AS {name}" for name in names)
    join = "\nJOIN parameters p ON p.segment = v.segment" if shape.segments else ""
    return listed, join


def _evident(shape: Shape) -> str:
    """Units of evidence for and against each precondition."""
    names = ["prior_weight", *(f"base_rate_{d}" for d in DIMENSIONS), "base_rate_joint"]
    names += ["threshold", "spillover", "yes_expected_min"]
    names += ["yes_uncertainty_max", "no_expected_below"]
    if shape.velocity:
        names.append("velocity_days")
    listed, join = _parameters(shape, names)
    unit = shape.parameter("points_per_evidence")
    share = shape.parameter("evidence_share")
    against = {d: f"v.withdrawals_{d}" for d in DIMENSIONS}
    against["assessable"] = f"(v.withdrawals_assessable + {share} * v.silence)"
    evidence = [f"v.deposits_{d} / {unit} AS r_{d}" for d in DIMENSIONS]
    evidence += [f"{against[d]} / {unit} AS s_{d}" for d in DIMENSIONS]
    return f"""SELECT v.*,
  {(", " + chr(10) + "  ").join(evidence)},
  {listed}
FROM valued v{join}"""


def _judged() -> str:
    """Opinions per precondition and the joint one."""
    single = []
    for d in DIMENSIONS:
        mass = f"(r_{d} + s_{d} + prior_weight)"
        single += [
            f"r_{d} / {mass} AS belief_{d}",
            f"s_{d} / {mass} AS disbelief_{d}",
            f"prior_weight / {mass} AS uncertainty_{d}",
            f"(r_{d} + base_rate_{d} * prior_weight) / {mass} AS expected_{d}",
        ]
    doubt = " * ".join(f"(1 - disbelief_{d})" for d in DIMENSIONS)
    expected = [f"expected_{d}" for d in DIMENSIONS]
    return f"""SELECT *, 1 - joint_disbelief - joint_uncertainty AS joint_belief
FROM (
  SELECT *,
    (1 - joint_disbelief - joint_expected) / (1 - base_rate_joint) AS joint_uncertainty
  FROM (
    SELECT *,
      1 - {doubt} AS joint_disbelief,
      {" * ".join(expected)} AS joint_expected,
      GREATEST({" + ".join(expected)} - 2, CAST(0 AS DOUBLE)) AS joint_lower_bound,
      LEAST({", ".join(expected)}) AS joint_upper_bound
    FROM (
      SELECT *,
        {(", " + chr(10) + "        ").join(single)}
      FROM evident
    ) o
  ) j
) u"""


def _compared() -> str:
    """Everything that is compared, in whole billionths, so that noise decides nothing."""
    columns = []
    for d in DIMENSIONS:
        lack = f"(1 - base_rate_{d}) * uncertainty_{d}"
        columns += [
            f"{lack} AS ignorance_{d}",
            f"{_nano(f'expected_{d}')} AS expected_nano_{d}",
            f"{_nano(f'uncertainty_{d}')} AS uncertainty_nano_{d}",
            f"{_nano(f'disbelief_{d}')} > {_nano(lack)} AS damaged_{d}",
        ]
    return f"""SELECT *,
  {(", " + chr(10) + "  ").join(columns)}
FROM judged"""


def _decided(shape: Shape, *, native: bool) -> str:
    """The weakest precondition and the verdict on each."""
    word = _native_word if native else text
    willing, able, assessable = (f"expected_nano_{d}" for d in DIMENSIONS)
    weakest = f"""CASE
    WHEN {willing} <= {able} AND {willing} <= {assessable} THEN {word("willing")}
    WHEN {able} <= {assessable} THEN {word("able")}
    ELSE {word("assessable")} END"""
    verdicts = []
    for d in DIMENSIONS:
        dishonest = (
            f"WHEN dishonest = 1 THEN {word('no')} " if d == "willing" and shape.honesty else ""
        )
        verdicts.append(
            f"CASE {dishonest}WHEN expected_nano_{d} >= yes_expected_min "
            f"AND uncertainty_nano_{d} <= yes_uncertainty_max THEN {word('yes')} "
            f"WHEN expected_nano_{d} < no_expected_below AND damaged_{d} THEN {word('no')} "
            f"ELSE {word('unknown')} END AS verdict_{d}"
        )
    return f"""SELECT *,
  {weakest} AS weakest_dimension,
  {(", " + chr(10) + "  ").join(verdicts)}
FROM compared"""


def _reasoned(shape: Shape, *, native: bool) -> str:
    """Everything that is the same in each view without persons."""
    word = _native_word if native else text
    weakest = [f"{_of_weakest(column)} AS weakest_{name}" for name, column in _WEAKEST]
    reason = (
        f"CASE WHEN {_of_weakest('damaged')} THEN {word('damaged')} ELSE {word('unproven')} END"
    )
    columns = [
        *weakest,
        f"{reason} AS weakest_reason",
        f"{_overall(word)} AS verdict",
        f"{_nano('d.balance')} < d.threshold AS below",
    ]
    if shape.velocity:
        columns.append("(d.balance - d.before_balance) / d.velocity_days * 30 AS velocity")
    listed = ",\n  ".join(columns)
    return f"SELECT d.*,\n  {listed}\nFROM decided d"


def _viewed(shape: Shape, *, native: bool) -> str:
    """One row per account and view; views differ in what only the total has."""
    views = [view for view in (ORGANISATION, TOTAL) if view in shape.views]
    if native:
        listed = ", ".join(f"'{view}'" for view in views)
        return f"SELECT d.*, UNNEST([{listed}]) AS view\nFROM reasoned d"
    rows = " UNION ALL ".join(f"SELECT '{view}' AS view" for view in views)
    return f"SELECT d.*, v.view\nFROM reasoned d\nCROSS JOIN ({rows}) v"


def _scored(shape: Shape) -> str:
    total = f"view = '{TOTAL}'"
    columns = ["account", "view", "segment", *_constants(shape), "balance"]
    columns += [*POINT_SUMS, "silence", "silence_charges"]
    columns += [f"{part}_{d}" for d in DIMENSIONS for part in _PARTS]
    columns += [f"joint_{part}" for part in ("belief", "disbelief", "uncertainty")]
    columns.append("base_rate_joint AS joint_base_rate")
    columns += [f"joint_{part}" for part in ("expected", "lower_bound", "upper_bound")]
    columns += ["weakest_dimension", "weakest_expected", "weakest_reason"]
    columns += ["weakest_lack_damage", "weakest_lack_ignorance"]
    columns += [*(f"verdict_{d}" for d in DIMENSIONS), "verdict"]
    columns.append(f"CASE WHEN {total} THEN below END AS below_threshold")
    retained = "CAST(NULL AS DOUBLE)"
    if shape.persons:
        retained = f"""CASE WHEN view NOT IN ('{TOTAL}', '{ORGANISATION}')
    THEN total_balance - (1 - spillover) * balance END"""
    columns.append(f"{retained} AS retained_if_leaves")
    if shape.velocity:
        columns.append(f"CASE WHEN {total} THEN velocity END AS {VELOCITY_COLUMN}")
    if shape.runway:
        columns.append(f"CASE WHEN {total} THEN runway_days END AS {RUNWAY_COLUMN}")
    if shape.last_contact:
        columns.append("last_contact")
    listed = ",\n  ".join(columns)
    return f"SELECT {listed}\nFROM {'reasoned' if shape.persons else 'viewed'}"


def _constants(shape: Shape) -> list[str]:
    """The columns that are the same in every row."""
    known_at = "CAST(NULL AS DATE)" if shape.known_at is None else _date(shape.known_at)
    return [
        f"{_date(shape.as_of)} AS as_of",
        f"{known_at} AS known_at",
        f"{text(shape.policy)} AS policy",
    ]


def _of_weakest(column: str) -> str:
    """Return the value that `column` has for the weakest precondition."""
    branches = " ".join(f"WHEN '{d}' THEN d.{column}_{d}" for d in DIMENSIONS[:-1])
    return f"CASE d.weakest_dimension {branches} ELSE d.{column}_{DIMENSIONS[-1]} END"


def _overall(word: Callable[[str], str]) -> str:
    no = " OR ".join(f"d.verdict_{d} = 'no'" for d in DIMENSIONS)
    yes = " AND ".join(f"d.verdict_{d} = 'yes'" for d in DIMENSIONS)
    return (
        f"CASE WHEN {no} THEN {word('no')} WHEN {yes} THEN {word('yes')} ELSE {word('unknown')} END"
    )


def _native_word(value: str) -> str:
    """Return a word of a closed vocabulary as DuckDB's ENUM."""
    vocabulary = next(words for words in _VOCABULARIES if value in words)
    return f"CAST({text(value)} AS ENUM({', '.join(text(word) for word in vocabulary)}))"


def _wanted(shape: Shape) -> str:
    if not shape.persons:
        return ""
    conditions = [f"v.view <> '{HIDDEN}'"] if shape.hides else []
    if set(shape.views) != set(VIEWS):
        named = [f"v.view = '{view}'" for view in shape.views if view != PERSONS]
        if PERSONS in shape.views:
            named.append(f"v.view NOT IN ('{TOTAL}', '{ORGANISATION}')")
        listed = " OR ".join(named)
        conditions.append(f"({listed})" if shape.hides else listed)
    return f"\nWHERE {' AND '.join(conditions)}" if conditions else ""


def _nano(value: str) -> str:
    return f"FLOOR({value} * {number(NANO)} + CAST(0.5 AS DOUBLE))"


def _date(day: int) -> str:
    return f"CAST('{date(1970, 1, 1) + timedelta(days=day)}' AS DATE)"
