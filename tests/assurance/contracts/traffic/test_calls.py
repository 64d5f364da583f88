"""gRPC calls beside their descriptor set: what drifts, what does not, and what is no recording."""

import base64
import json

import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool

from hardpoint.assurance.contracts.traffic.calls import CallExaminer, Services
from hardpoint.assurance.contracts.traffic.exchange import Call
from hardpoint.assurance.contracts.traffic.recordings.reading import read_recording
from hardpoint.assurance.contracts.traffic.summary import from_bytes, to_bytes
from hardpoint.kernel.problem import UnreadableProblem

pytestmark = pytest.mark.requirement("INN-02")
SECRET = "sk_live_verysecret"


def shop(*, newer=False):
    """A descriptor set with a service; the newer one has what the older one lacks."""
    made = FileDescriptorSet()
    file = made.file.add(name="shop.proto", package="shop.v1", syntax="proto3")
    colour = file.enum_type.add(name="Colour")
    for number, name in enumerate(["COLOUR_UNSPECIFIED", "COLOUR_RED"]):
        colour.value.add(name=name, number=number)
    item, order = file.message_type.add(name="Item"), file.message_type.add(name="Order")
    field(item, "id", 1, Field.TYPE_INT64)
    field(item, "old", 2, Field.TYPE_STRING).options.deprecated = True
    field(item, "colour", 3, Field.TYPE_ENUM, type_name=".shop.v1.Colour")
    field(order, "items", 1, Field.TYPE_MESSAGE, Field.LABEL_REPEATED, ".shop.v1.Item")
    entry = order.nested_type.add(name="ByNameEntry")
    entry.options.map_entry = True
    field(entry, "key", 1, Field.TYPE_STRING)
    field(entry, "value", 2, Field.TYPE_MESSAGE, type_name=".shop.v1.Item")
    field(order, "by_name", 2, Field.TYPE_MESSAGE, Field.LABEL_REPEATED, ".shop.v1.Order.ByNameEntry")
    if newer:
        field(item, "secret", 9, Field.TYPE_STRING)
    service = file.service.add(name="Shop")
    for name in ("Get", "Gone", "Watch"):
        service.method.add(name=name, input_type=".shop.v1.Item", output_type=".shop.v1.Order")
    service.method[1].options.deprecated = True
    service.method[2].server_streaming = True
    return made


def field(message, name, number, kind, label=Field.LABEL_OPTIONAL, type_name=None):
    return message.field.add(name=name, number=number, type=kind, label=label, type_name=type_name)


POOL = DescriptorPool()
POOL.Add(shop(newer=True).file[0])
Item, Order = (
    message_factory.GetMessageClass(POOL.FindMessageTypeByName(f"shop.v1.{each}")) for each in ("Item", "Order")
)
SERVICES = Services("shop.binpb", shop().SerializeToString())
NEWER = Item(secret=SECRET).SerializeToString()
ITEM, ORDER = Item(id=1).SerializeToString(), Order(items=[Item(id=1, colour=1)]).SerializeToString()


def call(method="Get", *, service="shop.v1.Shop", request=(ITEM,), response=(ORDER,), status=0):
    return Call(service, method, status, request, response, 1000)


def drifts(*calls):
    examiner = CallExaminer(SERVICES)
    for each in calls:
        examiner.examine(each)
    return {
        (each.kind, each.operation.removeprefix("POST /"), each.where, each.pointer, each.shape)
        for each in examiner.summary.drifts()
    }


GET = "shop.v1.Shop/Get"


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        (call(), set()),
        (call("Lost"), {("undocumented-method", "shop.v1.Shop/Lost", "", "", "0")}),
        (call(service="shop.v2.Shop"), {("undocumented-operation", "shop.v2.Shop/Get", "", "", "0")}),
        (call("Lost", status=12), set()),
        (call(status=17, response=()), {("undocumented-status", GET, "response", "", "17")}),
        (call("Gone"), {("deprecated-used", "shop.v1.Shop/Gone", "operation", "", "")}),
        (call(request=[Item(old="x").SerializeToString()]), {("deprecated-used", GET, "request", "/old", "")}),
        (
            call(request=[NEWER]),
            {("undocumented-field", GET, "request", "/9", "bytes")},
        ),
        (call(request=[NEWER], response=(), status=3), set()),
        (
            call(response=[Order(items=[Item(secret=SECRET)]).SerializeToString()]),
            {("undocumented-field", GET, "response", "/items/*/9", "bytes")},
        ),
        (
            call(response=[Order(by_name={SECRET: Item(secret=SECRET)}).SerializeToString()]),
            {("undocumented-field", GET, "response", "/by_name/*/9", "bytes")},
        ),
        (
            call(response=[Order(items=[Item(colour=7)]).SerializeToString()]),
            {("wrong-enum", GET, "response", "/items/*/colour", "integer")},
        ),
        (call(request=[b"\xff"]), {("wrong-format", GET, "request", "", "not shop.v1.Item")}),
        (call(response=()), {("missing-required", GET, "response", "", "0 messages")}),
        (call(response=(ORDER, ORDER)), {("wrong-value", GET, "response", "", "2 messages")}),
        (call("Watch", response=(ORDER, ORDER)), set()),
        (call(request=None, response=None), set()),
    ],
)
def test_a_call_is_held_against_its_method(seen, found):
    assert drifts(seen) == found


