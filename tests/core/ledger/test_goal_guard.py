"""The goal is trust: what reads revenue, conversion or customer value is refused."""

import pytest
from tests.policies import FIRST_LINE, decoded, only_problem, policy

from vertrauenskonto.core.ledger.goal_guard import (
    GoalRefused,
    goal_word,
    goal_word_inside,
    outcome_problem,
    refuse_goal,
)
from vertrauenskonto.core.ledger.kinds import OUTCOMES
from vertrauenskonto.importers.policy import read_policy, shipped_policies

KIND = 'label_de = "Art"\nlabel_en = "Kind"\nwhy_de = "darum"\nwhy_en = "because"\ncontact = true\n'
SEGMENT = 'label_de = "Gruppe"\nlabel_en = "Segment"\n'


@pytest.mark.parametrize(
    "text",
    [
        "revenue",
        "annual-revenue",
        "Jahresumsatz",
        "umsätze",
        "turnover_min",
        "conversionRate",
        "customer lifetime value",
        "CLV",
        "customerCLV",
        "ltv_12m",
        "kundenwert",
        "Deckungsbeitrag II",
        "contribution_margin",
        "sales_value",
        "SalesValue",
        "profit > 0",
        "arpu",
        "gewinn",
        "total_spend",
        "order_volume",
        "orderTotal",
        "order_total_high",
        "Bestellsumme",
        "bestellsumme_hoch",
        "basket_size",
        "warenkorb_gross",
        "upsell",
        "cross-sell",
        "einkaufswert",
        "kaufkraft",
        "mrr",
        "ARR",
        "roi",
        "earnings",
        "household income",
        "converted",
    ],
)
def test_words_for_what_trust_brings_in_are_recognised(text):
    assert goal_word(text)


@pytest.mark.parametrize(
    "text",
    [
        "rueckgewinnung",
        "vertrag",
        "vertragsart",
        "region",
        "order_received",
        "trust_exploited",
        "customer_idea_taken_up",
        "sold_without_benefit",
        "arr_delay",
        "array",
        "cart_id",
        "order_id",
        "order_status",
        "warenkorb_id",
        "bestellnummer",
        "auftrag",
        "",
    ],
)
def test_words_that_only_resemble_them_are_not(text):
    assert goal_word(text) is None


def test_a_word_is_found_inside_tables_and_lists_but_not_in_numbers():
    assert goal_word_inside({"when": ["region", {"min": "revenue > 5"}]}) == "revenue"
    assert goal_word_inside({"umsatz_min": 5}) == "umsatz"
    assert goal_word_inside({"when": [1, True, None]}) is None


RULES = [
    (f"[kinds.revenue_grew]\n{KIND}", "kinds.revenue_grew", 0),
    (f"[kinds.umsatzziel_erreicht]\n{KIND}able = 5\n", "kinds.umsatzziel_erreicht", 0),
    ("[kinds.promise_kept]\nable = 'revenue / 100'", "kinds.promise_kept.able", 1),
    ("[kinds.promise_kept]\nrevenue_factor = 2", "kinds.promise_kept.revenue_factor", 1),
    ("[kinds.promise_kept]\nwhen = 'clv > 5'", "kinds.promise_kept.when", 1),
    ("[alarm]\nthreshold = 'clv / 10'", "alarm.threshold", 1),
    ("[alarm]\nrevenue_min = 1000", "alarm.revenue_min", 1),
    ("[half_life_days.umsatz]\ndeposits = 5", "half_life_days.umsatz", 0),
    ("[opinion.base_rate]\nconversion = 0.5", "opinion.base_rate.conversion", 1),
    ("[priority]\norder_by = 'kundenwert'", "priority", 0),
    ("[lifetime_value]\nx = 1", "lifetime_value", 0),
    ("[columns]\nnet_revenue = 'segment'", "columns.net_revenue", 1),
    ("[columns]\nmarge = 'event'", "columns.marge", 1),
    (f"[segments.top_umsatz]\n{SEGMENT}", "segments.top_umsatz", 0),
    (
        f"[columns]\ntier = 'segment'\n[segments.top]\n{SEGMENT}column = 'tier'\nvalues = ['high revenue']\n",
        "segments.top",
        2,
    ),
    (
        f"[columns]\nrevenue = 'display'\n[segments.top]\n{SEGMENT}column = 'revenue'\nvalues = ['A']\n",
        "segments.top.column",
        5,
    ),
]


