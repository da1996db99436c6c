"""From a file to booked entries, as people do it, in a real browser on both databases."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.browser import source_states

from vertrauenskonto.cli.worker import Worker
from vertrauenskonto.db import models
from vertrauenskonto.db.actions.mappings import save_mapping

SAMPLE = next((Path(__file__).parents[1] / "importers" / "shopware").glob("*.csv"))
MAPPING = Path(__file__).parents[2] / "examples" / "olist" / "mapping.toml"


def work() -> None:
    """Do what the clock would do now."""
    Worker(lambda: datetime.now(UTC)).once()


def test_a_shop_export_is_uploaded_checked_and_booked_and_a_second_time_books_nothing(
    visitor, company
):
    before = models.Entry.objects.count()
    page = visitor.open("/quellen/", who="lena")
    for again in (False, True):
        page.goto(f"{visitor.address}/quellen/")
        page.get_by_role("link", name="Datei einlesen").first.click()
        page.set_input_files("#id_upload", SAMPLE)
        page.get_by_role("button", name="Datei hochladen").click()
        page.get_by_text("Das sieht aus wie").wait_for()
        assert "Zusage gehalten" in page.content()
        page.get_by_role("button", name="Ganze Datei prüfen").click()
        page.get_by_role("heading", name="Die Datei wird geprüft").wait_for()
        work()
        # The page follows by itself.
        page.get_by_role("heading", name="Das würde gebucht").wait_for()
        assert ("wurde schon eingelesen" in page.content()) == again
        page.get_by_role("button", name="Diese Ereignisse buchen").click()
        work()
        page.get_by_role("heading", name="Gebucht", exact=True).wait_for()
        page.reload()
        page.go_back()
        page.go_forward()
        assert models.Entry.objects.count() - before == 7
    assert "7 waren es schon" in page.content()


def test_without_scripts_a_file_nobody_knows_gets_a_mapping_of_its_own(visitor, company, tmp_path):
    file = tmp_path / "anrufe.csv"
    file.write_text(source_states.CALLS, encoding="cp1252")
    page = visitor.open("/quellen/hochladen/", who="lena", language="en", scripts=False)
    page.set_input_files("#id_upload", file)
    page.get_by_role("button", name="Upload the file").click()
    page.get_by_role("link", name="Say what the columns mean", exact=True).click()
    page.get_by_label("What is the program or list called?").fill("Phone book")
    page.get_by_label("Column: customer").select_option("Kunde")
    page.get_by_label("Column: the day it happened").select_option("Datum")
    page.get_by_role("button", name="Save the mapping").click()
    # What was chosen is kept beside the error.
    assert page.get_by_label("Column: customer").input_value() == "Kunde"
    page.get_by_label("Column: what happened").select_option("Anlass")
    page.get_by_label("Column: number of the case").select_option("Nr")
    page.get_by_label("Kind (optional)").select_option("order_received")
    page.get_by_role("button", name="Save the mapping").click()
    page.get_by_label("'Gespräch'").select_option("conversation")
    page.get_by_role("button", name="Save the mapping").click()
    page.get_by_role("button", name="Check the whole file").click()
    work()
    page.get_by_role("link", name="Reload").click()
    page.get_by_role("button", name="Book these events").click()
    work()
    page.get_by_role("link", name="Reload").click()
    page.get_by_role("heading", name="Booked", exact=True).wait_for()
    run = models.ImportRun.objects.get()
    assert (run.system, run.counts["booked"]) == ("phone_book", 39)
    assert models.Mapping.objects.get().name == "phone_book"


def test_real_orders_are_imported_from_several_files_at_once(visitor, company, shared, tmp_path):
    olist = shared / "data" / "olist"
    if not (olist / "orders.csv").exists():
        pytest.skip("NO REAL DATA, this test does not run: the Olist files are not beside us")
    save_mapping(
        company.people["lena"],
        MAPPING.read_text(encoding="utf-8"),
        now=datetime.now(UTC),
        replaces=True,
    )
    files = []
    for name in ("orders.csv", "customers.csv", "order_reviews.csv"):
        shutil.copy(olist / name, tmp_path / name)
        files.append(tmp_path / name)
    before = models.Entry.objects.count()
    page = visitor.open("/quellen/hochladen/", who="lena")
    page.set_default_timeout(120_000)
    page.set_input_files("#id_upload", files)
    page.get_by_role("button", name="Datei hochladen").click()
    page.get_by_text("Das sieht aus wie").wait_for()
    page.get_by_role("button", name="Ganze Datei prüfen").click()
    work()
    page.get_by_role("button", name="Diese Ereignisse buchen").click()
    page.get_by_role("heading", name="Es wird gebucht").wait_for()
    work()
    page.get_by_role("heading", name="Gebucht", exact=True).wait_for()
    run = models.ImportRun.objects.get()
    assert run.counts["rows"] == run.counts["used"] + run.counts["skipped"] + run.counts["bad"]
    assert run.counts["booked"] == sum(run.counts["kinds"].values())
    assert models.Entry.objects.count() - before == run.counts["booked"] > 1000


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_wrong_file_gets_its_words_at_the_field_by_keyboard_alone(visitor, company, tmp_path):
    file = tmp_path / "bild.csv"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    page = visitor.open("/quellen/hochladen/", who="lena")
    page.set_input_files("#id_upload", file)
    page.locator("#id_upload").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#id_upload_error").wait_for()
    assert "ist keine Tabelle, sondern ein Bild" in page.locator(".problems").inner_text()
    assert page.evaluate("document.activeElement.className") == "problems"
    assert models.ImportRun.objects.count() == 0


def test_uncertain_records_are_decided_one_after_the_other(visitor, company):
    path = source_states.waiting(company)
    page = visitor.open(path, who="lena")
    assert "dieselbe E-Mail-Adresse" in page.content()
    page.get_by_role("button", name="Gehört hierher: Praxis Dr. Nowak").click()
    page.get_by_text("Es wartet nichts").wait_for()
    row = models.Unmatched.objects.get()
    assert row.customer.key == company.customers["Praxis Dr. Nowak"]
    assert row.record == {}


def test_a_draft_from_a_mail_is_booked_only_when_somebody_says_so(visitor, company):
    source_states.drafts(company)
    before = models.Entry.objects.count()
    page = visitor.open("/quellen/entwuerfe/", who="lena")
    page.get_by_role("link", name="Entscheiden").first.click()
    page.get_by_label("Gärtnerei Holm").check()
    page.get_by_role("button", name="So buchen").dblclick()
    page.get_by_text("Gebucht.").wait_for()
    entry = models.Entry.objects.get(source="mail")
    assert (entry.kind, entry.customer.key) == ("conversation", company.customers["Gärtnerei Holm"])
    page.get_by_role("link", name="Entscheiden").first.click()
    page.get_by_label("Warum").select_option("advertising")
    page.get_by_role("button", name="Entwurf verwerfen").click()
    page.get_by_text("Es wartet keiner").wait_for()
    assert models.Entry.objects.count() == before + 1


def test_a_source_is_entered_tried_and_read(visitor, company, tmp_path):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    page = visitor.open("/quellen/neu/folder/", who="adam")
    page.get_by_label("Name der Quelle").fill("Shop")
    page.get_by_label("Zuordnung").select_option("shopware")
    page.get_by_role("button", name="Quelle speichern").click()
    page.get_by_role("button", name="Verbindung prüfen").click()
    page.get_by_text("Die Verbindung steht. Dort: 0 Dateien").wait_for()
    shutil.copy(SAMPLE, inbox / "shop.csv")
    old = datetime.now(UTC).timestamp() - 60
    os.utime(inbox / "shop.csv", (old, old))
    page.get_by_role("button", name="Jetzt lesen").click()
    work()
    page.reload()
    page.get_by_text("7 gebucht").wait_for()
    assert (inbox / "done" / "shop.csv").exists()
