"""An interface description as plain values: references followed across files, places found when asked for."""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any
from urllib.parse import unquote

from hardpoint.assurance.contracts.places import Span, json_span
from hardpoint.kernel import encoding
from hardpoint.kernel.place import Lines, Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.yaml import Path
from hardpoint.kernel.yaml_values import load_values, positions

MAX_BYTES = 128 * 1024 * 1024
MAX_FILES = 500
MAX_HOPS = 100
"""How many references in a row are followed: `$ref` to `$ref` to `$ref`."""

Read = Callable[[str], bytes]
"""The content of another file, by its path with `/`; raises UnreadableProblem."""

_BYTE = re.compile(r"\(byte (\d+)\)")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


class Source:
    """One file: its name, its content as plain values, and where each value stands."""

    def __init__(self, file: str, content: bytes) -> None:
        self.file = file
        self._content = content
        self.is_json = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
        self.tree = _tree(file, content, is_json=self.is_json)
        self.moved: dict[Path, Path] = {}
        """Where values are written that a reader of the tree put elsewhere in it."""
        self._spans: Span = {}
        self._places: dict[Path, Place] = {}

    def written(self, path: Path) -> Path:
        """Where the value at a path of the tree is written, or what holds it."""
        for end in range(len(path), 0, -1) if self.moved else ():
            if path[:end] in self.moved:
                return self.moved[path[:end]]
        return path

    def place(self, path: Path) -> Place:
        """Where the value at a path stands (its key, in a mapping); of a path that is not there, what is next above.

        Nothing is looked for before the first call.
        """
        if path not in self._places:
            self.locate([path])
        return self._places[path]

    def locate(self, paths: Iterable[Path]) -> None:
        """Find the places of many paths: all of them together cost little more than one."""
        if self.is_json:
            found = sorted({(self._offset(self.written(path)), path) for path in paths}, key=itemgetter(0))
            self._places |= {path: self._lines.place(at) for at, path in found}
        else:
            self._places |= {path: self._yaml_place(self.written(path)) for path in paths}

    def _offset(self, path: Path) -> int:
        try:
            return json_span(self._content, path, self._spans)
        except UnreadableProblem:  # nested deeper than the parts of a document are read
            return 0

    def _yaml_place(self, path: Path) -> Place:
        while path and path not in self._yaml_places:
            path = path[:-1]
        return Place(self.file, *self._yaml_places.get(path, (1, 1)))

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.file, self._content)

    @cached_property
    def _yaml_places(self) -> Mapping[Path, tuple[int, int]]:
        return positions(self._content, self.file, max_bytes=MAX_BYTES)


