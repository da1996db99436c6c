"""Jobs: claimed by one, taken over from the dead, done once each day whatever the clock does."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connections
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from vertrauenskonto.core.errors import Denied
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, installation
from vertrauenskonto.db.actions import jobs
from vertrauenskonto.db.queries import jobs as queries

NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def at_once(*calls):
    """Run the calls in threads that start together, and return what they gave."""
    gate = Barrier(len(calls))

    def run(call):
        gate.wait()
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def enqueued(**given):
    jobs.enqueue("seal", **{"due_at": NOW, **given})


def claimed_at(now):
    found = jobs.claim(now=now)
    assert found is not None
    return found


def test_a_job_is_done_and_not_claimed_again(database):
    enqueued(arguments={"n": 1})
    claimed = claimed_at(NOW)
    assert (claimed.name, claimed.arguments, claimed.attempts) == ("seal", {"n": 1}, 1)
    assert jobs.claim(now=NOW) is None
    assert jobs.finish(claimed, now=NOW)
    assert jobs.claim(now=NOW + timedelta(days=9)) is None
    assert queries.counts() == {"waiting": 0, "done": 1, "given_up": 0}


def test_a_key_is_enqueued_once_even_after_the_job_was_done(database):
    for _ in range(2):
        enqueued(key="daily:2026-03-18")
    jobs.finish(claimed_at(NOW), now=NOW)
    enqueued(key="daily:2026-03-18")
    assert models.Job.objects.count() == 1


def test_nothing_is_claimed_before_it_is_due_and_the_longest_due_comes_first(database):
    enqueued(key="b", due_at=NOW + SECOND)
    enqueued(key="a", due_at=NOW)
    assert jobs.claim(now=NOW - SECOND) is None
    assert claimed_at(NOW + SECOND).job_id == models.Job.objects.get(key="a").pk


def test_of_many_workers_at_once_each_job_goes_to_one(database):
    for n in range(4):
        enqueued(key=str(n))
    claims = at_once(*[lambda: jobs.claim(now=NOW)] * 6)
    taken = [claimed.job_id for claimed in claims if claimed is not None]
    assert len(taken) == len(set(taken))
    while claimed := jobs.claim(now=NOW):
        taken.append(claimed.job_id)
    assert sorted(taken) == sorted(models.Job.objects.values_list("pk", flat=True))


def test_a_dead_workers_job_is_taken_over_when_the_lease_has_run_out(database):
    enqueued()
    dead = claimed_at(NOW)
    assert jobs.claim(now=NOW + jobs.LEASE - SECOND) is None
    heir = claimed_at(NOW + jobs.LEASE)
    assert (heir.job_id, heir.attempts) == (dead.job_id, 2)
    assert not jobs.finish(dead, now=NOW + jobs.LEASE)
    assert not jobs.renew(dead, now=NOW + jobs.LEASE)
    assert jobs.finish(heir, now=NOW + jobs.LEASE)


def test_a_renewed_lease_is_respected(database):
    enqueued()
    claimed = claimed_at(NOW)
    assert jobs.renew(claimed, now=NOW + timedelta(minutes=1))
    assert jobs.claim(now=NOW + jobs.LEASE) is None


def test_a_clock_set_back_does_not_leave_a_lease_or_a_delay_standing_for_long(database):
    enqueued()
    jobs.claim(now=NOW)
    before = NOW - timedelta(days=30)
    models.Job.objects.update(due_at=before)
    heir = claimed_at(before)
    assert heir.attempts == 2
    jobs.fail(heir, now=NOW, error="E")
    assert claimed_at(before).attempts == 3


def test_failures_are_retried_with_growing_delays_and_then_given_up(database):
    enqueued()
    now, waited = NOW, []
    while claimed := jobs.claim(now=now):
        assert jobs.fail(claimed, now=now, error=f"E{'x' * 300}")
        row = models.Job.objects.get()
        waited.append(row.due_at - now)
        now = max(now, row.due_at)
    assert tuple(waited[:-1]) == jobs.DELAYS
    row = models.Job.objects.get()
    assert (row.state, row.attempts, len(row.error)) == ("given_up", len(jobs.DELAYS) + 1, 200)
    [listed] = queries.page(installation("test"))
    assert (listed.id, listed.name, listed.state) == (row.pk, "seal", "given_up")


def test_jobs_that_were_given_up_can_be_tried_again_by_an_administrator_only(database):
    enqueued()
    models.Job.objects.update(state="given_up", ended_at=NOW, attempts=9)
    with pytest.raises(Denied):
        jobs.try_again(Viewer(actor="p", role="auditor", channel="test"), now=NOW)
    assert jobs.claim(now=NOW) is None
    assert jobs.try_again(installation("test"), now=NOW) == 1
    assert claimed_at(NOW).attempts == 1
    assert jobs.try_again(installation("test"), now=NOW) == 0


def test_a_job_can_be_put_off_and_given_back(database):
    enqueued()
    assert jobs.release(claimed_at(NOW))
    again = claimed_at(NOW)
    assert again.attempts == 1
    assert jobs.postpone(again, until=NOW + timedelta(hours=1))
    assert jobs.claim(now=NOW) is None
    assert claimed_at(NOW + timedelta(hours=1)).attempts == 2


def test_old_jobs_and_workers_are_forgotten_and_waiting_ones_kept(database):
    for key in ("done", "waiting"):
        enqueued(key=key)
    jobs.finish(claimed_at(NOW), now=NOW)
    jobs.beat("w1", now=NOW)
    jobs.beat("w1", now=NOW + SECOND)
    assert queries.last_heartbeat() == NOW + SECOND
    assert jobs.tidy(before=NOW + timedelta(days=1)) == 1
    assert list(models.Job.objects.values_list("key", flat=True)) == ["waiting"]
    assert queries.last_heartbeat() is None


class TwoWorkers(RuleBasedStateMachine):
    """Workers claim, renew, finish, fail and die in any order, while time passes or jumps back."""

    claims = Bundle("claims")

    def __init__(self):
        super().__init__()
        models.Job.objects.all().delete()
        self.now = NOW
        self.done: dict[int, int] = {}
        # Who holds what by the rules, and until when.
        self.held: dict[int, tuple[str, datetime]] = {}

    @rule(minutes=st.integers(0, 40))
    def time_passes(self, minutes):
        self.now += timedelta(minutes=minutes)

    @rule()
    def enqueue(self):
        jobs.enqueue("seal", due_at=self.now)

    @rule(target=claims)
    def claim(self):
        claimed = jobs.claim(now=self.now)
        if claimed is not None:
            holder = self.held.get(claimed.job_id)
            assert holder is None or holder[1] <= self.now, "a valid lease was broken"
            self.held[claimed.job_id] = (claimed.lease, self.now + jobs.LEASE)
        return claimed

    def _is_ours(self, claimed):
        return claimed is not None and self.held.get(claimed.job_id, ("",))[0] == claimed.lease

    @rule(claimed=claims)
    def renew(self, claimed):
        if claimed is not None:
            assert jobs.renew(claimed, now=self.now) == self._is_ours(claimed)
            if self._is_ours(claimed):
                self.held[claimed.job_id] = (claimed.lease, self.now + jobs.LEASE)

    @rule(claimed=claims)
    def finish(self, claimed):
        if claimed is not None:
            assert jobs.finish(claimed, now=self.now) == self._is_ours(claimed)
            if self._is_ours(claimed):
                del self.held[claimed.job_id]
                self.done[claimed.job_id] = self.done.get(claimed.job_id, 0) + 1

    @rule(claimed=claims)
    def fail(self, claimed):
        if claimed is not None:
            assert jobs.fail(claimed, now=self.now, error="E") == self._is_ours(claimed)
            if self._is_ours(claimed):
                del self.held[claimed.job_id]

    @invariant()
    def nothing_is_finished_twice(self):
        assert set(self.done.values()) <= {1}
        assert models.Job.objects.filter(state="done").count() == len(self.done)


def test_whatever_two_workers_do_no_valid_lease_is_broken_and_nothing_finished_twice(database):
    run_state_machine_as_test(
        TwoWorkers, settings=hypothesis_settings(max_examples=15, stateful_step_count=25)
    )
