"""The log as it stands, and whether it and the facts still say the same."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from typing import Any

from django.db import connections
from django.db import models as fields

from vertrauenskonto.core.errors import Problem, Text
from vertrauenskonto.core.ledger.seal import Frontier, Head
from vertrauenskonto.db import models, sealing
from vertrauenskonto.db.places import Place, Reader, reading, shared
from vertrauenskonto.db.rendering import Source, Vendor, json_array, vendor_of
from vertrauenskonto.db.resealing import (
    Grown,
    Piece,
    Range,
    Resealed,
    changed_texts,
    grow,
    joined,
    reseal,
)

# Below so many rows, starting other processes takes longer than the work.
ROWS_FOR_PROCESSES = 50_000
PIECE_LEAVES = 1 << 17
_RANGES_PER_PROCESS = 16

# Is told the share done, 0..1.
Progress = Callable[[float], None]


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
    return Frontier(newest.size, _split(bytes(newest.peaks)))


def place(using: str = "default") -> Place:
    """Return where a database of Django's is, for a connection of our own."""
    given = connections[using].settings_dict
    if connections[using].vendor == "sqlite":
        return Place(vendor="sqlite", parameters={"database": str(given["NAME"])})
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD"}
    names |= {"host": "HOST", "port": "PORT"}
    parameters = {name: given[key] for name, key in names.items() if given[key]}
    options = {key: v for key, v in given["OPTIONS"].items() if key in _LIBPQ_OPTIONS}
    return Place(vendor="postgresql", parameters=parameters | options)


_LIBPQ_OPTIONS = ("sslmode", "sslrootcert", "sslcert", "sslkey", "options", "service", "passfile")


