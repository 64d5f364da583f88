"""What changes between two descriptor sets, under the rule ids of buf (buf.build/docs/breaking/rules).

One change has one id: the one of the widest category that it breaks. Beyond buf, an operation or a service that is gone
breaks every category: somebody calls it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    MethodDescriptorProto,
)

from hardpoint.assurance.contracts.protobuf.descriptors import (
    Descriptors,
    Enumeration,
    Message,
    Service,
    place_of,
)
from hardpoint.kernel.place import Place

_Type = FieldDescriptorProto
_VALUES, _METHODS, _FIELDS = 2, 2, 2


class Category(StrEnum):
    """Who is to go on working: each takes in what those before it break."""

    WIRE = "wire"
    """Programs that exchange the binary form."""
    WIRE_JSON = "wire-json"
    """Programs that exchange the JSON form too."""
    PACKAGE = "package"
    """Source code that is generated anew, by package."""


_ALL = frozenset(Category)
_JSON = frozenset({Category.WIRE_JSON, Category.PACKAGE})
_SOURCE = frozenset({Category.PACKAGE})
_NONE: frozenset[Category] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change: `element` is the full name of what changed, `breaks` the categories in which it breaks somebody."""

    id: str
    element: str
    text: str
    breaks: frozenset[Category]
    remedy: str = ""
    base: Place | None = field(default=None, compare=False)
    revision: Place | None = field(default=None, compare=False)


_WIRE_GROUPS = (
    {_Type.TYPE_INT32, _Type.TYPE_UINT32, _Type.TYPE_INT64, _Type.TYPE_UINT64, _Type.TYPE_BOOL},
    {_Type.TYPE_SINT32, _Type.TYPE_SINT64},
    {_Type.TYPE_FIXED32, _Type.TYPE_SFIXED32},
    {_Type.TYPE_FIXED64, _Type.TYPE_SFIXED64},
)
"""Types of one wire form (protobuf.dev/programming-guides/proto3, "Updating A Message Type")."""
_JSON_GROUPS = (
    {_Type.TYPE_INT32, _Type.TYPE_UINT32},
    {_Type.TYPE_INT64, _Type.TYPE_UINT64},
    {_Type.TYPE_FIXED32, _Type.TYPE_SFIXED32},
    {_Type.TYPE_FIXED64, _Type.TYPE_SFIXED64},
)
"""Of those, the types of one JSON form: 64-bit numbers are strings there."""
_LANGUAGES = (
    "cc_enable_arenas", "cc_generic_services", "csharp_namespace", "go_package", "java_generic_services",
    "java_multiple_files", "java_outer_classname", "java_package", "objc_class_prefix", "optimize_for",
    "php_class_prefix", "php_metadata_namespace", "php_namespace", "py_generic_services", "ruby_package",
    "swift_prefix",
)  # fmt: skip
_KEEP = "Keep it as it was, and add a new one beside it."
_RESERVE = "Reserve its number and its name, so that nobody takes them again."


def changes(base: Descriptors, revision: Descriptors) -> list[Change]:
    """Every change, by the element's name."""
    found = [
        *_packages(base, revision),
        *_files(base, revision),
        *_both(base.messages, revision.messages, "message", "PACKAGE_MESSAGE_NO_DELETE"),
        *_both(base.enums, revision.enums, "enum", "PACKAGE_ENUM_NO_DELETE"),
        *_both(base.services, revision.services, "service", "PACKAGE_SERVICE_NO_DELETE"),
    ]
    for name, message in base.messages.items():
        if name in revision.messages and not message.of.options.map_entry:
            found += _message(_Sides(base, revision), message, revision.messages[name])
    for name, enum in base.enums.items():
        if name in revision.enums:
            found += _enum(enum, revision.enums[name])
    for name, service in base.services.items():
        if name in revision.services:
            found += _service(service, revision.services[name])
    return sorted(found, key=lambda each: (each.element, each.id, each.text))


@dataclass(frozen=True, slots=True)
class _Sides:
    base: Descriptors
    revision: Descriptors


def _packages(base: Descriptors, revision: Descriptors) -> Iterator[Change]:
    for name in base.packages - revision.packages:
        yield Change(id="PACKAGE_NO_DELETE", element=name, text="the package is gone", breaks=_SOURCE, remedy=_KEEP)


