"""A listing on the console: rows below headings, days as people write them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.core.errors import Text


def print_listing(
    shell: Shell,
    headings: Sequence[Text],
    rows: Iterable[Sequence[str]],
    *,
    wraps: Iterable[int] = (),
) -> None:
    """Print rows of ready-made words below their headings; `wraps`: columns that may run on."""
    from vertrauenskonto.render.tables import Column, Row, Table, text_table

    elastic = set(wraps)
    table = Table(
        caption="",
        columns=tuple(
            Column(heading=heading.in_language(shell.language), wraps=place in elastic)
            for place, heading in enumerate(headings)
        ),
        rows=tuple(Row(tuple(row)) for row in rows),
    )
    shell.print(text_table(table, width=shell.width))


def day_words(day: date | None, shell: Shell) -> str:
    """Return a day as columns show it: `14.03.2026`, `14 Mar 2026`; None: nothing."""
    from vertrauenskonto.render.numbers import short_day

    return "" if day is None else short_day(day, shell.language)


def moment_words(moment: datetime, shell: Shell) -> str:
    """Return an instant (UTC) to the second: `14.03.2026 08:15:00 UTC`."""
    return f"{day_words(moment.date(), shell)} {moment:%H:%M:%S} UTC"
