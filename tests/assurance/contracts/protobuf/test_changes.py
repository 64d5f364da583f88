"""What changes between descriptor sets, and whom it breaks; as buf 1.75 has it, where that has a rule."""

import copy

import pytest
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from hardpoint.assurance.contracts.protobuf.changes import changes
from hardpoint.assurance.contracts.protobuf.descriptors import read_descriptors
from hardpoint.assurance.contracts.protobuf.lint import faults
from hardpoint.kernel.problem import UnreadableProblem

ALL, JSON, SOURCE = "package wire wire-json", "package wire-json", "package"


def add(message, number, kind, label=Field.LABEL_OPTIONAL, type_name=None):
    message.field.add(
        name=f"f_{number}", number=number, type=kind, label=label, json_name=f"f{number}", type_name=type_name
    )


def shop():
    """A descriptor set of one file: two enums, three messages, one service."""
    made = FileDescriptorSet()
    file = made.file.add(name="shop.proto", package="shop.v1", syntax="proto3")
    colour, shade = file.enum_type.add(name="Colour"), file.enum_type.add(name="Shade")
    for number, name in enumerate(["COLOUR_UNSPECIFIED", "COLOUR_RED", "COLOUR_BLUE"]):
        colour.value.add(name=name, number=number)
    colour.reserved_range.add(start=10, end=12)
    colour.reserved_name.append("COLOUR_OLD")
    shade.value.add(name="SHADE_UNSPECIFIED", number=0)
    order = file.message_type.add(name="Order")
    for number, kind in enumerate([Field.TYPE_INT32, Field.TYPE_INT64, Field.TYPE_STRING, Field.TYPE_BYTES], 1):
        add(order, number, kind)
    add(order, 20, Field.TYPE_MESSAGE, type_name=".shop.v1.Item")
    add(order, 21, Field.TYPE_ENUM, type_name=".shop.v1.Colour")
    add(order, 22, Field.TYPE_STRING, Field.LABEL_REPEATED)
    order.oneof_decl.add(name="pick")
    for number in (30, 31):
        add(order, number, Field.TYPE_STRING)
        order.field[-1].oneof_index = 0
    order.reserved_range.add(start=100, end=105)
    order.reserved_name.append("old")
    for name in ("Item", "Thing"):
        add(file.message_type.add(name=name), 1, Field.TYPE_STRING)
    service = file.service.add(name="Shop")
    for name in ("Get", "Put"):
        service.method.add(name=name, input_type=".shop.v1.Item", output_type=".shop.v1.Order")
    return made


def order(made):
    return made.file[0].message_type[0]


def field(made, number):
    return next(each for each in order(made).field if each.number == number)


def drop(listed, number):
    listed.remove(next(each for each in listed if each.number == number))


def set_field(number, **values):
    return lambda made: [setattr(field(made, number), key, value) for key, value in values.items()]


def leave_out(*, number, name):
    def change(made):
        drop(order(made).field, 1)
        if number:
            order(made).reserved_range.add(start=1, end=2)
        if name:
            order(made).reserved_name.append("f_1")

    return change


def become_int(made):
    field(made, 21).type = Field.TYPE_INT32
    field(made, 21).ClearField("type_name")


def method(made):
    return made.file[0].service[0].method[0]


