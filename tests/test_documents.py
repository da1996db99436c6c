"""The documents say what the program does: generated pages, and figures printed in prose."""

import re
from datetime import date

import pytest
from tests.conftest import ROOT
from tests.documents import stale
from tests.ledgers import account

from vertrauenskonto.core.ledger.balance import valuation
from vertrauenskonto.core.ledger.explain import explanation
from vertrauenskonto.core.ledger.policy import Policy

WORKED_EXAMPLE = """
2024-01-01 promise_kept able+5 assessable+2
2024-01-01 own_mistake_disclosed_unasked willing+10 assessable+5
2024-03-31 promise_broken_unannounced willing-10 able-15
"""


def test_generated_pages_are_fresh():
    assert stale() == [], "run `make docs`, read the diff and commit it"


def test_the_worked_example_prints_the_numbers_of_the_model():
    text = (ROOT / "docs" / "concepts" / "model.md").read_text()
    ada, policy, day = account(WORKED_EXAMPLE), Policy(name="neutral"), date(2024, 6, 29)
    why = explanation(ada, policy, as_of=day)
    rows: dict[str, float] = {}
    for part in why.postings:
        # In the table, the broken promise takes a row per dimension: their half-lives differ.
        row = part.entry.kind + (part.dimension if part.points < 0 else "")
        rows[row] = rows.get(row, 0.0) + part.contribution
    printed = [*rows.values(), *(charge.contribution for charge in why.charges)]
    assert len(printed) == 5
    for number in printed:
        assert f"| {number:+.3f} |" in text
    assert f"**{why.valuation.balance:.3f}**" in text
    able, willing = why.valuation.opinions["able"], why.valuation.opinions["willing"]
    assert f"= {willing.expected:.3f}" in text
    assert f"= {able.expected:.3f}" in text
    assert f"disbelief {able.disbelief:.3f} against ignorance {able.lack_ignorance:.3f}" in text
    assert (why.valuation.weakest.dimension, why.valuation.weakest.reason) == ("able", "damaged")
    assert f"= {why.valuation.opinions['assessable'].expected:.3f}" in text
    assert why.valuation.verdicts["assessable"] == "unknown"


def test_the_bound_of_silence_printed_in_prose_is_right():
    text = (ROOT / "docs" / "concepts" / "model.md").read_text()
    [bound] = re.findall(r"2 / \(1 - 2\^\(-30/360\)\) = ([\d.]+) points", text)
    assert float(bound) == round(2 / (1 - 2 ** (-30 / 360)), 1)
    ada = account("2000-01-01 able+1")
    got = valuation(ada, Policy(name="neutral"), as_of=date(2024, 1, 1))
    assert float(bound) - 2 < got.silence < float(bound)


@pytest.mark.parametrize("path", sorted(ROOT.glob("docs/**/*.md")) + sorted(ROOT.glob("*.md")))
def test_links_between_documents_lead_somewhere(path):
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text()):
        assert (path.parent / target).exists(), f"{path.relative_to(ROOT)}: {target} is missing"
