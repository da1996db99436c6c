"""Summaries by mail and messages to chats: at her hour, once, and never more than may be said."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings
from django.db import connections
from tests.db.staff import SYSTEM, Staff

from vertrauenskonto.cli import alert_jobs
from vertrauenskonto.cli.moment import Moment
from vertrauenskonto.core.alerts import WEEKDAYS, Times
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import alerts as actions
from vertrauenskonto.db.actions import privacy
from vertrauenskonto.db.actions.alerts import Target
from vertrauenskonto.db.queries import alerts
from vertrauenskonto.db.queries.alerts import Choice

# Wednesday 18 March 2026, 8:05 in Berlin.
NOW = datetime(2026, 3, 18, 7, 5, tzinfo=UTC)
DAY = date(2026, 3, 18)
ALWAYS = Times(days=frozenset(WEEKDAYS), quiet_from=0, quiet_to=0)


class Box:
    """A mail server's inbox; `answer` is what it says to each mail."""

    def __init__(self):
        self.mails = []
        self.answer = "250 kept"
        self.refused = set()
        self.wait = 0.0

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.refused:
            return "550 nobody here"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        time.sleep(self.wait)
        if self.answer.startswith("250"):
            mail = message_from_bytes(envelope.content, policy=policy.default)
            self.mails.append((envelope.rcpt_tos[0], mail))
        return self.answer

    def texts(self):
        return {to: mail.get_content().replace("\r\n", "\n") for to, mail in self.mails}


@pytest.fixture
def box(monkeypatch):
    with serving(monkeypatch) as found:
        yield found


@contextmanager
def serving(monkeypatch):
    found = Box()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(found, hostname="127.0.0.1", port=port)
    controller.start()
    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
    monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
    monkeypatch.setattr(settings, "EMAIL_PORT", port)
    monkeypatch.setattr(settings, "EMAIL_USE_TLS", False)
    monkeypatch.setattr(settings, "BASE_URL", "https://konto.example")
    try:
        yield found
    finally:
        controller.stop()


def at(now):
    local = now.astimezone(ZoneInfo("Europe/Berlin"))
    return Moment(now=now, today=local.date())


def digest(now=NOW):
    return alert_jobs.digest({}, at(now))


def customer(staff, name, owner=None, team=None):
    key = staff.customer()
    models.Profile.objects.create(
        customer=models.Customer.objects.get(key=key),
        sort="person",
        name=name,
        owner_id=owner.person_id if owner else None,
        owner_team_id=team,
    )
    return key


def duty(key, *, opened=NOW - timedelta(hours=20), due=DAY + timedelta(days=2), owner=None):
    row = models.Obligation.objects.create(
        customer=models.Customer.objects.get(key=key),
        opened_date=opened.date(),
        due_date=due,
        owner_id=owner.person_id if owner else None,
    )
    models.Step.objects.create(obligation=row, at=opened, actor="system", what="opened")
    return row


def escalated(row, when=NOW - timedelta(hours=1)):
    models.Obligation.objects.filter(pk=row.pk).update(escalated_date=when.date())
    models.Step.objects.create(obligation=row, at=when, actor="system", what="escalated")


@pytest.fixture
def staff(database):
    return Staff(today=DAY)


def choose(viewer, **given):
    first = {
        "rhythm": "daily",
        "hour": 8,
        "times": ALWAYS,
        "with_names": False,
        "weekly_reasons": False,
    }
    actions.choose(viewer, Choice(**{**first, **given}))


def test_a_summary_gives_counts_and_a_link_and_no_names(staff, box):
    alice = staff.person("alice")
    for n in range(2):
        duty(customer(staff, f"Familie Holm {n}", alice))
    overdue = duty(customer(staff, "Praxis Nowak", alice), due=DAY - timedelta(days=1))
    escalated(overdue)
    again = digest()
    assert again == NOW + timedelta(minutes=15)
    [(to, mail)] = box.mails
    assert to == "alice@example.org"
    assert mail["Subject"] == "Vertrauenskonto: 3 Aufgaben, 1 überfällig"
    assert mail.get_content_type() == "text/plain"
    assert mail["List-Unsubscribe"] == "<https://konto.example/konto/meldungen/>"
    assert mail.get_content().replace("\r\n", "\n") == (
        "Guten Tag,\n\n"
        "am 18.\u00a0März\u00a02026 warten auf Sie 3 Aufgaben.\n"
        "Neu seit der letzten Mail: 3. Überfällig: 1.\n\n"
        "Ansehen: https://konto.example/aufgaben/\n\n"
        "Wann und ob Sie diese Mail bekommen, stellen Sie hier ein:\n"
        "https://konto.example/konto/meldungen/\n"
    )


