"""The chart of one account: its balance, its outlook and what moved it.

balance ─┐                the line: what the account was worth at the end of each day
└──▲──┐          ▲ ▼ entries with points, on the line, each with its words
└╌╌╌╌╌     dashed: what becomes of it if nothing happens
─────────────────────     a thin line with its name: the threshold
▨▨▨▨                      hatched under the line: time in which silence was charged
"""

from datetime import date, timedelta
from typing import Any

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.render.charts import IN_PAGE, Chart, Labels, Palette, Spec, charted
from vertrauenskonto.render.curve import AccountCurve, CurveMark
from vertrauenskonto.render.numbers import long_day, number, short_day
from vertrauenskonto.render.tables import Column, Row, Table
from vertrauenskonto.render.words import place_word

# A narrower span would be a stray line; its charges stand in the table all the same.
_HATCH_DAYS_MIN = 10


def account_chart(
    curve: AccountCurve,
    language: Language,
    *,
    labels: Labels | None = None,
    palette: Palette = IN_PAGE,
    width: int = 760,
) -> Chart:
    """Return the chart of one account: its balance, its outlook and what moved it.

    `labels`: names of kinds for the words at the marks; `width` in pixels of the picture.
    """
    words: Labels = labels or {}
    spec = _account_spec(curve, language, words, palette, width=width)
    table = _account_table(curve, language, words)
    return charted(spec, table, language, palette=palette, width=width)


def _account_spec(
    curve: AccountCurve, language: Language, labels: Labels, palette: Palette, *, width: int
) -> Spec:
    floor = min(
        [curve.threshold, *(p.balance for p in (*curve.past, *curve.forecast))], default=0.0
    )
    return {
        "height": 260,
        "layer": [
            *_silence_layers(curve, language, palette, floor),
            *_threshold_layers(curve, language, palette),
            {
                "data": {"values": [_at(p.day, p.balance) for p in curve.past]},
                "mark": {"type": "line", "color": palette.ink, "strokeWidth": 2, "aria": False},
                "encoding": _BALANCE,
            },
            {
                "data": {"values": [_at(p.day, p.balance) for p in curve.forecast]},
                "mark": {
                    "type": "line",
                    "color": palette.quiet,
                    "strokeWidth": 2,
                    "strokeDash": [5, 4],
                    "aria": False,
                },
                "encoding": _BALANCE,
            },
            *_mark_layers(curve, language, labels, palette),
            *_label_layers(curve, language, palette, width),
        ],
        "encoding": {
            "x": {
                "field": "day",
                "type": "temporal",
                "axis": {"title": None, "grid": False, **_month_axis(curve, width)},
            },
            "y": {
                "field": "balance",
                "type": "quantitative",
                "axis": {"title": None, "tickCount": 3, "format": ",.0f"},
                "scale": {"nice": True, "zero": True},
            },
        },
    }


_BALANCE: Spec = {
    "x": {"field": "day", "type": "temporal"},
    "y": {"field": "balance", "type": "quantitative"},
}


def _silence_layers(
    curve: AccountCurve, language: Language, palette: Palette, floor: float
) -> list[Spec]:
    """Return the hatched time under the line in which silence was charged, and its name."""
    layers: list[Spec] = []
    if not curve.silent:
        return layers
    for begin, end in curve.silent:
        inside = [p for p in curve.past if begin <= p.day < end]
        if len(inside) < 2 or (end - begin).days < _HATCH_DAYS_MIN:
            continue
        words = Text(
            f"Stille vom {long_day(begin, 'de')} bis {long_day(end, 'de')}",
            f"Silence from {long_day(begin, 'en')} to {long_day(end, 'en')}",
        ).in_language(language)
        layers.append(
            {
                "data": {"values": [_at(p.day, p.balance) | {"floor": floor} for p in inside]},
                "mark": {
                    "type": "area",
                    "color": f"url(#{palette.hatch})",
                    "description": words,
                    "opacity": 1,
                },
                "encoding": {**_BALANCE, "y2": {"field": "floor"}},
            }
        )
    begin, end = max(curve.silent, key=lambda span: span[1] - span[0])
    if layers:
        middle = begin + (end - begin) / 2
        name = Text("Stille", "Silence").in_language(language)
        layers.append(_text_layer(middle, floor, name, palette.ink, align="center", dx=0, dy=-8))
    return layers


def _threshold_layers(curve: AccountCurve, language: Language, palette: Palette) -> list[Spec]:
    name = Text("Schwelle", "Threshold").in_language(language)
    name += f" {number(curve.threshold, language, decimals=0)}"
    # In the right margin, where no line passes.
    end = curve.forecast[-1].day if curve.forecast else curve.as_of
    return [
        {
            "data": {"values": [{"threshold": curve.threshold}]},
            "mark": {"type": "rule", "color": palette.withdrawal, "size": 1, "aria": False},
            "encoding": {"y": {"field": "threshold", "type": "quantitative"}, "x": None},
        },
        _text_layer(end, curve.threshold, name, palette.withdrawal, align="left", dx=6, dy=0),
    ]


