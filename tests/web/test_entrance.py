"""Getting in: the one-time link, the password, guessing, the second factor, forgetting."""

import re
import socket
import time
from contextlib import contextmanager
from email import message_from_string, policy

import pytest
from aiosmtpd.controller import Controller
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import encrypt
from django.conf import settings
from django.core.cache import cache
from tests.web.conftest import PASSWORD, door

from vertrauenskonto.core.errors import Denied
from vertrauenskonto.db.access import installation, viewer
from vertrauenskonto.db.actions import people
from vertrauenskonto.db.agreements import in_force
from vertrauenskonto.db.models import Person


def shown_secret(browser) -> str:
    """Return the secret that the page shows, after the password was asked for once more."""
    page = browser.get("/konto/2fa/totp/activate/")
    assert page.headers["Location"].startswith("/konto/reauthenticate/")
    browser.post("/konto/reauthenticate/", {"password": PASSWORD})
    form = browser.get("/konto/2fa/totp/activate/").content.decode()
    return re.search(r'id="authenticator_secret"[^>]*value="([^"]+)"', form)[1]


def code(secret: str) -> str:
    _, now, _ = yield_hotp_counters_from_time()
    return format_hotp_value(hotp_value(secret, now))


def test_the_first_link_makes_the_administrator_who_must_set_up_a_second_factor(site):
    path = people.first_link_if_needed(door=door())
    browser = site.browser()
    assert browser.get(f"/{path}").headers["Location"] == "/konto/link/"
    page = browser.get("/konto/link/").content.decode()
    assert "works council" in page
    answer = {
        "name": "Ada",
        "email": "ada@example.org",
        "password": PASSWORD,
        "again": PASSWORD,
        "council": "none",
    }
    refused = browser.post("/konto/link/", {**answer, "again": "another"}).content.decode()
    assert "Please check" in refused
    assert browser.post("/konto/link/", answer).headers["Location"] == "/"
    assert in_force("no_works_council")
    assert site.browser().get(f"/{path}", follow=True).status_code == 403
    for page in ("/", "/konto/", "/konto/sessions/"):
        assert browser.get(page).headers["Location"] == "/konto/2fa/"
    assert "required" in browser.get("/konto/2fa/").content.decode()
    # She just chose her password; nobody asks for it again.
    form = browser.get("/konto/2fa/totp/activate/").content.decode()
    secret = re.search(r'id="authenticator_secret"[^>]*value="([^"]+)"', form)[1]
    assert browser.post("/konto/2fa/totp/activate/", {"code": code(secret)}).status_code == 302
    start = browser.get("/").content.decode()
    assert 'class="notice success"' in start or 'class="notice info"' in start
    assert 'href="/einrichten/"' in start
    assert "Ada" in browser.get("/konto/").content.decode()


def test_a_second_factor_is_asked_for_and_a_recovery_code_stands_in_once(site):
    browser = site.signed_in("alice")
    secret = shown_secret(browser)
    browser.post("/konto/2fa/totp/activate/", {"code": code(secret)})
    codes = browser.get("/konto/2fa/recovery-codes/").content.decode()
    spare = re.search(r"readonly>([^<]+)</textarea>", codes)[1].split()
    assert len(spare) == 10
    for given, is_in in (("000000", False), (spare[0], True), (spare[0], False)):
        other = site.browser()
        assert other.sign_in("alice@example.org").headers["Location"] == "/konto/2fa/authenticate/"
        assert other.get("/").status_code == 302
        other.post("/konto/2fa/authenticate/", {"code": given})
        assert (other.get("/").status_code == 200) is is_in


def test_the_second_factors_secret_is_not_readable_in_the_database(site):
    browser = site.signed_in("alice")
    secret = shown_secret(browser)
    browser.post("/konto/2fa/totp/activate/", {"code": code(secret)})
    kept = str(Authenticator.objects.get(type="totp").data)
    assert secret not in kept


def test_codes_of_another_secret_key_are_said_to_be_unreadable_and_made_anew(site, monkeypatch):
    browser = site.signed_in("alice")
    secret = shown_secret(browser)
    own = settings.SECRET_KEY
    # The app's secret is of this installation, the recovery codes are of one before.
    browser.post("/konto/2fa/totp/activate/", {"code": code(secret)})
    row = Authenticator.objects.get(type="recovery_codes")
    monkeypatch.setattr(settings, "SECRET_KEY", "another one")
    row.data["seed"] = encrypt(RecoveryCodes.generate_seed())
    lost = RecoveryCodes(row).get_unused_codes()
    monkeypatch.setattr(settings, "SECRET_KEY", own)
    row.save()
    page = browser.get("/konto/2fa/").content.decode()
    assert "These codes cannot be read any more" in page
    assert "Not used yet" not in page
    for path in ("/konto/2fa/recovery-codes/", "/konto/2fa/recovery-codes/download/"):
        assert browser.get(path).headers["Location"] == "/konto/2fa/"
    assert browser.get("/konto/2fa/recovery-codes/generate/").status_code == 200
    # A lost code is wrong and nothing worse, and the app still lets her in.
    other = site.browser()
    other.sign_in("alice@example.org")
    answer = other.post("/konto/2fa/authenticate/", {"code": lost[0]})
    assert "Codes kept here cannot be checked any more" in answer.content.decode()
    assert other.get("/").status_code == 302
    assert Authenticator.objects.get(type="recovery_codes").data == row.data
    monkeypatch.setattr(cache, "add", lambda *_args, **_rest: True)
    other.post("/konto/2fa/authenticate/", {"code": code(secret)})
    assert other.get("/").status_code == 200
    monkeypatch.undo()
    browser.post("/konto/2fa/recovery-codes/generate/")
    shown = browser.get("/konto/2fa/recovery-codes/").content.decode()
    assert len(re.search(r"readonly>([^<]+)</textarea>", shown)[1].split()) == 10
    assert "cannot be read" not in browser.get("/konto/2fa/").content.decode()


