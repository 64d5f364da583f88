"""Proofs against known vectors, and malformed input."""

import pytest

from hardpoint.kernel.record.proofs import EMPTY_ROOT, leaf_hash, node_hash, verify_consistency, verify_inclusion

# The eight leaves that implementations of RFC 6962 test with, and the roots of their first 1 to 8.
LEAVES = [
    leaf_hash(bytes.fromhex(data))
    for data in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    bytes.fromhex(root)
    for root in (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]
FIRST_OF_EIGHT = [
    bytes.fromhex(sibling)
    for sibling in (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    )
]


def test_the_empty_tree_has_the_root_of_the_standard():
    assert ROOTS[0] == EMPTY_ROOT


def test_a_leaf_is_never_taken_for_a_node():
    left, right = LEAVES[:2]
    assert leaf_hash(left + right) != node_hash(left, right)


@pytest.mark.requirement("GAT-14")
def test_the_known_proof_of_the_first_of_eight_leaves_holds():
    assert verify_inclusion(0, 8, LEAVES[0], FIRST_OF_EIGHT, ROOTS[8])


def test_the_only_leaf_is_its_own_root():
    assert verify_inclusion(0, 1, LEAVES[0], [], ROOTS[1])


def test_a_proof_may_be_a_tuple():
    assert verify_inclusion(0, 8, LEAVES[0], tuple(FIRST_OF_EIGHT), ROOTS[8])


@pytest.mark.parametrize("index", [-1, 1, 7, 8, True, 0.0, "0", None, 1 << 63])
def test_another_index_is_refused(index):
    assert not verify_inclusion(index, 8, LEAVES[0], FIRST_OF_EIGHT, ROOTS[8])


# Not 5 to 7: the path of leaf 0 is as long there, and a root does not tell the size. A checkpoint signs both.
@pytest.mark.parametrize("size", [0, 1, 2, 4, 9, 16, 1 << 63, 8.0, None])
def test_a_size_with_another_shape_is_refused(size):
    assert not verify_inclusion(0, size, LEAVES[0], FIRST_OF_EIGHT, ROOTS[8])


@pytest.mark.parametrize(
    "proof",
    [
        [],
        FIRST_OF_EIGHT[:2],
        [*FIRST_OF_EIGHT, ROOTS[0]],
        FIRST_OF_EIGHT[::-1],
        [FIRST_OF_EIGHT[0], FIRST_OF_EIGHT[1], b""],
        [FIRST_OF_EIGHT[0], FIRST_OF_EIGHT[1], bytearray(FIRST_OF_EIGHT[2])],
        b"".join(FIRST_OF_EIGHT),
        iter(FIRST_OF_EIGHT),
        None,
        3,
    ],
)
def test_another_proof_is_refused(proof):
    assert verify_inclusion(0, 8, LEAVES[0], proof, ROOTS[8]) is False


def test_a_tree_extends_itself_with_an_empty_proof():
    assert verify_consistency(8, 8, [], ROOTS[8], ROOTS[8])
    assert not verify_consistency(8, 8, [ROOTS[8]], ROOTS[8], ROOTS[8])
    assert not verify_consistency(8, 8, [], ROOTS[7], ROOTS[8])


def test_of_equal_sizes_only_the_equality_of_the_roots_is_judged():
    """The vectors that logs share hand in roots that are no hashes here."""
    assert verify_consistency(1, 1, [], b"any root", b"any root")
    assert not verify_consistency(1, 1, [], b"any root", b"another")
    assert not verify_consistency(8, 8, [], "text", "text")


def test_a_known_consistency_proof_holds():
    proof = [LEAVES[2], LEAVES[3], node_hash(LEAVES[0], LEAVES[1]), FIRST_OF_EIGHT[2]]
    assert verify_consistency(3, 8, proof, ROOTS[3], ROOTS[8])


def test_nothing_is_claimed_about_growth_from_nothing():
    assert not verify_consistency(0, 8, [], ROOTS[0], ROOTS[8])
    assert not verify_consistency(0, 8, [ROOTS[0]], ROOTS[0], ROOTS[8])


def test_a_tree_never_shrinks():
    assert not verify_consistency(8, 3, [], ROOTS[8], ROOTS[3])
