"""One definition: whatever is done, the stored balance is the core's and the engine's.

Random actions on two customers, each through the one door; then the balance that the ledger keeps,
the core's valuation of what was read back, a model kept beside it, and the bulk engine must agree.
"""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.db.world import POLICY, World

from vertrauenskonto.core.ledger.balance import valuation
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import suspensions
from vertrauenskonto.db.queries import ledger as queries
from vertrauenskonto.db.queries.seal import verify
from vertrauenskonto.engine.prepare import Question
from vertrauenskonto.engine.run import score_table

KINDS = st.sampled_from(sorted(POLICY.kinds))
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("book"), KINDS, st.integers(0, 200)),
        st.tuples(st.just("again"), st.integers(0, 20)),
        st.tuples(st.just("storno"), st.integers(0, 20)),
        st.tuples(st.just("pause"), st.integers(1, 90)),
        st.tuples(st.just("later"), st.integers(1, 150)),
    ),
    max_size=14,
)


def act(world: World, customer: str, actions) -> None:
    """Carry the actions out; what is refused is refused, and must change nothing."""
    booked = []
    for number, (verb, *rest) in enumerate(actions):
        if verb == "later":
            world.later(rest[0])
        elif verb == "book":
            days = timedelta(days=rest[1])
            draft = world.draft(customer, rest[0], value_date=world.today - days)
            [outcome] = world.book(draft)
            assert outcome.status == "booked"
            booked.append(draft)
        elif verb == "pause":
            suspensions.suspend(
                customer,
                key=f"pause{number}",
                starts=world.today,
                ends=world.today + timedelta(days=rest[0]),
                reason="rest",
                door=world.door,
                policies=world.policies,
            )
        elif booked:
            chosen = booked[rest[0] % len(booked)]
            if verb == "again":
                assert world.book(chosen)[0].status == "replayed"
            else:
                named = (chosen.source, chosen.source_id)
                storno = world.draft(customer, "", reverses=named, reason="mistake")
                assert world.book(storno)[0].status in ("booked", "refused")
    world.booked(customer, "conversation")


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(first=ACTIONS, second=ACTIONS)
def test_database_core_and_engine_agree_after_any_actions(database, first, second):
    world = World(source=uuid4().hex)  # all examples share one database
    ada, ben = world.customer(), world.customer()
    act(world, ada, first)
    act(world, ben, second)
    rows = []
    for key in (ada, ben):
        account = queries.account(key)
        if key == ada:
            world.booked(ada, "conversation")  # brings her balance to the same day as his
            account = queries.account(key)
        stored = models.Balance.objects.get(customer__key=key)
        value = valuation(account, POLICY, as_of=world.today)
        assert stored.as_of_date == world.today
        assert (stored.balance, stored.silence, stored.verdict, stored.below_threshold) == (
            value.balance,
            value.silence,
            value.verdict,
            value.below_threshold,
        )
        for entry in account.entries:
            points = {p.dimension: p.points for p in entry.postings}
            rows.append(
                {
                    "account": key,
                    "id": entry.id,
                    "kind": entry.kind or None,
                    "day": entry.on,
                    "recorded": entry.recorded,
                    "contact": entry.contact,
                    "reverses": entry.reverses,
                    **{f"points_{d}": points.get(d, 0.0) for d in DIMENSIONS},
                }
            )
    assert verify().problems == ()
    _engine_agrees(rows, world)


def _engine_agrees(rows, world: World) -> None:
    pa = pytest.importorskip("pyarrow")
    pauses = [
        {
            "account": s.customer.key,
            "id": s.key,
            "from": s.starts_date,
            "to": s.ends_date,
            "recorded": s.recorded_date,
        }
        for s in models.Suspension.objects.select_related("customer").order_by("pk")
        if s.customer.key in {row["account"] for row in rows}
    ]
    scored = score_table(
        pa.Table.from_pylist(rows),
        Question(policy=world.policies, as_of=world.today, views=("total",)),
        suspensions=pa.Table.from_pylist(pauses) if pauses else None,
    )
    assert not scored.report.problems.listed
    for row in scored.rows():
        stored = models.Balance.objects.get(customer__key=row["account"])
        assert row["balance"] == pytest.approx(stored.balance, abs=1e-9)
        assert row["verdict"] == stored.verdict
        assert row["silence_charges"] == stored.silence_charges
