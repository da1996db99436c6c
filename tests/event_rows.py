"""Random event tables as people give them, good and bad rows, and what the core makes of them."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from hypothesis import strategies as st
from tests import strategies as random

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.checks import checked
from vertrauenskonto.core.ledger.entries import (
    DIMENSIONS,
    ORGANISATION,
    Account,
    Entry,
    Posting,
    Suspension,
)
from vertrauenskonto.core.ledger.kinds import Kind
from vertrauenskonto.core.ledger.policy import Policy, PolicyHistory, Segment, policy_history

Row = Mapping[str, object]

ACCOUNTS = ("ada", "bob", "cem", "dua")
KINDS = ("kept", "broken", "talk", "letter", "lie")
SEGMENTS = ("retail", "trade")
TODAY = random.FIRST_DAY + timedelta(days=1500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What is given to the engine, and the policy."""

    events: tuple[Row, ...]
    suspensions: tuple[Row, ...]
    accounts: tuple[Row, ...]
    policy: PolicyHistory


@st.composite
def kinds(draw: st.DrawFn, *, names: Sequence[str] = KINDS) -> dict[str, Kind]:
    """A catalogue with random points."""
    return {
        name: Kind(
            name=name,
            label=Text(name, name),
            why=Text("", ""),
            points={p.dimension: p.points for p in draw(random.postings())},
            contact=draw(st.booleans()),
            honesty=name == "lie" and draw(st.booleans()),
        )
        for name in names
    }


@st.composite
def policy_histories(draw: st.DrawFn, *, plain: bool = False) -> PolicyHistory:
    """One or two versions, of which one may lack a kind, with or without segments."""
    versions = []
    first = random.FIRST_DAY + timedelta(days=draw(st.integers(100, 900)))
    count = 1 if plain else draw(st.integers(1, 2))
    for number, valid_from in enumerate((date.min, first)[:count], start=1):
        names = draw(st.lists(st.sampled_from(KINDS), unique=True, min_size=4))
        segments = tuple(
            Segment(
                name=name,
                label=Text(name, name),
                parameters=draw(random.parameters()),
                kinds=draw(kinds(names=names)),
                column="branch",
                values=(name, f"{name}-2"),
            )
            for name in draw(st.sampled_from(((),) if plain else ((), SEGMENTS[:1], SEGMENTS)))
        )
        versions.append(
            Policy(
                name="random",
                version=number,
                valid_from=valid_from,
                parameters=draw(random.parameters()),
                kinds=draw(kinds(names=names)),
                segments=segments,
            )
        )
    return policy_history(*versions)


@st.composite
def event_rows(draw: st.DrawFn, *, plain: bool = False) -> tuple[Row, ...]:
    """Rows of several accounts; a book may use few or many of the optional columns."""
    simple = plain or draw(st.booleans())
    rows: list[dict[str, object]] = []
    for number in range(draw(st.integers(0, 25))):
        day = draw(random.days)
        row: dict[str, object] = {
            "account": draw(st.sampled_from(ACCOUNTS)),
            "kind": draw(st.sampled_from(KINDS)),
            "day": day,
        }
        if not simple:
            delay = draw(st.sampled_from((None, None, 0, 1, 20, 400)))
            row |= {
                "id": draw(st.sampled_from((None, f"e{number}", f"e{number}", "e1"))),
                "recorded": None if delay is None else day + timedelta(days=delay),
                "target": draw(st.sampled_from((None, ORGANISATION, "person:anna", "person:ben"))),
                "contact": draw(st.sampled_from((None, None, True, False))),
                "reverses": None,
            }
            if draw(st.booleans()):
                row |= {f"points_{p.dimension}": p.points for p in draw(random.postings())}
            if draw(st.integers(0, 4)) == 0:
                row |= {"kind": None, "reverses": f"e{draw(st.integers(0, 25))}"}
                row |= {f"points_{d}": None for d in DIMENSIONS}
        rows.append(row | _spoilt(draw, simple=simple))
    return tuple(rows)


def _spoilt(draw: st.DrawFn, *, simple: bool) -> dict[str, object]:
    """Return what is wrong with a row, mostly nothing."""
    wrong: list[dict[str, object]] = [
        {"kind": "no_such_kind"},
        {"kind": None},
        {"day": None},
        {"account": None},
    ]
    if not simple:
        wrong += [
            {"points_able": math.nan},
            {"points_able": math.inf},
            {"points_willing": 1000.01},
            {"points_assessable": 0.123},
            {"target": "person:"},
            {"target": "somebody"},
            {"recorded": TODAY + timedelta(days=1)},
            {"reverses": "e1", "points_able": 1.0},
        ]
    return draw(st.sampled_from([{}] * 60 + wrong))


