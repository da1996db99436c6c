"""Keys of a policy file: which values each admits, in words and as the function that reads them."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from vertrauenskonto.core.errors import NO_TEXT, Text
from vertrauenskonto.core.ledger.checks import points_problem

# A century: beyond it calendars end, differences of floats vanish and whole-number sums overflow.
DAYS_MAX = 36_500

# The word for None where a half-life is asked for: TOML has no null.
NEVER = "never"

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a value must be: in words, and as a function that returns it or raises ValueError.

    The ValueError may carry a `Text` that says more than `allowed`.
    """

    allowed: Text
    read: Callable[[object], Any]  # whatever sort of value the field holds

    @property
    def refusal(self) -> Text:
        """The sentence that refuses any other value."""
        return Text(f"nötig ist {self.allowed.de}.", f"it must be {self.allowed.en}.")


def _number(value: object) -> float:
    # bool is an int in Python; `true` is nobody's number.
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError
    return float(value)


def _number_where(fits: Callable[[float], bool]) -> Callable[[object], float]:
    def read(value: object) -> float:
        number = _number(value)
        if not fits(number):
            raise ValueError
        return number

    return read


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError
    return value


def _half_life(value: object) -> float | None:
    if value == NEVER:
        return None
    number = _number(value)
    if not 0 < number <= DAYS_MAX:
        raise ValueError
    return number


def _days(value: object) -> int:
    days = _whole(value)
    if days > DAYS_MAX:
        raise ValueError
    return days


def _points(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError
    wrong = points_problem(float(value))
    if wrong:
        raise ValueError(wrong)
    return float(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError
    return tuple(_text(item) for item in value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _day(value: object) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError
    return value


NAME_PATTERN = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def _name(value: object) -> str:
    if not isinstance(value, str) or not NAME_PATTERN.fullmatch(value):
        raise ValueError
    return value


_ROLES = ("event", "outcome", "display", "segment")


def _role(value: object) -> str:
    if value not in _ROLES:
        raise ValueError
    return str(value)


HALF_LIFE = Rule(
    Text(
        f"eine Zahl über 0 bis {DAYS_MAX} oder „never“ (nie vergessen)",
        f"a number above 0, up to {DAYS_MAX}, or 'never'",
    ),
    _half_life,
)
DAYS = Rule(
    Text(f"eine ganze Zahl von 1 bis {DAYS_MAX}", f"a whole number from 1 to {DAYS_MAX}"), _days
)
WHOLE = Rule(Text("eine ganze Zahl ab 1", "a whole number from 1"), _whole)
NUMBER = Rule(Text("eine Zahl", "a number"), _number)
NOT_NEGATIVE = Rule(Text("eine Zahl ab 0", "a number from 0"), _number_where(lambda n: n >= 0))
POSITIVE = Rule(Text("eine Zahl über 0", "a number above 0"), _number_where(lambda n: n > 0))
SHARE = Rule(
    Text("eine Zahl von 0 bis 1", "a number from 0 to 1"), _number_where(lambda n: 0 <= n <= 1)
)
BETWEEN = Rule(
    Text("eine Zahl zwischen 0 und 1, beide ausgenommen", "a number between 0 and 1, exclusive"),
    _number_where(lambda n: 0 < n < 1),
)
POINTS = Rule(
    Text(
        "eine Zahl zwischen −1000 und 1000 mit höchstens zwei Nachkommastellen",
        "a number between -1000 and 1000 with at most two decimals",
    ),
    _points,
)
TEXT = Rule(Text("ein Text, der nicht leer ist", "a text that is not empty"), _text)
TEXTS = Rule(Text("eine Liste von Texten", "a list of texts"), _texts)
FLAG = Rule(Text("true oder false", "true or false"), _flag)
DAY = Rule(
    Text(
        "ein Tag ohne Anführungszeichen, etwa 2026-03-18",
        "a day without quotes, such as 2026-03-18",
    ),
    _day,
)
NAME = Rule(
    Text(
        "ein Name aus Kleinbuchstaben a–z, Ziffern und Unterstrichen",
        "a name of lower-case letters a-z, digits and underscores",
    ),
    _name,
)
ROLE = Rule(
    Text("event, outcome, display oder segment", "event, outcome, display or segment"), _role
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One key of a policy file. `default` None: it may be left out and then says nothing."""

    path: Path
    rule: Rule
    meaning: Text
    unit: Text = NO_TEXT
    default: object = None
    required: bool = False

    @property
    def key(self) -> str:
        """The dotted key as messages and the reference page quote it."""
        return ".".join(self.path)

    @property
    def is_wording(self) -> bool:
        """Whether the value is text for people, which no rule reads."""
        return self.rule is TEXT and self.path != ("column",)
