"""A text file as people have it becomes a table, and no row is lost in silence."""

import csv
import io
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vertrauenskonto.core.errors import Invalid, NotFound
from vertrauenskonto.engine.records import RECORD_CHARS_MAX
from vertrauenskonto.engine.text_files import TextTable, load_text_table


@pytest.fixture
def connection():
    with duckdb.connect() as opened:
        opened.execute("SET autoinstall_known_extensions = false")
        yield opened


@pytest.fixture
def load(connection, tmp_path):
    def loaded(content: bytes, **declared) -> tuple[TextTable, list[tuple[Any, ...]]]:
        path = tmp_path / "orders.csv"
        path.write_bytes(content)
        table = load_text_table(connection, path, "orders", **declared)
        return table, connection.execute("FROM orders ORDER BY line").fetchall()

    return loaded


def found(table: TextTable) -> list[tuple[Any, ...]]:
    return [(p.code, p.line, p.severity) for p in table.problems]


GERMAN = "Kunde;Betrag\r\nGroßmann;1,50\r\nWeiß;2,00\r\n"
ROWS = [(2, "Großmann", "1,50"), (3, "Weiß", "2,00")]


@pytest.mark.parametrize(
    ("codec", "encoding", "codes"),
    [
        ("utf-8", "utf-8", []),
        ("utf-8-sig", "utf-8", []),
        ("cp1252", "windows-1252", ["encoding_detected"]),
        ("utf-16", "utf-16", ["encoding_detected"]),
        ("utf-16-le", "utf-16-le", ["encoding_detected"]),
        ("utf-16-be", "utf-16-be", ["encoding_detected"]),
    ],
)
def test_the_encoding_is_found_and_said(load, codec, encoding, codes):
    table, rows = load(GERMAN.encode(codec))
    assert rows == ROWS
    assert (table.encoding, table.delimiter, table.rows) == (encoding, ";", 2)
    assert [p.code for p in table.problems] == codes
    assert all(p.severity == "note" for p in table.problems)


def test_a_detected_encoding_is_said_in_both_languages(load):
    table, _ = load(GERMAN.encode("cp1252"))
    (note,) = table.problems
    assert note.in_language("de").startswith(
        "orders.csv: Die Datei ist nicht UTF-8; sie wird als Windows-1252 gelesen."
    )
    assert note.in_language("en").startswith(
        "orders.csv: The file is not UTF-8; it is read as Windows-1252."
    )


def test_a_declared_encoding_is_believed(load):
    table, rows = load(GERMAN.encode("cp850"), encoding="CP850")
    assert rows == ROWS
    assert table.problems == ()


def test_a_wrongly_declared_encoding_costs_only_the_lines_it_breaks(load):
    content = "Kunde;Betrag\nGroßmann;1\nAda;2\n".encode("cp1252")
    table, rows = load(content, encoding="utf-8")
    assert rows == [(3, "Ada", "2")]
    assert found(table) == [("undefined_byte", 2, "error")]
    assert "0xDF" in table.problems[0].text.en
    assert "0xDF" in table.problems[0].text.de


def test_bytes_without_meaning_in_windows_1252_are_a_problem_of_their_line(load):
    table, rows = load(b"a;b\n1;\xe4\n2;\x81\n3;c\n")
    assert rows == [(2, "1", "ä"), (4, "3", "c")]
    assert found(table)[1:] == [("undefined_byte", 3, "error")]


