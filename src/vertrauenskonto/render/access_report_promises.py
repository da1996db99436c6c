"""The part of an access report that says what we promised."""

from collections.abc import Sequence

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.render.access_report import Promised
from vertrauenskonto.render.numbers import short_day
from vertrauenskonto.render.sheets import Block, Grid, Heading

_HEADINGS = (
    Text("Zugesagt am", "Promised on"),
    Text("Was, und was dazu festgehalten ist", "What, and what is recorded about it"),
    Text("Bis", "Until"),
    Text("Ausgang", "Outcome"),
)


def promise_blocks(promises: Sequence[Promised], language: Language) -> list[Block]:
    """Return heading and table of the promises, nothing if there are none."""
    if not promises:
        return []
    rows = tuple(
        (
            short_day(one.made, language),
            "\n".join([one.wording, *one.about]),
            short_day(one.until, language),
            one.state.in_language(language),
        )
        for one in promises
    )
    heading = Text("Was wir Ihnen zugesagt haben", "What we promised you")
    headings = tuple(each.in_language(language) for each in _HEADINGS)
    return [
        Heading(heading.in_language(language)),
        Grid(headings=headings, rows=rows, widths=(2, 6, 2, 3)),
    ]
