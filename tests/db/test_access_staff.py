"""The staff rule: nothing by member of staff or small team before an agreement, then her own first.

Each channel that exists has its test here; `CHANNELS` must name it.
"""

import pytest
from tests.db.staff import SYSTEM, Staff

from vertrauenskonto.core.errors import Denied, Invalid
from vertrauenskonto.db import access, models
from vertrauenskonto.db.actions import agreements
from vertrauenskonto.db.agreements import (
    in_force,
    is_works_council_answered,
    person_views_agreed,
    records,
)


@pytest.mark.parametrize("name", ["works_council", "no_works_council"])
def test_before_an_agreement_nobody_sees_a_person_then_she_first(database, name):
    staff = Staff()
    alice, lead = staff.person("alice"), staff.person("lena", "lead")
    for asker in (alice, lead, SYSTEM):
        with pytest.raises(Denied, match="only after a works agreement"):
            access.person_view(asker, "p_alice")
    staff.agree(name)
    for asker in (lead, SYSTEM):
        with pytest.raises(Denied, match="sees her own view first"):
            access.person_view(asker, "p_alice")
    access.person_view(alice, "p_alice")
    access.person_view(lead, "p_alice")
    access.person_view(SYSTEM, "p_alice")


def test_the_end_of_an_agreement_ends_the_views(database):
    staff = Staff()
    alice = staff.person("alice")
    staff.agree()
    access.person_view(alice, "p_alice")
    staff.agree(is_in_force=False)
    with pytest.raises(Denied):
        access.person_view(alice, "p_alice")
    assert [r.is_in_force for r in records()] == [True, False]


@pytest.mark.parametrize("role", ["contact", "analyst", "auditor"])
def test_colleagues_analysts_and_auditors_never_see_somebody_else(database, role):
    staff = Staff()
    alice, other = staff.person("alice"), staff.person("olaf", role)
    staff.agree()
    access.person_view(alice, "p_alice")
    with pytest.raises(Denied, match="right 'lead'"):
        access.person_view(other, "p_alice")


def test_a_name_without_a_user_account_is_shown_to_nobody(database):
    staff = Staff()
    staff.agree()
    with pytest.raises(Denied, match="user account"):
        access.person_view(SYSTEM, "brandt")


@pytest.mark.parametrize(
    ("size", "is_rate", "is_open"),
    [(4, False, False), (5, False, True), (9, True, False), (10, True, True), (0, False, False)],
)
def test_a_team_hides_its_members_from_5_on_and_from_10_for_rates(database, size, is_rate, is_open):
    staff = Staff()
    for number in range(size):
        staff.person(f"n{number}", team="nord")
    gone = staff.person("gone", team="nord")
    assert gone.person_id is not None
    models.Person.objects.filter(pk=gone.person_id).update(is_active=False)
    team = models.Team.objects.get(name="nord").pk
    if is_open:
        access.team_view(SYSTEM, team, is_rate=is_rate)
        return
    with pytest.raises(Denied, match=f"has {size} members"):
        access.team_view(SYSTEM, team, is_rate=is_rate)


def test_a_small_team_is_seen_by_who_may_see_each_of_its_members(database):
    staff = Staff()
    alice, bob = staff.person("alice", team="nord"), staff.person("bob", team="nord")
    team = models.Team.objects.get(name="nord").pk
    staff.agree()
    access.person_view(alice, "p_alice")
    for asker in (SYSTEM, alice):
        with pytest.raises(Denied):
            access.team_view(asker, team, is_rate=False)
    access.person_view(bob, "p_bob")
    access.team_view(SYSTEM, team, is_rate=False)
    with pytest.raises(Denied):
        access.team_view(alice, team, is_rate=False)


def test_targets_name_a_person_only_to_who_may_see_her(database):
    staff = Staff()
    alice, lead = staff.person("alice"), staff.person("lena", "lead")
    assert access.shown_target(alice, "organisation") == "organisation"
    assert access.shown_target(alice, "person:p_alice") == "person"
    staff.agree()
    assert access.shown_target(alice, "person:p_alice") == "person:p_alice"
    assert access.shown_target(alice, "person:p_lena") == "person"
    assert access.shown_target(lead, "person:p_alice") == "person"
    access.person_view(alice, "p_alice")
    assert access.shown_target(lead, "person:p_alice") == "person:p_alice"


def test_looking_at_a_target_is_not_looking_at_ones_view(database):
    staff = Staff()
    alice = staff.person("alice")
    staff.agree()
    access.shown_target(alice, "person:p_alice")
    assert not models.Person.objects.get(key="p_alice").has_seen_own_view


def test_who_wrote_something_is_told_to_audits_and_to_herself(database):
    staff = Staff()
    alice, bob = staff.person("alice"), staff.person("bob")
    auditor = staff.person("otto", "auditor")
    assert access.shown_actor(bob, "p_alice") == "person"
    assert access.shown_actor(bob, "system") == "system"
    assert access.shown_actor(auditor, "p_alice") == "p_alice"
    assert access.shown_actor(alice, "p_alice") == "person"
    staff.agree()
    assert access.shown_actor(alice, "p_alice") == "p_alice"


def test_the_question_for_a_works_council_is_open_until_answered(database):
    staff = Staff()
    assert not is_works_council_answered()
    staff.agree("scores")
    assert (is_works_council_answered(), in_force("scores")) == (False, True)
    staff.agree("no_works_council")
    assert (is_works_council_answered(), person_views_agreed()) == (True, True)


def test_an_agreement_needs_a_known_name_and_a_purpose(database):
    staff = Staff()
    for name, purpose in (("works_councl", "x"), ("scores", "  "), ("scores", "x" * 501)):
        with pytest.raises(Invalid):
            agreements.agree(name, is_in_force=True, purpose=purpose, door=staff.door)
    assert models.Agreement.objects.count() == 0