def _tree(file: str, content: bytes, *, is_json: bool) -> Any:
    if len(content) > MAX_BYTES:
        raise UnreadableProblem(
            f"is larger than {MAX_BYTES} bytes", place=Place(file), remedy="Split it, or name less."
        )
    if not content.strip():
        raise UnreadableProblem("is empty", place=Place(file), remedy="Name the file that describes the interface.")
    if not is_json:
        return load_values(content, file, max_bytes=MAX_BYTES)
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        tree = encoding.decode(content, object, what=file)
        encoding.refuse_lost_doubles(content, tree, what=file)
    except UnreadableProblem as problem:
        found = _BYTE.search(problem.sentence)
        place = Lines(file, content).place(min(int(found[1]), len(content))) if found else Place(file)
        raise UnreadableProblem(
            problem.sentence.removeprefix(f"{file} "), place=place, remedy="Repair the document there."
        ) from problem
    return tree


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A value, and the way to it: the file that it stands in, and the keys and positions from that file's root."""

    value: Any
    source: Source
    path: Path = ()

    def __getitem__(self, key: str | int) -> "Node":
        return Node(self.value[key], self.source, (*self.path, key))

    def get(self, key: str) -> "Node | None":
        """What a mapping has under a key; None where it has nothing, or this is no mapping."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return None if value is None else Node(value, self.source, (*self.path, key))

    def items(self) -> Iterator[tuple[str, "Node"]]:
        """The keys of a mapping with what stands there; nothing of anything else."""
        if isinstance(self.value, dict):
            for key, value in self.value.items():
                yield key, Node(value, self.source, (*self.path, key))

    def each(self) -> Iterator["Node"]:
        """The members of a list; nothing of anything else."""
        if isinstance(self.value, list):
            for index, value in enumerate(self.value):
                yield Node(value, self.source, (*self.path, index))

    @property
    def pointer(self) -> str:
        """The way as a JSON Pointer (RFC 6901); in another file than the first, behind its name and `#`."""
        return pointer_of(self.source.written(self.path))

    @property
    def place(self) -> Place:
        """The file, the line and the column."""
        return self.source.place(self.path)


def locate(nodes: Iterable[Node]) -> None:
    """Find the places of many nodes at once."""
    paths: dict[Source, list[Path]] = {}
    for node in nodes:
        paths.setdefault(node.source, []).append(node.path)
    for source, each in paths.items():
        source.locate(each)


@lru_cache(maxsize=65_536)
def pointer_of(path: Path) -> str:
    """Keys and positions as a JSON Pointer (RFC 6901)."""
    return "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in path)


class Document:
    """A description of one interface: its first file, and those that it refers to.

    `read` gives the other files, by their path beside the first one; without it, references to files are not followed.
    """

    def __init__(self, file: str, content: bytes, read: Read | None = None) -> None:
        self._read = read
        self._sources = {file: Source(file, content)}
        self._anchors: dict[str, Mapping[str, Node]] = {}
        self._targets: dict[tuple[str, str], Node] = {}
        self.root = Node(self._sources[file].tree, self._sources[file])

    def source(self, file: str) -> Source:
        """A file of the document that was read."""
        return self._sources[file]

    def follow(self, node: Node) -> Node:
        """What a node stands for: itself, or the end of the references that it begins.

        Raises UnreadableProblem at the place of a reference that leads nowhere, to itself, or to another machine.
        """
        for _ in range(MAX_HOPS):
            reference = reference_in(node.value)
            if reference is None:
                return node
            node = self.target(node, reference)
        raise UnreadableProblem(
            f"refers to itself, or through more than {MAX_HOPS} references",
            place=node.place,
            remedy="End it.",
        )

    def target(self, node: Node, reference: str) -> Node:
        """What a reference leads to, from the file in which it stands.

        Raises UnreadableProblem at the place of `node`, which holds the reference, if it leads nowhere.
        """
        key = (node.source.file, reference)
        if key not in self._targets:
            self._targets[key] = self._find(node, reference)
        return self._targets[key]

    def _find(self, node: Node, reference: str) -> Node:
        named = self._anchors_of(node.source).get(reference) if not reference.startswith("#/") else None
        if named is not None:
            return named
        file, _, fragment = reference.partition("#")
        source = self._source(node, unquote(file)) if file else node.source
        if fragment and not fragment.startswith("/"):
            found = self._anchors_of(source).get(f"#{fragment}")
        else:
            found = _at(Node(source.tree, source), unquote(fragment))
        if found is None:
            raise UnreadableProblem(
                f"refers to {reference!r}, which is not there", place=node.place, remedy="Correct the reference."
            )
        return found

    def _source(self, node: Node, file: str) -> Source:
        if _URL.match(file) or file.startswith("/") or self._read is None:
            raise UnreadableProblem(
                f"refers to {file!r}, which is not read",
                place=node.place,
                remedy="Refer to a file beside it.",
            )
        revision, colon, beside = node.source.file.rpartition(":")  # a revision may have a slash, too
        path = f"{revision}{colon}{posixpath.normpath(posixpath.join(posixpath.dirname(beside), file))}"
        if path not in self._sources:
            if len(self._sources) >= MAX_FILES:
                raise UnreadableProblem(f"is the reference to one more than {MAX_FILES} files", place=node.place)
            self._sources[path] = Source(path, self._read(path))
        return self._sources[path]

    def _anchors_of(self, source: Source) -> Mapping[str, Node]:
        """What schemas of a file are called: `#anchor`, or the URL that they state for themselves."""
        if source.file not in self._anchors:
            self._anchors[source.file] = dict(_anchors(source))
        return self._anchors[source.file]


def reference_in(value: Any) -> str | None:
    """The text of the `$ref` that a value is or has, or of the `$dynamicRef`, which leads there unless overridden."""
    reference = value.get("$ref") or value.get("$dynamicRef") if isinstance(value, dict) else None
    return reference if isinstance(reference, str) else None


def _at(node: Node, pointer: str) -> Node | None:
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        if isinstance(node.value, dict) and key in node.value:
            node = node[key]
        elif isinstance(node.value, list) and key.isdecimal() and int(key) < len(node.value):
            node = node[int(key)]
        else:
            return None
    return node


def _anchors(source: Source) -> Iterator[tuple[str, Node]]:
    pending = [Node(source.tree, source)]
    while pending:
        node = pending.pop()
        if isinstance(node.value, dict):
            for keyword, mark in (("$anchor", "#"), ("$dynamicAnchor", "#"), ("$id", "")):
                name = node.value.get(keyword)
                if isinstance(name, str):
                    yield f"{mark}{name}", node
            pending.extend(each for _, each in node.items() if isinstance(each.value, dict | list))
        else:
            pending.extend(each for each in node.each() if isinstance(each.value, dict | list))
