"""Files of the working tree, written whole or not at all."""

import os
import tempfile
from pathlib import Path

from hardpoint.kernel.problem import UsageProblem


def replace_file(root: Path, name: str, content: bytes) -> None:
    """Write a file whole or not at all, with the rights that it had; a link's target is written, not the link.

    Raises UsageProblem if it leads out of the repository or cannot be written.
    """
    file = _inside(root, name)
    try:
        mode = file.stat().st_mode if file.exists() else None
        draft = _draft(file, content)
        draft.chmod(mode if mode is not None else 0o644)
        draft.replace(file)
    except OSError as error:
        raise _unwritable(name, error) from error


def add_file(root: Path, name: str, content: bytes) -> None:
    """Write a file that is not there yet, and the folders above it.

    Raises UsageProblem if it appeared meanwhile, leads out of the repository or cannot be written.
    """
    file = _inside(root, name)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = _draft(file, content)
        draft.chmod(0o644)
        try:
            file.hardlink_to(draft)  # unlike a rename it replaces nothing
        except FileExistsError as error:
            raise UsageProblem(f"{name} appeared meanwhile; it was not changed", remedy="Look what it is.") from error
        finally:
            draft.unlink()
    except OSError as error:
        raise _unwritable(name, error) from error


def write_file(file: Path, content: bytes) -> None:
    """Write a file anywhere whole or not at all, readable by all; what is no ordinary file is written as it is.

    Its draft lies beside it as .NAME.*, which whoever collects the files of a folder by their ending does not see.
    Raises UsageProblem if it cannot be written.
    """
    try:
        if file.exists() and not file.is_file():
            file.write_bytes(content)
            return
        target = file.resolve()
        draft = _draft(target, content)
        draft.chmod(0o644)
        draft.replace(target)
    except OSError as error:
        raise UsageProblem(f"{file} cannot be written: {error.strerror}", remedy="Name another file.") from error


def is_led_out(file: Path, folder: Path) -> bool:
    """Whether a file that is named as one below a folder is elsewhere, because a link on the way leads out of it."""
    named, root = (Path(os.path.abspath(each)) for each in (folder / file, folder))  # noqa: PTH100 - links stay
    real, real_root = (Path(os.path.realpath(each)) for each in (named, root))  # unlike pathlib it bears a loop
    return named.is_relative_to(root) and not real.is_relative_to(real_root)


def _inside(root: Path, name: str) -> Path:
    file = (root / name).resolve()
    if not file.is_relative_to(root.resolve()):
        raise UsageProblem(f"{name} is a link that leads out of the repository", remedy="Make it a file.")
    return file


def _draft(file: Path, content: bytes) -> Path:
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name[:100]}.", delete=False) as opened:
        opened.write(content)
    return Path(opened.name)


def _unwritable(name: str, error: OSError) -> UsageProblem:
    return UsageProblem(f"{name} cannot be written: {error.strerror}", remedy="Make it writable.")
