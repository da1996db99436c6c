"""What can be wrong, said in both languages.

    Exception
    └── TrustError          a request that cannot be fulfilled
        ├── Invalid         the input is wrong; carries the Problems found
        ├── NotFound        the thing named does not exist (or not for you)
        ├── Conflict        it exists, but not in a state that allows this
        └── Denied          it exists, but not for you to do

Wrong *data* is a value (`Problem`), collected and reported together; a wrong *request* is an
exception; a broken *invariant* is an `assert`.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

Language = Literal["de", "en"]


class Text(NamedTuple):
    """One message, written in both languages of the product."""

    de: str
    en: str

    def in_language(self, language: Language) -> str:
        """Return the wording for `language`."""
        return self.de if language == "de" else self.en


NO_TEXT = Text("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with somebody's data: where, which value, and what cures it.

    `code` is stable and meant for programs and tests. `line` counts from 1 and is the physical line
    of a text file, or the row of a table. `severity` "note" says something was set aside knowingly
    (a duplicate that says the same), "error" that data were not used.
    """

    code: str
    text: Text
    file: str = ""
    line: int | None = None
    field: str = ""
    severity: Literal["error", "note"] = "error"

    def in_language(self, language: Language) -> str:
        """Return the place and the message as one line: `file:line: field: message`."""
        place = self.file
        if self.line is not None:
            row = f"Zeile {self.line}" if language == "de" else f"line {self.line}"
            place = f"{self.file}:{self.line}" if self.file else row
        parts = [part for part in (place, self.field, self.text.in_language(language)) if part]
        return ": ".join(parts)

    def __str__(self) -> str:
        """Return the English line."""
        return self.in_language("en")


class TrustError(Exception):
    """A request that cannot be fulfilled; the message exists in both languages."""

    def __init__(self, text: Text, *, problems: Iterable[Problem] = ()) -> None:
        self.text = text
        self.problems = tuple(problems)
        super().__init__(text, self.problems)

    def in_language(self, language: Language) -> str:
        """Return the message and, below it, one line for each problem."""
        lines = [self.text.in_language(language)]
        lines += [f"  {problem.in_language(language)}" for problem in self.problems]
        return "\n".join(lines)

    def __str__(self) -> str:
        """Return the English message."""
        return self.in_language("en")


class Invalid(TrustError):
    """The input is wrong; `problems` says what, where and how to cure it."""


class NotFound(TrustError):
    """The thing named does not exist."""


class Conflict(TrustError):
    """The thing exists, but not in a state that allows the request."""


def did_you_mean(word: str, known: Iterable[str]) -> Text:
    """Return " Did you mean 'x'?" for the closest known word, or an empty text."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    if not near:
        return NO_TEXT
    return Text(de=f" Meinten Sie „{near[0]}“?", en=f" Did you mean '{near[0]}'?")


class Denied(TrustError):
    """Whoever asks lacks the right, or an agreement is missing."""
