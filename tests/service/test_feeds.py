"""Calendar feeds: an address nobody can guess, of what the person may see, revocable for good."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
from django.test import Client
from tests.db.world import World

from vertrauenskonto.core.errors import Denied, NotFound
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, installation
from vertrauenskonto.db.actions import facts, feeds, suspensions
from vertrauenskonto.db.queries import feeds as queries

NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)
US = installation("test")
FAR = date(2126, 5, 1)


@pytest.fixture
def people(database):
    """Return Alice, a contact person, and Charlie, another."""
    made = {}
    for name in ("alice", "charlie"):
        made[name] = models.Person.objects.create(
            key=f"p_{name}", email=f"{name}@example.com", role="contact", language="en"
        )
    return made


def resting(world, owner, *, name="Ada Holm", ends=FAR):
    ada = world.customer()
    customer = models.Customer.objects.get(key=ada)
    models.Profile.objects.update_or_create(
        customer=customer, defaults={"name": name, "sort": "person", "owner": owner}
    )
    suspensions.suspend(
        ada,
        key="pause",
        starts=world.today,
        ends=ends,
        reason="rest",
        door=world.door,
        policies=world.policies,
    )
    return ada


def days(secret):
    answer = Client().get(f"/feeds/{secret}.ics", HTTP_HOST="localhost")
    assert answer.status_code == 200, answer.content
    calendar = icalendar.Calendar.from_ical(answer.content)
    return [(str(e["summary"]), e.decoded("dtstart")) for e in calendar.walk("VEVENT")], answer


def test_a_feed_shows_the_ends_of_rest_periods_without_a_name(people):
    ada = resting(World(), people["alice"])
    secret = feeds.issue(US, "alice@example.com", now=NOW).secret
    found, answer = days(secret)
    assert found == [(f"Rest period ends: {ada}", FAR)]
    assert b"Holm" not in answer.content
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not {"ETag", "Last-Modified"} & set(answer.headers)


def test_with_names_it_shows_them_as_long_as_the_role_may_see_them(people):
    ada = resting(World(), people["alice"])
    secret = feeds.issue(US, "alice@example.com", with_names=True, now=NOW).secret
    assert days(secret)[0] == [("Rest period ends: Ada Holm", FAR)]
    models.Person.objects.update(role="analyst")
    [(words, _)] = days(secret)[0]
    assert words.startswith("Rest period ends: x_")
    assert ada not in words


def test_charlie_sees_nothing_of_alices_customers(people):
    resting(World(), people["alice"])
    secret = feeds.issue(US, "charlie@example.com", now=NOW).secret
    assert days(secret)[0] == []


def test_only_the_latest_version_of_a_rest_period_counts_and_none_that_is_over(people):
    world = World()
    ada = resting(world, people["alice"])
    resting(world, people["alice"], ends=None)
    resting(world, people["alice"], ends=world.today + timedelta(days=1))
    world.later(1)
    suspensions.suspend(
        ada,
        key="pause",
        starts=world.today,
        ends=FAR + timedelta(days=9),
        reason="rest",
        door=world.door,
        policies=world.policies,
    )
    secret = feeds.issue(US, "alice@example.com", now=NOW).secret
    assert days(secret)[0] == [(f"Rest period ends: {ada}", FAR + timedelta(days=9))]


def test_a_customer_who_objected_disappears_from_the_feed(people):
    world = World()
    ada = resting(world, people["alice"])
    secret = feeds.issue(US, "alice@example.com", now=NOW).secret
    stop = models.Processing(
        customer=models.Customer.objects.get(key=ada),
        state="objected",
        recorded_date=world.today,
        reason="asked",
    )
    facts.write([stop], door=replace(world.door, actor="system"))
    assert days(secret)[0] == []


def test_own_tokens_that_run_out_are_shown_with_their_day(people):
    for person, prefix in (("alice", "vk_a"), ("charlie", "vk_c")):
        models.Token.objects.create(
            name="CRM",
            prefix=prefix,
            secret_hash=b"x" * 32,
            scopes=[],
            person=people[person],
            created_at=NOW,
            expires_at=datetime(2126, 1, 2, 23, 30, tzinfo=UTC),
        )
    secret = feeds.issue(US, "alice@example.com", now=NOW).secret
    assert days(secret)[0] == [("Token runs out: vk_a", date(2126, 1, 3))]


def test_a_revoked_unknown_or_orphaned_address_answers_alike(people):
    first = feeds.issue(US, "alice@example.com", now=NOW)
    second = feeds.issue(US, "charlie@example.com", now=NOW)
    feeds.revoke(US, first.feed_id, now=NOW)
    people["charlie"].is_active = False
    people["charlie"].save()
    answers = [
        Client().get(f"/feeds/{secret}.ics", HTTP_HOST="localhost")
        for secret in (first.secret, second.secret, "nobody-knows-this")
    ]
    assert [a.status_code for a in answers] == [404, 404, 404]
    assert len({a.content for a in answers}) == 1
    assert {a["Cache-Control"] for a in answers} == {"private, no-store"}


def test_only_a_hash_of_the_address_is_kept_and_two_are_never_alike(people):
    secrets = {feeds.issue(US, "alice@example.com", now=NOW).secret for _ in range(2)}
    assert len(secrets) == 2
    assert {len(secret) for secret in secrets} == {43}
    for row in models.Feed.objects.all():
        assert bytes(row.secret_hash) in {queries.hashed(secret) for secret in secrets}


def test_one_may_give_and_revoke_feeds_of_ones_own_only(people):
    alice = Viewer(actor="p_alice", role="contact", channel="test", person_id=people["alice"].pk)
    own = feeds.issue(alice, "alice@example.com", now=NOW)
    other = feeds.issue(US, "charlie@example.com", now=NOW)
    with pytest.raises(Denied):
        feeds.issue(alice, "charlie@example.com", now=NOW)
    with pytest.raises(Denied):
        feeds.issue(alice, "nobody@example.com", now=NOW)
    with pytest.raises(NotFound):
        feeds.issue(US, "nobody@example.com", now=NOW)
    with pytest.raises(NotFound):
        feeds.revoke(alice, other.feed_id, now=NOW)
    assert [row.id for row in queries.page(alice)] == [own.feed_id]
    feeds.revoke(alice, own.feed_id, now=NOW)
    assert [row.is_revoked for row in queries.page(US)] == [True, False]
    with pytest.raises(NotFound):
        feeds.revoke(alice, own.feed_id, now=NOW)


def test_nobody_can_write_to_a_feed(people):
    secret = feeds.issue(US, "alice@example.com", now=NOW).secret
    client = Client(HTTP_HOST="localhost")
    assert client.post(f"/feeds/{secret}.ics").status_code == 405
    assert client.head(f"/feeds/{secret}.ics").status_code == 200