def _files(base: Descriptors, revision: Descriptors) -> Iterator[Change]:
    for name, file in base.files.items():
        after = revision.files.get(name)
        if after is None:
            continue
        sides = {"base": Place(name), "revision": Place(name)}
        if _syntax(file) != _syntax(after):
            text = f"the syntax was {_syntax(file)} and is {_syntax(after)}"
            yield Change(id="FILE_SAME_SYNTAX", element=name, text=text, breaks=_JSON, remedy=_KEEP, **sides)
        for option in _LANGUAGES:
            was, now = getattr(file.options, option), getattr(after.options, option)
            if was != now:
                yield Change(
                    id=f"FILE_SAME_{option.upper()}",
                    element=name,
                    text=f"the option {option} was {was!r} and is {now!r}: generated code moves or changes",
                    breaks=_SOURCE,
                    remedy="Keep it as it was.",
                    **sides,
                )


def _syntax(file: FileDescriptorProto) -> str:
    return file.syntax or "proto2"


Declared = Message | Enumeration | Service


def _both(base: Mapping[str, Declared], revision: Mapping[str, Declared], what: str, gone: str) -> Iterator[Change]:
    """What is gone and what is new."""
    for name, each in base.items():
        if name not in revision and not _is_made(each):
            yield Change(
                id=gone,
                element=name,
                text=f"the {what} is gone",
                breaks=_ALL if isinstance(each, Service) else _SOURCE,
                remedy=_KEEP,
                base=place_of(each.file, each.path),
            )
    for name, each in revision.items():
        if name not in base and not _is_made(each):
            text, place = f"the {what} is new", place_of(each.file, each.path)
            yield Change(id=f"{what.upper()}_ADDED", element=name, text=text, breaks=_NONE, revision=place)


def _is_made(each: Declared) -> bool:
    """Whether the compiler made it, for a map."""
    return isinstance(each, Message) and each.of.options.map_entry


def _message(sides: _Sides, base: Message, revision: Message) -> Iterator[Change]:
    for name in sorted(base.oneofs - revision.oneofs):
        yield _of(base, revision, "ONEOF_NO_DELETE", f"the oneof {name} is gone", _SOURCE, "Keep the oneof.")
    for number, each in base.fields.items():
        after = revision.fields.get(number)
        if after is None:
            yield _field_gone(base, each, revision)
        else:
            yield from _field(sides, base, each, revision, after)
    for number, each in revision.fields.items():
        if number not in base.fields:
            yield _field_added(base, revision, each)
    if lost := _lost_reservations(base.of, revision.of):
        text = f"{', '.join(lost)} {'is' if len(lost) == 1 else 'are'} no longer reserved"
        yield _of(base, revision, "RESERVED_MESSAGE_NO_DELETE", text, _ALL, "Reserve it again.")
    if lost := _lost(_ranges(base.of.extension_range), _ranges(revision.of.extension_range)):
        text = f"extensions may no longer have the numbers {', '.join(lost)}"
        yield _of(base, revision, "EXTENSION_MESSAGE_NO_DELETE", text, _SOURCE, "Declare the range again.")
    if base.of.options.message_set_wire_format != revision.of.options.message_set_wire_format:
        text = "message_set_wire_format is not as it was"
        yield _of(base, revision, "MESSAGE_SAME_MESSAGE_SET_WIRE_FORMAT", text, _ALL, _KEEP)


def _of(
    base: Message | Enumeration,
    revision: Message | Enumeration,
    rule: str,
    text: str,
    breaks: frozenset[Category],
    remedy: str,
) -> Change:
    return Change(
        id=rule,
        element=base.name,
        text=text,
        breaks=breaks,
        remedy=remedy,
        base=place_of(base.file, base.path),
        revision=place_of(revision.file, revision.path),
    )


def _field_gone(base: Message, each: FieldDescriptorProto, revision: Message) -> Change:
    number_kept = any(held.start <= each.number < held.end for held in revision.of.reserved_range)
    name_kept = each.name in revision.of.reserved_name
    rule, breaks, why = _gone("FIELD", number_kept=number_kept, name_kept=name_kept)
    required = each.label == _Type.LABEL_REQUIRED
    return Change(
        id="MESSAGE_SAME_REQUIRED_FIELDS" if required else rule,
        element=f"{base.name}.{each.name}",
        text=f"the field {each.number} is gone{', which was required' if required else why}",
        breaks=_ALL if required else breaks,
        remedy=_KEEP if required else _RESERVE,
        base=_field_place(base, each),
        revision=place_of(revision.file, revision.path),
    )


