"""Whether an Avro schema reads what another wrote; fastavro is asked by the property at the end."""

import io
import json

import fastavro
import pytest
from fastavro.utils import generate_many
from hypothesis import assume, given
from hypothesis import strategies as st

from hardpoint.assurance.contracts.evolution.avro import obstacles, read_schema
from hardpoint.kernel.problem import UnreadableProblem


def schema(value):
    return read_schema("schema.avsc", json.dumps(value).encode())


def found(reader, writer):
    return [(each.id, each.pointer) for each in obstacles(schema(reader), schema(writer))]


def record(*fields, name="Order", **more):
    return {"type": "record", "name": name, "fields": list(fields), **more}


ID = {"name": "id", "type": "string"}
TOTAL = {"name": "total", "type": "long"}
COLOUR = {"type": "enum", "name": "Colour", "symbols": ["RED", "BLUE"]}


@pytest.mark.requirement("CON-05")
@pytest.mark.parametrize(
    ("reader", "writer", "expected"),
    [
        ("long", "int", []),
        ("int", "long", [("type-mismatch", "")]),
        ("string", "bytes", [("bytes-read-as-string", "")]),
        (record(ID), record(ID, TOTAL), []),
        (record(ID, TOTAL), record(ID), [("reader-field-missing-default-value", "/fields/1")]),
        (record(ID, {**TOTAL, "default": 0}), record(ID), []),
        (record(ID, {**TOTAL, "name": "sum", "aliases": ["total"]}), record(ID, TOTAL), []),
        (record(ID, name="shop.Order"), record(ID, name="till.Order"), []),  # the unqualified name decides
        (record(ID), record(ID, name="Bill"), [("name-mismatch", "")]),
        (record(ID, aliases=["Bill"]), record(ID, name="Bill"), []),
        (["null", "string"], "string", []),
        ("string", ["null", "string"], [("type-mismatch", "")]),
        (["null", "long"], ["null", "int"], []),
        (["null", "int"], ["null", "string"], [("missing-union-branch", "")]),
        (COLOUR, {**COLOUR, "symbols": ["RED"]}, []),
        ({**COLOUR, "symbols": ["RED"]}, COLOUR, [("missing-enum-symbols", "")]),
        ({**COLOUR, "symbols": ["RED"], "default": "RED"}, COLOUR, []),
        (
            {"type": "fixed", "name": "Hash", "size": 32},
            {"type": "fixed", "name": "Hash", "size": 20},
            [("fixed-size-mismatch", "")],
        ),
        (
            {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
            {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 3},
            [("decimal-mismatch", "")],
        ),
        ({"type": "array", "items": "int"}, {"type": "array", "items": "long"}, [("type-mismatch", "/items")]),
        ({"type": "map", "values": "long"}, {"type": "map", "values": "int"}, []),
        (
            record({"name": "next", "type": ["null", "Order"]}, {"name": "v", "type": "int"}),
            record({"name": "next", "type": ["null", "Order"]}, {"name": "v", "type": "long"}),
            [("type-mismatch", "/fields/1/type")],
        ),
    ],
)
def test_what_stands_in_the_way(reader, writer, expected):
    assert found(reader, writer) == expected


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"type": "recor', "schema.avsc:1:16"),
        ('{"type": "record", "fields": []}', "schema.avsc:1:1"),
        ('{"type": "record", "name": "A", "fields": [{"name": "b"}]}', "schema.avsc:1:44"),
        ('{"type": "record", "name": "A",\n "fields": [{"name": "b", "type": "B"}]}', "schema.avsc:2:"),
        ('["null", "null"]', "schema.avsc:1:1"),
        ("[]", "schema.avsc:1:1"),
        ("7", "schema.avsc:1:1"),
        ("", "schema.avsc"),
        ('{"type": "fixed", "name": "A", "size": -1}', "schema.avsc:1:1"),
        ('{"type": "enum", "name": "A", "symbols": ["B"], "default": "C"}', "schema.avsc:1:49"),
        ("[" * 400 + "]" * 400, "schema.avsc"),
    ],
)
def test_what_is_no_schema_is_said_at_its_place(text, place):
    with pytest.raises(UnreadableProblem) as caught:
        read_schema("schema.avsc", text.encode())
    assert str(caught.value.place).startswith(place)


