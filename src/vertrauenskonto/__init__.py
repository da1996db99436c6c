"""Vertrauenskonto: a trust account for every customer, exact and explainable.

>>> import vertrauenskonto as vk
>>> policy = vk.read_policy("craft")
>>> policy.versions[0].label
'craft/1'

Points are dimensionless; days are `datetime.date` in the account's time zone. What is wrong with
data comes back as `Problem` values; a request that cannot be fulfilled raises a `TrustError`.
Nothing heavy is imported until it is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Problem, Text, TrustError
    from vertrauenskonto.core.ledger.balance import (
        Valuation,
        retained_if_leaves,
        runway,
        valuation,
        velocity,
    )
    from vertrauenskonto.core.ledger.booking import book, replayed
    from vertrauenskonto.core.ledger.checks import checked
    from vertrauenskonto.core.ledger.entries import Account, Entry, Posting, Suspension
    from vertrauenskonto.core.ledger.explain import Explanation, explanation
    from vertrauenskonto.core.ledger.kinds import Kind
    from vertrauenskonto.core.ledger.opinions import Opinion
    from vertrauenskonto.core.ledger.policy import Policy, PolicyHistory
    from vertrauenskonto.core.ledger.statement import Statement, statement
    from vertrauenskonto.engine.account import AccountFiles, read_account
    from vertrauenskonto.engine.prepare import Question
    from vertrauenskonto.engine.run import score_table as score
    from vertrauenskonto.importers.policy import read_policy
    from vertrauenskonto.render.account_chart import account_chart
    from vertrauenskonto.render.charts import Chart
    from vertrauenskonto.render.curve import account_curve

# Where each name lives, so that `import vertrauenskonto` costs nothing; mypy reads the imports above.
_HOMES = {
    "core.errors": ("Conflict", "Invalid", "NotFound", "Problem", "Text", "TrustError"),
    "core.ledger.balance": ("Valuation", "retained_if_leaves", "runway", "valuation", "velocity"),
    "core.ledger.booking": ("book", "replayed"),
    "core.ledger.checks": ("checked",),
    "core.ledger.entries": ("Account", "Entry", "Posting", "Suspension"),
    "core.ledger.explain": ("Explanation", "explanation"),
    "core.ledger.kinds": ("Kind",),
    "core.ledger.opinions": ("Opinion",),
    "core.ledger.policy": ("Policy", "PolicyHistory"),
    "core.ledger.statement": ("Statement", "statement"),
    "engine.account": ("AccountFiles", "read_account"),
    "engine.prepare": ("Question",),
    "importers.policy": ("read_policy",),
    "render.account_chart": ("account_chart",),
    "render.charts": ("Chart",),
    "render.curve": ("account_curve",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = (
    "Account",
    "AccountFiles",
    "Chart",
    "Conflict",
    "Entry",
    "Explanation",
    "Invalid",
    "Kind",
    "NotFound",
    "Opinion",
    "Policy",
    "PolicyHistory",
    "Posting",
    "Problem",
    "Question",
    "Statement",
    "Suspension",
    "Text",
    "TrustError",
    "Valuation",
    "account_chart",
    "account_curve",
    "book",
    "checked",
    "explanation",
    "read_account",
    "read_policy",
    "replayed",
    "retained_if_leaves",
    "runway",
    "score",
    "statement",
    "valuation",
    "velocity",
)


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562)."""
    if name == "score":
        # For tables in memory; files are scored by the command line's engine.run.score.
        value: object = import_module("vertrauenskonto.engine.run").score_table
    elif name in _HOME_OF:
        value = getattr(import_module(f"vertrauenskonto.{_HOME_OF[name]}"), name)
    else:
        raise AttributeError(f"module 'vertrauenskonto' has no attribute '{name}'")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
