"""Avro schemas (specification 1.12.0): read, and whether one reads what another wrote ("Schema Resolution")."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hardpoint.assurance.contracts.document import Source, pointer_of
from hardpoint.assurance.contracts.evolution.compatibility import Obstacle
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.yaml import Path

MAX_DEPTH = 200
"""How deep schemas may be nested."""

PRIMITIVES = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})
_NAMED = frozenset({"record", "error", "enum", "fixed"})
_PROMOTED = {
    "int": frozenset({"long", "float", "double"}),
    "long": frozenset({"float", "double"}),
    "float": frozenset({"double"}),
    "string": frozenset({"bytes"}),
    "bytes": frozenset({"string"}),
}
"""What a writer's type may be read as besides itself."""
_MISSING = object()


@dataclass(slots=True, eq=False, kw_only=True)
class Type:
    """A schema with its names resolved; a named type that is used again, or in itself, is the very same object.

    `kind` is a primitive, `record`, `enum`, `fixed`, `array`, `map` or `union`; `members` holds the one of an array or
    map, and the branches of a union.
    """

    kind: str
    path: Path
    name: str = ""
    aliases: frozenset[str] = frozenset()
    fields: "Mapping[str, Field]" = field(default_factory=dict)
    symbols: Sequence[str] = ()
    default: Any = _MISSING
    size: int = 0
    decimal: tuple[int, int] | None = None
    members: "Sequence[Type]" = ()

    @property
    def has_default(self) -> bool:
        return self.default is not _MISSING

    @property
    def pointer(self) -> str:
        return pointer_of(self.path)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Field:
    """A field of a record; its aliases are names that a writer may have had for it."""

    name: str
    type: Type
    path: Path
    aliases: tuple[str, ...] = ()
    default: Any = _MISSING

    @property
    def has_default(self) -> bool:
        """Whether a record that was written without it can be read: with a default that fits its type."""
        return self.default is not _MISSING and _fits(self.default, self.type)


def read_schema(file: str, content: bytes) -> Type:
    """The schema in a file (`.avsc`).

    Raises UnreadableProblem at the place of what is no Avro schema.
    """
    source = Source(file, content)
    return _Reader(source).type(source.tree, (), "", 0)


