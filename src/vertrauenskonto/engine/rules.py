"""Rules as relations: the versions of a policy as the tables `kind` and `parameters`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import duckdb

from vertrauenskonto.core.errors import Invalid, Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.kinds import Kind
from vertrauenskonto.core.ledger.policy import Parameters, Policy, PolicyHistory
from vertrauenskonto.engine.tables import PARAMETER_COLUMNS, parameter_values
from vertrauenskonto.engine.weights import SERIES_MAX

EPOCH = date(1970, 1, 1).toordinal()
# Before the first version the first one counts; the last one stays in force.
ALWAYS = date.max.toordinal() - EPOCH


@dataclass(frozen=True, slots=True)
class KindRow:
    """One row of the relation `kind`; valid on days `[valid_from, valid_until)`."""

    segment: str
    valid_from: int
    valid_until: int
    kind: Kind
    honesty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of one valuation: `policy` is in force on the valuation day."""

    history: PolicyHistory
    policy: Policy
    segments: tuple[str, ...]

    @property
    def kind_rows(self) -> list[KindRow]:
        """All rows of the relation `kind`, for the general rules and each segment."""
        return [row for segment in self.segments for row in _kind_rows(self, segment)]

    @property
    def parameters(self) -> Parameters | None:
        """The only parameters, or None when segments have their own."""
        return self.policy.parameters if len(self.segments) == 1 else None


def rules_for(history: PolicyHistory, *, as_of: date, with_segments: bool) -> Rules:
    """Return the rules that value accounts on `as_of`.

    Raises:
        Invalid: a silence that fades so slowly that its sum does not fit.
    """
    names = {own.name for policy in history.versions for own in policy.segments}
    segments = ("", *sorted(names - {""})) if with_segments else ("",)
    rules = Rules(history=history, policy=history.in_force(as_of), segments=segments)
    for segment in segments:
        _check_silence(rules.policy.for_segment(segment).parameters)
    return rules


def create_rules(connection: duckdb.DuckDBPyConnection, rules: Rules) -> None:
    """Create the relations `kind` and `parameters`."""
    points = ", ".join(f"{d} DOUBLE" for d in DIMENSIONS)
    connection.execute(
        "CREATE OR REPLACE TEMPORARY TABLE kind (segment VARCHAR, kind VARCHAR, "
        f"valid_from INTEGER, valid_until INTEGER, {points}, contact BOOLEAN, honesty BOOLEAN)"
    )
    _insert(connection, "kind", (_kind_values(row) for row in rules.kind_rows))
    columns = ", ".join(f"{name} {kind}" for name, kind in PARAMETER_COLUMNS.items())
    connection.execute(f"CREATE OR REPLACE TEMPORARY TABLE parameters (segment VARCHAR, {columns})")
    _insert(connection, "parameters", _parameter_rows(rules))


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[tuple[object, ...]]
) -> None:
    listed = list(rows)
    if listed:
        marks = ", ".join("?" * len(listed[0]))
        values = ", ".join([f"({marks})"] * len(listed))
        flat = [value for row in listed for value in row]
        connection.execute(f"INSERT INTO {table} VALUES {values}", flat)


def _kind_values(row: KindRow) -> tuple[object, ...]:
    return (
        row.segment,
        row.kind.name,
        row.valid_from,
        row.valid_until,
        *(row.kind.points.get(d, 0.0) for d in DIMENSIONS),
        row.kind.contact,
        row.honesty,
    )


def _parameter_rows(rules: Rules) -> Iterator[tuple[object, ...]]:
    for segment in rules.segments:
        values = parameter_values(rules.policy.for_segment(segment).parameters)
        yield (segment, *(values[name] for name in PARAMETER_COLUMNS))


def _kind_rows(rules: Rules, segment: str) -> Iterator[KindRow]:
    """Yield what each kind is worth and from when; versions that say the same are one row."""
    judging = rules.policy.for_segment(segment)
    versions = rules.history.versions
    starts = [-ALWAYS, *(v.valid_from.toordinal() - EPOCH for v in versions[1:])]
    ends = [*starts[1:], ALWAYS + 1]
    last: dict[str, KindRow] = {}
    for policy, start, end in zip(versions, starts, ends, strict=True):
        for name, kind in policy.for_segment(segment).kinds.items():
            before = last.get(name)
            if before is not None and before.valid_until == start and _same(before.kind, kind):
                last[name] = KindRow(segment, before.valid_from, end, kind, before.honesty)
                continue
            if before is not None:
                yield before
            last[name] = KindRow(segment, start, end, kind, judging.is_honesty(name))
    yield from last.values()


def _same(one: Kind, other: Kind) -> bool:
    points = all(one.points.get(d, 0.0) == other.points.get(d, 0.0) for d in DIMENSIONS)
    return points and one.contact == other.contact


def _check_silence(parameters: Parameters) -> None:
    values = parameter_values(parameters)
    ratio = values["silence_ratio"]
    if ratio is not None and (ratio >= 1 or 1 / (1 - ratio) > SERIES_MAX):
        half_life, period = parameters.silence.half_life_days, parameters.silence.period_days
        raise Invalid(
            Text(
                de=f"Stille: {half_life} Tage Halbwertszeit sind für eine Periode von {period} "
                "Tagen zu lang, um viele Konten zu bewerten; bitte kürzer, oder ohne Verblassen.",
                en=f"Silence: a half-life of {half_life} days is too long for a period of {period} "
                "days to value many accounts; make it shorter, or leave it out (never fades).",
            )
        )
