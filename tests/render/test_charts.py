"""Charts: drawn without script or style, themed by the page, each with its words and its table."""

import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta

import pytest
from tests.render.conftest import AS_OF, LABELS, POLICY

from vertrauenskonto.core.ledger.balance import valuation
from vertrauenskonto.render.account_chart import account_chart
from vertrauenskonto.render.charts import DARK, LIGHT, chart_html
from vertrauenskonto.render.curve import account_curve
from vertrauenskonto.render.portfolio_chart import Bin, portfolio_chart


def texts(svg):
    return [
        "".join(node.itertext()) for node in ET.fromstring(svg).iter() if node.tag.endswith("}text")
    ]


def test_the_curve_is_the_balance_of_each_day(holm):
    curve = account_curve(holm, POLICY, as_of=AS_OF)
    policy = POLICY.versions[0]
    for point in curve.past[::20]:
        assert point.balance == valuation(holm, policy, as_of=point.day).balance
    assert curve.past[-1].day == AS_OF
    assert curve.forecast[0] == curve.past[-1]


def test_the_forecast_knows_nothing_of_what_is_yet_to_come(holm):
    curve = account_curve(holm, POLICY, as_of=AS_OF)
    assert [mark.entry.id for mark in curve.marks] == ["2", "3", "4", "5", "6"]
    below = [p.day for p in curve.forecast if p.balance < curve.threshold]
    assert curve.runway_days is not None
    falls = AS_OF + timedelta(days=curve.runway_days)
    assert min(below) >= falls
    last_good = max(p.day for p in curve.forecast if p.day < falls)
    assert last_good == falls - timedelta(days=1)


def test_silence_is_hatched_from_the_first_charge_to_the_next_contact(holm):
    curve = account_curve(holm, POLICY, as_of=AS_OF)
    assert curve.silent == (
        (date(2024, 5, 20), date(2024, 6, 2)),
        (date(2024, 8, 31), date(2025, 5, 3)),
        (date(2025, 9, 7), date(2025, 9, 30)),
    )


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_account_s_picture_speaks_the_language(holm, language):
    chart = account_chart(account_curve(holm, POLICY, as_of=AS_OF), language, labels=LABELS)
    words = texts(chart.svg)
    assert ("Schwelle 0" if language == "de" else "Threshold 0") in words
    assert ("Stille" if language == "de" else "Silence") in words
    assert any(w.startswith("reicht bis" if language == "de" else "lasts until") for w in words)
    months = {w.split()[0] for w in words if re.fullmatch(r"\w+ 20\d\d", w)}
    assert months <= (
        {"Apr", "Jul", "Okt", "Jan"} if language == "de" else {"Apr", "Jul", "Oct", "Jan"}
    )
    label = "Ehrlich beraten +18,0" if language == "de" else "Honest advice +18.0"
    assert label in chart.svg
    assert 'role="img" aria-label="' in chart.svg[:400]


def test_a_picture_in_a_page_takes_the_page_s_colours_and_needs_nothing_else(holm, empty):
    for account in (holm, empty):
        svg = account_chart(account_curve(account, POLICY, as_of=AS_OF), "de").svg
        assert "var(--ink)" in svg
        assert not re.search(r"#[0-9a-f]{6}", svg), "no colour of its own"
        for forbidden in ("<script", "style=", "<style", "href=", "<image"):
            assert forbidden not in svg
        assert set(re.findall(r"https?://[^\"]+", svg)) <= {
            "http://www.w3.org/2000/svg",
            "http://www.w3.org/1999/xlink",
        }


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_a_picture_alone_has_fixed_colours_and_a_paper(holm, palette):
    svg = account_chart(account_curve(holm, POLICY, as_of=AS_OF), "en", palette=palette).svg
    assert "var(" not in svg
    assert palette.paper in svg


def test_two_pictures_on_one_page_have_hatches_of_their_own(holm):
    curve = account_curve(holm, POLICY, as_of=AS_OF)
    wide, narrow = (account_chart(curve, "de", width=width) for width in (760, 380))
    text = chart_html(wide, "de", narrow=narrow)
    assert len(set(re.findall(r'<pattern id="([^"]+)"', text))) == 2
    assert "als Tabelle" in text
    assert "<details>" in text


def test_the_table_of_a_chart_says_the_same(holm):
    chart = account_chart(account_curve(holm, POLICY, as_of=AS_OF), "de", labels=LABELS)
    assert [row.cells[:2] for row in chart.table.rows[:2]] == [
        ("20.02.2024", "Zusage gehalten"),
        ("02.06.2024", "Zusage <gebrochen>"),
    ]
    assert any("wenn nichts geschieht" in row.cells for row in chart.table.rows)


def test_the_same_values_draw_the_same_bytes(holm):
    curve = account_curve(holm, POLICY, as_of=AS_OF)
    assert account_chart(curve, "de").svg == account_chart(curve, "de").svg


def test_the_portfolio_tells_how_many_are_below():
    bins = (Bin(-20, 0, 3), Bin(0, 20, 5), Bin(20, 40, 2))
    chart = portfolio_chart(bins, "de", palette=LIGHT)
    assert (
        chart.description == "10 Konten nach Kontostand; 3 (30\u00a0%) liegen unter der Schwelle."
    )
    assert "3 darunter" in texts(chart.svg)
    assert [row.cells for row in chart.table.rows] == [
        ("−20", "0", "3"),
        ("0", "20", "5"),
        ("20", "40", "2"),
    ]
    assert portfolio_chart((), "en").description.startswith("0 accounts")
