"""What is bad form in a descriptor set: the names of buf's standard rules, and lists without pages (AIP-158)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto, MethodDescriptorProto

from hardpoint.assurance.contracts.protobuf.descriptors import Descriptors, Enumeration, Message, Service, place_of
from hardpoint.kernel.place import Place

_PASCAL = re.compile(r"[A-Z][A-Za-z0-9]*")
_LOWER_SNAKE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_UPPER_SNAKE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
_LOWER_DOTTED = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*")
_VERSION = re.compile(r"v[1-9][0-9]*(?:(?:alpha|beta)[1-9][0-9]*|p[1-9][0-9]*(?:alpha|beta)[1-9][0-9]*|test.*)?")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_VALUE, _METHOD = 2, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One departure from good form, at the full name of what departs."""

    id: str
    element: str
    place: Place
    text: str
    remedy: str


def faults(descriptors: Descriptors) -> list[Fault]:
    """Every departure, by the element's name."""
    found = [
        *(fault for file in descriptors.files.values() for fault in _file(file)),
        *(fault for message in descriptors.messages.values() for fault in _message(message)),
        *(fault for enum in descriptors.enums.values() for fault in _enum(enum)),
        *(fault for service in descriptors.services.values() for fault in _service(service, descriptors)),
    ]
    return sorted(found, key=lambda each: (each.element, each.id))


def _file(file: FileDescriptorProto) -> Iterator[Fault]:
    def fault(rule: str, text: str, remedy: str) -> Fault:
        return Fault(id=rule, element=file.package or file.name, place=place_of(file, (2,)), text=text, remedy=remedy)

    if not file.package:
        yield fault("PACKAGE_DEFINED", f"{file.name} names no package", "Name one, such as `shop.v1`.")
        return
    if not _LOWER_DOTTED.fullmatch(file.package):
        yield fault("PACKAGE_LOWER_SNAKE_CASE", "the package has capitals or other signs", "Write it in small letters.")
    if not _VERSION.fullmatch(file.package.rpartition(".")[2]):
        text = "the package says no version, so a second one has nowhere to stand"
        yield fault("PACKAGE_VERSION_SUFFIX", text, f"Name it `{file.package}.v1`.")


def _message(message: Message) -> Iterator[Fault]:
    if message.of.options.map_entry:
        return
    place = place_of(message.file, message.path)
    if not _PASCAL.fullmatch(message.of.name):
        yield _form("MESSAGE_PASCAL_CASE", message.name, place, "PascalCase")
    for at, each in enumerate(message.of.field):
        if not _LOWER_SNAKE.fullmatch(each.name):
            where = place_of(message.file, (*message.path, 2, at))
            yield _form("FIELD_LOWER_SNAKE_CASE", f"{message.name}.{each.name}", where, "lower_snake_case")
    for oneof in sorted(message.oneofs):
        if not _LOWER_SNAKE.fullmatch(oneof):
            yield _form("ONEOF_LOWER_SNAKE_CASE", f"{message.name}.{oneof}", place, "lower_snake_case")


def _form(rule: str, element: str, place: Place, form: str) -> Fault:
    return Fault(id=rule, element=element, place=place, text=f"is not in {form}", remedy=f"Name it in {form}.")


def _enum(enum: Enumeration) -> Iterator[Fault]:
    prefix = f"{_CAMEL.sub('_', enum.of.name).upper()}_"
    place = place_of(enum.file, enum.path)
    if not _PASCAL.fullmatch(enum.of.name):
        yield _form("ENUM_PASCAL_CASE", enum.name, place, "PascalCase")
    for at, each in enumerate(enum.of.value):
        element, where = f"{enum.name}.{each.name}", place_of(enum.file, (*enum.path, _VALUE, at))
        if not _UPPER_SNAKE.fullmatch(each.name):
            yield _form("ENUM_VALUE_UPPER_SNAKE_CASE", element, where, "UPPER_SNAKE_CASE")
        elif not each.name.startswith(prefix):
            text = f"does not begin with {prefix}: values of one scope share their names in C++"
            yield Fault(id="ENUM_VALUE_PREFIX", element=element, place=where, text=text, remedy=f"{prefix}{each.name}")
        if each.number == 0 and not each.name.endswith("_UNSPECIFIED"):
            text = "is 0, which is what was never set reads as, and has a meaning"
            remedy = f"Let 0 be {prefix}UNSPECIFIED."
            yield Fault(id="ENUM_ZERO_VALUE_SUFFIX", element=element, place=where, text=text, remedy=remedy)


def _service(service: Service, descriptors: Descriptors) -> Iterator[Fault]:
    if not _PASCAL.fullmatch(service.of.name):
        yield _form("SERVICE_PASCAL_CASE", service.name, place_of(service.file, service.path), "PascalCase")
    used: dict[str, str] = {}
    for at, each in enumerate(service.of.method):
        element, place = f"{service.name}.{each.name}", place_of(service.file, (*service.path, _METHOD, at))
        if not _PASCAL.fullmatch(each.name):
            yield _form("RPC_PASCAL_CASE", element, place, "PascalCase")
        for name in {each.input_type, each.output_type}:
            if name in used:
                text = f"shares {name.lstrip('.')} with {used[name]}, so neither can change alone"
                remedy = "Give each operation a request and a response of its own."
                yield Fault(id="RPC_REQUEST_RESPONSE_UNIQUE", element=element, place=place, text=text, remedy=remedy)
            used[name] = each.name
        yield from _pages(each, element, place, descriptors)


def _pages(method: MethodDescriptorProto, element: str, place: Place, descriptors: Descriptors) -> Iterator[Fault]:
    """A list that can only be had whole grows until it can no more be had (AIP-158)."""
    takes, gives = (descriptors.messages.get(name.lstrip(".")) for name in (method.input_type, method.output_type))
    if not method.name.startswith("List") or method.server_streaming or takes is None or gives is None:
        return
    if not any(each.label == FieldDescriptorProto.LABEL_REPEATED for each in gives.of.field):
        return
    asked, told = ({each.name for each in message.of.field} for message in (takes, gives))
    if not ({"page_token", "cursor"} & asked and {"next_page_token", "next_cursor"} & told):
        yield Fault(
            id="RPC_LIST_HAS_PAGES",
            element=element,
            place=place,
            text="gives a list, and takes no page",
            remedy="Take page_size and page_token, and give next_page_token (AIP-158).",
        )
