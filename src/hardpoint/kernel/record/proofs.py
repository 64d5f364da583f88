"""Inclusion and consistency proofs of RFC 6962 trees, verified from outside data; malformed input is False."""

from collections.abc import Sequence
from hashlib import sha256

HASH_BYTES = 32
_LEAF, _NODE = b"\x00", b"\x01"


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf's data (RFC 6962 section 2.1)."""
    return sha256(_LEAF + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node (RFC 6962 section 2.1)."""
    return sha256(_NODE + left + right).digest()


EMPTY_ROOT = sha256(b"").digest()


def verify_inclusion(index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf stands at `index` in the tree of `size` leaves with that root (RFC 9162 section 2.1.3.2)."""
    if not (_sizes(index, size) and index < size and _hashes(proof) and _hashes((leaf_hash, root))):
        return False
    inner, border = _proof_shape(index, size)
    if len(proof) != inner + border:
        return False
    node = _climb(leaf_hash, proof[:inner], index)
    return _climb_border(node, proof[inner:]) == root


def root_at(index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes]) -> bytes:
    """The root of the tree when the leaf at `index` was its last, from an inclusion proof that was verified.

    What stands right of the leaf came later, and the hashes on its left are the right edge of the smaller tree.
    """
    inner, _ = _proof_shape(index, size)
    left = [sibling for height, sibling in enumerate(proof[:inner]) if index >> height & 1]
    return _climb_border(leaf_hash, [*left, *proof[inner:]])


def verify_consistency(size1: int, size2: int, proof: Sequence[bytes], root1: bytes, root2: bytes) -> bool:
    """Whether the tree of `size2` extends the tree of `size1` (RFC 9162 section 2.1.4.2).

    Equal sizes need equal roots, whatever those are, and an empty proof, as in the test vectors that logs share;
    nothing is claimed about growth from an empty tree.
    """
    if not (_sizes(size1, size2) and size1 <= size2 and _hashes(proof)):
        return False
    if size1 == size2:
        return not proof and type(root1) is type(root2) is bytes and root1 == root2
    if size1 == 0 or not proof or not _hashes((root1, root2)):
        return False
    return _consistent(size1, size2, proof, root1, root2)


def _consistent(size1: int, size2: int, proof: Sequence[bytes], root1: bytes, root2: bytes) -> bool:
    inner, border = _proof_shape(size1 - 1, size2)
    level = (size1 & -size1).bit_length() - 1  # the old tree ends with a complete subtree of 2**level leaves
    inner -= level
    # Where the old tree is that very subtree, its root is known and the proof leaves it out.
    seed, rest = (root1, proof) if size1 == 1 << level else (proof[0], proof[1:])
    if len(rest) != inner + border:
        return False
    path = (size1 - 1) >> level
    old = seed
    for height, sibling in enumerate(rest[:inner]):
        if path >> height & 1:
            old = node_hash(sibling, old)
    new = _climb(seed, rest[:inner], path)
    return _climb_border(old, rest[inner:]) == root1 and _climb_border(new, rest[inner:]) == root2


def _proof_shape(index: int, size: int) -> tuple[int, int]:
    """How many hashes lie below the point where the paths to `index` and to the last leaf part, and how many above."""
    inner = (index ^ (size - 1)).bit_length()
    return inner, (index >> inner).bit_count()


def _climb(node: bytes, siblings: Sequence[bytes], index: int) -> bytes:
    for height, sibling in enumerate(siblings):
        node = node_hash(sibling, node) if index >> height & 1 else node_hash(node, sibling)
    return node


def _climb_border(node: bytes, siblings: Sequence[bytes]) -> bytes:
    for sibling in siblings:
        node = node_hash(sibling, node)
    return node


def _sizes(*numbers: object) -> bool:
    return all(type(number) is int and 0 <= number < 1 << 63 for number in numbers)


def _hashes(hashes: object) -> bool:
    if not isinstance(hashes, list | tuple):
        return False
    return all(isinstance(each, bytes) and len(each) == HASH_BYTES for each in hashes)
