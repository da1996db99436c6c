"""Duties a draft of the policy would have opened, week by week, against what the company can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.render.charts import IN_PAGE, Chart, Palette, Spec, charted
from vertrauenskonto.render.numbers import count, number, short_day
from vertrauenskonto.render.tables import Column, Row, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Duties per working day in the week from `monday`, under both versions."""

    monday: date
    before: float
    after: float


def load_chart(
    loads: Sequence[Load],
    language: Language,
    *,
    capacity: int | None,
    palette: Palette = IN_PAGE,
    width: int = 760,
) -> Chart:
    """Return duties per working day before and after, with the capacity as a line if stated."""
    old, new = Text("bisher", "so far"), Text("Entwurf", "draft")
    first, last = loads[0], loads[-1]
    description = Text(
        f"Neue Aufgaben je Arbeitstag, Wochenmittel vom {short_day(first.monday, 'de')} bis "
        f"{short_day(last.monday, 'de')}, höchstens {number(_highest(loads), 'de')}.",
        f"New duties per working day, weekly means from {short_day(first.monday, 'en')} to "
        f"{short_day(last.monday, 'en')}, at most {number(_highest(loads), 'en')}.",
    ).in_language(language)
    columns = (
        Column(heading=Text("Woche ab", "Week from").in_language(language)),
        Column(heading=old.in_language(language), is_number=True),
        Column(heading=new.in_language(language), is_number=True),
    )
    rows = tuple(
        Row(
            (
                short_day(load.monday, language),
                number(load.before, language),
                number(load.after, language),
            )
        )
        for load in loads
    )
    names = (old.in_language(language), new.in_language(language))
    spec = _spec(loads, language, names, capacity, palette)
    table = Table(caption=description, columns=columns, rows=rows)
    return charted(spec, table, language, palette=palette, width=width)


def _highest(loads: Sequence[Load]) -> float:
    return max(max(load.before, load.after) for load in loads)


def _spec(
    loads: Sequence[Load],
    language: Language,
    names: tuple[str, str],
    capacity: int | None,
    palette: Palette,
) -> Spec:
    up = {
        "title": Text("Aufgaben je Arbeitstag", "Duties per working day").in_language(language),
        "tickCount": 3,
        "titleAngle": 0,
        "titleAlign": "left",
        "titleX": 0,
        "titleY": -14,
    }
    top = max(_highest(loads), float(capacity or 0), 1.0) * 1.15
    across = {"title": None, "grid": False, "format": "%b %y", "tickCount": 6}
    encoding = {
        "x": {"field": "day", "type": "temporal", "axis": across},
        "y": {
            "field": "n",
            "type": "quantitative",
            "axis": up,
            "scale": {"domain": [0, top], "nice": False},
        },
    }
    layers: list[Spec] = []
    sides = (
        (names[0], palette.quiet, [load.before for load in loads]),
        (names[1], palette.action, [load.after for load in loads]),
    )
    for place, (_, color, values) in enumerate(sides):
        rows = [
            {"day": load.monday.isoformat(), "n": n} for load, n in zip(loads, values, strict=True)
        ]
        layers.append(
            {
                "data": {"values": rows},
                "mark": {
                    "type": "line",
                    "interpolate": "step-after",
                    "color": color,
                    "strokeWidth": 1.5 + place,
                    "aria": False,
                },
                "encoding": encoding,
            }
        )
    layers += _names(loads, sides, top, encoding)
    if capacity is not None:
        words = Text(f"schaffbar: {count(capacity, 'de')}", f"we can do {count(capacity, 'en')}")
        value = {
            "day": loads[0].monday.isoformat(),
            "n": float(capacity),
            "words": words.in_language(language),
        }
        layers.append(
            {
                "data": {"values": [{"n": float(capacity)}]},
                "mark": {
                    "type": "rule",
                    "color": palette.withdrawal,
                    "strokeDash": [5, 4],
                    "aria": False,
                },
                "encoding": {"y": encoding["y"]},
            }
        )
        layers.append(_words(value, palette.withdrawal, encoding))
    return {"height": 220, "layer": layers}


def _names(
    loads: Sequence[Load],
    sides: Sequence[tuple[str, str, Sequence[float]]],
    top: float,
    encoding: Spec,
) -> list[Spec]:
    """Return the name of each line beside its highest point, the two apart from each other."""
    placed: list[Spec] = []
    taken: list[tuple[int, float]] = []
    for name, color, values in sides:
        highest = max(range(len(values)), key=lambda n: (values[n], n))
        height = values[highest]
        while any(
            abs(n - highest) < len(values) // 6 and abs(h - height) < top / 8 for n, h in taken
        ):
            height += top / 8
        taken.append((highest, height))
        value = {"day": loads[highest].monday.isoformat(), "n": min(height, top), "words": name}
        placed.append(_words(value, color, encoding, is_right=highest > len(values) / 2))
    return placed


def _words(value: Spec, color: str, encoding: Spec, *, is_right: bool = False) -> Spec:
    return {
        "data": {"values": [value]},
        "mark": {
            "type": "text",
            "color": color,
            "fontSize": 13,
            "align": "right" if is_right else "left",
            "dx": -4 if is_right else 4,
            "dy": -9,
            "aria": False,
        },
        "encoding": {**encoding, "text": {"field": "words"}},
    }
