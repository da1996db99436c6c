"""Rests over the API: recorded, listed, closed by who leads, never for somebody else's customer."""

from datetime import timedelta

from tests.api.conftest import problem

from vertrauenskonto.api import callers
from vertrauenskonto.db import models

REST = {"starts": "2027-03-01", "ends": "2027-06-01", "reason": "at_request"}


def test_a_rest_is_recorded_and_listed_and_the_same_again_is_a_replay(company):
    ada = company.world.customer()
    path = f"/customers/{ada}/suspensions"
    for _ in range(2):
        assert company.call("PUT", f"{path}/rest", REST).status_code == 204
    [found] = company.get(path)["suspensions"]
    assert found == {**REST, "name": "rest", "recorded": str(company.world.today)}
    assert models.Suspension.objects.count() == 1


def test_a_contact_rests_her_own_customer_closes_nobody_and_sees_no_others(company):
    ada, ben = company.world.customer(), company.world.customer()
    models.Profile.objects.create(
        customer=models.Customer.objects.get(key=ada), owner_id=company.person("contact")
    )
    company.as_role = "contact"
    assert company.call("PUT", f"/customers/{ada}/suspensions/rest", REST).status_code == 204
    closing = {"starts": "2027-03-01", "reason": "moved_away"}
    answers = [
        company.call("PUT", f"/customers/{ada}/suspensions/closed", closing),
        company.call("PUT", f"/customers/{ben}/suspensions/rest", REST),
        company.call("GET", f"/customers/{ben}/suspensions"),
    ]
    assert [problem(answer)["status"] for answer in answers] == [403, 404, 404]
    company.as_role = "lead"
    assert company.call("PUT", f"/customers/{ada}/suspensions/closed", closing).status_code == 204
    found = company.get(f"/customers/{ada}/suspensions")["suspensions"]
    assert [(one["name"], one["ends"]) for one in found] == [
        ("closed", None),
        ("rest", "2027-06-01"),
    ]


def test_what_is_no_rest_is_refused_field_by_field(company):
    ada = company.world.customer()
    for name, body in (
        ("rest", {**REST, "ends": None}),
        ("rest", {**REST, "reason": "Frau Holm ist krank"}),
        ("rest", {**REST, "ends": "2027-03-01"}),
        ("Frau%20Holm", REST),
    ):
        answer = company.call("PUT", f"/customers/{ada}/suspensions/{name}", body)
        assert problem(answer)["status"] == 422, (name, body)
    assert models.Suspension.objects.count() == 0


def test_a_doubtful_clock_is_answered_with_503_and_writes_nothing(
    company, settings_of, monkeypatch
):
    ada = company.world.customer()
    settings_of("CLOCK_GAP_DAYS", 10)
    event, before = company.event(ada), models.Transaction.objects.count()
    real = callers.now
    monkeypatch.setattr(callers, "now", lambda: real() + timedelta(days=20))
    said = problem(company.call("POST", "/entries", event, **{"Idempotency-Key": "k"}))
    assert (said["status"], "doctor --confirm-clock" in said["detail"]) == (503, True)
    bulk = company.call("POST", "/entries/bulk", [event])
    assert problem(bulk)["status"] == 503
    assert models.Transaction.objects.count() == before
    monkeypatch.setattr(callers, "now", real)
    assert company.call("POST", "/entries", event, **{"Idempotency-Key": "k"}).status_code == 201
