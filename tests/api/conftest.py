"""A client of the API: a small company with a policy in force, people in every role, tokens."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from tests.db.conftest import database, postgres_template, sqlite_template  # noqa: F401
from tests.db.world import POLICY, World

from vertrauenskonto.api import callers
from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.db import access, models
from vertrauenskonto.db.access import ROLES, installation
from vertrauenskonto.db.actions import agreements, policies, tokens

SCOPES = tuple(tokens.SCOPES)


@dataclass
class Company:
    """A world with people and their tokens; requests are made as one of them."""

    world: World
    secrets: dict[str, str] = field(default_factory=dict)
    # None: nobody, without a token.
    as_role: str | None = "administrator"
    headers: dict[str, str] = field(default_factory=dict)

    def token(self, role: str, scopes: tuple[str, ...] = SCOPES) -> str:
        """Return the secret of a new token of the person with this role."""
        return tokens.issue(
            installation("test"),
            name=f"test {role}",
            email=f"{role}@example.org",
            scopes=scopes,
            valid_days=30,
            now=datetime.now(UTC),
            proven=access.viewer(self.person(role), channel="test"),
        )

    def person(self, role: str) -> int:
        """Return the row number of the person with this role."""
        return models.Person.objects.get(key=f"p_{role}").pk

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Call the API as the current role; a body that is no bytes goes as JSON."""
        sent = {"Accept-Language": "en", **self.headers, **headers}
        if self.as_role is not None:
            sent.setdefault("Authorization", f"Bearer {self.secrets[self.as_role]}")
        kind = sent.pop("Content-Type", "application/json")
        data = body if isinstance(body, bytes) else b"" if body is None else _json(body)
        client = Client(SERVER_NAME="localhost")
        return client.generic(method, f"/api/v1{path}", data, content_type=kind, headers=sent)

    def get(self, path: str, **headers: str) -> Any:
        """Return what a successful GET says."""
        answer = self.call("GET", path, **headers)
        assert answer.status_code == 200, answer.content
        return json.loads(answer.content)

    def post(self, path: str, body: Any, status: int = 201, **headers: str) -> Any:
        """Return what a POST with this status says."""
        answer = self.call("POST", path, body, **headers)
        assert answer.status_code == status, answer.content
        return json.loads(answer.content) if answer.content else None

    def event(self, customer: str = "", **given: Any) -> dict[str, Any]:
        """Return an event for a customer, a new one if none is named."""
        self.world.count += 1
        said = {
            "source": "shop",
            "source_id": f"e{self.world.count}",
            "kind": "promise_kept",
            "value_date": str(self.world.today),
        }
        if "known_as" not in given:
            said["customer"] = customer or self.world.customer()
        return {**said, **given}


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()


@pytest.fixture(autouse=True)
def _no_calls_left_over():
    callers._leases.clear()


@pytest.fixture
def rules() -> Policy:
    """Return the policy to be put in force; a test may choose another."""
    return replace(POLICY, title=Text("Klein", "Small"))


@pytest.fixture
def company(database, rules) -> Company:  # noqa: F811
    """Return a company on a fresh database: everybody has a token with every scope."""
    world = World(today=callers.today())
    policies.put_in_force(rules, valid_from=world.today, door=world.door)
    agreements.agree("scores", is_in_force=True, purpose="Monatsbericht", door=world.door)
    made = Company(world)
    for role in ROLES:
        models.Person.objects.create(
            key=f"p_{role}", email=f"{role}@example.org", name=role.title(), role=role
        )
        made.secrets[role] = made.token(role)
    return made


@pytest.fixture
def settings_of():
    """Return a function that sets a setting until the test ends."""
    before: dict[str, Any] = {}

    def change(name: str, value: Any) -> None:
        before.setdefault(name, getattr(settings, name))
        setattr(settings, name, value)

    yield change
    for name, value in before.items():
        setattr(settings, name, value)


def problem(answer: HttpResponse) -> dict[str, Any]:
    """Return the problem that an answer says."""
    assert answer["Content-Type"] == "application/problem+json"
    said: dict[str, Any] = json.loads(answer.content)
    assert said["status"] == answer.status_code
    return said
