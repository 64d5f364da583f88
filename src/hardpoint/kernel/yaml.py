"""YAML 1.2 in the core schema, strict and bounded, with the place of every key and value."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import yaml

from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 60
MAX_VALUES = 500_000
MAX_REANCHORED = 256 * 1024
"""The largest text whose anchors may be used again: that takes the slower reader, in Python."""

Path = tuple[str | int, ...]
"""Keys and list positions from the root of a document to a value."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as plain values; `places` and `key_places` say where the value and the key at a path stand."""

    data: Any
    places: Mapping[Path, Place]
    key_places: Mapping[Path, Place]


@dataclass(frozen=True, slots=True)
class Tagged:
    """A value that another tool marks with a tag of its own, such as `!reference [.job, script]`."""

    tag: str
    value: Any


def load(content: bytes, file: str, *, max_bytes: int = MAX_BYTES, foreign: bool = False) -> Document:
    """Read one document; an empty one is None.

    Scalars follow YAML 1.2.2 section 10.3.2: `no` and `1:30` are text. Raises UnreadableProblem at the place of
    a syntax error, a duplicate key, an unknown tag, a second document, or whatever exceeds a limit.

    `foreign` reads the files of other tools as they do: merge keys (`<<`, YAML 1.1) are merged, a value with a local
    tag is Tagged, and of several documents the last counts (GitLab's `spec` stands before it).
    """
    with refusals(content, file, max_bytes):
        text = content.decode("utf-8-sig")
        _refuse_depth(text, file)
        root = _last(text) if foreign else yaml.compose(text, CoreLoader)
    return _built(root, file, foreign=foreign)


def load_all(content: bytes, file: str, *, max_bytes: int = MAX_BYTES) -> list[Document]:
    """Read every document of another tool's file, such as the manifests of Kubernetes, as load() reads a `foreign` one.

    Raises UnreadableProblem as load() does.
    """
    with refusals(content, file, max_bytes):
        text = content.decode("utf-8-sig")
        _refuse_depth(text, file)
        roots = _composed(text)
    return [_built(root, file, foreign=True) for root in roots]


@contextmanager
def refusals(content: bytes, file: str, max_bytes: int) -> Iterator[None]:
    """What cannot be read is said as one sentence at its place."""
    if len(content) > max_bytes:
        raise UnreadableProblem(f"is larger than {max_bytes} bytes", place=Place(file))
    try:
        yield
    except UnicodeDecodeError as error:
        raise UnreadableProblem(f"is not UTF-8 (byte {error.start})", place=Place(file)) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        sentence = ": ".join(filter(None, ("is not YAML", ", ".join(filter(None, (error.problem, error.context))))))
        raise UnreadableProblem(sentence, place=_at(file, mark)) from error
    except yaml.YAMLError as error:
        raise UnreadableProblem(f"is not YAML: {error}".replace("\n", " "), place=Place(file)) from error


def _built(root: yaml.Node | None, file: str, *, foreign: bool) -> Document:
    builder = _Builder(file, foreign=foreign)
    data = builder.build(root, ()) if root is not None else None
    return Document(data, builder.places, builder.key_places)


class CoreLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The parser, with the scalars of the core schema and no others."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own form


class _Reanchoring(yaml.SafeLoader):
    """YAML lets an anchor be used again (1.2.2, section 3.2.2.2); PyYAML does not."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own form

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if not isinstance(event, yaml.AliasEvent):
            self.anchors.pop(getattr(event, "anchor", None), None)
        return super().compose_node(parent, index)


def _last(text: str) -> yaml.Node | None:
    return next(reversed(_composed(text)), None)


def _composed(text: str, loader: Any = None) -> list[yaml.Node]:
    try:
        return list(yaml.compose_all(text, loader or CoreLoader))
    except yaml.composer.ComposerError as error:
        if loader or "duplicate anchor" not in str(error) or len(text) > MAX_REANCHORED:
            raise
        return _composed(text, _Reanchoring)


def _integer(text: str) -> int:
    if text.startswith("0o"):
        return int(text, 8)
    return int(text, 16) if text.startswith("0x") else int(text)


def _float(text: str) -> float:
    special = text.lower().lstrip("+-") in {".inf", ".nan"}
    return float(text.replace(".", "", 1) if special else text)


_Construct = Callable[[str], Any]
_SCALARS: Mapping[str, tuple[str, str, _Construct]] = {
    "null": (r"^(?:~|null|Null|NULL|)$", "~nN", lambda _: None),
    "bool": (r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF", lambda text: text.lower() == "true"),
    "int": (r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", "-+0123456789", _integer),
    "float": (
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
        "-+.0123456789",
        _float,
    ),
}
for _name, (_pattern, _first, _) in _SCALARS.items():
    for _loader in (CoreLoader, _Reanchoring):
        _loader.add_implicit_resolver(
            f"tag:yaml.org,2002:{_name}", re.compile(_pattern), [*_first, *([""] if _name == "null" else [])]
        )
_CONSTRUCT: Mapping[str, _Construct] = {
    "tag:yaml.org,2002:str": str,
    **{f"tag:yaml.org,2002:{name}": construct for name, (_, _, construct) in _SCALARS.items()},
}


def resolve_plain(text: str) -> str:
    """The tag that a scalar without quotes and tag has in the core schema."""
    for tag, pattern in CoreLoader.yaml_implicit_resolvers.get(text[:1], ()):
        if pattern.match(text):
            return str(tag)
    return "tag:yaml.org,2002:str"


def construct_scalar(tag: str, text: str) -> Any:
    """The value of a scalar. Raises KeyError for a tag that is none of the core schema's, ValueError for its text."""
    return _CONSTRUCT[tag](text)


