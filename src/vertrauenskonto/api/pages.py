"""Pages of lists: a cursor names the last row seen, and means nothing to anybody else."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from typing import Annotated

from pydantic import Field

from vertrauenskonto.api.problems import Refusal, Wrong
from vertrauenskonto.core.errors import Text

Cursor = Annotated[
    str | None,
    Field(max_length=300, description="`next` of the page before; absent: from the start."),
]


def encoded(last: object) -> str:
    """Return the cursor that goes on after a row."""
    return urlsafe_b64encode(str(last).encode()).decode().rstrip("=")


def after_text(cursor: str | None) -> str | None:
    """Return what a cursor names, None for the start.

    Raises:
        Refusal: it is not one of ours.
    """
    if cursor is None:
        return None
    try:
        found = urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode()
    except (Error, ValueError):
        raise _not_ours(cursor) from None
    if not found or "\x00" in found or encoded(found) != cursor:
        raise _not_ours(cursor)
    return found


def after_key(cursor: str | None) -> str | None:
    """Return the key that a cursor names, None for the start.

    Raises:
        Refusal: it is not one of ours.
    """
    found = after_text(cursor)
    if found is not None and not re.fullmatch(r"[a-z]_[0-9a-f]{1,38}", found, re.ASCII):
        raise _not_ours(cursor or "")
    return found


def after_number(cursor: str | None) -> int | None:
    """Return the row number that a cursor names, None for the start.

    Raises:
        Refusal: it is not one of ours.
    """
    found = after_text(cursor)
    if found is None:
        return None
    if not (found.isascii() and found.isdigit() and len(found) < 19):
        raise _not_ours(cursor or "")
    return int(found)


def after_numbers(cursor: str | None) -> tuple[int, int] | None:
    """Return the two numbers that a cursor names, None for the start.

    Raises:
        Refusal: it is not one of ours.
    """
    found = after_text(cursor)
    if found is None:
        return None
    if not re.fullmatch(r"[0-9]{1,18}\.[0-9]{1,18}", found, re.ASCII):
        raise _not_ours(cursor or "")
    first, second = found.split(".")
    return int(first), int(second)


def _not_ours(cursor: str) -> Refusal:
    return Refusal(
        "invalid",
        wrong=[
            Wrong(
                place="query",
                pointer="/cursor",
                code="cursor",
                text=Text(
                    de="Kein Zeiger von hier; nehmen Sie „next“ der vorigen Seite oder lassen Sie "
                    "ihn weg.",
                    en="Not a cursor from here; take `next` of the page before, or leave it out.",
                ),
                value=cursor[:80],
            )
        ],
    )
