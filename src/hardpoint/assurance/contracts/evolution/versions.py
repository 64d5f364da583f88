"""Versions of one schema, whatever language it is written in: Avro, JSON Schema or Protobuf."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from hardpoint.assurance.contracts.evolution.compatibility import Incompatibility, Mode, Obstacle, incompatibilities
from hardpoint.assurance.contracts.protobuf import is_descriptor_set
from hardpoint.assurance.contracts.sides import Side
from hardpoint.kernel import encoding
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

_AVRO_KINDS = frozenset({"record", "error", "enum", "fixed", "map"})


class Language(StrEnum):
    """What schemas are written in."""

    AVRO = "avro"
    JSON_SCHEMA = "json-schema"
    PROTOBUF = "protobuf"


def language_of(side: Side) -> Language:
    """The language that a schema is written in, by what it says; an array of names or schemas is an Avro union."""
    if side.name.endswith(".proto"):
        raise UnreadableProblem(
            "is a source of Protobuf, and descriptor sets are read",
            place=Place(side.name),
            remedy="`buf build -o api.binpb` makes one, as does `protoc --include_imports --descriptor_set_out`.",
        )
    if side.name.endswith(".avsc"):
        return Language.AVRO
    if is_descriptor_set(side.content):
        return Language.PROTOBUF
    try:
        tree = encoding.decode(side.content, object, what=side.name)
    except UnreadableProblem:  # YAML, or broken: its reader says where
        return Language.JSON_SCHEMA
    if isinstance(tree, dict) and "$schema" in tree:
        return Language.JSON_SCHEMA
    kind = tree.get("type") if isinstance(tree, dict) else None
    is_avro = isinstance(tree, list | str) or kind in _AVRO_KINDS or (kind == "array" and _has_avro_items(tree))
    return Language.AVRO if is_avro else Language.JSON_SCHEMA


def _has_avro_items(tree: object) -> bool:
    return isinstance(tree, dict) and isinstance(tree.get("items"), str | list)


def compared(
    sides: Sequence[Side], mode: Mode, language: Language, *, declared_only: bool = False
) -> Iterator[Incompatibility]:
    """What the last of several versions breaks; they stand from the oldest to the newest.

    `declared_only` is about JSON Schema: writers are taken to add no properties of their own. Raises UnreadableProblem
    at the place of what is no schema.
    """
    match language:
        case Language.AVRO:
            from hardpoint.assurance.contracts.evolution import avro

            types = [(each.name, avro.read_schema(each.name, each.content)) for each in sides]
            yield from incompatibilities(types, mode, avro.obstacles)
        case Language.JSON_SCHEMA:
            from hardpoint.assurance.contracts.evolution import json_schema

            schemas = [
                (
                    each.name,
                    json_schema.read_json_schema(each.name, each.content, each.read, declared_only=declared_only),
                )
                for each in sides
            ]
            yield from incompatibilities(schemas, mode, json_schema.obstacles)
        case Language.PROTOBUF:
            from hardpoint.assurance.contracts.protobuf.descriptors import read_descriptors

            sets = [(each.name, read_descriptors(each.name, each.content)) for each in sides]
            yield from incompatibilities(sets, mode, _wire_obstacles)


def place_of(side: Side, language: Language, pointer: str) -> Place:
    """The line that a JSON Pointer of an obstacle means, as near as it is known; a descriptor set has no lines."""
    if language is Language.PROTOBUF:
        return Place(side.name)
    from hardpoint.assurance.contracts.document import Source

    source = Source(side.name, side.content)
    value, path = source.tree, list[str | int]()
    for token in pointer.split("/")[1:]:
        key: str | int = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and str(key).isdecimal():
            key = int(key)
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):  # what is not said, such as additionalProperties, has no line
            break
        path.append(key)
    return source.place(tuple(path))


def _wire_obstacles(reader: object, writer: object) -> Iterator[Obstacle]:
    """What changes on the wire keeps either from reading the other."""
    from hardpoint.assurance.contracts.protobuf.changes import Category, changes
    from hardpoint.assurance.contracts.protobuf.descriptors import Descriptors

    assert isinstance(reader, Descriptors)
    assert isinstance(writer, Descriptors)
    for each in changes(writer, reader):
        if Category.WIRE in each.breaks:
            yield Obstacle(pointer=each.element, id=each.id, text=each.text, remedy=each.remedy)
