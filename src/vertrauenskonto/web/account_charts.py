"""The chart of an account for its page, its print and its PDF: drawn once for each state of it."""

import hashlib
from dataclasses import replace

from django.conf import settings
from django.core.cache import cache

from vertrauenskonto.core.errors import Language
from vertrauenskonto.core.ledger.entries import TOTAL
from vertrauenskonto.db.queries.account_pages import AccountPage, Wanted
from vertrauenskonto.db.queries.statements import Shown
from vertrauenskonto.render.account_chart import account_chart
from vertrauenskonto.render.charts import LIGHT, chart_html
from vertrauenskonto.render.curve import AccountCurve, account_curve

# A drawn balance is a number about a person: it is not kept longer than a visit.
_SECONDS_KEPT = 60 * 60
_PHONE = 350


def company() -> str:
    """Return the company's name as letters carry it."""
    return str(settings.COMPANY)


def drawn(found: Shown, wanted: Wanted, language: Language) -> str:
    """Return the chart and its table as HTML; from memory where this very state was drawn before."""
    versions = tuple(v.label for v in found.policies.versions)
    state = repr((found.account, versions, wanted.as_of, wanted.known_at, language))
    name = f"account_chart:{hashlib.sha256(state.encode()).hexdigest()}"
    kept = cache.get(name)
    if kept is None:
        labels = {n: k.label for v in found.policies.versions for n, k in v.kinds.items()}
        curve = _curve(found, wanted)
        wide = account_chart(curve, language, labels=labels)
        narrow = account_chart(curve, language, labels=labels, width=_PHONE)
        kept = chart_html(wide, language, narrow=narrow)
        cache.set(name, kept, timeout=_SECONDS_KEPT)
    return str(kept)


def standing_alone(found: AccountPage, wanted: Wanted, language: Language) -> str:
    """Return the picture for paper, "" where there is nothing to draw."""
    if found.valuation.view != TOTAL or found.is_empty:
        return ""
    curve = _curve(found.shown, wanted)
    return account_chart(curve, language, palette=LIGHT, width=680).svg


def _curve(found: Shown, wanted: Wanted) -> AccountCurve:
    account = replace(found.account, id="")
    return account_curve(account, found.policies, as_of=wanted.as_of, known_at=wanted.known_at)
