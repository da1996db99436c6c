"""A finding of `doctor`: what was looked at, how it is, and the cure."""

from dataclasses import dataclass
from typing import Literal

from vertrauenskonto.core.errors import NO_TEXT, Text

Grade = Literal["fine", "hint", "wrong"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at; `code` is stable and meant for programs."""

    code: str
    grade: Grade
    text: Text
    cure: Text = NO_TEXT


def fine(code: str, german: str, english: str) -> Finding:
    """Return that something is well."""
    return Finding(code=code, grade="fine", text=Text(german, english))
