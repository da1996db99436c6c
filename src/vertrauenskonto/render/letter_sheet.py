"""A letter to one customer on paper: PDF by typst, the same bytes for the same input."""

from dataclasses import dataclass
from datetime import date

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.render import typesetting
from vertrauenskonto.render.numbers import long_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Who writes to whom, on which day, about what; `text` in paragraphs, parted by empty lines."""

    company: str
    address: tuple[str, ...]
    made_on: date
    subject: str
    text: str


_PAGE, _OF = Text("Seite", "Page"), Text("von", "of")


def letter_pdf(letter: Letter, language: Language) -> bytes:
    """Return the letter as PDF (PDF/UA-1, so that screen readers read it)."""
    day = letter.made_on
    data = {
        "language": language,
        "company": letter.company,
        "address": list(letter.address),
        "date": [day.year, day.month, day.day],
        "day": long_day(day, language),
        "subject": letter.subject,
        "paragraphs": paragraphs(letter.text),
        "page": _PAGE.in_language(language),
        "of": _OF.in_language(language),
    }
    return typesetting.pdf("letter.typ", data)


def paragraphs(text: str) -> list[list[str]]:
    """Return the lines of each paragraph; one without lines, after two empty ones, is room to sign."""
    found: list[list[str]] = [[]]
    for line in text.strip().splitlines():
        if line.strip():
            found[-1].append(line.strip())
        else:
            found.append([])
    # One empty line only parts two paragraphs; a second one makes room, further ones no more.
    return [lines for n, lines in enumerate(found) if lines or (n > 0 and found[n - 1])]