def test_each_is_told_in_her_language_of_her_own_duties_only(staff, box):
    alice, bob = staff.person("alice"), staff.person("bob")
    models.Person.objects.filter(pk=bob.person_id).update(language="en")
    duty(customer(staff, "Holm", alice))
    shared = customer(staff, "Nowak", alice)
    models.Profile.objects.get(customer__key=shared).deputies.add(bob.person_id)
    duty(shared, owner=bob)
    digest()
    told = box.texts()
    assert "wartet auf Sie 1 Aufgabe." in told["alice@example.org"]
    assert "1 duty is waiting for you." in told["bob@example.org"]
    assert len(told) == 2


def test_leads_read_how_many_are_overdue_in_the_house_and_nobodys_name(staff, box):
    alice, lena = staff.person("alice"), staff.person("lena", "lead")
    escalated(duty(customer(staff, "Holm", alice), due=DAY - timedelta(days=1)))
    digest()
    text = box.texts()["lena@example.org"]
    assert "Überfällig im ganzen Haus: 1." in text
    assert "alice" not in text.lower()
    assert lena.role == "lead"


def test_what_nobody_looks_after_is_told_to_leads(staff, box):
    staff.person("alice")
    staff.person("lena", "lead")
    duty(customer(staff, "Holm"))
    digest()
    assert set(box.texts()) == {"lena@example.org"}


def test_names_are_given_to_whoever_chose_them_and_noted_as_read(staff, box):
    alice = staff.person("alice")
    choose(alice, with_names=True)
    key = customer(staff, "Gärtnerei Holm", alice)
    stopped = customer(staff, "Café Sommer", alice)
    duty(key)
    duty(stopped)
    privacy.restrict(SYSTEM, stopped, reason="precaution", door=staff.door)
    digest()
    text = box.texts()["alice@example.org"]
    assert "– Gärtnerei Holm\n" in text
    assert "Café Sommer" not in text
    assert models.Reading.objects.filter(customer__key=key, actor="p_alice").count() == 1


def test_nothing_is_sent_where_there_is_nothing_to_say_and_none_follows_later_that_day(staff, box):
    alice = staff.person("alice")
    digest()
    duty(customer(staff, "Holm", alice), opened=NOW)
    digest(NOW + timedelta(minutes=15))
    assert box.mails == []
    digest(NOW + timedelta(days=1))
    assert len(box.mails) == 1


def test_a_snoozed_or_closed_duty_is_not_told(staff, box):
    alice = staff.person("alice")
    first = duty(customer(staff, "Holm", alice))
    models.Obligation.objects.filter(pk=first.pk).update(snoozed_until_date=DAY + timedelta(days=3))
    second = duty(customer(staff, "Nowak", alice))
    models.Obligation.objects.filter(pk=second.pk).update(closed_date=DAY, outcome="recovered")
    digest()
    assert box.mails == []


def test_before_her_hour_in_quiet_hours_and_on_other_days_nothing_comes(staff, box):
    alice = staff.person("alice")
    duty(customer(staff, "Holm", alice))
    choose(alice, hour=9, times=Times(days=frozenset({3}), quiet_from=22, quiet_to=6))
    digest(NOW)  # 8:05
    digest(NOW + timedelta(days=1, hours=2))  # Thursday
    assert box.mails == []
    digest(NOW + timedelta(hours=1))
    assert len(box.mails) == 1


def test_once_a_day_however_often_and_by_how_many_the_job_runs(staff, box):
    alice = staff.person("alice")
    duty(customer(staff, "Holm", alice))
    box.wait = 0.2
    connections.close_all()

    def work():
        try:
            digest()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    digest()
    assert len(box.mails) == 1
    digest(NOW + timedelta(days=1))
    assert len(box.mails) == 2


def test_a_mail_server_that_is_away_is_asked_again_and_one_that_refuses_her_is_not(staff, box):
    alice = staff.person("alice")
    duty(customer(staff, "Holm", alice))
    box.answer = "451 later"
    digest()
    assert (box.mails, models.AlertSent.objects.count()) == ([], 0)
    box.answer = "250 kept"
    digest(NOW + timedelta(minutes=15))
    assert len(box.mails) == 1
    box.refused = {"alice@example.org"}
    digest(NOW + timedelta(days=1))
    box.refused = set()
    digest(NOW + timedelta(days=1, minutes=15))
    assert len(box.mails) == 1


