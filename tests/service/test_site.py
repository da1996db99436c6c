"""Around the requests: health, metrics, logs without personal data, clear answers in an outage."""

import json
import logging
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import DatabaseError, OperationalError, connection
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from tests.db.world import World

from vertrauenskonto.db.actions import jobs
from vertrauenskonto.site import outage, requests
from vertrauenskonto.site.logs import FIELDS, JsonLines, configuration
from vertrauenskonto.site.outage import answer

SECRETS = ("anna@example.com", "Frau Holm", "whsec_abc", "geheim=1", "vk_token")


def fails(request, name):
    raise ValueError(f"{name}: Frau Holm, anna@example.com")


def away(request):
    raise OperationalError("could not connect to host 10.0.0.1 as anna@example.com")


def slow(request):
    return HttpResponse("ok")


class Full(Exception):
    """A disk that is full, as PostgreSQL's driver says it."""

    sqlstate = "53100"


def full(request):
    raise OperationalError("disk full") from Full()


urlpatterns = [
    path("fails/<str:name>", fails),
    path("away", away),
    path("api/away", away),
    path("full", full),
    path("slow", slow),
]
handler500 = "vertrauenskonto.site.outage.server_error"

OWN_URLS = override_settings(ROOT_URLCONF=__name__)


@pytest.fixture
def lines(capsys):
    """Return a function that gives what was logged, as it is written in production."""

    logger = logging.getLogger("vertrauenskonto.request")
    records = []

    class Keep(logging.Handler):
        def emit(self, record):
            records.append(JsonLines().format(record))

    handlers = [Keep()]
    for name in ("", "django"):
        logging.getLogger(name).addHandler(handlers[0])
    logger.setLevel(logging.INFO)
    yield lambda: [json.loads(record) for record in records]
    for name in ("", "django"):
        logging.getLogger(name).removeHandler(handlers[0])


@pytest.fixture
def client():
    return Client(HTTP_HOST="localhost", raise_request_exception=False)


def test_a_request_is_told_of_by_route_and_number_never_by_path(database, client, lines):
    with OWN_URLS:
        client.get("/slow?geheim=1", headers={"X-Request-ID": "0123456789abcdef"})
    [line] = [x for x in lines() if x["logger"] == "vertrauenskonto.request"]
    assert (line["route"], line["status"], line["method"]) == ("slow", 200, "GET")
    assert line["request_id"] == "0123456789abcdef"
    assert set(line) <= {"at", "level", "logger", "event", *FIELDS}


def test_a_request_number_that_could_hold_anything_is_replaced(database, client):
    with OWN_URLS:
        for given in ("anna@example.com", "short", "x" * 65, "a b c d e f g h"):
            answered = client.get("/slow", headers={"X-Request-ID": given})
            assert len(answered["X-Request-ID"]) == 32


def test_no_personal_data_appears_in_the_log_of_an_error(database, client, lines):
    with OWN_URLS:
        answered = client.get("/fails/Frau%20Holm?geheim=1", headers={"Authorization": "vk_token"})
    assert answered.status_code == 500
    written = json.dumps(lines(), ensure_ascii=False)
    assert "request.failed" in written
    for secret in SECRETS:
        assert secret not in written
        assert secret not in answered.content.decode()
    assert answered.json()["request_id"] == answered["X-Request-ID"]


def test_other_programs_messages_are_kept_without_what_was_filled_in():
    def line(name, message, *args, **given):
        record = logging.LogRecord(name, logging.ERROR, "module.py", 7, message, args, None)
        vars(record).update(given)
        return json.loads(JsonLines().format(record))

    assert line("other", "Not found: %s", "Frau Holm")["event"] == "Not found: %s"
    assert line("other", "Not found: Frau Holm")["event"] == "module:7"
    assert line("vertrauenskonto.x", "job.done", ms=3, email="anna@example.com") == {
        **line("vertrauenskonto.x", "job.done"),
        "ms": 3,
    }


def test_of_errors_class_and_places_are_kept_with_what_led_to_them():
    try:
        try:
            raise KeyError("anna@example.com")
        except KeyError as cause:
            raise ValueError("Frau Holm") from cause
    except ValueError as error:
        caught = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, "m.py", 1, "went wrong", (), caught)
    told = JsonLines().format(record)
    assert [e["class"] for e in json.loads(told)["errors"]] == [
        "builtins.ValueError",
        "builtins.KeyError",
    ]
    assert "test_site.py" in told
    assert not any(secret in told for secret in SECRETS)


def test_the_configuration_writes_json_lines():
    told = configuration()
    assert told["formatters"] == {"json": {"()": "vertrauenskonto.site.logs.JsonLines"}}


def test_a_slow_request_is_a_warning(database, client, lines, monkeypatch):
    monkeypatch.setattr(requests, "SLOW_SECONDS", 0.0)
    with OWN_URLS:
        client.get("/slow")
    [line] = [x for x in lines() if x["logger"] == "vertrauenskonto.request"]
    assert (line["level"], line["event"]) == ("warning", "request.slow")


