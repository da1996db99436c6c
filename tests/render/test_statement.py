"""The statement in all its forms."""

import json
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from tests.render.conftest import AS_OF, LABELS, POLICY

from vertrauenskonto.core.ledger.balance import runway, valuation
from vertrauenskonto.core.ledger.statement import statement
from vertrauenskonto.render.page import STYLE
from vertrauenskonto.render.statement import (
    StatementSheet,
    statement_csv,
    statement_html,
    statement_json,
    statement_table,
    statement_text,
)


def sheet(account, after=date(2025, 5, 31)):
    policy = POLICY.versions[0]
    return StatementSheet(
        statement=statement(account, POLICY, after=after, until=AS_OF),
        valuation=valuation(account, policy, as_of=AS_OF),
        runway_days=runway(account, policy, as_of=AS_OF),
        labels=LABELS,
        chart="<svg></svg>",
    )


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_text_is_as_written_down(holm, empty, snapshot, language):
    snapshot(f"statement_{language}", statement_text(sheet(holm), language))
    snapshot(f"statement_empty_{language}", statement_text(sheet(empty), language))


@pytest.mark.parametrize("after", [date(2024, 1, 1), date(2024, 7, 1), date(2025, 9, 1)])
def test_printed_amounts_add_up_to_the_printed_balance(holm, after):
    rows = statement_table(sheet(holm, after), "en").rows
    running = None
    for row in rows:
        amount, balance = (
            float(cell.replace("−", "-").replace(",", "") or 0) for cell in row.cells[-2:]
        )
        if running is not None:
            assert balance == pytest.approx(running + amount, abs=1e-9)
        running = balance


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_the_table_keeps_to_the_width(holm, width):
    lines = statement_text(sheet(holm), "de", width=max(width, 88)).splitlines()
    assert max(map(len, lines)) <= max(width, 88)


def test_csv_and_json_carry_unrounded_numbers(holm):
    raw = json.loads(statement_json(sheet(holm)))
    assert raw["closing"] == sheet(holm).statement.closing
    assert raw["until"] == "2025-12-18"
    rows = [line.split(",") for line in statement_csv(sheet(holm)).splitlines()]
    assert rows[0] == [
        "day",
        "kind",
        "target",
        "willing",
        "able",
        "assessable",
        "amount",
        "balance",
    ]
    assert rows[1][:2] == ["2025-05-31", "opening"]
    assert float(rows[-1][-1]) == raw["closing"]


class Parsed(HTMLParser):
    """Collects tags, and links to anything outside the page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.outside = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.outside += [v for k, v in attrs if k in ("src", "href", "srcset", "action")]


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_needs_nothing_from_outside(holm, language):
    text = statement_html(sheet(holm), language)
    page = Parsed(text)
    assert page.outside == []
    assert "script" not in page.tags
    assert not re.search(r"@import|url\(", text)
    assert text.startswith(f'<!doctype html>\n<html lang="{language}">')
    assert page.tags.count("h1") == 1


def test_the_page_says_first_the_sentence_then_the_number_then_the_picture(holm):
    text = statement_html(sheet(holm), "de")
    places = [
        text.index(part) for part in ('class="outlook"', 'class="figure"', "<svg></svg>", "<table>")
    ]
    assert places == sorted(places)


def test_what_people_wrote_is_escaped(holm):
    text = statement_html(sheet(holm, date(2024, 1, 1)), "de")
    assert "Zusage &lt;gebrochen&gt;" in text
    assert "<gebrochen>" not in text


def test_an_empty_account_says_what_comes_first(empty):
    text = statement_html(sheet(empty), "en")
    assert "Nothing is booked on this account yet." in text
    assert "begins with the first event" in text
    assert "<svg></svg>" not in text


PAIRS = re.findall(r"--(\w+): light-dark\((#\w{6}), (#\w{6})\)", STYLE)


def luminance(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", ["ink", "quiet", "action", "deposit", "withdrawal", "care"])
@pytest.mark.parametrize("mode", [1, 2])
def test_every_colour_of_text_can_be_read(name, mode):
    colors = {pair[0]: pair[mode] for pair in PAIRS}
    for background in ("paper", "sheet"):
        light, dark = sorted((luminance(colors[name]), luminance(colors[background])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_lines_that_nothing_else_tells_apart_are_told_by_their_ids(holm):
    first = holm.entries[0]
    twice = replace(holm, entries=(*holm.entries, replace(first, id="again")))
    rows = [row.cells[1] for row in statement_table(sheet(twice, date(2024, 1, 1)), "en").rows]
    assert sum(cell.endswith(" (again)") for cell in rows) == 1
    assert sum(cell.endswith(f" ({first.id})") for cell in rows) == 1


def test_a_compensation_says_in_every_form_what_it_makes_good(holm):
    late, advice = holm.entries[2], holm.entries[5]
    shown = replace(sheet(holm), compensates={advice.id: late})
    words = "gleicht aus: Zusage <gebrochen>, 02.06.2024"
    text = " ".join(statement_text(shown, "de", width=140).split())
    assert f"Ehrlich beraten ({words})" in text
    assert words.replace("<", "&lt;").replace(">", "&gt;") in statement_html(shown, "de")
    lines = json.loads(statement_json(shown))["lines"]
    assert [line.get("compensates") for line in lines if line.get("id") == advice.id] == [late.id]
    assert sum("compensates" in line for line in lines) == 1
