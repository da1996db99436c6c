"""Whatever happens to an account and whatever people do: one duty at most, and nothing is lost."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.db.staff import SYSTEM, Staff
from tests.db.world import POLICY

from vertrauenskonto.core.errors import NotFound
from vertrauenskonto.core.obligations import Trigger, has_buffer
from vertrauenskonto.db import access, models
from vertrauenskonto.db.actions import balances, obligations

BOOKINGS = ("promise_kept", "promise_broken_unannounced", "free_service", "lie_uncovered")
WORK = ("take", "snooze", "wake", "leave")
deeds = st.lists(
    st.one_of(
        st.sampled_from(BOOKINGS),
        st.sampled_from(WORK),
        st.just("reverse"),
        st.integers(1, 200),
    ),
    max_size=14,
)


class Told:
    """One account in the database, and what is done about it."""

    def __init__(self, world: Staff, alice):
        self.world, self.alice = world, alice
        self.key = world.customer()
        self.lies = []

    def do(self, deed) -> None:
        if isinstance(deed, int):
            self.world.later(deed)
            balances.bring_up(self.world.today, self.world.policies)
            obligations.escalate(today=self.world.today, at=self.world.door.at)
        elif deed in BOOKINGS:
            draft = self.world.booked(self.key, deed)
            self.lies += [draft] if deed == "lie_uncovered" else []
        elif deed == "reverse" and self.lies:
            lie = self.lies.pop()
            fields = {"reverses": (lie.source, lie.source_id), "reason": "mistake"}
            self.world.book(self.world.draft(self.key, "", **fields))
        elif deed in WORK:
            self.work(deed)

    def work(self, deed: str) -> None:
        row = self.rows().filter(closed_date=None).first()
        number = row.pk if row else 0
        door = self.world.door_of(self.alice)
        until = self.world.today + timedelta(days=9)
        acts = {
            "take": lambda: obligations.take(self.alice, number, door=door),
            "snooze": lambda: obligations.snooze(SYSTEM, number, until, "krank", door=door),
            "wake": lambda: obligations.wake(SYSTEM, number, door=door),
            "leave": lambda: obligations.leave(SYSTEM, number, "geklärt", door=door),
        }
        if row is None:
            with pytest.raises(NotFound):
                acts[deed]()
        else:
            acts[deed]()

    def rows(self):
        return models.Obligation.objects.filter(customer__key=self.key)

    def is_sound(self) -> None:
        balance = models.Balance.objects.filter(customer__key=self.key).first()
        if balance is None:
            assert not self.rows().exists()
            return
        resting = triggers(models.Resting.objects.filter(customer__key=self.key))
        bad = {Trigger(d) for d in ("willing", "able", "assessable") if verdict(balance, d) == "no"}
        bad |= {Trigger("threshold")} if balance.below_threshold else set()
        # Whatever is bad was told once; what is told again was over in between.
        assert bad <= resting
        over = {t for t in resting - bad if t.sort not in ("threshold", "honesty")}
        assert over == set()
        buffered = has_buffer(balance.balance, POLICY.parameters)
        assert not (buffered and Trigger("threshold") in resting)
        open_rows = list(self.rows().filter(closed_date=None))
        assert len(open_rows) <= 1
        for row in open_rows:
            causes = triggers(row.cause_set.filter(ended_date=None))
            assert causes <= resting
            assert causes or not buffered
            assert row.due_date >= row.opened_date
        closed = models.Cause.objects.filter(obligation__closed_date__isnull=False)
        assert not closed.filter(ended_date=None).exists()
        for row in self.rows():
            steps = list(row.step_set.order_by("pk").values_list("what", flat=True))
            assert steps[0] == "opened"
            assert (steps[-1] in ("recovered", "left")) == (row.closed_date is not None)


def verdict(balance: models.Balance, dimension: str) -> str:
    return getattr(balance, f"verdict_{dimension}")


def triggers(rows) -> set[Trigger]:
    return {Trigger(s, str(e or "")) for s, e in rows.values_list("sort", "entry_id")}


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_an_account_has_one_duty_at_most_and_every_step_is_kept(database, data):
    world = Staff()
    if not models.PolicyVersion.objects.exists():
        world.policy()
    world.source = f"test{models.Customer.objects.count()}"
    alice = models.Person.objects.filter(key="p_alice").first()
    lead = access.viewer(alice.pk, channel="test") if alice else world.person("alice", "lead")
    told = Told(world, lead)
    for deed in data.draw(deeds):
        told.do(deed)
        told.is_sound()
