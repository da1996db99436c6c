"""The weekly mail: five sentences, whatever the week was like, in both languages."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.render.reasons_mail import WeekTold, five_sentences, reasons_mail

URLS = {"reasons": "https://konto.example/ursachen/", "settings": "https://konto.example/konto/"}
LABEL = Text("Zu spät geliefert", "Delivered late")


def week(**given):
    first = {
        "cause": LABEL,
        "cost": 1250.5,
        "before": 1000.0,
        "customers": 7,
        "hit": "able",
        "earned": Text("Zusage gehalten", "Promise kept"),
        "points": 70.0,
    }
    return WeekTold(**{**first, **given})


def counted(body):
    """Count sentences as a reader would: an end mark before a gap or the end."""
    return len(re.findall(r"[.!?](?=\s|$)", body))


def test_the_five_sentences_in_english():
    _, text = reasons_mail(week(), urls=URLS, language="en")
    assert text == (
        "What cost most trust last week was 'Delivered late': 1,250.5 points. That is 250.5 points "
        "more than the week before. 7 accounts were affected. What earned most trust was 'Promise "
        "kept': +70.0 points. Next, go through three of these cases from start to end and mend "
        "what failed in all three.\n\n"
        "Reasons: https://konto.example/ursachen/\n"
        "Stop this mail: https://konto.example/konto/\n"
    )


def test_a_week_without_withdrawals_is_told_too():
    quiet = week(cause=None, cost=0.0, before=40.0, customers=0, hit=None)
    assert [text.de for text in five_sentences(quiet)] == [
        "In der vergangenen Woche hat nichts Vertrauen gekostet.",
        "In der Woche davor waren es 40,0 Punkte.",
        "Betroffen war niemand.",
        "Am meisten Vertrauen eingebracht hat „Zusage gehalten“: +70,0 Punkte.",
        "Fragen Sie als Nächstes drei Kundinnen und Kunden, ob sie das auch so sehen.",
    ]


LABELS = [None, LABEL, Text("Z. B. zu spät!", "E. g. late? Yes")]


@pytest.mark.parametrize("language", ["de", "en"])
@given(
    told=st.builds(
        WeekTold,
        cause=st.sampled_from(LABELS),
        cost=st.floats(0, 1e6),
        before=st.floats(0, 1e6),
        customers=st.integers(0, 10**6),
        hit=st.sampled_from([None, *DIMENSIONS]),
        earned=st.sampled_from(LABELS),
        points=st.floats(0, 1e6),
    )
)
def test_there_are_exactly_five(language, told):
    _, text = reasons_mail(told, urls=URLS, language=language)
    body = text.split("\n\n", maxsplit=1)[0]
    # A point before a gap that does not break ends no sentence.
    assert counted(body.replace(".\u00a0", "\u00a0")) == 5
