"""Walking through many days at once equals valuing each account on each day by the core."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests import strategies

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.balance import valuation
from vertrauenskonto.core.ledger.entries import (
    DIMENSIONS,
    Account,
    Entry,
    known_suspensions,
    live_entries,
)
from vertrauenskonto.core.ledger.kinds import Kind
from vertrauenskonto.core.ledger.policy import Policy, Segment
from vertrauenskonto.core.obligations import Seen, Trigger, change, has_buffer, triggers
from vertrauenskonto.engine.replaying import BANDS, VERDICTS, Books, Entries, Suspensions, rules_of
from vertrauenskonto.engine.rules import ALWAYS, EPOCH

NAME = Text("x", "x")
LIE = Kind(name="lie", label=NAME, why=NAME, points={}, contact=True, honesty=True)


def number(day):
    return day.toordinal() - EPOCH


def books(accounts, policy, names=("",)):
    """Return the accounts as arrays; the entries of each keep their points."""
    rows, spans = [], []
    for n, account in enumerate(accounts):
        for entry in live_entries(account.entries, as_of=date.max):
            points = {p.dimension: p.points for p in entry.postings}
            rows.append((number(entry.on), n, entry, [points.get(d, 0.0) for d in DIMENSIONS]))
        spans += [
            (n, number(own.starts), number(own.ends) if own.ends else ALWAYS)
            for own in known_suspensions(account.suspensions)
        ]
    rows.sort(key=lambda row: row[0])
    segment = np.array([names.index(a.segment) for a in accounts], dtype=np.int64)
    own_rules = [policy.for_segment(a.segment) for a in accounts]
    starts = np.array(spans, dtype=np.int64).reshape(len(spans), 3)
    entries = Entries(
        account=np.array([n for _, n, _, _ in rows], dtype=np.int64),
        day=np.array([day for day, *_ in rows], dtype=np.int64),
        points=np.array([p for *_, p in rows], dtype=float).reshape(len(rows), 3).T,
        contact=np.array([e.contact for _, _, e, _ in rows], dtype=bool),
        honesty=np.array([own_rules[n].is_honesty(e.kind) for _, n, e, _ in rows], dtype=bool),
    )
    suspensions = Suspensions(account=starts[:, 0], starts=starts[:, 1], ends=starts[:, 2])
    return Books(entries, suspensions, rules_of(policy, names, segment))


def band(balance, parameters):
    if round(balance, 9) < parameters.threshold:
        return "below"
    return "above" if has_buffer(balance, parameters) else "near"


def slowly(account, policy, first, last):
    """Return the days on which duties open, day by day, by the rules of the core alone."""
    resting = set(triggers(account, policy, as_of=first - timedelta(days=1)))
    causes, is_open, opened = set(), False, []
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        value = valuation(account, policy, as_of=day)
        rules = policy.for_segment(account.segment).parameters
        seen = Seen(
            triggers=triggers(account, policy, as_of=day),
            has_buffer=has_buffer(value.balance, rules),
        )
        follows = change(seen, resting=resting, causes=causes, is_open=is_open)
        resting = (resting - follows.rearmed) | follows.fired
        causes = (causes - follows.ended) | follows.fired
        if follows.fired and not is_open:
            opened.append(day)
            is_open = True
        elif follows.closes:
            is_open = False
        if not is_open:
            causes = set()
    return opened


@st.composite
def worlds(draw):
    general = replace(
        draw(strategies.policies()),
        kinds={"lie": LIE},
    )
    margin = draw(st.sampled_from((0.0, 5.0)))
    general = replace(general, parameters=replace(general.parameters, rearm_margin=margin))
    own = Segment(
        name="own", label=NAME, parameters=draw(strategies.parameters()), kinds=general.kinds
    )
    policy = replace(general, segments=(own,))
    kinds = ("", "", "", "", "lie")
    accounts = [
        replace(draw(strategies.accounts(kinds=kinds)), segment=draw(st.sampled_from(("", "own"))))
        for _ in range(draw(st.integers(1, 3)))
    ]
    first = strategies.FIRST_DAY + timedelta(days=draw(st.integers(0, strategies.DAYS)))
    return accounts, policy, first, first + timedelta(days=draw(st.integers(0, 60)))


@given(worlds())
def test_each_day_is_worth_what_the_core_says_and_opens_the_same_duties(world):
    accounts, policy, first, last = world
    made = books(accounts, policy, ("", "own"))
    opened = made.duties(number(first), number(last))
    slow = [day for account in accounts for day in slowly(account, policy, first, last)]
    days = [first + timedelta(days=n) for n in range(len(opened))]
    assert dict(zip(days, opened.tolist(), strict=True)) == {d: slow.count(d) for d in days}
    for day in (first - timedelta(days=1), first, last):
        worth = made.worth(number(day))
        for n, account in enumerate(accounts):
            value = valuation(account, policy, as_of=day)
            assert abs(worth.balance[n] - value.balance) <= 1e-9
            rules = policy.for_segment(account.segment).parameters
            assert BANDS[worth.band[n]] == band(value.balance, rules)
            assert VERDICTS[worth.verdict[n]] == value.verdict


def test_no_account_at_all_is_worth_nothing_and_opens_nothing():
    made = books([], Policy(name="empty"))
    assert made.worth(0).balance.tolist() == []
    assert made.duties(0, 2).tolist() == [0, 0, 0]


def test_a_breach_of_honesty_opens_one_duty_which_stays():
    """The rule of an open duty: a second breach joins it."""
    account = Account(
        id="ada",
        entries=tuple(
            Entry(id=f"e{n}", kind="lie", on=day, recorded=day, contact=True)
            for n, day in enumerate((date(2026, 1, 5), date(2026, 1, 8)))
        ),
    )
    policy = Policy(name="honest", kinds={"lie": LIE})
    assert Trigger("honesty", "e0") in triggers(account, policy, as_of=date(2026, 1, 5))
    opened = books([account], policy).duties(number(date(2026, 1, 4)), number(date(2026, 1, 9)))
    assert opened.tolist() == [0, 1, 0, 0, 0, 0]
