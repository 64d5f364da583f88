"""What breaks those who rely on an interface, whatever its contract is written in: CON042 over real changes."""

import json

import pytest
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field
from google.protobuf.descriptor_pb2 import FileDescriptorSet

MANIFEST = """version: 1
services: [{{name: shop}}]
trust:
  keys: [{{key: 'ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=', holder: bea}}]
  functions: [{{name: api, holders: [bea]}}]
contracts:
  - {{name: orders, kind: {kind}, path: {path}, steward: api, mode: {mode}}}
"""
AVRO = {"type": "record", "name": "Order", "fields": [{"name": "id", "type": "string"}]}
MORE = {**AVRO, "fields": [*AVRO["fields"], {"name": "total", "type": "int"}]}
OBJECT = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}
CHANNELS = """asyncapi: 3.0.0
info: {title: a, version: '1'}
channels: {orders: {messages: {placed: {name: Placed, payload: {type: object, properties: {a: {type: string}}}}}}}
operations: {take: {action: receive, channel: {$ref: '#/channels/orders'}}}
"""


def descriptors(*numbers):
    made = FileDescriptorSet()
    message = made.file.add(name="a.proto", package="shop.v1", syntax="proto3").message_type.add(name="Order")
    for number in numbers:
        message.field.add(name=f"f{number}", number=number, type=Field.TYPE_STRING, label=Field.LABEL_OPTIONAL)
    return made.SerializeToString()


def text(value):
    return json.dumps(value).encode()


@pytest.mark.requirement("CON-03", "CON-05")
@pytest.mark.parametrize(
    ("kind", "mode", "path", "before", "after", "expected"),
    [
        ("avro", "BACKWARD", "order.avsc", text(AVRO), text(MORE), "reader-field-missing-default-value"),
        ("avro", "FORWARD", "order.avsc", text(AVRO), text(MORE), ""),
        ("avro", "NONE", "order.avsc", text(AVRO), text(MORE), ""),
        (
            "jsonschema",
            "BACKWARD",
            "order.json",
            text(OBJECT),
            text({**OBJECT, "required": ["a"]}),
            "required-attribute-added",
        ),
        ("jsonschema", "FORWARD", "order.json", text(OBJECT), text({**OBJECT, "required": ["a"]}), ""),
        (
            "asyncapi",
            "BACKWARD",
            "asyncapi.yaml",
            CHANNELS.encode(),
            CHANNELS.replace("string", "integer").encode(),
            "type-changed",
        ),
        (
            "protobuf",
            "BACKWARD",
            "api.binpb",
            descriptors(1, 2),
            descriptors(1),
            "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED",
        ),
        ("protobuf", "BACKWARD", "api.binpb", descriptors(1), descriptors(1, 2), ""),
        ("protobuf", "BACKWARD", "api.proto", b"a", b"a", ""),
    ],
)
def test_a_break_needs_a_plan_whatever_the_contract_is_written_in(  # noqa: PLR0917 - a table
    cli, repository, git, kind, mode, path, before, after, expected
):
    root = repository({"hardpoint.yaml": MANIFEST.format(kind=kind, path=path, mode=mode)})
    (root / path).write_bytes(before)
    git(root, "add", "-A")
    git(root, "commit", "-qm", "contract")
    (root / path).write_bytes(after)
    ran = cli("check", "--rule", "CON042", "--against", "HEAD", "--format", "json", folder=root)
    assert [expected in each["text"] for each in ran.json["findings"]] == [True] * bool(expected), ran.out
    assert ran.exit == bool(expected)


@pytest.mark.requirement("CON-05")
def test_what_cannot_be_compared_is_no_pass(cli, repository, git):
    root = repository(
        {"hardpoint.yaml": MANIFEST.format(kind="protobuf", path="api.proto", mode="BACKWARD"), "api.proto": "a"}
    )
    (root / "api.proto").write_text("b")
    ran = cli("check", "--rule", "CON042", "--against", "HEAD", folder=root)
    assert (ran.exit, "buf build" in ran.out or "descriptor sets are read" in ran.out) == (3, True), ran.out


ORDERS = """openapi: 3.1.0
info: {title: Orders, version: 1.0.0}
paths:
  /orders: {get: {responses: {'200': {description: All of them.}}}}
  /orders/old: {get: {responses: {'200': {description: Old ones.}}}}
"""
WITHOUT_OLD = ORDERS[: ORDERS.index("  /orders/old")]


@pytest.fixture
def moved(repository, git):
    """A branch that declares another file than main does, which has less; the old file is left as it was."""
    root = repository(
        {"hardpoint.yaml": MANIFEST.format(kind="openapi", path="old.yaml", mode="BACKWARD"), "old.yaml": ORDERS}
    )
    git(root, "tag", "v1.0.0")
    git(root, "checkout", "-qb", "move")
    (root / "hardpoint.yaml").write_text(MANIFEST.format(kind="openapi", path="new.yaml", mode="BACKWARD"))
    (root / "new.yaml").write_text(WITHOUT_OLD)
    git(root, "add", "-A")
    git(root, "commit", "-qm", "move")
    return root


@pytest.mark.requirement("CON-05")
@pytest.mark.parametrize("named", ["--against", "--base"])
def test_a_contract_that_is_moved_keeps_what_it_promised(cli, moved, named):
    ran = cli("check", "--rule", "CON042", named, "main", folder=moved)
    assert (ran.exit, "api-path-removed-without-deprecation" in ran.out) == (1, True), ran.out


@pytest.mark.requirement("CON-05")
def test_a_contract_that_is_declared_no_more_keeps_what_it_promised(cli, moved):
    text = (moved / "hardpoint.yaml").read_text()
    (moved / "hardpoint.yaml").write_text(text[: text.index("contracts:")])
    (moved / "old.yaml").write_text(WITHOUT_OLD)
    ran = cli("check", "--rule", "CON042", "--against", "main", folder=moved)
    assert (ran.exit, "api-path-removed-without-deprecation" in ran.out) == (1, True), ran.out


@pytest.mark.requirement("CON-07")
def test_the_window_is_of_where_the_contract_is_now(cli, moved):
    ran = cli("contract", "window", "--base", "main", folder=moved)
    assert (ran.exit, "hurts consumers back to v1.0.0" in ran.out) == (1, True), ran.out
