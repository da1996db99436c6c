"""Obligations over the API: listed page by page, taken, put off and left."""

from datetime import timedelta

from tests.api.conftest import problem

from vertrauenskonto.api import callers
from vertrauenskonto.db import models

BROKEN = "promise_broken_unannounced"


def fallen(company, count: int) -> list[str]:
    keys = [company.world.customer() for _ in range(count)]
    for key in keys:
        company.world.booked(key, BROKEN)
    return keys


def test_obligations_are_listed_page_by_page(company):
    keys = fallen(company, 5)
    company.as_role = "lead"
    seen, query = [], "?limit=2"
    while query:
        answer = company.call("GET", f"/obligations{query}").json()
        seen += [row["customer"] for row in answer["obligations"]]
        query = f"?limit=2&cursor={answer['next']}" if answer["next"] else ""
    assert seen == keys
    [row, *_] = answer["obligations"]
    assert (row["balance"], row["buffer_target"], row["causes"]) == (
        -25.0,
        5.0,
        ["threshold", "able"],
    )
    assert problem(company.call("GET", "/obligations?cursor=MQ"))["status"] == 422


def test_one_is_taken_put_off_and_left_with_a_reason(company):
    fallen(company, 1)
    number = models.Obligation.objects.get().pk
    company.as_role = "lead"
    until = (callers.today() + timedelta(days=3)).isoformat()
    for path, body in (
        ("taking", None),
        ("snoozing", {"until": until, "reason": "on holiday"}),
        ("leaving", {"reason": "the firm is dissolved"}),
    ):
        assert company.call("POST", f"/obligations/{number}/{path}", body).status_code == 204
    row = models.Obligation.objects.get()
    assert (row.owner.key, row.outcome) == ("p_lead", "left")
    again = company.call("POST", f"/obligations/{number}/leaving", {"reason": "once more"})
    assert problem(again)["status"] == 404
    [row] = company.call("GET", "/obligations?which=closed").json()["obligations"]
    assert (row["outcome"], row["is_mine"]) == ("left", True)


def test_a_day_too_far_is_refused_and_nothing_changes(company):
    fallen(company, 1)
    number = models.Obligation.objects.get().pk
    company.as_role = "lead"
    body = {"until": "2999-01-01", "reason": "on holiday"}
    answer = company.call("POST", f"/obligations/{number}/snoozing", body)
    assert problem(answer)["status"] == 422
    assert models.Obligation.objects.get().snoozed_until_date is None
