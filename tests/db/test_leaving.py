"""What leaving would cost: a team's sum for who leads, a person's own for herself alone."""

import inspect
from typing import Any

import pytest
from tests.db.staff import SYSTEM, Staff

from vertrauenskonto.core.errors import Denied, NotFound
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import merging, privacy
from vertrauenskonto.db.queries import leaving
from vertrauenskonto.db.queries.policies import history

NAMES = ("alice", "bob", "carl", "dora", "emil")


@pytest.fixture
def world(database):
    """Five people of a team, each with 7 points at one customer, and Lena who leads it."""
    made: Any = Staff()
    made.policy()
    made.policies = history()
    made.viewers = {name: made.person(name, team="nord") for name in NAMES}
    made.lena = made.person("lena", "lead", team="nord")
    made.nord = models.Team.objects.get(name="nord").pk
    made.keys = [made.customer() for _ in NAMES]
    for name, key in zip(NAMES, made.keys, strict=True):
        made.booked(key, target=f"person:p_{name}")
    made.booked(made.keys[0], "promise_kept")
    made.booked(made.keys[1], "promise_broken_unannounced", target="organisation")
    return made


def of_team(world, viewer):
    return leaving.of_team(viewer, world.nord, today=world.today)


def test_the_team_total_is_shown_to_who_leads_and_names_nobody(world):
    for viewer in (world.lena, SYSTEM):
        found = of_team(world, viewer)
        assert (found.n, found.total, found.at_risk, found.retained) == (5, 17.0, 17.5, -0.5)
        assert found.falling == 0
    for viewer in (
        world.viewers["alice"],
        world.person("anna", "analyst"),
        world.person("otto", "auditor"),
    ):
        with pytest.raises(Denied, match="right 'lead'"):
            of_team(world, viewer)
    with pytest.raises(NotFound):
        leaving.of_team(world.lena, world.nord + 99, today=world.today)


def test_a_sum_over_fewer_than_five_accounts_of_people_is_shown_to_nobody(world):
    world.agree()
    for name in NAMES:
        leaving.own(world.viewers[name], today=world.today)
    # Five who work there still, Lena included, but only four with accounts of their own.
    models.Person.objects.filter(key="p_emil").update(is_active=False)
    for viewer in (world.lena, SYSTEM):
        with pytest.raises(Denied, match="4 people"):
            of_team(world, viewer)
    models.Person.objects.filter(key="p_dora").update(is_active=False)
    for viewer in (world.lena, SYSTEM):
        with pytest.raises(Denied, match="4 people"):
            of_team(world, viewer)


def test_her_own_value_is_shown_to_herself_alone_and_only_after_an_agreement(world):
    alice = world.viewers["alice"]
    with pytest.raises(Denied, match="only after a works agreement"):
        leaving.own(alice, today=world.today)
    world.agree()
    found = leaving.own(alice, today=world.today)
    assert (found.n, found.total, found.at_risk, found.retained) == (1, 14.0, 3.5, 10.5)
    hers = leaving.own(world.lena, today=world.today)
    assert (hers.n, hers.at_risk) == (0, 0.0)
    # Nobody can even ask for somebody else.
    assert list(inspect.signature(leaving.own).parameters) == ["viewer", "today"]


def test_what_was_undone_or_is_not_valued_counts_for_nothing(world):
    world.agree()
    bob = world.viewers["bob"]
    before = leaving.own(bob, today=world.today)
    assert (before.n, before.total, before.at_risk) == (1, -18.0, 3.5)
    lost = world.booked(world.keys[1], target="person:p_bob")
    world.booked(world.keys[1], "", reverses=(lost.source, lost.source_id), reason="mistake")
    assert leaving.own(bob, today=world.today) == before
    privacy.restrict(SYSTEM, world.keys[1], reason="accuracy_contested", door=world.door)
    assert leaving.own(bob, today=world.today).n == 0


def test_a_merged_account_counts_where_it_was_merged_to(world):
    world.agree()
    rows = {row.key: row for row in models.Customer.objects.all()}
    ada, ben = (rows[key] for key in world.keys[:2])
    merging.merge(SYSTEM, ben.key, into=ada.key, door=world.door, policies=world.policies)
    found = leaving.own(world.viewers["bob"], today=world.today)
    assert (found.n, found.total, found.at_risk) == (1, -4.0, 3.5)
