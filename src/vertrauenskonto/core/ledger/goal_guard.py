"""The goal guard: the goal is trust, so no rule may read what trust brings in.

Outcomes (a recommendation, a further purchase) are never postings, or every later proof that the
account predicts them would be circular. Revenue, conversion and customer lifetime value may be
shown as effects; a kind, threshold, segment or column used in a rule that reads them is refused.
"""

import re
from collections.abc import Mapping

from vertrauenskonto.core.errors import Invalid, Problem, Text
from vertrauenskonto.core.ledger.kinds import OUTCOMES, base_kind

# Unmistakable wherever they occur, also inside a compound such as "jahresumsatz".
_STEMS = (
    *("revenue", "turnover", "umsatz", "umsaetz", "umsätz", "deckungsbeitrag", "rohertrag"),
    *("conversion", "konversion", "upsell", "up_sell", "cross_sell", "crosssell"),
    *("lifetime", "kundenwert", "customer_value", "customervalue", "kaufkraft"),
    *("sales_value", "salesvalue", "sales_volume", "salesvolume", "verkaufserl"),
    *("order_value", "ordervalue", "order_total", "ordertotal", "order_volume", "ordervolume"),
    *("basket_value", "basket_size", "basketsize", "basket_total", "cart_value", "cart_total"),
    *("purchase_value", "purchase_volume", "purchasing_power", "total_spend", "spend_total"),
    *("bestellwert", "bestellsumme", "bestellvolumen", "auftragswert", "auftragssumme"),
    *("auftragsvolumen", "einkaufswert", "einkaufssumme", "warenkorbwert", "warenkorbsumme"),
    *("warenkorb_gr", "warenkorbgr"),
)
# Only as a word of its own: "ertrag" is part of "vertrag", "gewinn" of "rueckgewinnung".
_WORDS = frozenset(
    {
        *("arpu", "clv", "cltv", "ltv", "gmv", "aov", "mrr", "roi", "sales", "spend", "spending"),
        *("margin", "marge", "profit", "profitability", "gewinn", "ertrag", "erloes", "erlös"),
        *("income", "einkommen", "earnings", "converted", "konvertiert"),
    }
)
# Only as the whole name: "arr_delay" is the delay of an arrival.
_NAMES = frozenset({"arr"})
# The same outcomes under other names, so that they are not booked by accident. At the beginning of
# a name: a competitor we recommended is our own conduct.
_OUTCOME_NAMES = (
    *(*OUTCOMES, "recommended", "referral", "referred", "empfehlung", "empfohlen"),
    *("survey_response", "umfrageantwort", "reorder"),
)
# Anywhere in a name.
_OUTCOME_STEMS = (
    *("weiterempf", "repurchase", "re_purchase", "repeat_purchase", "purchase_repeated"),
    *("repeat_order", "wiederkauf", "wiederkaeuf", "wiederkäuf", "wiederbestell"),
    *("review_star", "star_rating", "star_review", "sternebewert"),
)
_OUTCOME_WORDS = frozenset({"nps", "stars", "sterne"})
_VOUCHER_STEMS = ("voucher", "gutschein", "gift_card", "giftcard", "geschenkkarte")


def goal_word(text: str) -> str | None:
    """Return the word in `text` that names revenue, conversion or customer value, or None."""
    lowered, words = _lowered(text)
    if lowered in _NAMES:
        return lowered
    stem = next((stem for stem in _STEMS if stem in lowered), None)
    return stem or next((word for word in words if word in _WORDS), None)


def _lowered(text: str) -> tuple[str, list[str]]:
    """Return a name in lower case with its parts joined by _, and its words."""
    apart = re.sub(r"(?<=[a-zäöü0-9])(?=[A-ZÄÖÜ])", "_", text)
    lowered = re.sub(r"[\s\-]+", "_", apart.strip().lower())
    return lowered, re.findall(r"[a-zäöüß]+", lowered)


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


class GoalRefused(Invalid):
    """A rule, filter, order, priority or attribute that reads what trust brings in.

    Its problem has the code `goal_guard`.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text, problems=[problem])


def refuse_goal(name: str, *, columns: Mapping[str, str] | None = None) -> None:
    """Go on if a name may steer something: a filter, an order, a priority, a segment.

    `columns`: roles of declared columns; what is only displayed, or an outcome, steers nothing.

    Raises:
        GoalRefused: the name reads revenue, conversion, customer value or another outcome.
    """
    word = goal_word(name)
    if word:
        raise GoalRefused(goal_problem(word))
    outcome = outcome_problem(name)
    folded = {column.casefold(): role for column, role in (columns or {}).items()}
    if outcome is not None or folded.get(name.strip().casefold()) in ("outcome", "display"):
        raise GoalRefused(goal_problem(name))


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
    """Return the refusal of a kind that is an outcome or a voucher, or None if it is neither."""
    name, words = _lowered(base_kind(kind))
    if any(stem in name for stem in _VOUCHER_STEMS):
        return _voucher_problem(kind)
    is_outcome = (
        any(name == o or name.startswith(f"{o}_") for o in _OUTCOME_NAMES)
        or any(stem in name for stem in _OUTCOME_STEMS)
        or not _OUTCOME_WORDS.isdisjoint(words)
    )
    if not is_outcome:
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


def _voucher_problem(kind: str) -> Problem:
    return Problem(
        code="outcome_kind",
        text=Text(
            de=f"„{kind}“ ist ein Gutschein, und Vertrauen lässt sich nicht kaufen: Gutscheine sind "
            "keine Buchungsart. Streichen Sie die Art; eine Leistung ohne Rechnung, die der Kunde "
            "brauchte, ist free_service.",
            en=f"'{kind}' is a voucher, and trust cannot be bought: vouchers are no kind. Remove "
            "the kind; work the customer needed and was not charged for is free_service.",
        ),
    )
