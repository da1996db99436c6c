"""Events as a relation: types, defaults, and what cannot be used by the rules of the core's checks.

    source --> typed --> left_out      rows that cannot be used, each with why
                 |          |
                 +----------+--> event     what the scoring text reads

A profile of the source, made in one pass, says what there is; the rest is neither checked nor read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

from vertrauenskonto.core.ledger.entries import DIMENSIONS, ORGANISATION, PERSON_PREFIX, POINTS_MAX
from vertrauenskonto.engine.columns import Columns, no_day
from vertrauenskonto.engine.connection import DamagedFile
from vertrauenskonto.engine.relations import Database
from vertrauenskonto.engine.rules import ALWAYS, EPOCH, Rules
from vertrauenskonto.engine.sources import Source, require_columns
from vertrauenskonto.engine.tables import EVENT_COLUMNS, text

_REQUIRED = ("account", "kind", "day")
_NO_ACCOUNT = "account IS NULL OR account = ''"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rule: rows of `typed` for which `condition` holds cannot be used.

    `field` is the column that the problem names, `value` the SQL of the text that it quotes.
    """

    code: str
    field: str
    condition: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a source of events has. Days are days since 1970-01-01.

    `uses` names the optional columns that say something: a NULL or a default says nothing.
    """

    rows: int
    kinds: tuple[str | None, ...]
    first_day: int
    last_day: int
    last_recorded: int
    failing: Mapping[str, int]
    uses: frozenset[str]
    has_non_contacts: bool


def create_typed(connection: Database, source: Source) -> None:
    """Create the view `typed`: all rows of the source with canonical columns and types.

    Raises:
        Invalid: a required column is missing.
    """
    require_columns(source, _REQUIRED, EVENT_COLUMNS)
    columns = Columns(source)
    recorded = columns.day("day")
    if "recorded" in columns:
        recorded = f"COALESCE({columns.day('recorded')}, {recorded})"
    listed = {
        "line": source.line,
        # Not made NULL when empty: a bare column can be skipped by a file's own statistics.
        "account": columns.raw("account"),
        "kind": columns.text("kind"),
        "day": columns.day("day"),
        "id": columns.text("id"),
        "source": columns.text("source"),
        "recorded": recorded,
        "recorded_given": columns.day("recorded"),
        "target": f"COALESCE({columns.text('target')}, '{ORGANISATION}')",
        "contact": columns.flag("contact"),
        **{d: columns.points(d) for d in DIMENSIONS},
        "reverses": columns.text("reverses"),
        "raw_day": columns.raw("day"),
        "raw_recorded": columns.raw("recorded"),
        "raw_contact": columns.raw("contact"),
        **{f"raw_{d}": columns.raw(f"points_{d}") for d in DIMENSIONS},
    }
    selected = ",\n  ".join(f"{sql} AS {name}" for name, sql in listed.items())
    connection.execute(
        f"CREATE OR REPLACE TEMPORARY VIEW typed AS SELECT {selected}\nFROM {source.sql}"
    )
    connection.execute(
        "CREATE OR REPLACE TEMPORARY TABLE left_out "
        "(line BIGINT, code VARCHAR, field VARCHAR, value VARCHAR, other VARCHAR)"
    )


def profile_of(connection: Database, source: Source, checks: tuple[Check, ...]) -> Profile:
    """Return what `typed` has, and how many rows fail each check, in one pass.

    Raises:
        Invalid: the file is damaged.
    """
    uses = {name: condition for name, condition in _uses() if _column(name) in source.columns}
    grouped = [check for check in checks if check.condition != _NO_ACCOUNT]
    counted = [*(check.condition for check in grouped), *uses.values()]
    if "contact" in uses:
        counted.append("contact = FALSE")
    sums = "".join(f", COUNT(*) FILTER ({condition})" for condition in counted)
    try:
        groups = connection.execute(
            f"SELECT kind, COUNT(*), MIN(day), MAX(day), MAX(recorded){sums} FROM typed GROUP BY kind"
        ).fetchall()
        # By itself: it would read every name, while a file's statistics mostly say there is none.
        nameless = connection.execute(f"SELECT COUNT(*) FROM typed WHERE {_NO_ACCOUNT}").fetchall()
    except duckdb.Error as error:
        raise DamagedFile(error, source.name) from error
    counts = [sum(column) for column in zip(*(group[5:] for group in groups), strict=True)]
    counts = counts or [0] * len(counted)
    failing = dict.fromkeys((check.code for check in checks), 0)
    failing["account"] = nameless[0][0]
    for check, count in zip(grouped, counts, strict=False):
        failing[check.code] += count
    used = dict(zip(uses, counts[len(grouped) :], strict=False))
    return Profile(
        rows=sum(group[1] for group in groups),
        kinds=tuple(group[0] for group in groups),
        first_day=min((group[2] for group in groups if group[2] is not None), default=0),
        last_day=max((group[3] for group in groups if group[3] is not None), default=0),
        last_recorded=max((group[4] for group in groups if group[4] is not None), default=0),
        failing=failing,
        uses=frozenset(name for name, count in used.items() if count),
        has_non_contacts="contact" in uses and counts[-1] > 0,
    )


def row_checks(source: Source, *, today: date | None) -> tuple[Check, ...]:
    """Return the rules that look at one row, as far as the source has the columns."""
    has = source.columns
    checks = [
        Check(code="account", field="account", condition=_NO_ACCOUNT, value="''"),
        Check(code="day", field="day", condition=no_day("day"), value="raw_day"),
    ]
    is_kind_missing = "kind IS NULL" + (" AND reverses IS NULL" if "reverses" in has else "")
    checks.append(Check(code="kind", field="kind", condition=is_kind_missing, value="''"))
    if "recorded" in has:
        is_no_day = f"NULLIF(raw_recorded, '') IS NOT NULL AND {no_day('recorded_given')}"
        checks.append(
            Check(code="day", field="recorded", condition=is_no_day, value="raw_recorded")
        )
    if today is not None:
        later = f"recorded > {today.toordinal() - EPOCH}"
        shown = "COALESCE(raw_recorded, raw_day)"
        checks.append(
            Check(code="recorded_in_future", field="recorded", condition=later, value=shown)
        )
    if "target" in has:
        person = f"starts_with(target, '{PERSON_PREFIX}') AND target <> '{PERSON_PREFIX}'"
        wrong = f"target <> '{ORGANISATION}' AND NOT ({person})"
        checks.append(Check(code="target", field="target", condition=wrong, value="target"))
    if "contact" in has:
        wrong = "NULLIF(raw_contact, '') IS NOT NULL AND contact IS NULL"
        checks.append(Check(code="contact", field="contact", condition=wrong, value="raw_contact"))
    given = [d for d in DIMENSIONS if f"points_{d}" in has]
    checks += [
        Check(code="points", field=f"points_{d}", condition=_wrong_points(d), value=f"raw_{d}")
        for d in given
    ]
    if "reverses" in has and given:
        any_points = " OR ".join(f"COALESCE({d}, 0) <> 0" for d in given)
        condition = f"reverses IS NOT NULL AND ({any_points})"
        checks.append(
            Check(code="reversal_with_points", field="reverses", condition=condition, value="id")
        )
    return tuple(checks)


def leave_out(
    connection: Database, checks: tuple[Check, ...], profile: Profile, rules: Rules
) -> int:
    """Fill `left_out` with all rows that cannot be used; return how many rows those are."""
    for check in checks:
        if profile.failing[check.code]:
            connection.execute(
                f"INSERT INTO left_out SELECT line, {text(check.code)}, {text(check.field)}, "
                f"{check.value}, NULL FROM typed WHERE {check.condition}"
            )
    if not _always_known(rules).issuperset(k for k in profile.kinds if k is not None):
        connection.execute(_UNKNOWN_KINDS)
    if "id" in profile.uses and _has_duplicates(connection):
        connection.execute(_DUPLICATES)
    if "reverses" in profile.uses:
        connection.execute(_REVERSALS)
    (rows,) = connection.execute("SELECT COUNT(DISTINCT line) FROM left_out").fetchall()[0]
    return int(rows)


def create_event(connection: Database, *, complete: bool) -> None:
    """Create the view `event`: the usable rows of `typed`; all of them when `complete`."""
    usable = "" if complete else "\nWHERE line NOT IN (SELECT line FROM left_out)"
    columns = ", ".join(_EVENT)
    connection.execute(
        f"CREATE OR REPLACE TEMPORARY VIEW event AS SELECT {columns}\nFROM typed{usable}"
    )


_EVENT = ("account", "day", "kind", "id", "recorded", "target", "contact", *DIMENSIONS, "reverses")


def _column(use: str) -> str:
    return f"points_{use}" if use in DIMENSIONS else use


def _uses() -> Iterator[tuple[str, str]]:
    """Yield the optional columns, and when they say something."""
    yield "id", "id IS NOT NULL"
    yield "recorded", "recorded <> day"
    yield "target", f"target <> '{ORGANISATION}'"
    yield "contact", "contact IS NOT NULL"
    yield "reverses", "reverses IS NOT NULL"
    for d in DIMENSIONS:
        yield d, f"{d} IS NOT NULL"


def _wrong_points(d: str) -> str:
    unreadable = f"NULLIF(raw_{d}, '') IS NOT NULL AND {d} IS NULL"
    wrong = f"NOT isfinite({d}) OR ABS({d}) > {POINTS_MAX:.0f} OR ROUND({d}, 2) <> {d}"
    return f"(({unreadable}) OR ({wrong}))"


def _always_known(rules: Rules) -> set[str]:
    """Return the kinds that every segment has on every day."""
    everywhere: dict[str, int] = {}
    for row in rules.kind_rows:
        if row.valid_from == -ALWAYS and row.valid_until == ALWAYS + 1:
            everywhere[row.kind.name] = everywhere.get(row.kind.name, 0) + 1
    return {name for name, segments in everywhere.items() if segments == len(rules.segments)}


def _has_duplicates(connection: Database) -> bool:
    """Tell whether some ids may come twice on one account; equal hashes alone may err, rarely."""
    (more,) = connection.execute(
        "SELECT COUNT(*) - COUNT(DISTINCT hash(account, id)) FROM typed WHERE id IS NOT NULL"
    ).fetchall()[0]
    return bool(more)


_USABLE = "typed WHERE line NOT IN (SELECT line FROM left_out)"

_UNKNOWN_KINDS = """
INSERT INTO left_out
SELECT e.line, 'unknown_kind', 'kind', e.kind, NULL
FROM typed e
LEFT JOIN account_segment a ON a.account = e.account
LEFT JOIN kind k ON k.kind = e.kind AND k.segment = COALESCE(a.segment, '')
  AND e.recorded >= k.valid_from AND e.recorded < k.valid_until
