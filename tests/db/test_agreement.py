"""One definition: whatever is done, the stored balance is the core's and the engine's.

Random actions on three customers, each through its one door; then the balance that the ledger keeps,
the core's valuation of what was read back, and the bulk engine, over our own tables as over a table
of events, must agree.
"""

import contextlib
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.db.world import POLICY, TODAY, World

from vertrauenskonto.core.errors import Conflict, Invalid, Text
from vertrauenskonto.core.ledger.balance import RUNWAY_DAYS_MAX, runway, valuation
from vertrauenskonto.core.ledger.entries import DIMENSIONS, live_entries
from vertrauenskonto.core.ledger.policy import HalfLives, Segment, SilenceRules, policy_history
from vertrauenskonto.db import models, valuing
from vertrauenskonto.db.access import installation
from vertrauenskonto.db.actions import balances, customers, ledger, merging, privacy, suspensions
from vertrauenskonto.db.queries import balances as balance_queries
from vertrauenskonto.db.queries import ledger as queries
from vertrauenskonto.db.queries.seal import verify
from vertrauenskonto.engine.prepare import Question
from vertrauenskonto.engine.run import score_table

ALICE = installation("test")

_quick = replace(
    POLICY.parameters,
    silence=SilenceRules(grace_days=40, period_days=20, points=1.5, half_life_days=None),
)
_SEGMENTS = (
    Segment(name="b2b", label=Text("b2b", "b2b"), parameters=_quick, kinds=POLICY.kinds),
    Segment(
        name="garden",
        label=Text("Garten", "garden"),
        parameters=replace(POLICY.parameters, threshold=20.0),
        kinds={
            **POLICY.kinds,
            "promise_kept": replace(POLICY.kinds["promise_kept"], points={"able": 9.0}),
        },
        column="trade",
        values=("garden",),
    ),
)
_first = replace(POLICY, segments=_SEGMENTS, columns={"trade": "segment"})


def policies_from(day):
    """Return two versions, the second from 60 days after `day` on."""
    second = replace(
        _first,
        version=2,
        valid_from=day + timedelta(days=60),
        parameters=replace(
            POLICY.parameters,
            half_life_days={d: HalfLives(deposits=90.0, withdrawals=None) for d in DIMENSIONS},
        ),
    )
    return policy_history(_first, second)


WHO = st.integers(0, 2)
ACTION = st.one_of(
    st.tuples(st.just("book"), WHO, st.sampled_from(sorted(POLICY.kinds)), st.integers(-20, 200)),
    st.tuples(st.just("again"), st.integers(0, 20)),
    st.tuples(st.just("storno"), st.integers(0, 20)),
    st.tuples(st.just("ausgleich"), st.integers(0, 20)),
    st.tuples(st.just("undo"), st.integers(0, 20)),
    st.tuples(st.just("pause"), WHO, st.integers(1, 90)),
    st.tuples(st.just("later"), st.integers(1, 70)),
    st.tuples(st.just("bring_up")),
    st.tuples(st.just("merge"), WHO, WHO),
    st.tuples(st.just("unmerge"), WHO),
    st.tuples(st.just("segment"), WHO, st.sampled_from(["", "b2b", "garden"])),
    st.tuples(st.just("trade"), WHO, st.sampled_from(["", "garden", "stone"])),
    st.tuples(st.just("restrict"), WHO),
    st.tuples(st.just("lift"), WHO),
)


