"""What a record's checkpoints promise, compared with what its entries give."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from hardpoint.kernel.identity.keys import PublicKey
from hardpoint.kernel.problem import IntegrityProblem
from hardpoint.kernel.record.checkpoint import Checkpoint, is_signed_by, parse_checkpoint, signing_key
from hardpoint.kernel.record.model import WHOLE, Damage, Damaged
from hardpoint.kernel.record.tables import head, witnessed
from hardpoint.kernel.record.witnessed import Witnesses, verify_stored

MAX_DAMAGES = 1000


@dataclass(frozen=True, slots=True)
class Tree:
    """What the entries give: how many there are, and the root at each size that somebody asked for."""

    size: int
    roots: Mapping[int, bytes]


class Promises:
    """What the checkpoints of a record promise, compared with what its entries give; each damage is noted."""

    def __init__(self, keys: Collection[PublicKey], witnesses: Witnesses, *, whose: bool) -> None:
        """`whose=False` leaves out whose key signed a co-signed checkpoint."""
        self._keys = keys
        self._witnesses = witnesses
        self._whose = whose
        self.found: list[Damaged] = []

    def note(self, damage: Damage, index: int, text: str) -> None:
        """Note a damage; beyond MAX_DAMAGES they are left out."""
        if len(self.found) < MAX_DAMAGES:
            self.found.append(Damaged(damage=damage, index=index, text=text))

    @property
    def gap(self) -> bool:
        """Whether something is known to be gone, so that what comes after it has no place."""
        return any(found.damage is Damage.DELETION for found in self.found)

    def checkpoint(self, row: sa.Row[tuple[object, ...]]) -> Checkpoint | None:
        """What the newest checkpoint promises; one that cannot be read promises nothing, and is a damage."""
        note = row.checkpoint if isinstance(row.checkpoint, bytes) else b""
        try:
            promised = parse_checkpoint(note)
            key = signing_key(note, self._keys)
            if key is None:
                self.note(Damage.UNKNOWN_KEY, WHOLE, "the checkpoint is signed with a key that is not trusted")
            elif not is_signed_by(note, key):
                self.note(Damage.EDIT, WHOLE, "the checkpoint's signature does not fit its text")
        except ValueError:
            self.note(Damage.BIT_ROT, WHOLE, "the checkpoint cannot be read")
            return None
        if promised.origin != row.origin:
            self.note(Damage.EDIT, WHOLE, f"the head names the origin {row.origin}, its checkpoint {promised.origin}")
        if promised.size != row.size:
            self.note(Damage.EDIT, WHOLE, f"the head says {row.size} entries, its checkpoint {promised.size}")
        return promised

    def witnessed(self, connection: sa.Connection, promised: Checkpoint | None) -> list[Checkpoint]:
        """The checkpoints that were co-signed; a note that does not hold is a damage, and promises nothing."""
        wanted = sa.select(witnessed).order_by(witnessed.c.size, witnessed.c.witness)
        notes: list[Checkpoint] = []
        for size, witness, stored in connection.execute(wanted):
            what = f"a co-signed checkpoint of {size} entries"
            note, damage = verify_stored(size, witness, stored, self._keys, self._witnesses)
            if damage is Damage.EDIT or (note and promised and note.origin != promised.origin):
                self.note(Damage.EDIT, WHOLE, f"{what} is not the one that was taken in")
                continue
            if damage is Damage.BIT_ROT:
                self.note(damage, WHOLE, f"{what} cannot be read")
            elif damage is not None and self._whose:
                self.note(damage, WHOLE, f"{what} is signed with a key that is not trusted")
            notes += [note] if note else []
        return list(dict.fromkeys(notes))

    def compare(
        self, promised: Checkpoint | None, seen: Checkpoint | None, notes: Iterable[Checkpoint], tree: Tree
    ) -> None:
        """Compare with what the entries give all that was promised: now, to this user before, and to witnesses."""
        if promised is not None:
            self._promised(promised, tree)
        if seen is not None:
            self._seen(seen, promised, tree.roots, "signed before")
        for each in notes:
            self._seen(each, promised, tree.roots, "co-signed by a witness")

    def _promised(self, promised: Checkpoint, tree: Tree) -> None:
        size, roots = tree.size, tree.roots
        if size > promised.size:
            text = f"{size - promised.size} entries come after the last checkpoint"
            self.note(Damage.UNSIGNED_TAIL, promised.size, text)
        elif size < promised.size and not self.gap:
            self.note(Damage.TRUNCATION, size, f"the checkpoint promises {promised.size} entries, {size} are there")
        if promised.size in roots and roots[promised.size] != promised.root:
            self.note(Damage.EDIT, WHOLE, "the entries do not give the root that the checkpoint signs")

    def _seen(self, seen: Checkpoint, promised: Checkpoint | None, roots: Mapping[int, bytes], how: str) -> None:
        if promised is not None and promised.size < seen.size:
            text = f"{seen.size} entries were {how}, the checkpoint promises {promised.size}"
            self.note(Damage.ROLLBACK, promised.size, text)
        elif seen.size in roots and roots[seen.size] != seen.root:
            text = f"its first {seen.size} entries are not those that were {how}"
            forked = promised is not None and roots.get(promised.size) == promised.root
            self.note(Damage.FORK if forked else Damage.EDIT, WHOLE, text)


def head_row(connection: sa.Connection) -> sa.Row[tuple[object, ...]]:
    """The head of the record.

    Raises IntegrityProblem if it has not exactly one.
    """
    rows = connection.execute(sa.select(head).limit(2)).all()
    if len(rows) != 1:
        raise IntegrityProblem("The record has not exactly one head: no checkpoint promises anything")
    return rows[0]