WHERE k.kind IS NULL AND e.kind IS NOT NULL AND e.reverses IS NULL AND e.recorded IS NOT NULL"""

_SAME = " AND ".join(
    f"d.{name} IS NOT DISTINCT FROM f.{name}" for name in _EVENT if name not in ("account", "id")
)

_DUPLICATES = f"""
INSERT INTO left_out
WITH usable AS (SELECT * FROM {_USABLE} AND id IS NOT NULL),
first AS (SELECT account, id, MIN(line) AS line FROM usable GROUP BY account, id HAVING COUNT(*) > 1)
SELECT d.line, CASE WHEN {_SAME} AND d.source IS NOT DISTINCT FROM f.source
    THEN 'duplicate_same' ELSE 'duplicate_differs' END, 'id', d.id, NULL
FROM usable d
JOIN first ON first.account = d.account AND first.id = d.id AND first.line < d.line
JOIN usable f ON f.line = first.line"""

# The first reversal of an entry counts, in order of the day it was recorded.
_REVERSALS = f"""
INSERT INTO left_out
WITH usable AS (SELECT * FROM {_USABLE}),
numbered AS (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY account, reverses ORDER BY recorded, line) AS nth
  FROM usable WHERE reverses IS NOT NULL
)
SELECT r.line, CASE WHEN e.line IS NULL THEN 'reversal_of_unknown'
    WHEN e.reverses IS NOT NULL THEN 'reversal_of_reversal' ELSE 'reversal_again' END,
  'reverses', r.id, r.reverses
FROM numbered r
LEFT JOIN usable e ON e.account = r.account AND e.id = r.reverses
WHERE e.line IS NULL OR e.reverses IS NOT NULL OR r.nth > 1"""
