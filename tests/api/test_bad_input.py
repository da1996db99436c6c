"""Bad input gets a field-precise answer in the caller's language, early, and changes nothing."""

import gzip
import json

import pytest
from tests.api.conftest import problem

from vertrauenskonto.api.reading import BODY_MAX, DEPTH_MAX
from vertrauenskonto.db import models

ABSENT = object()


@pytest.mark.parametrize(
    ("field", "value", "pointer", "code"),
    [
        ("kind", ABSENT, "/kind", "missing"),
        ("kind", None, "/kind", "string_type"),
        ("kind", "", "/kind", "string_too_short"),
        ("kind", 0, "/kind", "string_type"),
        ("kind", " ", "/kind", "string_pattern_mismatch"),
        ("kind", "a\x00b", "/kind", "string_pattern_mismatch"),
        ("kidn", "x", "/kidn", "extra_forbidden"),
        ("points", 5.0, "/points", "extra_forbidden"),
        ("value_date", "18.03.2026", "/value_date", "day"),
        ("value_date", "2026-02-30", "/value_date", "day"),
        ("value_date", 0, "/value_date", "day"),
        ("value_date", None, "/value_date", "day"),
        ("value_date", "2026-03-18T00:00:00", "/value_date", "day"),
        ("value_date", ABSENT, "", "day"),
        ("happened_at", "2026-03-18T14:05:00", "/happened_at", "instant"),
        ("happened_at", 1700000000, "/happened_at", "instant"),
        ("happened_at", "1700000000", "/happened_at", "instant"),
        ("customer", ABSENT, "", "customer"),
        ("customer", None, "/customer", "string_type"),
        ("known_as", {}, "/known_as", "customer"),
        ("known_as", {"ids": {"shop": 4711}}, "/known_as/ids/shop", "string_type"),
        ("known_as", {"ids": {"a/b~c": 1}}, "/known_as/ids/a~1b~0c", "string_type"),
        ("target", "Anna", "/target", "string_pattern_mismatch"),
        ("note", None, "/note", "string_type"),
        ("note", "x" * 4001, "/note", "string_too_long"),
    ],
)
def test_a_wrong_field_is_named_with_its_cure(company, field, value, pointer, code):
    event = {**company.event(), field: value}
    if value is ABSENT:
        del event[field]
    answer = company.call("POST", "/entries", event)
    assert answer.status_code == 422
    [wrong] = problem(answer)["errors"]
    assert (wrong["in"], wrong["pointer"], wrong["code"]) == ("body", pointer, code)
    assert wrong["text"]
    assert models.Entry.objects.count() == 0


def test_nul_in_an_address_is_refused_as_the_api_refuses(company):
    answer = company.call("GET", "/entries?cursor=%00x")
    assert answer.status_code == 422
    [wrong] = problem(answer)["errors"]
    assert (wrong["in"], wrong["pointer"], wrong["code"]) == ("query", "/cursor", "characters")
    for path in ("/customers/%00", "/customers/x%00/balance", "/promises/%00"):
        answer = company.call("GET", path)
        assert answer.status_code == 404, path
        assert problem(answer)["code"] == "not_found"


def test_empty_zero_and_absent_are_three_different_things(company):
    said = company.event(note="", promise="")
    assert company.post("/entries", said)["outcome"] == "booked"
    assert company.post("/entries", {**said, "target": "organisation"}, 200)


def test_personal_values_are_not_repeated(company):
    event = company.event(known_as={"email": "ada@example.org" * 30})
    answer = company.call("POST", "/entries", event)
    assert b"example.org" not in answer.content
    assert answer.status_code == 422


def test_the_language_is_the_callers(company):
    event = {**company.event(), "kind": 5}
    for spoken, words in (("de-AT,en;q=0.5", "Text"), ("en", "text"), ("fr", "Text")):
        answer = company.call("POST", "/entries", event, **{"Accept-Language": spoken})
        said = problem(answer)
        assert words in said["errors"][0]["text"], spoken
        assert answer["Content-Language"] == ("en" if spoken == "en" else "de")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "unreadable"),
        (b"\xff", 400, "unreadable"),
        (b'{"kind": "\\ud800"}', 400, "unreadable"),
        (b'{"kind": NaN}', 400, "unreadable"),
        (b"[" * 5000 + b"]" * 5000, 400, "too_deep"),
        (b"[" * (DEPTH_MAX + 1) + b"]" * (DEPTH_MAX + 1), 400, "too_deep"),
        (b"[]", 422, "invalid"),
        (b"null", 422, "invalid"),
        (b'"x"', 422, "invalid"),
        (b"", 422, "invalid"),
        (b'"' + b"x" * BODY_MAX + b'"', 413, "too_large"),
    ],
)
def test_a_body_that_is_no_event_is_refused(company, body, status, code):
    answer = company.call("POST", "/entries", body)
    assert (answer.status_code, problem(answer)["code"]) == (status, code)


