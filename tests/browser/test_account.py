"""An account as people read it: by keyboard, without scripts, on paper, inside a helpdesk."""

import re
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader
from tests.browser import account_states as states
from tests.browser.conftest import PHONE
from tests.conftest import ROOT

from vertrauenskonto.core.ledger.balance import valuation
from vertrauenskonto.db import models
from vertrauenskonto.db.access import installation
from vertrauenskonto.db.actions import cards
from vertrauenskonto.db.queries import statements
from vertrauenskonto.engine.account import AccountFiles, read_account
from vertrauenskonto.engine.importing import ImportRequest, import_files
from vertrauenskonto.importers.mapping import read_mapping
from vertrauenskonto.importers.policy import read_policy
from vertrauenskonto.render.numbers import number


@pytest.fixture(autouse=True)
def _patient():
    """The first chart of a process starts an engine; a busy machine takes its time for that."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


def test_from_the_number_to_its_reason_and_back_by_keyboard_only(visitor, company):
    key = states.holm(company)
    page = visitor.open(f"/kunden/{key}/")
    page.locator("p.balance a").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Warum 100,3?")
    page.get_by_role("link", name="Zusage ohne Vorwarnung gebrochen").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Zusage ohne Vorwarnung gebrochen")
    expect(page.locator("blockquote")).to_have_text("Die Lieferung kam vier Tage zu spät.")
    page.locator("main a").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Gärtnerei Holm")


def test_the_chart_follows_the_page_and_has_its_table(visitor, company):
    page = visitor.open(f"/kunden/{states.holm(company)}/")
    chart = page.locator("#verlauf svg").first
    expect(chart).to_be_visible(timeout=20_000)
    page.get_by_text("als Tabelle").click()
    expect(page.locator("#verlauf table")).to_be_visible()


def test_without_scripts_the_chart_and_every_period_are_a_link_away(visitor, company):
    page = visitor.open(f"/kunden/{states.holm(company)}/", scripts=False)
    page.get_by_role("link", name="Verlauf zeichnen").click()
    expect(page.locator("#verlauf svg").first).to_be_visible()
    page.get_by_role("link", name="Jahr").click()
    expect(page.locator("#auszug h2")).to_contain_text(str(company.staff.today.year))
    before = page.locator(".periods a").first.inner_text()
    page.locator(".periods a").first.click()
    assert page.locator("#auszug h2").inner_text().removeprefix("Kontoauszug ") in before


def test_a_slip_is_laid_beside_an_entry_once_however_often_it_is_sent(visitor, company, tmp_path):
    key = states.holm(company)
    slip = tmp_path / "Lieferschein.pdf"
    slip.write_bytes(b"%PDF-1.7 a slip")
    entry = states.entry_of(company, key, "promise_broken_unannounced")
    page = visitor.open(f"/kunden/{key}/warum/buchung/?{entry}", scripts=False)
    for _ in range(2):
        page.get_by_label("Datei", exact=True).set_input_files(slip)
        page.get_by_role("button", name="Datei anhängen").click()
        expect(page.get_by_role("status")).to_have_text("„Lieferschein.pdf“ ist angehängt.")
    page.reload()
    page.go_back()
    assert models.Evidence.objects.count() == 1
    wrong = tmp_path / "Lieferschein.exe"
    wrong.write_bytes(b"MZ")
    page.get_by_label("Datei", exact=True).set_input_files(wrong)
    page.get_by_role("button", name="Datei anhängen").click()
    expect(page.get_by_role("alert")).to_contain_text("Diese Art von Datei geht hier nicht")
    assert models.Evidence.objects.count() == 1


def test_a_file_is_saved_and_never_opened_in_our_name(visitor, company, tmp_path):
    key = states.holm(company)
    slip = tmp_path / "brief.txt"
    slip.write_text("<script>alert(1)</script>")
    entry = states.entry_of(company, key, "promise_broken_unannounced")
    page = visitor.open(f"/kunden/{key}/warum/buchung/?{entry}")
    page.get_by_label("Datei", exact=True).set_input_files(slip)
    page.get_by_role("button", name="Datei anhängen").click()
    with page.expect_download() as saved:
        page.get_by_role("link", name="brief.txt").click()
    assert saved.value.suggested_filename == "brief.txt"


def test_on_paper_there_is_no_menu_and_each_page_has_its_number_and_both_balances(
    visitor, company, tmp_path
):
    key = states.long(company)
    page = visitor.open(f"/kunden/{key}/drucken/?zeitraum={company.staff.today.year - 1}")
    page.emulate_media(media="print")
    expect(page.locator("nav.menu")).to_be_hidden()
    expect(page.locator("header.top")).to_be_hidden()
    path = tmp_path / "paper.pdf"
    page.pdf(path=path, prefer_css_page_size=True)
    pages = [" ".join(p.extract_text().split()) for p in PdfReader(path).pages]
    assert len(pages) > 3
    opening, closing = (
        page.locator(f".statement tr.{role} td.balance").inner_text()
        for role in ("opening", "closing")
    )
    for n, text in enumerate(pages, start=1):
        assert f"{n} / {len(pages)}" in text
        if "Zusage gehalten" in text:
            assert f"Übertrag {opening}" in text
            assert re.search(rf"Stand am [^ ]+ [^ ]+ \d{{4}} {closing}", text)


class Helpdesk(HTTPServer):
    """A server whose every answer is `page`."""

    page = ""


@pytest.fixture
def helpdesk() -> Iterator[Helpdesk]:
    """Yield a program of somebody else, on another site than ours."""

    class Desk(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(server.page.encode())

        def log_message(self, *_words: object) -> None: ...

    server = Helpdesk(("127.0.0.1", 0), Desk)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_card_stands_in_a_helpdesk_without_a_session(visitor, company, helpdesk):
    desk = f"http://127.0.0.1:{helpdesk.server_address[1]}"
    states.card(company)
    cards.allow_frames(installation("test"), desk)
    company.staff.agree("scores")
    token = models.Token.objects.create(
        name="helpdesk",
        prefix="abc",
        secret_hash=b"x",
        scopes=["scores"],
        person_id=company.people["alice"].person_id,
        created_at=datetime.now(UTC),
        expires_at=datetime(2999, 1, 1, tzinfo=UTC),
    )
    secret, _ = cards.link(states.holm(company), token.pk, now=datetime.now(UTC))
    helpdesk.page = (
        '<!doctype html><title>Desk</title><link rel="icon" href="data:,">'
        f'<iframe width="320" height="600" src="{visitor.address}/karte/{secret}/"></iframe>'
    )
    page = visitor.open("/konto/login/", who=None, size=PHONE)
    page.route(f"{desk}/**", lambda route: route.continue_())
    page.goto(f"{desk}/ticket/1")
    inside = page.frame_locator("iframe")
    expect(inside.get_by_role("heading", level=1)).to_have_text("Gärtnerei Holm")
    expect(inside.locator(".figure")).to_have_text("100,3")
    assert page.frames[1].evaluate("document.documentElement.scrollWidth") <= 320


def test_who_says_which_pages_embed_is_told_what_is_wrong_at_the_field(visitor, company):
    states.card(company)
    page = visitor.open("/verwaltung/karte/", who="adam")
    field = page.get_by_label("Adressen, die einbetten dürfen")
    field.fill("https://*.example")
    page.get_by_role("button", name="Adressen speichern").click()
    expect(page.get_by_role("alert")).to_contain_text("https://*.example")
    expect(field).to_have_value("https://*.example")
    field.fill("https://helpdesk.example")
    page.get_by_role("button", name="Adressen speichern").click()
    expect(page.get_by_role("status")).to_have_text("Gespeichert.")
    expect(field).to_have_value("https://helpdesk.example")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_account_that_the_demo_did_not_make_reads_as_the_core_values_it(
    visitor, company, shared, tmp_path
):
    if not (shared / "data" / "olist").is_dir():
        pytest.skip("no data set olist in ../shared/data")
    events, account = _busiest_of_olist(shared, tmp_path)
    policy = read_policy("craft")
    files = AccountFiles(events=events, today=date(2026, 11, 22))
    read = read_account(files, account, policy).account
    key = states.empty(company)
    staff = company.staff
    drafts = [
        staff.draft(
            key,
            entry.kind,
            source="olist",
            source_id=entry.id.removeprefix("olist:"),
            value_date=entry.on,
            recorded_date=entry.recorded,
            promise=entry.promise,
        )
        for entry in sorted(read.entries, key=lambda e: e.recorded)
    ]
    assert {o.status for o in staff.book(*drafts)} == {"booked"}
    last = max(entry.on for entry in read.entries)
    page = visitor.open(f"/kunden/{key}/?tag={last}&zeitraum=2000-01-01..2999-12-31", who="lena")
    stored = statements.shown(installation("test"), key, as_of=last)
    value = valuation(stored.account, policy.in_force(last), as_of=last).balance
    expect(page.locator("p.balance a")).to_contain_text(number(value, "de"))
    expect(page.locator(".statement tbody tr.line")).to_have_count(len(drafts))
    expect(page.locator(".statement tr.closing td.balance")).to_have_text(number(value, "de"))


def _busiest_of_olist(shared, folder):
    import duckdb  # noqa: PLC0415

    events = folder / "olist.parquet"
    import_files(
        ImportRequest(
            path=shared / "data" / "olist",
            mapping=read_mapping(ROOT / "examples" / "olist" / "mapping.toml"),
            policy=read_policy("craft"),
            today=date(2026, 11, 22),
            events=events,
            outcomes=folder / "outcomes.parquet",
        )
    )
    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT account FROM '{events}' GROUP BY account ORDER BY count(*) DESC, account LIMIT 1"
        ).fetchall()
    return events, found[0][0]
