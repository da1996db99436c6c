"""Every endpoint with every role and none: a new endpoint without an expectation fails here."""

import pytest
from tests.api.conftest import problem

from vertrauenskonto.api.app import API
from vertrauenskonto.db.access import ROLES

EVERYBODY = frozenset(ROLES)
BOOKERS = frozenset({"administrator", "lead", "contact"})
LEADS = frozenset({"administrator", "lead"})
ADMINISTRATOR = frozenset({"administrator"})
AUDITORS = frozenset({"administrator", "auditor"})

# Who may: for those an endpoint answers anything but 401 and 403.
MAY = {
    "GET /me": EVERYBODY,
    "POST /entries": BOOKERS,
    "GET /entries": EVERYBODY,
    "GET /entries/entry": EVERYBODY,
    "POST /entries/reversals": BOOKERS,
    "POST /entries/compensations": BOOKERS,
    "POST /entries/undo": BOOKERS,
    "POST /entries/bulk": BOOKERS,
    "POST /events/cloudevents": BOOKERS,
    "GET /entries/log": EVERYBODY,
    "POST /entries/attachments": BOOKERS,
    "GET /entries/attachments": EVERYBODY - {"analyst"},
    "GET /entries/attachments/{key}": EVERYBODY - {"analyst"},
    "GET /customers": EVERYBODY,
    "POST /customers": BOOKERS,
    "GET /customers/{key}": EVERYBODY,
    "PUT /customers/{key}": BOOKERS,
    "POST /customers/{key}/merge": LEADS,
    "POST /customers/{key}/unmerge": LEADS,
    "POST /customers/{key}/entries/move": LEADS,
    "PUT /customers/{key}/segment": LEADS,
    "PUT /customers/{key}/attributes": BOOKERS,
    "PUT /customers/{key}/parent": LEADS,
    "DELETE /customers/{key}/parent": LEADS,
    "PUT /customers/{key}/owner": LEADS,
    "GET /customers/{key}/suspensions": EVERYBODY,
    # Under the name `closed`, which closes the account: leads only.
    "PUT /customers/{key}/suspensions/{name}": LEADS,
    "GET /customers/{key}/group": EVERYBODY,
    "GET /accounts": EVERYBODY,
    "GET /obligations": EVERYBODY,
    "POST /obligations/{number}/taking": BOOKERS,
    "POST /obligations/{number}/snoozing": BOOKERS,
    "POST /obligations/{number}/leaving": BOOKERS,
    "GET /promises": EVERYBODY,
    "POST /promises": BOOKERS,
    "GET /promises/{key}": EVERYBODY,
    "POST /promises/{key}/steps": BOOKERS,
    "POST /promises/{key}/passing": BOOKERS,
    "GET /customers/{key}/promises": EVERYBODY,
    "GET /customers/{key}/account": EVERYBODY,
    "GET /customers/{key}/statement": EVERYBODY,
    "GET /customers/{key}/explanation": EVERYBODY,
    # Who finds by an address knows who it is; analysts know pseudonyms only.
    "GET /card": EVERYBODY - {"analyst"},
    "POST /card/links": EVERYBODY - {"analyst"},
    "GET /customers/{key}/report": LEADS,
    "GET /customers/{key}/processing": EVERYBODY,
    "POST /customers/{key}/restriction": LEADS,
    "POST /customers/{key}/objection": BOOKERS,
    "POST /customers/{key}/lifting": LEADS,
    "POST /customers/{key}/erasure": ADMINISTRATOR,
    "GET /unmatched": LEADS,
    "POST /unmatched/{number}/decision": LEADS,
    "GET /policies": EVERYBODY,
    "GET /policies/current": EVERYBODY,
    "GET /webhooks": AUDITORS,
    "POST /webhooks": ADMINISTRATOR,
    "DELETE /webhooks/{endpoint_id}": ADMINISTRATOR,
    "POST /webhooks/{endpoint_id}/state": ADMINISTRATOR,
    "POST /webhooks/{endpoint_id}/secret": ADMINISTRATOR,
    "POST /webhooks/{endpoint_id}/ping": ADMINISTRATOR,
    "GET /deliveries": AUDITORS,
    "POST /deliveries/{delivery_id}/resend": ADMINISTRATOR,
    # A feed for oneself is anybody's; this one is for somebody else.
    "GET /feeds": EVERYBODY,
    "POST /feeds": ADMINISTRATOR,
    "DELETE /feeds/{feed_id}": EVERYBODY,
    "GET /agreements": AUDITORS,
    "GET /proposals": LEADS,
    "POST /proposals/{number}/confirmation": LEADS,
    "POST /proposals/{number}/refusal": LEADS,
    # Whom an entry concerns may have any role; somebody else's does not exist for her.
    "GET /concerns": EVERYBODY,
    "POST /concerns/{number}/comment": EVERYBODY,
    "POST /concerns/{number}/contest": EVERYBODY,
    "GET /contests": LEADS,
    "POST /contests/{number}/upholding": LEADS,
    "POST /contests/{number}/withdrawal": LEADS,
}

