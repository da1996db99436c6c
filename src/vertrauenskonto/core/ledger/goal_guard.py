"""The goal guard: the goal is trust, so no rule may read what trust brings in.

Outcomes (a recommendation, a further purchase) are never postings, or every later proof that the
account predicts them would be circular. Revenue, conversion and customer lifetime value may be
shown as effects; a kind, threshold, segment or column used in a rule that reads them is refused.
"""

import re
from collections.abc import Mapping

from vertrauenskonto.core.errors import Problem, Text
from vertrauenskonto.core.ledger.kinds import OUTCOMES, base_kind

# Unmistakable wherever they occur, also inside a compound such as "jahresumsatz".
_STEMS = (
    "revenue",
    "turnover",
    "umsatz",
    "umsaetz",
    "umsätz",
    "conversion",
    "konversion",
    "lifetime",
    "kundenwert",
    "customer_value",
    "customervalue",
    "sales_value",
    "salesvalue",
    "sales_volume",
    "order_value",
    "basket_value",
    "bestellwert",
    "auftragswert",
    "warenkorbwert",
    "deckungsbeitrag",
    "rohertrag",
    "verkaufserl",
    "spend_total",
    "total_spend",
)
# Only as a word of its own: "ertrag" is part of "vertrag", "gewinn" of "rueckgewinnung".
_WORDS = frozenset(
    {
        "arpu",
        "clv",
        "cltv",
        "ltv",
        "margin",
        "marge",
        "profit",
        "profitability",
        "gewinn",
        "ertrag",
        "erloes",
        "erlös",
        "spend",
        "spending",
        "sales",
        "gmv",
    }
)
# The same outcomes under other names, so that they are not booked by accident.
_OUTCOME_NAMES = (
    *OUTCOMES,
    "referral",
    "repeat_purchase",
    "review_stars",
    "star_rating",
    "survey_response",
    "sternebewertung",
    "umfrageantwort",
    "weiterempfehlung",
    "wiederkauf",
)


def goal_word(text: str) -> str | None:
    """Return the word in `text` that names revenue, conversion or customer value, or None."""
    lowered = re.sub(r"[\s\-]+", "_", re.sub(r"(?<=[a-zäöü0-9])(?=[A-ZÄÖÜ])", "_", text).lower())
    for stem in _STEMS:
        if stem in lowered:
            return stem
    words = re.findall(r"[a-zäöüß]+", lowered)
    return next((word for word in words if word in _WORDS), None)


def goal_word_inside(value: object) -> str | None:
    """Return the first such word in a text, a list, or the keys and values of a table."""
    if isinstance(value, str):
        return goal_word(value)
    if isinstance(value, Mapping):
        inside = [part for pair in value.items() for part in pair]
    elif isinstance(value, list | tuple):
        inside = list(value)
    else:
        return None
    return next((word for part in inside if (word := goal_word_inside(part))), None)


def goal_problem(word: str) -> Problem:
    """Return the refusal of a rule that reads `word`."""
    return Problem(
        code="goal_guard",
        text=Text(
            de=f"„{word}“ misst, was Vertrauen einbringt, nicht das Vertrauen. Das Ziel ist "
            "Vertrauen: Umsatz, Konversion und Kundenwert steuern keine Buchungsart, keine "
            "Schwelle und keine Gruppe. Streichen Sie die Regel; zeigen lässt sich die Spalte mit "
            'der Rolle "display".',
            en=f"'{word}' measures what trust brings in, not trust. The goal is trust: revenue, "
            "conversion and customer lifetime value steer no kind, no threshold and no segment. "
            'Remove the rule; the column can be shown with the role "display".',
        ),
    )


def outcome_problem(kind: str) -> Problem | None:
    """Return the refusal of a kind that is an outcome, or None if it is none."""
    name = base_kind(kind)
    outcome = next((o for o in _OUTCOME_NAMES if name == o or name.startswith(f"{o}_")), None)
    if outcome is None:
        return None
    return Problem(
        code="outcome_kind",
        text=Text(
            de=f"„{kind}“ ist eine Wirkung von Vertrauen und wird nie gebucht, sonst sagte das "
            "Konto sich selbst voraus. Streichen Sie die Art; importieren Sie sie als Wirkung "
            "(outcome), und buchen Sie einen Kauf als order_received ohne Punkte.",
            en=f"'{kind}' is an outcome of trust and is never booked, or the account would "
            "predict itself. Remove the kind; import it as an outcome, and book a purchase as "
            "order_received without points.",
        ),
    )
