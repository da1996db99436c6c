"""How every chart is drawn: Vega-Lite as a plain dict, made SVG by vl-convert.

Colours are names of the page's custom properties, so that one picture serves light and dark; a
picture that stands alone takes fixed ones. No legend: what a thing is stands beside it. Every chart
has its table.
"""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.render.tables import Table, html_table

Spec = dict[str, Any]
Labels = Mapping[str, Text]

# Vega-Lite's grammar changes between versions; a picture must not.
_VEGA_LITE = "6.4"
DRAWN_FONT = "system-ui, sans-serif"


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours of a chart; `paper` None leaves the background transparent."""

    ink: str = "var(--ink)"
    quiet: str = "var(--quiet)"
    rule: str = "var(--rule)"
    action: str = "var(--action)"
    deposit: str = "var(--deposit)"
    withdrawal: str = "var(--withdrawal)"
    paper: str | None = None
    hatch: str = "silence"


IN_PAGE = Palette()
LIGHT = Palette(
    ink="#1d2429",
    quiet="#5c666d",
    rule="#dcd8cf",
    action="#0b5a73",
    deposit="#1f7a4d",
    withdrawal="#b3261e",
    paper="#ffffff",
)
DARK = Palette(
    ink="#e8e5de",
    quiet="#a2adb4",
    rule="#333b40",
    action="#6fc3dc",
    deposit="#62c996",
    withdrawal="#ff8b82",
    paper="#1c2226",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture as SVG text, what it shows in one sentence, and the same as a table."""

    svg: str
    description: str
    table: Table


def chart_html(chart: Chart, language: Language, *, narrow: Chart | None = None) -> str:
    """Return the chart as a figure with its table to open below; `narrow` is shown on a phone."""
    summary = Text("als Tabelle", "as a table").in_language(language)
    small = f'<div class="narrow">{narrow.svg}</div>' if narrow else ""
    wide = f'<div class="wide">{chart.svg}</div>' if narrow else chart.svg
    return (
        f"<figure>{wide}{small}<figcaption>{html.escape(chart.description)}</figcaption></figure>\n"
        f'<details><summary>{summary}</summary><div class="scroll" tabindex="0">'
        f"{html_table(chart.table)}</div></details>"
    )


def charted(spec: Spec, table: Table, language: Language, *, palette: Palette, width: int) -> Chart:
    """Draw a specification whose table stands beside it; the caption says what both show."""
    svg = _drawn(spec, language, palette=palette, width=width, label=table.caption)
    return Chart(svg=svg, description=table.caption, table=table)


def _drawn(spec: Spec, language: Language, *, palette: Palette, width: int, label: str) -> str:
    """Draw a specification; the words `label` stand for the picture where it cannot be seen."""
    axis = {
        "labelColor": palette.quiet,
        "titleColor": palette.quiet,
        "gridColor": palette.rule,
        "domainColor": palette.rule,
        "tickColor": palette.rule,
        "labelFontSize": 13,
        "titleFontSize": 13,
        "titleFontWeight": 400,
        "labelFont": DRAWN_FONT,
        "titleFont": DRAWN_FONT,
        "domain": False,
        "ticks": False,
        "labelPadding": 8,
        "aria": False,
    }
    svg = _convert(
        {
            "width": width,
            "background": palette.paper,
            "padding": {"left": 2, "right": 18, "top": 20, "bottom": 4},
            "autosize": {"type": "fit-x", "contains": "padding"},
            **spec,
            "config": {"view": {"stroke": None}, "font": DRAWN_FONT, "axis": axis},
        },
        language,
    )
    pattern = (
        f'<defs><pattern id="{palette.hatch}-{width}" width="6" height="6" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="6" '
        f'stroke="{palette.quiet}" stroke-width="1.2" stroke-opacity="0.55"/></pattern></defs>'
    )
    # Each picture has a pattern of its own: that of a hidden picture would not be drawn.
    svg = svg.replace(f"url(#{palette.hatch})", f"url(#{palette.hatch}-{width})")
    opening, rest = svg.split(">", 1)
    return f'{opening} role="img" aria-label="{html.escape(label)}">{pattern}{rest}'


_LOCALES: dict[Language, Literal["de-DE", "en-GB"]] = {"de": "de-DE", "en": "en-GB"}


def _convert(spec: Spec, language: Language) -> str:
    # vl-convert starts a JavaScript engine; whoever draws nothing should not wait for it.
    import vl_convert  # noqa: PLC0415

    locale = _LOCALES[language]
    return str(
        vl_convert.vegalite_to_svg(
            spec, vl_version=_VEGA_LITE, format_locale=locale, time_format_locale=locale
        )
    )
