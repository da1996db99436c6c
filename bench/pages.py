# ruff: noqa: PLC0415 - what needs Django's settings is imported after they are set
"""Measuring pages: `python -m bench.pages [URL] [--accounts 1000000] [--keep NAME]`.

A real server (gunicorn with 4 workers, as `serve` starts it) answers 10 clients at once over
loopback: Today, the list of customers in each order and with each filter, an account of 500 entries.
The URL is that of a PostgreSQL server; without one, the program's own tests' server is started.
`--keep NAME` keeps the database under that name, and takes it as it is if it is there already.
"""

import argparse
import gzip
import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

ROOT = Path(__file__).resolve().parents[1]
CLIENTS = 10
PER_PAGE = 40
SORTS = ("reach", "balance", "change", "weakest", "contact", "name")
FILTERS = (
    "unter=on",
    "faellt=30",
    "still=on",
    "grund=damaged",
    "schwach=able",
    "interessent=on",
    "ohne=on",
    "text=meyer",
    "text=an",
    "text=emil+hol",
    "text=K-4711",
    "text=k4711@example.org",
    "team=Team+03",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What clients saw of one page: milliseconds, size compressed, and queries it took."""

    name: str
    p50: float
    p95: float
    bytes: int
    queries: int


def main() -> None:
    """Print a line per page, and last the line that stands in the documents."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument("url", nargs="?", help="of a PostgreSQL server; none: one is started")
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--keep", default="", help="name of a database to keep")
    parser.add_argument("--requests", type=int, default=PER_PAGE, help="of each page")
    parser.add_argument("--only", default="", help="pages whose name holds this")
    parser.add_argument("--weights", action="store_true", help="only how heavy pages are")
    asked = parser.parse_args()
    with _server_of(asked.url) as url, TemporaryDirectory(prefix="vk-bench-") as folder:
        name = asked.keep or "bench_pages"
        is_new = _opened(url, name, folder)
        from bench import pages_world as world

        today = date.today()  # noqa: DTZ011 - as the server's clock says
        if is_new:
            started = time.perf_counter()
            world.fill(asked.accounts, today=today)
            print(f"made in {time.perf_counter() - started:.0f} s", flush=True)
        cookies = world.cookies()
        pages = [p for p in _pages(cookies) if asked.only in p[0]]
        with _program(folder) as port:
            if asked.weights:
                list(_weights(port, cookies["lead"]))
                return
            seen = [_measured(port, *page, requests=asked.requests) for page in pages]
            weights = list(_weights(port, cookies["lead"])) if not asked.only else []
    worst = max(seen, key=lambda page: page.p95)
    print(
        f"{CLIENTS} at once, {asked.accounts:,} customers, {20 * asked.accounts:,} entries: worst "
        f"p95 {worst.p95:.0f} ms ({worst.name}), median of p95 "
        f"{quantiles([page.p95 for page in seen], n=2)[0]:.0f} ms; at most "
        f"{max(page.queries for page in seen)} queries"
        + "".join(
            f"; {first / 1000:.0f} kB on the first visit of {name}, {later / 1000:.0f} kB later"
            for name, first, later in weights
        )
    )


def _pages(cookies: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    from vertrauenskonto.db import models

    key = models.Customer.objects.values_list("key", flat=True).get(pk=1)
    for who in ("lead", "anna"):
        cookie = cookies[who]
        yield f"{who}: today", "/", cookie
        if who == "lead":
            yield f"{who}: today, all", "/?alle", cookie
        yield f"{who}: account of 500 entries", f"/kunden/{key}/", cookie
        for sort in SORTS:
            for sign in ("", "-"):
                yield f"{who}: customers {sign}{sort}", f"/kunden/?sort={sign}{sort}", cookie
        for narrowed in FILTERS:
            for sort in ("", "-balance", "name") if who == "lead" else ("",):
                address = f"/kunden/?{narrowed}" + (f"&sort={sort}" if sort else "")
                yield f"{who}: customers {narrowed} {sort}".strip(), address, cookie
    for sort in SORTS:
        yield (
            f"lead: customers below {sort}, last first",
            f"/kunden/?unter=on&sort=-{sort}",
            cookies["lead"],
        )
        yield (
            f"lead: customers falling {sort}, last first",
            f"/kunden/?faellt=90&sort=-{sort}",
            cookies["lead"],
        )


def _measured(port: int, name: str, path: str, cookie: str, *, requests: int) -> Seen:
    queries = _queries(path, cookie)
    with ThreadPoolExecutor(CLIENTS) as pool:
        # Each worker's first answers are its own start; two rounds pass before it counts.
        list(pool.map(lambda _: _asked(port, path, cookie), range(CLIENTS)))
        found = list(pool.map(lambda _: _asked(port, path, cookie), range(requests)))
    wrong = {status for _, status, _ in found} - {200}
    assert not wrong, f"{name}: {wrong}"
    times = [milliseconds for milliseconds, _, _ in found]
    seen = Seen(
        name=name,
        p50=quantiles(times, n=2)[0],
        p95=quantiles(times, n=20)[-1],
        bytes=found[0][2],
        queries=queries,
    )
    print(
        f"  {seen.name}: p50 {seen.p50:.0f} ms, p95 {seen.p95:.0f} ms, {seen.queries} queries, "
        f"{seen.bytes / 1000:.1f} kB",
        flush=True,
    )
    return seen


def _asked(port: int, path: str, cookie: str) -> tuple[float, int, int]:
    started = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"Cookie": cookie, "Accept-Encoding": "gzip", "Accept-Language": "de"}
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return (time.perf_counter() - started) * 1000, answer.status, len(body)


def _queries(path: str, cookie: str) -> int:
    """Return how many statements a page takes; beginning and ending a transaction are none."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(HTTP_HOST="localhost", HTTP_COOKIE=cookie)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
        b"".join(answer.streaming_content) if answer.streaming else answer.content
    plain = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
    return sum(not query["sql"].startswith(plain) for query in captured.captured_queries)


def _weights(port: int, cookie: str) -> Iterator[tuple[str, int, int]]:
    """Yield what comes over the wire of each main page, heads included: at first, and again later.

    A first visit brings everything the page names, and what its styles name; a later one asks again
    for what may not be kept.
    """
    from vertrauenskonto.db import models

    key = models.Customer.objects.values_list("key", flat=True).get(pk=1)
    for name, path in (
        ("Today", "/"),
        ("Customers", "/kunden/"),
        ("an account of 500 entries", f"/kunden/{key}/"),
        ("Book", "/buchen/"),
        ("the kinds to book", f"/kunden/{key}/buchen/"),
    ):
        found = {path: _brought(port, path, cookie)}
        ahead = [path]
        while ahead:
            _, text, _ = found[ahead.pop()]
            for part in re.findall(r"""(?:(?:src|href)=|url\()["']?(/static/[^"')]+)""", text):
                if part not in found:
                    found[part] = _brought(port, part, cookie)
                    ahead.append(part)
        first = sum(size for size, _, _ in found.values())
        later = sum(_brought(port, part, cookie, known)[0] for part, (_, _, known) in found.items())
        print(
            f"  {name}: {first / 1000:.1f} kB in {len(found)} answers on the first visit, "
            f"{later / 1000:.1f} kB later",
            flush=True,
        )
        yield name, first, later


def _brought(
    port: int, path: str, cookie: str, known: Mapping[str, str] | None = None
) -> tuple[int, str, dict[str, str]]:
    """Return how many bytes an address brings, its text, and by what a browser asks for it again.

    `known`: what the first answer said of itself; unchanged, it is not sent again.
    """
    if known and "immutable" in known.get("Cache-Control", ""):
        return 0, "", {}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Cookie": cookie, "Accept-Encoding": "gzip", "Accept-Language": "de"}
    for said, asked in (("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since")):
        if known and said in known:
            headers[asked] = known[said]
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status in (200, 304), f"{path}: {answer.status}"
    heads = sum(len(name) + len(value) + 4 for name, value in answer.getheaders())
    plain = gzip.decompress(body) if answer.getheader("Content-Encoding") == "gzip" else body
    text = plain.decode() if answer.getheader("Content-Type", "").startswith("text/") else ""
    return heads + len(body), text, dict(answer.getheaders())


@contextmanager
def _server_of(url: str | None) -> Iterator[str]:
    if url:
        yield url
        return
    sys.path.insert(0, str(ROOT))
    from tests import postgres

    plain = tuple(s for s in postgres.SETTINGS if not s.startswith(("shared_b", "max_conn")))
    postgres.SETTINGS = (*plain, "shared_buffers=1GB", "max_wal_size=8GB", "max_connections=60")
    with postgres.server() as started:
        yield started


def _opened(url: str, name: str, folder: str) -> bool:
    """Point the program at a database, made if it is not there; tell whether it was made."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as admin:
        named = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if named is None:
            admin.execute(f"CREATE DATABASE {name}".encode())
    info = conninfo_to_dict(url)
    user = f"{info.get('user', 'postgres')}:{info.get('password') or ''}".rstrip(":")
    place = quote(str(info.get("host", "localhost")), "")
    port = f":{info['port']}" if info.get("port") else ""
    os.environ["VERTRAUENSKONTO_DATABASE"] = f"postgresql://{user}@{place}{port}/{name}"
    os.environ["VERTRAUENSKONTO_DATA"] = folder
    os.environ["DJANGO_SETTINGS_MODULE"] = "vertrauenskonto.site.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    return named is None


@contextmanager
def _program(folder: str) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    words = ("serve", "--bind", f"127.0.0.1:{port}", "--workers", "4", "--without-work")
    with (Path(folder) / "log").open("wb") as log:
        server = subprocess.Popen(
            [Path(sys.executable).with_name("vertrauenskonto"), *words], stdout=log, stderr=log
        )
        try:
            for _ in range(600):
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            else:
                raise SystemExit((Path(folder) / "log").read_text())
            yield port
        finally:
            server.terminate()
            server.wait(60)


if __name__ == "__main__":
    main()
