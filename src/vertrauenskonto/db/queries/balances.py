"""What accounts are worth, as it is kept current, page by page."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from vertrauenskonto.core.ledger.entries import DIMENSIONS, Dimension
from vertrauenskonto.db import access, models, raw
from vertrauenskonto.db.access import Viewer

PAGE_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What an account is worth on `as_of`, under the policy version named; points.

    `key` is how the customer is called before the viewer who asked. `silence` is what months
    without contact cost, >= 0, and already taken off the `balance`.
    """

    key: str
    as_of: date
    policy: str
    balance: float
    silence: float
    silence_charges: int
    weakest: str
    weakest_expected: float
    weakest_reason: str
    verdict: str
    verdicts: dict[Dimension, str]
    below_threshold: bool
    last_contact: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some accounts in a fixed order; `after` leads to the next ones, None: these were the last."""

    accounts: tuple[Worth, ...]
    after: int | None


def page(
    viewer: Viewer,
    *,
    after: int | None = None,
    limit: int = 100,
    below_threshold: bool | None = None,
) -> Page:
    """Return the accounts that may be evaluated and the viewer may see, `limit` (<= 500) of them.

    Args:
        viewer: who asks.
        after: as an earlier page gave it.
        limit: how many.
        below_threshold: only those below the alarm threshold, or only the others.

    Raises:
        Denied: the viewer may not see accounts.
    """
    access.require(viewer, "see_accounts")
    rows = _rows(viewer)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    if below_threshold is not None:
        rows = rows.filter(below_threshold=below_threshold)
    size = min(max(limit, 1), PAGE_MAX)
    found = list(rows[: size + 1])
    shown = found[:size]
    return Page(
        accounts=tuple(_worth(viewer, row) for row in shown),
        after=shown[-1].pk if len(found) > size else None,
    )


def not_evaluated(customer_ids: Collection[int]) -> set[int]:
    """Return those of the customers (row numbers) for whom no balance may be kept.

    They are merged into somebody else, or the processing of their data is restricted, objected to
    or ended.
    """
    stopped = {pk for pk, state in states(customer_ids).items() if state != "normal"}
    # Any row number, or None where a merge was taken back.
    asked = _by_customer("SELECT customer_id, into_id FROM alias", customer_ids)
    merges: dict[int, int | None] = dict(raw.fetched(*asked))
    merged = {pk for pk, into in merges.items() if into is not None}
    return (stopped | merged).intersection(customer_ids)


def states(customer_ids: Collection[int]) -> dict[int, str]:
    """Return how the data of customers may be processed, the latest word; others may come along."""
    return dict(raw.fetched(*states_statement(customer_ids)))


def states_statement(customer_ids: Collection[int]) -> raw.Statement:
    """Return the statement of `states`; its rows, in order, make the dictionary."""
    return _by_customer("SELECT customer_id, state FROM processing", customer_ids)


def _by_customer(sql: str, customer_ids: Collection[int]) -> raw.Statement:
    if len(customer_ids) > _NAMED_MAX:
        return f"{sql} ORDER BY id", ()
    named = f"{sql} WHERE {raw.among('customer_id')} ORDER BY id"
    return named, [raw.listed(customer_ids)]


# Beyond so many, naming the customers costs more than reading these short tables whole.
_NAMED_MAX = 100


# Any: django-stubs cannot name a queryset with a joined row.
def _rows(viewer: Viewer):  # type: ignore[no-untyped-def]
    allowed = access.evaluated(viewer).order_by().values("pk")
    rows = models.Balance.objects.filter(customer_id__in=allowed)
    return rows.select_related("customer").order_by("pk")


def _worth(viewer: Viewer, row: models.Balance) -> Worth:
    return Worth(
        key=access.shown_key(viewer, row.customer.key),
        as_of=row.as_of_date,
        policy=row.policy,
        balance=row.balance,
        silence=row.silence,
        silence_charges=row.silence_charges,
        weakest=row.weakest,
        weakest_expected=row.weakest_expected,
        weakest_reason=row.weakest_reason,
        verdict=row.verdict,
        verdicts={d: getattr(row, f"verdict_{d}") for d in DIMENSIONS},
        below_threshold=row.below_threshold,
        last_contact=row.last_contact_date,
    )