_KILLED = """
import os, sys
from datetime import UTC, datetime
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "vertrauenskonto.site.settings"
django.setup()
from django.conf import settings
settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(sys.argv[1])
settings.EMAIL_USE_TLS = False
from tests.db.conftest import use
use(eval(sys.argv[2]))
from vertrauenskonto.cli import alert_jobs
from vertrauenskonto.cli.moment import Moment
now = datetime.fromisoformat(sys.argv[3])
alert_jobs.digest({}, Moment(now=now, today=now.date()))
"""


@pytest.mark.parametrize("after", [0.3, 3.0])
def test_a_worker_killed_while_a_mail_leaves_sends_it_once(staff, box, after):
    """Killed while the server still takes it, or after: never twice, and nothing is stuck."""
    alice = staff.person("alice")
    duty(customer(staff, "Holm", alice))
    box.wait = 1.0
    database = repr(dict(settings.DATABASES["default"]))
    connections.close_all()
    worker = subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(settings.EMAIL_PORT), database, NOW.isoformat()],
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    deadline = time.monotonic() + 60
    while not models.AlertSent.objects.filter(state="sending").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(after)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    time.sleep(1.5)
    assert len(box.mails) == 1
    for minutes in (15, 30, 600):
        digest(NOW + timedelta(minutes=minutes))
    assert len(box.mails) == 1
    digest(NOW + timedelta(days=1))
    assert len(box.mails) == 2


def test_what_a_dead_worker_had_only_claimed_is_sent_by_the_next(staff, box):
    alice = staff.person("alice")
    duty(customer(staff, "Holm", alice))
    assert actions.claim(alice, "digest", DAY, now=NOW) is not None
    digest(NOW + timedelta(minutes=5))
    assert box.mails == []
    digest(NOW + timedelta(minutes=15))
    assert len(box.mails) == 1


def test_the_job_of_a_day_ends_with_the_day(staff):
    # 23:50 in Berlin: the next look would be tomorrow's.
    assert digest(datetime(2026, 3, 18, 22, 50, tzinfo=UTC)) is None
    assert alert_jobs.notify({}, at(datetime(2026, 3, 18, 22, 50, tzinfo=UTC))) == datetime(
        2026, 3, 18, 22, 55, tzinfo=UTC
    )


def test_without_a_mail_server_nothing_is_claimed(staff):
    alice = staff.person("alice")
    duty(customer(staff, "Holm", alice))
    digest()
    assert models.AlertSent.objects.count() == 0


# ---------------------------------------------------------------------- the weekly mail


def sentences(text):
    body = text.split("\n\n", maxsplit=1)[0]
    return re.findall(r"[^.!?]+(?:[.!?](?!\s|$)[^.!?]*)*[.!?](?=\s|$)", body)


def test_the_weekly_mail_has_five_sentences_and_goes_to_who_wants_it(staff, box):
    alice, lena = staff.person("alice"), staff.person("lena", "lead")
    adam = staff.person("adam", "administrator")
    staff.policy()
    choose(lena, rhythm="off", weekly_reasons=True)
    choose(alice, rhythm="off", weekly_reasons=True)  # not in her role
    models.Person.objects.filter(pk=lena.person_id).update(language="de")
    staff.today = DAY - timedelta(days=7)
    ada, ben = staff.customer(), staff.customer()
    for key in (ada, ben):
        staff.booked(key, "promise_broken_unannounced")
    staff.booked(ada, "promise_kept")
    staff.today = DAY
    alert_jobs.weekly_reasons({}, at(NOW))
    [(to, mail)] = box.mails
    assert to == "lena@example.org"
    text = mail.get_content().replace("\r\n", "\n")
    assert text == (
        "In der vergangenen Woche hat „promise_broken_unannounced“ am meisten Vertrauen gekostet: "
        "50,0 Punkte. In der Woche davor kam das nicht vor. Betroffen waren 2 Konten. Am meisten "
        "Vertrauen eingebracht hat „promise_kept“: +7,0 Punkte. Gehen Sie als Nächstes drei dieser "
        "Fälle vom Anfang bis zum Ende durch und beheben Sie, was in allen dreien hakt.\n\n"
        "Ursachen: https://konto.example/ursachen/\n"
        "Diese Mail abbestellen: https://konto.example/konto/meldungen/\n"
    )
    assert len(sentences(text)) == 5
    alert_jobs.weekly_reasons({}, at(NOW + timedelta(days=1)))
    assert len(box.mails) == 1
    assert adam.role == "administrator"


# ---------------------------------------------------------------------- chat systems


@pytest.fixture
def chat(staff, receiver, monkeypatch):
    monkeypatch.setattr(settings, "WEBHOOK_NETWORKS", "127.0.0.0/8")
    monkeypatch.setattr(settings, "BASE_URL", "https://konto.example")
    return add(receiver)