def verify(
    kept: Head | None = None,
    *,
    using: str = "default",
    processes: int | None = None,
    progress: Progress = lambda share: None,
) -> Verification:
    """Read every fact again and compare it with its leaf, and the leaves with the heads.

    `kept` is a head that somebody wrote down earlier; the log must contain it. Memory does not
    grow with the ledger. `processes` None: as many as there are cores, if it is worth it.
    """
    where = place(using)
    with reading(where) as reader:
        extent = _extent(reader)
        heads = _heads(reader, kept)
        plans = _plans(shared(where, reader), reader, extent, heads)
        many = sum(extent.rows.values()) >= ROWS_FOR_PROCESSES
        count = processes or (os.cpu_count() or 1 if many else 1)
        ranges: list[Resealed] = []
        grown: dict[int, Grown] = {}
        changed = (0, 0)
        with _workers(count) as submit:
            waiting = {submit(work): key for key, work in plans.items()}
            for done, future in enumerate(as_completed(waiting), 1):
                result = future.result()
                if isinstance(result, Resealed):
                    ranges.append(result)
                elif isinstance(result, Grown):
                    grown[waiting[future]] = result
                else:
                    changed = result
                progress(done / len(waiting))
        problems = [
            *_range_problems(ranges, reader, extent),
            *_log_problems([grown[n] for n in sorted(grown)], heads, extent),
            *_text_problems(changed, reader),
        ]
    log = _whole([grown[n] for n in sorted(grown)])
    return Verification(
        transactions=sum(r.transactions for r in ranges),
        rows=sum(sum(r.rows.values()) for r in ranges),
        unsealed=sum(r.unsealed for r in ranges),
        head=log.head,
        problems=tuple(problems),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Extent:
    """What there is at the instant of reading: later writes are left to the next time."""

    last: int
    places: int
    leaves: int
    layouts: Mapping[int, tuple[int, int]]
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    root: bytes
    peaks: bytes | None


_Heads = Mapping[int, Sequence[_Kept]]


def _extent(reader: Reader) -> _Extent:
    (last,) = reader.one("SELECT coalesce(max(id), 0) FROM booking_transaction")
    places, leaves = reader.one("SELECT coalesce(max(position) + 1, 0), count(*) FROM leaf")
    layouts = reader.rows(
        "SELECT layout, min(id), max(id) FROM booking_transaction GROUP BY layout"
    )
    rows = {}
    for model in {model for facts in sealing.FACTS.values() for model in facts}:
        table = model._meta.db_table
        (rows[table],) = reader.one(
            f'SELECT count(*) FROM "{table}" t WHERE t.transaction_id <= {last} OR NOT EXISTS '  # noqa: S608 - our own names and numbers
            "(SELECT 1 FROM booking_transaction h WHERE h.id = t.transaction_id)"
        )
    return _Extent(
        last=last,
        places=places,
        leaves=leaves,
        layouts={layout: (first, end) for layout, first, end in layouts},
        rows=rows,
    )


def _heads(reader: Reader, kept: Head | None) -> _Heads:
    heads: dict[int, list[_Kept]] = defaultdict(list)
    for size, root, peaks in reader.rows("SELECT size, root, peaks FROM tree_head ORDER BY size"):
        heads[size].append(_Kept(root=bytes(root), peaks=bytes(peaks)))
    if kept is not None and kept.size:
        heads[kept.size].append(_Kept(root=kept.root, peaks=None))
    return heads


def _plans(
    where: Place, reader: Reader, extent: _Extent, heads: _Heads
) -> dict[int, Callable[[], Any]]:
    """Return the independent parts of the work; pieces of the log under their first place."""
    plans: dict[int, Callable[[], Any]] = {}
    for first in range(0, extent.places, PIECE_LEAVES):
        last = min(first + PIECE_LEAVES, extent.places)
        piece = Piece(
            first=first,
            last=last,
            hashes=f"SELECT position, hash FROM leaf WHERE position >= {first} "  # noqa: S608 - numbers
            f"AND position < {last} ORDER BY position",
            sizes=tuple(size for size in heads if first < size <= last),
        )
        plans[first] = partial(grow, where, piece)
    for asked in _ranges(vendor_of(reader.vendor), extent):
        plans[-1 - len(plans)] = partial(reseal, where, asked)
    notes = "SELECT commitment, nonce, text FROM note"
    files = "SELECT commitment, nonce, name, media_type, contents FROM attachment"
    plans[-1 - len(plans)] = partial(changed_texts, where, notes, files)
    return plans


def _ranges(vendor: Vendor, extent: _Extent) -> Iterator[Range]:
    many = sum(extent.rows.values()) >= ROWS_FOR_PROCESSES
    parts = (os.cpu_count() or 1) * _RANGES_PER_PROCESS if many else 1
    for layout, (first, last) in sorted(extent.layouts.items()):
        if layout not in sealing.FACTS:
            continue
        width = -(-(last - first + 1) // parts)
        for start, end in pairwise([*range(first, last + 1, width), last + 1]):
            yield range_of(vendor, layout, start, end - 1, places=extent.places)


def range_of(vendor: Vendor, layout: int, first: int, last: int, *, places: int) -> Range:
    """Return how to read the transactions of a layout with numbers from `first` to `last`."""
    header = Source(models.Transaction)
    written = json_array(vendor, header.values(vendor, sealing.HEADER))
    within = f"BETWEEN {first} AND {last}"
    tables = {}
    for model, paths in sealing.FACTS[layout].items():
        source = Source(model)
        row = json_array(vendor, source.values(vendor, paths))
        key = model._meta.pk.column
        tables[model._meta.db_table] = (
            f"SELECT t.transaction_id, {row} FROM {source.tables} "  # noqa: S608 - our own names and numbers
            f'WHERE t.transaction_id {within} ORDER BY t.transaction_id, t."{key}"'
        )
    return Range(
        layout=layout,
        first=first,
        last=last,
        headers=f"SELECT t.id, {written}, t.leaf_hash, l.position, l.hash FROM {header.tables} "  # noqa: S608 - our own names and numbers
        f"LEFT JOIN leaf l ON l.transaction_id = t.id AND l.position < {places} "
        f"WHERE t.id {within} AND t.layout = {layout} ORDER BY t.id",
        tables=tables,
    )


@contextmanager
def _workers(count: int) -> Iterator[Callable[[Callable[[], Any]], "Future[Any]"]]:
    """Yield what runs a piece of work: in other processes, or at once if one is enough."""
    if count > 1:
        # Not fork: it would copy this process's connections to the database.
        with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
            yield pool.submit
        return

    def at_once(work: Callable[[], Any]) -> "Future[Any]":
        done: Future[Any] = Future()
        done.set_result(work())
        return done

    yield at_once


def _whole(pieces: Sequence[Grown]) -> Frontier:
    log = Frontier()
    for piece in pieces:
        log = joined(log, piece.end)
        if piece.gap is not None:
            break
    return log


def _range_problems(
    ranges: Sequence[Resealed], reader: Reader, extent: _Extent
) -> Iterator[Problem]:
    changed = [number for found in ranges for number in found.changed]
    known = ", ".join(map(str, sealing.FACTS))
    unknown = reader.rows(
        f"SELECT id FROM booking_transaction WHERE layout NOT IN ({known}) ORDER BY id"  # noqa: S608 - numbers
    )
    for number in sorted([*changed, *(number for (number,) in unknown)]):
        yield _changed(number)
    for table, there in sorted(extent.rows.items()):
        seen = sum(found.rows.get(table, 0) for found in ranges)
        if there != seen:
            yield _strangers(table, there - seen)
    sealed = sum(found.transactions - found.unsealed for found in ranges)
    if sealed < extent.leaves:
        lost = reader.rows(
            "SELECT l.position FROM leaf l WHERE NOT EXISTS (SELECT 1 FROM booking_transaction t "
            "WHERE t.id = l.transaction_id) ORDER BY l.position LIMIT 20"
        )
        for (position,) in lost:
            yield _missing(position)


def _log_problems(pieces: Sequence[Grown], heads: _Heads, extent: _Extent) -> Iterator[Problem]:
    log = Frontier()
    for piece in pieces:
        for size, local in sorted(piece.at.items()):
            yield from _head_problems(joined(log, local), heads[size])
        log = joined(log, piece.end)
        if piece.gap is not None:
            yield _missing(piece.gap)
            break
    if log.size == extent.places != extent.leaves:
        yield _missing(-1)
    for size in sorted(heads):
        if size > log.size:
            yield _beyond(size, log.size)


def _head_problems(log: Frontier, kept: Sequence[_Kept]) -> Iterator[Problem]:
    for head in kept:
        if head.root != log.head.root or head.peaks not in (None, b"".join(log.peaks)):
            yield _other_root(log.size)


def _text_problems(changed: tuple[int, int], reader: Reader) -> Iterator[Problem]:
    for table, count in zip(("note", "attachment"), changed, strict=True):
        if count:
            yield _other_text(table, count)
        known = " UNION ALL ".join(
            f'SELECT "{column}" FROM "{model._meta.db_table}" WHERE "{column}" IS NOT NULL'  # noqa: S608 - our own names
            for model, column in _commitments(table)
        )
        (strangers,) = reader.one(
            f"SELECT count(*) FROM (SELECT commitment FROM {table} EXCEPT SELECT * FROM ({known}) k) s"  # noqa: S608 - our own names
        )
        if strangers:
            yield _strangers(table, strangers)


def _commitments(table: str) -> Iterator[tuple[type[fields.Model], str]]:
    """Yield where facts keep the commitments to the texts or files of a table."""
    if table == "attachment":
        yield models.Evidence, "commitment"
        return
    for model in sealing.FACTS[sealing.LAYOUT]:
        for column in model._meta.concrete_fields:
            if column.attname == "note_commitment":
                yield model, column.attname


def _split(peaks: bytes) -> tuple[bytes, ...]:
    return tuple(peaks[n : n + 32] for n in range(0, len(peaks), 32))


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


def _other_text(table: str, count: int) -> Problem:
    return _problem(
        "text",
        f"In der Tabelle {table} stehen {count} Texte oder Dateien, die nicht die sind, auf die "
        "sich die Tatsachen festgelegt haben.",
        f"The table {table} holds {count} texts or files that are not those which the facts are "
        "bound to.",
    )
