"""What is kept of names that the recording invents: a bounded number, the same however the recording was split."""

from collections.abc import Callable, Iterator
from hashlib import blake2b


class Sight:
    """How often something was seen, first and last (milliseconds since 1970 or None), and its shape at first."""

    __slots__ = ("count", "first", "last", "shape")

    def __init__(self, count: int = 0, first: int | None = None, last: int | None = None, shape: str = "") -> None:
        self.count = count
        self.first = first
        self.last = last
        self.shape = shape

    def note(self, time: int | None, shape: str) -> None:
        """See it once more."""
        self.add(Sight(1, time, time, shape))

    def add(self, other: "Sight") -> None:
        """Take in what was seen elsewhere; the order does not matter."""
        if self.count == 0 or _order(other) < _order(self):
            self.shape = other.shape
        self.count += other.count
        if other.first is not None and (self.first is None or other.first < self.first):
            self.first = other.first
        if other.last is not None and (self.last is None or other.last > self.last):
            self.last = other.last


def _order(sight: Sight) -> tuple[bool, int, str]:
    return sight.first is None, sight.first or 0, sight.shape


Key = tuple[str, ...]
_Rank = tuple[int, bytes]


def _alike(key: Key) -> int:  # noqa: ARG001 - no key is of more interest than another
    return 0


class Few:
    """At most `limit` keys with what was seen of each: those of the smallest `order`, of these of the smallest digests.

    A key that is kept at the end was kept from its first sight on, since the keys before it only grow more: its count
    is exact, and two that saw parts of a recording give together what one gives that saw all of it.
    """

    def __init__(self, limit: int, order: Callable[[Key], int] = _alike) -> None:
        """`order` is of the key alone: what is small goes before what is large."""
        self.limit = limit
        self._order = order
        self._sights: dict[Key, Sight] = {}
        self._ranks: dict[Key, _Rank] = {}
        self._worst: tuple[_Rank, Key] | None = None
        self.total = 0

    def note(self, key: Key, time: int | None, shape: str = "") -> None:
        """See a key once more."""
        self.total += 1
        sight = self._of(key)
        if sight is not None:
            sight.note(time, shape)

    def knows(self, key: Key) -> bool:
        """Whether a key is kept."""
        return key in self._sights

    def add(self, other: "Few") -> None:
        """Take in what was seen elsewhere."""
        self.total += other.total
        for key, theirs in other.items():
            self.take(key, theirs)

    def take(self, key: Key, sight: Sight) -> None:
        """Take in what was seen of a key elsewhere; the total is the caller's."""
        ours = self._of(key)
        if ours is not None:
            ours.add(sight)

    def items(self) -> Iterator[tuple[Key, Sight]]:
        """The keys that are kept, in their order, and what was seen of each."""
        yield from sorted(self._sights.items(), key=lambda each: each[0])

    @property
    def left_out(self) -> int:
        """How many sights were of keys that are not kept."""
        return self.total - sum(each.count for each in self._sights.values())

    def __len__(self) -> int:
        return len(self._sights)

    def _of(self, key: Key) -> Sight | None:
        known = self._sights.get(key)
        if known is not None:
            return known
        digest = blake2b("\x00".join(key).encode("utf-8", "surrogatepass"), digest_size=8).digest()
        rank = self._order(key), digest
        if len(self._sights) >= self.limit:
            worst = self._worst or max((each, name) for name, each in self._ranks.items())
            if (rank, key) > worst:
                self._worst = worst
                return None
            del self._sights[worst[1]], self._ranks[worst[1]]
        self._worst = None
        self._ranks[key] = rank
        self._sights[key] = Sight()
        return self._sights[key]
