"""The page: one sheet of HTML that carries its own style, in light, dark and on paper.

No script, no web font, no request: a statement can be mailed, stored and printed as one file.
"""

import html
from dataclasses import dataclass

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.core.ledger.balance import Valuation
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.opinions import Opinion
from vertrauenskonto.render.numbers import number
from vertrauenskonto.render.words import DIMENSION_LABELS, DIMENSION_QUESTIONS, verdict_word

STYLE = """
:root {
  color-scheme: light dark;
  --paper: light-dark(#fbfaf7, #15191c);
  --sheet: light-dark(#ffffff, #1c2226);
  --ink: light-dark(#1d2429, #e8e5de);
  --quiet: light-dark(#5c666d, #a2adb4);
  --rule: light-dark(#dcd8cf, #333b40);
  --action: light-dark(#0b5a73, #6fc3dc);
  --deposit: light-dark(#1f7a4d, #62c996);
  --withdrawal: light-dark(#b3261e, #ff8b82);
  --care: light-dark(#8a5a00, #e3b341);
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 24px 16px; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere;
}
main {
  max-width: 60rem; margin: 0 auto; padding: 32px; background: var(--sheet);
  border: 1px solid var(--rule); border-radius: 4px;
}
h1 { margin: 0 0 16px; font-size: 1rem; font-weight: 600; color: var(--quiet); }
h2 { margin: 40px 0 12px; font-size: 1.2rem; font-weight: 600; }
.outlook { margin: 0; font-size: 1.728rem; line-height: 1.25; max-width: 30em; }
.figure { margin: 12px 0 0; color: var(--quiet); }
.figure strong { color: var(--ink); font-size: 1.44rem; font-weight: 600; padding-left: 4px; }
figure { margin: 0; }
figure svg { display: block; width: 100%; height: auto; }
figcaption { margin-top: 8px; }
.narrow { display: none; }
figcaption, .footnote, .question { color: var(--quiet); font-size: .875rem; }
.question, .footnote, figcaption { max-width: 70ch; }
.footnote { margin: 32px 0 0; }
details { margin-top: 8px; }
summary { color: var(--action); cursor: pointer; padding: 10px 0; width: max-content; }
:focus-visible { outline: 3px solid var(--action); outline-offset: 2px; }
.preconditions { display: grid; gap: 16px; margin: 0; }
.preconditions > div { display: grid; grid-template-columns: 12rem 9rem 1fr; gap: 4px 16px;
  align-items: center; }
.preconditions dt { font-weight: 600; }
.preconditions dd { margin: 0; }
.preconditions dt .question { display: block; font-weight: 400; }
.bar { display: block; width: 100%; max-width: 24rem; height: 16px; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; overflow-wrap: normal; }
caption { text-align: left; color: var(--quiet); font-size: .875rem; padding-bottom: 8px; }
th, td { text-align: left; vertical-align: top; padding: 6px 8px; border-bottom: 1px solid var(--rule); }
th:first-child, td:first-child { padding-left: 0; white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
th { font-weight: 600; font-size: .875rem; color: var(--quiet); vertical-align: bottom; }
.number { text-align: right; white-space: nowrap; }
td[data-sign="deposit"] { color: var(--deposit); }
td[data-sign="withdrawal"] { color: var(--withdrawal); }
tr.opening td, tr.silence td:nth-child(2), tr.balancing td { color: var(--quiet); }
tr.closing td { font-weight: 600; border-bottom: 0; }
tr.closing td:last-child { border-bottom: 3px double var(--ink); }
@media (max-width: 40rem) {
  body { padding: 0; }
  main { border: 0; border-radius: 0; padding: 20px 16px; }
  .outlook { font-size: 1.44rem; }
  .preconditions > div { grid-template-columns: 1fr auto; }
  .preconditions .bar-cell { grid-column: 1 / -1; }
  .bar { max-width: none; }
  .wide { display: none; }
  .narrow { display: block; }
  .cards thead tr:first-child { position: absolute; clip-path: inset(50%); }
  .cards thead, .cards tbody, .cards tfoot, .cards table, .cards caption { display: block; }
  .cards tr:not(thead tr:first-child) {
    display: grid; grid-template-columns: 1fr 1fr 1fr 5rem; gap: 0 12px; padding: 10px 0;
    border-bottom: 1px solid var(--rule);
  }
  .cards td { border: 0; padding: 0; }
  .cards td:empty { display: none; }
  .cards td:nth-child(1) { grid-column: 1 / 3; grid-row: 1; color: var(--quiet); font-size: .875rem; }
  .cards td:nth-child(3) { grid-column: 3; grid-row: 1; color: var(--quiet); font-size: .875rem;
    white-space: nowrap; }
  .cards td:nth-child(2) { grid-column: 1 / 4; grid-row: 2; }
  .cards td:nth-child(8) { grid-column: 4; grid-row: 2; align-self: end; font-weight: 600; }
  .cards td:nth-child(7) { grid-column: 4; grid-row: 1; font-size: .875rem; }
  .cards td:nth-child(n + 4):nth-child(-n + 6) { grid-row: 3; text-align: left; font-size: .875rem; }
  .cards td:nth-child(n + 4):nth-child(-n + 6)::before {
    content: attr(data-label) " "; color: var(--quiet);
  }
}
@page { size: A4; margin: 20mm 18mm; @bottom-right { content: counter(page) " / " counter(pages); } }
@media print {
  :root { color-scheme: light; }
  body { padding: 0; background: none; font-size: 10.5pt; }
  main { border: 0; padding: 0; max-width: none; }
  .scroll { overflow: visible; }
  details:not([open]) { display: none; }
  tr, figure, .preconditions { break-inside: avoid; }
  h2 { break-after: avoid; }
}
""".strip()


