"""Readability: the published numbers come out, and short texts get no grade."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.text.jargon import Field
from vertrauenskonto.core.text.readability import (
    SENTENCE_WORDS_MAX,
    Counts,
    counted,
    readability,
    scores,
)

ENTCHEN = (
    "Alle meine Entchen schwimmen auf dem See, Köpfchen unters Wasser, Schwänzchen in die Höh."
)
PARTEIEN = (
    "Alle Parteien widmen dem Thema rein quantitativ betrachtet nennenswerte Aufmerksamkeit, die "
    "Grünen wenig überraschend am meisten."
)
LETTER = (
    "Sehr geehrte Frau Adam, wir haben Ihren Termin am Montag vergessen. Das tut uns leid. Er stand "
    "in keinem Kalender. Herr Weber kommt am 12. Mai um acht Uhr zu Ihnen und baut das Teil ein. Sie "
    "zahlen dafür nichts. Ab heute prüfen wir jeden Abend, wer am nächsten Tag auf uns wartet."
)
HARD = (
    "Die Inanspruchnahme der Gewährleistungsansprüche setzt grundsätzlich eine unverzügliche "
    "schriftliche Mängelanzeige voraus. Die Nichteinhaltung der vertraglich vereinbarten "
    "Obliegenheiten berechtigt die Versicherungsgesellschaft gegebenenfalls zur Leistungskürzung. "
    "Unberührt bleiben hiervon weitergehende gesetzliche Regelungen, insbesondere hinsichtlich der "
    "Schadenersatzverpflichtung bei vorsätzlicher Pflichtverletzung unsererseits."
)


@pytest.mark.parametrize(
    ("text", "counts", "expected"),
    [
        (
            ENTCHEN,
            Counts(words=14, sentences=1, syllables=22, three_plus=0, long=4, one=6),
            (3.770085714286, 3.498657142857, 1.5526, 2.0254, 74.071428571429, 42.571428571429),
        ),
        (
            PARTEIEN,
            Counts(words=16, sentences=1, syllables=38, three_plus=6, long=7, one=4),
            (13.913325, 13.445325, 13.04485, 12.8466, 25.0625, 59.75),
        ),
    ],
)
def test_published_numbers_come_out(text, counts, expected):
    assert counted(text, "de") == counts
    found = scores(counts, "de")
    assert list(found) == ["wstf1", "wstf2", "wstf3", "wstf4", "amstad", "lix"]
    assert list(found.values()) == pytest.approx(expected, abs=1e-9)


def test_the_oracles_come_out_from_their_own_counts(shared):
    raw = json.loads((shared / "oracles" / "literature.json").read_text(encoding="utf-8"))
    names = ("words", "sentences", "syllables", "three_plus", "long", "one")
    assert len(raw["readability"]) == 2
    for oracle in raw["readability"]:
        found = scores(Counts(**{name: oracle[name] for name in names}), "de")
        wstf = [found[f"wstf{n}"] for n in (1, 2, 3, 4)]
        assert wstf == pytest.approx(oracle["wstf"], abs=1e-9)
        assert found["amstad"] == pytest.approx(oracle["amstad"], abs=1e-9)
        assert found["lix"] == pytest.approx(oracle["lix"], abs=1e-9)


def test_english_scores_follow_flesch_and_kincaid():
    # 20 words, 2 sentences, 30 syllables, 4 long: by hand.
    found = scores(Counts(words=20, sentences=2, syllables=30, three_plus=2, long=4, one=12), "en")
    assert found == pytest.approx({"fre": 69.785, "fk": 6.01, "lix": 30.0}, abs=1e-9)


def test_a_short_text_gets_counts_and_no_grade():
    found = readability(ENTCHEN, "de")
    assert found.counts.words == 14
    assert (found.scores, found.is_hard) == ({}, None)
    assert "14 Wörter in 1 Sätzen" in found.why_none.de
    many_words_in_two_sentences = "Ja " * 40 + ". Nein."
    assert readability(many_words_in_two_sentences, "de").why_none is not None
    assert readability("", "de").counts.words == 0


def test_a_plain_letter_is_easy_and_a_clause_is_hard():
    plain, hard = readability(LETTER, "de"), readability(HARD, "de")
    assert plain.why_none is None
    assert plain.is_hard is False
    assert plain.scores["wstf1"] < 8 < hard.scores["wstf1"]
    assert hard.is_hard is True


def test_an_english_letter_is_graded_by_school_years():
    text = "We forgot you. We are sorry. Mr. Webb will come on Monday and he will do the work. " * 3
    found = readability(text, "en")
    assert found.counts.sentences == 9
    assert found.is_hard is False
    assert set(found.scores) == {"fre", "fk", "lix"}


def test_a_long_sentence_is_shown_where_it_stands():
    long = "Wir " + "sehr " * SENTENCE_WORDS_MAX + "lange."
    text = f"Kurz. {long} Kurz."
    assert [span.of(text) for span in readability(text, "de").long_sentences] == [long]
    short = "Wir " + "sehr " * (SENTENCE_WORDS_MAX - 2) + "lange."
    assert readability(short, "de").long_sentences == ()


def test_jargon_is_marked_for_a_layman_and_not_for_an_expert_of_the_field():
    text = "Das Netzentgelt und das Update sind irrelevant."
    words = [m.entry.word for m in readability(text, "de").marked]
    assert words == ["netzentgelt", "updaten", "irrelevant"]
    field: Field = "energy"
    expert = readability(text, "de", expert_in=(field,), known=("Updaten",))
    assert [m.entry.word for m in expert.marked] == ["irrelevant"]


@given(st.text(max_size=200), st.sampled_from(["de", "en"]))
def test_any_text_is_counted(text, language):
    found = readability(text, language)
    counts = found.counts
    assert counts.syllables >= counts.words >= counts.one + counts.three_plus
    assert (found.why_none is None) == bool(found.scores)
    assert counts.sentences <= counts.words
