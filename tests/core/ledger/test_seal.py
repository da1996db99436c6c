"""The log's tree: RFC 9162's own construction, recomputed the slow way, and proofs that cannot lie.

Source: RFC 9162, section 2.1 (definitions of the root, of inclusion and of consistency proofs).
"""

import hashlib

import pymerkle  # type: ignore[import-untyped]  # it has none
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.ledger.seal import (
    EMPTY_ROOT,
    Frontier,
    Head,
    commitment,
    consistency_proof,
    file_commitment,
    inclusion_proof,
    leaf_data,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [leaf_hash(str(n).encode()) for n in range(70)]
sizes = st.integers(0, 70)


def node(level: int, index: int) -> bytes:
    if level == 0:
        return LEAVES[index]
    return node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1))


def by_definition(leaves: list[bytes]) -> bytes:
    """The root exactly as section 2.1.1 defines it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    left, right = by_definition(leaves[:k]), by_definition(leaves[k:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def head(size: int) -> Head:
    return Head(size=size, root=by_definition(LEAVES[:size]))


def test_the_empty_log_and_the_first_leaf():
    """The hash of nothing is SHA-256's own for empty input."""
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf_hash(b"") == hashlib.sha256(b"\x00").digest()


@given(sizes)
def test_appending_gives_the_root_of_the_definition(size):
    log = Frontier()
    for leaf in LEAVES[:size]:
        log = log.append(leaf)
    assert log.head == head(size)
    assert root(node, size) == head(size).root
    assert len(log.peaks) == size.bit_count()


@given(sizes.filter(bool), st.data())
def test_inclusion_is_proved_for_the_leaf_and_for_no_other(size, data):
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(node, index, size)
    assert verify_inclusion(LEAVES[index], index, proof, head(size))
    assert len(proof) <= (size - 1).bit_length()
    other = data.draw(st.integers(0, 69).filter(lambda n: n != index))
    assert not verify_inclusion(LEAVES[other], index, proof, head(size))
    assert not verify_inclusion(LEAVES[index], index, [*proof, LEAVES[0]], head(size))
    if proof:
        assert not verify_inclusion(LEAVES[index], index, proof[:-1], head(size))
        assert not verify_inclusion(LEAVES[index], index, [*proof[::-1], b""], head(size))


@given(sizes, sizes)
def test_consistency_is_proved_between_heads_and_not_with_a_forged_one(one, other):
    earlier, later = sorted((one, other))
    proof = consistency_proof(node, earlier, later)
    assert verify_consistency(head(earlier), head(later), proof)
    if earlier < later:
        assert not verify_consistency(head(later), head(earlier), proof)
        forged = Head(size=later, root=bytes(32))
        assert earlier == 0 or not verify_consistency(head(earlier), forged, proof)
    if earlier > 0:
        forged = Head(size=earlier, root=bytes(32))
        assert not verify_consistency(forged, head(later), proof)
    if proof:
        assert not verify_consistency(head(earlier), head(later), proof[:-1])


def test_an_index_outside_the_log_proves_nothing():
    assert not verify_inclusion(LEAVES[0], -1, [], head(1))
    assert not verify_inclusion(LEAVES[0], 1, [], head(1))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([["a", "b"]], [["ab", ""]]),
        ([["a"], ["b"]], [["a", "b"]]),
        ([[None]], [[""]]),
        ([[0]], [[False]]),
        ([[1]], [["1"]]),
    ],
)
def test_different_rows_never_have_the_same_bytes(one, other):
    assert leaf_data(1, [], {"t": one}) != leaf_data(1, [], {"t": other})


def test_the_order_of_tables_is_fixed_and_empty_ones_are_left_out():
    assert leaf_data(1, ["x"], {"b": [[1]], "a": [[2]], "c": []}) == (
        b'[1,["x"],{"a":[[2]],"b":[[1]]}]'
    )


def test_a_commitment_depends_on_text_and_nonce():
    made = {
        commitment(bytes(32), "a"),
        commitment(bytes(31) + b"\x01", "a"),
        commitment(bytes(32), "b"),
    }
    assert len(made) == 3


@given(sizes, sizes)
def test_many_leaves_at_once_give_the_same_as_one_by_one(one, more):
    start = Frontier().extend(LEAVES[:one])
    slowly = start
    for leaf in LEAVES[one : one + more]:
        slowly = slowly.append(leaf)
    assert start.extend(LEAVES[one : one + more]) == slowly
    assert slowly.head.root == by_definition(LEAVES[: one + more])


@given(st.integers(0, 3), st.integers(0, 4))
def test_a_complete_subtree_is_appended_like_its_leaves(level, trees):
    width = 1 << level
    grown = Frontier()
    for tree in range(trees):
        leaves = LEAVES[tree * width : (tree + 1) * width]
        grown = grown.append_subtree(by_definition(leaves), width)
    assert grown == Frontier().extend(LEAVES[: trees * width])


def test_a_commitment_to_a_file_depends_on_every_part_and_where_it_ends():
    told = [
        file_commitment(bytes(32), "ab", "c", b"d"),
        file_commitment(bytes(32), "a", "bc", b"d"),
        file_commitment(bytes(32), "ab", "", b"cd"),
        file_commitment(b"\x01" + bytes(31), "ab", "c", b"d"),
        file_commitment(bytes(32), "ab", "c", b"e"),
    ]
    assert len(set(told)) == len(told)
    assert commitment(bytes(32), "d") not in told


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 21, 64, 70])
def test_another_implementation_of_the_standard_agrees(size):
    """pymerkle hashes what it is given as RFC 9162 does; roots and proofs must be the same."""
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for n in range(size):
        tree.append_entry(str(n).encode())
    assert tree.get_root() == head(size).root
    for index in range(size):
        theirs = tree.prove_inclusion(index + 1, size)
        ours = inclusion_proof(node, index, size)
        assert theirs.serialize()["path"][1:] == [digest.hex() for digest in ours]


def test_the_empty_log_is_extended_by_every_log_and_a_missing_proof_proves_nothing():
    assert verify_consistency(head(0), head(5), [])
    assert not verify_consistency(head(0), head(5), [LEAVES[0]])
    assert not verify_consistency(head(3), head(5), [])
    assert not verify_consistency(head(3), head(5), [LEAVES[0]] * 9)
