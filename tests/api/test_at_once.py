"""Calls at once: the same twice is booked once, and who was in the way is waited for."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    connections,
)
from django.test import RequestFactory
from psycopg.conninfo import make_conninfo
from tests.api.conftest import problem

from vertrauenskonto.api.guard import failed
from vertrauenskonto.db import models
from vertrauenskonto.db.queries.seal import verify


def at_once(calls):
    """Make the calls in threads and return their answers."""

    def make(call):
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(make, calls))


def address() -> str:
    """Return how to get to the database beside Django."""
    wanted = settings.DATABASES["default"]
    names = {
        "dbname": "NAME",
        "user": "USER",
        "host": "HOST",
        "port": "PORT",
        "password": "PASSWORD",
    }
    return make_conninfo(**{name: str(wanted[key]) for name, key in names.items() if wanted[key]})


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k1"}, None])
def test_the_same_post_several_times_at_once_books_once(company, headers):
    """Without a key, with the same key, and each with a key of its own."""
    event = company.event()
    answers = at_once(
        [
            lambda n=n: company.call(
                "POST",
                "/entries",
                event,
                **({"Idempotency-Key": f"k{n}"} if headers is None else headers),
            )
            for n in range(4)
        ]
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses in ([200, 200, 200, 201], [201] * 4)
    assert models.Entry.objects.count() == 1
    if headers == {}:
        assert statuses == [200, 200, 200, 201]
    company.world.seal()
    assert verify().problems == ()


def test_the_same_unknown_customer_reported_at_once_gets_one_account(company):
    events = [company.event(known_as={"ids": {"crm": "9"}}) for _ in range(4)]
    answers = at_once([lambda e=e: company.call("POST", "/entries", e) for e in events])
    assert [answer.status_code for answer in answers] == [201] * 4
    assert models.Customer.objects.count() == 1
    assert models.Entry.objects.count() == 4


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k1"}])
def test_a_deadlock_is_tried_again_from_outside_of_every_transaction(company, database, headers):
    if database == "sqlite":
        pytest.skip("one writer at a time: no deadlocks")
    first, second = company.world.customer(), company.world.customer()
    events = [company.event(first), company.event(second)]
    ids = dict(models.Customer.objects.values_list("key", "pk"))
    lock = "SELECT 1 FROM customer WHERE id = %s FOR UPDATE"
    with psycopg.connect(address()) as other:
        # The other waits longer than the server does before it looks for deadlocks: the call loses.
        other.execute("SET deadlock_timeout = '20s'")
        other.execute(lock, [ids[second]])
        with ThreadPoolExecutor(1) as threads:

            def call():
                try:
                    return company.call("POST", "/entries/bulk", events, **headers)
                finally:
                    connections.close_all()

            waiting = threads.submit(call)
            time.sleep(0.4)
            other.execute(lock, [ids[first]])
            other.commit()
            answer = waiting.result(30)
    assert answer.status_code == 200, answer.content
    assert answer.json()["counts"] == {"booked": 2}
    assert models.Entry.objects.count() == 2


def test_what_does_not_pass_by_itself_is_said(company, database):
    if database == "sqlite":
        pytest.skip("its lock is on the whole file")
    event = company.event()
    with psycopg.connect(address(), autocommit=True) as other:
        other.execute("ALTER TABLE entry RENAME TO entry_away")
        answer = company.call("POST", "/entries", event)
        assert (answer.status_code, problem(answer)["code"]) == (500, "failed")
        other.execute("ALTER TABLE entry_away RENAME TO entry")
    assert company.call("POST", "/entries", event).status_code == 201


class _Full(Exception):
    sqlstate = "53100"


def test_only_an_outage_is_answered_with_repeat_the_call():
    """Who is told to repeat a call that can never succeed repeats it for ever."""
    request: Any = RequestFactory().post("/api/v1/entries", headers={"Accept-Language": "en"})
    request.request_id = "number-1"
    full = OperationalError("could not extend file")
    full.__cause__ = _Full()
    for error, status, code in (
        (OperationalError("server closed"), 503, "unavailable"),
        (InterfaceError("closed"), 503, "unavailable"),
        (full, 507, "disk_full"),
        (DataError("value too long"), 500, "failed"),
        (IntegrityError("duplicate"), 500, "failed"),
        (ProgrammingError("no such column"), 500, "failed"),
        (DatabaseError("x"), 500, "failed"),
        (KeyError("x"), 500, "failed"),
    ):
        answer = failed(request, error)
        told = problem(answer)
        assert (answer.status_code, told["code"], told["request_id"]) == (status, code, "number-1")
        assert ("Retry-After" in answer) == (status == 503)
