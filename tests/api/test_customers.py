"""Customers through the API: described, merged, split, grouped, and decided on where it is not certain."""

from tests.api.conftest import problem

from vertrauenskonto.db import models
from vertrauenskonto.db.queries.seal import verify

KNOWN = {"ids": {"crm": "1"}, "email": "ada@example.org", "name": "Ada Holm"}


def record(number, **known):
    return {"source": "crm", "source_id": f"r{number}", "known_as": known}


def done(company, method, path, body=None, status=204):
    answer = company.call(method, path, body)
    assert answer.status_code == status, answer.content
    return answer.json() if answer.content else None


def balance(company, key):
    return company.get(f"/customers/{key}/account")["balance"]


def test_a_customer_is_described_and_shown_to_who_may_see_names(company):
    key = company.post("/customers", record(1, **KNOWN))["customer"]
    said = {
        "name": "Ada Holm GmbH",
        "sort": "organisation",
        "contacts": [{"name": "Ada Holm", "email": "ada@example.org", "is_main": True}],
        "ids": {"crm": ["1", "2"]},
    }
    done(company, "PUT", f"/customers/{key}", said)
    done(company, "PUT", f"/customers/{key}/owner", {"owner": "p_contact", "deputies": ["p_lead"]})
    shown = company.get(f"/customers/{key}")
    assert (shown["name"], shown["owner"], shown["deputies"]) == (
        "Ada Holm GmbH",
        "p_contact",
        ["p_lead"],
    )
    assert shown["ids"] == {"crm": ["1", "2"]}
    assert [c["email"] for c in shown["contacts"]] == ["ada@example.org"]
    company.secrets["administrator"] = company.token("administrator", ("read",))
    shown = company.get(f"/customers/{key}")
    assert (shown["name"], shown["contacts"], shown["ids"]) == (None, None, None)
    [row] = company.get("/customers")["customers"]
    assert (row["key"], row["name"]) == (key, None)


def test_a_merge_adds_up_lists_both_and_is_taken_back(company):
    ada, ben = company.world.customer(), company.world.customer()
    for key in (ada, ben):
        company.post("/entries", company.event(key))
    merged = f"/customers/{ada}/merge"
    assert done(company, "POST", merged, {"into": ben}, 200) == {"changed": True}
    assert done(company, "POST", merged, {"into": ben}, 200) == {"changed": False}
    assert balance(company, ben) == 14.0
    listed = company.get(f"/entries?customer={ada}")["entries"]
    assert [row["customer"] for row in listed] == [ben, ben]
    assert [row["customer"] for row in company.get("/entries")["entries"]] == [ben, ben]
    done(company, "POST", f"/customers/{ada}/unmerge")
    assert (balance(company, ada), balance(company, ben)) == (7.0, 7.0)
    company.world.seal()
    assert verify().problems == ()


def test_entries_on_the_wrong_account_are_moved_all_or_none(company):
    ada, ben = company.world.customer(), company.world.customer()
    event = company.event(ada)
    company.post("/entries", event)
    named = {"source": "shop", "source_id": event["source_id"]}
    ghost = {"source": "shop", "source_id": "ghost"}
    path = f"/customers/{ada}/entries/move"
    said = {"entries": [named, ghost], "into": ben, "reason": "mistake"}
    assert company.call("POST", path, said).status_code in (404, 409, 422)
    assert balance(company, ada) == 7.0
    [moved] = done(company, "POST", path, {**said, "entries": [named]}, 200)["moved"]
    assert moved["before"] == named
    assert moved["now"] != named
    assert (balance(company, ada), balance(company, ben)) == (0.0, 7.0)


def test_a_group_is_told_by_its_worst_account(company):
    top, good, bad = (company.world.customer() for _ in range(3))
    for key in (good, bad):
        assert done(company, "PUT", f"/customers/{key}/parent", {"parent": top}, 200)["changed"]
    company.post("/entries", company.event(good))
    company.post("/entries", company.event(bad, kind="promise_broken_unannounced"))
    group = company.get(f"/customers/{top}/group")
    assert (group["worst"]["key"], group["accounts"]) == (bad, 3)
    answer = company.call("PUT", f"/customers/{top}/parent", {"parent": bad})
    assert (answer.status_code, problem(answer)["code"]) == (409, "conflict")
    done(company, "DELETE", f"/customers/{bad}/parent")
    assert company.get(f"/customers/{top}/group")["accounts"] == 2


def test_what_is_not_certain_waits_and_is_booked_once_somebody_decided(company):
    ada = company.post("/customers", record(1, **KNOWN))["customer"]
    event = company.event(known_as={"email": "ada@example.org"})
    assert company.post("/entries", event, 202)["code"] == "customer_uncertain"
    company.post("/customers", record(2, email="ada@example.org", name="A. Holm"), 202)
    page = company.get("/unmatched?limit=1")
    [waiting] = page["unmatched"]
    assert (waiting["source_id"], waiting["has_draft"]) == (event["source_id"], True)
    assert [c["key"] for c in waiting["candidates"]] == [ada]
    assert page["next"]
    decided = done(
        company, "POST", f"/unmatched/{waiting['id']}/decision", {"customer": ada}, status=200
    )
    assert (decided["customer"], decided["booked"]) == (ada, 1)
    assert models.Entry.objects.get().customer.key == ada
    assert company.post("/entries", event, 200)["outcome"] == "replayed"


def test_attributes_and_segments_that_no_policy_knows_are_refused(company):
    key = company.world.customer()
    # The policy here has no segment that reads an attribute.
    answer = company.call("PUT", f"/customers/{key}/attributes", {"attributes": {"Trade": "x"}})
    assert answer.status_code == 422
    assert company.get(f"/customers/{key}")["attributes"] == {}
    answer = company.call("PUT", f"/customers/{key}/segment", {"segment": "vip"})
    assert (answer.status_code, problem(answer)["code"]) == (404, "not_found")
    done(company, "PUT", f"/customers/{key}/segment", {"segment": ""})