NAMED = {"source": "shop", "source_id": "e1"}
EVENT = {**NAMED, "kind": "promise_kept", "customer": "c_0", "value_date": "2026-01-05"}
BODIES = {
    "POST /entries": EVENT,
    "POST /entries/reversals": {**NAMED, "reverses": NAMED, "reason": "mistake"},
    "POST /entries/compensations": {
        **NAMED,
        "compensates": NAMED,
        "kind": "free_service",
        "reason": "goodwill",
    },
    "POST /entries/undo": NAMED,
    "POST /entries/bulk": [EVENT],
    "POST /events/cloudevents": {
        "specversion": "1.0",
        "id": "e1",
        "source": "shop",
        "type": "de.vertrauenskonto.event.v1",
        "subject": "c_0",
        "time": "2026-01-05T10:00:00Z",
        "data": {"kind": "promise_kept"},
    },
    "POST /card/links": {"mail": "ada@example.org"},
    "POST /customers": {**NAMED, "known_as": {"ids": {"shop": "1"}}},
    "PUT /customers/{key}": {"name": "Ada Holm"},
    "POST /customers/{key}/merge": {"into": "c_0"},
    "POST /customers/{key}/entries/move": {
        "entries": [NAMED],
        "into": "c_0",
        "reason": "mistake",
    },
    "PUT /customers/{key}/segment": {"segment": ""},
    "PUT /customers/{key}/attributes": {"attributes": {"trade": "garden"}},
    "PUT /customers/{key}/parent": {"parent": "c_0"},
    "PUT /customers/{key}/owner": {},
    "PUT /customers/{key}/suspensions/{name}": {"starts": "2026-01-05", "reason": "asked"},
    "POST /customers/{key}/restriction": {"reason": "asked"},
    "POST /customers/{key}/objection": {"reason": "asked"},
    "POST /customers/{key}/lifting": {"reason": "asked", "what": "restricted"},
    "POST /customers/{key}/erasure": {"reason": "asked"},
    "POST /unmatched/{number}/decision": {"customer": "discard"},
    "POST /webhooks": {"url": "https://example.org/hook", "events": ["entry.booked"]},
    "POST /webhooks/{endpoint_id}/state": {"is_active": True},
    "POST /proposals/{number}/refusal": {"reason": "mix-up"},
    "POST /concerns/{number}/comment": {"text": "so it was"},
    "POST /concerns/{number}/contest": {"text": "it was sent"},
    "POST /contests/{number}/upholding": {"text": "the slip shows it"},
    "POST /contests/{number}/withdrawal": {"text": "it was sent"},
    "POST /feeds": {"email": "boss@example.org"},
    "POST /promises": {
        **NAMED,
        "customer": "c_0",
        "wording": "Angebot schicken",
        "due_date": "2026-01-09",
        "made_at": "2026-01-05T10:00:00Z",
    },
    "POST /promises/{key}/steps": {"what": "done"},
    "POST /promises/{key}/passing": {"person": "p_lead"},
    "POST /obligations/{number}/snoozing": {"until": "2026-01-05", "reason": "on holiday"},
    "POST /obligations/{number}/leaving": {"reason": "settled"},
}
QUERIES = {
    "GET /entries/entry": "?source=shop&source_id=e1",
    "POST /entries/attachments": "?source=shop&source_id=e1&name=brief.pdf",
    "GET /entries/attachments": "?source=shop&source_id=e1",
    "GET /card": "?mail=ada@example.org",
    "GET /customers/{key}/statement": "?first=2026-01-01&last=2026-01-31",
}


def endpoints() -> dict[str, str]:
    """Return the scope of every endpoint of the document."""
    document = API.get_openapi_schema(path_prefix="")
    return {
        f"{method.upper()} {path}": operation["x-scope"]
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }


def test_every_endpoint_has_an_expectation():
    assert set(MAY) == set(endpoints())


def call(company, endpoint: str):
    method, path = endpoint.split(" ")
    for name in ("number", "endpoint_id", "delivery_id", "feed_id"):
        path = path.replace(f"{{{name}}}", "1")
    path = path.replace("attachments/{key}", f"attachments/{'0' * 64}")
    path = path.replace("{key}", company.world_key).replace("{name}", "closed")
    headers = {}
    if "cloudevents" in path:
        headers["Content-Type"] = "application/cloudevents+json"
    return company.call(method, path + QUERIES.get(endpoint, ""), BODIES.get(endpoint), **headers)


@pytest.mark.parametrize("role", [*ROLES, None])
def test_each_role_gets_in_where_it_may_and_nowhere_else(company, role):
    company.world_key = company.world.customer()
    company.as_role = role
    wrong = {}
    for endpoint, allowed in MAY.items():
        answer = call(company, endpoint)
        if role is None:
            expected = answer.status_code == 401
        elif role in allowed:
            expected = answer.status_code not in (401, 403, 405) and answer.status_code < 500
        elif role == "contact":
            # Somebody else's customer does not exist for her, before any right is asked for.
            expected = answer.status_code in (403, 404)
        else:
            expected = answer.status_code == 403
        if not expected:
            wrong[endpoint] = (answer.status_code, answer.content[:200])
        elif answer.status_code >= 400:
            problem(answer)
    assert wrong == {}


def test_no_endpoint_opens_without_its_scope(company):
    company.world_key = company.world.customer()
    scopes = endpoints()
    for scope in {scope for scope in scopes.values() if scope}:
        others = tuple(other for other in set(scopes.values()) if other not in ("", scope))
        company.secrets["administrator"] = company.token("administrator", others)
        for endpoint in [e for e, needed in scopes.items() if needed == scope]:
            assert call(company, endpoint).status_code == 403, endpoint
