"""Numbers and days as people write them, in German and English.

German: 1.234,5 and 14. März 2026. English: 1,234.5 and 14 March 2026. Both with a real minus sign
and with spaces that do not break. Values are rounded here and nowhere else: half to even.
"""

from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from vertrauenskonto.core.errors import Language

MINUS = "\u2212"
NO_BREAK = "\u00a0"

MONTHS_DE = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
]
MONTHS_EN = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def rounded(value: float, decimals: int = 1) -> Decimal:
    """Return `value` with so many decimals, half to even; never a negative zero."""
    step = Decimal(1).scaleb(-decimals)
    return Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_EVEN) + Decimal(0)


def number(
    value: float | Decimal, language: Language, *, decimals: int = 1, signed: bool = False
) -> str:
    """Return a number with so many decimals; `signed` writes a plus before what is above zero."""
    exact = value if isinstance(value, Decimal) else rounded(value, decimals)
    text = f"{abs(exact):,.{decimals}f}"
    if language == "de":
        text = text.translate(str.maketrans(",.", ".,"))
    if not any(digit in "123456789" for digit in text):
        return text
    if exact < 0:
        return MINUS + text
    return f"+{text}" if signed else text


def count(value: int, language: Language) -> str:
    """Return a whole number with separators for thousands."""
    return number(value, language, decimals=0)


def counted(value: int, language: Language, *, one: str, many: str) -> str:
    """Return a whole number and what it counts: `1 account`, `1,234 accounts`."""
    return f"{count(value, language)} {one if value == 1 else many}"


def share(value: float, language: Language, *, decimals: int = 0) -> str:
    """Return a share (0..1) in per cent, e.g. `12 %` or `12%`."""
    gap = NO_BREAK if language == "de" else ""
    return f"{number(100 * value, language, decimals=decimals)}{gap}%"


def decimals_needed(values: list[float]) -> int:
    """Return 1, or 2 when one of the points cannot be told with one decimal."""
    return 2 if any(round(value, 1) != value for value in values) else 1


def long_day(day: date, language: Language) -> str:
    """Return a day in words: `14. März 2026`, `14 March 2026`."""
    if language == "de":
        return NO_BREAK.join((f"{day.day}.", MONTHS_DE[day.month - 1], str(day.year)))
    return NO_BREAK.join((str(day.day), MONTHS_EN[day.month - 1], str(day.year)))


def short_day(day: date, language: Language) -> str:
    """Return a day of equal width for columns: `14.03.2026`, `14 Mar 2026`."""
    if language == "de":
        return f"{day.day:02}.{day.month:02}.{day.year:04}"
    return NO_BREAK.join((f"{day.day:02}", MONTHS_EN[day.month - 1][:3], f"{day.year:04}"))
