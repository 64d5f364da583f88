"""The newest checkpoint of each log that a user has seen, kept beside the key, so that a rollback shows."""

import threading
from hashlib import sha256
from pathlib import Path

from hardpoint.kernel.problem import StoreProblem
from hardpoint.kernel.record.checkpoint import Checkpoint, parse_checkpoint


class Memory:
    """Remembers checkpoints in a folder of its own, a file for each origin."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def recall(self, origin: str) -> Checkpoint | None:
        """The newest checkpoint seen under that origin."""
        try:
            checkpoint = parse_checkpoint(self._file(origin).read_bytes())
        except (OSError, ValueError):
            return None
        return checkpoint if checkpoint.origin == origin else None

    def remember(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint, unless a larger one is kept already.

        It is written after the commit that it belongs to: a crash between leaves an older one, which still holds.
        Raises StoreProblem if it cannot be written.
        """
        seen = self.recall(checkpoint.origin)
        if seen is not None and seen.size >= checkpoint.size:
            return
        file = self._file(checkpoint.origin)
        draft = file.with_suffix(f".{threading.get_native_id()}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft.write_text(checkpoint.body() + "\n", encoding="utf-8")
            draft.replace(file)
        except OSError as error:
            raise StoreProblem(
                f"The append is durable, but its checkpoint cannot be remembered in {self._folder}: {error.strerror}",
                remedy="Make the folder writable, or set HARDPOINT_CONFIG_DIR.",
            ) from error

    def _file(self, origin: str) -> Path:
        return self._folder / sha256(origin.encode()).hexdigest()[:32]