PRIMITIVES = st.sampled_from(["null", "boolean", "int", "long", "float", "double", "bytes", "string"])
NAMES = iter(range(10**9))


def records(types):
    fields = st.dictionaries(st.sampled_from("abcd"), types, max_size=3)
    return fields.map(
        lambda found: record(*({"name": name, "type": kind} for name, kind in found.items()), name=f"R{next(NAMES)}")
    )


TYPES = st.recursive(
    PRIMITIVES,
    lambda types: (
        types.map(lambda each: {"type": "array", "items": each})
        | types.map(lambda each: {"type": "map", "values": each})
        | st.lists(PRIMITIVES, min_size=1, max_size=3, unique=True)
        | records(types)
        | st.lists(st.sampled_from("ABCD"), min_size=1, unique=True).map(
            lambda symbols: {"type": "enum", "name": f"E{next(NAMES)}", "symbols": symbols}
        )
    ),
    max_leaves=6,
)


def parts(value, put):
    """Every type in a schema, with what puts another in its place."""
    yield value, put
    if isinstance(value, dict):
        for key in ("items", "values"):
            if key in value:
                yield from parts(value[key], lambda new, key=key: value.__setitem__(key, new))
        kept = [each for each in value.get("fields", ()) if "default" not in each]  # that goes with no other type
        for each in kept:
            yield from parts(each["type"], lambda new, each=each: each.__setitem__("type", new))


@st.composite
def versions(draw):
    """A schema, and what became of it."""
    writer = draw(TYPES)
    box = [json.loads(json.dumps(writer))]
    for _ in range(draw(st.integers(0, 2))):
        value, put = draw(st.sampled_from(list(parts(box[0], lambda new: box.__setitem__(0, new)))))
        if isinstance(value, dict) and value["type"] == "record" and draw(st.booleans()):
            default = {"default": 0} if draw(st.booleans()) else {}
            value["fields"].append({"name": f"n{next(NAMES)}", "type": "int", **default})
        elif isinstance(value, dict) and value["type"] == "enum":
            value["symbols"] = draw(st.lists(st.sampled_from("ABCDE"), min_size=1, unique=True))
        else:
            put(draw(PRIMITIVES))
    return box[0], writer


@pytest.mark.requirement("CON-05")
@given(versions())
def test_what_meets_no_obstacle_is_read_by_a_real_reader(pair):
    reader, writer = pair
    assume(not list(obstacles(schema(reader), schema(writer))))
    reads, writes = (fastavro.parse_schema(json.loads(json.dumps(each))) for each in pair)
    for value in generate_many(writes, 5):
        written = io.BytesIO()
        fastavro.schemaless_writer(written, writes, value)
        written.seek(0)
        fastavro.schemaless_reader(written, writes, reads)


@given(TYPES)
def test_a_schema_reads_what_it_wrote(value):
    assert [each for each in obstacles(schema(value), schema(value)) if each.certain] == []


@pytest.mark.requirement("CON-05")
@pytest.mark.parametrize(
    ("kind", "default", "fits"),
    [
        ("int", 1, True),
        ("int", "x", False),
        ("int", True, False),
        ("boolean", 0, False),
        ("null", None, True),
        (["string", "null"], None, True),
        (["null", "int"], "x", False),
        ({"type": "map", "values": "int"}, {}, True),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, "B", False),
    ],
)
def test_a_default_that_does_not_fit_is_none(kind, default, fits):
    writer, reader = record(), record({"name": "a", "type": kind, "default": default})
    found = [each.id for each in obstacles(schema(reader), schema(writer))]
    assert found == ([] if fits else ["reader-field-missing-default-value"])
