"""The types of which requests are made: strict, and refusing what the ledger cannot keep.

Absent, null, 0 and "" are four different things: null is refused where nothing else is said, a
number is never read from a text nor an instant from a number.
"""

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from vertrauenskonto.core.errors import Text

# PostgreSQL cannot keep NUL characters.
_NO_NUL = r"^[^\x00]*$"
_SAID = r"^[^\x00]*[^\x00\s][^\x00]*$"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
YEAR_MIN, YEAR_MAX = 1900, 2999
REASON_PATTERN = r"^[a-z][a-z0-9_]{0,39}$"


class Strict(BaseModel):
    """A body or part of one: a field it does not know is refused."""

    model_config = ConfigDict(extra="forbid")


class Said(BaseModel):
    """An answer or part of one, read from a row of the same fields."""

    model_config = ConfigDict(from_attributes=True)


def wrong(code: str, text: Text) -> PydanticCustomError:
    """Return an error of a field that carries both languages."""
    # The template must not hold braces of ours; what is said travels in the context.
    return PydanticCustomError(code, "refused", {"de": text.de, "en": text.en})


def _day(given: Any) -> Any:
    if isinstance(given, str) and _DAY.fullmatch(given):
        try:
            found = date.fromisoformat(given)
        except ValueError:
            found = None
        if found is not None and YEAR_MIN <= found.year <= YEAR_MAX:
            return found
    raise wrong(
        "day",
        Text(
            de=f"Kein Tag zwischen {YEAR_MIN} und {YEAR_MAX}; schreiben Sie ihn wie „2026-03-18“.",
            en=f"Not a day between {YEAR_MIN} and {YEAR_MAX}; write it like '2026-03-18'.",
        ),
    )


def _instant(given: Any) -> Any:
    if isinstance(given, str) and _INSTANT.fullmatch(given):
        try:
            # Nanoseconds are cut to what databases keep.
            text = re.sub(r"(\.\d{6})\d+", r"\1", given.upper())
            found = datetime.fromisoformat(text)
        except ValueError:
            found = None
        if found is not None and YEAR_MIN < found.year < YEAR_MAX:
            return found
    raise wrong(
        "instant",
        Text(
            de="Kein Zeitpunkt mit Zeitzone; schreiben Sie ihn wie „2026-03-18T14:05:00+01:00“.",
            en="Not an instant with an offset; write it like '2026-03-18T14:05:00+01:00'.",
        ),
    )


def text(most: int) -> StringConstraints:
    """Return the limits of a text of so many characters, without NUL; it may be empty."""
    return StringConstraints(strict=True, max_length=most, pattern=_NO_NUL)


def said(most: int) -> StringConstraints:
    """Return the limits of a text that must say something: not empty, not only blanks."""
    return StringConstraints(strict=True, min_length=1, max_length=most, pattern=_SAID)


def absent() -> Any:
    """Return the default of a field that may be left out; null is not the same and refused."""
    return Field(default=None)


_DAY_SCHEMA = {"type": "string", "format": "date", "examples": ["2026-03-18"]}
_INSTANT_SCHEMA = {
    "type": "string",
    "format": "date-time",
    "examples": ["2026-03-18T14:05:00+01:00"],
}
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema(_DAY_SCHEMA)]
Instant = Annotated[datetime, BeforeValidator(_instant), WithJsonSchema(_INSTANT_SCHEMA)]
Limit = Annotated[int, Field(ge=1, le=500, description="How many at most.")]
View = Annotated[
    str,
    StringConstraints(max_length=80, pattern=r"^(total|organisation|person:[^\x00\s][^\x00]*)$"),
    Field(description="`total`, `organisation` or `person:<id>`."),
]
