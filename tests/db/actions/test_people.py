"""People: invited, let in by a one-time link, given roles, and shut out."""

from dataclasses import replace
from datetime import timedelta

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings
from django.core.cache import cache
from tests.db.staff import SYSTEM, Staff

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound
from vertrauenskonto.db import access, models
from vertrauenskonto.db.actions import people, proof, setup
from vertrauenskonto.db.agreements import in_force
from vertrauenskonto.db.queries import people as queries

PASSWORD = "a sentence only I know"


@pytest.fixture(autouse=True)
def _fast_passwords(monkeypatch):
    monkeypatch.setattr(
        settings, "PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"]
    )


def invite(staff, email="alice@example.org", role="contact", **given):
    return people.invite(SYSTEM, email=email, name="Alice", role=role, door=staff.door, **given)


def administrator(staff):
    path = people.first_link_if_needed(door=staff.door)
    secret = path.removeprefix(people.LINK_PATH).rstrip("/")
    setup.first_start(
        secret,
        password=PASSWORD,
        email="Ada@example.org",
        name="Ada",
        council="later",
        purpose="",
        door=staff.door,
    )
    return secret


def test_an_invited_person_sets_her_password_once(database):
    staff = Staff()
    invited = invite(staff, team="nord", key="brandt")
    assert people.whose_link(invited.secret, at=staff.door.at).email == "alice@example.org"
    pk = people.use_link(invited.secret, password=PASSWORD, door=staff.door)
    person = models.Person.objects.get(pk=pk)
    assert (person.key, person.team.name, person.check_password(PASSWORD)) == (
        "brandt",
        "nord",
        True,
    )
    with pytest.raises(Denied, match="used already"):
        people.use_link(invited.secret, password="another long sentence", door=staff.door)
    assert models.Person.objects.get(pk=pk).check_password(PASSWORD)


def test_a_link_is_kept_as_a_hash_and_ends_after_24_hours(database):
    staff = Staff()
    secret = invite(staff).secret
    row = models.SignInLink.objects.get()
    assert secret.encode() not in bytes(row.secret_hash)
    almost = replace(staff.door, at=staff.door.at + timedelta(hours=24))
    with pytest.raises(Denied):
        people.use_link(secret, password=PASSWORD, door=almost)
    people.whose_link(secret, at=almost.at - timedelta(seconds=1))


def test_a_new_link_ends_the_one_before(database):
    staff = Staff()
    first = invite(staff)
    second = people.link(SYSTEM, "ALICE@example.org", door=staff.door)
    with pytest.raises(Denied):
        people.whose_link(first.secret, at=staff.door.at)
    assert people.whose_link(second.secret, at=staff.door.at).is_first is False


@pytest.mark.parametrize("weak", ["short", "password1234", "alice@example.org"])
def test_a_weak_password_leaves_the_link_open(database, weak):
    staff = Staff()
    secret = invite(staff).secret
    with pytest.raises(Invalid) as refusal:
        people.use_link(secret, password=weak, door=staff.door)
    assert [p.field for p in refusal.value.problems] == ["password"]
    assert refusal.value.text.de != refusal.value.text.en
    people.use_link(secret, password=PASSWORD, door=staff.door)


def test_the_first_start_makes_one_administrator_and_no_second(database):
    staff = Staff()
    old = people.first_link_if_needed(door=staff.door)
    secret = administrator(staff)
    assert old != f"{people.LINK_PATH}{secret}/"
    with pytest.raises(Denied, match="the link that 'serve' printed last is good"):
        people.whose_link(old.split("/")[-2], at=staff.door.at)
    ada = models.Person.objects.get()
    assert (ada.email, ada.role, ada.name) == ("ada@example.org", "administrator", "Ada")
    assert people.first_link_if_needed(door=staff.door) is None