class _Reader:
    """Makes types of JSON; names are known from where they are first defined on."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._named: dict[str, Type] = {}

    def type(self, value: Any, path: Path, namespace: str, depth: int) -> Type:
        if depth > MAX_DEPTH:
            raise self._wrong(path, f"is nested deeper than {MAX_DEPTH} schemas")
        if isinstance(value, str):
            return self._by_name(value, path, namespace)
        if isinstance(value, list):
            return self._union(value, path, namespace, depth)
        if not isinstance(value, dict) or "type" not in value:
            raise self._wrong(path, "is no Avro schema: it is neither a name, a union nor an object with a `type`")
        kind = value["type"]
        if not isinstance(kind, str):  # {"type": {"type": …}}
            return self.type(kind, (*path, "type"), namespace, depth + 1)
        if kind in _NAMED:
            return self._definition(kind, value, path, namespace, depth)
        if kind in ("array", "map"):
            key = "items" if kind == "array" else "values"
            if key not in value:
                raise self._wrong(path, f"is a schema of type {kind!r} without `{key}`")
            return Type(kind=kind, path=path, members=[self.type(value[key], (*path, key), namespace, depth + 1)])
        found = self._by_name(kind, (*path, "type"), namespace)
        return Type(kind=found.kind, path=path, decimal=_decimal(value)) if found.kind in PRIMITIVES else found

    def _by_name(self, name: str, path: Path, namespace: str) -> Type:
        if name in PRIMITIVES:
            return Type(kind=name, path=path)
        found = self._named.get(_full(name, namespace)) or self._named.get(name)
        if found is None:
            raise self._wrong(path, f"names the type {name!r}, which is not defined before it")
        return found

    def _union(self, value: list[Any], path: Path, namespace: str, depth: int) -> Type:
        members = [self.type(each, (*path, at), namespace, depth + 1) for at, each in enumerate(value)]
        if not members:
            raise self._wrong(path, "is a union without a member")
        if any(each.kind == "union" for each in members):
            raise self._wrong(path, "is a union with a union in it")
        if len({(each.kind, each.name) for each in members}) < len(members):
            raise self._wrong(path, "is a union with one type twice")
        return Type(kind="union", path=path, members=members)

    def _definition(self, kind: str, value: dict[str, Any], path: Path, namespace: str, depth: int) -> Type:
        given = value.get("name")
        if not isinstance(given, str) or not given:
            raise self._wrong(path, f"is a schema of type {kind!r} without a name")
        own = value.get("namespace")
        name = _full(given, own if isinstance(own, str) else namespace)
        if name in self._named:
            raise self._wrong(path, f"defines {name!r}, which is defined already")
        inside = name.rpartition(".")[0]
        made = Type(
            kind="record" if kind == "error" else kind,
            path=path,
            name=name,
            aliases=frozenset(_full(each, inside) for each in self._texts(value, "aliases", path)),
        )
        self._named[name] = made  # known inside of itself too
        if kind == "enum":
            made.symbols = self._texts(value, "symbols", path, needed=True)
            if len(set(made.symbols)) < len(made.symbols):
                raise self._wrong((*path, "symbols"), "has a symbol twice")
            made.default = value.get("default", _MISSING)
            if made.has_default and made.default not in made.symbols:
                raise self._wrong((*path, "default"), f"has the default {made.default!r}, which is none of its symbols")
        elif kind == "fixed":
            made.size, made.decimal = self._size(value, path), _decimal(value)
        else:
            made.fields = self._fields(value, path, inside, depth)
        return made

    def _fields(self, value: dict[str, Any], path: Path, namespace: str, depth: int) -> Mapping[str, Field]:
        listed = value.get("fields")
        if not isinstance(listed, list):
            raise self._wrong(path, "is a record without a list of `fields`")
        fields: dict[str, Field] = {}
        for at, each in enumerate(listed):
            here = (*path, "fields", at)
            name = each.get("name") if isinstance(each, dict) else None
            if not isinstance(name, str) or "type" not in each:
                raise self._wrong(here, "is a field without a name and a type")
            if name in fields:
                raise self._wrong(here, f"is a second field {name!r}")
            fields[name] = Field(
                name=name,
                type=self.type(each["type"], (*here, "type"), namespace, depth + 1),
                path=here,
                aliases=tuple(self._texts(each, "aliases", here)),
                default=each.get("default", _MISSING),
            )
        return fields

    def _texts(self, value: dict[str, Any], key: str, path: Path, *, needed: bool = False) -> Sequence[str]:
        texts = value.get(key, () if not needed else None)
        if not isinstance(texts, list | tuple) or not all(isinstance(each, str) for each in texts):
            raise self._wrong(path, f"has `{key}` that are no list of names")
        return texts

    def _size(self, value: dict[str, Any], path: Path) -> int:
        size = value.get("size")
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise self._wrong(path, "is a fixed without a `size`")
        return size

    def _wrong(self, path: Path, what: str) -> UnreadableProblem:
        return UnreadableProblem(what, place=self._source.place(path), remedy="Repair the schema there.")


_OF_JSON: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("int", "long"), (int,)),
    **dict.fromkeys(("float", "double"), (int, float)),
    **dict.fromkeys(("string", "bytes", "fixed"), (str,)),
    **dict.fromkeys(("map", "record"), (dict,)),
    "null": (type(None),),
    "boolean": (bool,),
    "array": (list,),
}
"""What a default is written as (Avro 1.12.0, Complex Types, Records)."""


def _fits(default: Any, kind: Type) -> bool:
    """Whether a default may be of a type; of a union, of any member."""
    if kind.kind == "union":
        return any(_fits(default, each) for each in kind.members)
    if kind.kind == "enum":
        return default in kind.symbols
    return isinstance(default, _OF_JSON[kind.kind]) and isinstance(default, bool) == (kind.kind == "boolean")


def _full(name: str, namespace: str) -> str:
    return name if "." in name or not namespace else f"{namespace}.{name}"


def _decimal(value: Mapping[str, Any]) -> tuple[int, int] | None:
    """Precision and scale of a decimal; a logical type that is not valid is ignored, as the specification has it."""
    precision, scale = value.get("precision"), value.get("scale", 0)
    if value.get("logicalType") != "decimal" or not isinstance(precision, int) or not isinstance(scale, int):
        return None
    return precision, scale


def obstacles(reader: Type, writer: Type) -> Iterator[Obstacle]:
    """What keeps a reader with one schema from what was written with another."""
    yield from _Resolution().obstacles(reader, writer)


class _Resolution:
    """One comparison: a pair that is met again is not judged again, which also ends recursion."""

    def __init__(self) -> None:
        self._met: set[tuple[int, int]] = set()

    def obstacles(self, reader: Type, writer: Type) -> Iterable[Obstacle]:  # noqa: PLR0911 - a way for each kind
        if reader is writer or (id(reader), id(writer)) in self._met:
            return ()
        self._met.add((id(reader), id(writer)))
        if writer.kind == "union":
            return [each for member in writer.members for each in self.obstacles(reader, member)]
        if reader.kind == "union":
            return self._in_union(reader, writer)
        if mismatch := _mismatch(reader, writer):
            return [mismatch]
        if reader.kind == "record":
            return [each for own in reader.fields.values() for each in self._field(own, writer)]
        if reader.kind == "enum":
            return _symbols(reader, writer)
        if (reader.kind, writer.kind) == ("string", "bytes"):
            return [_bytes_as_text(reader)]
        return [each for pair in zip(reader.members, writer.members, strict=True) for each in self.obstacles(*pair)]

    def _in_union(self, reader: Type, writer: Type) -> Iterable[Obstacle]:
        """A writer's type is read as the first member that it matches; data that member cannot hold is not tried on."""
        alike = [each for each in reader.members if not _mismatch(each, writer)]
        if not alike:
            known = ", ".join(str(each) for each in reader.members)
            return [
                Obstacle(
                    pointer=reader.pointer,
                    id="missing-union-branch",
                    text=f"the union ({known}) has no member for {writer}, which may be written",
                    remedy=f"Add {writer} to the union.",
                )
            ]
        exact = [each for each in alike if (each.kind, each.name) == (writer.kind, writer.name)]
        return self.obstacles((exact or alike)[0], writer)

    def _field(self, own: Field, writer: Type) -> Iterable[Obstacle]:
        written = next((writer.fields[name] for name in (own.name, *own.aliases) if name in writer.fields), None)
        if written is not None:
            return self.obstacles(own.type, written.type)
        if own.has_default:
            return ()
        return [
            Obstacle(
                pointer=pointer_of(own.path),
                id="reader-field-missing-default-value",
                text=f"the field {own.name!r} has no default that fits, and {writer.name} is written without it",
                remedy="Give the field a default.",
            )
        ]


