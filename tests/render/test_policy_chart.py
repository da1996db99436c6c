"""The duties of a draft as a picture, each with its table."""

from datetime import date, timedelta

import pytest

from vertrauenskonto.render.policy_chart import Load, load_chart

LOADS = [
    Load(monday=date(2026, 1, 5) + timedelta(days=7 * n), before=1.0 + n % 3, after=2.0 + n % 5)
    for n in range(52)
]


@pytest.mark.parametrize(("language", "words"), [("de", "schaffbar: 4"), ("en", "we can do 4")])
def test_the_capacity_is_a_line_with_its_name(language, words):
    chart = load_chart(LOADS, language, capacity=4)
    assert words in chart.svg
    assert "style=" not in chart.svg
    assert len(chart.table.rows) == 52
    assert words not in load_chart(LOADS, language, capacity=None).svg


def test_a_year_without_any_duty_is_still_a_picture():
    loads = [Load(monday=date(2026, 1, 5), before=0.0, after=0.0)]
    chart = load_chart(loads, "de", capacity=None)
    assert "höchstens 0,0" in chart.description
    assert chart.svg.startswith("<svg")
