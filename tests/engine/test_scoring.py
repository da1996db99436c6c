"""The bulk engine says what the core says, in every column and view."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import event_rows
from tests import strategies as random
from tests.event_rows import TODAY, Books, Row, core_accounts

from vertrauenskonto.core.ledger.balance import (
    Valuation,
    retained_if_leaves,
    runway,
    valuation,
    velocity,
)
from vertrauenskonto.core.ledger.entries import (
    DIMENSIONS,
    ORGANISATION,
    PERSON_PREFIX,
    TOTAL,
    Account,
    persons,
)
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.engine.prepare import Question
from vertrauenskonto.engine.run import ScoreReport, score_table

TOLERANCE = 1e-9

_EVENTS = pa.schema(
    [
        ("account", pa.string()),
        ("kind", pa.string()),
        ("day", pa.date32()),
        ("id", pa.string()),
        ("recorded", pa.date32()),
        ("target", pa.string()),
        ("contact", pa.bool_()),
        *((f"points_{d}", pa.float64()) for d in DIMENSIONS),
        ("reverses", pa.string()),
    ]
)
_SUSPENSIONS = pa.schema(
    [
        ("account", pa.string()),
        ("id", pa.string()),
        ("from", pa.date32()),
        ("to", pa.date32()),
        ("recorded", pa.date32()),
    ]
)
_ACCOUNTS = pa.schema([("account", pa.string()), ("segment", pa.string()), ("branch", pa.string())])


def table(rows: Sequence[Row], schema: pa.Schema) -> pa.Table:
    """Return the rows as an Arrow table; columns that no row has are left out."""
    used = [f for f in schema if f.name in {name for row in rows for name in row}]
    required = [f for f in schema if f.name in ("account", "kind", "day", "from", "segment")]
    fields = used or required
    return pa.Table.from_pylist([dict(row) for row in rows], schema=pa.schema(fields))


def engine_rows(
    book: Books, question: Question
) -> tuple[dict[tuple[str, str], dict[str, object]], ScoreReport]:
    """Return the engine's output by account and view, and its report."""
    scored = score_table(
        table(book.events, _EVENTS),
        question,
        suspensions=table(book.suspensions, _SUSPENSIONS) if book.suspensions else None,
        accounts=table(book.accounts, _ACCOUNTS) if book.accounts else None,
    )
    rows = scored.rows()
    keys = [(str(row["account"]), str(row["view"])) for row in rows]
    assert keys == sorted(keys)
    assert len(keys) == len(set(keys))
    return dict(zip(keys, rows, strict=True)), scored.report


def columns_of(value: Valuation) -> dict[str, object]:
    """Return a valuation of the core as the engine's columns."""
    found: dict[str, object] = {
        "as_of": value.as_of,
        "known_at": value.known_at,
        "policy": value.policy,
        "balance": value.balance,
        "silence": value.silence,
        "silence_charges": value.silence_charges,
        "verdict": value.verdict,
        "below_threshold": value.below_threshold,
    }
    for d in DIMENSIONS:
        found[f"deposits_{d}"] = value.deposits[d]
        found[f"withdrawals_{d}"] = value.withdrawals[d]
        found[f"verdict_{d}"] = value.verdicts[d]
        for part in ("belief", "disbelief", "uncertainty", "base_rate", "expected"):
            found[f"{part}_{d}"] = getattr(value.opinions[d], part)
    found |= {f"joint_{part}": getattr(value.joint, part) for part in value.joint.__slots__}
    found |= {f"weakest_{part}": getattr(value.weakest, part) for part in value.weakest.__slots__}
    return found


def core_rows(
    accounts: dict[str, Account], policy: Policy, question: Question
) -> dict[tuple[str, str], dict[str, object]]:
    """Return what the core says, as the engine's output."""
    found = {}
    as_of, known_at = question.as_of, question.known_at
    for name, account in accounts.items():
        # A reversal's own target says nothing: what it reverses counts.
        events = [entry for entry in account.entries if entry.reverses is None]
        own = (f"{PERSON_PREFIX}{person}" for person in persons(events))
        for view in (TOTAL, ORGANISATION, *own):
            value = valuation(account, policy, as_of=as_of, known_at=known_at, view=view)
            row = columns_of(value) | {"account": name, "view": view, "segment": account.segment}
            person = view.removeprefix(PERSON_PREFIX) if view.startswith(PERSON_PREFIX) else None
            row["retained_if_leaves"] = (
                None
                if person is None
                else retained_if_leaves(account, policy, person, as_of=as_of, known_at=known_at)
            )
            if question.velocity:
                row["velocity_per_30_days"] = (
                    velocity(account, policy, as_of=as_of, known_at=known_at)
                    if view == TOTAL
                    else None
                )
            if question.runway:
                row["runway_days"] = (
                    runway(account, policy, as_of=as_of, known_at=known_at)
                    if view == TOTAL
                    else None
                )
            found[name, view] = row
    return found


def assert_same(got: dict[str, object], wanted: dict[str, object]) -> None:
    """Assert that two rows agree in every column, numbers to 1e-9."""
    assert set(got) == set(wanted)
    for name, value in wanted.items():
        found = got[name]
        if isinstance(value, float):
            assert isinstance(found, float), name
            assert abs(found - value) <= TOLERANCE * max(1.0, abs(value) / 1000), (
                name,
                found,
                value,
            )
        else:
            assert found == value, name


@st.composite
def questions(draw: st.DrawFn, book: Books) -> Question:
    as_of = random.FIRST_DAY + timedelta(days=draw(st.integers(0, 1400)))
    known_at = draw(st.one_of(st.none(), st.just(as_of), random.days))
    return Question(
        policy=book.policy,
        as_of=as_of,
        known_at=known_at,
        today=TODAY,
        velocity=draw(st.booleans()),
    )


def assert_engine_equals_core(book: Books, question: Question) -> None:
    """Value a book on both and compare everything."""
    accounts = core_accounts(book, as_of=question.as_of)
    wanted = core_rows(accounts, book.policy.in_force(question.as_of), question)
    got, _ = engine_rows(book, question)
    assert set(got) == set(wanted)
    for key, row in wanted.items():
        assert_same(got[key], row)


@given(st.data())
def test_the_engine_equals_the_core_in_every_column_and_view(data: st.DataObject):
    book = data.draw(event_rows.books())
    assert_engine_equals_core(book, data.draw(questions(book)))


@given(st.data())
def test_the_engine_equals_the_core_where_only_kind_and_day_are_given(data: st.DataObject):
    book = data.draw(event_rows.plain_books())
    assert_engine_equals_core(book, data.draw(questions(book)))


@settings(max_examples=15)
@given(st.data())
def test_the_run_way_of_the_engine_equals_that_of_the_core(data: st.DataObject):
    book = data.draw(event_rows.books())
    question = replace(data.draw(questions(book)), runway=True)
    assert_engine_equals_core(book, question)
