"""Small files that outlast a crash: replaced whole, on disk before they count, by one process at a time."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """The lock of a folder, made as needed and readable by its owner alone; who wants it meanwhile waits.

    Raises OSError if the folder cannot be used. The system frees the lock of a process that dies.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def replace_file(file: Path, content: bytes, *, at_once: bool = True) -> None:
    """Put a file in the place of the one before; it has reached the disk when this returns.

    With `at_once=False` a power cut may bring back the one before, whole: that spares two of three waits for the disk.
    Raises OSError, and the one before stays.
    """
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    try:
        with draft.open("xb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    if not at_once:
        return
    sync(file.parent)
    sync(file.parent.parent)  # the folder itself may be new


def _lock(descriptor: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined, unused-ignore]
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def sync(path: Path) -> None:
    """Return once a file, or what a folder names, has reached the disk; raises OSError."""
    if os.name == "nt":  # which opens no folders, and has a rename on disk when it is done
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
