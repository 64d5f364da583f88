"""Descriptor sets (`protoc --descriptor_set_out`, `buf build -o`): every message, enum and service by its full name."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    ServiceDescriptorProto,
)
from google.protobuf.message import DecodeError

from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

MAX_BYTES = 64 * 1024 * 1024
HOW = "Make it with `buf build -o api.binpb`, or `protoc --include_imports --include_source_info --descriptor_set_out`."
_MESSAGES, _ENUMS, _SERVICES, _NESTED, _NESTED_ENUMS = 4, 5, 6, 3, 4
"""Field numbers of descriptor.proto, of which the paths in `SourceCodeInfo` are made."""
_OWN = "google.protobuf"

Path = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """A message type; a field's own path is `(*path, 2, index)`."""

    name: str
    of: DescriptorProto
    file: FileDescriptorProto
    path: Path

    @property
    def fields(self) -> Mapping[int, FieldDescriptorProto]:
        return {each.number: each for each in self.of.field}

    def oneof(self, each: FieldDescriptorProto) -> str:
        """The oneof that a field is in; one that `optional` alone makes is none."""
        return self.of.oneof_decl[each.oneof_index].name if _is_in_oneof(each) else ""

    @property
    def oneofs(self) -> frozenset[str]:
        return frozenset(filter(None, (self.oneof(each) for each in self.of.field)))


@dataclass(frozen=True, slots=True, eq=False)
class Enumeration:
    name: str
    of: EnumDescriptorProto
    file: FileDescriptorProto
    path: Path

    @property
    def names(self) -> Mapping[int, frozenset[str]]:
        """The names of each number: several, where aliases are allowed."""
        names: dict[int, frozenset[str]] = {}
        for each in self.of.value:
            names[each.number] = names.get(each.number, frozenset()) | {each.name}
        return names


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    name: str
    of: ServiceDescriptorProto
    file: FileDescriptorProto
    path: Path


@dataclass(frozen=True, slots=True, eq=False)
class Descriptors:
    """A descriptor set by full names; what protobuf itself brings (`google.protobuf`) is left out."""

    files: Mapping[str, FileDescriptorProto]
    messages: Mapping[str, Message] = field(default_factory=dict)
    enums: Mapping[str, Enumeration] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)

    @property
    def packages(self) -> frozenset[str]:
        return frozenset(each.package for each in self.files.values())

    def is_map(self, each: FieldDescriptorProto) -> bool:
        """Whether a field is a map, which is a repeated message on the wire."""
        found = self.messages.get(each.type_name.lstrip("."))
        return found is not None and found.of.options.map_entry


def read_descriptors(file: str, content: bytes) -> Descriptors:
    """The descriptor set in a file.

    Raises UnreadableProblem if it is none, is truncated, is too large or has no file in it.
    """
    if len(content) > MAX_BYTES:
        raise UnreadableProblem(f"is larger than {MAX_BYTES} bytes", place=Place(file), remedy="Split it.")
    found = FileDescriptorSet()
    try:
        found.ParseFromString(content)
    except DecodeError as error:
        raise UnreadableProblem("is no descriptor set, or a part of one", place=Place(file), remedy=HOW) from error
    if not found.file or not all(each.name for each in found.file):
        raise UnreadableProblem("is no descriptor set: it has no file in it", place=Place(file), remedy=HOW)
    _refuse_parts(file, found)
    own = [each for each in found.file if each.package != _OWN and not each.package.startswith(f"{_OWN}.")]
    if not own:
        raise UnreadableProblem("has nothing but what protobuf brings", place=Place(file), remedy=HOW)
    messages = {each.name: each for each in _all_messages(own)}
    return Descriptors(
        files={each.name: each for each in own},
        messages=messages,
        enums={each.name: each for each in _all_enums(own, messages.values())},
        services={
            (name := _full(each.package, service.name)): Service(name, service, each, (_SERVICES, at))
            for each in own
            for at, service in enumerate(each.service)
        },
    )


def _refuse_parts(file: str, found: FileDescriptorSet) -> None:
    """A set that lost a file would compare as one in which all of that never was."""
    there = {each.name for each in found.file}
    for each in found.file:
        lost = [name for name in each.dependency if name not in there]
        if lost:
            text = f"is a part of a descriptor set: {each.name} imports {lost[0]!r}, which is not in it"
            raise UnreadableProblem(text, place=Place(file), remedy=HOW)


def place_of(file: FileDescriptorProto, path: Path) -> Place:
    """The line of a declaration, where the descriptor set has source info; else its file."""
    for each in file.source_code_info.location:
        if tuple(each.path) == path and each.span:
            return Place(file.name, each.span[0] + 1, each.span[1] + 1)
    return Place(file.name)


def _all_messages(files: Iterable[FileDescriptorProto]) -> Iterator[Message]:
    for file in files:
        pending = [
            Message(_full(file.package, each.name), each, file, (_MESSAGES, at))
            for at, each in enumerate(file.message_type)
        ]
        while pending:
            message = pending.pop()
            yield message
            pending += [
                Message(f"{message.name}.{each.name}", each, file, (*message.path, _NESTED, at))
                for at, each in enumerate(message.of.nested_type)
            ]


def _all_enums(files: Iterable[FileDescriptorProto], messages: Iterable[Message]) -> Iterator[Enumeration]:
    for file in files:
        for at, each in enumerate(file.enum_type):
            yield Enumeration(_full(file.package, each.name), each, file, (_ENUMS, at))
    for message in messages:
        for at, each in enumerate(message.of.enum_type):
            yield Enumeration(f"{message.name}.{each.name}", each, message.file, (*message.path, _NESTED_ENUMS, at))


def _full(package: str, name: str) -> str:
    return f"{package}.{name}" if package else name


def _is_in_oneof(each: FieldDescriptorProto) -> bool:
    return each.HasField("oneof_index") and not each.proto3_optional
