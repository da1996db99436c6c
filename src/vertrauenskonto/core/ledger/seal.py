r"""The seal: an append-only log as a Merkle tree, so that nothing can be changed or dropped unseen.

One leaf per transaction. The head (size and root) commits to every leaf in order; whoever kept an
earlier head can check that the log has only grown since.

                    root(5)
                   /       \
              node(2,0)     \            node(level, index) covers leaves
             /        \      \           [index * 2^level, (index + 1) * 2^level)
        node(1,0)  node(1,1)  \
         /    \     /    \     \
        0      1   2      3      4

Source: RFC 9162 (Certificate Transparency 2.0), section 2.1.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

# Returns the hash of a complete subtree: (level, index) as drawn above.
Node = Callable[[int, int], bytes]

EMPTY_ROOT = hashlib.sha256(b"").digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a log commits to: how many leaves, and the root over them."""

    size: int
    root: bytes


Scalar = str | int | bool | None


def leaf_data(
    layout: int, header: Sequence[Scalar], tables: Mapping[str, Sequence[Sequence[Scalar]]]
) -> bytes:
    """Return the bytes of a leaf: everything one transaction wrote, in one unambiguous form.

    Args:
        layout: number of the field lists used, so that later columns leave old leaves as they are.
        header: who wrote it, when, through which door.
        tables: rows per table in the order written; tables without rows are left out.
    """
    written = {name: rows for name, rows in sorted(tables.items()) if rows}
    return json.dumps([layout, header, written], ensure_ascii=False, separators=(",", ":")).encode()


def commitment(nonce: bytes, text: str) -> bytes:
    """Return what stands in the log for a personal text: it binds, but gives nothing away.

    The nonce (32 random bytes) is kept with the text and destroyed with it; without it nobody can
    find the text by trying.
    """
    return hashlib.sha256(b"\x02" + nonce + text.encode()).digest()


def file_commitment(nonce: bytes, name: str, media_type: str, contents: bytes) -> bytes:
    """Return what stands in the log for an attached file; see `commitment`.

    The lengths of the two texts are hashed too, so that nothing can move from one into the next.
    """
    texts = [text.encode() for text in (name, media_type)]
    lengths = b"".join(len(text).to_bytes(8, "big") for text in texts)
    return hashlib.sha256(b"\x03" + nonce + lengths + b"".join(texts) + contents).digest()


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf; the prefix keeps a leaf from passing as an inner node."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The roots of the complete subtrees of a log, largest first: enough to append and to get the head.

    There is one per set bit of `size`; appending merges equal ones like a binary counter carries.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> "Frontier":
        """Return the frontier with one more leaf hash."""
        return self.append_subtree(leaf, 1)

    def append_subtree(self, subtree: bytes, leaves: int) -> "Frontier":
        """Return the frontier with the root of one more complete subtree of so many leaves.

        `leaves` is a power of two, and `size` a multiple of it.
        """
        assert leaves & (leaves - 1) == 0, leaves
        assert self.size % leaves == 0, (self.size, leaves)
        peaks, size, merged = list(self.peaks), self.size // leaves, subtree
        while size & 1:
            merged = node_hash(peaks.pop(), merged)
            size >>= 1
        return Frontier(self.size + leaves, (*peaks, merged))

    def extend(self, leaves: Iterable[bytes]) -> "Frontier":
        """Return the frontier with many more leaf hashes; quicker than one by one."""
        peaks, size, hashed = list(self.peaks), self.size, hashlib.sha256
        for leaf in leaves:
            merged, carry = leaf, size
            while carry & 1:
                merged = hashed(b"\x01" + peaks.pop() + merged).digest()
                carry >>= 1
            peaks.append(merged)
            size += 1
        return Frontier(size, tuple(peaks))

    @property
    def head(self) -> Head:
        """The head of the log so far."""
        if not self.peaks:
            return Head(size=0, root=EMPTY_ROOT)
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return Head(size=self.size, root=root)


def root(node: Node, size: int) -> bytes:
    """Return the root over the first `size` leaves."""
    return _range_root(node, 0, size) if size else EMPTY_ROOT


def inclusion_proof(node: Node, index: int, size: int) -> list[bytes]:
    """Return the hashes that lead from leaf `index` to the root over `size` leaves, leaf first."""
    return _path(node, index, 0, size)


def consistency_proof(node: Node, earlier: int, size: int) -> list[bytes]:
    """Return the hashes showing that the log of `size` leaves extends that of `earlier` ones."""
    if earlier in (0, size):
        return []
    return _consistency(node, earlier, 0, size, whole=True)


def verify_inclusion(leaf: bytes, index: int, proof: Sequence[bytes], head: Head) -> bool:
    """Tell whether `proof` leads from the leaf hash at `index` to the head's root."""
    if not 0 <= index < head.size:
        return False
    position, last, computed = index, head.size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            computed = node_hash(sibling, computed)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            computed = node_hash(computed, sibling)
        position >>= 1
        last >>= 1
    return last == 0 and computed == head.root


def verify_consistency(earlier: Head, later: Head, proof: Sequence[bytes]) -> bool:
    """Tell whether `proof` shows that the log behind `later` extends the one behind `earlier`."""
    if earlier.size > later.size:
        return False
    if earlier.size == later.size:
        return not proof and earlier.root == later.root
    if earlier.size == 0:
        return not proof and earlier.root == EMPTY_ROOT
    path = list(proof)
    # A complete earlier tree is a node of the later one and need not be sent.
    if earlier.size & (earlier.size - 1) == 0:
        path.insert(0, earlier.root)
    if not path:
        return False
    position, last = earlier.size - 1, later.size - 1
    while position & 1:
        position >>= 1
        last >>= 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            new = node_hash(new, sibling)
        position >>= 1
        last >>= 1
    return last == 0 and old == earlier.root and new == later.root


def _split(count: int) -> int:
    """Return the largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def _range_root(node: Node, start: int, count: int) -> bytes:
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return node(level, start >> level)
    left = _split(count)
    return node_hash(_range_root(node, start, left), _range_root(node, start + left, count - left))


def _path(node: Node, index: int, start: int, count: int) -> list[bytes]:
    if count == 1:
        return []
    left = _split(count)
    if index < left:
        return [
            *_path(node, index, start, left),
            _range_root(node, start + left, count - left),
        ]
    return [
        *_path(node, index - left, start + left, count - left),
        _range_root(node, start, left),
    ]


def _consistency(node: Node, earlier: int, start: int, count: int, *, whole: bool) -> list[bytes]:
    if earlier == count:
        return [] if whole else [_range_root(node, start, count)]
    left = _split(count)
    if earlier <= left:
        return [
            *_consistency(node, earlier, start, left, whole=whole),
            _range_root(node, start + left, count - left),
        ]
    return [
        *_consistency(node, earlier - left, start + left, count - left, whole=False),
        _range_root(node, start, left),
    ]
