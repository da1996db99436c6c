"""The draft check: parts it finds, places it asks about, in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.text.apology import (
    FAULTS,
    MISSING,
    PART_LABELS,
    PARTS,
    QUESTIONS,
    checked,
)

GOOD = {
    "de": (
        "Sehr geehrte Frau Adam,\n\nwir haben Ihren Termin am Montag vergessen. Das tut uns leid. "
        "Der Grund: Er stand in keinem Kalender. Herr Weber kommt am 12. Mai um 8 Uhr, und wir "
        "erstatten Ihnen die Anfahrt bis Freitag. Falls Sie Fragen haben, rufen Sie mich an."
    ),
    "en": (
        "Dear Mrs Adam,\n\nwe forgot your appointment on Monday. We are sorry. The reason: nobody "
        "had entered it. We will send Mr Webb on 12 May. If you have questions, please call me."
    ),
}
POOR = {
    "de": (
        "Falls Sie verärgert waren, bitten wir um Verzeihung. Leider wurden Fehler gemacht, und "
        "unser Lieferant war zu spät. Wir liefern schnellstmöglich. Es tut uns leid, aber Sie haben "
        "uns nicht erreicht."
    ),
    "en": (
        "If we upset you, please forgive us. Mistakes were made, and our supplier was late. We will "
        "repair it as soon as possible. We are sorry, but you failed to call."
    ),
}
FOUND = {
    "de": [
        ("conditional", "Falls"),
        ("forgiveness_first", "Verzeihung"),
        ("no_agent", "wurden Fehler gemacht"),
        ("others", "unser Lieferant"),
        ("vague", "schnellstmöglich"),
        ("but", "aber"),
        ("others", "Sie haben uns"),
    ],
    "en": [
        ("conditional", "If we"),
        ("forgiveness_first", "forgive"),
        ("no_agent", "were made"),
        ("others", "our supplier"),
        ("vague", "as soon as possible"),
        ("but", "but"),
        ("others", "you failed"),
    ],
}


def places(text, language):
    return [
        (f.about, f.span.of(text)) for f in checked(text, language).findings if f.span is not None
    ]


def absent(text, language="de"):
    return [f.about for f in checked(text, language).findings if f.span is None]


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_good_letter_leaves_nothing_to_ask(language):
    draft = checked(GOOD[language], language)
    assert draft.findings == ()
    assert set(draft.parts) == set(PARTS)


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_poor_letter_is_asked_about_each_place(language):
    assert places(POOR[language], language) == FOUND[language]
    assert absent(POOR[language], language) == ["reason", "responsibility", "repair"]


@pytest.mark.parametrize(
    "text",
    [
        "Das war unser Fehler.",
        "Die Verantwortung liegt bei uns.",
        "Dafür tragen wir die volle Verantwortung.",
        "Ich habe Ihre Nachricht übersehen.",
        "Ihren Brief habe ich erst gestern gelesen und zu spät beantwortet.",
        "Am Freitag sind wir nicht gekommen.",
        "Wir hätten Sie anrufen müssen.",
        "Wir haben Ihnen die Wahrheit verschwiegen.",
    ],
)
def test_german_admissions(text):
    assert "responsibility" not in absent(text)


@pytest.mark.parametrize(
    "text",
    [
        "This was our mistake.",
        "We take full responsibility.",
        "I am to blame.",
        "I should have called you.",
        "We did not tell you the truth.",
        "We have let you down.",
    ],
)
def test_english_admissions(text):
    assert "responsibility" not in absent(text, "en")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Es wurden Fehler gemacht.", "de"),
        ("Falls wir etwas falsch gemacht haben, tut es uns leid.", "de"),
        ("Der Fahrer hat Ihr Paket verloren.", "de"),
        ("Mistakes were made.", "en"),
        ("If we made a mistake, we are sorry.", "en"),
    ],
)
def test_no_admission_without_an_own_agent_or_with_a_condition(text, language):
    assert "responsibility" in absent(text, language)


def test_a_repair_needs_its_day():
    assert places("Wir reparieren die Heizung.", "de") == [("vague", "Wir reparieren")]
    assert "repair" in absent("Wir reparieren die Heizung.")
    for day in ("am Freitag", "bis zum 3. Juni", "bis 12.03.2026", "morgen", "in zwei Tagen"):
        assert "repair" not in absent(f"Wir reparieren die Heizung {day}.")
    for day in ("on Friday", "by 3 June", "by June 3rd", "tomorrow", "within two days"):
        assert "repair" not in absent(f"We will repair it {day}.", "en")


def test_asking_for_forgiveness_is_for_the_end():
    late = "Wir haben Sie am Montag vergessen. Wir bitten um Verzeihung."
    assert [about for about, _ in places(late, "de")] == []
    early = "Bitte verzeihen Sie. Wir haben Sie am Montag vergessen."
    assert places(early, "de") == [("forgiveness_first", "verzeihen")]


def test_a_condition_that_casts_no_doubt_is_left_alone():
    assert places("Wenn Sie möchten, komme ich am Montag.", "de") == []
    assert places("If you like, I will come on Monday.", "en") == []


def test_every_question_stands_in_both_languages():
    assert set(MISSING) == set(PART_LABELS) == set(PARTS)
    assert set(QUESTIONS) == set(FAULTS)
    for text in (*MISSING.values(), *QUESTIONS.values(), *PART_LABELS.values()):
        assert text.de
        assert text.en


@given(
    st.lists(
        st.sampled_from([*POOR["de"].split(), *GOOD["de"].split(), *POOR["en"].split(), "\n\n"]),
        max_size=60,
    ),
    st.sampled_from(["de", "en"]),
)
def test_places_lie_inside_and_in_order(parts, language):
    text = " ".join(parts)
    draft = checked(text, language)
    spans = [f.span for f in draft.findings if f.span is not None]
    assert spans == sorted(spans)
    assert all(span.of(text).strip() for span in (*spans, *draft.parts.values()))
    assert {f.about for f in draft.findings if f.span is None} == set(PARTS) - set(draft.parts)
