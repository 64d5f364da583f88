"""Every proof of every tree verifies, nothing else does, and garbage is refused without an exception."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hardpoint.kernel.record.proofs import leaf_hash, verify_consistency, verify_inclusion
from hardpoint.kernel.record.tree import Frontier, consistency_proof, inclusion_proof

MOST = 300
LEAVES = [leaf_hash(b"%d" % number) for number in range(MOST)]


def _grow():
    frontier, stored, roots = Frontier(), {}, []
    roots.append(frontier.root())
    for leaf in LEAVES:
        stored.update(frontier.append(leaf))
        roots.append(frontier.root())
    return stored.__getitem__, roots


READ, ROOTS = _grow()

hashes = st.binary(min_size=32, max_size=32)


@st.composite
def inclusions(draw):
    size = draw(st.integers(1, MOST))
    index = draw(st.integers(0, size - 1))
    return index, size, LEAVES[index], inclusion_proof(index, size, READ), ROOTS[size]


@st.composite
def consistencies(draw):
    size2 = draw(st.integers(1, MOST))
    size1 = draw(st.integers(1, size2))
    return size1, size2, consistency_proof(size1, size2, READ), ROOTS[size1], ROOTS[size2]


def one_bit_of(draw, value):
    bit = draw(st.integers(0, len(value) * 8 - 1))
    return bytes(byte ^ (1 << bit % 8 if at == bit // 8 else 0) for at, byte in enumerate(value))


@st.composite
def other_proofs(draw, proof):
    """The proof with one thing about it changed."""
    change = draw(st.sampled_from(["bit", "more", "less", "swap"]))
    at = draw(st.integers(0, max(len(proof) - 1, 0)))
    changed = list(proof)
    if change == "bit" and proof:
        changed[at] = one_bit_of(draw, proof[at])
    elif change == "less" and proof:
        del changed[at]
    elif change == "swap" and len(proof) > 1:
        changed[at], changed[at - 1] = changed[at - 1], changed[at]
    else:
        changed.insert(at, draw(st.sampled_from([draw(hashes), *proof])))
    assume(changed != proof)
    return changed


@pytest.mark.requirement("GAT-14")
@given(inclusions())
def test_every_inclusion_proof_verifies(proven):
    assert verify_inclusion(*proven)


@pytest.mark.requirement("GAT-14")
@given(inclusions(), st.data())
def test_any_change_of_an_inclusion_proof_is_refused(proven, data):
    index, size, leaf, proof, root = proven
    other_leaf, other_root = one_bit_of(data.draw, leaf), one_bit_of(data.draw, root)
    assert not verify_inclusion(index, size, other_leaf, proof, root)
    assert not verify_inclusion(index, size, leaf, proof, other_root)
    assert not verify_inclusion(index, size, leaf, data.draw(other_proofs(proof)), root)
    other_index = data.draw(st.integers(0, size + 1))
    assert other_index == index or not verify_inclusion(other_index, size, leaf, proof, root)


@given(inclusions(), st.integers(0, MOST))
def test_a_checkpoint_of_another_size_refuses_an_inclusion_proof(proven, other):
    """A size alone may fit where the path looks the same; with the root that is signed beside it, it never does."""
    index, size, leaf, proof, _ = proven
    assume(other != size)
    assert not verify_inclusion(index, other, leaf, proof, ROOTS[other])


@pytest.mark.requirement("GAT-14")
@given(consistencies())
def test_every_consistency_proof_verifies(proven):
    assert verify_consistency(*proven)


@pytest.mark.requirement("GAT-14")
@given(consistencies(), st.data())
def test_any_change_of_a_consistency_proof_is_refused(proven, data):
    size1, size2, proof, root1, root2 = proven
    assert not verify_consistency(size1, size2, proof, one_bit_of(data.draw, root1), root2)
    assert not verify_consistency(size1, size2, proof, root1, one_bit_of(data.draw, root2))
    assert not verify_consistency(size1, size2, data.draw(other_proofs(proof)), root1, root2)


@given(consistencies(), st.integers(0, MOST), st.integers(0, MOST))
def test_checkpoints_of_other_sizes_refuse_a_consistency_proof(proven, other1, other2):
    size1, size2, proof, _, _ = proven
    assume((other1, other2) != (size1, size2))
    if not (other1 == other2 and not proof):  # a tree is consistent with itself
        assert not verify_consistency(other1, other2, proof, ROOTS[other1], ROOTS[other2])


@given(inclusions(), st.integers(0, MOST - 1))
def test_a_leaf_is_never_proven_at_anothers_place(proven, other):
    index, size, _, proof, root = proven
    assume(other != index)
    assert not verify_inclusion(index, size, LEAVES[other], proof, root)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | hashes | st.complex_numbers(),
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=8,
)
plausible = st.integers(-2, 70) | st.lists(hashes, max_size=8) | hashes | anything


def says_nothing(size1, size2, proof, root1, root2):
    """The one claim that holds by chance: a tree extends itself."""
    sizes = type(size1) is type(size2) is int and size1 == size2 >= 0
    return sizes and proof in ([], ()) and root1 == root2 and isinstance(root1, bytes) and len(root1) == 32


@given(plausible, plausible, plausible, plausible, plausible)
def test_garbage_is_refused_without_an_exception(a, b, c, d, e):
    assert verify_inclusion(a, b, c, d, e) is False
    assert verify_consistency(a, b, c, d, e) is says_nothing(a, b, c, d, e)


@given(st.integers(0, 70), st.integers(0, 70), hashes, st.lists(hashes, max_size=8), hashes)
def test_hashes_that_prove_nothing_are_refused(a, b, one, proof, other):
    assert verify_consistency(a, b, proof, one, other) is says_nothing(a, b, proof, one, other)
    assume((a, b, one, proof) != (0, 1, other, []))
    assert verify_inclusion(a, b, one, proof, other) is False


@given(inclusions(), consistencies(), st.integers(0, 4), anything)
def test_one_part_of_another_type_is_refused_without_an_exception(included, consistent, part, value):
    for check, proven in ((verify_inclusion, included), (verify_consistency, consistent)):
        arguments = list(proven)
        if arguments[part] != value or type(arguments[part]) is not type(value):
            arguments[part] = value
            assert check(*arguments) in (False, part < 2 and type(value) is int)
