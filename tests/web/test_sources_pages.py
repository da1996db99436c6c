"""Sources and imports seen from outside: uploads, what is wrong with them, and how much is asked."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.db.actions.test_import_runs import CALLS, FILE, lena  # noqa: F401

from vertrauenskonto.db import models
from vertrauenskonto.db.actions import import_runs
from vertrauenskonto.db.naming import name_anew
from vertrauenskonto.importers.mapping import mapping_from_text
from vertrauenskonto.web.imports import _csv

KEY = "w" * 22


@pytest.fixture
def browser(site, lena):  # noqa: F811
    return site.signed_in("lea", "lead")


def sent(browser, contents, name="anrufe.csv", key=KEY):
    file = SimpleUploadedFile(name, contents)
    return browser.post("/quellen/hochladen/", {"key": key, "upload": file})


def test_an_upload_leads_to_its_columns_and_twice_to_the_same(browser):
    first = sent(browser, FILE.encode())
    assert first.status_code == 302
    assert sent(browser, FILE.encode()).url == first.url
    page = browser.get(first.url, follow=True)
    assert "This looks like" in page.content.decode()
    assert models.ImportRun.objects.count() == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_wrong_file_gets_a_clear_page_and_leaves_nothing(browser):
    answer = sent(browser, b"%PDF-1.7")
    assert answer.status_code == 400
    assert "is no table but a PDF file" in answer.content.decode()
    assert browser.post("/quellen/hochladen/", {"key": KEY}).status_code == 400
    assert models.ImportRun.objects.count() == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_upload_beyond_the_limit_gets_a_clear_page_and_is_not_written(browser, monkeypatch):
    monkeypatch.setattr("vertrauenskonto.web.uploads.UPLOAD_BYTES_MAX", 1000)
    monkeypatch.setattr("vertrauenskonto.web.uploads._AROUND_BYTES", 0)
    answer = sent(browser, b"a;b\n" * 1000)
    assert answer.status_code == 400
    assert "Together the files may have" in answer.content.decode()
    left = settings.DATA / "imports"
    assert not left.exists() or list(left.iterdir()) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_stranger_writes_nothing_onto_the_disk(site, lena):  # noqa: F811
    answer = sent(site.browser(), b"a;b\n1;2\n")
    assert answer.status_code == 302
    assert "/konto/login/" in answer.url
    assert not (settings.DATA / "imports").exists()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", ["contact", "analyst", "auditor"])
def test_who_does_not_lead_sees_no_page_of_sources(site, lena, role):  # noqa: F811
    browser = site.signed_in("carl", role)
    for path in ("/quellen/", "/quellen/hochladen/", "/quellen/neu/", "/quellen/entwuerfe/"):
        assert browser.get(path).status_code == 403
    assert sent(browser, FILE.encode()).status_code == 403
    assert models.ImportRun.objects.count() == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_problems_are_a_csv_that_a_spreadsheet_does_not_calculate(browser):
    rows = iter([("=cmd.csv", 5, "@Spalte", "error", '+1 "zu" viel')])
    assert "".join(_csv(rows)).splitlines()[1] == (
        '"\'=cmd.csv";"5";"\'@Spalte";"problem";"\'+1 ""zu"" viel"'
    )


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_map_of_columns_becomes_a_mapping_that_the_command_line_reads(browser, tmp_path):
    models.Mapping.objects.all().delete()
    run = sent(browser, FILE.encode()).url.split("/")[3]
    own = f"/quellen/lauf/{run}/eigene/"
    asked = {"title": "Unser Anrufbuch", "customer": "Kunde", "day": "Tag", "number": "Nr"}
    assert "choose a kind" in browser.post(own, asked).content.decode().casefold()
    asked["kind_column"] = "Was"
    asked["kind"] = "order_received"
    page = browser.post(own, asked).content.decode()
    assert "value_0" in page
    assert models.Mapping.objects.count() == 0
    kinds = {"gehalten": "promise_kept", "Gespräch": "conversation", "gelogen": "skip"}
    order = ("gehalten", "Gespräch", "gelogen")
    answer = browser.post(own, asked | {f"value_{n}": kinds[v] for n, v in enumerate(order)})
    assert answer.url == f"/quellen/lauf/{run}/spalten/?zuordnung=unser_anrufbuch"
    text = browser.get("/quellen/zuordnung/unser_anrufbuch.toml").content.decode()
    mapping = mapping_from_text(text, file="x.toml")
    assert mapping.source == "unser_anrufbuch"
    assert mapping.columns[1].formats[0].written == "DD.MM.YYYY"
    page = browser.get(answer.url).content.decode()
    assert "Promise kept" in page
    # The same name with other columns is somebody else's.
    other = browser.post(own, asked | {"number": "", "value_0": "conversation"})
    assert other.status_code == 400
    assert models.Mapping.objects.get().text == text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_mapping_brought_along_is_checked_line_by_line(browser):
    models.Mapping.objects.all().delete()
    run = sent(browser, FILE.encode()).url.split("/")[3]
    own = f"/quellen/lauf/{run}/eigene/"
    wrong = SimpleUploadedFile("m.toml", CALLS.replace('day = "happened"', 'dya = "x"').encode())
    answer = browser.post(own, {"bring": "yes", "toml": wrong})
    assert answer.status_code == 400
    assert "dya" in answer.content.decode()
    good = SimpleUploadedFile("m.toml", CALLS.encode())
    assert browser.post(own, {"bring": "yes", "toml": good}).status_code == 302
    assert models.Mapping.objects.get().name == "calls"


def asked_for(browser, path):
    browser.get(path)
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert browser.get(path).status_code == 200
    return len(found)


def test_the_pages_ask_as_much_for_many_rows_as_for_few(browser, lena):  # noqa: F811
    staff, _ = lena
    run = int(sent(browser, FILE.encode()).url.split("/")[3])
    import_runs.choose(lena[1], run, "calls", now=staff.door.at)
    import_runs.check(run, now=staff.door.at, today=staff.today)
    paths = ("/quellen/", f"/quellen/lauf/{run}/", "/quellen/entwuerfe/", "/quellen/zuordnen/")
    few = [asked_for(browser, path) for path in paths]
    now = datetime.now(UTC)
    for number in range(30):
        models.ImportRun.objects.create(
            key=f"run-{number:020}",
            system=f"s{number}",
            files=["a.csv"],
            file_hash="",
            size=1,
            state="booked",
            created_at=now,
        )
        models.Source.objects.create(title=f"q{number}", kind="sql", created_at=now, due_at=now)
    cache.delete("sources:recent")
    browser.get("/quellen/")
    many = [asked_for(browser, path) for path in paths]
    assert many == few
    assert max(few) <= 15, few


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_page_of_sources_is_there_while_they_are_switched_off(browser, lena):  # noqa: F811
    staff, _ = lena
    key = staff.customer()
    now = datetime.now(UTC)
    row = models.Unmatched.objects.create(
        source="mail", source_id="1", received_at=now, record={}, candidates=[key]
    )
    pages = ("/quellen/", "/quellen/entwuerfe/", "/quellen/entwuerfe/1/", "/quellen/zuordnen/")
    assert "/quellen/zuordnen/" in browser.get("/").content.decode()
    models.Module.objects.create(name="sources", is_on=False, actor="p_lea", switched_at=now)
    for path in pages:
        assert browser.get(path).status_code == 404
    for path in pages[2:]:
        assert browser.post(path, {"record": row.pk, "customer": key}).status_code == 404
    assert models.Unmatched.objects.values().get()["decided_at"] is None
    assert "/quellen/" not in browser.get("/").content.decode()


def a_mail(text):
    now = datetime.now(UTC)
    box = models.Source.objects.create(title="m", kind="mailbox", created_at=now, due_at=now)
    return models.MailDraft.objects.create(
        source=box,
        fingerprint="f" * 64,
        received_at=now,
        sent_date=now.date(),
        contents={"from": "a@b.de", "to": [], "subject": "Absage", "text": text, "attachments": []},
        kind="conversation",
        candidates=[],
    )


def test_a_mail_that_says_too_much_is_asked_about_before_it_is_booked(browser, lena):  # noqa: F811
    staff, _ = lena
    key = staff.customer()
    customer = models.Customer.objects.get(key=key)
    models.Profile.objects.create(customer=customer, sort="person", name="Holm", search_name="holm")
    name_anew([customer.pk])
    draft = a_mail("Frau Holm ist schwanger.")
    path = f"/quellen/entwuerfe/{draft.pk}/"
    told = {
        "suche": "Holm",
        "customer": key,
        "kind": "conversation",
        "value_date": staff.today.isoformat(),
        "note": "Frau Holm ist schwanger.",
    }
    answer = browser.post(path, told)
    assert answer.status_code == 400
    assert "schwanger" in answer.content.decode()
    assert "The law protects this specially" in answer.content.decode()
    assert models.Entry.objects.count() == 0
    assert browser.post(path, {**told, "note_needed": "schwanger"}).status_code == 302
    assert models.Entry.objects.count() == 1
