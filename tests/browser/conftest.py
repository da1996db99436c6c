# ruff: noqa: I001 - what opens Django is imported before what needs it
"""A real Chromium before the real program, on SQLite and PostgreSQL; nothing may leave this machine."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.cache import cache
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, Playwright, Request, Route, sync_playwright

# First of what needs Django: it opens it.
from tests.db.conftest import copied, database, postgres_template, sqlite_template  # noqa: F401
from tests.browser.company import Company, furnish

from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.utils import encrypt

from vertrauenskonto.db import models
from vertrauenskonto.site.wsgi import application

# Playwright's loop runs in the tests' thread, where Django would refuse to read a database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The headless shell draws the same pages and has no windows, extensions and tabs to look after.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
DESKTOP, PHONE = (1280, 900), (390, 844)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    given = os.environ.get("CHROMIUM", "")
    path = given or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("NO CHROMIUM, its tests do not run: apt-get install chromium, or set CHROMIUM")
    browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
    yield browser
    browser.close()


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_words: Any) -> None: ...


@pytest.fixture
def address(
    database: str,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[str]:
    """Yield the address of the program, running in threads of this process."""
    # Uploads and the inbox lie in the data folder.
    monkeypatch.setattr(settings, "DATA", tmp_path)
    monkeypatch.setattr(
        settings, "PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"]
    )
    cache.clear()
    server = ThreadedWSGIServer(("localhost", 0), _Quiet, allow_reuse_address=False)
    server.set_app(StaticFilesHandler(application))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://localhost:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Visitor:
    """Opens pages as somebody, and remembers what no page may do."""

    chromium: Browser
    address: str
    wrong: list[str]
    contexts: list[Any]

    def open(
        self,
        path: str = "/",
        *,
        who: str | None = "alice",
        language: str = "de",
        size: tuple[int, int] = DESKTOP,
        scheme: str = "light",
        scripts: bool = True,
    ) -> Page:
        """Open a page as a person (by name; None: nobody), in her language."""
        context = self.chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="de-DE" if language == "de" else "en-GB",
            timezone_id="Europe/Berlin",
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        self.contexts.append(context)
        # Long enough for a machine that many share; what waits for nothing takes no longer.
        context.set_default_timeout(60_000)
        if who is not None:
            models.Person.objects.filter(key=f"p_{who}").update(language=language)
            name = settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": _session(who), "url": self.address}])
        context.route("**/*", self._only_here)
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        page.goto(f"{self.address}{path}")
        return page

    def _only_here(self, route: Route, request: Request) -> None:
        if request.url.startswith((self.address, "data:", "blob:")):
            route.continue_()
        else:
            self.wrong.append(f"request to another host: {request.url}")
            route.abort()

    def _heard(self, message: Any) -> None:
        # A refusal (4xx) is an answer that tests ask for; everything else is a fault of the page.
        if message.type == "error" and "status of 4" not in message.text:
            self.wrong.append(f"console: {message.text}")


def signed_in(who: str) -> Client:
    """Return a browser without scripts in which a person (by name) has just given her password."""
    client = Client(HTTP_HOST="localhost")
    person = models.Person.objects.get(key=f"p_{who}")
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    session = client.session
    proof = {"method": "password", "at": time.time(), "reauthenticated": True}
    session["account_authentication_methods"] = [proof]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()
    return client


def _session(who: str) -> str:
    return signed_in(who).cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def visitor(chromium: Browser, address: str) -> Iterator[Visitor]:
    """Yield somebody who opens pages; foreign requests, script errors and CSP refusals fail."""
    found = Visitor(chromium=chromium, address=address, wrong=[], contexts=[])
    yield found
    for context in found.contexts:
        context.close()
    assert found.wrong == []


@pytest.fixture(scope="session")
def companies() -> dict[tuple[str, date], tuple[Company, str]]:
    """Return the companies made so far, by database and day, each with a copy of its database."""
    return {}


@pytest.fixture
def company(
    database: str,  # noqa: F811
    companies: dict[tuple[str, date], tuple[Company, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Company:
    """Fill the database with a small company: people of each role, customers in each state.

    Making it takes seconds, so it is made once, and everybody else gets a copy.
    """
    found = (database, timezone.localdate())
    if found not in companies:
        made = furnish(today=found[1])
        for person in models.Person.objects.filter(role="administrator"):
            apps.get_model("mfa", "Authenticator").objects.create(
                user=person, type="totp", data={"secret": encrypt(generate_totp_secret())}
            )
        name = str(tmp_path_factory.mktemp("company") / f"company_{uuid4().hex}")
        companies[found] = made, name if database == "sqlite" else Path(name).name
        copied(to=companies[found][1])
    else:
        copied(back=companies[found][1])
    # What a test does with its company is its own.
    return deepcopy(companies[found][0])


@pytest.fixture
def shots() -> Path | None:
    """Return where screenshots are kept (variable SHOTS), None: nowhere."""
    given = os.environ.get("SHOTS", "")
    return Path(given) if given else None
