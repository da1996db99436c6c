"""A replay says what the core says day by day, changes nothing in the ledger, and can be stopped."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.db.staff import Staff
from tests.db.world import POLICY, kind

from vertrauenskonto.core.errors import Conflict, Denied
from vertrauenskonto.core.ledger.balance import valuation
from vertrauenskonto.core.ledger.booking import replayed
from vertrauenskonto.core.ledger.policy import PolicyHistory, Segment
from vertrauenskonto.core.obligations import Seen, change, has_buffer, triggers
from vertrauenskonto.db import access, models
from vertrauenskonto.db.actions import policies as put
from vertrauenskonto.db.actions import (
    policy_drafts,
    policy_replays,
    privacy,
    working_calendars,
)
from vertrauenskonto.db.queries import ledger
from vertrauenskonto.db.queries import policy_replays as results
from vertrauenskonto.db.queries.policies import history

KINDS = {
    **POLICY.kinds,
    "promise_renegotiated_in_time": kind("promise_renegotiated_in_time", able=-3.0, assessable=3.0),
}


@pytest.fixture
def staff(database):
    found = Staff()
    found.today -= timedelta(days=600)
    policy = replace(
        POLICY,
        kinds=KINDS,
        segments=(
            Segment(
                name="b2b",
                label=kind("x").label,
                parameters=replace(POLICY.parameters, threshold=8.0),
                kinds=KINDS,
            ),
        ),
    )
    found.policies = PolicyHistory((policy,))
    policies_put = replace(policy, title=kind("x").label)
    put.put_in_force(policies_put, valid_from=found.today, door=found.door)
    found.policies = history()
    return found


def drafted(staff, lead, **changes):
    """Begin a draft of the policy in force with some parameters changed, and return its number."""
    newest = history().versions[-1]
    changed = replace(newest, parameters=replace(newest.parameters, **changes))
    return policy_drafts.begin(lead, changed, name="Probe", begun_from="x", door=staff.door)


def result(staff, lead, draft):
    revision = models.PolicyDraft.objects.get(pk=draft).revision
    compared = history().versions[-1].label
    return results.replay(lead, draft, revision=revision, compared=compared, capacity=1)


def without_unknown(account, policy):
    """Return the account in which an entry of a kind that the policy lacks is as it was booked."""
    entries = tuple(
        e if not e.kind or e.kind in policy.kinds else replace(e, kind="", note=e.kind)
        for e in account.entries
    )
    return replace(account, entries=entries)


def slowly(accounts, policy, today):
    """Value accounts, given anew, day by day by the core: last values, and duties by day."""
    first = today - timedelta(days=policy_replays.DAYS - 1)
    worth, opened = {}, [0] * policy_replays.DAYS
    for pk, account in accounts.items():
        anew = replayed(without_unknown(account, policy), PolicyHistory((policy,)))
        rules = policy.for_segment(anew.segment).parameters
        resting = set(triggers(anew, policy, as_of=first - timedelta(days=1)))
        causes, is_open = set(), False
        for n in range(policy_replays.DAYS):
            value = valuation(anew, policy, as_of=first + timedelta(days=n))
            bad = triggers(anew, policy, as_of=first + timedelta(days=n))
            seen = Seen(triggers=bad, has_buffer=has_buffer(value.balance, rules))
            what = change(seen, resting=resting, causes=causes, is_open=is_open)
            resting = (resting - what.rearmed) | what.fired
            opened[n] += bool(what.fired and not is_open)
            is_open = (is_open or bool(what.fired)) and not what.closes
            causes = ((causes - what.ended) | what.fired) if is_open else set()
        worth[pk] = valuation(anew, policy, as_of=today)
    return worth, opened


STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(
            (
                *("promise_kept", "promise_kept", "promise_broken_unannounced", "conversation"),
                *("free_service", "free_service", "promise_renegotiated_in_time", "newsletter"),
                *("lie_uncovered", "reverse"),
            )
        ),
        st.sampled_from((0, 1, 20, 60)),
        st.sampled_from(("", "p1", "p2")),
    ),
    max_size=25,
)


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS, threshold=st.sampled_from((0.0, 12.0)), able=st.sampled_from((5.0, 1.0, -4.0)))
def test_a_replay_is_what_the_core_says_of_each_account_on_each_day(
    staff, steps, threshold, able, tmp_path_factory
):
    lead = _lead(staff)
    staff.today = max(staff.today, history().versions[-1].valid_from)
    keys = [staff.customer() for _ in range(3)]
    done = []
    for who, what, days, promise in steps:
        staff.later(days)
        if what == "reverse":
            if done:
                first = done.pop()
                staff.booked(
                    first.customer, "", reverses=(first.source, first.source_id), reason="mistake"
                )
            continue
        done.append(staff.booked(keys[who], what, promise=promise))
    newest = history().versions[-1]
    kinds = {n: k for n, k in newest.kinds.items() if n != "newsletter"}
    kinds["promise_kept"] = replace(kinds["promise_kept"], points={"able": able})
    new = replace(
        newest, kinds=kinds, segments=(), parameters=replace(newest.parameters, threshold=threshold)
    )
    before = _facts()
    draft = policy_drafts.begin(lead, new, name="Probe", begun_from="x", door=staff.door)
    policy_replays.start(lead, draft, door=staff.door)
    pks = set(models.Entry.objects.values_list("customer", flat=True))
    told = models.PolicyReplay.objects.get(pk=draft).result
    for side, policy in (("before", newest), ("after", new)):
        accounts = ledger.accounts(pks, policy=policy)
        worth, opened = slowly(accounts, policy, staff.today)
        assert told["duties"][side] == opened
        assert sum(told["scenes"]["year"]["bands"][side].values()) == len(pks)
        assert told["scenes"]["year"]["bands"][side]["below"] == sum(
            bool(v.below_threshold) for v in worth.values()
        )
        assert told["scenes"]["year"]["verdicts"][side] == {
            name: sum(v.verdict == name for v in worth.values())
            for name in ("no", "unknown", "yes")
        }
        as_booked = [valuation(a, policy, as_of=staff.today) for a in accounts.values()]
        assert told["scenes"]["first_day"]["bands"][side]["below"] == sum(
            bool(v.below_threshold) for v in as_booked
        )
        for row in models.ReplayedAccount.objects.filter(replay=draft, scene="year"):
            stored = row.before if side == "before" else row.after
            assert abs(stored - worth[row.customer_id].balance) <= 1e-9
    assert _facts() == before


def _facts():
    return (
        list(models.Transaction.objects.order_by("pk").values_list("pk", "leaf_hash")),
        list(models.Entry.objects.order_by("pk").values()),
        list(models.Balance.objects.order_by("pk").values()),
        models.Obligation.objects.count(),
    )


def _lead(staff):
    known = models.Person.objects.filter(key="p_lena").first()
    return access.viewer(known.pk, channel="test") if known else staff.person("lena", "lead")


def test_a_draft_that_changes_nothing_moves_nobody(staff):
    lead = staff.person("lena", "lead")
    ada = staff.customer()
    for name in ("promise_kept", "promise_broken_unannounced", "free_service"):
        staff.booked(ada, name)
        staff.later(100)
    draft = drafted(staff, lead)
    policy_replays.start(lead, draft, door=staff.door)
    found = result(staff, lead, draft)
    assert (found.state, found.is_current, found.accounts) == ("done", True, 1)
    assert found.duties.before == found.duties.after
    assert [scene.changed for scene in found.scenes.values()] == [0, 0]
    assert results.moved(lead, draft, "year").accounts == ()


def test_accounts_that_change_band_are_named_to_leads_and_pseudonyms_to_analysts(staff):
    lead, anna = staff.person("lena", "lead"), staff.person("anna", "analyst")
    ada = staff.customer()
    staff.profile(ada)
    models.Profile.objects.update(name="Ada")
    staff.booked(ada, "promise_kept")
    draft = drafted(staff, lead, threshold=50.0)
    policy_replays.start(lead, draft, door=staff.door)
    [row] = results.moved(lead, draft, "first_day", bands=("above", "below")).accounts
    assert (row.key, row.name, row.band_before, row.band_after) == (ada, "Ada", "above", "below")
    assert (row.before, row.after) == (7.0, 7.0)
    [row] = results.moved(anna, draft, "year").accounts
    assert row.key.startswith("x_")
    assert row.name == ""
    with pytest.raises(Denied):
        results.moved(staff.person("bob"), draft, "year")


def test_who_may_not_be_valued_is_not_replayed_and_is_forgotten_when_erased(staff):
    lead = staff.person("lena", "lead")
    ada, ben = staff.customer(), staff.customer()
    for key in (ada, ben):
        staff.booked(key, "promise_kept")
    privacy.restrict(staff_admin(), ben, reason="accuracy_contested", door=staff.door)
    draft = drafted(staff, lead, threshold=50.0)
    policy_replays.start(lead, draft, door=staff.door)
    assert result(staff, lead, draft).accounts == 1
    privacy.restrict(staff_admin(), ada, reason="accuracy_contested", door=staff.door)
    assert results.moved(lead, draft, "year").accounts == ()


def staff_admin():
    return access.installation("test")


def test_a_replay_taken_over_by_another_worker_writes_no_more(staff, monkeypatch):
    lead = staff.person("lena", "lead")
    for _ in range(3):
        staff.booked(staff.customer(), "promise_kept")
    draft = drafted(staff, lead, threshold=50.0)
    monkeypatch.setattr(policy_replays, "CHUNK", 1)
    kept = policy_replays._kept
    calls = []

    def meanwhile(*given):
        calls.append(given)
        if len(calls) == 2:
            # The first worker was taken for dead; the second does all of it.
            policy_replays.run(draft, now=staff.door.at, today=staff.today)
        return kept(*given)

    monkeypatch.setattr(policy_replays, "_kept", meanwhile)
    policy_replays.start(lead, draft, door=staff.door)
    found = result(staff, lead, draft)
    assert (found.state, found.accounts) == ("done", 3)
    assert models.ReplayedAccount.objects.filter(scene="year").count() == 3
    assert len(calls) == 2 + 3


def test_a_cancelled_replay_stops_at_its_next_part_and_leaves_nothing(staff, monkeypatch):
    lead = staff.person("lena", "lead")
    for _ in range(3):
        staff.booked(staff.customer(), "promise_kept")
    draft = drafted(staff, lead, threshold=50.0)
    monkeypatch.setattr(policy_replays, "CHUNK", 1)
    kept = policy_replays._kept

    def meanwhile(*given):
        if models.ReplayedAccount.objects.exists():
            policy_replays.cancel(lead, draft)
        return kept(*given)

    monkeypatch.setattr(policy_replays, "_kept", meanwhile)
    policy_replays.start(lead, draft, door=staff.door)
    assert result(staff, lead, draft).state == "cancelled"
    assert not models.ReplayedAccount.objects.exists()
    policy_replays.run(draft, now=staff.door.at, today=staff.today)
    assert result(staff, lead, draft).state == "cancelled"


def test_a_replay_that_fails_says_so_and_can_be_run_again(staff, monkeypatch):
    lead = staff.person("lena", "lead")
    staff.booked(staff.customer(), "promise_kept")
    draft = drafted(staff, lead)
    with monkeypatch.context() as broken:
        broken.setattr(policy_replays, "read", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            policy_replays.start(lead, draft, door=staff.door)
    assert result(staff, lead, draft).state == "failed"
    policy_replays.run(draft, now=staff.door.at, today=staff.today)
    assert result(staff, lead, draft).state == "done"


def test_a_large_company_waits_for_a_job(staff, monkeypatch):
    lead = staff.person("lena", "lead")
    staff.booked(staff.customer(), "promise_kept")
    draft = drafted(staff, lead)
    monkeypatch.setattr(policy_replays, "AT_ONCE", 0)
    policy_replays.start(lead, draft, door=staff.door)
    assert result(staff, lead, draft).state == "waiting"
    job = models.Job.objects.get(name="replay_policy")
    assert job.arguments == {"draft": draft}


def test_only_leads_replay_and_only_once_something_is_in_force(database):
    staff = Staff()
    lead, anna = staff.person("lena", "lead"), staff.person("anna", "analyst")
    policy = replace(POLICY, title=kind("x").label)
    draft = policy_drafts.begin(lead, policy, name="Erstes", begun_from="craft", door=staff.door)
    with pytest.raises(Denied):
        policy_replays.start(anna, draft, door=staff.door)
    with pytest.raises(Conflict):
        policy_replays.start(lead, draft, door=staff.door)
    assert not models.PolicyReplay.objects.exists()


def test_what_opens_at_a_weekend_counts_on_the_next_working_day(staff):
    lead = staff.person("lena", "lead")
    draft = drafted(staff, lead)
    policy_replays.start(lead, draft, door=staff.door)
    row = models.PolicyReplay.objects.get(pk=draft)
    assert row.first_date is not None
    days = [row.first_date + timedelta(days=n) for n in range(policy_replays.DAYS)]
    row.result["duties"]["after"] = [int(day.weekday() >= 4) for day in days]
    row.save()
    found = result(staff, lead, draft).duties
    assert found.after == sum(row.result["duties"]["after"])
    assert found.working_days == sum(day.weekday() < 5 for day in days)
    assert found.busiest_after == 2
    assert found.over_after == sum(day.weekday() == 0 for day in days)
    assert sum(week.after for week in found.weeks) == found.after


def test_what_opens_on_a_day_off_of_the_company_waits_for_its_next_working_day(staff):
    lead = staff.person("lena", "lead")
    draft = drafted(staff, lead)
    policy_replays.start(lead, draft, door=staff.door)
    row = models.PolicyReplay.objects.get(pk=draft)
    assert row.first_date is not None
    days = [row.first_date + timedelta(days=n) for n in range(policy_replays.DAYS)]
    # A Wednesday on which the company is closed, with a duty, and one the day after.
    closed = next(day for day in days if day.weekday() == 2)
    row.result["duties"]["before"] = [0] * len(days)
    row.result["duties"]["after"] = [int((day - closed).days in (0, 1)) for day in days]
    row.save()
    usual = result(staff, lead, draft).duties
    assert (usual.busiest_after, usual.over_after) == (1, 0)
    system = access.installation("test")
    number = working_calendars.make(system, name="Betrieb", region="", now=staff.door.at)
    working_calendars.change_day(system, number, closed, name="Betriebsausflug", now=staff.door.at)
    working_calendars.assign(system, number, now=staff.door.at)
    found = result(staff, lead, draft).duties
    assert (found.busiest_after, found.over_after) == (2, 1)
    assert found.after == usual.after == 2
    assert found.working_days == usual.working_days - 1
