"""Numbers of rows as addresses and forms carry them: whatever a database has no row for is none."""

# The largest number that both databases keep for a row.
ROW_MAX = 2**63 - 1
_LENGTH_MAX = len(str(ROW_MAX))


def row_number(text: str) -> int | None:
    """Return the number that a text is in plain digits, None if it is no row's."""
    if not (text.isascii() and text.isdigit() and len(text) <= _LENGTH_MAX):
        return None
    number = int(text)
    return number if number <= ROW_MAX else None
