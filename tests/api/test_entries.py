"""Booking and reading entries through the API."""

from datetime import timedelta

from tests.api.conftest import problem

from vertrauenskonto.api import entries
from vertrauenskonto.db import models


def test_an_event_is_booked_and_read_back(company):
    event = company.event()
    said = company.post("/entries", event)
    assert said == {
        "outcome": "booked",
        "source": "shop",
        "source_id": event["source_id"],
        "customer": event["customer"],
    }
    found = company.get(f"/entries/entry?source=shop&source_id={event['source_id']}")
    assert found["points"] == {"willing": 0.0, "able": 5.0, "assessable": 2.0}
    assert found["value_date"] == event["value_date"]
    assert found["note"] is None


def test_the_same_event_again_is_a_replay_and_says_so(company):
    event = company.event()
    company.post("/entries", event)
    assert company.post("/entries", event, 200)["outcome"] == "replayed"
    assert models.Entry.objects.count() == 1


def test_the_same_number_with_other_contents_is_a_conflict(company):
    event = company.event()
    company.post("/entries", event)
    answer = company.call("POST", "/entries", {**event, "kind": "conversation"})
    assert answer.status_code == 409
    assert problem(answer)["code"] == "conflict"
    assert models.Entry.objects.count() == 1


def test_a_reversal_happens_on_the_day_of_what_it_reverses(company):
    event = company.event(value_date="2026-01-05")
    company.post("/entries", event)
    named = {"source": "shop", "source_id": event["source_id"]}
    company.post(
        "/entries/reversals",
        {"source": "shop", "source_id": "r1", "reverses": named, "reason": "mistake"},
    )
    found = company.get("/entries/entry?source=shop&source_id=r1")
    assert (found["value_date"], found["reverses"]) == ("2026-01-05", named)
    assert company.get(f"/entries/entry?source=shop&source_id={named['source_id']}")["is_reversed"]


def test_a_compensation_happens_today_and_leaves_the_entry(company):
    event = company.event(value_date="2026-01-05")
    company.post("/entries", event)
    named = {"source": "shop", "source_id": event["source_id"]}
    company.post(
        "/entries/compensations",
        {
            "source": "shop",
            "source_id": "k1",
            "compensates": named,
            "kind": "free_service",
            "reason": "goodwill",
        },
    )
    found = company.get("/entries/entry?source=shop&source_id=k1")
    assert (found["value_date"], found["compensates"]) == (str(company.world.today), named)


def test_a_compensation_sent_again_on_another_day_is_a_replay(company, monkeypatch):
    event = company.event()
    company.post("/entries", event)
    said = {
        "source": "shop",
        "source_id": "k1",
        "compensates": {"source": "shop", "source_id": event["source_id"]},
        "kind": "free_service",
        "reason": "goodwill",
    }
    path = "/entries/compensations"
    company.post(path, said)
    monkeypatch.setattr(entries, "today", lambda: company.world.today + timedelta(days=1))
    company.post(path, said, 200)
    other_day = str(company.world.today - timedelta(days=1))
    company.post(path, {**said, "value_date": other_day}, 409)
    company.post(path, {**said, "value_date": str(company.world.today)}, 200)


def test_accounts_are_listed_page_by_page_and_by_the_alarm_threshold(company):
    good, bad = company.world.customer(), company.world.customer()
    company.post("/entries", company.event(good))
    for _ in range(4):
        company.post("/entries", company.event(bad, kind="promise_broken_unannounced"))
    first = company.get("/accounts?limit=1")
    second = company.get(f"/accounts?limit=1&cursor={first['next']}")
    assert [page["accounts"][0]["customer"] for page in (first, second)] == [good, bad]
    assert second["next"] is None
    worth = first["accounts"][0]
    assert (worth["balance"], worth["as_of"]) == (7.0, str(company.world.today))
    [alarm] = company.get("/accounts?below_threshold=true")["accounts"]
    assert (alarm["customer"], alarm["below_threshold"]) == (bad, True)
    company.as_role = "contact"
    assert company.get("/accounts")["accounts"] == []