class Actor:
    """Carries actions out; what is refused is refused, and must change nothing."""

    def __init__(self) -> None:
        # All examples share one database, whose days never run backwards.
        newest = models.Transaction.objects.order_by("-booked_at").first()
        start = newest.booked_at.date() if newest else TODAY
        self.policies = policies_from(start)
        self.world = World(today=start, policies=self.policies, source=uuid4().hex)
        self.people = [self.world.customer() for _ in range(3)]
        self.drafts = []

    def act(self, number: int, verb: str, *rest) -> None:
        getattr(self, verb)(*rest, *([number] if verb == "pause" else []))

    def _book(self, draft):
        # Two people agree, or a breach of honesty would wait.
        door = replace(self.world.door, second="user:bob")
        [outcome] = ledger.book([draft], door=door, policies=self.policies).outcomes
        return outcome

    def book(self, who, kind, days_ago):
        day = self.world.today - timedelta(days=days_ago)
        draft = self.world.draft(self.people[who], kind, value_date=day)
        outcome = self._book(draft)
        assert outcome.status == "booked", outcome
        self.drafts.append(draft)

    def _chosen(self, number):
        return self.drafts[number % len(self.drafts)] if self.drafts else None

    def again(self, number):
        if draft := self._chosen(number):
            assert self._book(draft).status == "replayed"

    def storno(self, number):
        if draft := self._chosen(number):
            named = (draft.source, draft.source_id)
            again = self.world.draft(draft.customer, "", reverses=named, reason="mistake")
            assert self._book(again).status in ("booked", "refused")

    def ausgleich(self, number):
        if draft := self._chosen(number):
            named = (draft.source, draft.source_id)
            good = self.world.draft(
                draft.customer, "free_service", compensates=named, reason="goodwill"
            )
            assert self._book(good).status in ("booked", "refused")

    def undo(self, number):
        if draft := self._chosen(number):
            with contextlib.suppress(Conflict):
                ledger.undo(
                    draft.source, draft.source_id, door=self.world.door, policies=self.policies
                )

    def pause(self, who, days, number):
        suspensions.suspend(
            self.people[who],
            key=f"pause{number}",
            starts=self.world.today,
            ends=self.world.today + timedelta(days=days),
            reason="rest",
            door=self.world.door,
            policies=self.policies,
        )

    def later(self, days):
        self.world.later(days)

    def bring_up(self):
        balances.bring_up(self.world.today, self.policies)
        assert balances.bring_up(self.world.today, self.policies) == 0

    def merge(self, who, into):
        if who != into:
            self._or_not(merging.merge, self.people[who], self.people[into], policies=self.policies)

    def unmerge(self, who):
        self._or_not(merging.unmerge, self.people[who], policies=self.policies)

    def segment(self, who, name):
        self._or_not(customers.choose_segment, [self.people[who]], name, policies=self.policies)

    def trade(self, who, value):
        self._or_not(
            customers.set_attributes, self.people[who], {"trade": value}, policies=self.policies
        )

    def restrict(self, who):
        self._or_not(privacy.object_to, self.people[who], reason="no_reason_given")

    def lift(self, who):
        self._or_not(privacy.lift, self.people[who], what="objected", reason="objection_withdrawn")

    def _or_not(self, action, *parts, **named):
        with contextlib.suppress(Conflict, Invalid):
            action(ALICE, *parts, door=self.world.door, **named)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(actions=st.lists(ACTION, max_size=16))
def test_database_core_and_engine_agree_after_any_actions(database, actions):
    actor = Actor()
    for number, action in enumerate(actions):
        actor.act(number, *action)
    actor.bring_up()
    today, policies = actor.world.today, actor.policies
    ids = dict(models.Customer.objects.filter(key__in=actor.people).values_list("key", "pk"))
    left_out = balance_queries.not_evaluated(ids.values())
    accounts = queries.accounts(
        [pk for pk in ids.values() if pk not in left_out], policy=policies.in_force(today)
    )
    kept = models.Balance.objects.in_bulk(ids.values())
    assert set(kept) >= {pk for pk, account in accounts.items() if account.entries}
    assert not left_out & set(kept)
    for pk, stored in kept.items():
        _is_the_cores(stored, accounts[pk], today, policies)
    _our_own_tables_agree(accounts, today, policies)
    _a_table_of_events_agrees(accounts, today, policies)
    assert verify().problems == ()


