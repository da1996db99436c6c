"""Every refusal of the ledger reaches the client with its code and the client's own field."""

from typing import Any

import pytest
from tests.api.conftest import problem

from vertrauenskonto.db import models
from vertrauenskonto.db.access import installation
from vertrauenskonto.db.actions import matching

# What is sent, how it is answered: status, outcome in bulk, code, JSON pointer.
CASES: dict[str, tuple[dict[str, Any], int, str, str]] = {
    "kind": ({"kind": "nothing_like_it"}, 422, "refused", "/kind"),
    "customer": ({"customer": "c_nobody"}, 422, "refused", "/customer"),
    "erased": ({"customer": "ERASED"}, 422, "refused", "/customer"),
    "recorded_in_future": ({"recorded_date": "2999-01-05"}, 422, "refused", "/recorded_date"),
    "far_ahead": ({"value_date": "2999-01-05"}, 422, "refused", "/value_date"),
    "other_contents": (
        {"source_id": "BOOKED", "kind": "conversation"},
        409,
        "conflict",
        "/source_id",
    ),
    "needs_second": ({"kind": "lie_uncovered"}, 202, "queued", "/kind"),
    "declined": ({"kind": "lie_uncovered", "source_id": "DECLINED"}, 422, "refused", "/source_id"),
    "customer_uncertain": ({"known_as": {"email": "ada@example.org"}}, 202, "queued", "/known_as"),
    "discarded": (
        {"known_as": {"email": "ada@example.org"}, "source_id": "DISCARDED"},
        422,
        "refused",
        "/source_id",
    ),
    "customer:nobody": ({"known_as": {"email": " "}}, 422, "refused", "/known_as"),
    "string_pattern_mismatch": (
        {"known_as": {"ids": {" / ": " "}}},
        422,
        "refused",
        "/known_as/ids/ ~1 ",
    ),
}


@pytest.fixture
def prepared(company):
    """Return the company with somebody known by e-mail, erased, declined and discarded."""
    world = company.world
    known = {"ids": {"crm": "1"}, "email": "ada@example.org", "name": "Ada Holm"}
    company.post("/entries", company.event(known_as=known))
    company.post("/entries", company.event(source_id="BOOKED"))
    company.post(
        "/entries", company.event(known_as={"email": "ada@example.org"}, source_id="DISCARDED"), 202
    )
    [waiting] = models.Unmatched.objects.filter(decided_at=None)
    matching.decide(
        installation("test"), waiting.pk, "discard", door=world.door, policies=world.policies
    )
    company.gone = world.customer()
    company.call("POST", f"/customers/{company.gone}/erasure", {"reason": "consent_withdrawn"})
    declined = company.event(kind="lie_uncovered", source_id="DECLINED")
    company.post("/entries", declined, 202)
    models.Proposal.objects.filter(source_id="DECLINED").update(
        state="declined", decided_at=world.door.at, decider="p_bob"
    )
    company.declined = declined["customer"]
    return company


def event_of(company, code):
    given = dict(CASES[code][0])
    if given.get("customer") == "ERASED":
        given["customer"] = company.gone
    if code == "declined":
        given["customer"] = company.declined
    return company.event(**given)


@pytest.mark.parametrize("code", CASES)
def test_a_single_refusal_names_code_and_field(prepared, code):
    _, status, _, pointer = CASES[code]
    before = models.Entry.objects.count()
    answer = prepared.call("POST", "/entries", event_of(prepared, code))
    assert answer.status_code == status, answer.content
    said = answer.json()
    if status == 202:
        assert (said["code"], said.get("field")) == (code.split(":")[0], pointer)
    else:
        [wrong] = problem(answer)["errors"]
        assert (wrong["in"], wrong["code"], wrong["pointer"]) == (
            "body",
            code.split(":")[0],
            pointer,
        )
        assert wrong["text"]
    assert models.Entry.objects.count() == before


