"""Webhooks out: told once what was written, signed, retried; never a balance, names only on request."""

import json
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from standardwebhooks import Webhook, WebhookVerificationError
from tests.db.world import World

from vertrauenskonto.cli.jobs import JOBS
from vertrauenskonto.cli.moment import Moment
from vertrauenskonto.cli.worker import Worker
from vertrauenskonto.core.errors import Denied, Invalid, NotFound
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, installation
from vertrauenskonto.db.actions import facts, merging, privacy
from vertrauenskonto.db.actions import webhooks as actions
from vertrauenskonto.db.queries import jobs as job_queries
from vertrauenskonto.db.queries import webhooks as queries

US = installation("test")
AUDITOR = Viewer(actor="p_bob", role="auditor", channel="test")


@pytest.fixture(autouse=True)
def loopback_is_allowed(monkeypatch):
    monkeypatch.setattr(settings, "WEBHOOK_NETWORKS", "127.0.0.1", raising=False)


class Clock:
    """A clock that tests set; real at first, because verifiers look at the real one."""

    def __init__(self):
        self.now = datetime.now(UTC)

    def __call__(self):
        return self.now


def endpoint(receiver, clock, **given):
    wanted = {"events": ["entry.booked", "entry.reversed", "entry.compensated"], **given}
    return actions.add(US, receiver.url, now=clock(), **wanted)


def work(clock):
    """Do the deliveries that are due."""
    return Worker(clock, registry={"deliver": JOBS["deliver"], **_NOTHING}).once()


_NOTHING = dict.fromkeys(("bring_up", "retain", "expire"), lambda *_: None)


class NowWorld(World):
    """Books at the moment of a clock, not at noon."""

    clock: Any = None

    @property
    def door(self):
        return replace(super().door, at=self.clock())


def world_at(clock):
    world = NowWorld(today=clock().date())
    world.clock = clock
    return world


def test_a_booking_is_told_of_in_a_message_that_the_librarys_verifier_accepts(database, receiver):
    clock = Clock()
    issued = endpoint(receiver, clock)
    world = world_at(clock)
    ada = world.customer()
    draft = world.booked(ada, note="Frau Holm rief an")
    work(clock)
    [(headers, body)] = receiver.messages
    told = Webhook(issued.secret).verify(body, headers)
    assert told["type"] == "entry.booked"
    assert told["data"] == {
        "entries": [
            {
                "customer": ada,
                "source": draft.source,
                "source_id": draft.source_id,
                "kind": "promise_kept",
                "value_date": world.today.isoformat(),
                "recorded_date": world.today.isoformat(),
            }
        ]
    }
    [row] = queries.deliveries(AUDITOR)
    assert (row.state, row.key) == ("delivered", headers["webhook-id"])
    assert [a["status"] for a in row.attempts] == [204]
    with pytest.raises(WebhookVerificationError):
        Webhook(issued.secret).verify(body.replace(b"promise", b"Promise"), headers)


def test_reversals_and_compensations_are_told_of_as_such(database, receiver):
    clock = Clock()
    endpoint(receiver, clock)
    world = world_at(clock)
    ada = world.customer()
    first = world.draft(ada)
    second = world.draft(ada, "free_service", compensates=_name(first), reason="goodwill")
    third = world.draft(ada, "", reverses=_name(second), reason="mistake")
    world.book(first, second, third)
    work(clock)
    told = [json.loads(body) for _, body in receiver.messages]
    assert {t["type"]: len(t["data"]["entries"]) for t in told} == {
        "entry.booked": 1,
        "entry.compensated": 1,
        "entry.reversed": 1,
    }
    reversed_ = next(t for t in told if t["type"] == "entry.reversed")["data"]["entries"][0]
    assert reversed_["reverses"] == {"source": second.source, "source_id": second.source_id}


def _name(draft):
    return draft.source, draft.source_id