def _gone(what: str, *, number_kept: bool, name_kept: bool) -> tuple[str, frozenset[Category], str]:
    if not number_kept:
        return f"{what}_NO_DELETE_UNLESS_NUMBER_RESERVED", _ALL, ", and its number may be taken for something else"
    if not name_kept:
        return f"{what}_NO_DELETE_UNLESS_NAME_RESERVED", _JSON, ", and its name may be taken for something else"
    return f"{what}_NO_DELETE", _SOURCE, "; its number and name are reserved"


def _field_added(base: Message, revision: Message, each: FieldDescriptorProto) -> Change:
    required = each.label == _Type.LABEL_REQUIRED
    return Change(
        id="MESSAGE_SAME_REQUIRED_FIELDS" if required else "FIELD_ADDED",
        element=f"{base.name}.{each.name}",
        text=f"the field {each.number} is new"
        + (" and required: what older writers send is refused" if required else ""),
        breaks=_ALL if required else _NONE,
        remedy="Make it optional." if required else "",
        base=place_of(base.file, base.path),
        revision=_field_place(revision, each),
    )


def _field(
    sides: _Sides, base: Message, each: FieldDescriptorProto, revision: Message, after: FieldDescriptorProto
) -> Iterator[Change]:
    def change(rule: str, text: str, breaks: frozenset[Category], remedy: str = _KEEP) -> Change:
        return Change(
            id=rule,
            element=f"{base.name}.{each.name}",
            text=f"the field {each.number} {text}",
            breaks=breaks,
            remedy=remedy,
            base=_field_place(base, each),
            revision=_field_place(revision, after),
        )

    was, now = _cardinality(sides.base, each), _cardinality(sides.revision, after)
    if was != now:
        rule, breaks = _cardinality_breaks(was, now, entries=_are_entries(sides, each, after))
        yield change(rule, f"was {was} and is {now}", breaks)
    if _typed(each) != _typed(after) and "map" not in (was, now):
        rule, breaks = _type_breaks(sides, each, after)
        yield change(rule, f"was {_typed(each)} and is {_typed(after)}", breaks)
    elif was == now == "map":
        yield from _map(sides, each, after, change)
    if each.name != after.name:
        yield change("FIELD_SAME_NAME", f"is now named {after.name}", _JSON, "Keep its name.")
    elif each.json_name != after.json_name:
        text = f"is {after.json_name!r} in JSON, and was {each.json_name!r}"
        yield change("FIELD_SAME_JSON_NAME", text, _JSON, "Keep its JSON name.")
    for rule, text, breaks, remedy in _said_of(base, each, revision, after):
        yield change(rule, text, breaks, remedy)


def _said_of(
    base: Message, each: FieldDescriptorProto, revision: Message, after: FieldDescriptorProto
) -> Iterator[tuple[str, str, frozenset[Category], str]]:
    """What else is said of a field that changed."""
    came, went = base.oneof(each), revision.oneof(after)
    if came != went:
        was, now = (f"in the oneof {name}" if name else "in no oneof" for name in (came, went))
        yield "FIELD_SAME_ONEOF", f"was {was} and is {now}", _ALL, _KEEP
    if each.default_value != after.default_value:
        text = f"had the default {each.default_value!r} and has {after.default_value!r}"
        yield "FIELD_SAME_DEFAULT", text, _ALL, "Keep the default."
    if each.options.jstype != after.options.jstype:
        yield "FIELD_SAME_JSTYPE", "has another type in JavaScript", _SOURCE, "Keep `jstype`."
    if after.options.deprecated and not each.options.deprecated:
        yield "FIELD_DEPRECATED", "is deprecated now", _NONE, ""


def _map(sides: _Sides, each: FieldDescriptorProto, after: FieldDescriptorProto, change: Any) -> Iterator[Change]:
    entries = [
        of.messages[node.type_name.lstrip(".")].fields for of, node in ((sides.base, each), (sides.revision, after))
    ]
    for number, part in ((1, "keys"), (2, "values")):
        was, now = (entry[number] for entry in entries)
        if _typed(was) != _typed(now):
            rule, breaks = _type_breaks(sides, was, now)
            yield change(rule, f"had {part} of {_typed(was)} and has {_typed(now)}", breaks)


