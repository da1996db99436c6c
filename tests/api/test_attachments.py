"""Files beside entries: put there as they are, read by whoever may see names, gone with the person."""

import json
from urllib.parse import urlencode

from tests.api.conftest import problem

from vertrauenskonto.db import models
from vertrauenskonto.db.actions.notes import BYTES_MAX
from vertrauenskonto.db.queries.seal import verify

PDF = {"Content-Type": "application/pdf"}
CONTENTS = b"%PDF-1.7 Sehr geehrte Frau Holm"


def attach(company, event, contents=CONTENTS, name="Brief an Frau Holm.pdf", **headers):
    given = {"source": event["source"], "source_id": event["source_id"], "name": name}
    path = f"/entries/attachments?{urlencode(given)}"
    return company.call("POST", path, contents, **{**PDF, **headers})


def listed(company, event):
    given = {"source": event["source"], "source_id": event["source_id"]}
    return company.get(f"/entries/attachments?{urlencode(given)}")["attachments"]


def with_entry(company):
    event = company.event()
    company.post("/entries", event)
    return event


def test_a_file_is_attached_listed_and_read_back(company):
    event = with_entry(company)
    answer = attach(company, event)
    assert answer.status_code == 201, answer.content
    key = json.loads(answer.content)["key"]
    [row] = listed(company, event)
    assert (row["key"], row["name"]) == (key, "Brief an Frau Holm.pdf")
    assert (row["media_type"], row["bytes"]) == ("application/pdf", len(CONTENTS))
    read = company.call("GET", f"/entries/attachments/{key}")
    assert (read.status_code, read.content) == (200, CONTENTS)
    assert read["Content-Type"] == "application/pdf"
    assert read["Content-Disposition"].startswith("attachment; ")
    assert read["X-Content-Type-Options"] == "nosniff"
    company.world.seal()
    assert verify().problems == ()


def test_the_same_file_again_is_the_one_that_is_there(company):
    event = with_entry(company)
    first, again = attach(company, event), attach(company, event)
    assert first.content == again.content
    assert models.Attachment.objects.count() == 1


def test_reading_a_file_is_noted(company):
    event = with_entry(company)
    key = json.loads(attach(company, event).content)["key"]
    company.call("GET", f"/entries/attachments/{key}")
    [reading] = models.Reading.objects.all()
    assert (reading.what, reading.actor) == ("attachment", "p_administrator")
    assert reading.customer.key == event["customer"]


def test_files_too_large_of_another_type_or_without_a_name_are_refused(company):
    event = with_entry(company)
    for changed, status, pointer in (
        ({"contents": b"%PDF" + bytes(BYTES_MAX)}, 413, None),
        ({"contents": b""}, 422, ""),
        ({"contents": b"<html>"}, 422, ""),
        ({"Content-Type": "text/html"}, 422, ""),
        ({"name": "a\x07b"}, 422, "/name"),
        ({"name": "x" * 201}, 422, "/name"),
    ):
        answer = attach(company, event, **changed)
        assert answer.status_code == status, (changed.keys(), answer.content)
        if pointer is not None:
            assert problem(answer)["errors"][0]["pointer"] == pointer
    assert models.Evidence.objects.count() == 0


def test_nobody_else_sees_or_adds_files(company):
    event = with_entry(company)
    key = json.loads(attach(company, event).content)["key"]
    company.as_role = "contact"
    assert attach(company, event).status_code == 404
    assert company.call("GET", f"/entries/attachments/{key}").status_code == 404
    company.as_role = "analyst"
    assert company.call("GET", f"/entries/attachments/{key}").status_code == 403
    company.as_role = "administrator"
    company.secrets["administrator"] = company.token("administrator", ("read", "write"))
    assert company.call("GET", f"/entries/attachments/{key}").status_code == 403


def test_an_erased_customers_files_are_gone_and_the_log_still_holds(company):
    event = with_entry(company)
    key = json.loads(attach(company, event).content)["key"]
    path = f"/customers/{event['customer']}/erasure"
    assert company.call("POST", path, {"reason": "consent_withdrawn"}).status_code == 204
    assert company.call("GET", f"/entries/attachments/{key}").status_code == 404
    assert models.Attachment.objects.count() == 0
    assert attach(company, event).status_code == 409
    company.world.seal()
    assert verify().problems == ()