@pytest.mark.parametrize(
    ("change", "pointer", "said"),
    [
        ({"kind": 5}, "/kind", "This takes a text (in quotation marks)."),
        ({"kind": None}, "/kind", "instead of setting it to null"),
        ({"knid": "x"}, "/knid", "Did you mean 'kind'?"),
        ({"kind": "promise_keptt"}, "/kind", "Did you mean 'promise_kept'?"),
        ({"kind": "zzz"}, "/kind", "GET /api/v1/policies/current"),
    ],
)
def test_what_is_wrong_with_a_field_is_said_with_the_cure(company, change, pointer, said):
    english = {"Accept-Language": "en"}
    answer = company.call("POST", "/entries", {**company.event(), **change}, **english)
    assert answer.status_code == 422
    [wrong] = problem(answer)["errors"]
    assert wrong["pointer"] == pointer
    assert said in wrong["text"]
    if isinstance(change.get("kind"), int):
        assert "null" not in wrong["text"]


def test_a_sentence_where_a_word_belongs_is_told_an_example(company):
    named = {"source": "shop", "source_id": "1"}
    body = {"source": "shop", "source_id": "2", "reverses": named, "reason": "Ein Fehler"}
    english = {"Accept-Language": "en"}
    [wrong] = problem(company.call("POST", "/entries/reversals", body, **english))["errors"]
    assert (wrong["pointer"], "'mistake'" in wrong["text"]) == ("/reason", True)


def test_a_body_of_the_wrong_type_is_refused(company):
    answer = company.call("POST", "/entries", b"a=b", **{"Content-Type": "text/plain"})
    assert (answer.status_code, problem(answer)["code"]) == (415, "media_type")
    coded = {"Content-Encoding": "br"}
    assert company.call("POST", "/entries", b"x", **coded).status_code == 415


def test_a_body_without_length_is_refused(company):
    answer = company.call(
        "POST", "/entries", b"", **{"Transfer-Encoding": "chunked", "Content-Length": ""}
    )
    assert answer.status_code == 411


def test_a_compressed_body_is_read_and_a_bomb_is_not(company):
    packed = {"Content-Encoding": "gzip"}
    event = company.event()
    assert (
        company.call("POST", "/entries", gzip.compress(json.dumps(event).encode()), **packed)
    ).status_code == 201
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < BODY_MAX
    assert company.call("POST", "/entries", bomb, **packed).status_code == 413
    for broken in (b"x", gzip.compress(b"{}")[:-4], gzip.compress(b"{}") + b"x"):
        assert company.call("POST", "/entries", broken, **packed).status_code == 400


def test_unknown_and_repeated_parameters_are_refused(company):
    for path, pointer in (("/me?x=1", "/x"), ("/entries?limit=1&limit=2", "/limit")):
        answer = company.call("GET", path)
        assert answer.status_code == 422
        [wrong] = problem(answer)["errors"]
        assert (wrong["in"], wrong["pointer"]) == ("query", pointer)


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "cursor=x", "cursor=MTI="])
def test_wrong_parameters_are_named(company, query):
    answer = company.call("GET", f"/entries?{query}")
    assert answer.status_code == 422
    assert problem(answer)["errors"][0]["pointer"] == "/" + query.split("=")[0]


def test_other_methods_addresses_and_formats_are_problems_too(company):
    answer = company.call("PATCH", "/entries", {})
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer["Allow"].replace(" ", "").split(","))
    problem(answer)
    for path in ("/nothing", "/", "/entries/"):
        answer = company.call("GET", path)
        assert answer.status_code == 404, path
        problem(answer)
    answer = company.call("GET", "/me", Accept="image/png")
    assert (answer.status_code, problem(answer)["code"]) == (406, "not_acceptable")


def test_every_answer_names_its_request(company):
    named = company.call("GET", "/me", **{"X-Request-Id": "abcdefgh12345678"})
    assert named["X-Request-Id"] == "abcdefgh12345678"
    answer = company.call("GET", "/nothing")
    assert problem(answer)["request_id"] == answer["X-Request-Id"] != ""
    assert company.call("GET", "/me", **{"X-Request-Id": "a\tb"})["X-Request-Id"] != "a\tb"


def test_an_unknown_kind_or_customer_is_named(company):
    answer = company.call("POST", "/entries", company.event(kind="promise_keptt"))
    assert "promise_kept" in problem(answer)["detail"]
    answer = company.call("POST", "/entries", company.event("c_nobody"))
    assert (answer.status_code, models.Entry.objects.count()) == (422, 0)


def test_older_days_of_recording_need_the_scope_for_it(company):
    event = company.event(recorded_date="2026-01-05", value_date="2026-01-05")
    company.secrets["lead"] = company.token("lead", ("write",))
    company.as_role = "lead"
    answer = company.call("POST", "/entries", event)
    assert (answer.status_code, problem(answer)["errors"][0]["pointer"]) == (403, "/recorded_date")
    company.as_role = "administrator"
    company.post("/entries", event)
    assert str(models.Entry.objects.get().recorded_date) == "2026-01-05"


def test_a_statement_that_ends_before_it_begins_names_what_was_sent(company):
    path = f"/customers/{company.world.customer()}/statement?first=2026-12-01&last=2026-11-22"
    [wrong] = problem(company.call("GET", path))["errors"]
    assert (wrong["in"], wrong["pointer"], wrong["code"]) == ("query", "/last", "last_before_first")
    assert "2026-12-01" in wrong["text"]
    assert "2026-11-30" not in wrong["text"]
