"""Preparation: from sources to the relations that the scoring text reads, and the shape they have."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import duckdb

from vertrauenskonto.core.errors import Invalid, Text, did_you_mean
from vertrauenskonto.core.ledger.entries import DIMENSIONS, TOTAL
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.engine.accounts import create_accounts, create_no_accounts, create_suspensions
from vertrauenskonto.engine.events import (
    Profile,
    create_event,
    create_typed,
    leave_out,
    profile_of,
    row_checks,
)
from vertrauenskonto.engine.problems import Problems, added, problems_of
from vertrauenskonto.engine.relations import Database
from vertrauenskonto.engine.rules import ALWAYS, EPOCH, Rules, create_rules, rules_for
from vertrauenskonto.engine.shape import PERSONS, VIEWS, Shape
from vertrauenskonto.engine.sources import Source
from vertrauenskonto.engine.tables import text

# More slots than this are not looked up faster than they are computed.
SLOTS_MAX = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to value: `as_of` as known on `known_at` (None: all that was recorded).

    `views`: some of `total`, `organisation`, `persons`. `today` is the shell's clock: nothing can
    be recorded after it; None skips that check. `velocity` and `runway` add their columns. `hides`:
    the target `HIDDEN` gets no view.

    Raises:
        Invalid: a view that does not exist, or none.
    """

    policy: PolicyHistory
    as_of: date
    known_at: date | None = None
    views: tuple[str, ...] = VIEWS
    velocity: bool = False
    runway: bool = False
    today: date | None = None
    hides: bool = False

    def __post_init__(self) -> None:
        """Refuse views that do not exist."""
        for view in self.views or ("",):
            if view not in VIEWS:
                near = did_you_mean(view, VIEWS)
                raise Invalid(
                    Text(
                        de=f"„{view}“ ist keine Sicht; möglich: {', '.join(VIEWS)}.{near.de}",
                        en=f"'{view}' is no view; possible are {', '.join(VIEWS)}.{near.en}",
                    )
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What there is to read."""

    events: Source
    suspensions: Source | None = None
    accounts: Source | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The relations exist; `shape` says what they hold. `events` rows were read, `usable` count."""

    shape: Shape
    events: int
    usable: int
    problems: Problems


def prepare(
    connection: duckdb.DuckDBPyConnection,
    inputs: Inputs,
    question: Question,
    *,
    hand_over: Callable[[], Database] | None = None,
) -> Prepared:
    """Create the relations of the scoring text; rows that cannot be used are left out.

    When the events lie elsewhere, `hand_over` gives that place the relations that exist when it is
    called (all but `event`) and returns it; what is asked about events is then asked there.

    Raises:
        Invalid: a column is missing, or a file is damaged.
    """
    has_segments = inputs.accounts is not None and any(
        version.segments for version in question.policy.versions
    )
    rules = rules_for(question.policy, as_of=question.as_of, with_segments=has_segments)
    create_rules(connection, rules)
    found = [_reading_problems(source) for source in (inputs.events, inputs.accounts) if source]
    if inputs.accounts is None:
        create_no_accounts(connection)
    else:
        found.append(create_accounts(connection, inputs.accounts, rules))
    has_suspensions = inputs.suspensions is not None
    if inputs.suspensions is not None:
        found.append(_reading_problems(inputs.suspensions))
        found.append(create_suspensions(connection, inputs.suspensions, rules))
    place: Database = connection if hand_over is None else hand_over()
    create_typed(place, inputs.events)
    checks = row_checks(inputs.events, today=question.today)
    profile = profile_of(place, inputs.events, checks)
    unusable = leave_out(place, checks, profile, rules)
    shape = _shape(question, rules, profile, has_suspensions, inputs.accounts is not None)
    days = max(profile.last_day, shape.as_of) - profile.first_day + 1
    if hand_over is None and shape.is_plain and days * len(profile.kinds) <= SLOTS_MAX:
        shape = _with_slots(connection, shape, profile)
    create_event(place, complete=not unusable)
    found.append(problems_of(place, file=inputs.events.name, policy=rules.policy))
    return Prepared(
        shape=shape,
        events=profile.rows,
        usable=profile.rows - unusable,
        problems=added(found),
    )


def _reading_problems(source: Source) -> Problems:
    counts = dict(source.problem_counts or {})
    return Problems(listed=source.problems, counts=counts)


def _shape(
    question: Question, rules: Rules, profile: Profile, has_suspensions: bool, has_accounts: bool
) -> Shape:
    """Return the shape: what the data use, and what matters for the question."""
    as_of = question.as_of.toordinal() - EPOCH
    known_at = None if question.known_at is None else question.known_at.toordinal() - EPOCH
    views = set(question.views)
    kinds = [row for row in rules.kind_rows if row.kind.name in profile.kinds]
    has_reversals = "reverses" in profile.uses
    is_pending = profile.last_day > as_of or has_reversals
    is_pending = is_pending or (known_at is not None and profile.last_recorded > known_at)
    versions = any((row.valid_from, row.valid_until) != (-ALWAYS, ALWAYS + 1) for row in kinds)
    return Shape(
        policy=rules.policy.label,
        as_of=as_of,
        known_at=known_at,
        parameters=rules.parameters,
        views=tuple(view for view in VIEWS if view in question.views),
        event_points=not profile.uses.isdisjoint(DIMENSIONS),
        event_contact="contact" in profile.uses,
        recorded="recorded" in profile.uses,
        persons=("target" in profile.uses and views != {TOTAL}) or views == {PERSONS},
        hides=question.hides,
        reversals=has_reversals,
        versions=versions,
        pending=is_pending,
        non_contacts=profile.has_non_contacts or not all(row.kind.contact for row in kinds),
        honesty=any(row.honesty for row in kinds),
        suspensions=has_suspensions,
        accounts=has_accounts,
        velocity=question.velocity,
        runway=question.runway,
    )


def _with_slots(connection: duckdb.DuckDBPyConnection, shape: Shape, profile: Profile) -> Shape:
    """Number the kinds that occur, list the days, and return the shape that uses both."""
    last_day = max(profile.last_day, shape.as_of)
    names = ", ".join(text(kind) for kind in profile.kinds if kind is not None) or "NULL"
    connection.execute(
        f"""CREATE OR REPLACE TEMPORARY TABLE kind AS
SELECT *, CAST(ROW_NUMBER() OVER (ORDER BY kind) - 1 AS INTEGER) AS ordinal
FROM kind WHERE kind IN ({names})"""
    )
    connection.execute(
        f"""CREATE OR REPLACE TEMPORARY TABLE calendar AS
SELECT CAST(day AS INTEGER) AS day
FROM range({profile.first_day}, {last_day + 1}) days(day)"""
    )
    (kinds,) = connection.execute("SELECT COUNT(*) FROM kind").fetchall()[0]
    # No kind at all means no event; a slot needs at least one all the same.
    return replace(shape, slots=max(kinds, 1), first_day=profile.first_day)
