"""How often each kind of promise is kept, as a picture: a point with its interval, the worst first."""

from collections.abc import Mapping

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.core.promise_figures import KEPT_MIN, Figures
from vertrauenskonto.core.stats.intervals import Middle, Rate
from vertrauenskonto.render.charts import IN_PAGE, Chart, Palette, Spec, charted
from vertrauenskonto.render.numbers import count, number, share
from vertrauenskonto.render.tables import Column, Row, Table

KINDS_MAX = 20
_ROW_HEIGHT = 28


def promise_chart(
    by_kind: Mapping[str, Figures],
    language: Language,
    *,
    palette: Palette = IN_PAGE,
    width: int = 560,
) -> Chart:
    """Return the kept rate of each kind with its interval, and all figures as the table."""
    ordered = sorted(
        (one for one in by_kind.items() if one[1].kept is not None),
        key=lambda one: (one[1].kept.value if one[1].kept else 0.0, one[0]),
    )[:KINDS_MAX]
    description = Text(
        f"Wie oft Zusagen gehalten wurden, nach dem, worum es ging ({count(len(ordered), 'de')} "
        "Arten). Der Strich zeigt, wie weit die Zahl offen ist.",
        f"How often promises were kept, by what they draw on ({count(len(ordered), 'en')} kinds). "
        "The line shows how far the number is open.",
    ).in_language(language)
    table = _table(by_kind, language, description)
    spec = _spec(ordered, language, palette)
    return charted(spec, table, language, palette=palette, width=width)


def _table(by_kind: Mapping[str, Figures], language: Language, caption: str) -> Table:
    headings = (
        Text("Worum es ging", "What it draws on"),
        Text("Zusagen", "Promises"),
        Text("gehalten", "kept"),
        Text("vor dem Auftrag", "before the order"),
        Text("nach dem Auftrag", "after the order"),
        Text("vorher gewarnt", "told before"),
        Text("Vorlauf in Std.", "notice in hours"),
        Text("erster Kontakt", "first contact"),
    )
    return Table(
        caption=caption,
        columns=tuple(
            Column(heading=h.in_language(language), is_number=n > 0) for n, h in enumerate(headings)
        ),
        rows=tuple(
            Row(
                (
                    kind,
                    count(its.n, language),
                    *(
                        rate_words(rate, language)
                        for rate in (its.kept, its.before_order, its.after_order, its.notified)
                    ),
                    middle_words(its.notice_hours, language),
                    rate_words(its.first_contact, language),
                )
            )
            for kind, its in by_kind.items()
        ),
    )


def rate_words(rate: Rate | None, language: Language) -> str:
    """Return a share with its interval: `83 % (61–94 %)`; a dash for none."""
    if rate is None:
        return "–"
    low, high = number(100 * rate.low, language, decimals=0), share(rate.high, language)
    return f"{share(rate.value, language)} ({low}–{high})"


def middle_words(found: Middle | None, language: Language) -> str:
    """Return a middle with its interval; a dash for none."""
    if found is None:
        return "–"
    value = number(found.value, language)
    if found.low is None or found.high is None:
        return value
    return f"{value} ({number(found.low, language)}–{number(found.high, language)})"


def _spec(ordered: list[tuple[str, Figures]], language: Language, palette: Palette) -> Spec:
    values = [
        {"kind": kind, "kept": its.kept.value, "low": its.kept.low, "high": its.kept.high}
        | {"words": f"{kind}: {rate_words(its.kept, language)}"}
        for kind, its in ordered
        if its.kept is not None
    ]
    scale = {"domain": [0, 1], "nice": False}
    x = {
        "field": "kept",
        "type": "quantitative",
        "scale": scale,
        "axis": {"format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1], "title": None},
    }
    y = {
        "field": "kind",
        "type": "nominal",
        "sort": None,
        "axis": {
            "title": None,
            "labelLimit": 160,
            "minExtent": 90,
            "ticks": False,
            "domain": False,
        },
    }
    return {
        "height": _ROW_HEIGHT * max(len(values), 1),
        "layer": [
            {
                "data": {"values": [{"at": KEPT_MIN}]},
                "mark": {"type": "rule", "color": palette.quiet, "strokeDash": [4, 4]},
                "encoding": {"x": {"field": "at", "type": "quantitative", "scale": scale}},
            },
            {
                "data": {"values": values},
                "layer": [
                    {
                        "mark": {"type": "rule", "color": palette.action, "strokeWidth": 1.5},
                        "encoding": {
                            "x": x | {"field": "low"},
                            "x2": {"field": "high"},
                            "y": y,
                        },
                    },
                    {
                        "mark": {
                            "type": "circle",
                            "color": palette.action,
                            "opacity": 1,
                            "size": 70,
                        },
                        "encoding": {"x": x, "y": y, "description": {"field": "words"}},
                    },
                ],
            },
        ],
    }
