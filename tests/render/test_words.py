"""The sentences that come before the numbers."""

from datetime import date

import pytest

from vertrauenskonto.core.ledger.opinions import Opinion
from vertrauenskonto.render.words import outlook, place_word, verdict_word

DAY = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("runway", "german", "english"),
    [
        (73, "Reicht bis 14. März 2026, wenn nichts geschieht.", "Lasts until 14 March 2026 if nothing happens."),
        (0, "Das Konto liegt unter der Schwelle.", "The account is below its threshold."),
        (1, "Reicht bis 1. Januar 2026, wenn nichts geschieht.", "Lasts until 1 January 2026 if nothing happens."),
        (None, "Reicht länger als 2 Jahre, wenn nichts geschieht.", "Lasts longer than 2 years if nothing happens."),
    ],
)  # fmt: skip
def test_the_outlook_names_the_last_day_that_is_still_good(runway, german, english):
    said = [outlook(runway, DAY, lang, is_empty=False) for lang in ("de", "en")]
    assert [words.replace("\u00a0", " ") for words in said] == [german, english]


def test_an_empty_account_has_no_outlook_but_a_sentence():
    assert outlook(None, DAY, "de", is_empty=True) == "Auf diesem Konto ist noch nichts gebucht."


def test_an_open_verdict_says_why_it_is_open():
    unproven = Opinion(0.0, 0.0, 1.0, 0.5, 0.5)
    damaged = Opinion(0.5, 0.4, 0.1, 0.5, 0.55)
    assert verdict_word("unknown", unproven).de == "noch nicht belegt"
    assert verdict_word("unknown", damaged).en == "damaged"
    assert verdict_word("yes", damaged).de == "ja"
    assert verdict_word("no", damaged).en == "no"


def test_a_place_names_the_source_and_the_person():
    assert place_word("organisation", "Lager", "de") == "Lager"
    assert place_word("person:brandt", "Lager", "de") == "Lager, mit brandt"
    assert place_word("person:brandt", "", "en") == "with brandt"
    assert place_word("organisation", "recovery", "de") == "Rückgewinnung"
    assert place_word("organisation", "promises", "en") == "promises"
