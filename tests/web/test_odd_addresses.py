"""Every address of the application with odd values in it: a page of ours each time, never a fault."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.utils import timezone
from tests.browser.company import furnish
from tests.browser.pages import VISITS
from tests.db.conftest import database, postgres_template, sqlite_template  # noqa: F401

from vertrauenskonto import web
from vertrauenskonto.db import models

NUL = "\0"
# The last is three in Arabic digits.
ODD = (NUL, "²", "9" * 5000, "99999999999999999999", "../../x", "😀", "٣")
# What pages read from the query: as their modules say it, and by way of forms and lists of names.
_READ = re.compile(r'GET(?:\.get\(|\.getlist\(|\[)"(\w+)"|"(\w+)" in request\.GET')
_IN_MODULES = {
    a or b
    for file in Path(web.__file__).parent.glob("*.py")
    for a, b in _READ.findall(file.read_text(encoding="utf-8"))
}
_BY_FORMS = ("tag", "kenntnis", "sicht", "zeitraum", "von", "bis", "seite", "art", "sort", "unter")
QUERY = sorted({*_IN_MODULES, *_BY_FORMS, "faellt", "ab", "nr"})
_PART = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:[^()]|\[[^\]]*\])*\)")
# What no page of ours shows: how the program is made, and where it lies.
INTERNALS = re.compile(r"Traceback|[a-z]Error\b|Exception|psycopg|site-packages|/src/")


def routes() -> Iterator[str]:
    """Yield every address of the application as a pattern; the API has its own tests."""

    def within(resolver: URLResolver, before: str) -> Iterator[str]:
        for one in resolver.url_patterns:
            if isinstance(one, URLResolver):
                yield from within(one, before + str(one.pattern))
            elif isinstance(one, URLPattern):
                yield before + str(one.pattern)

    for route in within(get_resolver(), ""):
        # Signing out would end the visit.
        if not route.startswith(("api/", "health/", "metrics")) and route != "konto/logout/":
            yield route


def filled(route: str, values: dict[str, str]) -> str:
    """Return an address: a pattern with these values in the places of its parts."""
    plain = re.sub(r"[\^$]", "", route)
    return "/" + _PART.sub(lambda m: quote(values[m[1] or m[2]], safe=""), plain)


def parts(route: str) -> list[str]:
    return [m[1] or m[2] for m in _PART.finditer(route)]


@pytest.fixture
def known(database, monkeypatch, tmp_path):  # noqa: F811
    """Return parts of addresses that exist, by pattern."""
    monkeypatch.setattr(settings, "DATA", tmp_path)
    cache.clear()
    company = furnish(today=timezone.localdate())
    for person in models.Person.objects.filter(role="administrator"):
        Authenticator.objects.create(user=person, type="totp", data={"secret": "x"})
    found = {}
    for visit in VISITS:
        match = resolve(visit.path(company).partition("?")[0])
        found.setdefault(match.route, {k: str(v) for k, v in match.kwargs.items()})
    # Some state of a page has recovery codes that nobody can decipher.
    Authenticator.objects.filter(type="recovery_codes").delete()
    return found


def addresses(known):
    """Yield every address with each odd value in each of its parts, and in its query."""
    by_name = {name: value for parts in known.values() for name, value in parts.items()}
    values = [odd for odd in ODD if odd != NUL]
    for route in routes():
        usual = {name: known.get(route, by_name).get(name, "1") for name in parts(route)}
        for name in usual:
            for odd in ODD:
                yield filled(route, usual | {name: odd})
        here = filled(route, usual)
        yield f"{here}?{urlencode(dict.fromkeys(QUERY, NUL))}"
        # Each name gets another value each time.
        for turn in (0, 3):
            told = {name: values[(n + turn) % len(values)] for n, name in enumerate(QUERY)}
            yield f"{here}?{urlencode(told)}"


def faults(client, address):
    """Return what is wrong with an answer: that it is a fault, or no page of ours."""
    answer = client.get(address)
    text = b"".join(answer.streaming_content) if answer.streaming else answer.content
    answer.close()
    if answer.status_code < 400:
        return []
    page = text.decode()
    seen = re.sub(r"<[^>]*>", " ", page)
    found = [] if answer.status_code < 500 else ["a fault"]
    is_ours = all(page.count(part) == 1 for part in ("<main", "<h1", "site.css"))
    # Calendar programs read no pages.
    if not (is_ours or (address.partition("?")[0].endswith(".ics") and not text)):
        found.append("no page of ours")
    if INTERNALS.search(seen):
        found.append("internals")
    return [f"{answer.status_code} {what}: {address[:200]}" for what in found]


@pytest.mark.long
@pytest.mark.parametrize(("who", "language"), [("adam", "en"), ("alice", "de")])
def test_no_odd_address_is_a_fault_or_without_a_page_of_ours(known, who, language):
    client = Client(raise_request_exception=False, HTTP_HOST="localhost", HTTP_ACCEPT="text/html")
    person = models.Person.objects.get(key=f"p_{who}")
    models.Person.objects.filter(pk=person.pk).update(language=language)
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    assert [what for address in addresses(known) for what in faults(client, address)] == []
