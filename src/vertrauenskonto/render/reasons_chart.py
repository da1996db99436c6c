"""What trust cost over time: one bar for each week or each four weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.render.charts import IN_PAGE, Chart, Palette, Spec, charted
from vertrauenskonto.render.numbers import number, short_day
from vertrauenskonto.render.tables import Column, Row, Table

_LONG_DAYS = 200
_NARROW = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    first: date
    step_days: int
    width: int


def reasons_chart(
    days: Sequence[tuple[date, float]],
    language: Language,
    *,
    first: date,
    until: date,
    palette: Palette = IN_PAGE,
    width: int = 760,
) -> Chart:
    """Return the costs of the period `[first, until)` and of as many days before it.

    `days` are costs in points by day, in any order.
    """
    length = (until - first).days
    step = 28 if length > _LONG_DAYS else 7
    start = first - timedelta(days=length)
    sums = [0.0] * (2 * length // step)
    for day, cost in days:
        sums[(day - start).days // step] += cost
    bars = [(start + timedelta(days=step * n), cost) for n, cost in enumerate(sums)]
    now, before = sum(c for d, c in bars if d >= first), sum(c for d, c in bars if d < first)
    weeks = Text("je vier Wochen", "by four weeks") if step == 28 else Text("je Woche", "by week")
    description = Text(
        f"Was Vertrauen gekostet hat, in Punkten {weeks.de}: zuletzt {number(now, 'de')}, im "
        f"Zeitraum davor {number(before, 'de')}.",
        f"What cost trust, in points {weeks.en}: lately {number(now, 'en')}, in the period before "
        f"{number(before, 'en')}.",
    ).in_language(language)
    columns = (
        Column(heading=Text("Ab", "From").in_language(language)),
        Column(heading=Text("Punkte", "Points").in_language(language), is_number=True),
    )
    rows = tuple(Row((short_day(day, language), number(cost, language))) for day, cost in bars)
    layout = _Layout(first=first, step_days=step, width=width)
    spec = _spec(bars, language, layout, palette)
    table = Table(caption=description, columns=columns, rows=rows)
    return charted(spec, table, language, palette=palette, width=width)


def _spec(
    bars: Sequence[tuple[date, float]],
    language: Language,
    layout: _Layout,
    palette: Palette,
) -> Spec:
    values = [
        {
            "from": day.isoformat(),
            "to": (day + timedelta(days=layout.step_days - 1)).isoformat(),
            "cost": cost,
            "strength": 1.0 if day >= layout.first else 0.4,
            "words": f"{short_day(day, language)}: {number(cost, language)}",
        }
        for day, cost in bars
    ]
    highest = max((cost for _, cost in bars), default=0.0)
    words = [
        {
            "from": day.isoformat(),
            "cost": highest,
            "words": text.in_language(language),
        }
        for day, text in (
            (bars[0][0], Text("Zeitraum davor", "Period before")),
            (layout.first, Text("Dieser Zeitraum", "This period")),
        )
    ]
    day_format = Text("%-d. %b", "%-d %b").in_language(language)
    across = {
        "title": None,
        "grid": False,
        "tickCount": 4 if layout.width < _NARROW else 8,
        "format": "%b %y" if layout.step_days > 7 else day_format,
        "labelOverlap": True,
    }
    up = {"title": None, "tickCount": 3, "format": ",.0f"}
    return {
        "height": 150,
        "layer": [
            {
                "data": {"values": values},
                "mark": {"type": "rect", "color": palette.withdrawal},
                "encoding": {
                    "x": {"field": "from", "type": "temporal", "axis": across},
                    "x2": {"field": "to"},
                    "y": {"field": "cost", "type": "quantitative", "axis": up},
                    "y2": {"datum": 0},
                    "opacity": {"field": "strength", "type": "quantitative", "scale": None},
                    "description": {"field": "words"},
                },
            },
            {
                "data": {"values": words},
                "mark": {
                    "type": "text",
                    "color": palette.quiet,
                    "fontSize": 13,
                    "align": "left",
                    "dy": -10,
                    "aria": False,
                },
                "encoding": {
                    "x": {"field": "from", "type": "temporal"},
                    "y": {"field": "cost", "type": "quantitative"},
                    "text": {"field": "words"},
                },
            },
        ],
    }
