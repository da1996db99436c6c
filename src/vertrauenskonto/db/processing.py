"""How a customer's data may be processed: states, the reasons for each change, what stands.

A restriction (GDPR article 18) and an objection (article 21) can stand side by side and are lifted
each for itself, so the reason of a row also says which of them it lifts.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from vertrauenskonto.core.errors import Text

State = Literal["normal", "restricted", "objected", "erased"]
STATES: tuple[State, ...] = get_args(State)
Verb = Literal["restrict", "object", "lift_restriction", "lift_objection", "erase"]

STATE_WORDS: Mapping[State, Text] = {
    "normal": Text("wird bewertet", "is evaluated"),
    "restricted": Text(
        "Verarbeitung eingeschränkt (Art. 18 DSGVO)", "processing restricted (article 18 GDPR)"
    ),
    "objected": Text(
        "Widerspruch eingelegt (Art. 21 DSGVO)", "processing objected to (article 21 GDPR)"
    ),
    "erased": Text("gelöscht (Art. 17 DSGVO)", "erased (article 17 GDPR)"),
}

REASONS: Mapping[Verb, Mapping[str, Text]] = {
    "restrict": {
        "accuracy_contested": Text("die Richtigkeit wird bestritten", "accuracy is contested"),
        "unlawful_processing": Text(
            "unrechtmäßig verarbeitet, Löschung nicht gewünscht",
            "processed unlawfully, erasure not wanted",
        ),
        "needed_for_claims": Text(
            "die Person braucht die Daten für Rechtsansprüche",
            "the person needs the data for legal claims",
        ),
        "objection_pending": Text("ein Widerspruch wird geprüft", "an objection is being examined"),
        "precaution": Text("vorsorglich durch uns", "as a precaution of ours"),
    },
    "object": {
        "personal_situation": Text(
            "Gründe aus der besonderen Situation der Person",
            "grounds relating to the person's particular situation",
        ),
        "direct_marketing": Text("gegen Direktwerbung", "against direct marketing"),
        "no_reason_given": Text("ohne Angabe von Gründen", "no grounds given"),
    },
    "lift_restriction": {
        "accuracy_verified": Text("die Richtigkeit ist geklärt", "accuracy was verified"),
        "lawfulness_restored": Text(
            "die Verarbeitung ist rechtmäßig", "processing is lawful again"
        ),
        "claims_settled": Text("die Ansprüche sind erledigt", "the claims are settled"),
        "objection_decided": Text(
            "über den Widerspruch ist entschieden", "the objection was decided"
        ),
        "at_request": Text("auf Wunsch der Person", "at the person's request"),
    },
    "lift_objection": {
        "objection_withdrawn": Text("Widerspruch zurückgenommen", "objection withdrawn"),
        "compelling_grounds": Text(
            "zwingende schutzwürdige Gründe, dokumentiert",
            "compelling legitimate grounds, documented",
        ),
    },
    "erase": {
        "no_longer_needed": Text("nicht mehr erforderlich", "no longer needed"),
        "consent_withdrawn": Text("Einwilligung widerrufen", "consent withdrawn"),
        "objected": Text("Widerspruch", "objection"),
        "unlawful": Text("unrechtmäßig verarbeitet", "processed unlawfully"),
        "legal_duty": Text("gesetzliche Pflicht", "legal duty"),
        "retention": Text("Aufbewahrungsfrist abgelaufen", "retention time is over"),
        "after_restore": Text(
            "schon gelöscht, kam aus einer Sicherung zurück",
            "erased before, came back from a backup",
        ),
    },
}


def reason_words(reason: str) -> Text:
    """Return what a reason is in words; one that is not known any more stands for itself."""
    known = {code: words for verb in REASONS.values() for code, words in verb.items()}
    return known.get(reason, Text(reason, reason))


def standing(rows: Iterable[tuple[str, str]]) -> tuple[State, ...]:
    """Return what stands after rows of (state, reason) in the order written: at most two states.

    An erasure is final. Nothing stands: ().
    """
    found: list[State] = []
    for state, reason in rows:
        if state == "erased":
            return ("erased",)
        if reason in REASONS["lift_restriction"]:
            found = [s for s in found if s != "restricted"]
        elif reason in REASONS["lift_objection"]:
            found = [s for s in found if s != "objected"]
        elif state == "normal":
            found = []
        else:
            word = next(s for s in STATES if s == state)
            found = [*(s for s in found if s != word), word]
    return tuple(found)
