"""The header Idempotency-Key: one call, one answer, however often it is made."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from django.db import connections
from tests.api.conftest import problem

from vertrauenskonto.cli.jobs import DAILY, JOBS
from vertrauenskonto.cli.moment import Moment
from vertrauenskonto.db import models

KEY = {"Idempotency-Key": "k1"}


def test_a_repeated_call_gets_the_same_answer_and_is_marked(company):
    event = company.event()
    first = company.call("POST", "/entries", event, **KEY)
    again = company.call("POST", "/entries", event, **KEY)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert (first.status_code, first.get("Idempotency-Replayed")) == (201, None)
    assert again["Idempotency-Replayed"] == "true"
    assert models.Entry.objects.count() == 1


def test_the_same_key_with_another_body_or_address_is_refused(company):
    event = company.event()
    company.call("POST", "/entries", event, **KEY)
    for path, body in (("/entries", company.event()), ("/entries/bulk", event)):
        answer = company.call("POST", path, body, **KEY)
        assert answer.status_code == 422
        assert problem(answer)["code"] == "key_reused"
    assert models.Entry.objects.count() == 1


def test_a_refused_call_keeps_its_key_free(company):
    event = company.event()
    assert company.call("POST", "/entries", {**event, "kind": ""}, **KEY).status_code == 422
    assert company.call("POST", "/entries", event, **KEY).status_code == 201


def test_keys_of_different_tokens_are_different_keys(company):
    company.call("POST", "/entries", company.event(), **KEY)
    company.as_role = "lead"
    assert company.call("POST", "/entries", company.event(), **KEY).status_code == 201


def test_what_was_answered_cannot_be_read_without_the_token(company):
    event = company.event()
    company.call("POST", "/entries", event, **KEY)
    [kept] = models.Answer.objects.all()
    assert event["customer"].encode() not in bytes(kept.content)


def test_what_was_answered_about_a_customer_goes_with_her_and_nothing_else_does(company):
    event, other = company.event(), company.event()
    company.post("/entries", event, **KEY)
    company.post("/entries", other, **{"Idempotency-Key": "k2"})
    company.post("/entries/bulk", [event, other], 200, **{"Idempotency-Key": "k3"})
    path = f"/customers/{event['customer']}/erasure"
    assert company.call("POST", path, {"reason": "consent_withdrawn"}).status_code == 204
    assert [answer.key for answer in models.Answer.objects.all()] == ["k2"]
    again = company.call("POST", "/entries", other, **{"Idempotency-Key": "k2"})
    assert again["Idempotency-Replayed"] == "true"


def test_answers_are_forgotten_after_their_time_by_the_clocks_daily_job(company):
    company.post("/entries", company.event(), **KEY)
    assert "expire" in DAILY
    for age, left in ((timedelta(days=6), 1), (timedelta(days=8), 0)):
        now = datetime.now(UTC) + age
        JOBS["expire"]({}, Moment(now=now, today=now.date()))
        assert models.Answer.objects.count() == left


def test_a_secret_shown_once_is_shown_again_to_the_same_call(company):
    body = {"url": "https://example.org/hook", "events": ["entry.booked"]}
    first = company.call("POST", "/webhooks", body, **KEY)
    again = company.call("POST", "/webhooks", body, **KEY)
    assert first.status_code == 201, first.content
    assert again.content == first.content
    assert models.Endpoint.objects.count() == 1


def test_a_key_that_is_none_is_refused(company):
    for key in ("", "x" * 201, "ä"):
        answer = company.call("POST", "/entries", company.event(), **{"Idempotency-Key": key})
        assert answer.status_code == 400, key
    assert models.Entry.objects.count() == 0


def test_two_calls_at_once_with_one_key_book_once(company):
    event = company.event()

    def call(_):
        try:
            return company.call("POST", "/entries", event, **KEY)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(call, range(4)))
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (201, answers[0].content)
    }
    assert [answer.get("Idempotency-Replayed") for answer in answers].count(None) == 1
    assert models.Entry.objects.count() == 1
