"""What a user has seen of records, kept beside the key: the newest checkpoint of each, and where each one lay."""

from hashlib import sha256
from pathlib import Path

from hardpoint.kernel.durable import held, replace_file
from hardpoint.kernel.problem import IntegrityProblem, StoreProblem
from hardpoint.kernel.record.checkpoint import Checkpoint, parse_checkpoint

_STORES = "stores"


class Memory:
    """Remembers checkpoints in a folder of its own, a file for each origin; and origins, a file for each store."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def recall(self, origin: str) -> Checkpoint | None:
        """The newest checkpoint seen under that origin; None for a record that was never seen.

        Raises IntegrityProblem if what was seen cannot be read: taken for nothing seen, it would hide a rollback.
        """
        file = self._folder / _name(origin)
        content = _content(file)
        try:
            seen = None if content is None else parse_checkpoint(content)
        except ValueError as error:
            raise _unreadable(file, "it is not a checkpoint") from error
        if seen is not None and seen.origin != origin:
            raise _unreadable(file, f"it is of {seen.origin}, and {origin} was asked for")
        return seen

    def remember(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint, unless a larger one is kept already.

        It is written after the commit that it belongs to: a crash between leaves an older one, which still holds.
        Raises StoreProblem if it cannot be written.
        """
        if not self._is_news(checkpoint):  # nothing is written, and the folder need not be writable
            return
        try:
            with held(self._folder):
                if self._is_news(checkpoint):
                    file = self._folder / _name(checkpoint.origin)
                    replace_file(file, f"{checkpoint.body()}\n".encode(), at_once=False)
        except OSError as error:
            raise StoreProblem(
                f"The append is durable, but its checkpoint cannot be remembered in {self._folder}: {error.strerror}",
                remedy=_WRITABLE,
            ) from error

    def _is_news(self, checkpoint: Checkpoint) -> bool:
        seen = self.recall(checkpoint.origin)
        return seen is None or seen.size < checkpoint.size

    def forget(self, origin: str) -> None:
        """Forget the checkpoint seen under that origin: from then on a copy that has fewer entries is taken as it is.

        Raises StoreProblem if it cannot be forgotten.
        """
        self._remove(self._folder / _name(origin))

    def origin_of(self, store: str) -> str | None:
        """The origin of the record that a store held when it was last seen.

        Raises IntegrityProblem if that cannot be read.
        """
        file = self._folder / _STORES / _name(store)
        content = _content(file)
        if content is None:
            return None
        origin, _, rest = content.decode("utf-8", "replace").partition("\n")
        if not origin or rest != f"{store}\n":
            raise _unreadable(file, f"it does not say which record {store} held")
        return origin

    def keep_origin(self, store: str, origin: str) -> None:
        """Keep which record a store holds.

        Raises StoreProblem if it cannot be written.
        """
        if self.origin_of(store) == origin:
            return
        folder = self._folder / _STORES
        try:
            with held(folder):
                replace_file(folder / _name(store), f"{origin}\n{store}\n".encode())
        except OSError as error:
            raise StoreProblem(
                f"It cannot be remembered in {folder} which record the store holds: {error.strerror}", remedy=_WRITABLE
            ) from error

    def forget_origin(self, store: str) -> None:
        """Forget which record a store held; what was seen of the record itself stays.

        Raises StoreProblem if it cannot be forgotten.
        """
        self._remove(self._folder / _STORES / _name(store))

    def _remove(self, file: Path) -> None:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise StoreProblem(f"{file} cannot be removed: {error.strerror}", remedy=_WRITABLE) from error


_WRITABLE = "Make the folder writable, or set HARDPOINT_CONFIG_DIR."


def _name(of: str) -> str:
    return sha256(of.encode()).hexdigest()[:32]


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unreadable(file, error.strerror or "it refuses to be read") from error


def _unreadable(file: Path, why: str) -> IntegrityProblem:
    return IntegrityProblem(
        f"What you saw of the record before cannot be read from {file}: {why}",
        remedy="Restore that file from a backup. Without one, compare the record with another copy or a witness's note,"
        " then delete the file: the next `hardpoint record verify` remembers anew.",
    )
