"""The tree kept as its complete nodes: roots, frontier and proofs of the standard's example."""

import pytest

from hardpoint.kernel.record.proofs import EMPTY_ROOT, leaf_hash, node_hash, verify_consistency, verify_inclusion
from hardpoint.kernel.record.tree import Frontier, consistency_proof, frontier_ids, inclusion_proof, root_of

LEAVES = [leaf_hash(bytes([number])) for number in range(20)]


def grown(size):
    frontier, stored = Frontier(), {}
    for leaf in LEAVES[:size]:
        stored.update(frontier.append(leaf))
    return frontier, stored


def recursive_root(leaves):
    """Merkle Tree Hash as RFC 6962 section 2.1 words it."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else EMPTY_ROOT
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(recursive_root(leaves[:split]), recursive_root(leaves[split:]))


@pytest.mark.parametrize("size", range(len(LEAVES) + 1))
def test_the_root_is_the_one_of_the_definition(size):
    assert grown(size)[0].root() == root_of(LEAVES[:size]) == recursive_root(LEAVES[:size])


@pytest.mark.parametrize("size", range(len(LEAVES) + 1))
def test_a_frontier_is_found_again_among_the_stored_nodes(size):
    frontier, stored = grown(size)
    assert [stored[node] for node in frontier_ids(size)] == frontier.roots


@pytest.mark.parametrize("size", range(1, len(LEAVES) + 1))
def test_every_complete_node_is_stored_once(size):
    _, stored = grown(size)
    assert len(stored) == sum(size >> level for level in range(size.bit_length()))


def test_a_proof_of_a_leaf_reads_a_node_for_each_level():
    read = []
    _, stored = grown(16)
    inclusion_proof(5, 16, lambda node: read.append(node) or stored[node])
    assert read == [(0, 4), (1, 3), (2, 0), (3, 1)]


@pytest.mark.requirement("GAT-14")
def test_every_leaf_of_every_size_is_provable():
    frontier, stored = Frontier(), {}
    for size, leaf in enumerate(LEAVES, start=1):
        stored.update(frontier.append(leaf))
        for index in range(size):
            proof = inclusion_proof(index, size, stored.__getitem__)
            assert verify_inclusion(index, size, LEAVES[index], proof, frontier.root())


@pytest.mark.requirement("GAT-14")
def test_every_size_is_provably_a_beginning_of_every_larger_one():
    _, stored = grown(len(LEAVES))
    for size2 in range(1, len(LEAVES) + 1):
        for size1 in range(1, size2 + 1):
            proof = consistency_proof(size1, size2, stored.__getitem__)
            assert verify_consistency(size1, size2, proof, root_of(LEAVES[:size1]), root_of(LEAVES[:size2]))


def test_growth_from_nothing_has_an_empty_proof():
    assert consistency_proof(0, 8, {}.__getitem__) == []


def test_adding_leaves_at_once_gives_what_adding_them_one_by_one_gives():
    for first in range(17):
        for more in range(17):
            one_by_one, at_once, nodes, rows = Frontier(), Frontier(), {}, {}
            leaves = [bytes([n]) * 32 for n in range(first + more)]
            for leaf in leaves:
                nodes.update(one_by_one.append(leaf))
            for part in (leaves[:first], leaves[first:]):
                for (level, position), row in at_once.extend(part):
                    rows |= {(level, position + at): node for at, node in enumerate(row)}
            assert (at_once.size, at_once.roots, rows) == (one_by_one.size, one_by_one.roots, nodes)