def test_nothing_is_told_of_what_was_rolled_back_and_nothing_costs_without_listeners(
    database, receiver
):
    clock = Clock()
    world = world_at(clock)
    ada = world.customer()
    world.booked(ada)
    assert models.Delivery.objects.count() == 0
    endpoint(receiver, clock)
    with pytest.raises(RuntimeError), transaction.atomic():
        world.booked(ada)
        raise RuntimeError
    assert models.Delivery.objects.count() == 0
    assert models.Job.objects.count() == 0


def test_an_endpoint_hears_only_what_it_asked_for(database, receiver):
    clock = Clock()
    endpoint(receiver, clock, events=["entry.reversed"])
    world = world_at(clock)
    world.booked(world.customer())
    assert models.Delivery.objects.count() == 0


def test_a_large_transaction_is_told_of_in_several_messages(database, receiver, monkeypatch):
    monkeypatch.setattr(actions, "ENTRIES_PER_MESSAGE_MAX", 2)
    clock = Clock()
    endpoint(receiver, clock)
    world = world_at(clock)
    ada = world.customer()
    world.book(*[world.draft(ada) for _ in range(5)])
    work(clock)
    sizes = [len(json.loads(body)["data"]["entries"]) for _, body in receiver.messages]
    assert sorted(sizes) == [1, 2, 2]


def test_names_leave_only_if_the_endpoint_may_have_them_and_never_wait_in_the_log(
    database, receiver
):
    clock = Clock()
    endpoint(receiver, clock, with_names=True)
    world = world_at(clock)
    ada = world.customer()
    row = models.Customer.objects.get(key=ada)
    models.Profile.objects.update_or_create(
        customer=row, defaults={"name": "Ada Holm", "sort": "person"}
    )
    world.booked(ada)
    assert "Holm" not in json.dumps(models.Delivery.objects.get().body)
    work(clock)
    [(_, body)] = receiver.messages
    assert json.loads(body)["data"]["entries"][0]["customer_name"] == "Ada Holm"
    assert "Holm" not in json.dumps(models.Delivery.objects.get().body)


def test_a_customer_whose_processing_was_restricted_meanwhile_is_not_told_of(database, receiver):
    clock = Clock()
    endpoint(receiver, clock)
    world = world_at(clock)
    ada = world.customer()
    world.booked(ada)
    with transaction.atomic():
        customer = models.Customer.objects.get(key=ada)
        stop = models.Processing(
            customer=customer, state="restricted", recorded_date=world.today, reason="asked"
        )
        facts.write([stop], door=world.door)
    work(clock)
    assert receiver.messages == []
    assert models.Delivery.objects.get().state == "withdrawn"


def test_a_failed_delivery_is_repeated_with_the_same_id_until_it_arrives(database, receiver):
    clock = Clock()
    issued = endpoint(receiver, clock)
    world = world_at(clock)
    world.booked(world.customer())
    receiver.status = 503
    work(clock)
    [shown] = queries.endpoints(AUDITOR)
    assert shown.failing_since_at == clock.now
    assert work(clock) == 0
    clock.now += actions.DELAYS[0]
    receiver.status = 200
    work(clock)
    (first, body), (second, same) = receiver.messages
    assert first["webhook-id"] == second["webhook-id"]
    assert body == same
    Webhook(issued.secret).verify(same, second)
    [row] = queries.deliveries(AUDITOR)
    assert [a["status"] for a in row.attempts] == [503, 200]
    assert queries.endpoints(AUDITOR)[0].failing_since_at is None