@pytest.mark.requirement("CON-03")
@pytest.mark.parametrize(
    ("change", "rule", "breaks"),
    [
        (lambda made: add(order(made), 50, Field.TYPE_STRING), "FIELD_ADDED", ""),
        (leave_out(number=False, name=False), "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED", ALL),
        (leave_out(number=True, name=False), "FIELD_NO_DELETE_UNLESS_NAME_RESERVED", JSON),
        (leave_out(number=True, name=True), "FIELD_NO_DELETE", SOURCE),
        (set_field(1, type=Field.TYPE_UINT32), "FIELD_SAME_TYPE", SOURCE),
        (set_field(1, type=Field.TYPE_INT64), "FIELD_WIRE_JSON_COMPATIBLE_TYPE", JSON),
        (set_field(1, type=Field.TYPE_SINT32), "FIELD_WIRE_COMPATIBLE_TYPE", ALL),
        (set_field(3, type=Field.TYPE_BYTES), "FIELD_WIRE_JSON_COMPATIBLE_TYPE", JSON),
        (set_field(4, type=Field.TYPE_STRING), "FIELD_WIRE_COMPATIBLE_TYPE", ALL),
        (set_field(20, type_name=".shop.v1.Thing"), "FIELD_WIRE_COMPATIBLE_TYPE", ALL),
        (set_field(21, type_name=".shop.v1.Shade"), "FIELD_WIRE_COMPATIBLE_TYPE", ALL),
        (become_int, "FIELD_WIRE_COMPATIBLE_TYPE", ALL),
        (set_field(1, label=Field.LABEL_REPEATED), "FIELD_WIRE_COMPATIBLE_CARDINALITY", ALL),
        (set_field(22, label=Field.LABEL_OPTIONAL), "FIELD_WIRE_COMPATIBLE_CARDINALITY", ALL),
        (set_field(1, name="g_1"), "FIELD_SAME_NAME", JSON),
        (set_field(1, json_name="g1"), "FIELD_SAME_JSON_NAME", JSON),
        (lambda made: field(made, 31).ClearField("oneof_index"), "FIELD_SAME_ONEOF", ALL),
        (lambda made: order(made).ClearField("reserved_range"), "RESERVED_MESSAGE_NO_DELETE", ALL),
        (lambda made: order(made).ClearField("reserved_name"), "RESERVED_MESSAGE_NO_DELETE", ALL),
        (lambda made: made.file[0].enum_type[0].ClearField("reserved_range"), "RESERVED_ENUM_NO_DELETE", ALL),
        (lambda made: made.file[0].enum_type[0].value.pop(), "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED", ALL),
        (lambda made: setattr(made.file[0].enum_type[0].value[1], "name", "COLOUR_ROT"), "ENUM_VALUE_SAME_NAME", JSON),
        (lambda made: made.file[0].enum_type[0].value.add(name="X", number=7), "ENUM_VALUE_ADDED", ""),
        (lambda made: made.file[0].message_type.pop(), "PACKAGE_MESSAGE_NO_DELETE", SOURCE),
        (lambda made: made.file[0].enum_type.pop(), "PACKAGE_ENUM_NO_DELETE", SOURCE),
        (lambda made: made.file[0].service.pop(), "PACKAGE_SERVICE_NO_DELETE", ALL),
        (lambda made: made.file[0].service[0].method.pop(), "RPC_NO_DELETE", ALL),
        (lambda made: setattr(method(made), "input_type", ".shop.v1.Thing"), "RPC_SAME_REQUEST_TYPE", ALL),
        (lambda made: setattr(method(made), "output_type", ".shop.v1.Thing"), "RPC_SAME_RESPONSE_TYPE", ALL),
        (lambda made: setattr(method(made), "server_streaming", True), "RPC_SAME_SERVER_STREAMING", ALL),
        (lambda made: setattr(method(made), "client_streaming", True), "RPC_SAME_CLIENT_STREAMING", ALL),
        (lambda made: setattr(made.file[0].options, "go_package", "x/y"), "FILE_SAME_GO_PACKAGE", SOURCE),
        (lambda made: setattr(field(made, 1).options, "deprecated", True), "FIELD_DEPRECATED", ""),
        (set_field(1, label=Field.LABEL_REQUIRED), "MESSAGE_SAME_REQUIRED_FIELDS", ALL),
    ],
)
def test_one_change_has_one_id_and_the_categories_that_it_breaks(change, rule, breaks):
    made = shop()
    change(made)
    base, revision = (read_descriptors("api.binpb", each.SerializeToString()) for each in (shop(), made))
    assert [(each.id, " ".join(sorted(each.breaks))) for each in changes(base, revision)] == [(rule, breaks)]


def test_nothing_changes_between_the_same():
    base = read_descriptors("api.binpb", shop().SerializeToString())
    assert changes(base, base) == []


def test_the_order_of_declarations_changes_nothing():
    turned = shop()
    fields = [copy.deepcopy(each) for each in order(turned).field]
    del order(turned).field[:]
    order(turned).field.extend(reversed(fields))
    base, revision = (read_descriptors("api.binpb", each.SerializeToString()) for each in (shop(), turned))
    assert changes(base, revision) == []


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"\n\x03abc", b"\n\xff\xff\xff", FileDescriptorSet().SerializeToString()]
)
def test_what_is_no_descriptor_set_is_refused(content):
    with pytest.raises(UnreadableProblem):
        read_descriptors("api.binpb", content)


def test_a_truncated_set_is_never_a_smaller_one():
    whole = shop().SerializeToString()
    for end in range(len(whole)):
        with pytest.raises(UnreadableProblem):
            read_descriptors("api.binpb", whole[:end])


def test_a_set_that_lost_a_file_is_refused():
    made = shop()
    made.file[0].dependency.append("money.proto")
    with pytest.raises(UnreadableProblem, match=r"imports 'money\.proto', which is not in it"):
        read_descriptors("api.binpb", made.SerializeToString())


@pytest.mark.requirement("CON-02")
def test_bad_form_is_told_at_its_element():
    made = shop()
    file = made.file[0]
    file.package = "shop"
    file.enum_type[1].value[0].name = "NONE"
    order(made).field[0].name = "fOne"
    assert {(each.id, each.element) for each in faults(read_descriptors("api.binpb", made.SerializeToString()))} == {
        ("PACKAGE_VERSION_SUFFIX", "shop"),
        ("ENUM_VALUE_PREFIX", "shop.Shade.NONE"),
        ("ENUM_ZERO_VALUE_SUFFIX", "shop.Shade.NONE"),
        ("FIELD_LOWER_SNAKE_CASE", "shop.Order.fOne"),
        ("RPC_REQUEST_RESPONSE_UNIQUE", "shop.Shop.Put"),
    }


@pytest.mark.requirement("CON-02")
def test_a_list_has_pages():
    made = shop()
    file = made.file[0]
    takes, gives = file.message_type.add(name="ListItemsRequest"), file.message_type.add(name="ListItemsResponse")
    add(gives, 1, Field.TYPE_MESSAGE, Field.LABEL_REPEATED, ".shop.v1.Item")
    file.service[0].method.add(
        name="ListItems", input_type=".shop.v1.ListItemsRequest", output_type=".shop.v1.ListItemsResponse"
    )
    element = "shop.v1.Shop.ListItems"

    def told():
        read = read_descriptors("api.binpb", made.SerializeToString())
        return [each.id for each in faults(read) if each.element == element]

    assert told() == ["RPC_LIST_HAS_PAGES"]
    takes.field.add(name="page_token", number=1, type=Field.TYPE_STRING, label=Field.LABEL_OPTIONAL)
    gives.field.add(name="next_page_token", number=2, type=Field.TYPE_STRING, label=Field.LABEL_OPTIONAL)
    assert told() == []
