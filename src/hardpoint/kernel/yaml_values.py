"""YAML as plain values alone, for what is large: read from the stream of events, several times faster than load()."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml

from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.yaml import MAX_BYTES, CoreLoader, Path, construct_scalar, refusals, resolve_plain

MAX_DEPTH = 200
MAX_VALUES = 20_000_000
"""With what aliases stand for counted wherever they do."""
_MERGE = "<<"


def load_values(content: bytes, file: str, *, max_bytes: int = MAX_BYTES) -> Any:
    """Read one document as load() does, but for its places; an empty one is None.

    Merge keys (`<<`, YAML 1.1) are merged, as the tools that such files are written for do. What an alias stands for is
    there once, however often it is used. Raises UnreadableProblem as load() does.
    """
    with refusals(content, file, max_bytes):
        return _Assembly(file, content.decode("utf-8-sig")).read()


def positions(content: bytes, file: str, *, max_bytes: int = MAX_BYTES) -> Mapping[Path, tuple[int, int]]:
    """The line and the column of every value of a document (of its key, in a mapping), aliases not followed."""
    with refusals(content, file, max_bytes):
        return dict(_positions(CoreLoader(content.decode("utf-8-sig"))))


class _Assembly:
    """Puts values together from events."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._next: Callable[[], Any] = CoreLoader(text).get_event
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._open: set[str] = set()
        self._depth = 0
        self._count = 0
        self._plain: dict[str, Any] = {}

    def read(self) -> Any:
        """The one document that there is."""
        self._next()  # the stream begins
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        root = self._value(self._next())
        self._next()  # the document ends
        if not isinstance(following := self._next(), yaml.StreamEndEvent):
            raise self._refused(following, "is a second document")
        return root

    def _value(self, event: Any) -> Any:
        self._count += 1
        if event.__class__ is yaml.AliasEvent:
            return self._aliased(event)
        if event.__class__ is not yaml.ScalarEvent:
            return self._collection(event)
        value = self._scalar(event)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)
        return value

    def _collection(self, event: Any) -> Any:
        self._refuse_tag(event)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._refused(event, f"is nested deeper than {MAX_DEPTH} levels")
        before = self._count
        if event.anchor:
            self._anchors.pop(event.anchor, None)
            self._open.add(event.anchor)
        value = self._mapping() if event.__class__ is yaml.MappingStartEvent else self._list()
        if event.anchor:
            self._open.discard(event.anchor)
            self._anchors[event.anchor] = (value, self._count - before)
        self._depth -= 1
        return value

    def _list(self) -> list[Any]:
        built: list[Any] = []
        while (event := self._next()).__class__ is not yaml.SequenceEndEvent:
            built.append(self._value(event))
        return built

    def _mapping(self) -> dict[str, Any]:
        built: dict[str, Any] = {}
        merged: list[Any] = []
        while (event := self._next()).__class__ is not yaml.MappingEndEvent:
            key = self._key(event)
            if key in built:
                raise self._refused(event, f"has the key {key!r} twice")
            value = self._value(following := self._next())
            if key == _MERGE:
                merged += self._sources(value, following)
            else:
                built[key] = value
        return {**_joined(merged), **built} if merged else built

    def _key(self, event: Any) -> str:
        if event.__class__ is yaml.ScalarEvent:
            if event.anchor:
                self._anchors[event.anchor] = (event.value, 1)
            return str(event.value)
        if event.__class__ is yaml.AliasEvent and isinstance(key := self._aliased(event), str):
            return key
        raise self._refused(event, "has a key that is not text")

    def _sources(self, value: Any, event: Any) -> list[dict[str, Any]]:
        """What `<<` brings along."""
        sources = value if isinstance(value, list) else [value]
        if not all(isinstance(each, dict) for each in sources):
            raise self._refused(event, "is merged, but has no keys")
        return sources

    def _scalar(self, event: Any) -> Any:
        text = event.value
        if event.tag is None:
            if not event.implicit[0]:
                return text
            if text in self._plain:
                return self._plain[text]
            value = self._plain[text] = self._constructed(event, resolve_plain(text), text)
            return value
        return self._constructed(event, "tag:yaml.org,2002:str" if event.tag == "!" else event.tag, text)

    def _constructed(self, event: Any, tag: str, text: str) -> Any:
        try:
            return construct_scalar(tag, text)
        except KeyError:
            raise self._refused(event, f"has the tag {tag!r}, which this file may not use") from None
        except ValueError as error:
            raise self._refused(event, str(error)) from error

    def _aliased(self, event: Any) -> Any:
        if event.anchor in self._open:
            raise self._refused(event, "contains itself")
        if event.anchor not in self._anchors:
            raise self._refused(event, f"is not YAML: found undefined alias {event.anchor!r}")
        value, size = self._anchors[event.anchor]
        self._count += size
        if self._count > MAX_VALUES:
            raise self._refused(event, f"expands to more than {MAX_VALUES} values")
        return value

    def _refuse_tag(self, event: Any) -> None:
        own = "map" if event.__class__ is yaml.MappingStartEvent else "seq"
        if event.tag not in {None, "!", f"tag:yaml.org,2002:{own}"}:
            raise self._refused(event, f"has the tag {event.tag!r}, which this file may not use")

    def _refused(self, event: Any, sentence: str) -> UnreadableProblem:
        return UnreadableProblem(sentence, place=Place(self._file, *_at(event)))


def _joined(sources: list[dict[str, Any]]) -> dict[str, Any]:
    """Mappings as one: of two values for a key, the first counts."""
    return {key: value for source in reversed(sources) for key, value in source.items()}


def _positions(loader: Any) -> Iterator[tuple[Path, tuple[int, int]]]:
    path: list[str | int] = []
    event: Any = None
    pending: list[Any] = []  # of each open collection: the next position of a list; the key of a mapping, or None
    while (event := loader.get_event()).__class__ is not yaml.StreamEndEvent:
        if isinstance(event, yaml.CollectionEndEvent):
            pending.pop()
            if path:
                path.pop()
            continue
        if not isinstance(event, yaml.NodeEvent):
            continue
        at = _at(event)
        top = pending[-1] if pending else None
        if top is not None and top[0] == "key":
            pending[-1] = ("value", at)
            path.append(str(getattr(event, "value", "")))
            continue
        if top is not None and top[0] == "item":
            path.append(top[1])
            pending[-1] = ("item", top[1] + 1)
        elif top is not None:
            at, pending[-1] = top[1], ("key", None)
        yield tuple(path), at
        if isinstance(event, yaml.CollectionStartEvent):
            pending.append(("key", None) if isinstance(event, yaml.MappingStartEvent) else ("item", 0))
        elif path:
            path.pop()


def _at(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1
