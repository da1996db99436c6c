"""One account made ready to be shown: statement, value, outlook, chart."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.core.ledger.balance import runway, valuation
from vertrauenskonto.core.ledger.entries import Account
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.core.ledger.statement import statement
from vertrauenskonto.render.statement import StatementSheet, made_good


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The days of a statement: `(after, until]`, as known on `known_at`.

    `opening_known_at`: the knowledge day of the statement before this one, whose closing must
    chain; `opening_account`: the account as it stood then, None: as it stands.
    """

    after: date
    until: date
    known_at: date | None = None
    opening_known_at: date | None = None
    opening_account: Account | None = None


def statement_sheet(
    account: Account,
    policies: PolicyHistory,
    period: Period,
    *,
    chart_language: Language | None = None,
    name: str = "",
    compensates: Mapping[str, str] | None = None,
) -> StatementSheet:
    """Return the statement of an account with all that is shown beside it.

    `chart_language`: draw the chart as well, which takes a moment; None: do not. `compensates`:
    which entry an entry makes good, by their ids.
    """
    policy = policies.in_force(period.until)
    labels = kind_labels(policies)
    chart = ""
    if chart_language:
        chart = _chart(account, policies, period, labels, chart_language)
    return StatementSheet(
        statement=statement(
            account,
            policies,
            after=period.after,
            until=period.until,
            known_at=period.known_at,
            opening_known_at=period.opening_known_at,
            opening_account=period.opening_account,
        ),
        valuation=valuation(account, policy, as_of=period.until, known_at=period.known_at),
        runway_days=runway(account, policy, as_of=period.until, known_at=period.known_at),
        labels=labels,
        chart=chart,
        name=name,
        compensates=made_good(account, compensates or {}),
    )


def kind_labels(policies: PolicyHistory) -> dict[str, Text]:
    """Return the names of all kinds of all versions; the newest wording counts."""
    return {
        name: kind.label for version in policies.versions for name, kind in version.kinds.items()
    }


def _chart(
    account: Account,
    policies: PolicyHistory,
    period: Period,
    labels: Mapping[str, Text],
    language: Language,
) -> str:
    from vertrauenskonto.render.account_chart import account_chart
    from vertrauenskonto.render.charts import chart_html
    from vertrauenskonto.render.curve import account_curve

    curve = account_curve(account, policies, as_of=period.until, known_at=period.known_at)
    wide = account_chart(curve, language, labels=labels)
    narrow = account_chart(curve, language, labels=labels, width=380)
    return chart_html(wide, language, narrow=narrow)
