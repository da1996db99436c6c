"""Tokens: what they open, until when, and what they never open."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.api.conftest import problem

from vertrauenskonto.api import callers
from vertrauenskonto.core.errors import Denied, Invalid, NotFound
from vertrauenskonto.db import models
from vertrauenskonto.db.access import installation, viewer
from vertrauenskonto.db.actions import agreements, tokens
from vertrauenskonto.db.queries.tokens import authenticate, listed

NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)


def issue(**given):
    defaults = {
        "name": "shop",
        "email": "lead@example.org",
        "scopes": ("read",),
        "valid_days": 30,
        "now": NOW,
    }
    return tokens.issue(installation("test"), **{**defaults, **given})


def test_a_token_opens_until_it_expires(company):
    secret = issue()
    caller = authenticate(secret, NOW)
    assert caller is not None
    assert caller.viewer.actor == "p_lead"
    assert authenticate(secret, NOW + timedelta(days=30)) is None


def test_only_a_hash_of_the_secret_is_kept(company):
    secret = issue()
    row = models.Token.objects.get(name="shop")
    kept = repr([getattr(row, f.attname) for f in row._meta.fields])
    assert secret.split("_", 2)[2] not in kept


def test_a_revoked_token_opens_nothing_and_again_is_fine(company):
    secret = issue()
    prefix = secret.split("_")[1]
    for _ in range(2):
        tokens.revoke(installation("test"), prefix, now=NOW)
    assert authenticate(secret, NOW) is None
    with pytest.raises(NotFound):
        tokens.revoke(installation("test"), "00000000", now=NOW)


def test_a_token_ends_with_the_persons_access(company):
    secret = issue()
    models.Person.objects.filter(email="lead@example.org").update(is_active=False)
    assert authenticate(secret, NOW) is None


@pytest.mark.parametrize(
    "given",
    [
        {"scopes": ()},
        {"scopes": ("reed",)},
        {"valid_days": 0},
        {"valid_days": 367},
        {"name": " "},
    ],
)
def test_a_token_needs_a_name_known_scopes_and_an_end(company, given):
    before = models.Token.objects.count()
    with pytest.raises(Invalid):
        issue(**given)
    assert models.Token.objects.count() == before


def test_only_administrators_issue_list_and_revoke(company):
    lead = viewer(models.Person.objects.get(key="p_lead").pk, channel="web")
    with pytest.raises(Denied):
        tokens.issue(
            lead, name="x", email="lead@example.org", scopes=("read",), valid_days=1, now=NOW
        )
    with pytest.raises(Denied):
        listed(lead)
    with pytest.raises(Denied):
        tokens.revoke(lead, "x", now=NOW)
    assert {row.person for row in listed(installation("test"))} >= {"lead@example.org"}


def test_nobody_gets_a_token_for_an_unknown_address(company):
    with pytest.raises(NotFound):
        issue(email="nobody@example.org")


def test_the_scope_scores_exists_only_while_agreed_with_purpose(company):
    ada = company.event()["customer"]
    path = f"/customers/{ada}/account"
    assert company.call("GET", path).status_code == 200
    agreements.agree("scores", is_in_force=False, purpose="Widerruf", door=company.world.door)
    answer = company.call("GET", path)
    assert (answer.status_code, problem(answer)["code"]) == (403, "denied")
    with pytest.raises(Denied, match="vertrauenskonto agreement record scores --purpose"):
        issue(scopes=("scores",))


def test_a_token_without_the_scope_is_told_which_it_lacks(company):
    company.secrets["lead"] = company.token("lead", ("read",))
    company.as_role = "lead"
    answer = company.call("POST", "/entries", company.event())
    assert answer.status_code == 403
    assert "'write'" in problem(answer)["detail"]


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Basic dTpw", "Bearer vk_a_b", "Bearer vk_ä_b"]
)
def test_without_a_valid_token_nothing_is_said_but_how_to_get_in(company, header):
    company.as_role = None
    answer = company.call("GET", "/me", Authorization=header)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert problem(answer)["code"] == "unauthenticated"


def test_a_session_cookie_opens_nothing(company):
    company.as_role = None
    assert company.call("GET", "/me", Cookie="sessionid=abc").status_code == 401


def test_calls_beyond_the_limit_wait_for_the_next_minute(company, settings_of):
    settings_of("API_CALLS_PER_MINUTE", 3)
    # A minute may begin in between.
    answers = [company.call("GET", "/me") for _ in range(8)]
    codes = [answer.status_code for answer in answers]
    assert codes[:3] == [200, 200, 200]
    assert 429 in codes
    refused = answers[codes.index(429)]
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert problem(refused)["code"] == "too_many"


def test_processes_together_hand_out_no_more_calls_than_allowed(company):
    token = models.Token.objects.get(name="test lead")
    day = company.world.today
    taken = [
        tokens.lease_calls(token.pk, wanted=4, limit=10, minute=7, today=day) for _ in range(5)
    ]
    assert taken == [4, 4, 2, 0, 0]
    assert tokens.lease_calls(token.pk, wanted=4, limit=10, minute=8, today=day) == 4
    # The clock was set back: the minute does not begin anew.
    assert tokens.lease_calls(token.pk, wanted=4, limit=10, minute=7, today=day) == 4
    assert tokens.lease_calls(token.pk, wanted=4, limit=10, minute=7, today=day) == 2
    token.refresh_from_db()
    assert token.last_used_date == day


def test_me_tells_for_whom_the_token_acts(company):
    company.as_role = "contact"
    said = company.get("/me")
    assert (said["actor"], said["role"]) == ("p_contact", "contact")
    assert callers.now() < datetime.fromisoformat(said["expires_at"])


def test_a_token_that_decides_in_somebodys_name_takes_her(company):
    lead = viewer(company.person("lead"), channel="test")
    other = viewer(company.person("auditor"), channel="test")
    for proven in (None, other):
        with pytest.raises(Denied, match="her own password"):
            issue(scopes=("read", "honesty"), email="lead@example.org", proven=proven)
    assert issue(scopes=("read", "honesty"), email="lead@example.org", proven=lead)
