"""Bulk intake and CloudEvents: each row's outcome in order, whatever is wrong with the others."""

import gzip
import json

import pytest
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from tests.api.conftest import problem

from vertrauenskonto.db import models

NDJSON = {"Content-Type": "application/x-ndjson"}


def rows(company):
    """Return a call with every sort of row, and the outcomes it must have."""
    booked, other = company.event(), company.event()
    company.post("/entries", booked)
    company.post("/entries", other)
    wanted = [
        (company.event(), "booked"),
        (booked, "replayed"),
        ({**other, "kind": "conversation"}, "conflict"),
        (company.event(kind="lie_uncovered"), "queued"),
        ({**company.event(), "value_date": 0}, "refused"),
        (company.event("c_nobody"), "refused"),
        (7, "refused"),
        (company.event(), "booked"),
    ]
    return [event for event, _ in wanted], [outcome for _, outcome in wanted]


def test_each_row_gets_its_outcome_in_order(company):
    events, wanted = rows(company)
    said = company.post("/entries/bulk", events, 200)
    assert [row["outcome"] for row in said["rows"]] == wanted
    assert [row["row"] for row in said["rows"]] == list(range(len(events)))
    assert said["counts"] == {
        "booked": 2,
        "replayed": 1,
        "conflict": 1,
        "queued": 1,
        "refused": 3,
    }
    assert said["rows"][4]["errors"][0]["pointer"] == "/value_date"
    assert said["rows"][4]["source_id"] == events[4]["source_id"]
    assert models.Entry.objects.count() == 4


def test_lines_of_json_are_read_and_a_broken_line_stops_no_other(company):
    events = [company.event(), company.event()]
    lines = b"\n".join([json.dumps(events[0]).encode(), b"{", json.dumps(events[1]).encode(), b""])
    said = company.post("/entries/bulk", lines, 200, **NDJSON)
    assert [row["outcome"] for row in said["rows"]] == ["booked", "refused", "booked"]
    assert said["rows"][1]["code"] == "unreadable"
    packed = {**NDJSON, "Content-Encoding": "gzip"}
    again = company.post("/entries/bulk", gzip.compress(lines), 200, **packed)
    assert again["counts"] == {"replayed": 2, "refused": 1}


def test_the_same_number_twice_in_one_call_is_booked_once(company):
    event = company.event()
    said = company.post("/entries/bulk", [event, event], 200)
    assert [row["outcome"] for row in said["rows"]] == ["booked", "replayed"]


def test_a_call_of_nothing_books_nothing(company):
    assert company.post("/entries/bulk", [], 200) == {"counts": {}, "rows": []}


def test_too_many_rows_and_other_shapes_are_refused(company):
    many = b"[" + b",".join([b"0"] * 10_001) + b"]"
    assert company.call("POST", "/entries/bulk", many).status_code == 413
    lines = b"0\n" * 10_001
    assert company.call("POST", "/entries/bulk", lines, **NDJSON).status_code == 413
    assert company.call("POST", "/entries/bulk", {"a": 1}).status_code == 422
    text = {"Content-Type": "text/csv"}
    assert company.call("POST", "/entries/bulk", b"a", **text).status_code == 415


def test_a_contact_person_books_in_bulk_for_her_own_customers_only(company):
    own, other = company.world.customer(), company.world.customer()
    person = models.Person.objects.get(key="p_contact")
    models.Profile.objects.create(
        customer=models.Customer.objects.get(key=own), sort="person", owner=person
    )
    company.as_role = "contact"
    said = company.post("/entries/bulk", [company.event(other), company.event(own)], 200)
    assert [row["outcome"] for row in said["rows"]] == ["refused", "booked"]


def test_uncertain_customers_queue_and_are_booked_once_decided(company):
    for _ in range(2):
        body = {"name": "Holm GmbH", "contacts": [{"email": "info@example.org"}]}
        answer = company.call("PUT", f"/customers/{company.world.customer()}", body)
        assert answer.status_code == 204, answer.content
    event = company.event(known_as={"email": "info@example.org"})
    said = company.post("/entries/bulk", [event], 200)["rows"][0]
    assert (said["outcome"], said["code"]) == ("queued", "customer_uncertain")
    [waiting] = company.get("/unmatched")["unmatched"]
    assert waiting["record"]["email"] == "info@example.org"
    decided = company.post(
        f"/unmatched/{waiting['id']}/decision",
        {"customer": waiting["candidates"][0]["key"]},
        200,
    )
    assert (decided["records"], decided["booked"]) == (1, 1)
    assert company.post("/entries", event, 200)["outcome"] == "replayed"