def test_one_broken_line_does_not_make_a_utf_8_file_windows_1252(load):
    table, rows = load("a;b\n1;ä\n2;ö\n".encode() + b"3;\xfc\n")
    assert rows == [(2, "1", "ä"), (3, "2", "ö")]
    assert table.encoding == "utf-8"
    assert found(table) == [("undefined_byte", 4, "error")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(load, delimiter):
    table, rows = load(f"a{delimiter}b\n1{delimiter}2\n".encode())
    assert table.delimiter == delimiter
    assert rows == [(2, "1", "2")]


def test_excels_own_first_line_names_the_delimiter(load):
    table, rows = load(b"sep=;\r\na,x;b\r\n1;2\r\n")
    assert table.columns == ("a,x", "b")
    assert rows == [(3, "1", "2")]


def test_a_decimal_comma_does_not_split_a_field(load):
    _, rows = load(b"a;b\n1,5;2,5\n")
    assert rows == [(2, "1,5", "2,5")]


def test_line_breaks_in_quotation_marks_belong_to_the_cell(load):
    _, rows = load(b'a;b\r\n1;"x\r\ny"\r\n2;"say ""hi"""\r\n')
    assert rows == [(2, "1", "x\r\ny"), (4, "2", 'say "hi"')]


def test_ragged_rows_are_reported_with_their_line_and_the_rest_is_read(load):
    table, rows = load(b"a;b\n1\n2;x\n3;y;z\n4;ok\n")
    assert rows == [(3, "2", "x"), (5, "4", "ok")]
    assert found(table) == [("ragged_row", 2, "error"), ("ragged_row", 4, "error")]
    assert table.bad_rows == 2
    assert str(table.problems[0]).startswith("orders.csv:2: 1 fields, the header has 2;")
    assert (
        table.problems[1]
        .in_language("de")
        .startswith("orders.csv:4: 3 Felder, die Kopfzeile hat 2;")
    )


def test_ragged_rows_are_found_in_quoted_files_too(load):
    table, rows = load(b'a;b\n"1"\n"2";x\n')
    assert rows == [(3, "2", "x")]
    assert found(table) == [("ragged_row", 2, "error")]


def test_delimiters_at_the_end_of_rows_lose_nothing(load):
    for content in (b"a;b\n1;2;;\n", b'a;b\n"1";2;;\n'):
        table, rows = load(content)
        assert rows == [(2, "1", "2")]
        assert table.problems == ()


def test_an_unclosed_quotation_mark_does_not_swallow_the_rows_behind_it(load):
    table, rows = load(b'a;b\n1;"x\n2;y\n3;"z"\n4;w\n')
    assert rows == [(3, "2", "y"), (4, "3", "z"), (5, "4", "w")]
    assert found(table) == [("quotation", 2, "error")]


def test_a_quotation_mark_open_at_the_end_of_the_file_costs_one_row(load):
    table, rows = load(b'a;b\n1;x\n2;"y\n3;z\n')
    assert rows == [(2, "1", "x"), (4, "3", "z")]
    assert found(table) == [("quotation", 3, "error")]


def test_a_broken_record_of_several_lines_is_one_problem(load):
    table, rows = load(b'a;b;c\n1;"x\ny y y\nz z z";2;3;4\n5;6;7\n')
    assert rows == [(5, "5", "6", "7")]
    assert found(table) == [("ragged_row", 2, "error")]


def test_zero_bytes_are_a_problem_of_their_line(load):
    table, rows = load(b"a;b\n1;x\0y\n2;z\n")
    assert rows == [(3, "2", "z")]
    assert found(table) == [("nul_byte", 2, "error")]


@pytest.mark.parametrize("quote", [b"", b'"'])
def test_lines_that_are_too_long_are_left_out_in_bounded_memory(load, quote):
    long = b"x" * (RECORD_CHARS_MAX + 10)
    table, rows = load(b"a;b\n1;" + long + b"\n2;" + quote + b"y" + quote + b"\n")
    assert rows == [(3, "2", "y")]
    assert found(table) == [("line_too_long", 2, "error")]


def test_a_field_longer_than_the_csv_module_takes_is_left_out(load):
    long = b"x" * (csv.field_size_limit() + 10)
    table, rows = load(b'a;b\n1;"' + long + b'"\n2;y\n')
    assert rows == [(3, "2", "y")]
    assert found(table) == [("line_too_long", 2, "error")]


def test_an_empty_file_is_an_error_that_says_what_is_needed(load):
    for content in (b"", b"\n\n", b"\xef\xbb\xbf"):
        table, rows = load(content)
        assert rows == []
        assert table.columns == ()
        assert found(table) == [("empty_file", None, "error")]
        assert "Kopfzeile" in table.problems[0].text.de


def test_a_file_with_only_a_header_is_noted(load):
    table, rows = load(b"a;b\n")
    assert (table.columns, table.rows, rows) == (("a", "b"), 0, [])
    assert found(table) == [("header_only", None, "note")]


def test_columns_without_a_name_or_with_the_same_get_one(load):
    table, rows = load(b"a;A;;line;a\n1;2;3;4;5\n")
    assert table.columns == ("a", "A_2", "column_3", "line_2", "a_3")
    assert rows == [(2, "1", "2", "3", "4", "5")]
    assert found(table) == [("column_renamed", 1, "note")] * 4


def test_a_header_that_cannot_be_read_is_not_replaced_by_the_first_row(load):
    table, rows = load(b'a;"b\n1;x\n2;y\n')
    assert (table.columns, rows) == ((), [])
    assert [code for code, *_ in found(table)] == ["quotation", "header_unreadable"]


def test_blank_lines_are_no_rows_but_count_as_lines(load):
    for content in (b"a;b\n\n1;2\n;;\n3;4\n", b'a;b\n\n"1";2\n;;\n3;4\n'):
        table, rows = load(content)
        assert rows == [(3, "1", "2"), (5, "3", "4")]
        assert table.problems == ()


def test_empty_cells_are_null(load):
    _, rows = load(b'a;b\n1;\n;""\n"";2\n')
    assert rows == [(2, "1", None), (4, None, "2")]


def test_the_last_line_needs_no_line_break(load):
    _, rows = load(b"a;b\n1;2")
    assert rows == [(2, "1", "2")]


def test_old_macintosh_line_ends_are_read(load):
    _, rows = load(b"a;b\r1;2\r3;4\r")
    assert rows == [(2, "1", "2"), (3, "3", "4")]


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"PAR1"])
def test_a_workbook_or_parquet_file_is_named_as_such(load, start):
    table, _ = load(start + b"\0" * 100)
    assert found(table) == [("not_text", None, "error")]


