"""Lists as files: opened by a spreadsheet as they are meant, and never run by it."""

import io
import zipfile
from datetime import date

import pytest

from vertrauenskonto.render.list_files import ListColumn, csv_parts, write_xlsx
from vertrauenskonto.render.tables import csv_text, formula_safe

COLUMNS = [
    ListColumn(heading="Name"),
    ListColumn(heading="Stand", sort="number"),
    ListColumn(heading="Tag", sort="day"),
]
ROWS = [
    ("=1+1; „Ada“", -1234.5, date(2026, 3, 14)),
    ("Ben\nHolm", None, None),
    ("", 0.1 + 0.2, None),
]


def test_a_german_csv_has_semicolons_commas_and_the_mark_that_excel_needs():
    text = b"".join(csv_parts(COLUMNS, ROWS, "de"))
    assert text.startswith(b"\xef\xbb\xbfName;Stand;Tag\r\n")
    lines = text.decode("utf-8-sig").split("\r\n")
    assert lines[1:] == ['"\'=1+1; „Ada“";-1234,5;2026-03-14', '"Ben\nHolm";;', ";0,3;", ""]


def test_an_english_csv_has_commas_and_points():
    text = b"".join(csv_parts(COLUMNS, ROWS[:1], "en")).decode("utf-8-sig")
    assert text.split("\r\n")[1] == "'=1+1; „Ada“,-1234.5,2026-03-14"


def test_a_long_list_comes_in_parts():
    parts = list(csv_parts(COLUMNS, (("x", 1.0, None) for _ in range(1200)), "en"))
    assert len(parts) == 3
    assert b"".join(parts).count(b"\r\n") == 1201


def test_a_spreadsheet_holds_texts_as_texts_and_numbers_as_numbers():
    file = io.BytesIO()
    write_xlsx(file, COLUMNS, ROWS, "Kunden")
    with zipfile.ZipFile(file) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<t>=1+1; „Ada“</t>" in sheet
    assert "<v>-1234.5</v>" in sheet
    assert "<v>46095</v>" in sheet  # 14 March 2026


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "＝"])
def test_what_a_spreadsheet_would_run_is_marked_as_text(begin):
    text = f"{begin}HYPERLINK(1)"
    assert formula_safe(text) == f"'{text}"
    assert csv_text(("a",), [(text,)]).startswith(("a\n'", "a\n\"'"))


@pytest.mark.parametrize(
    "cell", ["-6.2", "+5,0", "-1.234,5", "-1e-07", -6.2, 5, "Ada", "−6,2", "a=b"]
)
def test_numbers_and_plain_words_stay_as_they_are(cell):
    assert formula_safe(cell) == cell
