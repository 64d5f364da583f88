"""Which record a store is to hold: so that one that was wiped does not begin anew unseen."""

from dataclasses import dataclass

import sqlalchemy as sa

from hardpoint.kernel.database import Database
from hardpoint.kernel.problem import IntegrityProblem
from hardpoint.kernel.record.memory import Memory
from hardpoint.kernel.record.tables import head

PULL = "`hardpoint record pull`"
FORGET = "`hardpoint record forget`"
FORGET_SEEN = "hardpoint record forget --seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The record that the manifest pins, or that the store held when this user last saw it.

    `store` is its URL without a password. Another path is another store, so a clone or a folder that was moved is new.
    """

    store: str
    memory: Memory
    pinned: str | None
    lasting: bool = True
    """Whether the store outlives a call: one in the checkout of a CI job does not, and then only the pin binds it."""

    @property
    def origin(self) -> str | None:
        """The origin of the record; None where nothing is known, or nothing would be lost."""
        if self.pinned is not None or not self.lasting:
            return self.pinned
        seen = self.memory.origin_of(self.store)
        return seen if seen is not None and self._size(seen) else None

    def is_other(self, found: str | None, remote: str | None = None) -> str:
        """What is wrong if the store holds the record `found`, or None at all; empty if that is as expected.

        With a `remote` it is the record there, which the store would hold once it is pulled.
        """
        origin = self.origin
        if origin is None or origin == found:
            return ""
        size = self._size(origin)
        was = f"the record {origin}" + (f" with {'1 entry' if size == 1 else f'{size} entries'}" if size else "")
        now = "holds none" if found is None else f"holds {found}"
        if remote is not None:
            before = f"the manifest pins {was}" if self.pinned is not None else f"{was} was in {self.store}"
            return f"{before}, and {remote!r} {now}"
        if self.pinned is not None:
            return f"the manifest pins {was}, and {self.store} {now}"
        return f"{was} was in {self.store}, which now {now}"

    def refuse_other(self, found: str | None) -> None:
        """Raises IntegrityProblem with the way out unless the store holds what it is to hold."""
        wrong = self.is_other(found)
        if not wrong:
            return
        begin = "change `record.origin` in the manifest" if self.pinned is not None else FORGET
        back, on = ("Restore it, or " + PULL, "to begin anew") if found is None else ("Restore it", "to take that one")
        raise IntegrityProblem(f"Rollback: {wrong}", remedy=f"{back}; {on}: {begin}.")

    def refuse_remote(self, found: str, remote: str) -> None:
        """Raises IntegrityProblem with the way out unless the record of that remote is what the store is to hold."""
        wrong = self.is_other(found, remote)
        if wrong:
            begin = "change `record.origin` in the manifest" if self.pinned is not None else FORGET
            raise IntegrityProblem(
                f"Another record: {wrong}; nothing was pulled",
                remedy=f"Restore {self.origin}, or name the remote that has it; to take that one: {begin},"
                " then pull again.",
            )

    def keep(self, found: str) -> None:
        """Remember that the store holds this record."""
        self.memory.keep_origin(self.store, found)

    def _size(self, origin: str) -> int:
        seen = self.memory.recall(origin)
        return seen.size if seen else 0


def forget_seen(origin: str, left: int, seen: int) -> str:
    """The way out, for a remedy, where entries that were seen are in no copy any more: of `seen`, `left` are there."""
    lost = f"entry {left}" if seen - left == 1 else f"of the entries {left} to {seen - 1} one"
    return f"If {lost} that you saw is in no copy any more: `{FORGET_SEEN} {origin}` gives it up."


def origin_in(database: Database) -> str | None:
    """The origin of the record in a database; None before it was begun."""
    with database.reading() as connection:
        return connection.execute(sa.select(head.c.origin)).scalar()