def test_after_five_wrong_passwords_the_right_one_is_refused_too(site):
    email = site.person("alice")
    for _ in range(5):
        assert site.browser().sign_in(email, "wrong").status_code == 200
    browser = site.browser()
    answer = browser.sign_in(email)
    assert "Too many failed" in answer.content.decode()
    assert browser.get("/").status_code == 302
    assert site.browser().sign_in(site.person("bob")).status_code == 302


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(site):
    site.person("alice")
    texts = []
    for email in ("alice@example.org", "nobody@example.org"):
        page = site.browser().sign_in(email, "wrong").content.decode()
        texts.append(re.findall(r"<li>(.*?)</li>", page))
    assert texts[0] == texts[1] != []


def test_nobody_signs_up(site):
    browser = site.browser()
    for path in ("/konto/signup/", "/konto/3rdparty/signup/", "/konto/email/"):
        assert browser.get(path).status_code == 404
        data = {"email": "eve@example.org", "password1": PASSWORD}
        assert browser.post(path, data).status_code == 404


def test_whoever_is_deactivated_is_out_at_once(site):
    browser = site.signed_in("alice")
    assert browser.get("/").status_code == 200
    people.deactivate(installation("test"), "p_alice", door=door())
    assert browser.get("/").status_code == 302
    site.browser().sign_in("alice@example.org")
    assert site.browser().get("/").status_code == 302


def test_sessions_are_listed_and_the_others_ended(site):
    first = site.signed_in("alice")
    second = site.browser()
    second.sign_in("alice@example.org")
    for browser in (first, second):
        assert browser.get("/").status_code == 200
    page = second.get("/konto/sessions/").content.decode()
    assert page.count("127.0.0.1") == 2
    assert page.count("this session") == 1
    second.post("/konto/sessions/")
    assert (first.get("/").status_code, second.get("/").status_code) == (302, 200)