def test_a_call_without_an_end_is_not_judged():
    examiner = CallExaminer(SERVICES)
    examiner.examine(call(status=None))
    assert examiner.summary.counts == {"exchanges": 1, "incomplete": 1}


def test_any_split_gives_the_same_summary():
    calls = [call(), call("Lost"), call("Gone"), call(request=[b"\xff"]), call(status=17), call(status=-1)] * 3
    parts = [CallExaminer(SERVICES) for _ in range(2)]
    whole = CallExaminer(SERVICES)
    for at, each in enumerate(calls):
        parts[at % 2].examine(each)
        whole.examine(each)
    parts[1].summary.add(parts[0].summary)
    assert to_bytes(parts[1].summary) == to_bytes(whole.summary)
    assert to_bytes(from_bytes(to_bytes(whole.summary))) == to_bytes(whole.summary)


def line(**grpc):
    encoded = {
        key: [base64.b64encode(each).decode() for each in value] if isinstance(value, tuple) else value
        for key, value in grpc.items()
    }
    return json.dumps({"grpc": encoded, "time": "2026-01-01T10:00:00Z"}) + "\n"


def test_lines_are_told_as_calls(tmp_path):
    file = tmp_path / "calls.ndjson"
    file.write_text(
        line(method="/shop.v1.Shop/Get", request=(ITEM,), response=(ORDER,), status=0) + line(method="a.B/C")
    )
    first, second = read_recording(file, "calls.ndjson")
    assert first == Call("shop.v1.Shop", "Get", 0, (ITEM,), (ORDER,), 1767261600000)
    assert second == Call("a.B", "C", None, None, None, 1767261600000)


@pytest.mark.parametrize(
    "text",
    [
        line(method="Get", status=0),
        line(method="/shop.v1.Shop/", status=0),
        line(method="/a/b", status=0, request=["%%%"]),
        line(method="/a/b", status=0, request=["é"]),
        line(method="/a/b", status="OK"),
        line(status=0),
        line(method="/a/b", status=0)[:30],
        '{"grpc": {}}',
    ],
)
def test_what_is_no_call_is_refused_with_its_line(tmp_path, text):
    file = tmp_path / "calls.ndjson"
    file.write_text(line(method="/a.B/C", status=0) + text)
    with pytest.raises(UnreadableProblem) as problem:
        list(read_recording(file, "calls.ndjson"))
    assert (problem.value.place.file, problem.value.place.line) == ("calls.ndjson", 2)


def without_services(made):
    del made.file[0].service[:]


def with_a_lost_type(made):
    made.file[0].service[0].method[0].input_type = ".shop.v1.Lost"


def with_a_circle(made):
    made.file[0].dependency.append("shop.proto")


@pytest.mark.parametrize("change", [without_services, with_a_lost_type, with_a_circle])
def test_a_descriptor_set_that_cannot_be_called_is_refused(change):
    made = shop()
    change(made)
    with pytest.raises(UnreadableProblem):
        Services("shop.binpb", made.SerializeToString())


OPENAPI = '{"openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "paths": {"/": {}}}'


@pytest.fixture
def at(repository):
    lines = line(method="/shop.v1.Shop/Get", request=(Item(secret=SECRET).SerializeToString(),), status=0)
    folder = repository({"calls.ndjson": lines, "http.ndjson": '{"method": "GET", "url": "/", "status": 200}\n'})
    (folder / "shop.binpb").write_bytes(shop().SerializeToString())
    (folder / "openapi.json").write_text(
        '{"openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "paths": {"/": {}}}'
    )
    return folder


def test_the_verb_tells_drift_and_no_value(cli, at):
    ran = cli("contract", "traffic", "shop.binpb", "calls.ndjson", "--save", "seen.json", "--format", "json", folder=at)
    told = ran.json
    assert (ran.exit, told["facts"]["undocumented_field"], told["facts"]["seen_operations"]) == (1, 1, 1)
    assert (told["drift"][0]["method"], told["drift"][0]["path"]) == ("POST", "/shop.v1.Shop/Get")
    again = cli("contract", "traffic", "shop.binpb", "seen.json", "--format", "json", folder=at).json
    assert again["drift"] == told["drift"]
    assert SECRET not in ran.out + (at / "seen.json").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ("traffic", "shop.binpb", "http.ndjson"),
        ("traffic", "openapi.json", "calls.ndjson"),
        ("traffic", "shop.binpb", "calls.ndjson", "--envelope"),
        ("infer", "calls.ndjson"),
    ],
)
def test_what_does_not_go_together_is_refused(cli, at, arguments):
    ran = cli("contract", *arguments, folder=at)
    assert ran.exit in (2, 3), ran.out
    assert "Traceback" not in ran.out