@pytest.mark.parametrize(
    ("council", "name"), [("none", "no_works_council"), ("agreed", "works_council")]
)
def test_the_first_start_records_the_answer_about_the_works_council(database, council, name):
    staff = Staff()
    secret = people.first_link_if_needed(door=staff.door).split("/")[-2]
    setup.first_start(
        secret,
        password=PASSWORD,
        email="ada@example.org",
        name="Ada",
        council=council,
        purpose="BV 7",
        door=staff.door,
    )
    assert in_force(name)
    key = models.Person.objects.get().key
    assert models.Agreement.objects.get().transaction.actor == key


def test_a_first_start_that_fails_changes_nothing(database):
    staff = Staff()
    secret = people.first_link_if_needed(door=staff.door).split("/")[-2]
    given = {"email": "ada@example.org", "name": "Ada", "purpose": "", "door": staff.door}
    for wrong in (
        {"password": PASSWORD, "council": "perhaps"},
        {"password": PASSWORD, "council": "agreed"},
        {"password": "short", "council": "none"},
    ):
        with pytest.raises(Invalid):
            setup.first_start(secret, **{**given, **wrong})  # type: ignore[arg-type]  # wrong on purpose
    assert not people.is_administered()
    assert models.Agreement.objects.count() == 0


def test_addresses_and_keys_are_taken_once_whatever_their_case(database):
    staff = Staff()
    invite(staff, key="brandt")
    for email, key in (("ALICE@example.org", ""), ("bob@example.org", "brandt")):
        with pytest.raises(Conflict):
            invite(staff, email=email, key=key)
    for given in (
        {"email": "nobody"},
        {"role": "king"},
        {"language": "fr"},
        {"key": "two words"},
        {"key": "system"},
    ):
        with pytest.raises(Invalid):
            invite(staff, **{"email": "eve@example.org", **given})
    assert models.Person.objects.count() == 1


def test_only_administrators_invite_change_and_shut_out(database):
    staff = Staff()
    lead = staff.person("lena", "lead")
    door = staff.door
    for act in (
        lambda: people.invite(lead, email="x@example.org", name="", role="lead", door=door),
        lambda: people.link(lead, "p_lena", door=door),
        lambda: people.change(lead, "p_lena", role="administrator", door=door),
        lambda: people.deactivate(lead, "p_lena", door=door),
        lambda: people.activate(lead, "p_lena", door=door),
        lambda: queries.people(lead),
    ):
        with pytest.raises(Denied):
            act()
    assert models.Person.objects.get().role == "lead"


def test_a_role_changes_at_once_and_the_last_administrator_stays(database):
    staff = Staff()
    administrator(staff)
    lena, door = staff.person("lena", "lead"), staff.door
    for act in (
        lambda: people.change(SYSTEM, "ada@example.org", role="lead", door=door),
        lambda: people.deactivate(SYSTEM, "ada@example.org", door=door),
    ):
        with pytest.raises(Conflict, match="last administrator"):
            act()
    given = {"role": "administrator", "team": "nord", "name": " Lena ", "language": "en"}
    people.change(SYSTEM, "p_lena", **given, door=door)
    assert lena.person_id is not None
    assert access.viewer(lena.person_id, channel="test").role == "administrator"
    people.change(SYSTEM, "ada@example.org", role="auditor", door=door)
    people.change(SYSTEM, "p_lena", team="", door=door)
    assert [(p.email, p.role, p.team, p.language) for p in queries.people(SYSTEM)] == [
        ("ada@example.org", "auditor", "", "de"),
        ("lena@example.org", "administrator", "", "en"),
    ]


def test_deactivating_ends_password_links_and_sessions_and_activating_needs_a_new_link(database):
    staff = Staff()
    secret = invite(staff).secret
    people.use_link(secret, password=PASSWORD, door=staff.door)
    before = models.Person.objects.get().get_session_auth_hash()
    people.deactivate(SYSTEM, "alice@example.org", door=staff.door)
    person = models.Person.objects.get()
    assert (person.is_active, person.has_usable_password()) == (False, False)
    assert person.get_session_auth_hash() != before
    with pytest.raises(NotFound, match="deactivated"):
        people.link(SYSTEM, "alice@example.org", door=staff.door)
    people.activate(SYSTEM, "alice@example.org", door=staff.door)
    people.link(SYSTEM, "alice@example.org", door=staff.door)
    with pytest.raises(NotFound):
        people.deactivate(SYSTEM, "nobody@example.org", door=staff.door)


