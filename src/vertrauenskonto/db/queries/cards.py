"""The account card: one customer found by what a helpdesk knows of her, and her account in brief."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.db.models import Exists, OuterRef

from vertrauenskonto.core.errors import Invalid, NotFound, Text
from vertrauenskonto.core.ledger.balance import Valuation, runway, valuation
from vertrauenskonto.core.ledger.entries import live_entries
from vertrauenskonto.db import access, agreements, models, raw
from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.aliases import roots
from vertrauenskonto.db.matching import email_key
from vertrauenskonto.db.queries import account_pages, modules
from vertrauenskonto.db.queries.account_pages import Wanted
from vertrauenskonto.db.queries.choices import choice
from vertrauenskonto.db.queries.obligations import Duty

Outcome = Literal["one", "several", "none"]

# Who has more accounts under one address than that must look for her by another number.
HITS_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An account in brief; `name` is None for who may see no names.

    `runway_days` as `balance.runway`; `is_empty`: nothing was ever booked.
    """

    key: str
    name: str | None
    valuation: Valuation
    threshold: float
    runway_days: int | None
    last_contact: date | None
    is_empty: bool
    duty: Duty | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A customer who is called so; `name` is "" where none is known."""

    key: str
    name: str


def find(
    viewer: Viewer,
    *,
    mail: str = "",
    number: str = "",
    order: str = "",
    is_on: bool | None = None,
) -> tuple[Hit, ...]:
    """Return the customers with this mail address, customer number or order; none, one or several.

    `is_on`: whether the card is switched on, from who knows.

    Raises:
        Denied: the viewer may not see names: who finds by an address knows who it is.
        NotFound: the card is switched off.
        Invalid: nothing was given to look for, or more than one thing.
    """
    access.require(viewer, "see_accounts")
    access.require(viewer, "see_names")
    if not ("card" in modules.switched_on() if is_on is None else is_on):
        raise NotFound(
            Text(
                de="Die Kontokarte ist ausgeschaltet; einschalten: Verwaltung, Module.",
                en="The account card is switched off; switch it on under Administration, Modules.",
            )
        )
    if [bool(mail), bool(number), bool(order)].count(True) != 1:
        raise Invalid(
            Text(
                de="Suchen Sie nach einem: Mailadresse, Kundennummer oder Auftrag.",
                en="Look for one thing: mail address, customer number or order.",
            )
        )
    if mail:
        called = email_key(mail)
        rows = models.Contact.objects.filter(email_key=called) if called else None
        found = (
            set(rows.values_list("customer", flat=True)[:HITS_MAX]) if rows is not None else set()
        )
    elif number:
        found = _by_number(number.strip())
    else:
        found = _by_order(order.strip())
    return tuple(Hit(key=key, name=name or "") for key, name in _seen(viewer, found)[:HITS_MAX])


def _seen(viewer: Viewer, found: Collection[int]) -> list[tuple[str, str | None]]:
    """Return key and name of those whose accounts count for customers, and who exist for a viewer."""
    own = OuterRef("pk")
    told = models.Customer.objects.filter(pk__in=found).annotate(
        is_seen=Exists(access.customers(viewer).order_by().filter(pk=own)),
        was_merged=Exists(models.Alias.objects.filter(customer=own)),
    )
    hits = list(told.order_by("pk").values_list("key", "profile__name", "is_seen", "was_merged"))
    if not any(was_merged for *_, was_merged in hits):
        return [(key, name) for key, name, is_seen, _ in hits if is_seen]
    ends = access.customers(viewer).filter(pk__in=set(roots(found).values()))
    return list(ends.values_list("key", "profile__name"))


def card(viewer: Viewer, key: str, *, today: date) -> Card:
    """Return the account of a customer in brief.

    Raises:
        NotFound: there is no such customer for this viewer.
        Denied: the viewer may not see accounts.
        Conflict: the account is not valued.
    """
    row, found = account_pages.read(viewer, key, Wanted(as_of=today))
    account = found.account
    policy = found.policies.in_force(today).for_segment(account.segment)
    live = live_entries(account.entries, as_of=today)
    profile: models.Profile | None = getattr(row, "profile", None)
    return Card(
        key=account.id,
        name=(profile.name if profile else "") if access.may(viewer, "see_names") else None,
        valuation=valuation(account, policy, as_of=today),
        threshold=policy.parameters.threshold,
        runway_days=runway(account, policy, as_of=today),
        last_contact=max((e.on for e in live if e.contact), default=None),
        is_empty=not account.entries,
        duty=account_pages.duty(viewer, row.duty, today),
    )


def reader(token_id: int, *, now: datetime) -> Viewer:
    """Return for whom a link reads that a program got with this token.

    Raises:
        NotFound: the token has ended, or lost what it takes.
    """
    rows = models.Token.objects.select_related("person").filter(revoked_at=None)
    row = rows.filter(pk=token_id, expires_at__gt=now, person__is_active=True).first()
    if row is None or "scores" not in row.scopes or not agreements.in_force("scores"):
        raise NotFound(Text("Dieser Link gilt nicht mehr.", "This link is no longer valid."))
    return access.viewer_of(row.person, channel="card")


def ancestors() -> tuple[str, ...]:
    """Return the origins that may show the card in a frame."""
    return tuple(choice("card_ancestors").split())


def _by_number(number: str) -> set[int]:
    """Return who is known by a number in any system, or by our own key."""
    sql = f"""SELECT id FROM customer WHERE key = %s
      UNION SELECT customer_id FROM external_id WHERE value = %s
        AND system IN ({_distinct("external_id", "system")}) LIMIT {HITS_MAX}"""  # noqa: S608  our own names
    return {pk for (pk,) in raw.fetched(sql, [number, number])} if number else set()


def _by_order(order: str) -> set[int]:
    """Return on whose accounts something of an order is booked.

    Sources name an entry by the order alone, or by the order and what became of it
    ("4711/delivery"): whatever goes on with a sign that no number holds. Each source is asked for
    the next names in its index, which is quick however many there are.
    """
    sources = [source for (source,) in raw.fetched(_distinct("entry", "source"))]
    if not order or not sources:
        return set()
    one = """SELECT * FROM (SELECT source_id, customer_id FROM entry
      WHERE source = %s AND source_id >= %s ORDER BY source, source_id LIMIT 40) AS next"""
    rows = raw.fetched(
        " UNION ALL ".join([one] * len(sources)),
        [value for source in sources for value in (source, order)],
    )
    return {customer for name, customer in rows if _is_of(str(name), order)}


def _is_of(name: str, order: str) -> bool:
    following = name[len(order) :][:1]
    return name.startswith(order) and not following.isalnum()


def _distinct(table: str, column: str) -> str:
    """Return the question for the values of an index's first column that reads few of its rows."""
    return f"""WITH RECURSIVE known(value) AS (
          SELECT min({column}) FROM {table}
          UNION ALL SELECT (SELECT min({column}) FROM {table} WHERE {column} > known.value)
          FROM known WHERE known.value IS NOT NULL)
        SELECT value FROM known WHERE value IS NOT NULL LIMIT 200"""  # noqa: S608  our own names


def outcome(hits: Collection[Hit]) -> Outcome:
    """Return in one word how many were found: none, one or several."""
    return "none" if not hits else "one" if len(hits) == 1 else "several"