@pytest.mark.parametrize(("text", "key", "line"), RULES, ids=[rule[1] for rule in RULES])
def test_a_rule_that_reads_revenue_is_refused_and_told_the_goal(text, key, line):
    problem = only_problem(text)
    assert (problem.code, problem.field, problem.line) == ("goal_guard", key, FIRST_LINE + line)
    assert "Das Ziel ist Vertrauen" in problem.text.de
    assert "The goal is trust" in problem.text.en
    assert "display" in problem.text.de
    assert "display" in problem.text.en
    assert decoded(text).policy is None


def test_revenue_may_be_shown_and_named_in_explanations():
    own = policy(
        "[columns]\numsatz = 'display'\nconversion = 'outcome'\n"
        "[kinds.trust_exploited]\nwhy_de = 'Der Umsatz ging vor.'\n"
    )
    assert own.columns == {"umsatz": "display", "conversion": "outcome"}


@pytest.mark.parametrize(
    "name",
    [
        *OUTCOMES,
        *(f"first_contact_{name}" for name in OUTCOMES),
        "repurchase_online",
        "recommendation_given",
        "weiterempfehlung",
        "Repurchase",
        "wiederkaeufe",
        "re_purchase",
        "purchase_repeated",
        "repeat_order",
        "review_5_stars",
        "five_star_review",
        "nps_promoter",
        "empfehlung",
        "empfehlung_erhalten",
        "weiterempfohlen",
        "recommended_us",
        "referred_a_friend",
        "reorder",
    ],
)
def test_a_kind_that_is_an_outcome_is_refused_because_outcomes_are_never_postings(name):
    problem = only_problem(f"[kinds.{name}]\n{KIND}")
    assert (problem.code, problem.field, problem.line) == (
        "outcome_kind",
        f"kinds.{name}",
        FIRST_LINE,
    )
    assert "wird nie gebucht" in problem.text.de
    assert "is never booked" in problem.text.en
    assert "order_received" in problem.text.en


@pytest.mark.parametrize("name", ["voucher", "gutschein_geschenkt", "gift_card", "GiftCard"])
def test_a_voucher_is_no_kind_because_trust_cannot_be_bought(name):
    found = outcome_problem(name)
    assert found is not None
    assert "Gutscheine sind keine Buchungsart" in found.text.de
    assert "vouchers are no kind" in found.text.en


@pytest.mark.parametrize(
    "name",
    [
        "order_received",
        "reviews_made_accessible",
        "promise_kept",
        "reference_or_reviews_made_accessible",
        "competitor_recommended",
        "survey_sent",
        "return_made_easy",
        "free_service",
    ],
)
def test_a_kind_that_only_resembles_an_outcome_is_none(name):
    assert outcome_problem(name) is None


def test_no_shipped_kind_is_refused():
    kinds = {kind for name in shipped_policies() for kind in read_policy(name).versions[-1].kinds}
    assert len(kinds) > 50
    assert [kind for kind in kinds if outcome_problem(kind) or goal_word(kind)] == []


@pytest.mark.parametrize("name", ["revenue", "Umsatz 2025", "nps", "recommended", "Lieblingskanal"])
def test_a_filter_or_order_by_what_trust_brings_in_is_refused_with_a_named_error(name):
    with pytest.raises(GoalRefused) as refused:
        refuse_goal(name, columns={"lieblingskanal": "display"})
    assert [problem.code for problem in refused.value.problems] == ["goal_guard"]


@pytest.mark.parametrize("name", ["balance", "verdict", "trade", "last_contact_date", "region"])
def test_a_filter_or_order_by_trust_itself_passes(name):
    refuse_goal(name, columns={"trade": "segment", "region": "event"})
