"""Whether the balances that are kept equal a replay of the facts.

The replay is what brings balances up every day, told to write somewhere else: within the
transaction a temporary table takes the place of `balance`, which both databases look for first.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.db import connection, connections, transaction

from vertrauenskonto.core.errors import Problem, Text
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import balances
from vertrauenskonto.db.queries.balances import not_evaluated

TOLERANCE = 1e-9
CHUNK = 50_000
_CONNECTIONS = 4
# Beyond so many, more of the same tell nothing new.
_LISTED_MAX = 1_000

_MEASURES = tuple(
    column.column
    for column in models.Balance._meta.concrete_fields
    if column.get_internal_type() == "FloatField"
)
_WORDS = tuple(
    column.column
    for column in models.Balance._meta.concrete_fields
    if not column.primary_key and column.column not in _MEASURES
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """How many balances were compared, how many are not what they should be, and the first ones."""

    balances: int
    differing: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Balances of one day: the numbers of their customers, from `first` to `last`."""

    day: date
    first: int
    last: int


def replay(policies: PolicyHistory) -> Replay:
    """Value every account again on the day of its balance, and compare to 1e-9.

    An account that has entries and may be evaluated, but has no balance, is a difference too.
    """
    parts = list(_parts())
    problems = list(_without_balance())
    count = models.Balance.objects.count()
    if connection.vendor == "postgresql" and len(parts) > 1:
        with ThreadPoolExecutor(_CONNECTIONS) as pool:
            found = list(pool.map(lambda part: _closing(part, policies), parts))
    else:
        found = [_differing(part, policies) for part in parts]
    problems += [problem for part in found for problem in part]
    return Replay(balances=count, differing=len(problems), problems=tuple(problems[:_LISTED_MAX]))


def _parts() -> Iterator[_Part]:
    days = models.Balance.objects.order_by("as_of_date").values_list("as_of_date", flat=True)
    for day in days.distinct():
        rows = models.Balance.objects.filter(as_of_date=day).order_by("pk")
        numbers = rows.values_list("pk", flat=True).iterator(CHUNK)
        while chunk := list(islice(numbers, CHUNK)):
            yield _Part(day=day, first=chunk[0], last=chunk[-1])


def _closing(part: _Part, policies: PolicyHistory) -> list[Problem]:
    try:
        return _differing(part, policies)
    finally:
        connections.close_all()


def _differing(part: _Part, policies: PolicyHistory) -> list[Problem]:
    """Compare one part; nothing is written but a table that vanishes."""
    with transaction.atomic():
        real = "main.balance"
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                # Balances and entries of one instant, whoever books meanwhile.
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                cursor.execute("SELECT current_schema()")
                real = f'"{cursor.fetchone()[0]}".balance'
            rows = models.Balance.objects.filter(
                as_of_date=part.day, pk__gte=part.first, pk__lte=part.last
            )
            numbers = list(rows.order_by("pk").values_list("pk", flat=True))
            cursor.execute(f"CREATE TEMPORARY TABLE balance AS SELECT * FROM {real} LIMIT 0")  # noqa: S608 - our own names
            where = "" if connection.vendor == "postgresql" else "temp."
            cursor.execute(f"CREATE UNIQUE INDEX {where}replayed ON balance (customer_id)")
        balances.refresh(numbers, policies, as_of=part.day)
        found = list(_compared(real, part))
        transaction.set_rollback(True)
    return found


def _compared(real: str, part: _Part) -> Iterator[Problem]:
    far = [f"abs(k.{name} - m.{name}) > {TOLERANCE!r}" for name in _MEASURES]
    other = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
    differs = [f"k.{name} {other} m.{name}" for name in _WORDS]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.key, k.balance, m.balance FROM {real} k "  # noqa: S608 - our own names
            "JOIN customer c ON c.id = k.customer_id "
            "LEFT JOIN balance m ON m.customer_id = k.customer_id "
            "WHERE k.as_of_date = %s AND k.customer_id BETWEEN %s AND %s AND "
            f"(m.customer_id IS NULL OR {' OR '.join([*far, *differs])}) ORDER BY k.customer_id",
            [part.day.isoformat(), part.first, part.last],
        )
        rows: Sequence[tuple[str, float, float | None]] = cursor.fetchall()
    for key, kept, made in rows:
        yield _differs(key, kept, made)


def _german(value: float) -> str:
    """Return a number with all its digits, for what differs may be far behind the comma."""
    return repr(value).replace(".", ",")


def _without_balance() -> Iterator[Problem]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, c.key FROM customer c WHERE NOT EXISTS "
            "(SELECT 1 FROM balance b WHERE b.customer_id = c.id) AND EXISTS "
            "(SELECT 1 FROM entry e WHERE e.customer_id = c.id) ORDER BY c.id"
        )
        found = dict(cursor.fetchall())
    left_out = not_evaluated(found)
    for number, key in found.items():
        if number not in left_out:
            yield Problem(
                code="balance",
                text=Text(
                    de=f"Konto {key}: es hat Buchungen, aber keinen Kontostand.",
                    en=f"Account {key}: it has entries, but no balance.",
                ),
            )


def _differs(key: str, kept: float, made: float | None) -> Problem:
    if made is None:
        return Problem(
            code="balance",
            text=Text(
                de=f"Konto {key}: es darf keinen Kontostand haben, gespeichert ist {_german(kept)}.",
                en=f"Account {key}: it may have no balance, but {kept!r} is kept.",
            ),
        )
    return Problem(
        code="balance",
        text=Text(
            de=f"Konto {key}: gespeichert ist der Stand {_german(kept)}, die Buchungen ergeben "
            f"{_german(made)}, oder ein Befund daneben weicht ab.",
            en=f"Account {key}: the balance kept is {kept!r}, the entries give {made!r}, or a "
            "verdict beside it differs.",
        ),
    )
