"""The distribution of balances over all accounts."""

from collections.abc import Sequence
from dataclasses import dataclass

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.render.charts import IN_PAGE, Chart, Palette, Spec, charted
from vertrauenskonto.render.numbers import count, number, share
from vertrauenskonto.render.tables import Column, Row, Table


@dataclass(frozen=True, slots=True)
class Bin:
    """How many accounts have a balance in `[lower, upper)`."""

    lower: float
    upper: float
    accounts: int


def portfolio_chart(
    bins: Sequence[Bin],
    language: Language,
    *,
    threshold: float = 0.0,
    palette: Palette = IN_PAGE,
    width: int = 760,
) -> Chart:
    """Return the distribution of balances over all accounts, with those below the threshold told.

    `bins` are in order and of one width; the threshold should be a border between two of them.
    """
    accounts = sum(b.accounts for b in bins)
    below = sum(b.accounts for b in bins if b.upper <= threshold)
    part = share(below / accounts if accounts else 0.0, language)
    description = Text(
        f"{count(accounts, 'de')} Konten nach Kontostand; {count(below, 'de')} ({part}) liegen "
        "unter der Schwelle.",
        f"{count(accounts, 'en')} accounts by balance; {count(below, 'en')} ({part}) are below "
        "the threshold.",
    ).in_language(language)
    spec = _portfolio_spec(bins, language, threshold, palette)
    columns = (
        Column(
            heading=Text("Kontostand von", "Balance from").in_language(language), is_number=True
        ),
        Column(heading=Text("bis unter", "to below").in_language(language), is_number=True),
        Column(heading=Text("Konten", "Accounts").in_language(language), is_number=True),
    )
    rows = tuple(
        Row(
            (
                number(b.lower, language, decimals=0),
                number(b.upper, language, decimals=0),
                count(b.accounts, language),
            )
        )
        for b in bins
    )
    table = Table(caption=description, columns=columns, rows=rows)
    return charted(spec, table, language, palette=palette, width=width)


def _portfolio_spec(
    bins: Sequence[Bin], language: Language, threshold: float, palette: Palette
) -> Spec:
    highest = max((b.accounts for b in bins), default=1)
    under = sum(b.accounts for b in bins if b.upper <= threshold)
    name = Text("Schwelle", "Threshold").in_language(language)
    name += f" {number(threshold, language, decimals=0)}"
    below = Text(f"{count(under, 'de')} darunter", f"{count(under, 'en')} below").in_language(
        language
    )
    top = {"balance": threshold, "accounts": highest}
    return {
        "height": 200,
        "layer": [
            _bars(bins, language, threshold, palette),
            {
                "data": {"values": [top]},
                "mark": {"type": "rule", "color": palette.withdrawal, "aria": False},
                "encoding": {"x": {"field": "balance", "type": "quantitative"}},
            },
            _words(top | {"words": name}, palette, align="left", dx=6),
            _words(top | {"words": below}, palette, align="right", dx=-6),
        ],
    }


def _bars(bins: Sequence[Bin], language: Language, threshold: float, palette: Palette) -> Spec:
    values = [
        {
            "lower": b.lower,
            "upper": b.upper,
            "accounts": b.accounts,
            "color": palette.withdrawal if b.upper <= threshold else palette.action,
            "words": f"{number(b.lower, language, decimals=0)} – "
            f"{number(b.upper, language, decimals=0)}: {count(b.accounts, language)}",
        }
        for b in bins
    ]
    across = {
        "title": Text("Kontostand", "Balance").in_language(language),
        "grid": False,
        "tickCount": 8,
        "format": ",.0f",
    }
    up = {
        "title": Text("Konten", "Accounts").in_language(language),
        "tickCount": 3,
        "format": ",.0f",
        "titleAngle": 0,
        "titleAlign": "left",
        "titleX": 0,
        "titleY": -14,
    }
    return {
        "data": {"values": values},
        "mark": {"type": "bar", "binSpacing": 2},
        "encoding": {
            "x": {
                "field": "lower",
                "type": "quantitative",
                "bin": {"binned": True},
                "axis": across,
            },
            "x2": {"field": "upper"},
            "y": {"field": "accounts", "type": "quantitative", "axis": up},
            "color": {"field": "color", "type": "nominal", "scale": None},
            "description": {"field": "words"},
        },
    }


def _words(value: Spec, palette: Palette, *, align: str, dx: int) -> Spec:
    """Return words beside the threshold, above the highest bar."""
    return {
        "data": {"values": [value]},
        "mark": {
            "type": "text",
            "color": palette.withdrawal,
            "fontSize": 13,
            "align": align,
            "dx": dx,
            "dy": -10,
            "aria": False,
        },
        "encoding": {
            "x": {"field": "balance", "type": "quantitative"},
            "y": {"field": "accounts", "type": "quantitative"},
            "text": {"field": "words"},
        },
    }
