"""The commands of the service: work, doctor, webhook, feed."""

import json
import os
import re
import shutil
import signal
import socket
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from tests.db.world import World

from vertrauenskonto.cli import database as opened
from vertrauenskonto.cli.checks import findings
from vertrauenskonto.cli.serve import _warn_if_open, address_of
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.worker import Worker
from vertrauenskonto.core.errors import Invalid
from vertrauenskonto.db import checks_database, models
from vertrauenskonto.db.actions import jobs, policies
from vertrauenskonto.db.checks import BACKUP_MARKER
from vertrauenskonto.importers.policy import read_policy


@pytest.fixture
def data(database, tmp_path, monkeypatch):
    """Return a data folder as it should be, with the database of the test."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    (folder / "secret-key").touch(mode=0o600)
    monkeypatch.setattr(settings, "DATA", folder)
    return folder


def graded(now=None):
    return {f.code: f for f in findings(now or datetime.now(UTC))}


def wrong(now=None):
    return sorted(code for code, f in graded(now).items() if f.grade == "wrong")


def healthy(data):
    """Make everything well that a fresh installation lacks."""
    now = datetime.now(UTC)
    world = World(today=now.date() - timedelta(days=1))
    policy = read_policy("craft").versions[-1]
    policies.put_in_force(policy, valid_from=world.today, door=world.door)
    world.seal()
    jobs.beat("w", now=now)
    (data / BACKUP_MARKER).write_text(now.isoformat())
    return world


def test_doctor_finds_nothing_wrong_with_a_healthy_installation(data, run):
    healthy(data)
    assert wrong() == []
    done = run("doctor", "--json")
    told = json.loads(done.out)
    assert (done.code, told["wrong"]) == (0, 0)
    assert {f["code"] for f in told["findings"]} == {
        *("versions", "settings", "data_folder", "secret_key", "disk", "backup", "base_url"),
        *("mail", "database", "migrations", "triggers", "clock", "worker", "jobs", "seal"),
        *("policy", "works_council", "webhooks", "calendar"),
    }
    assert all(f["cure"] for f in told["findings"] if f["grade"] != "fine")


@pytest.mark.parametrize("language", ["de", "en"])
def test_doctor_says_what_is_wrong_with_a_fresh_installation_and_the_cure(
    data,
    run,
    language,
):
    done = run("doctor", language=language)
    assert done.code == 1
    assert "vertrauenskonto work" in done.out
    assert done.err == ("2 × zu beheben (✗).\n" if language == "de" else "2 to be cured (✗).\n")
    assert wrong() == ["policy", "worker"]


def test_doctor_looks_at_folder_secret_and_backup(data):
    healthy(data)
    data.chmod(0o755)
    (data / "secret-key").chmod(0o644)
    (data / BACKUP_MARKER).write_text((datetime.now(UTC) - timedelta(days=5)).isoformat())
    assert wrong() == ["backup", "data_folder", "secret_key"]
    data.chmod(0o700)
    (data / "secret-key").unlink()
    (data / BACKUP_MARKER).write_text("yesterday")
    assert wrong() == ["secret_key"]
    assert graded()["backup"].grade == "hint"


def test_doctor_says_that_a_folder_cannot_be_written(data, monkeypatch):
    healthy(data)
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert wrong() == ["data_folder"]


def test_doctor_without_a_data_folder_says_so(data, monkeypatch):
    healthy(data)
    monkeypatch.setattr(settings, "DATA", data / "nothing")
    assert wrong() == ["data_folder"]


def test_doctor_warns_before_the_disk_is_full(data, monkeypatch):
    healthy(data)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10, 9, 1))
    assert wrong() == ["disk"]


def test_doctor_notices_a_clock_that_was_set_back(data):
    healthy(data)
    assert "clock" in wrong(datetime.now(UTC) - timedelta(days=2))


def test_doctor_notices_a_clock_that_was_set_far_forward(data):
    World().customer()
    now = World().door.at
    assert "clock" not in wrong(now + timedelta(days=40))
    assert "clock" in wrong(now + timedelta(days=400))


def test_doctor_notices_what_lies_around(data):
    world = healthy(data)
    world.customer()
    jobs.enqueue("x", due_at=datetime.now(UTC))
    models.Job.objects.update(state="given_up")
    models.Endpoint.objects.create(
        url="https://crm.example",
        secret="s",
        events=["ping"],
        created_at=datetime.now(UTC),
        failing_since_at=datetime.now(UTC),
    )
    assert wrong() == ["jobs", "seal", "webhooks"]


def test_doctor_notices_missing_triggers_and_pending_or_unknown_migrations(data):
    healthy(data)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER entry_no_update")
        else:
            cursor.execute("DROP TRIGGER entry_append_only ON entry")
    assert wrong() == ["triggers"]
    assert "entry" in graded()["triggers"].text.en
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE name = '0002_append_only'")
    assert wrong() == ["migrations"]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) "
            "VALUES ('vertrauenskonto', '9999_later', '2099-01-01')"
        )
    assert "newer" in graded()["migrations"].text.en


def test_doctor_looks_at_the_public_address_and_the_mail_server(data, monkeypatch):
    healthy(data)
    monkeypatch.setattr(settings, "BASE_URL", "http://account.example")
    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
    monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        monkeypatch.setattr(settings, "EMAIL_PORT", listening.getsockname()[1])
        assert wrong() == ["base_url"]
    assert wrong() == ["base_url", "mail"]
    monkeypatch.setattr(settings, "BASE_URL", "https://account.example")
    assert wrong() == ["mail"]


def test_doctor_knows_too_old_a_server_and_one_that_is_away(data, monkeypatch):
    assert checks_database._server("PostgreSQL 13.2").grade == "wrong"
    assert checks_database._server("PostgreSQL 16.1 (Debian)").grade == "fine"

    def away():
        from django.db import OperationalError  # noqa: PLC0415

        raise OperationalError("no route\nto host")

    monkeypatch.setattr("vertrauenskonto.db.queries.installation.server_version", away)
    assert wrong() == ["database"]
    assert graded()["database"].text.en.endswith("no route")


def test_work_once_does_what_is_due_and_ends(data, run):
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    done = run("work", "--once")
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers
    assert done.code == 0
    assert "13 jobs carried out, 0 given up." in done.err
    assert models.Worker.objects.count() == 0
    models.Job.objects.update(state="given_up")
    assert run("work", "--once").code == 1
    again = run("work", "--once", "--again")
    assert (again.code, "13 jobs carried out, 0 given up." in again.err) == (0, True)


def cells(listed):
    """Return a listing as rows of its cells, without the rule below the headings."""
    lines = [line for line in listed.splitlines() if "─" not in line]
    return [re.split(r" {2,}", line.strip()) for line in lines]


def test_webhooks_are_managed_on_the_command_line(data, run):
    refused = run("webhook", "add", "http://crm.example")
    assert (refused.code, models.Endpoint.objects.count()) == (2, 0)
    added = run("webhook", "add", "https://crm.example/hook", "--events", "entry.booked,ping")
    assert added.code == 0
    assert added.out.startswith("whsec_")
    row = models.Endpoint.objects.get()
    number = row.pk
    assert row.events == ["entry.booked", "ping"]
    assert cells(run("webhook", "list").out) == [
        ["No.", "Address", "Events", "State"],
        [str(number), "https://crm.example/hook", "entry.booked, ping", "active"],
    ]
    key = run("webhook", "ping", number).out.strip()
    delivery = models.Delivery.objects.get()
    assert delivery.key == key
    first = {"at": "2026-03-18T12:00:00+00:00", "status": 500}
    models.Delivery.objects.update(
        attempts=[first, {"at": "2026-03-18T12:05:00+00:00", "status": None, "error": "timeout"}]
    )
    log = " ".join(run("webhook", "log", number).out.split())
    assert f"{delivery.pk} {key} ping waiting 18 Mar 2026 12:00:00 UTC: 500" in log
    assert "no answer in time" in log
    german = run("webhook", "log", number, language="de").out
    assert "wartet" in german
    assert "18.03.2026" in german
    assert run("webhook", "resend", delivery.pk).code == 0
    assert models.Job.objects.count() == 2
    assert run("webhook", "rotate", number).out.startswith("whsec_")
    models.Endpoint.objects.update(failing_since_at=datetime(2026, 3, 18, tzinfo=UTC))
    assert "failing since 18\u00a0Mar\u00a02026" in run("webhook", "list").out
    assert run("webhook", "off", number).code == 0
    assert run("webhook", "list").out.endswith(" off\n")
    assert run("webhook", "on", number).code == 0
    assert run("webhook", "remove", number).code == 0
    assert run("webhook", "remove", number).code == 2


@pytest.mark.parametrize("host", ["10.0.0.7", "169.254.169.254", "[::1]", "127.0.0.1"])
def test_a_webhook_to_where_nothing_may_go_is_refused_at_once(data, run, monkeypatch, host):
    done = run("webhook", "add", f"https://{host}/hook")
    assert (done.code, models.Endpoint.objects.count()) == (2, 0)
    assert "VERTRAUENSKONTO_WEBHOOK_NETWORKS" in done.err
    monkeypatch.setattr(settings, "WEBHOOK_NETWORKS", "10.0.0.0/8")
    assert run("webhook", "add", f"https://{host}/hook").code == (0 if host == "10.0.0.7" else 2)


@pytest.mark.parametrize(
    ("given", "meant"),
    [("8431", ("127.0.0.1", 8431)), ("0.0.0.0:80", ("0.0.0.0", 80)), ("[::1]:80", ("::1", 80))],
)
def test_serve_takes_an_address_or_a_port_alone(given, meant):
    assert address_of(given) == meant
    with pytest.raises(Invalid, match="is not an address"):
        address_of(given + "x")


@pytest.mark.parametrize(("host", "is_open"), [("127.0.0.1", False), ("0.0.0.0", True)])
def test_serve_says_that_others_reach_it_unencrypted(host, is_open, capsys):
    _warn_if_open(Shell(language="en", today=World().today), host)
    assert ("unencrypted" in capsys.readouterr().err) is is_open


def test_feeds_are_managed_on_the_command_line(data, run):
    assert run("feed", "issue", "alice@example.com").code == 2
    models.Person.objects.create(key="p_alice", email="alice@example.com", role="lead")
    issued = run("feed", "issue", "alice@example.com")
    assert issued.out.startswith("/feeds/")
    number = models.Feed.objects.get().pk
    assert cells(run("feed", "list").out)[0] == ["No.", "Person", "Since", "State"]
    assert run("feed", "list").out.endswith(" valid\n")
    assert run("feed", "revoke", number).code == 0
    assert run("feed", "list").out.endswith(" revoked\n")
    assert run("feed", "revoke", number).code == 2


def test_the_newest_database_is_not_touched_by_an_older_program(data, run):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) "
            "VALUES ('vertrauenskonto', '9999_later', '2099-01-01')"
        )
    done = run("work", "--once")
    assert done.code == 2
    assert "9999_later" in done.err


def test_a_data_folder_that_is_made_gets_its_secret_at_once(data, monkeypatch, run):
    fresh = data / "fresh"
    monkeypatch.setattr(settings, "DATA", fresh)
    monkeypatch.setattr(settings, "SECRET_KEY", "before")
    with opened.database():
        assert (fresh / "secret-key").read_text().strip() == settings.SECRET_KEY


def test_deploy_files_name_what_exists():
    deploy = Path(__file__).resolve().parents[2] / "deploy"
    unit = (deploy / "vertrauenskonto.service").read_text()
    assert "vertrauenskonto serve --bind 127.0.0.1:8000" in unit
    known = {setting.name for setting in import_settings()}
    for file in deploy.iterdir():
        for line in file.read_text().splitlines():
            for word in line.replace("=", " ").replace("#", " ").split():
                if re.fullmatch("VERTRAUENSKONTO_[A-Z_]+", word):
                    assert word in known, (file.name, word)


def import_settings():
    from vertrauenskonto.site.settings import SETTINGS  # noqa: PLC0415

    return SETTINGS


def test_a_worker_has_a_name_of_its_own(database):
    assert Worker(lambda: datetime.now(UTC)).key != Worker(lambda: datetime.now(UTC)).key


def test_doctor_doubts_a_clock_after_a_long_silence_until_somebody_confirms_it(
    data, run, monkeypatch
):
    healthy(data)
    monkeypatch.setattr(settings, "CLOCK_GAP_DAYS", 45)
    later = datetime.now(UTC) + timedelta(days=60)
    found = graded(later)["clock"]
    assert (found.grade, "--confirm-clock" in found.text.en) == ("wrong", True)
    done = run("doctor", "--confirm-clock")
    assert (done.code, "Booking goes on" in done.err) == (0, True)
    assert models.Agreement.objects.get().name == "clock"


def test_doctor_speaks_of_the_copy_of_the_secret_until_a_backup_is_made(data):
    healthy(data)
    assert graded()["secret_key"].grade == "fine"
    (data / BACKUP_MARKER).unlink()
    found = graded()["secret_key"]
    assert (found.grade, "not in any backup" in found.text.en) == ("hint", True)