def test_everybody_chooses_her_own_language(database):
    staff = Staff()
    alice = staff.person("alice")
    people.change_own_language(alice, "en")
    assert models.Person.objects.get().language == "en"
    with pytest.raises(Invalid):
        people.change_own_language(alice, "fr")


def test_roles_leave_a_sealed_trace(database):
    staff = Staff()
    administrator(staff)
    key = invite(staff).key
    people.change(SYSTEM, key, role="lead", door=staff.door)
    people.change(SYSTEM, key, role="lead", team="nord", door=staff.door)
    staff.later(2)
    for _ in range(2):
        people.deactivate(SYSTEM, key, door=staff.door)
    for _ in range(2):
        people.activate(SYSTEM, key, door=staff.door)
    rows = models.RoleGiven.objects.filter(person=key).order_by("pk")
    day = staff.today
    assert list(rows.values_list("role", "recorded_date", "transaction__actor")) == [
        ("contact", day - timedelta(days=2), "user:alice"),
        ("lead", day - timedelta(days=2), "user:alice"),
        ("", day, "user:alice"),
        ("lead", day, "user:alice"),
    ]
    assert all(len(row.transaction.leaf_hash) == 32 for row in rows)


def test_a_person_proves_to_be_there_by_password_and_code(database):
    staff = Staff()
    invited = invite(staff)
    people.use_link(invited.secret, password=PASSWORD, door=staff.door)
    for named in (invited.key, "ALICE@example.org"):
        proven = proof.prove(named, password=PASSWORD, channel="cli")
        assert (proven.actor, proven.channel) == (invited.key, "cli")
    for named, password in ((invited.key, "wrong"), ("nobody", PASSWORD), (invited.key, "")):
        with pytest.raises(Denied, match="do not fit"):
            proof.prove(named, password=password, channel="cli")
    person = models.Person.objects.get(key=invited.key)
    assert not proof.needs_code(invited.key)
    cache.clear()
    TOTP.activate(person, "A" * 32)
    [spare, *_] = RecoveryCodes.activate(person).get_unused_codes()
    assert proof.needs_code(invited.key)
    code = format_hotp_value(hotp_value("A" * 32, list(yield_hotp_counters_from_time())[1]))
    for given, fits in (("", False), (code, True), (code, False), (spare, True), (spare, False)):
        if fits:
            proof.prove(invited.key, password=PASSWORD, code=given, channel="cli")
        else:
            with pytest.raises(Denied, match="do not fit"):
                proof.prove(invited.key, password=PASSWORD, code=given, channel="cli")
    people.deactivate(SYSTEM, invited.key, door=staff.door)
    with pytest.raises(Denied):
        proof.prove(invited.key, password=PASSWORD, channel="cli")


def test_an_administrator_without_a_second_factor_proves_nothing(database):
    staff = Staff()
    invited = invite(staff, email="ada@example.org", role="administrator")
    people.use_link(invited.secret, password=PASSWORD, door=staff.door)
    with pytest.raises(Denied):
        proof.prove(invited.key, password=PASSWORD, channel="cli")


@pytest.mark.parametrize("name", ["X\r\nBcc: eve@example.org", "X\x00", "X\u2028Y", "X\tY"])
def test_a_name_stands_on_one_line(database, name):
    staff = Staff()
    with pytest.raises(Invalid) as refusal:
        people.invite(SYSTEM, email="eve@example.org", name=name, role="contact", door=staff.door)
    assert [p.field for p in refusal.value.problems] == ["name"]
    assert not models.Person.objects.exists()
    invited = invite(staff)
    with pytest.raises(Invalid):
        people.change(SYSTEM, invited.key, name=name, role="lead", door=staff.door)
    row = models.Person.objects.get()
    assert (row.name, row.role) == ("Alice", "contact")
    people.change(SYSTEM, invited.key, name=" Zoë  O’Brien-Łuk ", door=staff.door)
    assert models.Person.objects.get().name == "Zoë  O’Brien-Łuk"
