"""An RFC 6962 tree kept as its complete nodes: it grows by its right edge and proves from what is stored."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from hardpoint.kernel.record.proofs import EMPTY_ROOT, node_hash

NodeId = tuple[int, int]
"""Level (0 for leaves) and position from the left."""
ReadNode = Callable[[NodeId], bytes]


@dataclass(slots=True)
class Frontier:
    """The right edge of a tree of `size` leaves: the roots of its complete subtrees, the largest first."""

    size: int = 0
    roots: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> Iterator[tuple[NodeId, bytes]]:
        """Add a leaf hash; yields every node that became complete with it."""
        level, position, node = 0, self.size, leaf
        yield (level, position), node
        while position & 1:
            node = node_hash(self.roots.pop(), node)
            level, position = level + 1, position >> 1
            yield (level, position), node
        self.roots.append(node)
        self.size += 1

    def extend(self, leaves: Sequence[bytes]) -> Iterator[tuple[NodeId, list[bytes]]]:
        """Add leaf hashes; yields for each level the nodes that became complete, from the id of the first of them.

        The same as appending one by one, with the loops over whole levels.
        """
        level, position, row = 0, self.size, list(leaves)
        roots: list[bytes] = []
        while row:
            yield (level, position), row
            if self.size >> level & 1:
                row = [self.roots.pop(), *row]
            if len(row) & 1:
                roots.append(row[-1])
            position >>= 1
            row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
            level += 1
        self.roots += reversed(roots)
        self.size += len(leaves)

    def root(self) -> bytes:
        """The root hash of the whole tree."""
        if not self.roots:
            return EMPTY_ROOT
        node = self.roots[-1]
        for left in reversed(self.roots[:-1]):
            node = node_hash(left, node)
        return node


def frontier_ids(size: int) -> list[NodeId]:
    """Which nodes make up the frontier of a tree of `size` leaves, the largest first."""
    return [(level, (size >> level) - 1) for level in range(size.bit_length() - 1, -1, -1) if size >> level & 1]


def inclusion_proof(index: int, size: int, read: ReadNode) -> list[bytes]:
    """The sibling hashes from leaf `index` to the root of the tree of `size` leaves (RFC 6962 section 2.1.1)."""
    return _path(index, 0, size, read)


def consistency_proof(size1: int, size2: int, read: ReadNode) -> list[bytes]:
    """What proves that the tree of `size2` leaves extends that of `size1` (RFC 6962 section 2.1.2)."""
    if size1 in (0, size2):
        return []
    return _subproof(size1, 0, size2, known=True, read=read)


def _path(index: int, start: int, end: int, read: ReadNode) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_path(index, start, middle, read), _range_hash(middle, end, read)]
    return [*_path(index, middle, end, read), _range_hash(start, middle, read)]


def _subproof(size1: int, start: int, end: int, *, known: bool, read: ReadNode) -> list[bytes]:
    if size1 == end:
        return [] if known else [_range_hash(start, end, read)]
    middle = start + _split(end - start)
    if size1 <= middle:
        left = _subproof(size1, start, middle, known=known, read=read)
        return [*left, _range_hash(middle, end, read)]
    right = _subproof(size1, middle, end, known=False, read=read)
    return [*right, _range_hash(start, middle, read)]


def _range_hash(start: int, end: int, read: ReadNode) -> bytes:
    width = end - start
    if width & (width - 1) == 0:  # a complete subtree: its node is stored
        level = width.bit_length() - 1
        return read((level, start >> level))
    middle = start + _split(width)
    return node_hash(_range_hash(start, middle, read), _range_hash(middle, end, read))


def _split(width: int) -> int:
    """The largest power of two below `width`."""
    return 1 << (width - 1).bit_length() - 1


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, computed from nothing else."""
    frontier = Frontier()
    for leaf in leaves:
        for _ in frontier.append(leaf):
            pass
    return frontier.root()
