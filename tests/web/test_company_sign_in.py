"""The company's own sign-in, against an identity provider on loopback: who gets in, and who not."""

import re

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from tests.web.conftest import door
from tests.web.identity_provider import CLIENT, SECRET, identity_provider

from vertrauenskonto.db import models
from vertrauenskonto.db.access import installation
from vertrauenskonto.db.actions import people
from vertrauenskonto.site.addresses import company_sign_in

LOGIN = "/konto/oidc/company/login/"


@pytest.fixture
def provider(monkeypatch):
    """Yield a provider that this installation is set up with, as the environment would."""
    with identity_provider() as running:
        apps = company_sign_in(
            {
                "VERTRAUENSKONTO_OIDC_ISSUER": running.issuer,
                "VERTRAUENSKONTO_OIDC_CLIENT_ID": CLIENT,
                "VERTRAUENSKONTO_OIDC_CLIENT_SECRET": SECRET,
                "VERTRAUENSKONTO_OIDC_NAME": "Holm AG",
            }
        )
        given = {**settings.SOCIALACCOUNT_PROVIDERS["openid_connect"], "APPS": apps}
        monkeypatch.setattr(settings, "SOCIALACCOUNT_PROVIDERS", {"openid_connect": given})
        yield running


def claims(email="alice@example.org", *, verified=True, subject="s-1"):
    return {"sub": subject, "email": email, "email_verified": verified, "name": "Alice"}


def come_back(browser, provider, said):
    """Go to the provider as this person, and return the answer to coming back."""
    provider.signed_in = said
    away = browser.post(LOGIN)
    assert away.status_code == 302, away.content
    assert away.headers["Location"].startswith(f"{provider.issuer}/authorize?")
    answer = requests.get(away.headers["Location"], allow_redirects=False, timeout=10)
    back = answer.headers["Location"]
    assert back.startswith("http://localhost/konto/oidc/company/login/callback/?")
    return browser.get(back.removeprefix("http://localhost"))


def is_in(browser):
    return browser.get("/").status_code == 200


def invite(email="alice@example.org", role="contact"):
    people.invite(
        installation("test"), email=email, name="Alice", role=role, key="p_alice", door=door()
    )


def test_the_button_carries_the_companys_name(site, provider):
    page = site.browser().get("/konto/login/").content.decode()
    assert re.search(rf'action="{LOGIN}[^"]*".*?>Holm AG</button>', page, re.DOTALL)


def test_whoever_was_invited_comes_in_by_her_verified_address_and_stays_linked(site, provider):
    invite()
    browser = site.browser()
    assert come_back(browser, provider, claims("Alice@Example.org")).headers["Location"] == "/"
    assert is_in(browser)
    [link] = SocialAccount.objects.all()
    assert (link.user.key, link.uid, link.provider) == ("p_alice", "s-1", "company")
    other = site.browser()
    come_back(other, provider, claims("alice.new@example.org"))
    assert is_in(other)
    assert models.Person.objects.count() == 1
    assert SocialAccount.objects.count() == 1


def test_whoever_was_not_invited_gets_no_account_and_is_told_so(site, provider):
    invite()
    for language, words in (("en", "Not invited yet"), ("de", "Noch nicht eingeladen")):
        browser = site.browser(language)
        answer = come_back(browser, provider, claims("eve@example.org", subject="s-2"))
        assert answer.status_code == 403
        assert words in answer.content.decode()
        assert not is_in(browser)
    assert models.Person.objects.count() == 1
    assert SocialAccount.objects.count() == 0


@pytest.mark.parametrize("verified", [False, None, "false"])
def test_an_address_that_the_company_did_not_verify_opens_nothing(site, provider, verified):
    invite()
    said = claims(verified=verified)
    if verified is None:
        del said["email_verified"]
    browser = site.browser()
    assert come_back(browser, provider, said).status_code == 403
    assert not is_in(browser)
    assert SocialAccount.objects.count() == 0


def test_whoever_was_shut_out_stays_out(site, provider):
    invite()
    come_back(site.browser(), provider, claims())
    people.deactivate(installation("test"), "p_alice", door=door())
    browser = site.browser()
    come_back(browser, provider, claims())
    assert not is_in(browser)


def test_an_administrator_still_needs_a_second_factor(site, provider):
    invite(role="administrator")
    browser = site.browser()
    come_back(browser, provider, claims())
    assert browser.get("/").headers["Location"] == "/konto/2fa/"


def test_an_answer_that_nobody_asked_for_opens_nothing(site, provider):
    invite()
    browser = site.browser()
    provider.signed_in = claims()
    away = browser.post(LOGIN).headers["Location"]
    back = requests.get(away, allow_redirects=False, timeout=10).headers["Location"]
    stranger = site.browser()
    answer = stranger.get(back.removeprefix("http://localhost"))
    assert answer.status_code in (200, 302, 401)
    assert not is_in(stranger)
    assert SocialAccount.objects.count() == 0


@pytest.mark.parametrize("verified", [True, "true"])
def test_verified_may_be_said_as_a_text(site, provider, verified):
    invite()
    browser = site.browser()
    come_back(browser, provider, claims(verified=verified))
    assert is_in(browser)


def test_a_provider_that_is_away_is_said_on_a_page(site, provider):
    invite()
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"]["server_url"] = "http://127.0.0.1:1"
    for language, words in (("en", "did not work"), ("de", "nicht geklappt")):
        answer = site.browser(language).post(LOGIN)
        assert answer.status_code == 502
        assert words in answer.content.decode()


def test_an_unknown_provider_is_no_page(site, provider):
    assert site.browser().post("/konto/oidc/other/login/").status_code == 404