def _typed(each: FieldDescriptorProto) -> str:
    """The type as it is written."""
    name = FieldDescriptorProto.Type.Name(each.type).removeprefix("TYPE_").lower()
    return f"{name} {each.type_name.lstrip('.')}" if each.type_name else name


def _type_breaks(
    sides: _Sides, each: FieldDescriptorProto, after: FieldDescriptorProto
) -> tuple[str, frozenset[Category]]:
    kinds = {each.type, after.type}
    if kinds == {_Type.TYPE_ENUM} and _is_wider(sides, each, after):
        return "FIELD_SAME_TYPE", _SOURCE
    if any(kinds <= group for group in _JSON_GROUPS):
        return "FIELD_SAME_TYPE", _SOURCE
    if any(kinds <= group for group in _WIRE_GROUPS) or (each.type, after.type) == (
        _Type.TYPE_STRING,
        _Type.TYPE_BYTES,
    ):
        return "FIELD_WIRE_JSON_COMPATIBLE_TYPE", _JSON
    return "FIELD_WIRE_COMPATIBLE_TYPE", _ALL


def _is_wider(sides: _Sides, each: FieldDescriptorProto, after: FieldDescriptorProto) -> bool:
    """Whether another enum has every value of the one before, under its name."""
    was, now = sides.base.enums.get(each.type_name.lstrip(".")), sides.revision.enums.get(after.type_name.lstrip("."))
    return (
        was is not None
        and now is not None
        and all(names <= now.names.get(number, frozenset()) for number, names in was.names.items())
    )


def _cardinality(descriptors: Descriptors, each: FieldDescriptorProto) -> str:
    if each.label == _Type.LABEL_REPEATED:
        return "map" if descriptors.is_map(each) else "repeated"
    return "required" if each.label == _Type.LABEL_REQUIRED else "optional" if each.proto3_optional else "singular"


def _are_entries(sides: _Sides, each: FieldDescriptorProto, after: FieldDescriptorProto) -> bool:
    """Whether both are messages of the same key and value, which a map is on the wire."""
    entries = [
        {number: _typed(node) for number, node in found.fields.items()}
        for descriptors, of in ((sides.base, each), (sides.revision, after))
        if (found := descriptors.messages.get(of.type_name.lstrip("."))) is not None
    ]
    return len(entries) == len((each, after)) and entries[0] == entries[1] and entries[0].keys() == {1, 2}


def _cardinality_breaks(was: str, now: str, *, entries: bool) -> tuple[str, frozenset[Category]]:
    if "required" in (was, now):
        return "MESSAGE_SAME_REQUIRED_FIELDS", _ALL
    if {was, now} == {"singular", "optional"}:
        return "FIELD_SAME_CARDINALITY", _SOURCE
    if {was, now} == {"repeated", "map"} and entries:
        return "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY", _JSON
    return "FIELD_WIRE_COMPATIBLE_CARDINALITY", _ALL


def _field_place(message: Message, each: FieldDescriptorProto) -> Place:
    at = next(at for at, own in enumerate(message.of.field) if own.number == each.number)
    return place_of(message.file, (*message.path, _FIELDS, at))


def _enum(base: Enumeration, revision: Enumeration) -> Iterator[Change]:
    for number, names in base.names.items():  # reserved ranges of enums, unlike those of messages, include their end
        after = revision.names.get(number)
        element = f"{base.name}.{min(names)}"
        if after is None:
            kept = names <= set(revision.of.reserved_name)
            held = any(each.start <= number <= each.end for each in revision.of.reserved_range)
            rule, breaks, why = _gone("ENUM_VALUE", number_kept=held, name_kept=kept)
            yield _value(element, rule, f"the value {number} is gone{why}", breaks, base, revision, _RESERVE)
        elif not names <= after:
            text = f"the value {number} is now named {', '.join(sorted(after))}"
            yield _value(
                element, "ENUM_VALUE_SAME_NAME", text, _JSON, base, revision, "Keep its name; an alias may join it."
            )
    for number in revision.names.keys() - base.names.keys():
        element, text = f"{base.name}.{min(revision.names[number])}", f"the value {number} is new"
        yield _value(element, "ENUM_VALUE_ADDED", text, _NONE, base, revision, "")
    if lost := _lost_reservations(base.of, revision.of):
        text = f"{', '.join(lost)} {'is' if len(lost) == 1 else 'are'} no longer reserved"
        yield _of(base, revision, "RESERVED_ENUM_NO_DELETE", text, _ALL, "Reserve it again.")
    if _is_closed(base.file) != _is_closed(revision.file):
        text = (
            "it was closed to unknown values, and is open"
            if _is_closed(base.file)
            else "it is closed to unknown values now"
        )
        yield _of(base, revision, "ENUM_SAME_TYPE", text, _SOURCE, _KEEP)