# What no account is for; it stands wherever one leaves the program.
GUARD = Text(
    "Über Preise, Kredit, Verträge und Leistung entscheidet dieses Konto nie.",
    "This account never decides on prices, credit, contracts or service.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a page: its heading as text and its body as HTML."""

    heading: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One sheet: a sentence, a figure, then sections. Texts are plain, `footnote` is HTML."""

    title: str
    heading: str
    sentence: str
    figure_label: str
    figure: str
    sections: tuple[Section, ...]
    footnote: str


def page_html(page: Page, language: Language) -> str:
    """Return the whole document."""
    sections = "\n".join(
        f"<section><h2>{html.escape(part.heading)}</h2>\n{part.body}</section>"
        for part in page.sections
    )
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(page.title)}</title>
<style>
{STYLE}
</style>
</head>
<body>
<main>
<h1>{html.escape(page.heading)}</h1>
<p class="outlook">{html.escape(page.sentence)}</p>
<p class="figure">{html.escape(page.figure_label)} <strong>{html.escape(page.figure)}</strong></p>
{sections}
<p class="footnote">{page.footnote}</p>
</main>
</body>
</html>
"""


def verdict_section(value: Valuation, language: Language) -> Section:
    """Return the three preconditions with a word, a bar and what is asked."""
    heading = Text("Was Vertrauen trägt", "What the trust rests on").in_language(language)
    rows = []
    for d in DIMENSIONS:
        judged = value.opinions[d]
        word = verdict_word(value.verdicts[d], judged).in_language(language)
        rows.append(
            f"<div><dt>{html.escape(DIMENSION_LABELS[d].in_language(language))}"
            f'<span class="question">{html.escape(DIMENSION_QUESTIONS[d].in_language(language))}'
            f"</span></dt><dd>{html.escape(word)}</dd>"
            f'<dd class="bar-cell">{verdict_bar(judged, language)}</dd></div>'
        )
    return Section(heading=heading, body=f'<dl class="preconditions">{"".join(rows)}</dl>')


def verdict_bar(judged: Opinion, language: Language) -> str:
    """Return a bar as SVG: proven solid, unknown hatched, damaged at the right end."""
    belief, disbelief = judged.belief, judged.disbelief
    unknown = max(1 - belief - disbelief, 0.0)
    words = Text(
        f"belegt {number(belief, 'de', decimals=2)}, noch nicht belegt "
        f"{number(unknown, 'de', decimals=2)}, beschädigt {number(disbelief, 'de', decimals=2)}",
        f"proven {number(belief, 'en', decimals=2)}, not yet proven "
        f"{number(unknown, 'en', decimals=2)}, damaged {number(disbelief, 'en', decimals=2)}",
    ).in_language(language)
    left, right = 200 * belief, 200 * (belief + unknown)
    hatch = " ".join(f"M{x} 12L{x + 12} 0" for x in range(-12, 200, 5))
    return (
        f'<svg class="bar" viewBox="0 0 200 12" preserveAspectRatio="none" role="img" '
        f'aria-label="{words}">'
        f'<path d="{hatch}" stroke="var(--rule)" stroke-width="1.5"/>'
        f'<rect x="0" y="0" width="{left:.2f}" height="12" fill="var(--deposit)"/>'
        f'<rect x="{right:.2f}" y="0" width="{200 - right:.2f}" height="12" '
        'fill="var(--withdrawal)"/>'
        '<rect x=".5" y=".5" width="199" height="11" fill="none" stroke="var(--rule)"/></svg>'
    )
