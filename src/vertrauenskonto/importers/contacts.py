"""Lists of contacts as people have them, a CSV file or vCards, read into plain rows.

A spreadsheet's export in German or English (semicolons, commas or tabs; UTF-8 or Windows-1252), or
the .vcf of an address book. What a column means is guessed from its heading and can be corrected.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import vobject  # type: ignore[import-untyped]  # it has no types

from vertrauenskonto.core.errors import Invalid, Text

BYTES_MAX = 20 * 1024**2
ROWS_MAX = 50_000
_CELL_MAX = 10_000

FIELDS = ("number", "name", "email", "phone", "postcode", "opening")
# Headings by which a field is recognised, without case.
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "number": (
        "kundennummer",
        "kundennr",
        "kunden-nr",
        "kd-nr",
        "customer number",
        "customer id",
        "id",
    ),
    "name": ("name", "firma", "kunde", "company", "customer", "full name", "nachname"),
    "email": ("e-mail", "email", "mail", "e-mail-adresse", "email address"),
    "phone": ("telefon", "telefonnummer", "tel", "phone", "mobil", "mobile"),
    "postcode": ("plz", "postleitzahl", "postcode", "zip", "postal code"),
    "opening": ("anfangsstand", "beziehung", "einschätzung", "opening", "relationship"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactTable:
    """A list as it was read: headings, and one row of cells for each contact."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def guessed(self) -> dict[str, str]:
        """Return which column each field is probably found in; fields without one are left out."""
        left = {column.strip().casefold(): column for column in self.columns}
        found = {}
        for field, headings in _HEADINGS.items():
            known = next((left[h] for h in headings if h in left), None)
            if known is not None:
                found[field] = known
        return found

    def values(self, chosen: Mapping[str, str]) -> list[dict[str, str]]:
        """Return each row as field → value, by the columns chosen for the fields."""
        places = {field: self.columns.index(c) for field, c in chosen.items() if c}
        return [{field: row[place].strip() for field, place in places.items()} for row in self.rows]


def read_contacts(name: str, contents: bytes) -> ContactTable:
    """Return the list in a file that was called `name`.

    Raises:
        Invalid: it is no such list, too long, or empty; the message says what to do.
    """
    if len(contents) > BYTES_MAX:
        raise _unreadable(
            name,
            f"ist größer als {BYTES_MAX // 1024**2} MB; lange Listen nimmt „Quellen“ auf",
            f"is larger than {BYTES_MAX // 1024**2} MB; long lists go through 'Sources'",
        )
    text = _decoded(name, contents)
    is_card = text.lstrip()[:11].upper() == "BEGIN:VCARD"
    table = _cards(name, text) if is_card else _csv(name, text)
    if not table.rows:
        raise _unreadable(name, "enthält keine Zeile mit Daten", "has no row with data")
    if len(table.rows) > ROWS_MAX:
        raise _unreadable(
            name,
            f"hat mehr als {ROWS_MAX} Zeilen; lange Listen nimmt „Quellen“ auf",
            f"has more than {ROWS_MAX} rows; long lists go through 'Sources'",
        )
    return table


def _decoded(name: str, contents: bytes) -> str:
    if b"\0" in contents:
        raise _unreadable(
            name,
            "ist keine Textdatei; speichern Sie die Tabelle als CSV",
            "is no text file; save the table as CSV",
        )
    try:
        return contents.decode("utf-8-sig")
    except UnicodeDecodeError:
        return contents.decode("cp1252", errors="replace")


def _csv(name: str, text: str) -> ContactTable:
    first = text.lstrip().partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    if delimiter not in first:
        raise _unreadable(
            name,
            "hat nur eine Spalte; erwartet wird eine Zeile mit Überschriften wie Name; E-Mail",
            "has one column only; a row of headings such as Name; Email is expected",
        )
    try:
        csv.field_size_limit(_CELL_MAX)
        lines = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        raise _unreadable(
            name,
            "hat eine Zelle mit mehr als 10.000 Zeichen oder ein offenes Anführungszeichen",
            "has a cell of more than 10,000 characters or an open quotation mark",
        ) from error
    heading, *rows = lines or [[]]
    width = len(heading)
    columns = tuple(h.strip() or f"({n})" for n, h in enumerate(heading, start=1))
    if len(set(columns)) < width:
        raise _unreadable(
            name, "hat zwei Spalten mit derselben Überschrift", "has two columns with one heading"
        )
    even = tuple(tuple((*row, *[""] * width)[:width]) for row in rows)
    return ContactTable(columns=columns, rows=even)


def _cards(name: str, text: str) -> ContactTable:
    try:
        cards = vobject.readComponents(text, ignoreUnreadable=True)
        rows = tuple(_card(card.contents) for card in cards)
    except vobject.base.ParseError as error:
        raise _unreadable(
            name, "enthält keine lesbare Visitenkarte", "holds no readable card"
        ) from error
    return ContactTable(columns=("Name", "E-Mail", "Telefon", "PLZ"), rows=rows)


# Any-like: vobject has no types.
def _card(contents: Mapping[str, Sequence[object]]) -> tuple[str, ...]:
    def first(field: str) -> object:
        found = contents.get(field)
        return getattr(found[0], "value", "") if found else ""

    address = first("adr")
    organisation = first("org")
    name = str(first("fn")) or (" ".join(organisation) if isinstance(organisation, list) else "")
    return (name, str(first("email")), str(first("tel")), str(getattr(address, "code", "")))


def _unreadable(name: str, german: str, english: str) -> Invalid:
    return Invalid(Text(de=f"„{name}“ {german}.", en=f"'{name}' {english}."))