def cloud_event(company, number="1", **given):
    attributes = {
        "id": number,
        "source": "crm",
        "type": "de.vertrauenskonto.event.v1",
        "specversion": "1.0",
        "subject": company.world.customer(),
        "time": company.world.door.at,
        "datacontenttype": "application/json",
        "traceparent": "00-1-1-01",
        **given,
    }
    return CloudEvent(attributes=attributes, data={"kind": "promise_kept", "note": "ä"})


@pytest.mark.parametrize("write", [to_structured_event, to_binary_event])
def test_a_client_that_is_not_ours_books_events(company, write):
    event = cloud_event(company)
    message = write(event, JSONFormat())
    headers = {
        "Content-Type" if name.lower() == "content-type" else name: value
        for name, value in message.headers.items()
    }
    said = company.post("/events/cloudevents", message.body, 201, **headers)
    assert (said["outcome"], said["source"], said["source_id"]) == ("booked", "crm", "1")
    again = company.post("/events/cloudevents", message.body, 200, **headers)
    assert again["outcome"] == "replayed"
    assert models.Entry.objects.get().happened_at == company.world.door.at


def structured(company, **given):
    event = cloud_event(company)
    plain = json.loads(to_structured_event(event, JSONFormat()).body)
    return {**plain, **given}


def test_a_batch_gets_each_events_outcome(company):
    good = structured(company)
    bad = {**structured(company, id="2"), "specversion": "0.3"}
    worse = {**structured(company, id="3"), "data": {"kind": "promise_kept", "value_date": "x"}}
    headers = {"Content-Type": "application/cloudevents-batch+json"}
    said = company.post("/events/cloudevents", [good, bad, worse, 1], 200, **headers)
    assert [row["outcome"] for row in said["rows"]] == ["booked", "refused", "refused", "refused"]
    assert said["rows"][1]["field"] == "/specversion"
    assert said["rows"][2]["errors"][0]["pointer"] == "/data/value_date"


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"id": ""}, "/id"),
        ({"id": None}, "/id"),
        ({"time": "yesterday"}, "/time"),
        ({"type": "com.example.other"}, "/type"),
        ({"subject": None}, "/subject"),
        ({"data": {"kind": 1}}, "/data/kind"),
        ({"data_base64": "e30="}, "/data_base64"),
        ({"Wrong-Name": "x"}, "/Wrong-Name"),
    ],
)
def test_a_wrong_attribute_is_named(company, given, pointer):
    headers = {"Content-Type": "application/cloudevents+json"}
    answer = company.call("POST", "/events/cloudevents", structured(company, **given), **headers)
    assert answer.status_code == 422
    assert pointer in [wrong["pointer"] for wrong in problem(answer)["errors"]]
    assert models.Entry.objects.count() == 0


def test_an_event_without_day_or_customer_is_refused_at_its_place(company):
    headers = {"Content-Type": "application/cloudevents+json"}
    event = structured(company)
    for name in ("subject", "time"):
        less = {k: v for k, v in event.items() if k != name}
        assert company.call("POST", "/events/cloudevents", less, **headers).status_code == 422


def test_other_types_are_no_cloudevents(company):
    for kind in ("application/json", "text/plain"):
        answer = company.call("POST", "/events/cloudevents", b"{}", **{"Content-Type": kind})
        assert answer.status_code == 415
    batch = {"Content-Type": "application/cloudevents-batch+json"}
    assert company.call("POST", "/events/cloudevents", b"{}", **batch).status_code == 422
    many = b"[" + b",".join([b"0"] * 1001) + b"]"
    assert company.call("POST", "/events/cloudevents", many, **batch).status_code == 413


def test_a_broken_line_is_named_by_where_it_stands_in_what_was_sent(company):
    good = json.dumps(company.event())
    body = f"{good}\n\n{json.dumps(company.event())}\n{{broken\n"
    answer = company.call("POST", "/entries/bulk", body.encode(), **NDJSON).json()
    assert [row["outcome"] for row in answer["rows"]] == ["booked", "booked", "refused"]
    assert "line 4, column 2" in answer["rows"][2]["text"]