def _mark_layers(
    curve: AccountCurve, language: Language, labels: Labels, palette: Palette
) -> list[Spec]:
    layers: list[Spec] = []
    size = 60 if len(curve.marks) <= 60 else 20
    for shape, color, sign in (
        ("triangle-up", palette.deposit, 1),
        ("triangle-down", palette.withdrawal, -1),
    ):
        values = [
            _at(mark.day, mark.balance) | {"words": _mark_words(mark, language, labels)}
            for mark in curve.marks
            if mark.points * sign > 0
        ]
        if not values:
            # An empty group of marks would be announced all the same.
            continue
        layers.append(
            {
                "data": {"values": values},
                "mark": {
                    "type": "point",
                    "shape": shape,
                    "filled": True,
                    "color": color,
                    "size": size,
                    "opacity": 1,
                    "yOffset": -7 * sign,
                },
                "encoding": {**_BALANCE, "description": {"field": "words"}},
            }
        )
    return layers


def _label_layers(
    curve: AccountCurve, language: Language, palette: Palette, width: int
) -> list[Spec]:
    """Return today's balance at the end of the line, and the day on which it would fall."""
    today = number(curve.balance, language)
    layers = [
        {
            "data": {"values": [_at(curve.as_of, curve.balance)]},
            "mark": {"type": "circle", "color": palette.ink, "size": 50, "opacity": 1},
            "encoding": {**_BALANCE, "description": {"value": _describe(curve, language)}},
        },
        _text_layer(
            curve.as_of, curve.balance, today, palette.ink, align="left", dx=8, dy=-10, bold=True
        ),
    ]
    # On a phone there is no room for it; the sentence above the picture says it as well.
    if curve.runway_days and curve.forecast and width >= 500:
        falls = curve.as_of + timedelta(days=curve.runway_days)
        last = falls - timedelta(days=1)
        if falls <= curve.forecast[-1].day:
            words = Text(
                f"reicht bis {short_day(last, 'de')}", f"lasts until {short_day(last, 'en')}"
            ).in_language(language)
            layers.append(
                _text_layer(
                    last, curve.threshold, words, palette.quiet, align="right", dx=-4, dy=12
                )
            )
    return layers


def _text_layer(
    day: date, balance: float, words: str, color: str, *, bold: bool = False, **place: Any
) -> Spec:
    """Return words at a place of the chart; `place` holds Vega-Lite's align, dx and dy."""
    return {
        "data": {"values": [_at(day, balance) | {"words": words}]},
        "mark": {
            "type": "text",
            "color": color,
            "fontSize": 13,
            "fontWeight": 600 if bold else 400,
            "aria": False,
            **place,
        },
        "encoding": {**_BALANCE, "text": {"field": "words"}},
    }


def _month_axis(curve: AccountCurve, width: int) -> Spec:
    """Return ticks at months or years, as many as the width has room for."""
    end = curve.forecast[-1].day if curve.forecast else curve.as_of
    months = (end - curve.past[0].day).days / 30.4
    room = width / 90
    if months / 6 > room:
        return {"tickCount": {"interval": "year", "step": 1}, "format": "%Y"}
    step = next(step for step in (1, 3, 6) if months / step <= room)
    return {"tickCount": {"interval": "month", "step": step}, "format": "%b %Y"}


def _at(day: date, balance: float) -> Spec:
    return {"day": day.isoformat(), "balance": balance}


def _mark_words(mark: CurveMark, language: Language, labels: Labels) -> str:
    label = labels.get(mark.entry.kind)
    name = label.in_language(language) if label else mark.entry.kind
    points = number(mark.points, language, signed=True)
    return f"{long_day(mark.day, language)}: {name} {points}"


def _describe(curve: AccountCurve, language: Language) -> str:
    start, end = curve.past[0].day, curve.as_of
    balance = curve.balance
    # A page that says whose account it is need not say it again.
    of = (f" {curve.account}", f" of {curve.account}") if curve.account else ("", "")
    return Text(
        f"Kontostand{of[0]} vom {long_day(start, 'de')} bis {long_day(end, 'de')}, "
        f"zuletzt {number(balance, 'de')}; gestrichelt: wenn nichts geschieht.",
        f"Balance{of[1]} from {long_day(start, 'en')} to {long_day(end, 'en')}, "
        f"last {number(balance, 'en')}; dashed: if nothing happens.",
    ).in_language(language)


def _account_table(curve: AccountCurve, language: Language, labels: Labels) -> Table:
    columns = (
        Column(heading=Text("Tag", "Day").in_language(language)),
        Column(heading=Text("Was geschah", "What happened").in_language(language), wraps=True),
        Column(heading=Text("Wo", "Where").in_language(language)),
        Column(heading=Text("Punkte", "Points").in_language(language), is_number=True),
        Column(heading=Text("Stand", "Balance").in_language(language), is_number=True),
    )
    rows = [
        Row(
            (
                short_day(mark.day, language),
                (labels[mark.entry.kind].in_language(language))
                if mark.entry.kind in labels
                else mark.entry.kind,
                place_word(mark.entry.target, mark.entry.source, language),
                number(mark.points, language, signed=True),
                number(mark.balance, language),
            )
        )
        for mark in curve.marks
    ]
    ahead = Text("wenn nichts geschieht", "if nothing happens").in_language(language)
    months = [p for i, p in enumerate(curve.forecast) if i and _starts_month(curve, i)]
    rows += [
        Row((short_day(p.day, language), ahead, "", "", number(p.balance, language)), "balancing")
        for p in months
    ]
    return Table(caption=_describe(curve, language), columns=columns, rows=tuple(rows))


def _starts_month(curve: AccountCurve, index: int) -> bool:
    return curve.forecast[index].day.month != curve.forecast[index - 1].day.month