def test_what_cannot_be_read_is_refused(load, connection, tmp_path):
    with pytest.raises(NotFound, match="check the path"):
        load_text_table(connection, tmp_path / "none.csv", "t")
    with pytest.raises(Invalid, match="exactly one character"):
        load(b"a\n", delimiter=";;")
    with pytest.raises(Invalid, match="Did you mean 'utf-8'") as refused:
        load(b"a\n", encoding="uft-8")
    assert "Meinten Sie „utf-8“?" in refused.value.in_language("de")


def test_a_table_of_the_same_name_is_replaced(load):
    load(b"a;b\n1;2\n")
    _, rows = load(b"c\n9\n")
    assert rows == [(2, "9")]


# U+FFFD stands for a character that was lost before; it is reported, not loaded.
CELLS = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\0\x1a\ufffd"), max_size=8
)


@given(
    rows=st.lists(st.tuples(st.booleans(), CELLS, CELLS, CELLS), max_size=25),
    delimiter=st.sampled_from(",;\t"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
@example(rows=[(True, "", "", "0\r")], delimiter=",", encoding="utf-8", end="\n")
def test_every_row_is_either_loaded_or_reported_with_its_true_line(
    tmp_path_factory, rows, delimiter, encoding, end
):
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(["one", "two", "three"])
    good, bad, line = [], [], 2
    for is_good, *cells in rows:
        # A ragged row stays on one line here; several lines are tested above.
        written = cells if is_good else ["x", cells[1].replace("\r", "").replace("\n", "")]
        writer.writerow(written)
        if is_good and any(cells):
            good.append((line, *(cell or None for cell in cells)))
        elif not is_good:
            bad.append(line)
        line = 1 + len(io.StringIO(text.getvalue(), newline="").readlines())
    path = Path(tmp_path_factory.mktemp("drawn")) / "drawn.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    with duckdb.connect() as connection:
        table = load_text_table(connection, path, "drawn", delimiter=delimiter)
        assert connection.execute("FROM drawn ORDER BY line").fetchall() == good
    assert [p.line for p in table.problems if p.severity == "error"] == bad
    assert (table.rows, table.bad_rows) == (len(good), len(bad))
