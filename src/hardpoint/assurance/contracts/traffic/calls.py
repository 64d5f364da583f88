"""The examination of gRPC calls: each beside the method, and the messages, that a descriptor set has."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from google.protobuf import message_factory
from google.protobuf.descriptor_pb2 import FileDescriptorSet, MethodDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet

from hardpoint.assurance.contracts.protobuf.descriptors import HOW, Service, place_of, read_descriptors
from hardpoint.assurance.contracts.traffic.exchange import Call
from hardpoint.assurance.contracts.traffic.summary import Summary, Usage
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.machinery.telemetry.shapes import safe_name

_METHODS = 2
"""The number of `method` in a service, of which paths in `SourceCodeInfo` are made."""
_MAX_STATUS = 16
_REFUSALS = frozenset({1, 3, 5, 6, 7, 8, 9, 10, 11, 12, 16})
"""The statuses that stand for 4xx (google.rpc.Code), and UNIMPLEMENTED: the service said that the call was wrong."""
_WIRE_TYPES = ("varint", "64 bits", "bytes", "group", "", "32 bits")
_MAX_NUMBER = 0xFFFF


@dataclass(frozen=True, slots=True, eq=False)
class Rpc:
    """A method of a service, as the descriptor set has it; gRPC calls it by POST on its path."""

    service: Service
    of: MethodDescriptorProto
    at: int

    method = "POST"

    @property
    def path(self) -> str:
        return f"/{self.service.name}/{self.of.name}"

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def deprecated(self) -> bool:
        return self.of.options.deprecated or self.service.of.options.deprecated

    @property
    def place(self) -> Place:
        return place_of(self.service.file, (*self.service.path, _METHODS, self.at))


class Services:
    """The services of a descriptor set, and the types of their messages."""

    def __init__(self, file: str, content: bytes) -> None:
        """Raises UnreadableProblem if it is no whole descriptor set, or has no method to be called."""
        found = read_descriptors(file, content)
        self.digest = sha256(content).hexdigest()
        self.names = frozenset(found.services)
        self.rpcs: Mapping[str, Rpc] = {
            rpc.path: rpc
            for service in found.services.values()
            for rpc in (Rpc(service, each, at) for at, each in enumerate(service.of.method))
        }
        if not self.rpcs:
            raise UnreadableProblem("has no service with a method", place=Place(file), remedy=HOW)
        self._pool = _pool(file, content)

    def type_of(self, name: str) -> type[Message]:
        """The class of a message by the name that a method refers to it with."""
        return message_factory.GetMessageClass(self._pool.FindMessageTypeByName(name.lstrip(".")))


def _pool(file: str, content: bytes) -> DescriptorPool:
    """A pool of its own with every file, each after those that it imports."""
    waiting = {each.name: each for each in FileDescriptorSet.FromString(content).file}
    pool = DescriptorPool()
    try:
        while waiting:
            ready = [each for each in waiting.values() if not waiting.keys() & set(each.dependency)]
            if not ready:
                raise UnreadableProblem(
                    f"has files that import each other, such as {next(iter(waiting))!r}", place=Place(file), remedy=HOW
                )
            for each in ready:
                pool.Add(each)
                del waiting[each.name]
        for name in [*_types(content)]:
            pool.FindMessageTypeByName(name)
    except (TypeError, KeyError, ValueError) as error:
        raise UnreadableProblem(
            "is a descriptor set that does not fit together", place=Place(file), remedy=HOW
        ) from error
    return pool


def _types(content: bytes) -> Iterator[str]:
    for file in FileDescriptorSet.FromString(content).file:
        for service in file.service:
            for method in service.method:
                yield method.input_type.lstrip(".")
                yield method.output_type.lstrip(".")


class CallExaminer:
    """Compares gRPC calls with a descriptor set, one by one, and sums up what it saw; no message outlives its call."""

    def __init__(self, services: Services) -> None:
        self.summary = Summary(services.digest)
        self._services = services

    def examine(self, call: Call) -> None:
        """Look at one call."""
        counts = self.summary.counts
        counts["exchanges"] += 1
        if call.status is None:
            counts["incomplete"] += 1
            return
        rpc = self._services.rpcs.get(f"/{call.service}/{call.method}")
        if rpc is None:
            self._unknown(call)
            return
        usage = self.summary.usage(str(rpc))
        counts["judged"] += 1
        usage.sight.note(call.time, "")
        if 0 <= call.status <= _MAX_STATUS:
            usage.statuses[call.status] += 1
        look = _Look(self._services, rpc, usage, call)
        look.at_request()
        look.at_response()
        if look.violates:
            counts["violating"] += 1

    def _unknown(self, call: Call) -> None:
        """A call of a method that is not there: a refusal, or drift."""
        summary = self.summary
        if call.status in _REFUSALS:
            summary.counts["rejected"] += 1
            return
        summary.counts["judged"] += 1
        summary.counts["violating"] += 1
        kind = "undocumented-method" if call.service in self._services.names else "undocumented-operation"
        shown = f"POST /{safe_name(call.service)}/{safe_name(call.method)}"
        summary.unknown.note((kind, shown, "", ""), call.time, str(call.status))


class _Look:
    """One call that is looked at."""

    def __init__(self, services: Services, rpc: Rpc, usage: Usage, call: Call) -> None:
        self._services, self._rpc, self._usage, self._call = services, rpc, usage, call
        self.violates = False

    def _note(self, kind: str, where: str, pointer: str = "", shape: str = "") -> None:
        self._usage.drifts.note((kind, "", where, pointer), self._call.time, shape)
        self.violates = self.violates or kind != "deprecated-used"

    def at_request(self) -> None:
        """The messages of the request, unless the service said that they were wrong."""
        call, rpc = self._call, self._rpc
        if call.status in _REFUSALS:
            return
        if rpc.deprecated:
            self._note("deprecated-used", "operation")
        if call.request is not None:
            self._messages(call.request, rpc.of.input_type, "request", streams=rpc.of.client_streaming)

    def at_response(self) -> None:
        """The status, and the messages of the response."""
        call, rpc = self._call, self._rpc
        if call.status is None or not 0 <= call.status <= _MAX_STATUS:
            self._note("undocumented-status", "response", "", str(call.status))
        if call.response is not None:
            self._messages(call.response, rpc.of.output_type, "response", streams=rpc.of.server_streaming)

    def _messages(self, messages: Any, named: str, where: str, *, streams: bool) -> None:
        if not streams and self._call.status == 0 and len(messages) != 1:
            self._note("wrong-value" if messages else "missing-required", where, "", f"{len(messages)} messages")
        kind = self._services.type_of(named)
        for each in messages:
            message = kind()
            try:
                message.MergeFromString(each)
            except DecodeError:
                self._note("wrong-format", where, "", f"not {named.lstrip('.')}")
                continue
            for drift, path, shape in dict.fromkeys(_deviations(message, (), asked=where == "request")):
                self._note(drift, where, "".join(f"/{part}" for part in path), shape)


_Deviation = tuple[str, tuple[str, ...], str]


def _deviations(message: Any, path: tuple[str, ...], *, asked: bool) -> Iterator[_Deviation]:
    """Where a message is not as its descriptor says; protobuf itself bounds how deep one is."""
    for unknown in UnknownFieldSet(message):  # type: ignore[attr-defined]
        number = str(unknown.field_number) if unknown.field_number <= _MAX_NUMBER else "{number}"
        yield "undocumented-field", (*path, number), _WIRE_TYPES[unknown.wire_type]
    for each in message.DESCRIPTOR.fields:
        if each.is_required and not message.HasField(each.name):
            yield "missing-required", (*path, each.name), ""
    for each, value in message.ListFields():
        here = (*path, each.name)
        if asked and each.GetOptions().deprecated:
            yield "deprecated-used", here, ""
        of, values, here = _members(each, value, here)
        if of.message_type is not None:
            for one in values:
                yield from _deviations(one, here, asked=asked)
        elif of.enum_type is not None and any(one not in of.enum_type.values_by_number for one in values):
            yield "wrong-enum", here, "integer"


def _members(each: Any, value: Any, path: tuple[str, ...]) -> tuple[Any, Iterable[Any], tuple[str, ...]]:
    """What describes the members of a field, they themselves, and where they are; a key of a map is not told."""
    if each.message_type is not None and each.message_type.GetOptions().map_entry:
        return each.message_type.fields_by_name["value"], value.values(), (*path, "*")
    return (each, value, (*path, "*")) if each.is_repeated else (each, (value,), path)
