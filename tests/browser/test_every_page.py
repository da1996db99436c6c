"""Every page: nothing for axe to report, in its reader's language, for nobody else's eyes."""

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver, resolve
from django.utils import timezone
from tests.browser.account_states import card
from tests.browser.company import _customer, book
from tests.browser.conftest import DESKTOP, PHONE, signed_in
from tests.browser.pages import ALL, NOBODY, NOT_VISITED, VISITS

from vertrauenskonto.db.access import installation
from vertrauenskonto.db.actions import hierarchy, working_calendars

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # Passed checks are not told node by node, and style sheets not loaded again: half the time.
    "resultTypes": ["violations"],
    "preload": False,
}
LOOKS = [
    ("de", "light", DESKTOP),
    ("de", "dark", PHONE),
    ("en", "dark", DESKTOP),
    ("en", "light", PHONE),
]
PARTS = 4


def look_at(visitor, company, visits, shots, look):
    """Open pages in one look, and demand that axe and the width of the window have no complaint."""
    found = {}
    language, scheme, size = look
    for visit in visits:
        path = visit.path(company)
        who = None if visit.who == NOBODY else visit.who[0]
        page = visitor.open(path, who=who, language=language, scheme=scheme, size=size)
        axe = Axe().run(page, options=RULES)
        reported = [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in axe.response["violations"]]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
            reported.append("the page is wider than the window")
        if reported:
            found[visit.name] = reported
        if shots is not None:
            device = "phone" if size == PHONE else "desktop"
            shots.mkdir(exist_ok=True, parents=True)
            page.screenshot(
                path=shots / f"{visit.name}-{language}-{scheme}-{device}.png", full_page=True
            )
        page.context.close()
    assert found == {}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("part", range(PARTS))
def test_axe_has_nothing_to_report(visitor, company, shots, part):
    # Each page in one look, all looks in turn; the long test below takes each in the three others.
    look_at(visitor, company, VISITS[part::PARTS], shots, LOOKS[part])


@pytest.mark.long
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("turn", [1, 2, 3])
def test_axe_has_nothing_to_report_in_other_looks(visitor, company, shots, turn, part):
    look_at(visitor, company, VISITS[part::PARTS], shots, LOOKS[(part + turn) % PARTS])


QUERIES_MOST = 15
# What they show is added up, looked through or drawn once and kept; that is not counted.
KEPT = (
    *("notice-begin", "promise-outlook-answer", "administration", "data-state"),
    *("reasons", "reasons-short"),
    *("account-long", "account-earlier", "account-print"),
)
FRAME = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


def opened(browser, path, *, follow=False):
    """Return the answer to a visit, and how many statements it took, without a transaction's frame."""
    with CaptureQueriesContext(connection) as captured:
        answer = browser.get(path, follow=follow)
        answer.close()
    return answer, sum(not q["sql"].startswith(FRAME) for q in captured.captured_queries)


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_each_page_opens_for_its_roles_with_few_queries_and_for_nobody_else(
    company, monkeypatch, part
):
    # So many pages may take longer than a password given counts as fresh.
    monkeypatch.setattr(settings, "ACCOUNT_REAUTHENTICATION_TIMEOUT", 86_400, raising=False)
    found = []
    browsers = {who: signed_in(who) for who in ALL}
    for visit in VISITS[part::PARTS]:
        path = visit.path(company)
        for who, browser in browsers.items() if visit.who != NOBODY else ():
            if visit.name in KEPT:
                browser.get(path).close()
            answer, queries = opened(browser, path)
            refused = (302,) if who in visit.led else (403, 404)
            if answer.status_code not in ((200,) if who in visit.who else refused):
                found.append(f"{visit.name} for {who}: {answer.status_code}")
            if queries > QUERIES_MOST:
                found.append(f"{visit.name} for {who}: {queries} queries")
        answer, queries = opened(Client(HTTP_HOST="localhost"), path, follow=visit.who == NOBODY)
        is_open = answer.status_code == 200 and queries <= QUERIES_MOST
        is_led = "/konto/login/" in answer.headers.get("location", "")
        if not (is_open if visit.who == NOBODY else is_led):
            found.append(f"{visit.name} for nobody: {answer.status_code}, {queries} queries")
    assert found == []


def test_more_rows_and_deeper_groups_take_no_more_queries(company):
    lena = signed_in("lena")
    holm = company.customers["Gärtnerei Holm"]
    head = grown(company, ["A"])
    paths = (
        *("/", "/kunden/", "/buchen/", "/aufgaben/", "/quellen/entwuerfe/"),
        *(f"/kunden/{holm}/", f"/kunden/{head}/gruppe/", f"/karte/?kundennummer={card(company)}"),
    )
    before = {path: opened(lena, path)[1] for path in paths}
    grown(company, "BCDEFGH", below=head)
    for n in range(12):
        book(company, holm, "conversation", ago=n)
    after = {path: opened(lena, path)[1] for path in paths}
    assert after == before


CALENDARS = (
    *("recovery-case", "notice-begin", "incident", "promise", "promise-form", "promise-series"),
    *("appointment", "promises-on-account", "promises-on-today"),
)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_calendars_of_company_and_customer_leave_few_queries(company):
    now = timezone.now()
    system = installation("test")
    for region, keys in (("DE-BY", [""]), ("", company.customers.values())):
        number = working_calendars.make(system, name=f"Ruhe {region}", region=region, now=now)
        for key in keys:
            working_calendars.assign(system, number, customer=key, now=now)
    lena = signed_in("lena")
    found = {}
    for visit in (v for v in VISITS if v.name in CALENDARS):
        path = visit.path(company)
        if visit.name in KEPT:
            lena.get(path).close()
        answer, queries = opened(lena, path)
        assert answer.status_code == 200
        if queries > QUERIES_MOST:
            found[visit.name] = queries
    assert found == {}


def grown(company, names, below=None):
    """Open accounts that fell below their threshold, each under the one before; return the last."""
    for name in names:
        key = _customer(company, f"Hof {name}")
        company.staff.today = timezone.localdate()
        book(company, key, "promise_broken_unannounced", ago=0)
        if below is not None:
            hierarchy.set_parent(installation("test"), key, below, door=company.staff.door)
        below = key
    return below


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_address_has_a_visit_or_a_reason(company):
    visited = {resolve(urlsplit(visit.path(company)).path).url_name for visit in VISITS}
    named = set(addresses(get_resolver().url_patterns))
    assert " ".join(sorted(named - visited - NOT_VISITED.keys())) == ""
    assert " ".join(sorted(NOT_VISITED.keys() & visited)) == ""
    assert " ".join(sorted(NOT_VISITED.keys() - named)) == ""


def addresses(patterns):
    """Yield the names of all addresses of pages."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield from [pattern.name] if pattern.name else []
        elif str(pattern.pattern) != "api/v1/":
            yield from addresses(pattern.url_patterns)
