"""What people are told of promises, what is kept of them, and what customers get to know."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.db.actions.test_privacy import written_before
from tests.db.staff import SYSTEM
from tests.db.test_promises import ada, clock, make, take, world  # noqa: F401  fixtures
from tests.db.world import TODAY

from vertrauenskonto.cli import jobs
from vertrauenskonto.cli.moment import Moment
from vertrauenskonto.core.errors import Text
from vertrauenskonto.db import exporting, models
from vertrauenskonto.db.actions import alerts as settings
from vertrauenskonto.db.actions import modules, policies, privacy, promises
from vertrauenskonto.db.queries import access_reports, alerts, promise_news

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def alice(world, ada):  # noqa: F811
    made = world.person("alice")
    row = models.Customer.objects.get(key=ada)
    models.Profile.objects.create(
        customer=row, sort="person", name="Ada Holm", owner_id=made.person_id
    )
    return made


def in_force(world):  # noqa: F811
    rules = replace(world.policies.versions[-1], title=Text("Klein", "Small"))
    policies.put_in_force(rules, valid_from=TODAY, door=world.door)


def told(viewer, world):  # noqa: F811
    return [(one.what, one.is_unread) for one in promise_news.newest(viewer, now=world.door.at)]


def test_the_warning_and_the_miss_are_told_to_her_and_to_nobody_else(world, ada, alice):  # noqa: F811
    bob = world.person("bob")
    make(world, ada, viewer=alice, due=TOMORROW)
    assert alerts.unread(alice, now=world.door.at) == 0
    world.later(1)
    clock(world)
    first = [what for what, _ in told(alice, world)]
    world.later(1)
    clock(world)
    assert told(alice, world) == [("overdue", True), *[(what, True) for what in first]]
    assert alerts.unread(alice, now=world.door.at) == 1 + len(first)
    assert told(bob, world) == []
    assert alerts.unread(bob, now=world.door.at) == 0
    [newest, *_] = promise_news.newest(alice, now=world.door.at)
    assert (newest.wording, newest.name, newest.is_open) == ("Angebot schicken", "Ada Holm", True)
    settings.mark_read(alice, until=world.door.at)
    assert {is_unread for _, is_unread in told(alice, world)} == {False}
    assert alerts.unread(alice, now=world.door.at) == 0


def test_a_summary_counts_what_is_in_danger_and_names_nobody(world, ada, alice):  # noqa: F811
    make(world, ada, viewer=alice, due=TOMORROW)
    make(world, ada, viewer=alice, due=TODAY + timedelta(days=9), source_id="n2")
    key = make(world, ada, viewer=alice, due=TODAY + timedelta(days=8), source_id="n3")
    take(world, key, "at_risk", viewer=alice, note="Lager")
    world.later(2)
    found = alerts.digest(
        alice, since=world.door.at, today=world.today, now=world.door.at, with_names=False
    )
    assert (found.promises, found.promises_overdue, found.names) == (2, 1, ())
    counts = promise_news.counts(alice, now=world.door.at)
    assert (counts.in_danger, counts.overdue) == (2, 1)


def test_handed_on_it_is_news_to_whom_it_was_given(world, ada, alice):  # noqa: F811
    bob = world.person("bob")
    key = make(world, ada, viewer=alice, due=TOMORROW)
    door = world.door_of(alice)
    promises.pass_on(alice, key, "p_bob", role="keeper", note="Urlaub", door=door)
    assert told(bob, world) == [("passed_on", True)]
    assert told(alice, world) == []


def test_switched_off_nothing_is_told(world, ada, alice):  # noqa: F811
    make(world, ada, viewer=alice, due=TOMORROW)
    world.later(2)
    clock(world)
    assert told(alice, world) != []
    modules.switch(SYSTEM, "promises", is_on=False, now=world.door.at)
    assert told(alice, world) == []
    assert alerts.unread(alice, now=world.door.at) == 0


def test_nobodys_promise_is_told_to_who_looks_after_the_customer(world, ada, alice):  # noqa: F811
    make(world, ada, due=TOMORROW)
    assert models.Promise.objects.get().giver is None
    world.later(2)
    clock(world)
    assert ("overdue", True) in told(alice, world)


def test_the_job_does_both_and_may_run_twice(world, ada):  # noqa: F811
    make(world, ada, due=TOMORROW)
    in_force(world)
    world.later(2)
    moment = Moment(now=world.door.at, today=world.today)
    again = jobs.JOBS["promise_clock"]({}, moment)
    before = models.PromiseStep.objects.count()
    assert again == moment.now + timedelta(minutes=3)
    jobs.JOBS["promise_clock"]({}, moment)
    assert models.PromiseStep.objects.count() == before
    assert models.Promise.objects.get().state == "overdue"
    assert "promise_clock" in jobs.DAILY


def test_promises_that_are_over_for_long_are_forgotten_and_open_ones_never(world, ada):  # noqa: F811
    kept = make(world, ada, due=TOMORROW)
    still = make(world, ada, due=TODAY + timedelta(days=3000), source_id="n2")
    take(world, kept, "done", note="geliefert")
    world.later(1095)
    written_before(world)
    privacy.retain(world.today, world.door.at)
    assert models.Promise.objects.count() == 2
    world.later(3)
    privacy.retain(world.today, world.door.at)
    assert list(models.Promise.objects.values_list("key", flat=True)) == [still]
    assert set(models.PromiseStep.objects.values_list("promise__key", flat=True)) == {still}
    assert models.Entry.objects.filter(source="promises").count() == 1


def test_the_customer_is_told_of_every_promise_and_what_was_noted(world, ada, tmp_path):  # noqa: F811
    key = make(
        world, ada, due=TOMORROW, evidence="Ticket 4711", told_whom="Frau Holm", place="Werkstatt"
    )
    take(world, key, "told", channel="call", note="Fahrer krank")
    in_force(world)
    report = access_reports.access_report(
        SYSTEM, ada, form="json", language="en", as_of=world.today
    )
    [promised] = json.loads(report)["promises"]
    assert promised["wording"] == "Angebot schicken"
    assert promised["about"] == ["Frau Holm", "Werkstatt", "Ticket 4711", "Fahrer krank"]
    page = access_reports.access_report(SYSTEM, ada, form="html", language="de", as_of=world.today)
    assert "Was wir Ihnen zugesagt haben" in page.decode()
    assert "Fahrer krank" in page.decode()
    world.seal()
    at = datetime(2026, 3, 19, tzinfo=UTC)
    exporting.export(tmp_path / "out", form="ndjson", made_at=at, language="en")
    [row] = map(json.loads, (tmp_path / "out" / "promise.ndjson").read_text().splitlines())
    assert (row["key"], row["customer_key"], row["evidence"]) == (key, ada, "Ticket 4711")
    steps = (tmp_path / "out" / "promise_step.ndjson").read_text().splitlines()
    assert [json.loads(step)["what"] for step in steps] == ["made", "told"]