def test_after_three_days_a_delivery_is_given_up_and_can_be_resent_by_hand(database, receiver):
    clock = Clock()
    endpoint(receiver, clock)
    world = world_at(clock)
    world.booked(world.customer())
    receiver.status = 500
    started = clock.now
    while models.Delivery.objects.get().state == "waiting":
        work(clock)
        clock.now = models.Job.objects.get(name="deliver").due_at
    assert timedelta(days=3) <= clock.now - started <= timedelta(days=4)
    assert len(receiver.messages) == 10
    assert len({headers["webhook-id"] for headers, _ in receiver.messages}) == 1
    [row] = queries.deliveries(AUDITOR)
    assert (row.state, len(row.attempts)) == ("given_up", 10)
    receiver.status = 200
    actions.resend(US, row.id, now=clock.now)
    work(clock)
    assert queries.deliveries(AUDITOR)[0].state == "delivered"
    assert len({headers["webhook-id"] for headers, _ in receiver.messages}) == 1


def test_an_endpoint_that_is_gone_is_switched_off(database, receiver):
    clock = Clock()
    endpoint(receiver, clock)
    world = world_at(clock)
    ada = world.customer()
    world.book(world.draft(ada))
    world.book(world.draft(ada))
    receiver.status = 410
    work(clock)
    assert len(receiver.messages) == 1
    states = models.Delivery.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["given_up", "withdrawn"]
    assert not queries.endpoints(AUDITOR)[0].is_active


def test_while_an_endpoint_fails_others_need_not_wait_for_it(database, receiver):
    clock = Clock()
    endpoint(receiver, clock)
    world = world_at(clock)
    ada = world.customer()
    for _ in range(3):
        world.book(world.draft(ada))
    receiver.status = 500
    work(clock)
    assert len(receiver.messages) == 1
    assert job_queries.counts()["waiting"] >= 3


def test_a_redirect_is_not_followed(database, receiver):
    clock = Clock()
    endpoint(receiver, clock)
    world = world_at(clock)
    world.booked(world.customer())
    receiver.status = 302
    receiver.headers = {"Location": receiver.url}
    work(clock)
    assert len(receiver.messages) == 1
    assert [a["status"] for a in models.Delivery.objects.get().attempts] == [302]


def test_after_a_rotation_both_secrets_verify_for_a_day(database, receiver):
    clock = Clock()
    old = endpoint(receiver, clock)
    new = actions.rotate(US, old.endpoint_id, now=clock.now)
    assert len(b64decode(new.secret.removeprefix("whsec_"))) == 32
    actions.ping(US, old.endpoint_id, door=world_at(clock).door)
    models.Job.objects.update(due_at=clock.now)
    work(clock)
    [(headers, body)] = receiver.messages
    for issued in (old, new):
        assert Webhook(issued.secret).verify(body, headers)["type"] == "ping"
    models.Endpoint.objects.update(previous_until_at=clock.now)
    actions.ping(US, old.endpoint_id, door=world_at(clock).door)
    models.Job.objects.update(due_at=clock.now)
    work(clock)
    headers, body = receiver.messages[-1]
    Webhook(new.secret).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old.secret).verify(body, headers)


def test_a_delivery_done_twice_is_sent_once_more_at_most_and_recorded_once_as_delivered(
    database, receiver
):
    clock = Clock()
    endpoint(receiver, clock)
    world = world_at(clock)
    world.booked(world.customer())
    job = models.Job.objects.get(name="deliver")
    moment = Moment(now=clock.now, today=date(2026, 3, 18))
    for _ in range(3):
        assert JOBS["deliver"](job.arguments, moment) is None
    assert len(receiver.messages) == 1


def test_an_endpoint_is_switched_off_and_on_and_removed(database, receiver):
    clock = Clock()
    number = endpoint(receiver, clock).endpoint_id
    world = world_at(clock)
    ada = world.customer()
    actions.switch(US, number, is_active=False)
    world.booked(ada)
    assert models.Delivery.objects.count() == 0
    actions.switch(US, number, is_active=True)
    world.booked(ada)
    actions.remove(US, number)
    work(clock)
    assert receiver.messages == []
    assert queries.endpoints(AUDITOR) == queries.deliveries(AUDITOR) == []


