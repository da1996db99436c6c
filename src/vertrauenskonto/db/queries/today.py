"""What Today shows beside duties: accounts that need a look soon, and what waits for a decision.

Each is one question to the database, however many rows there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, get_args

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.entries import PERSON_PREFIX
from vertrauenskonto.core.ledger.policy import Policy, PolicyHistory
from vertrauenskonto.db import access, models, raw
from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.queries import portfolio

# Why an account is listed, the most pressing first: a contact planned for today, below the
# threshold without a duty, soon below it, silent for too long.
Why = Literal["planned", "low", "falling", "silent"]
WHYS: tuple[Why, ...] = get_args(Why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An account that needs a look; points. `name`, `caller` and `phone` are "" where not seen."""

    why: Why
    key: str
    name: str
    caller: str
    phone: str
    balance: float
    falls_date: date | None
    last_contact: date | None
    planned_date: date | None
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits, as far as the viewer may decide on it; 0 and False where she may not.

    `second_person`: proposals and contests on honesty. `unmatched`: records that may belong to
    several customers. `council`: nobody answered whether there is a works council. `setup`: the
    set-up was begun and not finished, or no policy is in force. `concerns_her`: there may be
    entries on honesty that name her. `looks_after`: customers are hers.
    """

    second_person: int
    unmatched: int
    council: bool
    setup: bool
    has_customers: bool
    concerns_her: bool
    looks_after: bool


def waiting(viewer: Viewer) -> Waiting:
    """Return what waits for this viewer."""
    target = "draft ->> 'target'" if connection.vendor == "postgresql" else _JSON_SQLITE
    me = f"{PERSON_PREFIX}{viewer.actor}"
    [(proposed, contested, unmatched, answers, versions, step, some, hers, own)] = raw.fetched(
        _COUNTS.format(target=target), [me, viewer.person_id]
    )
    leads, administers = access.may(viewer, "lead"), access.may(viewer, "administer")
    is_begun = (step or "") not in ("", "done")
    return Waiting(
        second_person=proposed + contested if leads else 0,
        unmatched=unmatched if access.may(viewer, "match") else 0,
        council=administers and not answers,
        setup=administers and (is_begun or not versions),
        has_customers=bool(some),
        concerns_her=bool(hers),
        looks_after=bool(own),
    )


def lines(
    viewer: Viewer, policies: PolicyHistory, *, today: date, is_own: bool, limit: int = 20
) -> Sequence[Line]:
    """Return the accounts that need a look, at most `limit` for each reason, each account once.

    `is_own`: only of customers whom the viewer looks after; contact persons see no others. Whose
    contact is planned for a later day is left in peace till then.

    Raises:
        Denied: the viewer may not see accounts.
    """
    shows, policy = access.may(viewer, "see_names"), policies.in_force(today)
    wanted = _wanted(viewer, policy, today=today, is_own=is_own)
    parts = [_shown(rows[:limit], why) for why, rows in wanted]
    # One way there and back for all of them.
    sql = " UNION ALL ".join(f"SELECT * FROM ({part}) p{n}" for n, (part, _) in enumerate(parts))  # noqa: S608
    found = [
        _line(viewer, dict(zip(_COLUMNS, row, strict=True)), policy, today, shows=shows)
        for row in raw.fetched(sql, [value for _, values in parts for value in values])
    ]
    once: dict[str, Line] = {}
    for line in sorted(found, key=_order):
        once.setdefault(line.key, line)
    return list(once.values())


def _order(line: Line) -> tuple[int, float, str]:
    """Order by reason, and within it as `_wanted` does."""
    far = date.max
    by = {
        "planned": (line.planned_date or far).toordinal(),
        "low": line.balance,
        "falling": (line.falls_date or far).toordinal(),
        "silent": -(line.last_contact or date.min).toordinal(),
    }
    return WHYS.index(line.why), by[line.why], line.key


def _wanted(
    viewer: Viewer, policy: Policy, *, today: date, is_own: bool
) -> Sequence[tuple[Why, "QuerySet[models.Balance]"]]:
    plan = models.PlannedContact.objects.filter(customer=OuterRef("customer"))
    # A contact since it was planned made the plan good.
    is_good = Q(customer__plannedcontact__set_date__lt=F("last_contact_date"))
    duty = models.Obligation.objects.filter(customer=OuterRef("customer"), closed_date=None)
    rows = portfolio.valued(viewer).filter(~Exists(duty))
    if is_own and viewer.role != "contact":
        own = access.looked_after(viewer.person_id) if viewer.person_id is not None else ()
        rows = rows.filter(customer__in=own)
    planned = rows.filter(~is_good, customer__plannedcontact__planned_date__lte=today)
    open_rows = rows.filter(~Exists(plan.filter(planned_date__gt=today)))
    until = today + timedelta(days=portfolio.DAYS_AHEAD)
    falls = Q(below_threshold=False, falls_date__gt=today, falls_date__lte=until)
    return (
        ("planned", planned.order_by("customer__plannedcontact__planned_date", "pk")),
        ("low", open_rows.filter(below_threshold=True).order_by("balance", "pk")),
        ("falling", open_rows.filter(falls).order_by("falls_date", "pk")),
        (
            "silent",
            open_rows.filter(portfolio.is_silent(today, policy=policy)).order_by(
                "-last_contact_date", "pk"
            ),
        ),
    )


_OF_BALANCE = (
    "balance",
    "falls_date",
    "last_contact_date",
    "weakest",
    "weakest_reason",
    "segment",
)
_DAYS = {"falls_date", "last_contact_date", "planned_date"}
_COLUMNS = ("why", "key", "name", "caller", "phone", "planned_date", *_OF_BALANCE)


def _shown(rows: "QuerySet[models.Balance]", why: Why) -> tuple[str, Sequence[Any]]:
    """Return the statement that gives the columns of some rows."""
    people = models.Contact.objects.filter(customer=OuterRef("customer")).exclude(phone="")
    main = people.order_by("-is_main", "pk")
    told = rows.annotate(
        caller=Subquery(main.values("name")[:1]), phone=Subquery(main.values("phone")[:1])
    ).values_list(
        "customer__key",
        "customer__profile__name",
        "caller",
        "phone",
        "customer__plannedcontact__planned_date",
        *_OF_BALANCE,
    )
    sql, values = told.query.sql_with_params()
    return f"SELECT {WHYS.index(why)}, q.* FROM ({sql}) q", values  # noqa: S608


def _line(
    viewer: Viewer, said: Mapping[str, Any], policy: Policy, today: date, *, shows: bool
) -> Line:
    read: dict[str, Any] = {
        name: _day(said[name]) if name in _DAYS else said[name] for name in said
    }
    names: dict[str, str] = {
        name: (read[name] or "") if shows else "" for name in ("name", "caller", "phone")
    }
    balance = models.Balance(**{name: read[name] for name in _OF_BALANCE})
    return Line(
        why=WHYS[read["why"]],
        key=access.shown_key(viewer, read["key"]),
        balance=read["balance"],
        falls_date=read["falls_date"],
        last_contact=read["last_contact_date"],
        planned_date=read["planned_date"],
        reason=portfolio.reason(balance, policy, today),
        **names,
    )


def _day(value: date | str | None) -> date | None:
    """Return a day; SQLite gives what passes through a union as text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


_JSON_SQLITE = "json_extract(draft, '$.target')"
_COUNTS = """SELECT
  (SELECT COUNT(*) FROM proposal WHERE state = 'open'),
  (SELECT COUNT(*) FROM contest c WHERE c.state = 'contested' AND NOT EXISTS
    (SELECT 1 FROM contest l WHERE l.entry_id = c.entry_id AND l.id > c.id
      AND l.state <> 'comment')),
  (SELECT COUNT(*) FROM unmatched WHERE customer_id IS NULL AND decided_at IS NULL),
  (SELECT COUNT(*) FROM agreement WHERE name IN ('works_council', 'no_works_council')),
  (SELECT COUNT(*) FROM policy_version),
  (SELECT value FROM choice WHERE name = 'setup_step'),
  (SELECT COUNT(*) FROM (SELECT 1 FROM customer LIMIT 1) c),
  (SELECT COUNT(*) FROM proposal WHERE state = 'confirmed' AND {target} = %s),
  (SELECT COUNT(*) FROM (SELECT 1 FROM profile WHERE owner_id = %s LIMIT 1) o)"""