@st.composite
def plain_books(draw: st.DrawFn) -> Books:
    """Only what every event table has: accounts, kinds and days, and one version of a policy."""
    events = draw(event_rows(plain=True))
    policy = draw(policy_histories(plain=True))
    return Books(events=events, suspensions=(), accounts=(), policy=policy)


@st.composite
def books(draw: st.DrawFn) -> Books:
    """Everything a valuation reads."""
    suspensions = [
        {
            "account": name,
            "id": s.id,
            "from": s.starts,
            "to": s.ends,
            "recorded": s.recorded,
        }
        for name in draw(st.sampled_from(((), ("ada",), ("ada", "bob"))))
        for s in draw(random.suspensions())
    ]
    accounts = [
        {
            "account": name,
            "segment": draw(st.sampled_from((None, None, *SEGMENTS))),
            "branch": draw(st.sampled_from((None, "retail", "trade-2", "other"))),
        }
        for name in draw(st.sampled_from(((), ("ada", "eve"), (*ACCOUNTS, "eve"))))
    ]
    return Books(
        events=draw(event_rows()),
        suspensions=tuple(suspensions),
        accounts=tuple(accounts),
        policy=draw(policy_histories()),
    )


def core_accounts(book: Books, *, as_of: date) -> dict[str, Account]:
    """Return what the core values: each account with only what can count, by its own checks."""
    segments = _segments(book, as_of)
    entries: dict[str, list[Entry]] = {name: [] for name in segments}
    for number, row in enumerate(book.events, start=1):
        account = row["account"]
        if account is None or row["day"] is None:
            continue
        entry = _entry(row, number, book.policy, segments.get(str(account), ""))
        if entry is not None:
            entries.setdefault(str(account), []).append(entry)
    found = {}
    for name, own in entries.items():
        suspensions = tuple(_suspension(s) for s in book.suspensions if s["account"] == name)
        segment = segments.get(name, "")
        account = Account(id=name, entries=tuple(own), suspensions=suspensions, segment=segment)
        usable = checked(account, today=TODAY).account
        if usable.entries or name in segments:
            found[name] = usable
    return found


def usable_count(accounts: Iterable[Account]) -> int:
    """Return how many entries count."""
    return sum(len(account.entries) for account in accounts)


def _segments(book: Books, as_of: date) -> dict[str, str]:
    policy = book.policy.in_force(as_of)
    known = {s.name for version in book.policy.versions for s in version.segments}
    found: dict[str, str] = {}
    for row in book.accounts:
        given = row["segment"]
        fitting = next((s.name for s in policy.segments if row["branch"] in s.values), "")
        segment = fitting if given is None else str(given)
        found[str(row["account"])] = segment if segment in known else ""
    return found


def _entry(row: Row, number: int, history: PolicyHistory, segment: str) -> Entry | None:
    day = row["day"]
    assert isinstance(day, date)
    recorded = row.get("recorded") or day
    assert isinstance(recorded, date)
    given = {d: row.get(f"points_{d}") for d in DIMENSIONS}
    postings = tuple(
        Posting(d, float(str(value))) for d, value in given.items() if value is not None and value
    )
    entry = Entry(
        id=str(row.get("id") or f"row {number}"),
        on=day,
        recorded=recorded,
        kind=str(row["kind"] or ""),
        target=str(row.get("target") or ORGANISATION),
        postings=postings,
    )
    if row.get("reverses"):
        return replace(entry, reverses=str(row["reverses"]))
    kinds_then = history.in_force(recorded).for_segment(segment).kinds
    if entry.kind not in kinds_then:
        return None
    kind = kinds_then[entry.kind]
    contact = row.get("contact")
    return replace(
        entry,
        contact=kind.contact if contact is None else bool(contact),
        postings=postings if any(v is not None for v in given.values()) else kind.postings,
    )


def _suspension(row: Row) -> Suspension:
    starts, ends, recorded = row["from"], row["to"], row["recorded"]
    assert isinstance(starts, date)
    assert isinstance(recorded, date)
    assert ends is None or isinstance(ends, date)
    return Suspension(id=str(row["id"]), starts=starts, ends=ends, recorded=recorded)
