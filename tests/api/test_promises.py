"""Promises over the API: made once, listed page by page, kept, told about, handed on."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.api.conftest import problem
from tests.db.world import POLICY, kind

from vertrauenskonto.api import callers
from vertrauenskonto.core.errors import Text
from vertrauenskonto.db import models

KINDS = (
    kind("promise_kept", able=5.0),
    kind("promise_renegotiated_in_time", able=-3.0),
    kind("promise_broken_with_notice", able=-10.0),
    kind("promise_broken_unannounced", able=-15.0),
    kind("conversation"),
)


@pytest.fixture
def rules():
    return replace(POLICY, title=Text("Klein", "Small"), kinds={k.name: k for k in KINDS})


def soon(days: int = 3) -> str:
    return (callers.today() + timedelta(days=days)).isoformat()


def body(customer: str, **given):
    said = {
        "source": "crm",
        "source_id": "z1",
        "customer": customer,
        "wording": "Angebot schicken",
        "due_date": soon(),
        "is_first_contact": False,
    }
    return said | given


def counted():
    return models.Promise.objects.count(), models.PromiseStep.objects.count()


def test_a_promise_is_made_once_and_read_back(company):
    company.as_role = "lead"
    key = company.world.customer()
    made = company.post("/promises", body(key, capability="Angebot", evidence="Ticket 1"))
    assert made == {"outcome": "made", "key": made["key"]}
    again = company.post("/promises", body(key, capability="Angebot"), status=200)
    assert again == {"outcome": "replayed", "key": made["key"]}
    other = company.call("POST", "/promises", body(key, wording="Anderes"))
    assert problem(other)["status"] == 409
    assert counted() == (1, 1)
    read = company.get(f"/promises/{made['key']}")
    assert (read["wording"], read["state"], read["due_date"]) == (
        "Angebot schicken",
        "open",
        soon(),
    )
    assert [step["what"] for step in read["steps"]] == ["made"]
    [listed] = company.get(f"/customers/{key}/promises")["promises"]
    assert listed["key"] == made["key"]


def test_steps_are_booked_and_the_same_step_twice_counts_once(company):
    company.as_role = "lead"
    key = company.post("/promises", body(company.world.customer()))["key"]
    path = f"/promises/{key}/steps"
    told = company.post(path, {"what": "told", "channel": "call", "note": "Lager"}, status=200)
    assert told["state"] == "at_risk"
    anew = {"what": "renegotiated", "due_date": soon(9), "channel": "call"}
    for _ in "twice":
        found = company.post(path, anew, status=200)
        assert (found["state"], found["renegotiated"]) == ("open", 1)
    for _ in "twice":
        assert company.post(path, {"what": "done"}, status=200)["state"] == "kept"
    booked = models.Entry.objects.filter(source="promises").order_by("pk")
    assert [entry.kind for entry in booked] == ["promise_renegotiated_in_time", "promise_kept"]
    over = problem(company.call("POST", path, {"what": "told", "channel": "mail"}))
    assert over["status"] == 409
    steps = [step["what"] for step in company.get(f"/promises/{key}")["steps"]]
    assert steps == ["made", "told", "renegotiated", "done"]


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"due_date": None}, "/due_date"),
        ({"due_at": "2026-03-18T10:00:00Z"}, ""),
        ({"due_at": "2026-03-18T10:00:00", "due_date": ...}, "/due_at"),
        ({"due_date": "2999-01-01"}, ""),
        ({"due_date": "2001-01-01"}, ""),
        ({"wording": " "}, "/wording"),
        ({"wording": "x" * 501}, "/wording"),
        ({"customer": ...}, ""),
        ({"colleague": "p_lead"}, ""),
        ({"made_at": "2998-01-01T00:00:00Z"}, "/made_at"),
        ({"zone": "Europe/Entenhausen"}, "/zone"),
        ({"said_in": "smoke"}, "/said_in"),
        ({"colour": "red"}, "/colour"),
        ({"travel_minutes": -1}, "/travel_minutes"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(company, given, pointer):
    company.as_role = "lead"
    said = {n: v for n, v in (body(company.world.customer()) | given).items() if v is not ...}
    answer = company.call("POST", "/promises", said)
    found = problem(answer)
    assert found["status"] == 422
    assert pointer in [e["pointer"] for e in found.get("errors", [])] or not pointer
    assert "x" * 100 not in answer.content.decode()
    assert counted() == (0, 0)


def test_steps_that_the_rules_refuse_change_nothing(company):
    company.as_role = "lead"
    key = company.post("/promises", body(company.world.customer()))["key"]
    path = f"/promises/{key}/steps"
    for step, status in (
        ({"what": "given_up"}, 409),
        ({"what": "renegotiated"}, 422),
        ({"what": "done", "at": "2998-01-01T00:00:00Z"}, 422),
        ({"what": "done", "at": "2001-01-01T00:00:00Z"}, 422),
        ({"what": "renegotiated", "due_date": soon(), "due_at": "2030-01-01T00:00:00Z"}, 422),
        ({"what": "made"}, 422),
    ):
        assert problem(company.call("POST", path, step))["status"] == status, step
    missing = company.call("POST", "/promises/p_0/steps", {"what": "done"})
    assert problem(missing)["status"] == 404
    assert counted() == (1, 1)
    assert not models.Entry.objects.filter(source="promises").exists()


def test_lists_go_page_by_page_and_by_capability(company):
    company.as_role = "lead"
    key = company.world.customer()
    made = [
        company.post(
            "/promises", body(key, source_id=f"z{n}", due_date=soon(n + 1), capability="Rückruf")
        )["key"]
        for n in range(5)
    ]
    seen, query = [], "?limit=2&capability=R%C3%BCckruf"
    while query:
        answer = company.get(f"/promises{query}")
        seen += [row["key"] for row in answer["promises"]]
        more = answer["next"]
        query = f"?limit=2&capability=R%C3%BCckruf&cursor={more}" if more else ""
    assert seen == made
    assert company.get("/promises?capability=x")["promises"] == []
    assert company.get("/promises?which=overdue")["promises"] == []
    assert problem(company.call("GET", "/promises?cursor=MQ"))["status"] == 422
    assert problem(company.call("GET", "/promises?which=lost"))["status"] == 422


def test_somebody_known_elsewhere_is_found_or_waited_for(company):
    company.as_role = "lead"
    known = body("", source_id="z9", known_as={"ids": {"shop": "4711"}})
    del known["customer"]
    made = company.post("/promises", known)
    row = models.Promise.objects.get(key=made["key"])
    assert list(row.customer.externalid_set.values_list("value", flat=True)) == ["4711"]
    assert company.post("/promises", known, status=200)["key"] == made["key"]


def test_without_the_scope_nobody_is_named(company):
    company.as_role = "lead"
    customer = company.world.customer()
    key = company.post("/promises", body(customer, place="Werkstatt"))["key"]
    company.secrets["lead"] = company.token("lead", ("read",))
    for path in (f"/promises/{key}", "/promises"):
        answer = company.get(path)
        row = answer if "steps" in answer else answer["promises"][0]
        assert (row["name"], row["wording"], row["place"]) == (None, None, None)
    company.as_role = "analyst"
    answer = company.call("GET", f"/promises/{key}")
    assert customer not in answer.content.decode()
    assert "Angebot schicken" not in answer.content.decode()


def test_handed_on_and_promised_to_a_colleague(company):
    company.as_role = "lead"
    key = company.post("/promises", body(company.world.customer()))["key"]
    assert (
        company.call("POST", f"/promises/{key}/passing", {"person": "p_contact"}).status_code == 204
    )
    assert models.Promise.objects.get(key=key).keeper.key == "p_contact"
    company.as_role = "contact"
    assert [row["key"] for row in company.get("/promises?which=mine")["promises"]] == [key]
    among = body("", source_id="z2", colleague="p_lead")
    del among["customer"]
    own = company.post("/promises", among)["key"]
    assert company.get(f"/promises/{own}")["customer"] == ""
    company.as_role = "auditor"
    assert problem(company.call("GET", f"/promises/{own}"))["status"] == 404


def test_an_erased_customer_is_promised_nothing(company):
    company.as_role = "administrator"
    key = company.world.customer()
    company.post(f"/customers/{key}/erasure", {"reason": "no_longer_needed"}, status=204)
    assert problem(company.call("POST", "/promises", body(key)))["status"] == 409
    assert counted() == (0, 0)
