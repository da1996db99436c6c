"""Obligations in the database: opened by bookings and by mere time, worked on, closed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.db.actions.test_balances import many
from tests.db.staff import SYSTEM, Staff
from tests.db.world import POLICY, TODAY

from vertrauenskonto.core.errors import Denied, Invalid, NotFound, Text
from vertrauenskonto.core.ledger.kinds import Kind
from vertrauenskonto.core.ledger.policy import Segment, policy_history
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import balances, choices, customers, merging, obligations, privacy
from vertrauenskonto.db.queries import alerts
from vertrauenskonto.db.queries import obligations as queries

BROKEN = "promise_broken_unannounced"


def a_world() -> Staff:
    staff = Staff()
    staff.policy()
    return staff


def opened(key: str) -> models.Obligation:
    return models.Obligation.objects.get(customer__key=key, closed_date=None)


def told(obligation: models.Obligation) -> list[str]:
    return list(obligation.step_set.order_by("pk").values_list("what", flat=True))


def everything() -> tuple:
    tables = (models.Obligation, models.Cause, models.Step, models.Resting, models.SharedDuty)
    return tuple(tuple(table.objects.order_by("pk").values_list()) for table in tables)


# ---------------------------------------------------------------------- opening and closing


def test_a_booking_opens_one_obligation_and_the_next_withdrawal_opens_no_other(database):
    world = a_world()
    ada = world.customer()
    world.booked(ada, BROKEN)
    row = opened(ada)
    assert (row.opened_date, row.due_date) == (TODAY, date(2026, 3, 23))
    causes = set(row.cause_set.values_list("sort", flat=True))
    assert causes == {"threshold", "able"}
    world.booked(ada, BROKEN)
    assert models.Obligation.objects.count() == 1
    assert told(row) == ["opened", "cause_added"]
    assert set(row.cause_set.values_list("sort", flat=True)) == {"threshold", "able", "willing"}


def test_it_closes_when_the_account_has_its_buffer_again_and_not_before(database):
    world = a_world()
    ada = world.customer()
    world.booked(ada, BROKEN)
    row = opened(ada)
    for _ in range(4):
        world.booked(ada)
    assert models.Balance.objects.get().balance == 3.0
    assert opened(ada) == row
    for _ in range(6):
        world.booked(ada)
    row.refresh_from_db()
    assert (row.closed_date, row.outcome) == (TODAY, "recovered")
    assert told(row)[-1] == "recovered"
    assert not models.Resting.objects.exists()
    assert not row.cause_set.filter(ended_date=None).exists()


def test_mere_time_opens_an_obligation_the_same_for_few_and_for_many(database):
    world = a_world()
    keys = many(world)
    obligations.watch([], world.policies, today=world.today)
    before = set(models.Obligation.objects.values_list("customer", flat=True))
    world.later(150)
    balances.bring_up(world.today, world.policies)
    bad = models.Balance.objects.filter(below_threshold=True) | models.Balance.objects.filter(
        verdict="no"
    )
    found = models.Obligation.objects.filter(closed_date=None)
    fallen = set(bad.values_list("pk", flat=True))
    assert fallen > before
    assert set(found.values_list("customer", flat=True)) >= fallen
    assert found.filter(opened_date=world.today).count() == len(fallen - before) > 0
    assert len(keys) > len(fallen)
    counted = everything()
    models.Balance.objects.update(as_of_date=TODAY)
    balances.bring_up(world.today, world.policies)
    assert everything() == counted


def test_looking_at_accounts_that_are_as_they_were_takes_the_same_few_queries(database):
    world = a_world()
    many(world)
    asked = []
    for few in (1, 60):
        ids = list(models.Customer.objects.order_by("pk").values_list("pk", flat=True)[:few])
        with CaptureQueriesContext(connection) as caught:
            obligations.watch(ids, world.policies, today=world.today)
        asked.append(len(caught))
    well = models.Balance.objects.exclude(verdict="no").filter(below_threshold=False)
    calls = models.Obligation.objects.filter(closed_date=None).values("customer")
    well = well.exclude(pk__in=calls).exclude(pk__in=models.Resting.objects.values("customer"))
    one = [well[0].pk]
    with CaptureQueriesContext(connection) as caught:
        obligations.watch(one, world.policies, today=world.today)
    assert len(caught) == 1
    assert max(asked) <= 4


def test_a_breach_of_honesty_opens_whatever_the_balance_and_a_reversal_takes_it_away(database):
    world = a_world()
    ada = world.customer()
    for _ in range(40):
        world.booked(ada, "free_service")
        world.booked(ada)
    assert not models.Obligation.objects.exists()
    lie = world.booked(ada, "lie_uncovered")
    row = opened(ada)
    assert row.due_date == date(2026, 3, 19)
    assert set(row.cause_set.values_list("sort", flat=True)) == {"honesty", "willing"}
    world.booked(ada)
    assert models.Cause.objects.count() == 2
    reversal = world.draft(ada, "", reverses=(lie.source, lie.source_id), reason="mistake")
    assert world.book(reversal)[0].status == "booked"
    row.refresh_from_db()
    assert row.outcome == "recovered"
    assert not models.Resting.objects.exists()


def test_every_breach_of_honesty_is_a_cause_of_its_own(database):
    world = a_world()
    ada = world.customer()
    world.booked(ada, "lie_uncovered")
    obligations.leave(SYSTEM, opened(ada).pk, "mit der Kundin geklärt", door=world.door)
    world.booked(ada)
    assert not models.Obligation.objects.filter(closed_date=None).exists()
    world.booked(ada, "lie_uncovered")
    assert opened(ada).cause_set.filter(sort="honesty").count() == 1


def test_thresholds_of_segments_count(database):
    parameters = replace(POLICY.parameters, threshold=-100.0)
    own = Segment(name="b2b", label=Text("B", "B"), parameters=parameters, kinds=POLICY.kinds)
    world = Staff(policies=policy_history(replace(POLICY, segments=(own,))))
    world.policy()
    ada, ben = world.customer(), world.customer()
    customers.put_into_segment([ada], "b2b", door=world.door)
    for key in (ada, ben):
        world.booked(key, "conversation")
        world.booked(key, BROKEN)
    assert set(opened(ben).cause_set.values_list("sort", flat=True)) == {"threshold", "able"}
    assert set(opened(ada).cause_set.values_list("sort", flat=True)) == {"able"}


# ---------------------------------------------------------------------- what opens nothing


def test_before_and_on_the_day_of_going_live_nothing_opens_until_somebody_asks_for_it(database):
    world = a_world()
    choices.choose("go_live_date", (TODAY + timedelta(days=1)).isoformat())
    ada, ben = world.customer(), world.customer()
    world.booked(ada, BROKEN)
    world.later(1)
    world.booked(ben, BROKEN)
    world.later(1)
    balances.bring_up(world.today, world.policies)
    world.booked(ada, BROKEN)
    late = models.Cause.objects.values_list("obligation__customer__key", "sort")
    assert set(late) == {(ada, "willing")}
    carl = world.customer()
    world.booked(carl, BROKEN)
    assert opened(carl).pk
    assert obligations.look_at_old_states(world.policies, today=world.today) == 1
    assert set(opened(ben).cause_set.values_list("sort", flat=True)) == {"threshold", "able"}
    assert opened(ada).cause_set.count() == 3
    assert obligations.look_at_old_states(world.policies, today=world.today) == 0


def test_new_rules_call_nobody_for_accounts_that_are_bad_by_them_only(database):
    world = a_world()
    ada, ben = world.customer(), world.customer()
    world.booked(ada)
    for _ in range(6):
        world.booked(ben)
    balances.bring_up(world.today, world.policies)
    world.later(1)
    stricter = replace(
        POLICY,
        version=2,
        valid_from=world.today,
        parameters=replace(POLICY.parameters, threshold=20.0),
    )
    world.policies = policy_history(POLICY, stricter)
    balances.bring_up(world.today, world.policies)
    assert models.Balance.objects.get(customer__key=ada).below_threshold
    assert not models.Obligation.objects.exists()
    assert list(models.Resting.objects.values_list("customer__key", "sort", "is_old")) == [
        (ada, "threshold", True)
    ]
    # From then on the new rules are the rules.
    world.booked(ben, BROKEN)
    assert opened(ben).cause_set.filter(sort="threshold").exists()
    assert obligations.look_at_old_states(world.policies, today=world.today) == 1
    assert opened(ada).pk


def test_what_falls_under_the_old_rules_too_opens_on_the_day_the_rules_change(database):
    world = a_world()
    ada = world.customer()
    world.booked(ada)
    balances.bring_up(world.today, world.policies)
    world.later(400)
    stricter = replace(
        POLICY,
        version=2,
        valid_from=world.today,
        parameters=replace(POLICY.parameters, threshold=20.0),
    )
    world.policies = policy_history(POLICY, stricter)
    balances.bring_up(world.today, world.policies)
    assert opened(ada).cause_set.get().sort == "threshold"


def test_a_kind_that_becomes_a_breach_of_honesty_calls_nobody_for_the_past(database):
    world = a_world()
    ada = world.customer()
    for _ in range(6):
        world.booked(ada)
    world.booked(ada, BROKEN)
    balances.bring_up(world.today, world.policies)
    assert not models.Obligation.objects.exists()
    world.later(1)
    kinds: dict[str, Kind] = {**POLICY.kinds, BROKEN: replace(POLICY.kinds[BROKEN], honesty=True)}
    world.policies = policy_history(
        POLICY, replace(POLICY, version=2, valid_from=world.today, kinds=kinds)
    )
    balances.bring_up(world.today, world.policies)
    assert models.Balance.objects.get().verdict_willing == "no"
    assert not models.Obligation.objects.exists()
    assert models.Resting.objects.filter(is_old=True).count() == 2


# ---------------------------------------------------------------------- no longer valued


@pytest.mark.parametrize("state", ["restricted", "objected", "erased"])
def test_who_is_not_valued_any_more_loses_the_obligation_quietly(database, state):
    world = a_world()
    ada = world.customer()
    world.booked(ada, BROKEN)
    row = opened(ada)
    if state == "restricted":
        privacy.restrict(SYSTEM, ada, reason="precaution", door=world.door)
    elif state == "objected":
        privacy.object_to(SYSTEM, ada, reason="no_reason_given", door=world.door)
    else:
        obligations.snooze(
            SYSTEM, row.pk, world.today + timedelta(days=2), "Frau Holm ist krank", door=world.door
        )
        privacy.erase(SYSTEM, ada, reason="consent_withdrawn", door=world.door)
    row.refresh_from_db()
    assert (row.outcome, row.closed_date) == ("not_valued", TODAY)
    assert told(row)[-1] == "not_valued"
    assert not row.step_set.exclude(reason="").exists()
    assert not models.Resting.objects.exists()
    if state == "restricted":
        privacy.lift(SYSTEM, ada, what="restricted", reason="at_request", door=world.door)
        assert opened(ada).pk != row.pk


def test_of_merged_customers_the_obligation_of_the_account_that_counts_is_left(database):
    world = a_world()
    ada, ben = world.customer(), world.customer()
    for key in (ada, ben):
        world.booked(key, BROKEN)
    row = opened(ada)
    merging.merge(SYSTEM, ada, ben, door=world.door, policies=world.policies)
    row.refresh_from_db()
    assert row.outcome == "merged"
    assert opened(ben).cause_set.filter(ended_date=None).count() == 3
    merging.unmerge(SYSTEM, ada, door=world.door, policies=world.policies)
    assert opened(ada).pk != row.pk


# ---------------------------------------------------------------------- what people do


def company() -> tuple[Staff, dict]:
    """Return a world in which Alice looks after Ada, and Lena leads."""
    world = a_world()
    people = {n: world.person(n, r) for n, r in _ROLES.items()}
    ada = world.customer()
    world.profile(ada, owner=people["alice"])
    world.booked(ada, BROKEN)
    return world, {**people, "duty": opened(ada).pk, "ada": ada}


_ROLES = {
    "alice": "contact",
    "bob": "contact",
    "lena": "lead",
    "anna": "analyst",
    "otto": "auditor",
}


def test_taking_twice_is_taking_once(database):
    world, c = company()
    for _ in range(2):
        obligations.take(c["alice"], c["duty"], door=world.door_of(c["alice"]))
    row = models.Obligation.objects.get()
    assert row.owner.key == "p_alice"
    assert told(row) == ["opened", "taken"]


@pytest.mark.parametrize("who", ["bob", "anna", "otto"])
def test_who_may_not_act_on_the_account_changes_nothing(database, who):
    world, c = company()
    before = everything()
    door, duty, later = world.door_of(c[who]), c["duty"], TODAY + timedelta(days=1)
    for act in (
        lambda: obligations.take(c[who], duty, door=door),
        lambda: obligations.snooze(c[who], duty, later, "krank", door=door),
        lambda: obligations.wake(c[who], duty, door=door),
        lambda: obligations.leave(c[who], duty, "geklärt", door=door),
        lambda: obligations.assign(c[who], duty, "p_alice", door=door),
        lambda: obligations.ungroup(c[who], duty, door=door),
    ):
        with pytest.raises((Denied, NotFound)):
            act()
    assert everything() == before


def test_a_lead_gives_a_duty_to_who_may_act_on_it_and_to_nobody_else(database):
    world, c = company()
    door = world.door_of(c["lena"])
    obligations.assign(c["lena"], c["duty"], "p_alice", door=door)
    before = everything()
    for wrong, error in (("p_bob", Invalid), ("p_anna", Invalid), ("p_ghost", NotFound)):
        with pytest.raises(error):
            obligations.assign(c["lena"], c["duty"], wrong, door=door)
    with pytest.raises(Denied):
        obligations.assign(c["alice"], c["duty"], "p_alice", door=world.door_of(c["alice"]))
    assert everything() == before
    obligations.assign(c["lena"], c["duty"], "", door=door)
    assert models.Obligation.objects.get().owner is None


@pytest.mark.parametrize(
    ("days", "reason", "field"),
    [(0, "krank", "until"), (31, "krank", "until"), (1, "  ", "reason"), (1, "x" * 501, "reason")],
)
def test_putting_off_takes_a_day_within_thirty_and_a_reason(database, days, reason, field):
    world, c = company()
    before = everything()
    with pytest.raises(Invalid) as refusal:
        obligations.snooze(
            c["alice"],
            c["duty"],
            TODAY + timedelta(days=days),
            reason,
            door=world.door_of(c["alice"]),
        )
    assert [p.field for p in refusal.value.problems] == [field]
    assert everything() == before


def test_what_was_put_off_wakes_by_itself_and_a_new_cause_wakes_it_sooner(database):
    world, c = company()
    until = TODAY + timedelta(days=7)
    door = world.door_of(c["alice"])
    obligations.snooze(c["alice"], c["duty"], until, "ruft zurück", door=door)
    assert queries.mine(c["alice"], today=TODAY) == ()
    [duty] = queries.mine(c["alice"], today=until)
    assert (duty.due_date, duty.snoozed_until) == (until, None)
    world.booked(c["ada"], BROKEN)
    [duty] = queries.mine(c["alice"], today=TODAY)
    assert duty.snoozed_until is None
    assert told(models.Obligation.objects.get())[-2:] == ["cause_added", "woken"]
    obligations.snooze(c["alice"], c["duty"], until, "ruft zurück", door=door)
    world.later(7)
    obligations.escalate(today=world.today, at=world.door.at)
    assert told(models.Obligation.objects.get())[-1] == "woken"


def test_what_is_overdue_is_escalated_once_and_what_sleeps_is_not(database):
    world, c = company()
    late = date(2026, 3, 24)
    at = world.door.at
    assert obligations.escalate(today=date(2026, 3, 23), at=at) == 0
    assert obligations.escalate(today=late, at=at) == 1
    assert obligations.escalate(today=late, at=at) == 0
    [duty] = queries.mine(c["alice"], today=late)
    assert (duty.is_overdue, duty.is_escalated) == (True, True)

    world.today = late
    obligations.snooze(
        c["alice"], c["duty"], late + timedelta(days=3), "krank", door=world.door_of(c["alice"])
    )
    assert obligations.escalate(today=late + timedelta(days=1), at=at) == 0
    assert obligations.escalate(today=late + timedelta(days=4), at=at) == 1


def test_only_leads_put_a_breach_of_honesty_off(database):
    world, c = company()
    world.booked(c["ada"], "lie_uncovered")
    until = TODAY + timedelta(days=9)
    before = everything()
    with pytest.raises(Denied):
        obligations.snooze(c["alice"], c["duty"], until, "später", door=world.door_of(c["alice"]))
    assert everything() == before
    obligations.snooze(c["lena"], c["duty"], until, "wartet", door=world.door_of(c["lena"]))
    row = models.Obligation.objects.get()
    assert (row.snoozed_until_date, row.due_date) == (until, until)


def test_leaving_it_takes_a_reason_and_only_leads_leave_a_breach_of_honesty(database):
    world, c = company()
    door = world.door_of(c["alice"])
    before = everything()
    with pytest.raises(Invalid):
        obligations.leave(c["alice"], c["duty"], " ", door=door)
    assert everything() == before
    obligations.leave(c["alice"], c["duty"], "Die Firma ist aufgelöst.", door=door)
    row = models.Obligation.objects.get()
    assert (row.outcome, row.closed_date) == ("left", TODAY)
    with pytest.raises(NotFound):
        obligations.leave(c["alice"], c["duty"], "noch einmal", door=door)
    world.booked(c["ada"], "lie_uncovered")
    duty = opened(c["ada"]).pk
    before = everything()
    with pytest.raises(Denied):
        obligations.leave(c["alice"], duty, "halb so wild", door=door)
    assert everything() == before
    obligations.leave(c["lena"], duty, "mit ihr geklärt", door=world.door_of(c["lena"]))
    assert queries.mine(c["alice"], today=TODAY) == ()


def test_duties_of_one_cause_are_bundled_and_none_is_dropped(database):
    world, c = company()
    ben, carl = world.customer(), world.customer()
    for key in (ben, carl):
        world.profile(key, owner=c["alice"])
        world.booked(key, BROKEN)
    duties = list(models.Obligation.objects.order_by("pk").values_list("pk", flat=True))
    alice, door = c["alice"], world.door_of(c["alice"])
    shared = obligations.group(alice, duties, "Spedition Nord", owner="p_alice", door=door)
    assert [d.id for d in queries.shared(alice, shared, today=TODAY).duties] == duties
    for _ in range(10):
        world.booked(ben)
    assert [d.id for d in queries.shared(alice, shared, today=TODAY).duties] == [
        duties[0],
        duties[2],
    ]
    obligations.ungroup(alice, duties[2], door=door)
    left = obligations.resolve_shared(alice, shared, "Fährt jetzt jeden Tag.", door=door)
    assert left == 1
    first = models.Obligation.objects.get(pk=duties[0])
    assert (first.closed_date, told(first)) == (None, ["opened", "grouped", "shared_resolved"])
    with pytest.raises(NotFound):
        obligations.resolve_shared(alice, shared, "noch einmal", door=door)
    with pytest.raises(NotFound):
        queries.shared(c["bob"], shared, today=TODAY)


def a_bundle(world, c, **given):
    """Bundle the duties of two customers; return the shared duty and theirs."""
    ben = world.customer()
    world.profile(ben, owner=c["alice"])
    world.booked(ben, BROKEN)
    duties = list(models.Obligation.objects.order_by("pk").values_list("pk", flat=True))
    door = world.door_of(c["lena"])
    return obligations.group(c["lena"], duties, "Spedition Nord", door=door, **given), duties


def news(viewer, world):
    rows = alerts.messages(viewer, now=world.door.at + timedelta(minutes=1)).rows
    return [(m.what, m.shared, m.name, m.obligation, m.is_open) for m in rows if m.shared]


def counted(viewer, today):
    since = datetime(2026, 3, 1, tzinfo=UTC)
    told = alerts.digest(viewer, since=since, today=today, with_names=True)
    return told.waiting, told.overdue, told.new, told.escalated, told.names[:1]


def test_a_shared_duty_is_its_owners_and_told_to_leads_when_overdue(database):
    world, c = company()
    alice, lena = c["alice"], c["lena"]
    without = {who: counted(c[who], TODAY)[:3] for who in ("alice", "lena")}
    shared, duties = a_bundle(world, c, owner="p_alice")
    assert [(s.id, s.open_count) for s in queries.shared_mine(alice, today=TODAY)] == [(shared, 2)]
    assert queries.shared_mine(lena, today=TODAY) == ()
    assert news(alice, world) == [("opened", shared, "Spedition Nord", None, True)]
    assert news(lena, world) == []
    # Ben's own duty, and the shared one.
    waiting, overdue, new = without["alice"]
    assert counted(alice, TODAY) == (waiting + 2, overdue, new + 2, 0, ("Spedition Nord",))
    assert counted(lena, TODAY)[:3] == without["lena"]
    unread = alerts.unread(lena, now=world.door.at)
    world.later(30)
    late = world.today
    # All accounts recover; that the cause is dealt with is still to be said.
    models.Obligation.objects.update(closed_date=late, outcome="recovered")
    assert obligations.escalate(today=late, at=world.door.at) == 1
    assert obligations.escalate(today=late, at=world.door.at) == 0
    assert alerts.unread(lena, now=world.door.at + timedelta(minutes=1)) == unread + 1
    assert news(lena, world) == [("overdue", shared, "Spedition Nord", None, True)]
    assert counted(alice, late) == (1, 1, 1, 0, ("Spedition Nord",))
    assert counted(lena, late)[3] == 1
    for viewer in (alice, lena):
        [listed] = queries.shared_open(viewer, today=late)
        assert (listed.id, listed.open_count, listed.is_overdue) == (shared, 0, True)
    obligations.resolve_shared(alice, shared, "Andere Spedition.", door=world.door_of(alice))
    assert queries.shared_open(lena, today=late) == queries.shared_mine(alice, today=late) == ()
    assert counted(alice, late)[:4] == (0, 0, 0, 0)
    assert {row[-1] for row in news(alice, world) + news(lena, world)} == {False}
    assert (len(duties), counted(lena, late)[3]) == (2, 0)


def test_a_shared_duty_that_nobody_has_is_the_leads_until_it_is_given_to_somebody(database):
    world, c = company()
    shared, duties = a_bundle(world, c)
    alice, lena, door = c["alice"], c["lena"], world.door_of(c["lena"])
    assert [s.id for s in queries.shared_mine(lena, today=TODAY)] == [shared]
    assert queries.shared_mine(alice, today=TODAY) == queries.shared_mine(c["bob"], today=TODAY)
    # She made it herself, so nobody tells her.
    assert news(lena, world) == news(alice, world) == []
    for _ in "12":
        obligations.give_shared(lena, shared, "p_alice", door=door)
    assert [m[:3] for m in news(alice, world)][:1] == [("assigned", shared, "Spedition Nord")]
    assert [s.id for s in queries.shared_mine(alice, today=TODAY)] == [shared]
    steps = models.Step.objects.filter(shared=shared).order_by("pk")
    assert list(steps.values_list("what", "person")) == [("opened", ""), ("assigned", "p_alice")]
    # Taken out of it one by one: it is still there for its owner and for leads.
    for duty in duties:
        obligations.ungroup(lena, duty, door=door)
    for viewer in (alice, lena):
        assert [s.id for s in queries.shared_open(viewer, today=TODAY)] == [shared]
        assert queries.shared(viewer, shared, today=TODAY).duties == ()
    assert queries.shared_open(c["bob"], today=TODAY) == ()
    with pytest.raises(NotFound):
        queries.shared(c["bob"], shared, today=TODAY)


def test_a_chat_system_counts_a_shared_duty_as_one_until_it_is_dealt_with(database):
    world, c = company()
    models.AlertTarget.objects.create(
        name="Team", address="", tells=["opened", "overdue"], told_until_at=world.door.at
    )
    [target] = alerts.active_targets()
    world.later(30)
    shared, _ = a_bundle(world, c)
    models.SharedDuty.objects.update(due_date=TODAY)
    obligations.escalate(today=world.today, at=world.door.at)
    counts = alerts.chat_news(target, until=world.door.at).counts
    # Ben's account fell that day, Ada's became overdue.
    assert counts == {"opened": 2, "overdue": 2}
    obligations.resolve_shared(c["lena"], shared, "erledigt", door=world.door_of(c["lena"]))
    counts = alerts.chat_news(target, until=world.door.at).counts
    assert counts == {"opened": 1, "overdue": 1}


def test_how_the_duties_below_a_shared_one_ended_is_counted_apart(database):
    world, c = company()
    shared, duties = a_bundle(world, c)
    obligations.leave(c["lena"], duties[0], "aufgelöst", door=world.door_of(c["lena"]))
    found = queries.shared(c["lena"], shared, today=TODAY)
    assert (found.open_count, found.recovered_count, found.other_count) == (1, 0, 1)
    models.Obligation.objects.filter(pk=duties[1]).update(closed_date=TODAY, outcome="recovered")
    found = queries.shared(c["lena"], shared, today=TODAY)
    assert (found.open_count, found.recovered_count, found.other_count) == (0, 1, 1)


def test_what_is_bundled_is_named_and_exists(database):
    world, c = company()
    ben = world.customer()
    world.booked(ben, BROKEN)
    duties = list(models.Obligation.objects.order_by("pk").values_list("pk", flat=True))
    before = everything()
    door = world.door_of(c["lena"])
    for numbers, name, due, fields in (
        (duties, " ", None, ["name"]),
        (duties[:1], "Nord", None, ["duties"]),
        (duties, "Nord", TODAY - timedelta(days=1), ["due"]),
    ):
        with pytest.raises(Invalid) as refusal:
            obligations.group(c["lena"], numbers, name, due=due, door=door)
        assert [p.field for p in refusal.value.problems] == fields
    with pytest.raises(NotFound):
        obligations.group(c["alice"], duties, "Nord", door=world.door_of(c["alice"]))
    assert everything() == before


def test_an_endpoint_is_told_of_obligations_only_while_it_is_agreed_that_scores_leave(database):
    world = a_world()
    models.Endpoint.objects.create(
        url="https://crm.example/hook",
        secret="whsec_x",
        events=["obligation.opened"],
        created_at=world.door.at,
    )
    ada = world.customer()
    world.booked(world.customer(), BROKEN)
    assert not models.Delivery.objects.exists()
    world.agree("scores")
    world.booked(ada, BROKEN)
    body = models.Delivery.objects.get().body
    assert body["data"] == {"customer": ada, "due_date": "2026-03-23"}
