"""Honesty through the API: a program proposes, a person decides, whom it concerns answers."""

import json

from tests.api.conftest import problem

from vertrauenskonto.db import access, models

SECOND = ("honesty", "names")


def proposed(company, **given):
    """Return the event that the contact person proposed, about the auditor, and its proposal."""
    company.as_role = "contact"
    customer = company.world.customer()
    models.Profile.objects.create(
        customer=models.Customer.objects.get(key=customer),
        sort="person",
        owner_id=company.person("contact"),
    )
    given = {"kind": "lie_uncovered", "note": "said it was sent", **given}
    event = company.event(customer, target="person:p_auditor", **given)
    assert company.post("/entries", event, status=202)["outcome"] == "queued"
    company.as_role = "lead"
    [proposal] = company.get("/proposals")["proposals"]
    return event, proposal


def test_a_second_person_confirms_what_a_program_proposed(company):
    event, proposal = proposed(company)
    assert {**proposal, "proposed_at": "", "id": 0} == {
        "id": 0,
        "state": "open",
        "customer": event["customer"],
        "kind": "lie_uncovered",
        "value_date": event["value_date"],
        "target": "person",
        "source": "shop",
        "source_id": event["source_id"],
        "proposed_at": "",
        "proposer": "person",
        "decider": "",
        "reason": "",
        "note": "said it was sent",
    }
    path = f"/proposals/{proposal['id']}/confirmation"
    said = company.post(path, None)
    assert said == {"status": "booked", "source": "shop", "source_id": event["source_id"]}
    header = models.Entry.objects.get().transaction
    assert (header.actor, header.second, header.channel) == ("p_contact", "p_lead", "api")
    assert problem(company.call("POST", path))["status"] == 409
    assert company.get("/proposals")["proposals"] == []
    [decided] = company.get("/proposals?state=confirmed")["proposals"]
    assert decided["state"] == "confirmed"


def test_neither_who_proposed_nor_whom_it_concerns_decides(company):
    _, proposal = proposed(company)
    for role in ("contact", "auditor"):
        company.as_role = role
        models.Person.objects.filter(key=f"p_{role}").update(role="lead")
        answer = company.call("POST", f"/proposals/{proposal['id']}/confirmation")
        assert problem(answer)["status"] == 403
    assert models.Entry.objects.count() == 0


def test_declining_takes_a_reason_and_keeps_it(company):
    _, proposal = proposed(company)
    path = f"/proposals/{proposal['id']}/refusal"
    assert problem(company.call("POST", path, {"reason": " "}))["status"] == 422
    company.post(path, {"reason": "a mix-up"}, status=204)
    [decided] = company.get("/proposals?state=declined")["proposals"]
    assert (decided["reason"], models.Entry.objects.count()) == ("a mix-up", 0)


def test_notes_take_the_scope_names_and_looking_is_noted(company):
    proposed(company)
    before = models.Reading.objects.filter(actor="p_lead").count()
    company.secrets["lead"] = company.token("lead", ("honesty",))
    [proposal] = company.get("/proposals")["proposals"]
    assert proposal["note"] is None
    assert models.Reading.objects.filter(actor="p_lead").count() == before + 1


def test_proposals_come_in_pages(company):
    for _ in range(3):
        company.as_role = "administrator"
        event = company.event(kind="lie_uncovered")
        company.post("/entries", event, status=202)
    company.as_role = "lead"
    first = company.get("/proposals?limit=2")
    rest = company.get(f"/proposals?limit=2&cursor={first['next']}")
    ids = [p["id"] for page in (first, rest) for p in page["proposals"]]
    assert len(set(ids)) == 3
    assert ids == sorted(ids)
    assert rest["next"] is None


def test_whom_it_concerns_answers_and_somebody_else_decides(company):
    _, proposal = proposed(company)
    company.post(f"/proposals/{proposal['id']}/confirmation", None)
    company.as_role = "auditor"
    [concern] = company.get("/concerns")["entries"]
    assert (concern["kind"], concern["state"], concern["said"]) == ("lie_uncovered", "", [])
    path = f"/concerns/{concern['entry']}"
    company.post(f"{path}/comment", {"text": "I was told so"}, status=204)
    company.post(f"{path}/contest", {"text": "it was sent"}, status=204)
    assert company.call("POST", f"{path}/contest", {"text": "again"}).status_code == 409
    company.as_role = "lead"
    assert company.get("/concerns") == {"entries": []}
    assert company.call("POST", f"{path}/comment", {"text": "x"}).status_code == 404
    [contest] = company.get("/contests")["entries"]
    assert [word["text"] for word in contest["said"]] == ["I was told so", "it was sent"]
    number = contest["entry"]
    company.post(f"/contests/{number}/upholding", {"text": "no slip exists"}, status=204)
    assert company.get("/contests") == {"entries": []}
    company.as_role = "auditor"
    company.post(f"{path}/contest", {"text": "here is the slip"}, status=204)
    company.as_role = "administrator"
    company.post(f"/contests/{number}/withdrawal", {"text": "the slip"}, status=204)
    company.as_role = "auditor"
    [concern] = company.get("/concerns")["entries"]
    assert (concern["state"], concern["is_reversed"]) == ("withdrawn", True)
    company.secrets["auditor"] = company.token("auditor", ("honesty",))
    [concern] = company.get("/concerns")["entries"]
    assert concern["note"] is None
    assert {word["text"] for word in concern["said"]} == {None}


def test_an_analyst_whom_it_concerns_sees_the_pseudonym(company):
    company.as_role = "contact"
    event, proposal = proposed(company)
    models.Proposal.objects.update(draft={**_draft(), "target": "person:p_analyst"})
    company.post(f"/proposals/{proposal['id']}/confirmation", None)
    company.as_role = "analyst"
    [concern] = company.get("/concerns")["entries"]
    assert concern["customer"] == access.pseudonym(event["customer"])


def _draft():
    return json.loads(json.dumps(models.Proposal.objects.get().draft))
