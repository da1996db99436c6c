"""Words and sentences: abbreviations, initials and ordinals end nothing; places are exact."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.text.words import Span, sentences, words


def cut(text, language="de"):
    return [span.of(text) for span in sentences(text, language)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Das ist so. Wir kommen.", ["Das ist so.", "Wir kommen."]),
        ("Wir kommen z. B. am Montag. Gut.", ["Wir kommen z. B. am Montag.", "Gut."]),
        ("Es gilt z.B. Nr. 5 usw. Danach nicht.", ["Es gilt z.B. Nr. 5 usw.", "Danach nicht."]),
        ("Dr. Meier und A. Weber. Beide.", ["Dr. Meier und A. Weber.", "Beide."]),
        ("Am 3. Mai und zum 2. Termin. Ja.", ["Am 3. Mai und zum 2. Termin.", "Ja."]),
        ("Heute, 4. Juni 2026. Ja.", ["Heute, 4. Juni 2026.", "Ja."]),
        ("Es kostet 30. Wir liefern.", ["Es kostet 30.", "Wir liefern."]),
        ("Nach Art. 5 gilt das. Das ist unsere Art. Ja.", None),
        ("„Warum?“ fragte sie. Dann nichts.", ["„Warum?“ fragte sie.", "Dann nichts."]),
        ("Wirklich?! Ja…", ["Wirklich?!", "Ja…"]),
        ("Hallo,\n\nwir kommen", ["Hallo,", "wir kommen"]),
        ("Liste\n- eins\n2. zwei", ["Liste", "- eins", "2. zwei"]),
        ("12. 3. kommen wir.", ["12. 3. kommen wir."]),
        ("am 12. 3. kommen wir.", ["am 12. 3. kommen wir."]),
        (". Ja.", ["Ja."]),
        ("...", []),
        ("", []),
    ],
)
def test_german_sentences(text, expected):
    if expected is None:
        expected = ["Nach Art. 5 gilt das.", "Das ist unsere Art.", "Ja."]
    assert cut(text) == [part.removeprefix(". ") for part in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mr. Smith came, e.g. at 5 p.m. yesterday. Good.", 2),
        ("We said no. Then no. 5 came.", 2),
        ("It took 30. Then it was over.", 2),
        ("He came at 5 p.m. Then he left.", 2),
    ],
)
def test_english_sentences(text, expected):
    assert len(cut(text, "en")) == expected


def test_a_word_has_a_letter_and_keeps_its_hyphens():
    text = "Die E-Mail von B2B-Kunden kostet 24 €, don’t you know?"
    assert [span.of(text) for span in words(text)] == [
        "Die",
        "E-Mail",
        "von",
        "B2B-Kunden",
        "kostet",
        "don’t",
        "you",
        "know",
    ]


@given(st.text(alphabet="aB ö.!?\n-1„“z", max_size=60), st.sampled_from(["de", "en"]))
def test_no_word_is_lost_and_no_sentence_overlaps(text, language):
    spans = sentences(text, language)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    for word in words(text):
        assert sum(s.start <= word.start and word.end <= s.end for s in spans) == 1
    assert Span(0, 1) < Span(0, 2)