def test_a_token_calls_no_reversal_a_slip(company):
    ada = company.world.customer()
    event = company.event(ada)
    company.post("/entries", event)
    named = {"source": "shop", "source_id": event["source_id"]}
    said = {"source": "x", "source_id": "r1", "reverses": named, "reason": "slip"}
    answer = company.call("POST", "/entries/reversals", said)
    assert (answer.status_code, problem(answer)["errors"][0]["code"]) == (422, "reserved")
    [row] = company.get("/entries")["entries"]
    assert row["is_reversed"] is False


def test_a_slip_is_undone_within_the_minute_and_leaves_no_trace_in_lists(company):
    event = company.event()
    company.post("/entries", event)
    named = {"source": "shop", "source_id": event["source_id"]}
    company.post("/entries/undo", named)
    assert models.Entry.objects.get(reverses__source_id=event["source_id"]).reason == "slip"


def test_what_was_taken_back_says_so_when_it_comes_again(company):
    event, other = company.event(), company.event()
    company.post("/entries", event)
    company.post("/entries", other)
    company.post("/entries/undo", {"source": "shop", "source_id": event["source_id"]})
    again = company.post("/entries", event, 200)
    assert (again["outcome"], again["code"], again["field"]) == (
        "replayed",
        "taken_back",
        "/source_id",
    )
    rows = company.post("/entries/bulk", [event, other], 200)["rows"]
    assert [row.get("code") for row in rows] == ["taken_back", None]


def test_a_day_to_come_is_booked_and_says_so(company):
    ahead = company.world.today + timedelta(days=30)
    event = company.event(value_date=str(ahead))
    for status in (201, 200):
        said = company.post("/entries", event, status)
        assert (said["code"], said["field"]) == ("ahead", "/value_date")
        assert str(ahead) in said["text"]


def test_lists_go_on_after_a_cursor_and_end(company):
    ada = company.world.customer()
    for _ in range(5):
        company.post("/entries", company.event(ada))
    company.post("/entries", company.event())
    seen, cursor = [], ""
    while True:
        page = company.get(f"/entries?customer={ada}&limit=2{cursor}")
        seen += [entry["source_id"] for entry in page["entries"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == ["e1", "e2", "e3", "e4", "e5"]


def test_an_entry_of_somebody_elses_customer_does_not_exist_for_a_contact_person(company):
    event = company.event()
    company.post("/entries", event)
    company.as_role = "contact"
    path = f"/entries/entry?source=shop&source_id={event['source_id']}"
    assert company.call("GET", path).status_code == 404
    assert company.get("/entries")["entries"] == []
    answer = company.call("POST", "/entries", company.event(event["customer"]))
    assert answer.status_code == 422
    assert problem(answer)["errors"][0]["pointer"] == "/customer"
    assert models.Entry.objects.count() == 1


def test_an_event_may_name_the_customer_by_what_the_other_system_knows(company):
    known = {"ids": {"shop": "4711"}, "email": "ada@example.org", "name": "Ada Holm"}
    first = company.post("/entries", company.event(known_as=known))
    again = company.post("/entries", company.event(known_as={"ids": {"shop": "4711"}}))
    assert first["customer"] == again["customer"]
    assert models.Customer.objects.count() == 1


def test_breaches_of_honesty_wait_for_a_second_person(company):
    said = company.post("/entries", company.event(kind="lie_uncovered"), 202)
    assert (said["outcome"], said["code"]) == ("queued", "needs_second")
    assert models.Entry.objects.count() == 0


def test_notes_leave_with_scope_and_right_to_see_names_only(company):
    event = company.event(note="Frau Holm rief an")
    company.post("/entries", event)
    path = f"/entries/entry?source=shop&source_id={event['source_id']}"
    assert company.get(path)["note"] == "Frau Holm rief an"
    company.secrets["administrator"] = company.token("administrator", ("read",))
    assert company.get(path)["note"] is None


def test_analysts_get_pseudonyms_for_customers_and_entries(company):
    event = company.event()
    company.post("/entries", event)
    company.as_role = "analyst"
    [entry] = company.get("/entries")["entries"]
    assert entry["customer"].startswith("x_")
    assert entry["source_id"].startswith("e_")
    assert event["customer"] not in str(entry)


def test_members_of_staff_are_masked_until_an_agreement_is_recorded(company):
    event = company.event(target="person:p_contact")
    company.post("/entries", event)
    found = company.get(f"/entries/entry?source=shop&source_id={event['source_id']}")
    assert found["target"] == "person"
