"""Passkeys in a real browser with an authenticator of its own, against a real server."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator

import pytest
from tests.web.chromium import Chromium, Unavailable, chromium

PASSWORD = "a sentence only I know"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def run(environment, *words):
    command = [sys.executable, "-m", "vertrauenskonto.cli.main", *words, "--language", "en"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def browser(tmp_path) -> Iterator[Chromium]:
    try:
        with chromium(tmp_path / "profile") as tab:
            yield tab
    except Unavailable:
        pytest.skip("NO CHROMIUM, passkeys are not tried")


@pytest.fixture
def served(tmp_path) -> Iterator[tuple[str, str]]:
    """Yield the address of a running server, and the link of Alice, who is invited."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://localhost:{port}"
    environment = {
        **os.environ,
        "VERTRAUENSKONTO_DATA": str(tmp_path / "data"),
        "VERTRAUENSKONTO_DATABASE": "",
        "VERTRAUENSKONTO_BASE_URL": base,
    }
    words = ("people", "invite", "alice@example.org", "--role", "contact", "--speaks", "en")
    link = run(environment, *words).strip()
    command = [sys.executable, "-m", "vertrauenskonto.cli.main", "serve", "--without-work"]
    with subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{port}", "--workers", "1"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            _wait(f"{base}/konto/login/")
            yield base, link
        finally:
            server.terminate()


def _wait(url: str) -> None:
    end = time.monotonic() + 20
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.1)
        else:
            return


@pytest.mark.long
def test_a_passkey_is_added_signs_in_alone_and_stands_in_as_second_factor(browser, served):
    base, link = served
    browser.go(link)
    browser.fill(id_password=PASSWORD, id_again=PASSWORD)
    browser.click("main form .button")
    browser.until("document.getElementById('id_login') !== null")
    _password(browser)
    browser.until("location.pathname === '/'")
    given = browser.call("WebAuthn.addVirtualAuthenticator", options=AUTHENTICATOR)
    browser.go(f"{base}/konto/2fa/webauthn/add/")
    browser.fill(id_password=PASSWORD)
    browser.click("main form .button")
    browser.until("document.getElementById('mfa_webauthn_add') !== null")
    browser.fill(id_name="Laptop")
    browser.click("#id_passwordless")
    browser.click("#mfa_webauthn_add")
    browser.until("location.pathname === '/konto/2fa/recovery-codes/'")
    found = browser.call("WebAuthn.getCredentials", **given)["credentials"]
    assert [(one["rpId"], one["isResidentCredential"]) for one in found] == [("localhost", True)]

    browser.call("Network.clearBrowserCookies")
    browser.go(f"{base}/konto/login/")
    browser.click("#passkey_login")
    browser.until("location.pathname === '/'")
    assert "Sign out" in browser.js("document.body.innerText")

    browser.call("Network.clearBrowserCookies")
    browser.go(f"{base}/konto/login/")
    _password(browser)
    browser.until("location.pathname === '/konto/2fa/authenticate/'")
    browser.click("#mfa_webauthn_authenticate")
    browser.until("location.pathname === '/'")
    browser.go(f"{base}/konto/2fa/webauthn/")
    page = browser.js("document.querySelector('main').innerText")
    assert re.search(r"Laptop.*Last used on", page, re.DOTALL)


def _password(browser: Chromium) -> None:
    browser.fill(id_login="alice@example.org", id_password=PASSWORD)
    browser.js("document.getElementById('id_login').form.querySelector('.button').click()")
