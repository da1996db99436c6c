"""The log as it stands, and whether it and the facts still say the same."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from django.db.models import Model

from vertrauenskonto.core.errors import Problem, Text
from vertrauenskonto.core.ledger.seal import Frontier, Head, Scalar
from vertrauenskonto.db import models, sealing

CHUNK = 5_000

# The rows of one transaction, per fact, in plain form.
Tables = dict[type[Model], list[list[Scalar]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What `verify` looked at and found."""

    transactions: int
    rows: int
    unsealed: int
    head: Head
    problems: tuple[Problem, ...]


def frontier() -> Frontier:
    """Return the state from which the log goes on; it is kept with the newest head."""
    newest = models.TreeHead.objects.order_by("-size").first()
    if newest is None:
        return Frontier()
    peaks = bytes(newest.peaks)
    return Frontier(newest.size, tuple(peaks[n : n + 32] for n in range(0, len(peaks), 32)))


def verify(kept: Head | None = None) -> Verification:
    """Read every fact again and compare it with its leaf, and the leaves with the heads.

    `kept` is a head that somebody wrote down earlier; the log must contain it. Memory does not
    grow with the ledger.
    """
    check = _Check(_heads(kept))
    for header, position, tables in _transactions():
        check.take(header, position, tables)
    check.close()
    return Verification(
        transactions=check.transactions,
        rows=sum(check.rows.values()),
        unsealed=check.unsealed,
        head=check.log.head,
        problems=tuple(check.problems),
    )


class _Check:
    """What has been read so far: the log rebuilt, heads still to be met, problems found."""

    def __init__(self, heads: dict[int, set[bytes]]) -> None:
        self.heads = heads
        self.log = Frontier()
        self.transactions = self.unsealed = 0
        self.rows: dict[type[Model], int] = dict.fromkeys(sealing.FACTS[sealing.LAYOUT], 0)
        self.problems: list[Problem] = []

    def take(self, header: Any, position: int | None, tables: Tables) -> None:
        """Compare one transaction with its leaf, and put the leaf into the log."""
        self.transactions += 1
        for model, rows in tables.items():
            self.rows[model] += len(rows)
        named = {model._meta.db_table: rows for model, rows in tables.items()}
        leaf = sealing.hashed(header.layout, [getattr(header, n) for n in sealing.HEADER], named)
        if leaf != bytes(header.leaf_hash):
            self.problems.append(_changed(header.pk))
        if position is None:
            self.unsealed += 1
            return
        if position != self.log.size:
            self.problems.append(_missing(self.log.size))
        self.log = self.log.append(leaf)
        for root in self.heads.pop(self.log.size, ()):
            if root != self.log.head.root:
                self.problems.append(_other_root(self.log.size))

    def close(self) -> None:
        """Compare what was read with what there is."""
        self.problems += [_beyond(size, self.log.size) for size in sorted(self.heads)]
        if models.Leaf.objects.count() != self.log.size:
            self.problems.append(_missing(self.log.size))
        for model, seen in self.rows.items():
            there = model.objects.count()  # type: ignore[attr-defined]  # every model has it
            if there != seen:
                self.problems.append(_strangers(model._meta.db_table, there - seen))


def _heads(kept: Head | None) -> dict[int, set[bytes]]:
    heads: dict[int, set[bytes]] = defaultdict(set)
    for size, root in models.TreeHead.objects.order_by("size").values_list("size", "root"):
        heads[size].add(bytes(root))
    if kept is not None and kept.size:
        heads[kept.size].add(kept.root)
    return heads


def _transactions() -> Iterator[tuple[Any, int | None, Tables]]:
    """Yield every transaction with its place and its rows: the log in order, then the unsealed."""
    sealed = models.Leaf.objects.order_by("position").values_list("position", "transaction_id")
    waiting = models.Transaction.objects.filter(place=None).order_by("pk").values_list("pk")
    places = chain(sealed.iterator(CHUNK), ((None, pk) for (pk,) in waiting.iterator(CHUNK)))
    while chunk := list(islice(places, CHUNK)):
        ids = [pk for _, pk in chunk]
        headers = {h.pk: h for h in models.Transaction.objects.filter(pk__in=ids).order_by("pk")}
        rows = _rows(headers)
        for position, pk in chunk:
            if pk in headers:
                yield headers[pk], position, rows[pk]


def _rows(headers: Mapping[int, Any]) -> dict[int, Tables]:
    """Return the plain rows of the transactions, per table, in the order they were written."""
    found: dict[int, Tables] = defaultdict(dict)
    for layout in {header.layout for header in headers.values()}:
        ids = [pk for pk, header in headers.items() if header.layout == layout]
        for model, paths in sealing.FACTS.get(layout, {}).items():
            query = model.objects.filter(transaction_id__in=ids).order_by("pk")  # type: ignore[attr-defined]
            for pk, *values in query.values_list("transaction_id", *paths).iterator(CHUNK):
                plain = [sealing.plain(value) for value in values]
                found[pk].setdefault(model, []).append(plain)
    return found


def _problem(code: str, de: str, en: str) -> Problem:
    return Problem(code=code, text=Text(de=de, en=en))


def _changed(pk: int) -> Problem:
    return _problem(
        "changed",
        f"Vorgang {pk}: der Inhalt stimmt nicht mehr mit seinem Siegel überein; eine Zeile wurde "
        "geändert, entfernt, hinzugefügt oder umgestellt.",
        f"Transaction {pk}: its contents no longer match its seal; a row was changed, removed, "
        "added or moved.",
    )


def _missing(position: int) -> Problem:
    return _problem(
        "missing",
        f"Platz {position} des Protokolls fehlt oder seine Zeilen sind verschwunden.",
        f"Place {position} of the log is missing, or its rows have disappeared.",
    )


def _other_root(size: int) -> Problem:
    return _problem(
        "root",
        f"Die ersten {size} Plätze ergeben nicht den Kopf, der dafür festgehalten ist.",
        f"The first {size} places do not give the head that was kept for them.",
    )


def _beyond(size: int, there: int) -> Problem:
    return _problem(
        "shortened",
        f"Ein festgehaltener Kopf umfasst {size} Plätze, das Protokoll hat nur noch {there}.",
        f"A head that was kept covers {size} places, the log has only {there} left.",
    )


def _strangers(table: str, count: int) -> Problem:
    return _problem(
        "strangers",
        f"Die Tabelle {table} hat {count} Zeilen, die zu keinem Vorgang gehören.",
        f"The table {table} has {count} rows that belong to no transaction.",
    )