def _is_the_cores(stored, account, today, policies):
    value = valuation(account, policies.in_force(today), as_of=today)
    contacts = [e.on for e in live_entries(account.entries, as_of=today) if e.contact]
    assert stored.as_of_date == today
    assert stored.policy == value.policy
    assert stored.balance == pytest.approx(value.balance, abs=1e-9)
    assert stored.silence == pytest.approx(value.silence, abs=1e-9)
    assert stored.weakest_expected == pytest.approx(value.weakest.expected, abs=1e-9)
    assert (
        stored.silence_charges,
        stored.weakest,
        stored.weakest_reason,
        stored.verdict,
        stored.verdict_willing,
        stored.verdict_able,
        stored.verdict_assessable,
        stored.below_threshold,
        stored.last_contact_date,
    ) == (
        value.silence_charges,
        value.weakest.dimension,
        value.weakest.reason,
        value.verdict,
        *(value.verdicts[d] for d in DIMENSIONS),
        value.below_threshold,
        max(contacts, default=None),
    )
    days = runway(account, policies.in_force(today), as_of=today)
    assert stored.falls_date == (None if days is None else today + timedelta(days=days))
    assert stored.looked_until_date == today + timedelta(days=RUNWAY_DAYS_MAX)
    earlier = valuing.earlier_day(today)
    if live_entries(account.entries, as_of=earlier):
        before = valuation(account, policies.in_force(today), as_of=earlier).balance
        assert stored.earlier_date == earlier
        assert stored.earlier_balance == pytest.approx(before, abs=1e-9)
        assert stored.change == pytest.approx(value.balance - before, abs=1e-9)
    else:
        assert (stored.earlier_date, stored.earlier_balance, stored.change) == (None,) * 3
    assert stored.segment == account.segment


def _our_own_tables_agree(accounts, today, policies):
    """Value by the engine over our tables, whoever has no merged customers, and compare."""
    own = {
        pk: account.segment
        for pk, account in accounts.items()
        if not models.Alias.objects.filter(into=pk).exists()
    }
    with transaction.atomic():
        models.Balance.objects.filter(pk__in=own).delete()
        valuing.store(own, policies, as_of=today)
        stored = models.Balance.objects.in_bulk(own)
        assert set(stored) == set(own)
        for pk, row in stored.items():
            _is_the_cores(row, accounts[pk], today, policies)


def _a_table_of_events_agrees(accounts, today, policies):
    pa = pytest.importorskip("pyarrow")
    rows, pauses = [], []
    for account in accounts.values():
        for entry in account.entries:
            points = {p.dimension: p.points for p in entry.postings}
            rows.append(
                {
                    "account": account.id,
                    "id": entry.id,
                    "kind": entry.kind or None,
                    "day": entry.on,
                    "recorded": entry.recorded,
                    "contact": entry.contact,
                    "reverses": entry.reverses,
                    **{f"points_{d}": points.get(d, 0.0) for d in DIMENSIONS},
                }
            )
        pauses += [
            {
                "account": account.id,
                "id": s.id,
                "from": s.starts,
                "to": s.ends,
                "recorded": s.recorded,
            }
            for s in account.suspensions
        ]
    if not rows:
        return
    named = [{"account": a.id, "segment": a.segment or None} for a in accounts.values()]
    scored = score_table(
        pa.Table.from_pylist(rows),
        Question(policy=policies, as_of=today, views=("total",)),
        suspensions=pa.Table.from_pylist(pauses) if pauses else None,
        accounts=pa.Table.from_pylist(named),
    )
    assert not scored.report.problems.listed
    by_key = {account.id: account for account in accounts.values()}
    for row in scored.rows():
        value = valuation(by_key[row["account"]], policies.in_force(today), as_of=today)
        assert row["balance"] == pytest.approx(value.balance, abs=1e-9)
        assert row["verdict"] == value.verdict
        assert row["silence_charges"] == value.silence_charges
