"""Where a contract is read from: a file, or `REV:path` in the history of the repository."""

import posixpath
import shlex
from dataclasses import dataclass
from pathlib import Path

from hardpoint.assurance.contracts.document import MAX_BYTES, Read
from hardpoint.assurance.contracts.operations import Contract, read_contract
from hardpoint.kernel import git
from hardpoint.kernel.command import run
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import ToolProblem, UnreadableProblem, UsageProblem

EXPORT_TIMEOUT_S = 300.0
"""How long a program may take to print its contract."""
_NAME_ANOTHER = "Name a file, or REV:path such as main:openapi.yaml."


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: what it is called, its bytes, and what gives the files that it refers to."""

    name: str
    content: bytes
    read: Read


def contract_at(named: str, folder: Path) -> Contract:
    """The OpenAPI document that a command names, from the folder that it is called in.

    Raises UsageProblem if the revision names no commit, UnreadableProblem if what is named is no contract.
    """
    side = side_at(named, folder)
    return read_contract(side.name, side.content, side.read)


def side_at(named: str, folder: Path) -> Side:
    """What a command names, from the folder that it is called in.

    Raises UsageProblem if the revision names no commit, UnreadableProblem if there is no such file.
    """
    revision, colon, path = named.partition(":")
    if colon and revision and path and not (folder / named).exists():
        return _in_history(named, revision, path, folder)
    file = folder / named
    root = _root_of(file)
    content = _content(file, named)

    def read(beside: str) -> bytes:
        # What lies outside of the repository is none of the contract's: a reference cannot show what stands there.
        if not (folder / beside).resolve().is_relative_to(root):
            raise UnreadableProblem("is outside of the repository of the contract", place=Place(beside))
        return _content(folder / beside, beside)

    return Side(named, content, read)


def printed_by(command: str, folder: Path) -> Side:
    """What a command prints, which is run in `folder`: the contract of a service that has it in its code.

    Raises UsageProblem for words that cannot be told apart, ToolProblem if the command fails or takes too long.
    """
    try:
        argv = shlex.split(command)
    except ValueError as error:
        raise UsageProblem(f"{command!r} cannot be read: {error}", remedy="Close its quotes.") from error
    if not argv:
        raise UsageProblem("The command is empty", remedy="Name a program and its arguments.")
    ran = run(argv, cwd=folder, timeout_s=EXPORT_TIMEOUT_S, max_output_bytes=MAX_BYTES)
    if ran.exit != 0:
        said = ran.stderr.decode(errors="replace").strip().splitlines()
        raise ToolProblem(f"{command!r} ended with {ran.exit}", remedy="\n".join(said[-5:]))

    def read(beside: str) -> bytes:
        raise UnreadableProblem("is not read: what a command prints has to be whole", place=Place(beside))

    return Side(f"{Path(argv[0]).name} (printed)", ran.stdout, read)


def _root_of(file: Path) -> Path:
    parent = file.resolve().parent
    top = git.top_level(parent) if parent.is_dir() else None
    return (top or parent).resolve()


def _content(file: Path, named: str) -> bytes:
    if file.exists() and not file.is_file():  # a pipe would never end
        raise UnreadableProblem("is not a file", place=Place(named), remedy=_NAME_ANOTHER)
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableProblem(
            f"cannot be read: {error.strerror}", place=Place(named), remedy=_NAME_ANOTHER
        ) from error


def _in_history(named: str, revision: str, path: str, folder: Path) -> Side:
    root = git.top_level(folder)
    if root is None:
        raise UsageProblem(
            f"{named!r} names a revision, and {folder.name} is not in a git repository", remedy=_NAME_ANOTHER
        )
    commit = git.resolve(root, revision)
    start = folder.resolve().relative_to(root.resolve()).as_posix() if path.startswith(("./", "../")) else ""
    path = posixpath.normpath(posixpath.join(start, path))

    def read(beside: str) -> bytes:
        file = beside.removeprefix(f"{revision}:")
        try:
            return git.read_at(root, commit, file)
        except UnreadableProblem as problem:
            if "does not exist" not in str(problem):
                raise
            raise UnreadableProblem(f"is not there at {revision}", place=Place(file), remedy=_NAME_ANOTHER) from problem

    # The name keeps the revision, so that a place says which side it is of.
    return Side(f"{revision}:{path}", read(path), read)
