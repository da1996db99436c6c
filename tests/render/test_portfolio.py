"""The portfolio: how balances are spread and who falls next."""

from datetime import date

import pytest

from vertrauenskonto.render.portfolio import PortfolioLine, bins, portfolio_text

AS_OF = date(2026, 1, 1)


def line(account, balance, runway=None):
    return PortfolioLine(
        account=account,
        balance=balance,
        is_below=balance < 0,
        runway_days=0 if balance < 0 else runway,
        weakest="able" if balance < 5 else "willing",
        reason="damaged" if balance < 5 else "unproven",
    )


LINES = [line("a", -12.0), line("b", 0.0, 1), line("c", 3.0, 40), line("d", 30.0), line("e", 44.9)]


def test_the_threshold_is_a_border_between_bins():
    found = bins(LINES)
    assert [(b.lower, b.accounts) for b in found] == [
        (-15.0, 1), (-10.0, 0), (-5.0, 0), (0.0, 2), (5.0, 0), (10.0, 0),
        (15.0, 0), (20.0, 0), (25.0, 0), (30.0, 1), (35.0, 0), (40.0, 1),
    ]  # fmt: skip
    shifted = bins(LINES, threshold=-3.0)
    assert -3.0 in [b.lower for b in shifted]
    assert bins([]) == ()


def test_floating_noise_below_the_threshold_is_counted_as_the_verdict_says():
    noise = PortfolioLine(
        account="n",
        balance=-1e-15,
        is_below=False,
        runway_days=1,
        weakest="able",
        reason="unproven",
    )
    (only,) = bins([noise])
    assert only.lower == 0.0


def test_a_wide_spread_needs_few_bins():
    assert len(bins([line("a", -400.0), line("b", 9000.0)])) <= 26


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_text_is_as_written_down(snapshot, language):
    snapshot(f"portfolio_{language}", portfolio_text(LINES, language, as_of=AS_OF))


def test_an_empty_portfolio_is_said_to_be_so():
    assert portfolio_text([], "en", as_of=AS_OF).startswith("0 of 0 accounts (0%)")


@pytest.mark.parametrize(
    ("language", "said"),
    [("de", "1 von 1 Konto (100\u00a0%) liegt am"), ("en", "1 of 1 account (100%) is below")],
)
def test_one_account_is_told_as_one(language, said):
    assert portfolio_text([line("a", -1.0)], language, as_of=AS_OF).startswith(said)


def test_the_spread_fits_into_a_narrow_terminal():
    text = portfolio_text(LINES, "de", as_of=AS_OF, width=40)
    spread = text.split("\n\n")[1].splitlines()
    assert max(len(row) for row in spread) <= 40
