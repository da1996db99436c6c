"""Every page: in both languages, with labels, nothing from elsewhere, cookies that are safe."""

import json
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from tests.db.staff import Staff
from tests.web.conftest import PASSWORD, door

from vertrauenskonto.db import models
from vertrauenskonto.db.actions import honesty, ledger, people
from vertrauenskonto.db.queries import people as queries

OPEN = ["/konto/login/", "/konto/password/reset/", "/konto/password/reset/done/"]
SIGNED_IN = [
    "/",
    "/konto/",
    "/konto/logout/",
    "/konto/password/change/",
    "/konto/sessions/",
    "/konto/2fa/",
    "/konto/2fa/totp/activate/",
    "/konto/2fa/webauthn/",
    "/konto/2fa/webauthn/add/",
]


def tidy(page: str, language: str) -> None:
    """Demand what every page owes its readers."""
    assert f'<html lang="{language}">' in page
    for control in re.findall(r"<(?:input|textarea|select)\b[^>]*>", page):
        if 'type="hidden"' in control:
            continue
        name = re.search(r'\sid="([^"]+)"', control)
        assert name, control
        assert f'for="{name[1]}"' in page, f"no label: {control}"
    links = re.findall(r'(?:href|src|action)="([^"]*)"', page)
    assert [url for url in links if not url.startswith(("/", "#", "data:"))] == []
    assert "style=" not in page
    scripts = re.findall(r"<script(?![^>]*src=)([^>]*)>", page)
    assert [s for s in scripts if "application/json" not in s] == []
    assert page.count("<h1") == 1


@pytest.mark.parametrize("language", ["de", "en"])
def test_pages_before_sign_in_are_tidy(site, language):
    browser = site.browser(language)
    for path in OPEN:
        answer = browser.get(path)
        assert answer.status_code == 200, path
        tidy(answer.content.decode(), language)
    tidy(browser.post("/konto/login/", {"login": "x"}).content.decode(), language)


@pytest.mark.parametrize("language", ["de", "en"])
def test_pages_after_sign_in_are_tidy_and_in_ones_own_language(site, language):
    browser = site.signed_in("alice", language=language)
    for path in SIGNED_IN:
        answer = browser.get(path, HTTP_ACCEPT_LANGUAGE="fr", follow=True)
        assert answer.status_code == 200, path
        tidy(answer.content.decode(), language)


@pytest.mark.parametrize("path", ["/", "/konto/", "/konto/sessions/", "/konto/2fa/"])
def test_nothing_is_shown_to_whoever_is_not_signed_in(site, path):
    answer = site.browser().get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/konto/login/")


def test_the_first_start_page_and_a_link_that_is_over_are_tidy(site):
    path = people.first_link_if_needed(door=door())
    for language in ("de", "en"):
        browser = site.browser(language)
        tidy(browser.get(f"/{path}", follow=True).content.decode(), language)
        answer = browser.get("/konto/link/nonsense/", follow=True)
        assert answer.status_code == 403
        tidy(answer.content.decode(), language)


def test_an_unknown_page_says_so_in_both_languages(site):
    for language, words in (("de", "gibt es nicht"), ("en", "no such page")):
        answer = site.browser(language).get("/nirgends/")
        assert answer.status_code == 404
        assert words in answer.content.decode()
        tidy(answer.content.decode(), language)


@pytest.mark.parametrize(("language", "words"), [("de", "Zu viele Versuche"), ("en", "Too many")])
def test_too_many_attempts_are_answered_with_a_page(site, language, words):
    browser = site.browser(language)
    for _ in range(50):
        answer = browser.post("/konto/password/reset/", {"email": "nobody@example.org"})
        if answer.status_code != 302:
            break
    assert answer.status_code == 429
    assert words in answer.content.decode()
    tidy(answer.content.decode(), language)


def test_a_form_without_its_token_is_refused_with_a_page(site):
    browser = site.browser(enforce_csrf_checks=True)
    answer = browser.sign_in("alice@example.org")
    assert answer.status_code == 403
    tidy(answer.content.decode(), "en")


def test_the_browser_is_told_to_load_nothing_from_elsewhere(site):
    headers = site.browser().get("/konto/login/").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_styles_and_scripts_come_from_here(site):
    page = site.browser().get("/konto/login/").content.decode()
    for url in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
        answer = site.browser().get(url)
        assert answer.status_code == 200, url
        assert b"".join(answer.streaming_content)
        answer.close()


def test_styles_that_a_browser_has_are_not_sent_again(site):
    browser = site.browser(HTTP_ACCEPT_ENCODING="gzip")
    first = browser.get("/static/vertrauenskonto/site.css")
    first.close()
    again = browser.get("/static/vertrauenskonto/site.css", HTTP_IF_NONE_MATCH=first["ETag"])
    assert (first.status_code, first["Content-Encoding"], again.status_code) == (200, "gzip", 304)


def test_cookies_are_closed_to_scripts_and_other_sites(site):
    browser = site.signed_in("alice")
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        cookie = browser.cookies[name]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize(
    ("url", "is_https"), [("https://konto.example", True), ("http://localhost:8000", False)]
)
def test_behind_https_cookies_travel_encrypted_only(tmp_path, url, is_https):
    script = (
        "import json; from vertrauenskonto.site import settings as s; print(json.dumps("
        "[s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0]))"
    )
    environment = {
        **os.environ,
        "VERTRAUENSKONTO_BASE_URL": url,
        "VERTRAUENSKONTO_DATA": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, check=True
    )
    assert json.loads(done.stdout) == [is_https] * 3
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_the_language_switch_is_remembered(site):
    browser = site.signed_in("alice")
    answer = browser.post("/konto/sprache/", {"language": "de", "next": "/konto/"})
    assert answer.headers["Location"] == "/konto/"
    assert 'lang="de"' in browser.get("/").content.decode()
    other = site.browser("en")
    other.sign_in("alice@example.org", PASSWORD)
    assert '<html lang="de">' in other.get("/").content.decode()


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", ""])
def test_the_language_switch_leads_nowhere_else(site, back):
    for language in ("en", "fr"):
        answer = site.browser().post("/konto/sprache/", {"language": language, "next": back})
        assert answer.headers["Location"] == "/"


def test_whom_an_entry_concerns_can_contest_it_on_her_page(site):
    staff = Staff()
    staff.policy()
    browser = site.signed_in("alice")
    lead = staff.person("lena", "lead")
    customer = staff.customer()
    draft = staff.draft(customer, "lie_uncovered", target="person:p_alice")
    ledger.book([draft], door=staff.door, policies=staff.policies)
    [proposal] = queries.proposals(lead)
    honesty.confirm(lead, proposal.id, door=staff.door_of(lead), policies=staff.policies)
    page = browser.get("/").content.decode()
    tidy(page, "en")
    action = re.search(r'action="(/betrifft/\d+/)"', page)[1]
    assert browser.post(action, {"what": "contest", "text": " "}, follow=True).status_code == 200
    told = {"what": "contest", "text": "She was pregnant and the slip proves it"}
    asked = browser.post(action, told, follow=True).content.decode()
    tidy(asked, "en")
    assert "The law protects this specially" in asked
    assert "She was pregnant and the slip proves it</textarea>" in asked
    assert 'name="text_needed"' in asked
    assert not models.Contest.objects.exists()
    browser.post(action, {**told, "text_needed": "pregnant"})
    assert models.Contest.objects.get().state == "contested"
    assert "the slip proves it" in browser.get("/").content.decode()
    assert site.signed_in("bob").post(action, {"what": "contest", "text": "x"}).status_code == 404
