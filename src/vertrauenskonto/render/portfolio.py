"""All accounts at one look: how balances are spread, who is below, who falls soon and why."""

import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS, Dimension
from vertrauenskonto.render.numbers import count, counted, long_day, number, share, short_day
from vertrauenskonto.render.portfolio_chart import Bin
from vertrauenskonto.render.tables import Column, Row, Table, text_table
from vertrauenskonto.render.words import DIMENSION_LABELS, reason_word

_BAR_WIDTH = 40
_BINS_MAX = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioLine:
    """One account: its balance, its run-way in days and what limits it; `name` may be empty."""

    account: str
    name: str = ""
    balance: float
    is_below: bool
    runway_days: int | None
    weakest: Dimension
    reason: str


def bins(lines: Sequence[PortfolioLine], *, threshold: float = 0.0) -> tuple[Bin, ...]:
    """Return the distribution of balances; the threshold is a border between two bins."""
    if not lines:
        return ()
    balances = [line.balance - threshold for line in lines]
    width = _bin_width(max(balances) - min(balances))
    # A balance on the threshold by floating noise belongs where `is_below` says, not left of it.
    places = Counter(
        min(floor(b / width), -1) if line.is_below else max(floor(b / width), 0)
        for b, line in zip(balances, lines, strict=True)
    )
    return tuple(
        Bin(threshold + i * width, threshold + (i + 1) * width, places[i])
        for i in range(min(places), max(places) + 1)
    )


def portfolio_text(
    lines: Sequence[PortfolioLine],
    language: Language,
    *,
    as_of: date,
    threshold: float = 0.0,
    width: int = 100,
) -> str:
    """Return the portfolio for a terminal: sentence, distribution, who falls next, what is weak."""
    below = sum(line.is_below for line in lines)
    part = share(below / len(lines) if lines else 0.0, language)
    day = long_day(as_of, language)
    all_de = counted(len(lines), "de", one="Konto", many="Konten")
    all_en = counted(len(lines), "en", one="account", many="accounts")
    lie, are = ("liegt", "is") if below == 1 else ("liegen", "are")
    first = Text(
        f"{count(below, 'de')} von {all_de} ({part}) {lie} am {day} unter der Schwelle.",
        f"{count(below, 'en')} of {all_en} ({part}) {are} below the threshold on {day}.",
    )
    parts = [
        textwrap.fill(first.in_language(language), width),
        _spread(bins(lines, threshold=threshold), threshold, language, width=width),
        Text(
            "Als Nächstes fallen, wenn nichts geschieht:", "Next to fall if nothing happens:"
        ).in_language(language),
        text_table(falling_table(lines, language, as_of=as_of), width=width).rstrip(),
        _weakest(lines, language),
    ]
    return "\n\n".join(parts) + "\n"


def falling_table(
    lines: Sequence[PortfolioLine], language: Language, *, as_of: date, rows: int = 5
) -> Table:
    """Return the accounts that fall below next, with the day and what limits them."""
    ahead = sorted(
        (line for line in lines if line.runway_days),
        key=lambda line: (line.runway_days, line.account),
    )
    caption = Text("Als Nächstes", "Next").in_language(language)
    columns = (
        Column(heading=Text("reicht bis", "lasts until").in_language(language)),
        Column(heading=Text("Konto", "Account").in_language(language)),
        Column(heading=Text("Name", "Name").in_language(language), wraps=True),
        Column(heading=Text("Stand", "Balance").in_language(language), is_number=True),
        Column(heading=Text("am schwächsten", "weakest").in_language(language), wraps=True),
    )
    shown = []
    for line in ahead[:rows]:
        assert line.runway_days is not None, "only accounts that fall are listed"
        last = as_of + timedelta(days=line.runway_days - 1)
        why = DIMENSION_LABELS[line.weakest].in_language(language)
        why += f", {reason_word(line.reason).in_language(language)}"
        balance = number(line.balance, language)
        shown.append(Row((short_day(last, language), line.account, line.name, balance, why)))
    return Table(caption=caption, columns=columns, rows=tuple(shown))


def _bin_width(spread: float) -> float:
    """Return 5, 10, 20, 50 … points, so that no more than some two dozen bins are needed."""
    width = 5.0
    steps = (2.0, 2.0, 2.5)
    i = 0
    while ceil(spread / width) > _BINS_MAX:
        width *= steps[i % 3]
        i += 1
    return width


def _spread(found: Sequence[Bin], threshold: float, language: Language, *, width: int) -> str:
    highest = max((b.accounts for b in found), default=1)
    labels = [
        (number(b.lower, language, decimals=0), number(b.upper, language, decimals=0))
        for b in found
    ]
    left = max((len(lower) for lower, _ in labels), default=0)
    right = max((len(upper) for _, upper in labels), default=0)
    to = Text("bis", "to").in_language(language)
    name = Text("Schwelle", "Threshold").in_language(language)
    rule = f"{'─' * (left + right + 4)} {name} {number(threshold, language, decimals=0)}"
    room = width - (left + right + len(to) + 5 + len(count(highest, language)))
    longest = max(min(_BAR_WIDTH, room), 5)
    lines: list[str] = []
    for b, (lower, upper) in zip(found, labels, strict=True):
        if b.lower == threshold and lines:
            lines.append(rule)
        size = max(round(b.accounts / highest * longest), 1 if b.accounts else 0)
        bar = ("▒" if b.upper <= threshold else "█") * size
        start = f"{lower.rjust(left)} {to} {upper.rjust(right)}"
        lines.append(f"{start}  {bar} {count(b.accounts, language)}")
    return "\n".join(lines)


def _weakest(lines: Sequence[PortfolioLine], language: Language) -> str:
    found = Counter((line.weakest, line.reason) for line in lines)
    title = Text("Was Vertrauen am meisten begrenzt", "What limits trust most")
    rows = []
    for dimension in DIMENSIONS:
        label = DIMENSION_LABELS[dimension].in_language(language)
        parts = [
            f"{reason_word(reason).in_language(language)} {count(found[dimension, reason], language)}"
            for reason in ("damaged", "unproven")
        ]
        rows.append(f"  {label.ljust(12)} {', '.join(parts)}")
    return "\n".join([f"{title.in_language(language)}:", *rows])
