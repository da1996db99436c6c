"""The list of customers: filtered, in any order, page by page in both directions.

How a page is reached is in `customer_walk.py`: it depends on how many match, so it is counted first,
and no further than `COUNTED_MAX`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, get_args

from django.core.cache import cache
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from vertrauenskonto.core.errors import Invalid, Text, did_you_mean
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.goal_guard import refuse_goal
from vertrauenskonto.core.ledger.opinions import Reason
from vertrauenskonto.db import access, models, raw
from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.queries import searching
from vertrauenskonto.db.queries.customer_walk import Order, Walk
from vertrauenskonto.db.queries.customers import Filters, kept
from vertrauenskonto.db.queries.portfolio import is_silent

COUNTED_MAX = 10_000
PAGE_MAX = 500
EXPORT_MAX = 100_000
_PART = 2_000
FALLS_DAYS_MAX = 730


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which customers are listed; what is left out narrows nothing.

    `who` as in `queries.customers`; of it `text` means numbers and addresses too, and
    `below_threshold` and `segment` are those of the balance. `falls_days`: falls below the
    threshold within so many days. `weakest` is a dimension, `reason` damaged or unproven.
    `unbooked`: nothing was booked yet.
    """

    who: Filters = field(default_factory=Filters)
    falls_days: int | None = None
    silent: bool = False
    weakest: str = ""
    reason: str = ""
    unbooked: bool = False

    @property
    def is_valued(self) -> bool:
        """Tell whether only accounts with a balance can match."""
        return bool(
            self.who.below_threshold is not None
            or self.who.segment is not None
            or self.falls_days is not None
            or self.silent
            or self.weakest
            or self.reason
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerLine:
    """A customer in the list; `balance` and what follows is None while nothing was booked.

    `name` is None for who sees no names. `change` is that since `earlier`, None: there was nothing
    then. `falls` as `models.Balance.falls_date` says, `looked_until` how far was looked.
    """

    key: str
    name: str | None
    is_prospect: bool
    balance: float | None
    segment: str | None
    change: float | None
    earlier: date | None
    below_threshold: bool | None
    falls: date | None
    looked_until: date | None
    weakest: str | None
    weakest_reason: str | None
    weakest_verdict: str | None
    last_contact: date | None
    as_of: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPage:
    """Some lines; `count` is that of all matches, None: more than `COUNTED_MAX`.

    `before` and `after` lead to the pages around, None: there is none.
    """

    lines: tuple[CustomerLine, ...]
    count: int | None
    before: str | None
    after: str | None


def page(viewer: Viewer, wanted: Wanted, order: Order, *, today: date) -> CustomerPage:
    """Return one page of the customers that match and exist for a viewer.

    Raises:
        Denied: the viewer may not see accounts, a filter names other people, or the order is that of
            names, which the viewer does not see.
        NotFound: there is no such team.
        Invalid: a filter or the order is none, or reads revenue or another outcome.
    """
    matches = _Matches(viewer, wanted, today=today)
    _check_order(viewer, order)
    count = matches.count()
    order = replace(order, limit=max(1, min(order.limit, PAGE_MAX)))
    matches.are_few = count is not None
    walk = Walk(order, count=count, is_fenced=_is_fenced(wanted, order, count))
    found = walk.found(matches)
    return CustomerPage(
        lines=tuple(_lines(viewer, found.rows).values()),
        count=count,
        before=found.before,
        after=found.after,
    )


def parts(
    viewer: Viewer, wanted: Wanted, order: Order, *, today: date
) -> Iterator[dict[int, CustomerLine]]:
    """Yield every line that matches by its customer's row number, in order, a part at a time.

    Raises:
        Denied, NotFound, Invalid: as `page`.
    """
    matches = _Matches(viewer, wanted, today=today)
    _check_order(viewer, order)
    count = matches.count()
    asked = replace(order, cursor=None, limit=_PART)
    while True:
        walk = Walk(asked, count=count, is_fenced=_is_fenced(wanted, asked, count))
        found = walk.found(matches)
        yield _lines(viewer, found.rows)
        if found.after is None:
            return
        asked = replace(asked, cursor=found.after)


def count(viewer: Viewer, wanted: Wanted, *, today: date, up_to: int = COUNTED_MAX) -> int | None:
    """Return how many match, None: more than `up_to`.

    Raises:
        Denied, NotFound, Invalid: as `page`.
    """
    return _Matches(viewer, wanted, today=today).count(up_to)


def valued(viewer: Viewer, wanted: Wanted, *, today: date) -> QuerySet[models.Balance]:
    """Return the balances of those who match; for modules of `db` only."""
    return _Matches(viewer, wanted, today=today).valued()


def _is_fenced(wanted: Wanted, order: Order, count: int | None) -> bool:
    """Tell whether all matches are sorted, rather than an index of everybody walked.

    Who falls soon has nearly the lowest balance of all: in another order a walk would be long.
    """
    if wanted.falls_days is not None:
        return order.sort != "reach"
    return count is not None


class _Matches:
    """Who matches, as queries; conditions are worked out once. `are_few`: they were counted."""

    def __init__(self, viewer: Viewer, wanted: Wanted, *, today: date) -> None:
        access.require(viewer, "see_accounts")
        _check(wanted)
        self._viewer, self.wanted, self._today = viewer, wanted, today
        self.are_few = False
        self._narrowed = kept(viewer, wanted.who)
        if wanted.unbooked and wanted.is_valued:
            # Nobody has no balance and one that is below the threshold.
            self._narrowed &= Q(pk__in=())
        if wanted.who.text:
            self._narrowed &= Q(pk__in=searching.found(viewer, wanted.who.text))

    @property
    def has_valued(self) -> bool:
        """Whether anybody with a balance can match."""
        return not self.wanted.unbooked

    @property
    def has_unbooked(self) -> bool:
        """Whether anybody without a balance can match."""
        return not self.wanted.is_valued

    def valued(self) -> QuerySet[models.Balance]:
        """Return the balances of those who match."""
        # All conditions are on the customer's number, which is a balance's key as well.
        seen = access.is_seen(self._viewer)
        of_balance = _of_balance(self.wanted, self._today)
        return models.Balance.objects.filter(seen).filter(self._narrowed).filter(of_balance)

    def everybody(self) -> QuerySet[models.Customer]:
        """Return those who match, with a balance or without."""
        if self.wanted.unbooked:
            return self.unbooked()
        return access.evaluated(self._viewer).order_by().filter(self._narrowed)

    def unbooked(self) -> QuerySet[models.Customer]:
        """Return those who match and have no balance."""
        found = access.evaluated(self._viewer).order_by().filter(self._narrowed, balance=None)
        return found if self._narrowed or self.are_few else found.filter(_of_unbooked())

    def count(self, up_to: int | None = None) -> int | None:
        """Return how many match, None: more than `up_to`."""
        most = COUNTED_MAX if up_to is None else up_to
        valued, everybody = self.valued().values("pk"), self.everybody().values("pk")
        found: QuerySet[Any, Any] = valued if self.wanted.is_valued else everybody
        count = found[: most + 1].count()
        return None if count > most else count


def _of_balance(wanted: Wanted, today: date) -> Q:
    """Return the condition on balances."""
    narrowed: dict[str, Any] = {}
    if wanted.who.below_threshold is not None:
        narrowed["below_threshold"] = wanted.who.below_threshold
    if wanted.who.segment is not None:
        narrowed["segment"] = wanted.who.segment
    if wanted.falls_days is not None:
        narrowed["below_threshold"] = False
        # Who is below already has fallen, on the day of the balance.
        narrowed["falls_date__gt"] = today
        narrowed["falls_date__lte"] = today + timedelta(days=wanted.falls_days)
    if wanted.weakest:
        narrowed["weakest"] = wanted.weakest
    if wanted.reason:
        narrowed["weakest_reason"] = wanted.reason
    found = Q(**narrowed)
    return found & is_silent(today) if wanted.silent else found


def _of_unbooked() -> Q:
    """Return the condition of the few customers who may have no balance.

    To find them everybody has to be looked at, so who they are is kept for some minutes; whoever
    came since is looked at again.
    """
    kept_ids = cache.get(_UNBOOKED)
    if kept_ids is None:
        (newest,), *rows = raw.fetched(_WITHOUT_BALANCE, [COUNTED_MAX + 1])
        kept_ids = ([pk for (pk,) in rows], newest)
        cache.set(_UNBOOKED, kept_ids, _UNBOOKED_SECONDS)
    ids, newest = kept_ids
    if len(ids) > COUNTED_MAX:
        # Many: a walk meets them soon.
        return Q()
    each = (
        "unnest(%s::bigint[])" if connection.vendor == "postgresql" else "value FROM json_each(%s)"
    )
    sql = f"SELECT {each} UNION ALL SELECT id FROM customer WHERE id > %s"  # noqa: S608 - as above
    return Q(pk__in=RawSQL(sql, [raw.listed(ids), newest]))  # noqa: S611 - our own names


_UNBOOKED = "customers_without_balance"
_UNBOOKED_SECONDS = 600
# First the newest customer, then those without a balance.
_WITHOUT_BALANCE = """SELECT coalesce(max(id), 0) FROM customer UNION ALL SELECT id FROM (
SELECT c.id FROM customer c WHERE NOT EXISTS (SELECT 1 FROM balance b WHERE b.customer_id = c.id)
ORDER BY c.id LIMIT %s) AS without"""


_COLUMNS = (
    "pk",
    "key",
    "profile__name",
    "profile__is_prospect",
    "balance__balance",
    "balance__segment",
    "balance__change",
    "balance__earlier_date",
    "balance__below_threshold",
    "balance__falls_date",
    "balance__looked_until_date",
    "balance__weakest",
    "balance__weakest_reason",
    "balance__verdict_willing",
    "balance__verdict_able",
    "balance__verdict_assessable",
    "balance__last_contact_date",
    "balance__as_of_date",
)


def _lines(viewer: Viewer, rows: Sequence[int]) -> dict[int, CustomerLine]:
    """Return the lines of customers by row number, in the order given."""
    shows = access.may(viewer, "see_names")
    found = {
        row["pk"]: _line(viewer, row, shows=shows)
        for row in models.Customer.objects.filter(pk__in=rows).values(*_COLUMNS)
    }
    return {pk: found[pk] for pk in rows if pk in found}


def _line(viewer: Viewer, row: Mapping[str, Any], *, shows: bool) -> CustomerLine:
    weakest = row["balance__weakest"]
    return CustomerLine(
        key=access.shown_key(viewer, row["key"]),
        name=(row["profile__name"] or "") if shows else None,
        is_prospect=bool(row["profile__is_prospect"]),
        balance=row["balance__balance"],
        segment=row["balance__segment"],
        change=row["balance__change"],
        earlier=row["balance__earlier_date"],
        below_threshold=row["balance__below_threshold"],
        falls=row["balance__falls_date"],
        looked_until=row["balance__looked_until_date"],
        weakest=weakest,
        weakest_reason=row["balance__weakest_reason"],
        weakest_verdict=row[f"balance__verdict_{weakest}"] if weakest else None,
        last_contact=row["balance__last_contact_date"],
        as_of=row["balance__as_of_date"],
    )


def _check_order(viewer: Viewer, order: Order) -> None:
    if order.sort == "name":
        # The order of names says something of each name.
        access.require(viewer, "see_names")


def _check(wanted: Wanted) -> None:
    refuse_goal(wanted.who.segment or "")
    for name, value, known in (
        ("weakest", wanted.weakest, DIMENSIONS),
        ("reason", wanted.reason, get_args(Reason)),
    ):
        if value and value not in known:
            near = did_you_mean(value, known)
            raise Invalid(
                Text(
                    de=f"{name} = „{value}“; möglich sind {', '.join(known)}.{near.de}",
                    en=f"{name} = '{value}'; choose from {', '.join(known)}.{near.en}",
                )
            )
    if wanted.falls_days is not None and not 0 <= wanted.falls_days <= FALLS_DAYS_MAX:
        raise Invalid(
            Text(
                de=f"{wanted.falls_days} Tage; möglich sind 0 bis {FALLS_DAYS_MAX}.",
                en=f"{wanted.falls_days} days; choose from 0 to {FALLS_DAYS_MAX}.",
            )
        )
