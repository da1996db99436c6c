"""The reliability diagram: what it draws stands in its table, in both languages."""

import re
import xml.etree.ElementTree as ET

import pytest

from vertrauenskonto.core.stats.calibration import reliability
from vertrauenskonto.render.charts import LIGHT
from vertrauenskonto.render.reliability_chart import reliability_chart

BINS = reliability([0.2] * 10 + [0.8] * 40, [True] * 2 + [False] * 8 + [True] * 30 + [False] * 10)


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_picture_and_its_table_speak_the_language(language):
    chart = reliability_chart(BINS, language)
    words = {
        "".join(n.itertext()) for n in ET.fromstring(chart.svg).iter() if n.tag.endswith("}text")
    }
    assert {"vorhergesagt", "gehalten"} <= words or {"forecast", "kept"} <= words
    assert chart.description.startswith("50 Vorhersagen" if language == "de" else "50 forecasts")
    gap = "\u00a0" if language == "de" else ""
    assert [row.cells for row in chart.table.rows] == [
        (f"20{gap}%", f"20{gap}%", f"6{gap}%", f"51{gap}%", "10"),
        (f"80{gap}%", f"75{gap}%", f"60{gap}%", f"86{gap}%", "40"),
    ]


def test_in_a_page_it_has_the_page_s_colours_and_alone_a_paper():
    assert not re.search(r"#[0-9a-f]{6}", reliability_chart(BINS, "de").svg)
    alone = reliability_chart(BINS, "de", palette=LIGHT).svg
    assert "var(" not in alone
    assert str(LIGHT.paper) in alone


def test_without_forecasts_there_is_an_empty_picture():
    chart = reliability_chart((), "en")
    assert chart.description.startswith("0 forecasts")
    assert chart.table.rows == ()