def _mismatch(reader: Type, writer: Type) -> Obstacle | None:
    """Why two types, neither of them a union, do not match at all."""

    def obstacle(problem: str, text: str, remedy: str) -> Obstacle:
        return Obstacle(pointer=reader.pointer, id=problem, text=text, remedy=remedy)

    if reader.kind != writer.kind:
        if reader.kind in _PROMOTED.get(writer.kind, ()):
            return None
        return obstacle("type-mismatch", f"{writer} is written, and read as {reader}", f"Read it as {writer}.")
    if reader.name and _last(reader.name) != _last(writer.name) and not _was(reader, writer):
        return obstacle(
            "name-mismatch",
            f"{writer} is written, and {reader} does not have that name",
            f"Add {writer.name!r} to its aliases.",
        )
    if reader.kind == "fixed" and reader.size != writer.size:
        return obstacle(
            "fixed-size-mismatch",
            f"{reader} has {reader.size} bytes, and {writer.size} are written",
            "Make a new type of that size.",
        )
    if reader.decimal and writer.decimal and reader.decimal != writer.decimal:
        return obstacle(
            "decimal-mismatch",
            f"a decimal of precision and scale {writer.decimal} is written, and {reader.decimal} is read",
            "Keep precision and scale.",
        )
    return None


def _was(reader: Type, writer: Type) -> bool:
    return writer.name in reader.aliases or _last(writer.name) in {_last(each) for each in reader.aliases}


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _bytes_as_text(reader: Type) -> Obstacle:
    return Obstacle(
        pointer=reader.pointer,
        id="bytes-read-as-string",
        text="bytes are written and read as text, which holds only as long as they are UTF-8",
        remedy="Read bytes.",
        certain=False,
    )


def _symbols(reader: Type, writer: Type) -> Iterable[Obstacle]:
    unknown = [each for each in writer.symbols if each not in reader.symbols]
    if not unknown or reader.has_default:
        return ()
    return [
        Obstacle(
            pointer=reader.pointer,
            id="missing-enum-symbols",
            text=f"{reader} does not know {', '.join(unknown)}, which may be written",
            remedy="Add them, or give the enum a default.",
        )
    ]