class _Box:
    """A mail server's inbox."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.mails.append((envelope.rcpt_tos, envelope.content.decode()))
        return "250 kept"


@contextmanager
def mail_server(monkeypatch):
    box = _Box()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    given = {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": port,
        "EMAIL_USE_TLS": False,
    }
    for name, value in given.items():
        monkeypatch.setattr(settings, name, value)
    try:
        yield box
    finally:
        controller.stop()


def test_a_forgotten_password_is_set_anew_by_a_link_from_a_real_mail(site, monkeypatch):
    site.person("alice")
    browser = site.browser()
    with mail_server(monkeypatch) as box:
        for email in ("alice@example.org", "nobody@example.org"):
            answer = browser.post("/konto/password/reset/", {"email": email})
            assert answer.headers["Location"] == "/konto/password/reset/done/"
        [(recipients, mail)] = box.mails
        assert recipients == ["alice@example.org"]
        path = re.search(r"http://localhost(/konto/password/reset/key/\S+)", mail)[1]
        form = browser.get(path, follow=True)
        new = {"password1": "another long sentence", "password2": "another long sentence"}
        assert browser.post(form.redirect_chain[-1][0], new).status_code == 302
    assert site.browser().sign_in("alice@example.org").status_code == 200
    assert site.browser().sign_in("alice@example.org", new["password1"]).status_code == 302
    assert "no longer works" in site.browser().get(path, follow=True).content.decode()


def plain(mail: str) -> tuple[str, str]:
    """Return subject and text of a mail as they are read."""
    read = message_from_string(mail, policy=policy.default)
    return read["Subject"], read.get_content().replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("language", "subject", "greeting"),
    [("de", "Neues Passwort setzen", "Guten Tag,"), ("en", "Set a new password", "Hello,")],
)
def test_a_mail_is_in_our_words_and_leads_to_our_own_address(
    site, monkeypatch, language, subject, greeting
):
    site.person("alice")
    monkeypatch.setattr(settings, "BASE_URL", "https://konto.example")
    browser = site.browser()
    with mail_server(monkeypatch) as box:
        browser.post(
            "/konto/password/reset/",
            {"email": "alice@example.org"},
            headers={"Host": "127.0.0.1:99", "Accept-Language": language},
        )
        [(_, mail)] = box.mails
    found, text = plain(mail)
    assert found == f"Vertrauenskonto: {subject}"
    assert text.startswith(greeting)
    assert re.search(r"^https://konto\.example/konto/password/reset/key/\S+$", text, re.MULTILINE)
    for foreign in ("127.0.0.1", "localhost", "Du ", "Hallo", " dein"):
        assert foreign not in text, text


def test_who_changes_a_password_or_a_second_factor_gets_a_mail_in_our_words(site, monkeypatch):
    site.person("alice")
    browser = site.browser()
    browser.sign_in("alice@example.org")
    new = "another long sentence"
    with mail_server(monkeypatch) as box:
        secret = shown_secret(browser)
        browser.post("/konto/2fa/totp/activate/", {"code": code(secret)})
        browser.post(
            "/konto/password/change/",
            {"oldpassword": PASSWORD, "password1": new, "password2": new},
        )
        mails = [plain(mail) for _, mail in box.mails]
    assert {"Vertrauenskonto: Your password was changed"} <= {found for found, _ in mails}
    for _, text in mails:
        assert text.startswith("Hello,"), text
        assert "tell an administrator" in text
        assert "localhost" not in text


def test_a_mail_server_that_is_away_is_no_error_and_tells_nothing(site, monkeypatch):
    site.person("alice")
    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
    monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
    monkeypatch.setattr(settings, "EMAIL_PORT", 1)
    for email in ("alice@example.org", "nobody@example.org"):
        answer = site.browser().post("/konto/password/reset/", {"email": email})
        assert answer.headers["Location"] == "/konto/password/reset/done/"


@pytest.mark.parametrize("field", ["password", "again", "council", "purpose", "email"])
def test_the_first_start_says_at_the_field_what_is_missing(site, field):
    path = people.first_link_if_needed(door=door())
    browser = site.browser()
    browser.get(f"/{path}")
    answer = {
        "name": "Ada",
        "email": "ada@example.org",
        "password": PASSWORD,
        "again": PASSWORD,
        "council": "agreed",
        "purpose": "BV 7",
    }
    wrong = {"password": "short", "again": "other", "council": "x", "purpose": "", "email": "ada"}
    given = {**answer, field: wrong[field]}
    if field == "password":
        given["again"] = "short"
    page = browser.post("/konto/link/", given)
    assert page.status_code == 200
    assert f'href="#id_{field}' in page.content.decode()
    assert browser.post("/konto/link/", answer).status_code == 302
    assert in_force("works_council")


def test_a_link_that_signs_in_is_used_by_its_button_only_and_once(site):
    email = site.person("lena", "lead")
    secret = people.sign_in_link(installation("test"), email, door=door()).secret
    browser = site.browser()
    browser.get(f"/konto/link/{secret}/")
    for _ in range(2):
        page = browser.get("/konto/link/")
        assert (page.status_code, email in page.content.decode()) == (200, True)
    assert browser.post("/konto/link/").headers["Location"] == "/"
    assert browser.get("/konto/").status_code == 200
    other = site.browser()
    other.get(f"/konto/link/{secret}/")
    assert other.get("/konto/link/").status_code == 403
    assert other.get("/konto/").status_code == 302


def test_a_link_that_sets_a_password_signs_nobody_in_and_people_make_none_that_do(site):
    site.person("lena", "lead")
    link = people.link(installation("test"), "p_lena", door=door())
    with pytest.raises(Denied):
        people.use_sign_in_link(link.secret, at=door().at)
    assert people.whose_link(link.secret, at=door().at).signs_in is False
    administrator = viewer(
        Person.objects.get(email=site.person("adam", "administrator")).pk, channel="test"
    )
    with pytest.raises(Denied):
        people.sign_in_link(administrator, "p_lena", door=door())


def test_an_administrator_signed_in_by_a_link_can_set_up_a_second_factor(site):
    email = site.person("adam", "administrator")
    secret = people.sign_in_link(installation("test"), email, door=door()).secret
    browser = site.browser()
    browser.get(f"/konto/link/{secret}/")
    browser.post("/konto/link/")
    assert browser.get("/").headers["Location"] == "/konto/2fa/"
    page = browser.get("/konto/2fa/totp/activate/").content.decode()
    assert 'id="authenticator_secret"' in page


@pytest.mark.parametrize(("late", "is_taken"), [(29, True), (61, False)])
def test_a_code_may_be_typed_a_little_late(site, monkeypatch, late, is_taken):
    browser = site.signed_in("adam", "administrator")
    typed = code(shown_secret(browser))
    instant = time.time()
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time.time", lambda: instant + late)
    answer = browser.post("/konto/2fa/totp/activate/", {"code": typed})
    assert answer.status_code == (302 if is_taken else 200)
    assert Authenticator.objects.filter(type="totp").exists() == is_taken
