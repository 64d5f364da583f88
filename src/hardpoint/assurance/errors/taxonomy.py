"""A taxonomy of errors: the codes that a manifest and its files declare, each with its place."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from hardpoint.assurance.errors.model import ERRORS, Code, Codes, Errors
from hardpoint.kernel import yaml
from hardpoint.kernel.declarations import DeclarationProblem, Mistake, validate
from hardpoint.kernel.manifest import MANIFEST_FILE
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

FORM = re.compile(r"[A-Za-z0-9]+(?:[._:/-]+[A-Za-z0-9]+)*")
_SEPARATORS = re.compile(r"[^A-Za-z0-9]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

Read = Callable[[str], bytes | None]
"""The content of a file, None where there is none."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A code as it is declared, and where."""

    code: Code
    place: Place

    @property
    def constant(self) -> str:
        """The name of its constant: `orders.gone` is `ORDERS_GONE`."""
        name = _SEPARATORS.sub("_", _HUMP.sub("_", self.code.code)).strip("_").upper()
        return f"E{name}" if name[:1].isdigit() else name


@dataclass(frozen=True)
class Taxonomy:
    """The codes in the order in which they are declared."""

    entries: tuple[Entry, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.entries)

    @cached_property
    def by_code(self) -> Mapping[str, Entry]:
        """The first entry of each code."""
        return {each.code.code: each for each in reversed(self.entries)}

    @cached_property
    def in_use(self) -> frozenset[str]:
        """The codes that may be raised."""
        return frozenset(code for code, each in self.by_code.items() if not each.code.retired)


def taxonomy(workspace: Workspace) -> Taxonomy:
    """What a workspace declares; empty where it declares nothing.

    Raises DeclarationProblem with every mistake of a file, UnreadableProblem if one that is named is not there.
    """
    return workspace.derive(_taxonomy)


def read_taxonomy(file: str, content: bytes) -> Taxonomy:
    """A file of error codes.

    Raises DeclarationProblem with every mistake.
    """
    try:
        document = yaml.load(content, file)
    except UnreadableProblem as problem:
        raise DeclarationProblem(file, [Mistake(problem.place or Place(file), "", problem.sentence)]) from problem
    if not isinstance(document.data, Mapping):
        raise DeclarationProblem(file, [Mistake(Place(file, 1, 1), "", "expected `codes:` with at least one code")])
    found, mistakes = validate(document, (), Codes)
    if found is None:
        raise DeclarationProblem(file, mistakes)
    return Taxonomy(_entries(found.codes, document, ("codes",)))


def before(workspace: Workspace) -> Taxonomy | None:
    """What the base of a change declared; None where nothing is judged as a change, or the base declared nothing."""
    change = workspace.change
    content = change.before(MANIFEST_FILE) if change else None
    if change is None or content is None:
        return None
    try:
        document = yaml.load(content, MANIFEST_FILE)
    except UnreadableProblem:  # nothing that was in force
        return None
    if not isinstance(document.data, Mapping) or ERRORS.key not in document.data:
        return None
    declared, _ = validate(document, (ERRORS.key,), Errors)
    return _read(declared, document, change.before) if declared else None


def _taxonomy(workspace: Workspace) -> Taxonomy:
    declared = workspace.manifest[ERRORS]
    if not declared.codes and not declared.files:
        return Taxonomy()

    def read(file: str) -> bytes | None:
        if file not in workspace.file_names:
            place = workspace.manifest.place(ERRORS.key, "files", declared.files.index(file))
            raise UnreadableProblem(f"names {file}, which is not there", place=place, remedy="Name the file of codes.")
        return workspace.read(file)

    return _read(declared, yaml.load(workspace.read(MANIFEST_FILE), MANIFEST_FILE), read)


def _read(declared: Errors, document: yaml.Document, read: Read) -> Taxonomy:
    entries = [*_entries(declared.codes, document, (ERRORS.key, "codes"))]
    for file in declared.files:
        content = read(file)
        if content is not None:
            entries += read_taxonomy(file, content).entries
    return Taxonomy(tuple(entries))


def _entries(codes: Sequence[Code], document: yaml.Document, path: yaml.Path) -> tuple[Entry, ...]:
    return tuple(Entry(code, document.places[(*path, at, "code")]) for at, code in enumerate(codes))
