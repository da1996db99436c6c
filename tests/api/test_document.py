"""The OpenAPI document and its pages: complete, and nothing in them comes from elsewhere."""

import json
import re

from django.test import Client


def test_the_document_is_served_without_a_token(company):
    company.as_role = None
    document = json.loads(company.call("GET", "/openapi.json").content)
    assert document["openapi"] == "3.1.0"
    assert "/api/v1/entries/bulk" in document["paths"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert "401" in operation["responses"], (path, method)
            assert operation["description"].strip(), (path, method)


def test_the_browsable_pages_load_nothing_from_elsewhere(company):
    answer = Client(SERVER_NAME="localhost").get("/api/v1/docs")
    assert answer.status_code == 200
    page = answer.content.decode()
    loaded = re.findall(r"""(?:src|href)=["']([^"']+)""", page)
    assert loaded
    assert [address for address in loaded if "//" in address] == []
    assert "http" not in re.sub(r"http-equiv", "", page)
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "http" not in policy


def test_a_contact_person_reads_only_through_the_log(company):
    from vertrauenskonto.db import models  # noqa: PLC0415  needs a database

    event = company.event()
    company.post("/entries", event)
    company.get(f"/customers/{event['customer']}/account")
    company.get(f"/customers/{event['customer']}/statement?first=2026-01-01&last=2026-12-31")
    company.get(f"/customers/{event['customer']}/explanation")
    company.get(f"/customers/{event['customer']}")
    noted = list(models.Reading.objects.order_by("pk").values_list("actor", "channel", "what"))
    assert noted == [
        ("p_administrator", "api", what)
        for what in ("balance", "statement", "explanation", "customer")
    ]
