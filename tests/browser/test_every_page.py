"""Every page: nothing for axe to report, in its reader's language, for nobody else's eyes."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.pages import ALL, VISITS

from vertrauenskonto.db import models

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
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
        page = visitor.open(path, who=visit.who[0], language=language, scheme=scheme, size=size)
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
    # Each page in one look, all looks in turn; the long test below takes every page in every look.
    look_at(visitor, company, VISITS[part::PARTS], shots, LOOKS[part])


@pytest.mark.long
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("look", LOOKS)
def test_axe_has_nothing_to_report_in_any_look(visitor, company, shots, look, part):
    look_at(visitor, company, VISITS[part::PARTS], shots, look)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_each_page_opens_for_its_roles_and_nobody_else(database, company):
    found = []
    browsers = {who: Client(HTTP_HOST="localhost") for who in ALL}
    for who, browser in browsers.items():
        person = models.Person.objects.get(key=f"p_{who}")
        browser.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    for visit in VISITS:
        path = visit.path(company)
        for who, browser in browsers.items():
            answer = browser.get(path)
            if (answer.status_code == 200) != (who in visit.who) or answer.status_code not in (
                *(200, 403, 404),
            ):
                found.append(f"{visit.name} for {who}: {answer.status_code}")
            answer.close()
        answer = Client(HTTP_HOST="localhost").get(path)
        if answer.status_code != 302 or "/konto/login/" not in answer.headers["location"]:
            found.append(f"{visit.name} for nobody: {answer.status_code}")
    assert found == []
