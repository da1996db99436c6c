"""The API and accounts that are restricted, objected to or erased."""

from tests.api.conftest import problem

from vertrauenskonto.db import models
from vertrauenskonto.db.actions import agreements

PATHS = (
    "/customers/{key}/account?as_of={day}",
    "/customers/{key}/statement?first={day}&last={day}",
    "/customers/{key}/explanation?as_of={day}",
    "/customers/{key}/group",
    "/customers",
    "/entries",
    "/accounts",
)


def reads(company, key):
    """Return what every GET of accounts says, by path; only its status where it refuses."""
    found = {}
    for path in PATHS:
        answer = company.call("GET", path.format(key=key, day=company.world.today))
        found[path] = answer.content.decode() if answer.status_code == 200 else answer.status_code
    return found


def test_a_restricted_account_is_in_no_answer_with_a_number_or_a_list(company):
    event = company.event()
    company.post("/entries", event)
    key = event["customer"]
    before = reads(company, key)
    company.post(f"/customers/{key}/restriction", {"reason": "precaution"}, status=204)
    during = reads(company, key)
    assert {path for path, told in before.items() if told != during[path]} >= {
        "/customers",
        "/entries",
    }
    for path, told in during.items():
        assert isinstance(told, int) or '"balance":' not in told.replace('"balance":null', ""), path
    for path in ("/customers", "/entries"):
        assert key not in during[path]
    company.post(
        f"/customers/{key}/lifting", {"what": "restricted", "reason": "at_request"}, status=200
    )
    assert key in reads(company, key)["/customers"]


def test_an_erased_account_takes_no_entries_and_gives_no_report(company):
    event = company.event()
    company.post("/entries", event)
    key = event["customer"]
    company.post(f"/customers/{key}/erasure", {"reason": "no_longer_needed"}, status=204)
    answer = company.call("GET", f"/customers/{key}/report")
    assert problem(answer)["status"] == 404
    answer = company.call("POST", f"/customers/{key}/erasure", {"reason": "no_longer_needed"})
    assert problem(answer)["status"] == 409


def test_balances_leave_in_a_report_only_with_the_scope_scores(company):
    event = company.event()
    company.post("/entries", event)
    key = event["customer"]
    path = f"/customers/{key}/report"
    assert company.get(path)["evaluation"]["balance"] == 7.0
    company.secrets["lead"] = company.token("lead", ("privacy",))
    company.as_role = "lead"
    answer = company.call("GET", path)
    assert (answer.status_code, problem(answer)["code"]) == (403, "denied")
    assert "'names'" in problem(answer)["detail"]
    company.secrets["lead"] = company.token("lead", ("privacy", "names"))
    told = company.get(path)
    assert (told["evaluation"], told["rules"], told["silence_charges"]) == (None, None, [])
    assert {p["weight"] for e in told["entries"] for p in e["parts"]} == {None}
    assert {p["counts"] for e in told["entries"] for p in e["parts"]} == {None}
    assert told["entries"][0]["status"]["en"] == "counts"
    assert "access-report" in told["evaluation_left_out"]["en"]
    page = company.call("GET", f"{path}?form=html").content.decode()
    assert "are missing here" in page
    assert "not evaluated" not in page
    agreements.agree("scores", is_in_force=False, purpose="Widerruf", door=company.world.door)
    company.as_role = "administrator"
    assert company.get(path)["evaluation"] is None


def test_reports_are_for_leads_and_administrators(company):
    event = company.event()
    company.post("/entries", event)
    for role in ("contact", "auditor", "analyst"):
        company.as_role = role
        answer = company.call("GET", f"/customers/{event['customer']}/report")
        assert (answer.status_code, problem(answer)["code"]) == (403, "denied"), role


def test_what_is_wrong_on_a_restricted_account_is_reversed_and_undone(company):
    first, second = company.event(), company.event()
    key = second["customer"] = first["customer"]
    company.post("/entries", first)
    company.post("/entries", second)
    company.post(f"/customers/{key}/restriction", {"reason": "accuracy_contested"}, status=204)
    reversal = {
        "source": "shop",
        "source_id": "r1",
        "reverses": {"source": "shop", "source_id": first["source_id"]},
        "reason": "mistake",
    }
    assert company.post("/entries/reversals", reversal)["customer"] == key
    company.post("/entries/undo", {"source": "shop", "source_id": second["source_id"]})
    assert models.Entry.objects.filter(reverses__isnull=False).count() == 2
    assert not models.Balance.objects.exists()


def test_a_contact_reverses_nothing_of_a_stranger(company):
    event = company.event()
    company.post("/entries", event)
    company.as_role = "contact"
    named = {"source": "shop", "source_id": event["source_id"]}
    reversal = {"source": "shop", "source_id": "r1", "reverses": named, "reason": "mistake"}
    assert company.call("POST", "/entries/reversals", reversal).status_code == 404
    assert company.call("POST", "/entries/undo", named).status_code == 404
    assert models.Entry.objects.count() == 1


def test_a_contact_learns_no_strangers_key_by_what_she_is_known_as(company):
    known = {"ids": {"shop": "1"}}
    record = {"source": "shop", "source_id": "r1", "known_as": known}
    key = company.post("/customers", record)["customer"]
    company.as_role = "contact"
    tried = {"source": "shop", "source_id": "r2", "known_as": {"ids": {"shop": "1", "crm": "9"}}}
    event = company.event(known_as=tried["known_as"])
    for path, body in (("/customers", tried), ("/entries", event)):
        answer = company.call("POST", path, body)
        assert answer.status_code == 422
        assert key not in answer.content.decode()
        assert problem(answer)["errors"][0]["pointer"] == "/known_as"
    assert models.ExternalId.objects.count() == 1
    assert models.Entry.objects.count() == 0
