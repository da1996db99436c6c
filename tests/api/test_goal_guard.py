"""The goal is trust: whatever steers by revenue and the like is refused by name, at every door."""

import pytest
from tests.api.conftest import problem

from vertrauenskonto.db import models

SEGMENT = "/customers/{key}/segment"
ATTRIBUTES = "/customers/{key}/attributes"


@pytest.mark.parametrize(
    "path",
    [
        "/customers?order_by=revenue",
        "/customers?sort=-umsatz",
        "/customers?min_revenue=100",
        "/customers?customerLifetimeValue=5",
        "/customers?segment=umsatzstark",
        "/entries?order_by=nps",
        "/entries/log?priority=conversion",
        "/unmatched?order=order_value",
    ],
)
def test_lists_are_not_filtered_or_sorted_by_what_trust_brings_in(company, path):
    answer = company.call("GET", path)
    assert (answer.status_code, problem(answer)["code"]) == (422, "goal_guard")
    [wrong] = problem(answer)["errors"]
    assert (wrong["in"], wrong["code"]) == ("query", "goal_guard")
    assert wrong["pointer"] == "/" + path.split("?")[1].split("=")[0]


def test_other_unknown_parameters_are_refused_as_unknown(company):
    answer = company.call("GET", "/customers?order_by=age")
    assert (answer.status_code, problem(answer)["code"]) == (422, "invalid")
    assert problem(answer)["errors"][0]["code"] == "extra_forbidden"


@pytest.mark.parametrize(
    ("method", "path", "body", "pointer"),
    [
        ("PUT", SEGMENT, {"segment": "high_revenue"}, "/segment"),
        ("PUT", ATTRIBUTES, {"attributes": {"Jahresumsatz": "9"}}, "/attributes/Jahresumsatz"),
        ("PUT", ATTRIBUTES, {"attributes": {"a/clv": "9"}}, "/attributes/a~1clv"),
        (
            "POST",
            "/customers",
            {
                "source": "crm",
                "source_id": "1",
                "known_as": {"ids": {"crm": "1"}},
                "attributes": {"sales": "1"},
            },
            "/attributes/sales",
        ),
    ],
)
def test_segments_and_attributes_are_not_made_of_it(company, method, path, body, pointer):
    key = company.world.customer()
    answer = company.call(method, path.format(key=key), body)
    assert (answer.status_code, problem(answer)["code"]) == (422, "goal_guard")
    assert problem(answer)["errors"][0]["pointer"] == pointer
    assert models.Attribute.objects.count() == models.Membership.objects.count() == 0
    assert models.Customer.objects.count() == 1


def test_webhooks_do_not_listen_to_it(company):
    body = {"url": "https://example.org/hook", "events": ["revenue.changed"]}
    answer = company.call("POST", "/webhooks", body)
    assert (answer.status_code, problem(answer)["code"]) == (422, "goal_guard")
    assert models.Endpoint.objects.count() == 0