def add(receiver, **given):
    first = {
        "name": "Team",
        "address": receiver.url.replace("http", "json", 1),
        "tells": ("opened", "overdue"),
        "times": ALWAYS,
    }
    return actions.add_target(SYSTEM, Target(**{**first, **given}), now=NOW)


def notify(now):
    return alert_jobs.notify({}, at(now))


def messages(receiver):
    return [json.loads(body)["message"] for _, body in receiver.messages]


def test_a_chat_is_told_what_is_new_in_one_message_every_fifteen_minutes_at_most(
    staff, chat, receiver
):
    for n in range(3):
        duty(customer(staff, f"Holm {n}"), opened=NOW + timedelta(minutes=n + 1))
    row = duty(customer(staff, "Nowak"), opened=NOW + timedelta(minutes=1))
    escalated(row, NOW + timedelta(minutes=1))
    notify(NOW + timedelta(minutes=10))
    assert messages(receiver) == ["4 neu, 1 überfällig geworden\nhttps://konto.example/aufgaben/"]
    duty(customer(staff, "Brandt"), opened=NOW + timedelta(minutes=11))
    notify(NOW + timedelta(minutes=15))
    notify(NOW + timedelta(minutes=20))
    assert len(receiver.messages) == 1
    notify(NOW + timedelta(minutes=25))
    notify(NOW + timedelta(minutes=45))
    assert messages(receiver)[1:] == ["1 neu\nhttps://konto.example/aufgaben/"]


def test_in_quiet_hours_a_chat_hears_nothing_and_all_of_it_afterwards(staff, receiver, chat):
    actions.remove_target(SYSTEM, chat)
    add(receiver, times=Times(days=frozenset(WEEKDAYS), quiet_from=20, quiet_to=7), language="en")
    evening = datetime(2026, 3, 18, 20, 0, tzinfo=UTC)  # 21:00 in Berlin
    duty(customer(staff, "Holm"), opened=evening)
    for hours in range(1, 9):
        notify(evening + timedelta(hours=hours))
    assert receiver.messages == []
    notify(datetime(2026, 3, 19, 6, 0, tzinfo=UTC))
    assert messages(receiver) == ["1 new\nhttps://konto.example/aufgaben/"]


def test_names_leave_only_where_they_were_switched_on_and_never_of_restricted_accounts(
    staff, receiver, chat
):
    actions.remove_target(SYSTEM, chat)
    add(receiver, with_names=True)
    stopped = customer(staff, "Café Sommer")
    for key in (customer(staff, "Gärtnerei Holm"), stopped):
        duty(key, opened=NOW)
    privacy.restrict(SYSTEM, stopped, reason="precaution", door=staff.door)
    models.AlertTarget.objects.update(told_until_at=NOW - timedelta(minutes=1))
    notify(NOW + timedelta(minutes=10))
    assert messages(receiver) == ["1 neu\nhttps://konto.example/aufgaben/"]
    staff.agree("scores")
    models.AlertTarget.objects.update(told_until_at=NOW - timedelta(minutes=1))
    notify(NOW + timedelta(minutes=30))
    assert messages(receiver)[1] == "1 neu\n– Gärtnerei Holm\nhttps://konto.example/aufgaben/"


def test_what_did_not_arrive_is_told_with_the_next_message_and_the_failure_is_written_down(
    staff, receiver, chat
):
    duty(customer(staff, "Holm"), opened=NOW + timedelta(minutes=1))
    receiver.status = 500
    notify(NOW + timedelta(minutes=10))
    [row] = alerts.targets(SYSTEM)
    assert (row.error, row.failing_since_at) == ("refused", NOW + timedelta(minutes=10))
    receiver.status = 200
    notify(NOW + timedelta(minutes=30))
    assert messages(receiver)[1] == "1 neu\nhttps://konto.example/aufgaben/"
    [row] = alerts.targets(SYSTEM)
    assert (row.error, row.failing_since_at) == ("", None)


def test_an_address_is_kept_enciphered_and_useless_under_another_secret(
    staff, receiver, chat, monkeypatch
):
    row = models.AlertTarget.objects.get()
    assert "127.0.0.1" not in row.address
    monkeypatch.setattr(settings, "SECRET_KEY", "another")
    duty(customer(staff, "Holm"), opened=NOW + timedelta(minutes=1))
    notify(NOW + timedelta(minutes=10))
    assert receiver.messages == []
    assert alerts.targets(SYSTEM)[0].error == "unreadable"


def test_two_workers_tell_a_chat_once(staff, receiver, chat):
    duty(customer(staff, "Holm"), opened=NOW + timedelta(minutes=1))
    now = NOW + timedelta(minutes=10)
    connections.close_all()

    def work():
        try:
            notify(now)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receiver.messages) == 1
