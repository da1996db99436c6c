"""From the words of a command line to values; each refusal says what would be right."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from vertrauenskonto.core.errors import Invalid, Text, did_you_mean


def text(given: str) -> str:
    """Return the word as it is."""
    return given


def path(given: str) -> Path:
    """Return a path."""
    return Path(given)


def day(given: str) -> date:
    """Return a day written as 2026-03-18.

    Raises:
        Invalid: it is not such a day.
    """
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise Invalid(
            Text(
                de=f"„{given}“ ist kein Tag; schreiben Sie ihn wie 2026-03-18.",
                en=f"'{given}' is not a day; write it like 2026-03-18.",
            )
        ) from None


def whole_number(given: str) -> int:
    """Return a whole number of at least 0.

    Raises:
        Invalid: it is none.
    """
    if not (given.isascii() and given.isdigit()):
        raise Invalid(
            Text(
                de=f"„{given}“ ist keine ganze Zahl; schreiben Sie sie wie 7.",
                en=f"'{given}' is not a whole number; write it like 7.",
            )
        )
    return int(given)


def one_of(*known: str) -> Callable[[str], str]:
    """Return a reader for one of several words."""

    def read(given: str) -> str:
        if given not in known:
            raise _unknown(given, known)
        return given

    return read


def some_of(*known: str) -> Callable[[str], tuple[str, ...]]:
    """Return a reader for several of these words, separated by commas."""

    def read(given: str) -> tuple[str, ...]:
        words = tuple(word.strip() for word in given.split(",") if word.strip())
        for word in words or ("",):
            if word not in known:
                raise _unknown(word, known)
        return words

    return read


def _unknown(given: str, known: Iterable[str]) -> Invalid:
    listed = list(known)
    near = did_you_mean(given, listed)
    return Invalid(
        Text(
            de=f"„{given}“ gibt es hier nicht; möglich sind {', '.join(listed)}.{near.de}",
            en=f"'{given}' is not available; choose from {', '.join(listed)}.{near.en}",
        )
    )