def test_announce_tells_of_other_things_with_the_customers_key(database, receiver):
    clock = Clock()
    endpoint(receiver, clock, events=["ping"])
    world = world_at(clock)
    ada = world.customer()
    with transaction.atomic():
        actions.announce("ping", ada, {"why": "test"}, door=world.door)
    assert models.Delivery.objects.get().body["data"] == {"customer": ada, "why": "test"}


def test_who_may_not_administer_can_do_nothing(database, receiver):
    clock = Clock()
    number = endpoint(receiver, clock).endpoint_id
    lead = Viewer(actor="p_alice", role="lead", channel="test")
    for attempt in (
        lambda: actions.add(lead, receiver.url, events=["ping"], now=clock.now),
        lambda: actions.rotate(lead, number, now=clock.now),
        lambda: actions.remove(lead, number),
        lambda: actions.resend(lead, 1, now=clock.now),
        lambda: queries.endpoints(lead),
        lambda: queries.deliveries(lead),
    ):
        with pytest.raises(Denied):
            attempt()
    assert models.Endpoint.objects.count() == 1


def test_what_does_not_exist_is_not_found(database):
    for attempt in (
        lambda: actions.rotate(US, 7, now=datetime.now(UTC)),
        lambda: actions.resend(US, 7, now=datetime.now(UTC)),
    ):
        with pytest.raises(NotFound):
            attempt()


@pytest.mark.parametrize(
    ("url", "events", "words"),
    [
        ("http://crm.example/hook", ["ping"], "https://"),
        ("ftp://crm.example", ["ping"], "not an address"),
        ("https://", ["ping"], "not an address"),
        ("https://a b", ["ping"], "not an address"),
        ("https://[::1", ["ping"], "not an address"),
        ("https://user:pass@crm.example", ["ping"], "user name"),
        ("https://crm.example", ["entry.boked"], "entry.booked"),
        ("https://crm.example", [], "at least one"),
    ],
)
def test_a_bad_address_or_event_is_refused(database, url, events, words):
    with pytest.raises(Invalid, match=words):
        actions.add(US, url, events=events, now=datetime.now(UTC))
    assert models.Endpoint.objects.count() == 0


def test_old_deliveries_are_forgotten_and_waiting_ones_kept(database, receiver):
    clock = Clock()
    number = endpoint(receiver, clock).endpoint_id
    door = world_at(clock).door
    for _ in range(2):
        actions.ping(US, number, door=door)
    first = models.Delivery.objects.order_by("pk")[0]
    models.Delivery.objects.filter(pk=first.pk).update(state="delivered")
    assert actions.tidy(before=door.at + timedelta(seconds=1)) == 1
    assert models.Delivery.objects.get().state == "waiting"


def test_what_is_booked_under_a_merged_key_is_told_of_under_the_key_that_counts(database, receiver):
    clock = Clock()
    world = world_at(clock)
    ada, ben, eva = world.customer(), world.customer(), world.customer()
    merging.merge(US, ada, ben, door=world.door, policies=world.policies)
    endpoint(receiver, clock)
    world.booked(ada)
    # Merged only once the message waits: it is told of under the key known when it was written.
    merging.merge(US, ben, eva, door=world.door, policies=world.policies)
    work(clock)
    [(_, body)] = receiver.messages
    assert [one["customer"] for one in json.loads(body)["data"]["entries"]] == [ben]
    assert models.Delivery.objects.get().state == "delivered"


def test_what_is_booked_under_a_merged_key_is_not_told_of_once_the_account_is_restricted(
    database, receiver
):
    clock = Clock()
    world = world_at(clock)
    ada, ben = world.customer(), world.customer()
    merging.merge(US, ada, ben, door=world.door, policies=world.policies)
    endpoint(receiver, clock)
    world.booked(ada)
    privacy.restrict(US, ada, reason="precaution", door=world.door)
    work(clock)
    assert receiver.messages == []
    assert models.Delivery.objects.get().state == "withdrawn"
