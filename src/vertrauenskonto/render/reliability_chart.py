"""Calibration as a picture: what was forecast against what came true."""

from collections.abc import Sequence

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.core.stats.calibration import Bin
from vertrauenskonto.render.charts import IN_PAGE, Chart, Palette, Spec, charted
from vertrauenskonto.render.numbers import count, share
from vertrauenskonto.render.tables import Column, Row, Table


def reliability_chart(
    bins: Sequence[Bin], language: Language, *, palette: Palette = IN_PAGE, width: int = 460
) -> Chart:
    """Return the reliability diagram: a point per bin with its interval, and the diagonal.

    On the diagonal, what was called so likely came true so often; above it we did better than we
    said, below it worse. The area of a point grows with the forecasts in it.
    """
    n = sum(b.came_true.n for b in bins)
    description = Text(
        f"{count(n, 'de')} Vorhersagen: wie oft gehalten wurde, was so wahrscheinlich genannt war. "
        "Auf der Linie stimmt beides überein.",
        f"{count(n, 'en')} forecasts: how often was kept what was called so likely. On the line "
        "both agree.",
    ).in_language(language)
    table = _table(bins, language, description)
    spec = _spec(bins, language, palette)
    return charted(spec, table, language, palette=palette, width=width)


def _table(bins: Sequence[Bin], language: Language, caption: str) -> Table:
    headings = (
        Text("Vorhersage", "Forecast"),
        Text("gehalten", "kept"),
        Text("von", "from"),
        Text("bis", "to"),
        Text("Fälle", "Cases"),
    )
    return Table(
        caption=caption,
        columns=tuple(Column(heading=h.in_language(language), is_number=True) for h in headings),
        rows=tuple(
            Row(
                (
                    *(
                        share(value, language)
                        for value in (
                            b.forecast,
                            b.came_true.value,
                            b.came_true.low,
                            b.came_true.high,
                        )
                    ),
                    count(b.came_true.n, language),
                )
            )
            for b in bins
        ),
    )


def _spec(bins: Sequence[Bin], language: Language, palette: Palette) -> Spec:
    scale = {"domain": [0, 1], "nice": False}
    axis = {"format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1]}
    across = Text("vorhergesagt", "forecast").in_language(language)
    up = Text("gehalten", "kept").in_language(language)
    x = {
        "field": "forecast",
        "type": "quantitative",
        "scale": scale,
        "axis": axis | {"title": across, "grid": False},
    }
    y = {
        "field": "kept",
        "type": "quantitative",
        "scale": scale,
        "axis": axis
        | {"title": up, "titleAngle": 0, "titleAlign": "left", "titleX": 0, "titleY": -14},
    }
    return {
        "height": 380,
        "layer": [
            {
                "data": {"values": [{"forecast": 0, "kept": 0}, {"forecast": 1, "kept": 1}]},
                "mark": {
                    "type": "line",
                    "color": palette.quiet,
                    "strokeDash": [4, 4],
                    "strokeWidth": 1,
                    "aria": False,
                },
                "encoding": {"x": x, "y": y},
            },
            {
                "data": {"values": _values(bins, language)},
                "layer": [
                    {
                        "mark": {
                            "type": "rule",
                            "color": palette.action,
                            "strokeWidth": 1.5,
                            "aria": False,
                        },
                        "encoding": {
                            "x": x,
                            "y": y | {"field": "low"},
                            "y2": {"field": "high"},
                        },
                    },
                    {
                        "mark": {"type": "circle", "color": palette.action, "opacity": 1},
                        "encoding": {
                            "x": x,
                            "y": y,
                            "size": {
                                "field": "n",
                                "type": "quantitative",
                                "legend": None,
                                "scale": {"range": [20, 260], "domainMin": 0},
                            },
                            "description": {"field": "words"},
                        },
                    },
                ],
            },
        ],
    }


def _values(bins: Sequence[Bin], language: Language) -> list[Spec]:
    words = Text("vorhergesagt {}, gehalten {}, {} Fälle", "forecast {}, kept {}, {} cases")
    return [
        {
            "forecast": b.forecast,
            "kept": b.came_true.value,
            "low": b.came_true.low,
            "high": b.came_true.high,
            "n": b.came_true.n,
            "words": words.in_language(language).format(
                share(b.forecast, language),
                share(b.came_true.value, language),
                count(b.came_true.n, language),
            ),
        }
        for b in bins
    ]
