"""The list of customers in a real browser: search, sort, page, keep a view, download."""

import io
import zipfile

import pytest
from playwright.sync_api import expect
from tests.browser import customer_states as states
from tests.browser.conftest import DESKTOP, PHONE


def names(page):
    return page.locator("table.customers tbody th a").all_inner_texts()


def test_a_list_is_searched_sorted_and_paged_by_keyboard(visitor, company):
    states.many(company)
    page = visitor.open("/kunden/", language="en")
    assert page.locator(".lead").inner_text() == "134 customers"
    page.keyboard.press("/")
    page.keyboard.type("brandt hol jorg")
    page.keyboard.press("Enter")
    page.wait_for_url("**text=**")
    assert set(names(page)) == {"Jörg Brandt-Holm"}
    page.goto(f"{visitor.address}/kunden/")
    page.get_by_role("columnheader", name="Name").get_by_role("link").press("Enter")
    page.wait_for_url("**sort=name**")
    first = names(page)
    assert first[0] == "Anna Ahlers"
    assert len(first) == 50
    page.get_by_role("link", name="Next").press("Enter")
    page.wait_for_url("**ab=**")
    second = names(page)
    page.get_by_role("link", name="Back").press("Enter")
    page.wait_for_url(lambda url: "-a" in url)
    assert names(page) == first
    assert not set(second) & set(first[:1])
    page.go_back()
    assert names(page) == second


@pytest.mark.parametrize("scripts", [True, False])
def test_a_view_is_kept_renamed_shared_and_deleted(visitor, company, scripts):
    page = visitor.open("/kunden/?unter=on&sort=change", who="lena", scripts=scripts)
    page.get_by_text("Ansicht speichern oder verwalten").click()
    page.get_by_label("Name der Ansicht").fill("Montagsrunde")
    page.get_by_role("button", name="Ansicht speichern").click()
    page.wait_for_url("**/kunden/?unter=on&sort=change")
    assert page.locator(".views [aria-current]").inner_text() == "Montagsrunde"
    page.goto(f"{visitor.address}/kunden/ansichten/")
    page.get_by_label("Anderer Name").fill("")
    page.get_by_role("button", name="Umbenennen").click()
    expect(page.locator(".error")).to_have_text("Geben Sie der Ansicht einen Namen.")
    page.get_by_label("Anderer Name").fill("Freitagsrunde")
    page.get_by_role("button", name="Umbenennen").click()
    page.get_by_role("link", name="Freitagsrunde").wait_for()
    page.get_by_role("button", name="Allen zeigen").click()
    page.get_by_text("für alle", exact=True).wait_for()
    other = visitor.open("/kunden/", who="alice")
    assert other.get_by_role("link", name="Freitagsrunde").count() == 1
    page.get_by_role("button", name="Löschen").click()
    page.get_by_text("Eine Ansicht merkt sich").wait_for()
    other.reload()
    assert other.get_by_role("link", name="Freitagsrunde").count() == 0


def test_the_spread_is_drawn_when_it_is_asked_for(visitor, company):
    states.many(company, 30)
    page = visitor.open("/kunden/")
    assert page.locator("details.spread svg").count() == 0
    page.get_by_text("Wie die Kontostände verteilt sind").click()
    page.locator("details.spread svg").first.wait_for()
    page = visitor.open("/kunden/", scripts=False)
    page.get_by_text("Wie die Kontostände verteilt sind").click()
    page.get_by_role("link", name="Verteilung ansehen").click()
    page.locator("figure svg").first.wait_for()


def test_a_file_is_given_only_after_the_agreement(visitor, company):
    page = visitor.open("/kunden/")
    refused = page.request.get(f"{visitor.address}/kunden/export.csv")
    assert refused.status == 403
    states.agree(company)
    page.reload()
    page.get_by_text("Als Datei herunterladen").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV").click()
    text = waiting.value.path().read_bytes().decode("utf-8-sig")
    head, *lines = text.splitlines()
    assert head.startswith("Name;Kennung;Stand;Veränderung;seit;")
    assert len(lines) == 4
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Excel").click()
    with zipfile.ZipFile(io.BytesIO(waiting.value.path().read_bytes())) as book:
        assert "xl/worksheets/sheet1.xml" in book.namelist()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("language", "scheme", "size"),
    [
        ("de", "light", DESKTOP),
        ("en", "dark", PHONE),
        ("de", "dark", DESKTOP),
        ("de", "light", PHONE),
    ],
)
def test_a_full_list_fits_its_window(visitor, company, shots, language, scheme, size):
    states.many(company)
    page = visitor.open("/kunden/", language=language, scheme=scheme, size=size)
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
    assert len(names(page)) == 50
    if shots is not None:
        shots.mkdir(exist_ok=True, parents=True)
        device = "phone" if size == PHONE else "desktop"
        page.screenshot(path=shots / f"customers-full-{language}-{scheme}-{device}.png")
        for summary in page.locator("main details > summary").all():
            summary.click()
        page.locator("details.spread svg").locator("visible=true").first.wait_for()
        page.screenshot(
            path=shots / f"customers-full-open-{language}-{scheme}-{device}.png", full_page=True
        )
