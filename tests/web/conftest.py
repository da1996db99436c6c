"""A browser without scripts, people who can sign in, and passwords that hash fast."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from tests.db.conftest import database, postgres_template, sqlite_template  # noqa: F401

from vertrauenskonto.db.access import installation
from vertrauenskonto.db.actions import people
from vertrauenskonto.db.actions.facts import Door

PASSWORD = "a sentence only I know"


def door() -> Door:
    now = datetime.now(UTC)
    return Door(actor="system", channel="test", at=now, today=now.date())


class Browser(Client):
    """Signs in as a person would: by the form."""

    def sign_in(self, email: str, password: str = PASSWORD):
        return self.post("/konto/login/", {"login": email, "password": password})


class Site:
    """A running installation, seen from outside."""

    def browser(self, language: str = "en", **given) -> Browser:
        return Browser(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE=language, **given)

    def person(self, name: str, role: str = "contact", language: str = "en") -> str:
        email = f"{name}@example.org"
        invited = people.invite(
            installation("test"),
            email=email,
            name=name.title(),
            role=role,
            key=f"p_{name}",
            language=language,
            door=door(),
        )
        people.use_link(invited.secret, password=PASSWORD, door=door())
        return email

    def signed_in(self, name: str, role: str = "contact", **given) -> Browser:
        browser = self.browser()
        assert browser.sign_in(self.person(name, role, **given)).status_code == 302
        return browser


@pytest.fixture
def site(database, monkeypatch):  # noqa: F811
    monkeypatch.setattr(
        settings, "PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"]
    )
    cache.clear()
    return Site()
