"""Jargon: found in its inflected forms, in its place, and not where nobody would mind."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.text.jargon import FIELDS, marked

EVERYDAY = {
    "de": (
        "Guten Tag, Frau Adam! Unser Monteur kommt am Montag um acht Uhr und bringt das neue Teil "
        "mit. Bitte lassen Sie die Heizung bis dahin aus. Die Rechnung schicken wir Ihnen nächste "
        "Woche mit der Post. Rufen Sie uns an, wenn etwas nicht klappt. Wir freuen uns auf Sie und "
        "wünschen Ihnen ein schönes Wochenende. Das Wasser läuft wieder, die Kinder können baden. "
        "Ihr Zähler hängt im Keller neben der Tür, der Schlüssel liegt beim Nachbarn. Wir haben den "
        "Fehler gefunden: Ein Kabel war lose. Der Tisch ist aus Holz und trägt hundert Kilo. Geben "
        "Sie beim Bezahlen Ihre Nummer an, dann geht es schneller. Der Laden hat samstags offen."
    ),
    "en": (
        "Good morning, Mrs Adam! Our man comes on Monday at eight and brings the new part. Please "
        "leave the heating off until then. We will send you the bill next week by post. Call us if "
        "anything does not work. We look forward to seeing you and wish you a nice weekend. The "
        "water is running again, and the children can have a bath. Your meter hangs in the cellar "
        "next to the door; the neighbour has the key. We found the fault: a wire was loose. The "
        "table is made of wood and bears a hundred pounds. The shop is open on Saturdays."
    ),
}


def found(text, language="de", **more):
    return [(m.span.of(text), m.entry.word) for m in marked(text, language, **more)]


@pytest.mark.parametrize(
    ("word", "entry"),
    [
        ("Stakeholder", "stakeholder"),
        ("Stakeholdern", "stakeholder"),
        ("Netzentgelte", "netzentgelt"),
        ("Netzentgelten", "netzentgelt"),
        ("Obliegenheiten", "obliegenheit"),
        ("agiles", "agil"),
        ("proaktiven", "proaktiv"),
        ("implementieren", "implementieren"),
        ("implementiert", "implementieren"),
        ("implementierten", "implementieren"),
        ("Implementierung", "implementieren"),
        ("Implementierungen", "implementieren"),
        ("konfigurierbar", "konfigurieren"),
        ("gehostet", "hosting"),
        ("upgedatete", "updaten"),
        ("downloadet", "downloaden"),
        ("Win-win-Situation", "win win"),
        ("Best Practices", "best practice"),
        ("Smart-Meter", "smart meter"),
        ("Key Account", "key account"),
    ],
)
def test_german_forms_are_found(word, entry):
    text = f"Hier steht {word}, ja."
    assert [e for _, e in found(text)] == [entry]
    span = marked(text, "de")[0].span
    assert word.startswith(span.of(text))


@pytest.mark.parametrize(
    ("word", "entry"),
    [
        ("leveraged", "leverage"),
        ("leveraging", "leverage"),
        ("synergies", "synergy"),
        ("best practices", "best practice"),
        ("circled back", "circle back"),
        ("policyholder’s", "policyholder"),
        ("utilizing", "utilise"),
        ("peak-shaving", "peak shaving"),
        ("supplier of last resort", "supplier of last resort"),
        ("indemnified", "indemnify"),
    ],
)
def test_english_forms_are_found(word, entry):
    assert found(f"Here is {word}, yes.", "en") == [(word, entry)]


@pytest.mark.parametrize("language", ["de", "en"])
def test_everyday_words_are_left_alone(language):
    assert found(EVERYDAY[language], language) == []


def test_a_phrase_does_not_cross_a_full_stop():
    assert found("This is the best. Practice it.", "en") == []
    assert found("the best  practice", "en") == [("best  practice", "best practice")]


def test_an_expert_is_spared_the_jargon_of_her_field_but_not_foreign_words():
    text = "Die Obliegenheit ist obsolet, das Backup auch."
    assert [e for _, e in found(text)] == ["obliegenheit", "obsolet", "backup"]
    assert [e for _, e in found(text, expert_in=("insurance", "foreign"))] == ["obsolet", "backup"]
    assert [e for _, e in found(text, known=("OBSOLET",))] == ["obliegenheit", "backup"]
    assert len(FIELDS) == 6


@given(st.lists(st.sampled_from(["Backup", "ist", "win", "-", " ", ".", "ö"]), max_size=30))
def test_places_are_in_order_and_apart(parts):
    text = "".join(parts)
    spans = [m.span for m in marked(text, "de")]
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    assert all(span.of(text).strip() for span in spans)
