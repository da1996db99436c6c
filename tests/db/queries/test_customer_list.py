"""The list of customers, in every order and both directions; who matches, and how many."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.db.staff import SYSTEM, Staff

from vertrauenskonto.core.errors import Denied, Invalid
from vertrauenskonto.db import access, models, naming
from vertrauenskonto.db.actions import balances, privacy
from vertrauenskonto.db.matching import folded
from vertrauenskonto.db.queries import customer_list
from vertrauenskonto.db.queries.customer_list import Wanted
from vertrauenskonto.db.queries.customer_walk import SORTS, Order
from vertrauenskonto.db.queries.customers import Filters

NAMES = ("Holm", "Nowak", "Brandt", "Sommer", "Özil", "", "holm", "Ahlers")


def lived_in(count: int = 14) -> Staff:
    """Customers with names and without, booked on months ago and never, some below."""
    world = Staff()
    world.policy()
    start = world.today
    kinds = ["promise_kept", "promise_broken_unannounced", "conversation", "free_service"]
    for n in range(count):
        key = world.customer()
        customer = models.Customer.objects.get(key=key)
        if n % 5:
            name = NAMES[n % len(NAMES)]
            models.Profile.objects.create(
                customer=customer, sort="person", name=name, search_name=folded(name)
            )
            naming.name_anew([customer.pk])
        for part in range(n % 4):
            day = start - timedelta(days=(n * 37 + part * 61) % 400)
            world.booked(key, kinds[(n + part) % 4], value_date=day)
    balances.bring_up(world.today, world.policies)
    return world


def walked(world, viewer, wanted, sort, *, descending=False, limit=5):
    """Return all keys forwards, and again backwards from the last page."""
    forwards, cursor, last = [], None, None
    while True:
        order = Order(sort=sort, is_descending=descending, cursor=cursor, limit=limit)
        page = customer_list.page(viewer, wanted, order, today=world.today)
        forwards += [line.key for line in page.lines]
        last = page
        if page.after is None:
            break
        cursor = page.after
    backwards = [line.key for line in last.lines]
    while last.before is not None:
        order = Order(sort=sort, is_descending=descending, cursor=last.before, limit=limit)
        last = customer_list.page(viewer, wanted, order, today=world.today)
        backwards = [line.key for line in last.lines] + backwards
    return forwards, backwards


def value(sort, line):
    return {
        "reach": line.falls,
        "balance": line.balance,
        "change": line.change,
        "weakest": models.Balance.objects.filter(customer__key=line.key)
        .values_list("weakest_expected", flat=True)
        .first(),
        "contact": line.last_contact,
        "name": folded(line.name) or None,
    }[sort]


@pytest.mark.parametrize("counted_max", [10_000, 3])
def test_every_order_lists_everybody_once_in_both_directions(database, monkeypatch, counted_max):
    monkeypatch.setattr(customer_list, "COUNTED_MAX", counted_max)
    world = lived_in()
    everybody = set(models.Customer.objects.values_list("key", flat=True))
    for sort in SORTS:
        for descending in (False, True):
            forwards, backwards = walked(world, SYSTEM, Wanted(), sort, descending=descending)
            assert sorted(forwards) == sorted(everybody), sort
            assert backwards == forwards, sort
            order = Order(sort=sort, is_descending=descending, limit=100)
            lines = customer_list.page(SYSTEM, Wanted(), order, today=world.today).lines
            assert [line.key for line in lines] == forwards
            values = [value(sort, line) for line in lines]
            known = [v for v in values if v is not None]
            assert known == sorted(known, reverse=descending), sort
            if sort == "reach" and descending:
                # Who lasts longer than anybody looked comes first, who has no entry last.
                unknown = [line.balance is None for line in lines]
                assert unknown == sorted(unknown)
            else:
                assert values[: len(known)] == known, sort


def keys(world, viewer=SYSTEM, **wanted):
    order = Order(sort="name", limit=100)
    page = customer_list.page(viewer, Wanted(**wanted), order, today=world.today)
    assert page.count == len(page.lines)
    assert customer_list.count(viewer, Wanted(**wanted), today=world.today) == page.count
    if not wanted.get("unbooked"):
        valued = customer_list.valued(viewer, Wanted(**wanted), today=world.today)
        with_balance = {line.key for line in page.lines if line.balance is not None}
        assert {row.customer.key for row in valued.select_related("customer")} == with_balance
    return {line.key for line in page.lines}


def test_each_filter_lists_exactly_whom_it_says(database):
    world = lived_in()
    balance = {b.customer.key: b for b in models.Balance.objects.select_related("customer")}
    everybody = set(models.Customer.objects.values_list("key", flat=True))
    assert keys(world) == everybody
    assert keys(world, unbooked=True) == everybody - balance.keys()
    below = {key for key, b in balance.items() if b.below_threshold}
    assert below
    assert keys(world, who=Filters(below_threshold=True)) == below
    soon = world.today + timedelta(days=200)
    falling = {
        key
        for key, b in balance.items()
        if not b.below_threshold and b.falls_date is not None and b.falls_date <= soon
    }
    assert falling
    assert keys(world, falls_days=200) == falling
    for reason in ("damaged", "unproven"):
        weak = {key for key, b in balance.items() if b.weakest_reason == reason}
        assert keys(world, reason=reason) == weak
        assert keys(world, reason=reason, unbooked=True) == set()
    for name in ("willing", "able", "assessable"):
        assert keys(world, weakest=name) == {k for k, b in balance.items() if b.weakest == name}
    grace = world.policies.versions[0].parameters.silence.grace_days
    last = world.today - timedelta(days=grace)
    silent = {k for k, b in balance.items() if b.last_contact_date and b.last_contact_date <= last}
    assert silent
    assert keys(world, silent=True) == silent
    models.Profile.objects.filter(search_name="brandt").update(is_prospect=True)
    prospects = set(
        models.Profile.objects.filter(is_prospect=True).values_list("customer__key", flat=True)
    )
    assert prospects
    assert keys(world, who=Filters(prospect=True)) == prospects


def test_segments_are_those_of_the_balances(database):
    world = lived_in(6)
    [first, *_] = models.Balance.objects.order_by("pk").values_list("customer__key", flat=True)
    models.Balance.objects.filter(customer__key=first).update(segment="b2b")
    assert keys(world, who=Filters(segment="b2b")) == {first}
    others = set(models.Balance.objects.values_list("customer__key", flat=True)) - {first}
    assert keys(world, who=Filters(segment="")) == others
    with pytest.raises(Invalid):
        keys(world, who=Filters(segment="revenue"))


def test_a_contact_sees_her_own_and_nobody_filters_by_others_before_an_agreement(database):
    world = Staff()
    world.policy()
    alice, lena = world.person("alice"), world.person("lena", "lead")
    hers, queued, other = (world.customer() for _ in range(3))
    world.profile(hers, owner=alice)
    world.profile(other, owner=lena)
    world.booked(hers)
    world.booked(other)
    assert keys(world, alice) == {hers}
    assert keys(world, lena) == {hers, queued, other}
    assert keys(world, lena, who=Filters(mine=True)) == {other}
    with pytest.raises(Denied):
        keys(world, lena, who=Filters(owner="p_alice"))
    world.agree()
    access.person_view(alice, "p_alice")
    assert keys(world, lena, who=Filters(owner="p_alice")) == {hers}


def test_who_may_not_be_evaluated_is_not_listed(database):
    world = lived_in(4)
    before = keys(world)
    gone = min(before)
    privacy.restrict(SYSTEM, gone, reason="precaution", door=world.door)
    assert keys(world) == before - {gone}
    for sort in SORTS:
        assert set(walked(world, SYSTEM, Wanted(), sort)[0]) == before - {gone}


@pytest.mark.parametrize(
    "cursor", ["", "x", "+", "+a", "+a1", "+z1~", "-ax~1", "+a1~gestern", "+a1~nan", "~~~", "+b1~"]
)
def test_a_cursor_that_is_none_begins_at_the_start_or_lists_on(database, cursor):
    world = lived_in(4)
    for sort in SORTS:
        order = Order(sort=sort, cursor=cursor)
        page = customer_list.page(SYSTEM, Wanted(), order, today=world.today)
        assert len(page.lines) <= 4


@pytest.mark.parametrize("wanted", [{"weakest": "x"}, {"reason": "x"}, {"falls_days": -1}])
def test_what_nobody_can_ask_for_is_refused(database, wanted):
    with pytest.raises(Invalid):
        keys(lived_in(0), **wanted)


def test_a_page_takes_as_many_questions_for_many_rows_as_for_few(database):
    world = lived_in(12)

    def asked(limit):
        with CaptureQueriesContext(connection) as captured:
            order = Order(sort="balance", limit=limit)
            customer_list.page(SYSTEM, Wanted(), order, today=world.today)
        return len(captured)

    assert asked(2) == asked(8) == 3