_LOCAL_TAG = re.compile(r"^!(?!$)")


def _refuse_depth(text: str, file: str) -> None:
    """Composing recurses, so depth is bounded on the flat stream of events before it."""
    depth = 0
    for event in yaml.parse(text, CoreLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise UnreadableProblem(f"is nested deeper than {MAX_DEPTH} levels", place=_at(file, event.start_mark))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Builder:
    """Turns nodes into values and remembers their places; an alias is expanded, within MAX_VALUES."""

    def __init__(self, file: str, *, foreign: bool = False) -> None:
        self._file = file
        self._foreign = foreign
        self._open: set[int] = set()
        self.places: dict[Path, Place] = {}
        self.key_places: dict[Path, Place] = {}

    def build(self, node: yaml.Node, path: Path) -> Any:
        self.places[path] = _at(self._file, node.start_mark)
        if len(self.places) > MAX_VALUES:
            raise self._refused(node, f"expands to more than {MAX_VALUES} values")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if id(node) in self._open:
            raise self._refused(node, "contains itself")
        if len(path) >= MAX_DEPTH:  # aliases of aliases nest deeper than the text does
            raise self._refused(node, f"is nested deeper than {MAX_DEPTH} levels")
        self._open.add(id(node))
        value = self._mapping(node, path) if isinstance(node, yaml.MappingNode) else self._list(node, path)
        self._open.discard(id(node))
        return Tagged(node.tag, value) if self._is_local(node) else value

    def _is_local(self, node: yaml.Node) -> bool:
        return self._foreign and bool(_LOCAL_TAG.match(node.tag))

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        if node.tag != "tag:yaml.org,2002:map" and not self._is_local(node):
            raise self._refused(node, f"has the tag {node.tag!r}, which this file may not use")
        built: dict[str, Any] = {}
        for key_node, value_node in self._merged(node):
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._refused(key_node, "has a key that is not text")
            key = str(key_node.value)
            if key in built:
                raise self._refused(key_node, f"has the key {key!r} twice")
            self.key_places[(*path, key)] = _at(self._file, key_node.start_mark)
            built[key] = self.build(value_node, (*path, key))
        return built

    def _merged(self, node: yaml.MappingNode) -> list[tuple[yaml.Node, yaml.Node]]:
        """The pairs of a mapping; those that `<<` brings along stand first, and give way to its own."""
        if not self._foreign or all(key.value != "<<" for key, _ in node.value):
            return list(node.value)
        own = [(key, value) for key, value in node.value if key.value != "<<"]
        taken = {str(key.value) for key, _ in own}
        brought: list[tuple[yaml.Node, yaml.Node]] = []
        for key, value in node.value:
            for source in (
                (value.value if isinstance(value, yaml.SequenceNode) else [value]) if key.value == "<<" else []
            ):
                if not isinstance(source, yaml.MappingNode):
                    raise self._refused(source, "is merged, but has no keys")
                if id(source) in self._open or len(self._open) >= MAX_DEPTH:
                    raise self._refused(source, "contains itself")
                self._open.add(id(source))
                new = [pair for pair in self._merged(source) if str(pair[0].value) not in taken]
                self._open.discard(id(source))
                taken |= {str(each.value) for each, _ in new}
                brought += new
        return [*brought, *own]

    def _list(self, node: yaml.Node, path: Path) -> list[Any]:
        if node.tag != "tag:yaml.org,2002:seq" and not self._is_local(node):
            raise self._refused(node, f"has the tag {node.tag!r}, which this file may not use")
        return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        construct = _CONSTRUCT.get(node.tag)
        if construct is None and self._is_local(node):
            return Tagged(node.tag, str(node.value))
        if construct is None:
            raise self._refused(node, f"has the tag {node.tag!r}, which this file may not use")
        try:
            return construct(node.value)
        except ValueError as error:
            raise self._refused(node, str(error)) from error

    def _refused(self, node: yaml.Node, sentence: str) -> UnreadableProblem:
        return UnreadableProblem(sentence, place=_at(self._file, node.start_mark))


def _at(file: str, mark: Any) -> Place:
    return Place(file, mark.line + 1, mark.column + 1) if mark is not None else Place(file)