def test_a_database_that_is_away_is_said_clearly_with_when_to_come_again(database, client):
    with OWN_URLS:
        api = client.get("/api/away")
        page = client.get("/away", headers={"Accept": "text/html"})
    assert api.status_code == page.status_code == 503
    assert api["Retry-After"] == page["Retry-After"] == "5"
    assert api["Content-Type"] == "application/problem+json"
    assert api.json() == {
        "type": "urn:vertrauenskonto:problem:unavailable",
        "title": "Service Unavailable",
        "code": "unavailable",
        "status": 503,
        "detail": "The database cannot be reached just now. Nothing is lost; please repeat it in "
        "a moment.",
        "detail_de": "Die Datenbank ist gerade nicht erreichbar. Es ist nichts verloren; bitte "
        "wiederholen Sie es gleich.",
        "request_id": api["X-Request-ID"],
    }
    assert "Nothing is lost" in page.content.decode()
    assert "anna" not in api.content.decode() + page.content.decode()


def test_an_outage_in_another_middleware_is_answered_alike(database, client, monkeypatch):
    def broken(*_, **__):
        raise OperationalError("away")

    monkeypatch.setattr(
        "django.contrib.sessions.middleware.SessionMiddleware.process_request", broken
    )
    answered = client.get("/health/live")
    assert answered.status_code == 503
    assert answered["Retry-After"] == "5"


def test_a_full_disk_is_called_that(database, client):
    with OWN_URLS:
        answered = client.get("/full")
    assert answered.status_code == 507
    assert answered.json()["type"] == "urn:vertrauenskonto:problem:disk_full"


def test_other_errors_are_left_to_others():
    request = RequestFactory().get("/")
    assert answer(request, ValueError()) is None
    assert outage.server_error(request).status_code == 500


def test_ready_needs_a_database_its_tables_and_a_living_worker(database, client):
    def ready():
        answered = client.get("/health/ready")
        return answered.status_code, answered.json()

    fine = {"ready": True, "database": True, "migrations": True, "worker": True}
    assert ready() == (503, {**fine, "ready": False, "worker": False})
    jobs.beat("w", now=datetime.now(UTC) - timedelta(minutes=6))
    assert ready()[1]["worker"] is False
    jobs.beat("w", now=datetime.now(UTC))
    assert ready() == (200, fine)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE name = '0002_append_only'")
    assert ready() == (503, {**fine, "ready": False, "migrations": False})


def test_ready_says_so_when_the_database_is_away(database, client, monkeypatch):
    def broken():
        raise DatabaseError

    monkeypatch.setattr("vertrauenskonto.db.queries.installation.ping", broken)
    answered = client.get("/health/ready")
    assert answered.status_code == 503
    assert answered.json()["database"] is False
    assert client.get("/health/live").content == b"ok\n"


def test_metrics_tell_of_the_service_and_of_nobody(database, client):
    world = World()
    ada = world.booked(world.customer()).customer
    world.seal()
    world.booked(ada)
    jobs.beat("w", now=datetime.now(UTC))
    told = client.get("/metrics").content.decode()
    for line in (
        "vertrauenskonto_database_up 1.0",
        'vertrauenskonto_jobs{state="waiting"} 0.0',
        'vertrauenskonto_deliveries{state="given_up"} 0.0',
        "vertrauenskonto_unsealed_transactions 1.0",
        "vertrauenskonto_last_seal_age_seconds ",
        "vertrauenskonto_oldest_unsealed_age_seconds ",
        "vertrauenskonto_worker_heartbeat_age_seconds ",
    ):
        assert line in told
    assert ada not in told
    assert "alice" not in told
    labels = {part.split("=")[0] for part in told.replace("{", ",").split(",") if "=" in part}
    assert labels <= {"le", "method", "route", "status", "state"}


def test_metrics_are_for_this_machine_or_for_whoever_has_the_token(database, client, monkeypatch):
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7").status_code == 404
    assert client.get("/metrics", REMOTE_ADDR="").status_code == 404
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-Ip"):
        assert client.get("/metrics", headers={header: "8.8.8.8"}).status_code == 404
    monkeypatch.setattr(settings, "METRICS_TOKEN", "right")
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    away = client.get("/metrics", REMOTE_ADDR="10.0.0.7", headers={"Authorization": "Bearer right"})
    assert away.status_code == 200


def test_metrics_without_a_database_say_that(database, client, monkeypatch):
    def broken():
        raise DatabaseError

    monkeypatch.setattr("vertrauenskonto.db.queries.jobs.counts", broken)
    told = client.get("/metrics").content.decode()
    assert "vertrauenskonto_database_up 0.0" in told
    assert "vertrauenskonto_jobs" not in told


def test_a_wrong_host_is_a_problem_for_programs_and_a_page_for_people():
    for path_, kind in (("/api/v1/me", "application/problem+json"), ("/", "text/html")):
        answer = Client(SERVER_NAME="evil.example").get(path_, headers={"Accept": "text/html"})
        assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (400, kind)
        assert "Host" in answer.content.decode()
    said = json.loads(Client(SERVER_NAME="evil.example").get("/api/v1/me").content)
    assert (said["code"], said["status"]) == ("bad_request", 400)
