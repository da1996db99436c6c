"""The set-up in a real browser, from an installation in which there is nobody to the first page."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.browser.test_every_page import RULES
from tests.web.conftest import PASSWORD, door
from tests.web.test_entrance import code

from vertrauenskonto.cli.worker import Worker
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import people
from vertrauenskonto.db.agreements import in_force
from vertrauenskonto.db.queries.choices import choice

MAPPING = Path(__file__).parents[2] / "examples" / "olist" / "mapping.toml"
DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)]
# As many rows of each file as make hundreds of accounts in a few seconds.
ORDERS = 600

CARDS = """BEGIN:VCARD\r
VERSION:3.0\r
FN:Gärtnerei Holm\r
N:Holm;;;;\r
EMAIL:holm@example.org\r
TEL:+49 30 123456\r
ADR:;;Weg 1;Berlin;;10115;DE\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:3.0\r
FN:Café Sommer\r
N:Sommer;;;;\r
TEL:+49 30 654321\r
END:VCARD\r
"""


def work() -> None:
    """Do what the clock would do now."""
    Worker(lambda: datetime.now(UTC)).once()


def tidy(page) -> None:
    """Demand that axe has no complaint about the page as it stands."""
    axe = Axe().run(page, options=RULES)
    assert [v["id"] for v in axe.response["violations"]] == []


def first_start(visitor):
    """Go in by the first link, set up the second factor, and return the page with the steps."""
    page = visitor.open(f"/{people.first_link_if_needed(door=door())}", who=None)
    tidy(page)
    page.get_by_label("Ihr Name").fill("Ada")
    page.get_by_label("Ihre E-Mail-Adresse").fill("ada@example.org")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_again").fill(PASSWORD)
    page.get_by_label("Nein, es gibt keinen").check()
    page.get_by_role("button", name="Installation einrichten").click()
    page.wait_for_url("**/konto/2fa/")
    page.goto(f"{visitor.address}/konto/2fa/totp/activate/")
    page.locator("#id_code").fill(code(page.get_by_label("Schlüssel").input_value()))
    page.get_by_role("button", name="App einrichten").click()
    page.wait_for_url(lambda url: "activate" not in url)
    page.goto(f"{visitor.address}/")
    page.get_by_role("link", name="Einrichtung fortsetzen").click()
    assert in_force("no_works_council")
    return page


def three_questions(page, *, industry: str, days: int) -> None:
    """Answer what the company is like."""
    tidy(page)
    page.get_by_role("link", name="Einige Fragen beantworten").click()
    page.locator(f"input[name=industry][value={industry}]").check()
    page.get_by_label("Tage zwischen zwei Kontakten").fill(str(days))
    page.get_by_role("button", name="Regelwerk in Kraft setzen").click()
    page.wait_for_url("**/einrichten/")
    assert models.PolicyVersion.objects.get().name == industry


def finished(page) -> None:
    """End the set-up and see the first day's page."""
    tidy(page)
    page.get_by_role("button", name="Einrichtung abschließen").click()
    page.locator("h1").wait_for()
    assert page.get_by_text("Die Einrichtung ist nicht fertig").count() == 0
    assert choice("setup_step") == "done"


def figure(page, name: str) -> str:
    """Return what the first honest page says beside a name."""
    return page.locator(f"dt:text-is('{name}') + dd").inner_text()


@pytest.mark.parametrize("database", DATABASES, indirect=True)
def test_from_nothing_by_an_address_book_to_the_first_honest_page(visitor, tmp_path):
    page = first_start(visitor)
    three_questions(page, industry="craft", days=90)
    file = tmp_path / "adressbuch.vcf"
    file.write_bytes(CARDS.encode())
    page.get_by_role("link", name="Kontaktliste einlesen").click()
    page.set_input_files("#id_upload", file)
    page.get_by_role("button", name="Liste hochladen").click()
    page.get_by_role("heading", name="Was die Spalten bedeuten").wait_for()
    assert page.get_by_text("Gärtnerei Holm").count() == 1
    tidy(page)
    assert models.Customer.objects.count() == 0, "accounts come when it is confirmed"
    page.get_by_role("button", name="Konten eröffnen").dblclick()
    page.get_by_text("2 Konten eröffnet").wait_for()
    assert figure(page, "Konten") == "2"
    assert figure(page, "Noch nichts bekannt") == "2 – das ist nicht null, sondern unbekannt"
    assert figure(page, "Offene Aufgaben") == "0"
    finished(page)
    names = models.Profile.objects.order_by("name").values_list("name", flat=True)
    assert list(names) == ["Café Sommer", "Gärtnerei Holm"]


@pytest.mark.parametrize("database", DATABASES, indirect=True)
def test_from_nothing_by_an_export_of_orders_to_the_first_honest_page(visitor, shared, tmp_path):
    olist = shared / "data" / "olist"
    if not (olist / "orders.csv").exists():
        pytest.skip("NO REAL DATA, this test does not run: the Olist files are not beside us")
    shutil.copy(olist / "customers.csv", tmp_path)
    for name in ("orders.csv", "order_reviews.csv"):
        lines = (olist / name).read_text(encoding="utf-8").splitlines(keepends=True)
        (tmp_path / name).write_text("".join(lines[: ORDERS + 1]), encoding="utf-8")
    page = first_start(visitor)
    page.set_default_timeout(60_000)
    three_questions(page, industry="mail_order", days=60)
    page.get_by_role("link", name="Bestellungen einlesen").click()
    page.set_input_files("#id_upload", sorted(tmp_path.glob("*.csv")))
    page.get_by_role("button", name="Datei hochladen").click()
    page.get_by_role("link", name="Spalten selbst zuordnen", exact=True).click()
    page.set_input_files("#id_toml", MAPPING)
    page.get_by_role("button", name="Diese Zuordnung nehmen").click()
    page.get_by_role("button", name="Ganze Datei prüfen").click()
    work()
    page.get_by_role("button", name="Diese Ereignisse buchen").click()
    page.get_by_role("heading", name="Es wird gebucht").wait_for()
    work()
    page.get_by_role("heading", name="Gebucht", exact=True).wait_for()
    booked = models.Entry.objects.count()
    assert booked == models.ImportRun.objects.get().counts["booked"] > ORDERS
    page.goto(f"{visitor.address}/einrichten/")
    assert int(figure(page, "Konten").replace(".", "")) == models.Customer.objects.count()
    assert figure(page, "Noch nichts bekannt") == "0"
    assert not models.Balance.objects.filter(silence__gt=0).exists(), "nobody starts in debt"
    page.get_by_role("button", name="Probelauf rechnen").click()
    page.wait_for_url("**/regelwerk/entwurf/**")
    work()
    page.reload()
    tidy(page)
    assert models.PolicyReplay.objects.get().state == "done"
    page.goto(f"{visitor.address}/einrichten/")
    finished(page)
    page.goto(f"{visitor.address}/kunden/")
    assert page.locator("table.customers tbody tr").count() == 50
    tidy(page)
    page.goto(f"{visitor.address}/ursachen/")
    tidy(page)
