"""A letter to one customer on paper: PDF by typst, the same bytes for the same input."""

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files

from vertrauenskonto.core.errors import Language, Text
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
    import typst  # noqa: PLC0415 - 80 MB that nothing else on these pages needs

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
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    try:
        pdf = typst.compile(
            _template(),
            format="pdf",
            sys_inputs=inputs,
            ignore_system_fonts=True,
            pdf_standards=["ua-1"],
        )
    except typst.TypstError:
        # A name in a script that no shipped font has: boxes in its place are better than no letter.
        pdf = typst.compile(_template(), format="pdf", sys_inputs=inputs, ignore_system_fonts=True)
    assert isinstance(pdf, bytes), "one document, one file"
    return pdf


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


@lru_cache(maxsize=1)
def _template() -> bytes:
    return (files("vertrauenskonto.render") / "letter.typ").read_bytes()
