"""Messages to chat systems: to allowed addresses only, by a library that may do nothing else."""

import subprocess
import sys
import time

import pytest

from vertrauenskonto.notify.chat import (
    SERVICES,
    ChatMessage,
    ChatOutcome,
    address_problem,
    look,
    send,
)
from vertrauenskonto.notify.webhooks import networks

LOOPBACK = networks("127.0.0.0/8, ::1")
MESSAGE = ChatMessage(title="Aufgaben", text="3 neu\nhttps://konto.example/aufgaben/")


def at(receiver, scheme="json", more=""):
    return receiver.url.replace("http", scheme, 1) + more


def test_a_message_arrives_once_and_says_what_it_should(receiver):
    outcome = send(at(receiver), MESSAGE, allowed=LOOPBACK)
    assert (outcome.error, outcome.is_delivered) == ("", True)
    [(_, body)] = receiver.messages
    assert b"3 neu\\nhttps://konto.example/aufgaben/" in body


def test_loopback_is_not_reached_unless_the_installation_allows_it(receiver):
    assert send(at(receiver), MESSAGE).error == "network"
    assert receiver.messages == []


def test_without_encryption_nothing_leaves_ones_own_networks():
    # An address of the public internet: refused before anything is sent there.
    assert send("json://192.0.2.1/x", MESSAGE, allowed=LOOPBACK).error == "network"
    assert send("ntfy://8.8.8.8/x", MESSAGE, allowed=LOOPBACK).error == "network"


@pytest.mark.parametrize(
    "address", ["jsons://169.254.169.254/", "jsons://10.1.2.3/", "jsons://[::1]/"]
)
def test_inner_addresses_are_refused_with_encryption_too(address):
    assert send(address, MESSAGE).error == "network"


def test_nobody_is_followed_elsewhere(receiver):
    receiver.status = 302
    receiver.headers = {"Location": receiver.url + "/other"}
    assert send(at(receiver), MESSAGE, allowed=LOOPBACK).error == "refused"
    assert len(receiver.messages) == 1


def test_a_service_that_never_answers_is_cut_off(receiver):
    receiver.wait = lambda: time.sleep(6)
    started = time.monotonic()
    assert send(at(receiver), MESSAGE, allowed=LOOPBACK, seconds_max=2).error == "timeout"
    assert time.monotonic() - started < 5


def test_a_proxy_or_password_file_of_the_environment_is_not_used(receiver, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert send(at(receiver), MESSAGE, allowed=LOOPBACK).is_delivered


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hello",
        "dbus://",
        "gnome://",
        "script://echo",
        "file:///etc/passwd",
        "syslog://",
        "mailto://user:pass@example.org",
        "apprise://localhost/key",
        "http://localhost/x",
        "json://localhost/?template=/etc/passwd",
        "jsons://localhost/?verify=no",
        "jsons://localhost/?cto=9999",
        "jsons://localhost/?redirect=yes",
        "discord://id/token/?template=file:///etc/passwd",
        "jsons://localhost/\nx",
        "jsons://" + "a" * 1001,
    ],
)
def test_what_runs_programs_reads_files_or_loosens_checks_is_refused_by_name(address):
    assert address_problem(address) is not None
    assert look(address) == ChatOutcome(error="address")
    assert send(address, MESSAGE, allowed=LOOPBACK) == ChatOutcome(error="address")


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        (
            "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general",
            "slack://T...2/A...D/T...Q//",
        ),
        (
            "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
            "slack://T...2/A...D/T...Q//",
        ),
        ("jsons://ada:hush@chat.example/secret/path?x-y", None),
        ("jsons://ada:hush@chat.example/secret/path", "jsons://ada:****@chat.example/…"),
        ("ntfys://ntfy.example/secret-topic", "ntfys://ntfy.example/…"),
        ("matrixs://ada:hush@matrix.example/#room", "matrixs://ada:****@matrix.example/"),
    ],
)
def test_an_address_is_shown_without_its_secrets(address, masked):
    outcome = look(address)
    assert outcome.masked == (masked or "")
    assert (outcome.error == "address") == (masked is None)
    for secret in ("TIiajkdnlazkcOXrIdevi7FQ", "hush", "secret"):
        assert secret not in outcome.masked


def test_every_service_on_the_list_is_one_the_library_has():
    told = (
        "import importlib\n"
        f"for module, name in {sorted(set(SERVICES.values()))!r}:\n"
        "    getattr(importlib.import_module(f'apprise.plugins.{module}'), name).parse_url\n"
    )
    subprocess.run([sys.executable, "-c", told], check=True, timeout=60)


def test_the_process_may_open_no_file_and_start_no_program():
    told = """
import os, subprocess, sys
from vertrauenskonto.notify.chat_process import Guard
guard = Guard(())
sys.addaudithook(guard)
guard.close(is_encrypted=True)
def refused(act):
    try:
        act()
    except Exception as error:
        return type(error).__name__
    return "done"
print(refused(lambda: open("/etc/passwd").read()))
print(refused(lambda: open("/tmp/x", "w")))
print(refused(lambda: subprocess.run(["true"])))
print(refused(lambda: os.system("true")))
print(refused(lambda: os.fork()))
"""
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["_RefusedError"] * 5


def test_nothing_of_ours_loads_the_library():
    told = "import vertrauenskonto.notify.chat, sys; print('apprise' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "False\n"
