"""Measuring one booking through the page: `python -m bench.booking_page [--clients 20] [--seconds 60]`.

People with sessions of their own open the form of a kind, as a link on Today does, and send it, with
its CSRF token, to the real `serve` (gunicorn, 4 workers) over loopback, on a PostgreSQL server of
its own with `fsync` on. What counts is the time from sending the form to the answer that it is
booked; the form itself, with its preview, is timed beside it.
"""

import argparse
import http.client
import os
import random
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from urllib.parse import quote, urlencode

from bench.api import _server

ROOT = Path(__file__).resolve().parents[1]
KINDS = ("promise_kept", "conversation", "complaint_resolved", "promise_late_silent")


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.booking_page", description=__doc__)
    parser.add_argument("--clients", type=int, default=20, help="people who book at once")
    parser.add_argument("--seconds", type=int, default=60, help="how long they do")
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--entries", type=int, default=20, help="on each account at first")
    asked = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from tests import postgres  # noqa: PLC0415  found by the path above

    durable = tuple(s for s in postgres.SETTINGS if not s.startswith(("fsync", "sync", "full_p")))
    postgres.SETTINGS = (
        *(s for s in durable if s != "shared_buffers=32MB"),
        *("shared_buffers=256MB", "max_wal_size=4GB"),
    )
    with postgres.server() as url, TemporaryDirectory(prefix="vk-bench-") as folder:
        user, directory = url.split("//")[1].split("@")[0], url.split("host=")[1]
        os.environ["VERTRAUENSKONTO_DATABASE"] = (
            f"postgresql://{user}@{quote(directory, '')}/postgres"
        )
        os.environ["VERTRAUENSKONTO_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "vertrauenskonto.site.settings"
        sessions, customers = _prepared(asked.clients, asked.customers, asked.entries)
        with _server(folder) as port:
            people = [Person(port, session, customers) for session in sessions]
            for one in people:
                one.book()
            until = time.perf_counter() + asked.seconds
            with ThreadPoolExecutor(len(people)) as threads:
                list(threads.map(lambda one: one.work(until), people))
        booked = [t for one in people for t in one.booked[1:]]
        opened = [t for one in people for t in one.opened[1:]]
        errors = [error for one in people for error in one.errors]
        print(
            f"{asked.clients} people, {asked.customers:,} accounts of {asked.entries} entries: "
            f"{len(booked) / asked.seconds:.0f} bookings a second, {len(errors)} errors; load "
            f"{os.getloadavg()[0]:.0f}"
        )
        for name, times in (("sent until booked", booked), ("form with preview", opened)):
            print(
                f"  {name}: median {quantiles(times, n=2)[0] * 1000:.0f} ms, "
                f"p95 {quantiles(times, n=20)[-1] * 1000:.0f} ms"
            )
        for error in errors[:5]:
            print("  ", error)


def _prepared(clients: int, accounts: int, entries: int) -> tuple[list[str], list[str]]:
    import django  # noqa: PLC0415

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    from vertrauenskonto.db import models  # noqa: PLC0415
    from vertrauenskonto.db.actions import customers, ledger, policies  # noqa: PLC0415
    from vertrauenskonto.db.actions.facts import Door  # noqa: PLC0415
    from vertrauenskonto.db.drafts import Draft  # noqa: PLC0415
    from vertrauenskonto.db.queries.policies import history  # noqa: PLC0415
    from vertrauenskonto.importers.policy import read_policy  # noqa: PLC0415

    now = datetime.now(UTC)
    door = Door(actor="system", channel="cli", at=now, today=now.date())
    policies.put_in_force(read_policy("craft").versions[-1], door=door)
    keys = customers.open_accounts(accounts, door=door)
    number = count()
    for start in range(0, len(keys), 500):
        drafts = [
            Draft(
                customer=key,
                source="bench",
                source_id=f"n{next(number)}",
                kind=KINDS[n % 2],
                value_date=now.date(),
            )
            for key in keys[start : start + 500]
            for n in range(entries)
        ]
        ledger.book(drafts, door=door, policies=history())
    sessions = []
    for n in range(clients):
        person = models.Person.objects.create(
            key=f"p_{n}", email=f"p{n}@example.org", role="lead", language="de"
        )
        client = Client()
        client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
        sessions.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
    return sessions, keys


class Person:
    """Somebody with a browser: a connection that stays open, a session, and a token per page."""

    def __init__(self, port: int, session: str, customers: list[str]) -> None:
        self._port = port
        self._session = session
        self._customers = customers
        self._chance = random.Random(session)
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._cookies = {"sessionid": session}
        self.booked: list[float] = []
        self.opened: list[float] = []
        self.errors: list[str] = []

    def work(self, until: float) -> None:
        """Book until a time is over."""
        while time.perf_counter() < until:
            self.book()

    def book(self) -> None:
        """Open a form and send it."""
        key, kind = self._chance.choice(self._customers), self._chance.choice(KINDS)
        number = f"{self._chance.getrandbits(128):032x}"
        path = f"/kunden/{key}/buchen/?{urlencode({'art': kind, 'nr': number})}"
        started = time.perf_counter()
        status, page, _ = self._asked("GET", path)
        self.opened.append(time.perf_counter() - started)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        if status != 200 or token is None:
            self.errors.append(f"form: {status}")
            return
        fields = {
            "csrfmiddlewaretoken": token[1],
            "art": kind,
            "nr": number,
            "day": datetime.now(UTC).date().isoformat(),
            "target": "organisation",
            "note": "",
            "do": "book",
        }
        started = time.perf_counter()
        status, page, to = self._asked("POST", path, urlencode(fields))
        self.booked.append(time.perf_counter() - started)
        if status != 302 or to != f"/kunden/{key}/":
            self.errors.append(f"booking: {status} {to}")

    def _asked(self, method: str, path: str, body: str | None = None) -> tuple[int, str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Origin"] = f"http://127.0.0.1:{self._port}"
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        page = answer.read().decode()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                cookie, _, kept = value.partition(";")[0].partition("=")
                self._cookies[cookie] = kept
        return answer.status, page, answer.headers.get("Location", "")


if __name__ == "__main__":
    main()