@pytest.mark.parametrize("code", CASES)
def test_a_row_of_many_names_code_and_field(prepared, code):
    _, _, outcome, pointer = CASES[code]
    answer = prepared.post("/entries/bulk", [event_of(prepared, code), prepared.event()], 200)
    first, second = answer["rows"]
    assert (first["outcome"], first["code"], first.get("field")) == (
        outcome,
        code.split(":")[0],
        pointer,
    )
    assert second["outcome"] == "booked"


def test_a_cloud_event_names_its_own_fields(prepared):
    said = {
        "specversion": "1.0",
        "id": "ce1",
        "source": "shop",
        "type": "de.vertrauenskonto.event.v1",
        "time": "2026-01-05T10:00:00Z",
    }
    named = {**said, "subject": "c_nobody", "data": {"kind": "promise_kept"}}
    kind = {**said, "subject": prepared.world.customer(), "data": {"kind": "nothing_like_it"}}
    known = {**said, "data": {"kind": "promise_kept", "known_as": {"email": " "}}}
    for event, pointer in (
        (named, "/subject"),
        (kind, "/data/kind"),
        (known, "/data/known_as"),
    ):
        headers = {"Content-Type": "application/cloudevents+json"}
        answer = prepared.call("POST", "/events/cloudevents", event, **headers)
        assert [e["pointer"] for e in problem(answer)["errors"]] == [pointer], answer.content
        headers = {"Content-Type": "application/cloudevents-batch+json"}
        answer = prepared.call("POST", "/events/cloudevents", [event], **headers).json()
        assert answer["rows"][0]["field"] == pointer


def test_what_names_another_entry_says_which_of_both_is_wrong(prepared):
    entry = {"source": "shop", "source_id": "BOOKED"}
    made = {"source": "shop", "source_id": "k1", "reason": "goodwill", "compensates": entry}
    answer = prepared.call("POST", "/entries/compensations", {**made, "kind": "nothing"})
    assert [e["pointer"] for e in problem(answer)["errors"]] == ["/kind"]
    reversal = {"source": "shop", "source_id": "r1", "reverses": entry, "reason": "mistake"}
    prepared.post("/entries/reversals", reversal)
    for path, body in (
        ("/entries/reversals", {**reversal, "source_id": "r2"}),
        ("/entries/compensations", {**made, "kind": "free_service"}),
    ):
        answer = prepared.call("POST", path, body)
        [wrong] = problem(answer)["errors"]
        assert (wrong["code"], wrong["pointer"]) == (
            "reversed_already",
            "/reverses" if "reversals" in path else "/compensates",
        )


def test_a_record_says_what_of_it_is_wrong(prepared):
    record = {"source": "crm", "source_id": "7", "known_as": {"ids": {" ": "1"}}}
    answer = prepared.call("POST", "/customers", record)
    assert answer.status_code == 422
    assert [e["pointer"] for e in problem(answer)["errors"]] == ["/known_as/ids/ "]
    queued = {**record, "known_as": {"email": "ada@example.org"}}
    prepared.post("/customers", queued, 202)
    other = {**record, "known_as": {"email": "ada@example.org", "phone": "0301234567"}}
    answer = prepared.call("POST", "/customers", other)
    assert answer.status_code == 409
    [wrong] = problem(answer)["errors"]
    assert (wrong["code"], wrong["pointer"]) == ("other_contents", "/source_id")


def test_somebody_elses_customer_is_not_given_away_by_what_is_known_of_her(prepared):
    known = {"ids": {"crm": "1"}}
    ada = prepared.post("/entries", prepared.event(known_as=known))["customer"]
    prepared.as_role = "contact"
    answer = prepared.call("POST", "/entries", prepared.event(known_as=known))
    [wrong] = problem(answer)["errors"]
    assert (answer.status_code, wrong["code"], wrong["pointer"]) == (422, "customer", "/known_as")
    assert ada.encode() not in answer.content
