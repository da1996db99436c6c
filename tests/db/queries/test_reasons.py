"""Reasons: what stands, of accounts that are valued, in the period, without anybody of the staff."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.db.conftest import database  # noqa: F401
from tests.db.staff import SYSTEM, Staff

from vertrauenskonto.core.errors import Denied, NotFound
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import balances, merging, privacy
from vertrauenskonto.db.queries import reasons

BROKEN = "promise_broken_unannounced"


@pytest.fixture
def world(database):  # noqa: F811
    cache.clear()
    staff = Staff()
    staff.policy()
    return staff


def told(world, days=28, viewer=SYSTEM):
    return reasons.reasons(viewer, days=days, today=world.today)


def booked_ago(world, customer, kind, ago, source="test"):
    today = world.today
    world.source, world.today = source, today - timedelta(days=ago)
    draft = world.booked(customer, kind)
    world.today = today
    return draft


def test_causes_are_added_up_by_kind_and_source_and_compared_with_the_period_before(world):
    """
    Before: ada BROKEN (25). In it: ada twice, ben once BROKEN (75), ben a lie (50), a kept promise.
    """
    ada, ben = world.customer(), world.customer()
    booked_ago(world, ada, BROKEN, 30, "shop")
    for customer, kind, ago, source in (
        (ada, BROKEN, 27, "shop"),
        (ben, BROKEN, 10, "stock"),
        (ben, "lie_uncovered", 5, "shop"),
        (ada, "promise_kept", 4, "shop"),
        (ada, BROKEN, 0, "stock"),
    ):
        booked_ago(world, customer, kind, ago, source)
    found = told(world)
    assert (found.entries, found.customers, found.cost, found.before) == (4, 2, 125.0, 25.0)
    first, second = found.kinds
    assert (first.name, first.cost, first.before, first.entries, first.customers) == (
        BROKEN,
        75.0,
        25.0,
        3,
        2,
    )
    assert first.costs == {"willing": 30.0, "able": 45.0, "assessable": 0.0}
    assert (second.name, second.cost, second.hit) == ("lie_uncovered", 50.0, "willing")
    assert [(c.name, c.cost, c.before) for c in found.sources] == [
        ("shop", 75.0, 25.0),
        ("stock", 50.0, 0.0),
    ]
    assert sum(cost for _, cost in found.days) == 150.0
    assert [cost for day, cost in found.days if day == world.today] == [25.0]


def test_what_was_reversed_or_is_not_valued_does_not_count(world):
    ada, ben, eve = world.customer(), world.customer(), world.customer()
    draft = booked_ago(world, ada, BROKEN, 5)
    booked_ago(world, ben, BROKEN, 5)
    booked_ago(world, eve, BROKEN, 5)
    assert told(world).cost == 75.0
    world.booked(ada, "", reverses=(draft.source, draft.source_id), reason="mistake")
    assert told(world).cost == 50.0
    privacy.restrict(SYSTEM, eve, reason="precaution", door=world.door)
    assert (told(world).cost, told(world).customers) == (25.0, 1)
    names = {row.customer for row in cases(world).rows}
    assert names == {ben}


def cases(world, viewer=SYSTEM, **given):
    period = (world.today - timedelta(days=27), world.today + timedelta(days=1))
    return reasons.cases(viewer, **{"by": "kind", "name": BROKEN, "period": period, **given})


def test_somebody_merged_counts_once_and_under_the_account_that_counts(world):
    ada, ben = world.customer(), world.customer()
    for key in (ada, ben):
        booked_ago(world, key, BROKEN, 5)
    assert told(world).customers == 2
    merging.merge(SYSTEM, ben, into=ada, door=world.door, policies=world.policies)
    assert (told(world).customers, told(world).cost) == (1, 50.0)
    assert {row.customer for row in cases(world).rows} == {ada}


def test_the_cases_behind_a_cause_come_in_pages_newest_first(world):
    keys = [world.customer() for _ in range(5)]
    for n, key in enumerate(keys):
        booked_ago(world, key, BROKEN, 10 - n // 2)
    seen, before = [], None
    while True:
        page = cases(world, limit=2, before=before)
        seen += [(row.value_date, row.customer) for row in page.rows]
        before = page.next_before
        if before is None:
            break
    assert [customer for _, customer in seen] == keys[::-1]
    assert [day for day, _ in seen] == sorted((day for day, _ in seen), reverse=True)


def test_analysts_see_pseudonyms_and_contacts_see_nothing(world):
    anna, alice = world.person("anna", "analyst"), world.person("alice")
    ada = world.customer()
    world.profile(ada)
    models.Profile.objects.update(name="Frau Holm")
    booked_ago(world, ada, BROKEN, 5)
    assert told(world, viewer=anna).cost == 25.0
    [row] = cases(world, viewer=anna).rows
    assert (row.name, row.customer.startswith("x_")) == (None, True)
    [row] = cases(world).rows
    assert (row.name, row.customer) == ("Frau Holm", ada)
    for role in (alice, world.person("otto", "auditor")):
        with pytest.raises(Denied):
            told(world, viewer=role)
        with pytest.raises(Denied):
            cases(world, viewer=role)
        with pytest.raises(Denied):
            reasons.week(role, monday=world.today)


def test_only_the_periods_offered_exist(world):
    with pytest.raises(NotFound):
        told(world, days=5)


def test_what_is_quick_is_always_fresh_and_what_took_long_waits_for_the_job(world, monkeypatch):
    ada, eve = world.customer(), world.customer()
    booked_ago(world, ada, BROKEN, 5)
    assert told(world).cost == 25.0
    with CaptureQueriesContext(connection) as asked:
        told(world)
    assert len(asked) == 2  # what may have changed, and what is kept
    booked_ago(world, eve, BROKEN, 4)
    assert told(world).cost == 50.0
    monkeypatch.setattr(reasons, "_QUICK_SECONDS", -1.0)
    booked_ago(world, ada, BROKEN, 3)
    assert told(world).cost == 50.0
    world.later(1)
    yesterdays = told(world)
    assert (yesterdays.cost, yesterdays.until_date) == (50.0, world.today)
    reasons.prepare(today=world.today)
    assert (told(world).cost, told(world).until_date) == (75.0, world.today + timedelta(days=1))
    # Who objects is in no number from then on, however long that takes.
    privacy.restrict(SYSTEM, eve, reason="precaution", door=world.door)
    assert told(world).cost == 50.0
    world.later(2)
    assert told(world).until_date == world.today + timedelta(days=1)


def test_silence_is_told_apart(world):
    ada = world.customer()
    booked_ago(world, ada, "promise_kept", 390)
    balances.bring_up(world.today, world.policies)
    found = told(world)
    row = models.Balance.objects.get(customer__key=ada)
    assert row.silence_charges > 0
    assert (found.silent_customers, found.silence) == (1, pytest.approx(row.silence))
    assert found.cost == 0.0


def test_the_week_names_the_main_cause_and_what_earned_most(world):
    monday = world.today - timedelta(days=world.today.isoweekday() - 1)
    assert reasons.week(SYSTEM, monday=monday) is None
    ada = world.customer()
    ago = (world.today - monday).days + 3
    booked_ago(world, ada, BROKEN, ago + 7)
    booked_ago(world, ada, BROKEN, ago)
    booked_ago(world, ada, "promise_kept", ago)
    found = reasons.week(SYSTEM, monday=monday)
    assert (found.cause.name, found.cause.cost, found.before) == (BROKEN, 25.0, 25.0)
    assert (found.earned.kind, found.earned.points) == ("promise_kept", 7.0)
