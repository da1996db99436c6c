"""Computing the seal again from the rows, piece by piece, in as many processes as there are cores.

                 place 0          4096          8192
    transactions |---- range ----|---- range ----|--     rows → leaf hash, against what was kept
    log          |---- piece ----|---- piece ----|--     leaf hashes → peaks, joined left to right

Nothing here knows Django, and everything passed in and out is a plain value, so that the processes
start in a moment.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from operator import itemgetter

from vertrauenskonto.core.ledger.seal import Frontier, commitment, file_commitment
from vertrauenskonto.db.places import Place, Reader, reading

_JOINED_AT_ONCE = 5_000

# A row as (number of its transaction, JSON text); rows come in the order of both.
Numbered = tuple[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The transactions `first` to `last` (numbers, both included) of one layout, and how to read.

    `headers` gives number, JSON of the header, leaf hash, place and hash at that place, by number;
    `tables` gives per table, by name, the rows as (transaction, JSON), by transaction and number.
    """

    layout: int
    first: int
    last: int
    headers: str
    tables: Mapping[str, str]


@dataclass(slots=True)
class Resealed:
    """What one range gave: how much was read, and the transactions whose leaf is another now."""

    transactions: int = 0
    unsealed: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    changed: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """The places `[first, last)` of the log; `first` is a multiple of the length of all pieces.

    `hashes` gives place and hash in order; `sizes` are those at which a head was taken.
    """

    first: int
    last: int
    hashes: str
    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """The frontier of one piece alone, at its end and at the sizes asked for; the first gap."""

    end: Frontier
    at: Mapping[int, Frontier]
    gap: int | None


def reseal(place: Place, asked: Range) -> Resealed:
    """Hash the transactions of a range again and compare."""
    with reading(place) as reader:
        return _resealed(reader, asked)


def grow(place: Place, asked: Piece) -> Grown:
    """Return the frontier over the hashes of one piece of the log."""
    with reading(place) as reader:
        return _grown(reader.rows(asked.hashes), asked)


def joined(left: Frontier, right: Frontier) -> Frontier:
    """Return the frontier over two pieces; the left one is as long as a multiple of the right's.

    Then no subtree of the right one merges with one of the left before the right one is complete.
    """
    if right.size and right.size & (right.size - 1) == 0:
        # A complete subtree carries into those on its left like a leaf of a higher level.
        return left.append_subtree(right.peaks[0], right.size)
    return Frontier(left.size + right.size, (*left.peaks, *right.peaks))


def changed_texts(place: Place, notes: str, attachments: str) -> tuple[int, int]:
    """Return how many notes and attachments are not those that their commitments bind.

    `notes` gives commitment, nonce and text; `attachments` commitment, nonce, name, media type and
    contents.
    """
    with reading(place) as reader:
        changed_notes = sum(
            commitment(bytes(nonce), text) != bytes(kept)
            for kept, nonce, text in reader.rows(notes)
        )
        changed_files = sum(
            file_commitment(bytes(nonce), name, media_type, bytes(contents)) != bytes(kept)
            for kept, nonce, name, media_type, contents in reader.rows(attachments)
        )
    return changed_notes, changed_files


def _resealed(reader: Reader, asked: Range) -> Resealed:
    found = Resealed(rows=dict.fromkeys(asked.tables, 0))
    for number, leaf, leaf_hash, place, hash_there in leaves(reader, asked, found.rows):
        found.transactions += 1
        found.unsealed += place is None
        if leaf != leaf_hash or (place is not None and leaf != hash_there):
            found.changed.append(number)
    return found


def leaves(
    reader: Reader, asked: Range, rows: dict[str, int]
) -> Iterator[tuple[int, bytes, bytes, int | None, bytes]]:
    """Yield transactions: number, leaf hash of its rows now, hash kept, place, hash kept there.

    Adds the rows read per table to `rows`.
    """
    streams = [
        (f'"{name}":[', _Stream(name, reader.rows(sql)))
        for name, sql in sorted(asked.tables.items())
    ]
    for number, header, leaf_hash, place, hash_there in reader.rows(asked.headers):
        digest = hashlib.sha256(f"\0[{asked.layout},{header},{{".encode())
        comma = ""
        for opening, stream in streams:
            for position, block in enumerate(stream.of(number)):
                digest.update(f"{',' if position else comma + opening}{block}".encode())
                rows[stream.name] += stream.taken
                comma = "],"
        digest.update(b"]}]" if comma else b"}]")
        yield number, digest.digest(), bytes(leaf_hash), place, bytes(hash_there or b"")


class _Stream:
    """The rows of one table, handed out transaction by transaction."""

    def __init__(self, name: str, rows: Iterable[Numbered]) -> None:
        self.name = name
        self.taken = 0
        self._groups = groupby(rows, itemgetter(0))
        self._next = next(self._groups, None)

    def of(self, number: int) -> Iterator[str]:
        """Yield the rows of a transaction, many at a time; rows of none before it are passed over."""
        while self._next is not None and self._next[0] < number:
            self._next = next(self._groups, None)
        if self._next is None or self._next[0] > number:
            return
        rows = map(itemgetter(1), self._next[1])
        while block := list(islice(rows, _JOINED_AT_ONCE)):
            self.taken = len(block)
            yield ",".join(block)
        self._next = next(self._groups, None)


def _grown(hashes: Iterable[Sequence[object]], asked: Piece) -> Grown:
    wanted = set(asked.sizes)
    grown, at, gap = Frontier(), {}, None
    waiting: list[bytes] = []
    expected = asked.first
    for place, leaf in hashes:
        assert isinstance(place, int)
        if place != expected:
            gap = expected
            break
        assert isinstance(leaf, bytes | memoryview)
        waiting.append(bytes(leaf))
        expected += 1
        if expected in wanted:
            grown, waiting = grown.extend(waiting), []
            at[expected] = grown
    else:
        gap = expected if expected != asked.last else None
    return Grown(end=grown.extend(waiting), at=at, gap=gap)