def _value(
    element: str,
    rule: str,
    text: str,
    breaks: frozenset[Category],
    base: Enumeration,
    revision: Enumeration,
    remedy: str,
) -> Change:
    sides = {"base": place_of(base.file, base.path), "revision": place_of(revision.file, revision.path)}
    return Change(id=rule, element=element, text=text, breaks=breaks, remedy=remedy, **sides)


def _is_closed(file: FileDescriptorProto) -> bool:
    return _syntax(file) == "proto2"


Ranges = list[tuple[int, int]]
"""Half-open ranges of numbers."""


def _lost_reservations(
    base: DescriptorProto | EnumDescriptorProto, revision: DescriptorProto | EnumDescriptorProto
) -> list[str]:
    """Names and numbers that were reserved and are so no more."""
    last = isinstance(base, EnumDescriptorProto)
    lost = _lost(_ranges(base.reserved_range, last=last), _ranges(revision.reserved_range, last=last))
    return [*lost, *(repr(each) for each in base.reserved_name if each not in revision.reserved_name)]


def _ranges(declared: Iterable[Any], *, last: bool = False) -> Ranges:
    """Ranges as declared; with `last`, the end that is written belongs to them."""
    return [(each.start, each.end + last) for each in declared]


def _lost(was: Ranges, now: Ranges) -> list[str]:
    """The ranges that are not all there any more."""
    return [
        f"{start}" if end - start == 1 else f"{start} to {end - 1}"
        for start, end in was
        if not _is_covered(start, end, now)
    ]


def _is_covered(start: int, end: int, ranges: Ranges) -> bool:
    """Whether half-open ranges together hold all of one."""
    for low, high in sorted(ranges):
        if low <= start < high:
            start = high
    return start >= end


def _service(base: Service, revision: Service) -> Iterator[Change]:
    before, after = ({each.name: (at, each) for at, each in enumerate(side.of.method)} for side in (base, revision))
    for name, (at, method) in before.items():
        element, place = f"{base.name}.{name}", place_of(base.file, (*base.path, _METHODS, at))
        if name not in after:
            where = place_of(revision.file, revision.path)
            yield Change(
                id="RPC_NO_DELETE",
                element=element,
                text="the operation is gone",
                breaks=_ALL,
                remedy=_KEEP,
                base=place,
                revision=where,
            )
            continue
        other, now = after[name]
        there = place_of(revision.file, (*revision.path, _METHODS, other))
        for rule, text in _operation(method, now):
            yield Change(id=rule, element=element, text=text, breaks=_ALL, remedy=_KEEP, base=place, revision=there)
    for name in after.keys() - before.keys():
        at, _ = after[name]
        place = place_of(revision.file, (*revision.path, _METHODS, at))
        yield Change(
            id="RPC_ADDED", element=f"{base.name}.{name}", text="the operation is new", breaks=_NONE, revision=place
        )


def _operation(was: MethodDescriptorProto, now: MethodDescriptorProto) -> Iterator[tuple[str, str]]:
    if was.input_type != now.input_type:
        yield "RPC_SAME_REQUEST_TYPE", f"it took {was.input_type.lstrip('.')} and takes {now.input_type.lstrip('.')}"
    if was.output_type != now.output_type:
        yield "RPC_SAME_RESPONSE_TYPE", f"it gave {was.output_type.lstrip('.')} and gives {now.output_type.lstrip('.')}"
    if was.client_streaming != now.client_streaming:
        yield (
            "RPC_SAME_CLIENT_STREAMING",
            f"its requests are {'a stream' if now.client_streaming else 'one message'} now",
        )
    if was.server_streaming != now.server_streaming:
        yield (
            "RPC_SAME_SERVER_STREAMING",
            f"its answers are {'a stream' if now.server_streaming else 'one message'} now",
        )
    if was.options.idempotency_level != now.options.idempotency_level:
        yield "RPC_SAME_IDEMPOTENCY_LEVEL", "it says something else of its idempotency"
