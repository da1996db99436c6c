"""Lists of contacts: what spreadsheets and address books write, and what is none."""

import pytest

from vertrauenskonto.core.errors import Invalid
from vertrauenskonto.importers.contacts import BYTES_MAX, read_contacts

GERMAN = "Kundennummer;Firma;E-Mail;Telefon;PLZ;Beziehung\n4711;Gärtnerei Holm;info@holm.example;030 1;10115;bewährt\n4712;Café Sommer;;;;\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_german_spreadsheet_is_read_and_its_columns_guessed(encoding):
    table = read_contacts("kunden.csv", GERMAN.encode(encoding))
    assert table.guessed() == {
        "number": "Kundennummer",
        "name": "Firma",
        "email": "E-Mail",
        "phone": "Telefon",
        "postcode": "PLZ",
        "opening": "Beziehung",
    }
    first, second = table.values(table.guessed())
    assert first == {
        "number": "4711",
        "name": "Gärtnerei Holm",
        "email": "info@holm.example",
        "phone": "030 1",
        "postcode": "10115",
        "opening": "bewährt",
    }
    assert (second["name"], second["email"]) == ("Café Sommer", "")


def test_an_english_list_with_commas_quotes_and_short_rows_is_read():
    table = read_contacts("a.csv", b'Name,Email\n"Smith, Ada",ada@x.example\nBob\n\n')
    assert table.rows == (("Smith, Ada", "ada@x.example"), ("Bob", ""))


def test_cards_of_an_address_book_are_read():
    cards = (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Jörg Yildiz\r\nN:Yildiz;Jörg;;;\r\nEMAIL:j@y.example\r\n"
        "TEL:+49 30 1\r\nADR:;;Weg 1;Berlin;;10115;DE\r\nEND:VCARD\r\n"
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada\r\nN:Ada;;;;\r\nEND:VCARD\r\n"
    )
    table = read_contacts("kontakte.vcf", cards.encode())
    assert table.rows == (("Jörg Yildiz", "j@y.example", "+49 30 1", "10115"), ("Ada", "", "", ""))


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        (b"", "has one column only"),
        (b"Name;Mail\n", "has no row with data"),
        (b"just words\nmore words\n", "has one column only"),
        (b"PK\x03\x04\x00\x00", "is no text file"),
        (b"Name;Name\na;b\n", "two columns with one heading"),
        (b"Name;Mail\n" + b"x" * 20_000 + b";y\n", "more than 10,000 characters"),
        (b"x" * (BYTES_MAX + 1), "is larger than"),
        (b"Name;Mail\n" + b"a;b\n" * 50_001, "more than 50000 rows"),
    ],
)
def test_what_is_no_list_is_refused_with_the_cure(contents, words):
    with pytest.raises(Invalid) as refusal:
        read_contacts("liste.csv", contents)
    assert "liste.csv" in str(refusal.value)
    assert words in str(refusal.value)
