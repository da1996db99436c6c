"""Words that the law protects are found in both languages; everyday words are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.text.special_categories import CATEGORIES, Found, special_categories

SPEAKING = [
    ("Frau Holm liegt mit Brustkrebs im Krankenhaus.", ["Brustkrebs", "Krankenhaus"], "health"),
    ("Er ist seit Montag krankgeschrieben", ["krankgeschrieben"], "health"),
    ("SCHWANGER, Termin verlegen", ["SCHWANGER"], "health"),
    ("Allergie gegen den Lack", ["Allergie"], "health"),
    ("She was ill and is on sick leave.", ["was ill", "sick leave"], "health"),
    ("needs a wheelchair; diabetic", ["wheelchair", "diabetic"], "health"),
    ("Sie ist katholisch, er ist Muslim", ["katholisch", "Muslim"], "religion"),
    ("a Jewish family, no calls on Saturday", ["Jewish"], "religion"),
    ("Familie mit Migrationshintergrund", ["Migrationshintergrund"], "origin"),
    ("türkischstämmig", ["türkischstämmig"], "origin"),
    ("an immigrant from Kenya", ["immigrant"], "origin"),
    ("wählt AfD, war in der CDU", ["AfD", "CDU"], "politics"),
    ("is a Labour voter", ["Labour voter"], "politics"),
    ("In der Gewerkschaft (ver.di)", ["Gewerkschaft", "ver.di"], "union"),
    ("a trade union\nmember", ["trade union"], "union"),
    ("lebt mit Mann, ist schwul", ["schwul"], "sex_life"),
    ("Fingerabdruck an der Tür", ["Fingerabdruck"], "body_data"),
    ("ist vorbestraft und war im Gefängnis", ["vorbestraft", "Gefängnis"], "crime"),
    ("was convicted of theft", ["convicted"], "crime"),
]
HARMLESS = [
    "Die Lieferung kam vier Tage zu spät, der Schrank war beschädigt.",
    "Behinderungsanzeige wegen Verzug am Bau; farbige Wände, grüne Fliesen.",
    "Hat das Gerücht dementiert. Haftpflicht geklärt, Schrift gut lesbar.",
    "Gläubiger ist die Krankenkasse; die Software hat Kinderkrankheiten.",
    "Herr Krebs rief an, Frau Kranke kommt später, Dr. Gay auch.",
    "The union of both parts is a conservative estimate, said with conviction.",
    "Operation of the pump, labour costs, an ill-fitting door, sick of waiting.",
    "I'll call on Friday; the account was disabled; depressurise the tank.",
    "Auswähler für Sorten, Anwähler im Menü, wählerisch beim Material.",
    "",
]


@pytest.mark.parametrize(("text", "words", "category"), SPEAKING)
def test_a_word_of_a_special_category_is_found_as_it_was_written(text, words, category):
    assert special_categories(text) == tuple(Found(word, category) for word in words)


@pytest.mark.parametrize("text", HARMLESS)
def test_everyday_words_warn_nobody(text):
    assert special_categories(text) == ()


def test_each_word_is_named_once_and_in_order():
    found = special_categories("Gewerkschaft, krank, GEWERKSCHAFT, krank")
    assert [f.word for f in found] == ["Gewerkschaft", "krank"]


def test_letters_in_two_parts_are_the_same_word():
    assert [f.category for f in special_categories("ju\u0308disch")] == ["religion"]


@given(st.text(max_size=300))
def test_any_text_is_read_and_what_is_found_stands_in_it(text):
    for found in special_categories(text):
        assert found.category in CATEGORIES
        assert found.word


@given(st.sampled_from([words[0] for _, words, _ in SPEAKING]), st.text("xyz", min_size=1))
def test_a_word_inside_another_word_begins_none(word, before):
    assert all(f.word != word for f in special_categories(f"{before}{word}"))


def test_a_long_text_is_read_in_a_moment():
    assert special_categories("a" * 20_000) == ()
    assert len(special_categories("krank " * 3_000)) == 1
