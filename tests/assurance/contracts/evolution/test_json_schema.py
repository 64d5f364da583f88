"""Whether a JSON Schema allows all that another allows; the validator itself is asked by the property at the end."""

import json

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.assurance.contracts.evolution.json_schema import obstacles, read_json_schema
from hardpoint.kernel.problem import UnreadableProblem


def schema(value, **options):
    return read_json_schema("schema.json", json.dumps(value).encode(), **options)


def found(reader, writer, **options):
    """Identities, with a question mark where it is not certain."""
    compared = obstacles(schema(reader, **options), schema(writer, **options))
    return sorted({(each.id + "?" * (not each.certain), each.pointer) for each in compared})


def thing(closed=None, required=(), **properties):
    more = {} if closed is None else {"additionalProperties": not closed}
    needed = {"required": list(required)} if required else {}
    return {"type": "object", "properties": properties, **needed, **more}


def chain(kind, **more):
    node = thing(True, next={"$ref": "#/$defs/node"}, value={"type": kind}, **more)
    return {"$defs": {"node": node}, "$ref": "#/$defs/node"}


TEXT, NUMBER, INTEGER = ({"type": each} for each in ("string", "number", "integer"))


@pytest.mark.requirement("CON-05")
@pytest.mark.parametrize(
    ("reader", "writer", "expected"),
    [
        (NUMBER, INTEGER, []),
        (INTEGER, NUMBER, [("type-narrowed", "/type")]),
        (thing(a=TEXT, b=TEXT), thing(a=TEXT), [("property-added-to-open-content-model", "/properties/b")]),
        (thing(True, a=TEXT, b=TEXT), thing(True, a=TEXT), []),
        (thing(True, a=TEXT), thing(True, a=TEXT, b=TEXT), [("property-removed-from-closed-content-model", "")]),
        (thing(a=TEXT), thing(a=TEXT, b=TEXT), []),
        (thing(True, a=TEXT), thing(a=TEXT), [("content-model-closed", "/additionalProperties")]),
        (thing(a=TEXT, required=["a"]), thing(a=TEXT), [("required-attribute-added", "/required")]),
        (thing(a=TEXT), thing(a=TEXT, required=["a"]), []),
        (thing(a=TEXT), thing(a={"type": ["string", "null"]}), [("type-narrowed", "/properties/a/type")]),
        ({"enum": [1]}, {"enum": [1, 2]}, [("enum-array-narrowed", "/enum")]),
        ({"enum": [1, 2]}, {"enum": [1]}, []),
        ({**TEXT, "maxLength": 3}, {**TEXT, "maxLength": 4}, [("max-length-decreased", "/maxLength")]),
        ({**TEXT, "maxLength": 4}, {**TEXT, "maxLength": 3}, []),
        ({"oneOf": [TEXT, INTEGER]}, TEXT, []),
        (TEXT, {"oneOf": [TEXT, INTEGER]}, [("type-narrowed", "/type")]),
        ({"anyOf": [TEXT]}, {"anyOf": [TEXT, INTEGER]}, [("sum-type-narrowed", "")]),
        (chain("number"), chain("integer"), []),
        (chain("integer"), chain("number"), [("type-narrowed", "/$defs/node/properties/value/type")]),
        (chain("number"), chain("number", z={}), [("property-removed-from-closed-content-model", "/$defs/node")]),
        ({**TEXT, "pattern": "^a"}, {**TEXT, "pattern": "^ab"}, [("pattern-added?", "/pattern")]),
        (
            {"$schema": "http://json-schema.org/draft-07/schema#", "type": "string"},
            {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "string"},
            [("not-shown?", "")],
        ),
    ],
)
def test_what_stands_in_the_way(reader, writer, expected):
    assert found(reader, writer) == expected


@pytest.mark.requirement("CON-05")
def test_that_nobody_writes_what_is_not_declared_can_be_taken():
    reader, writer = thing(a=TEXT, b=INTEGER), thing(a=TEXT)
    assert found(reader, writer, declared_only=True) == []
    assert found(thing(a=TEXT, b=INTEGER, required=["b"]), writer, declared_only=True) == [
        ("required-attribute-added", "/required")
    ]


def test_two_halves_of_one_object_do_not_close_each_other():
    writer = {"allOf": [thing(a=TEXT), thing(b=TEXT)]}
    assert found(thing(a=INTEGER), writer, declared_only=True) != []  # closed halves would allow nothing at all
    named = {"$defs": {"half": thing(a=TEXT)}, "allOf": [{"$ref": "#/$defs/half"}, thing(b=TEXT)]}
    assert found(thing(a=INTEGER), named, declared_only=True) != []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"type": "strin"}', "schema.json:1:2"),
        ("[]", "schema.json:1:1"),
        ('{"$ref": "#/nope"}', "schema.json:1:1"),
        ('{"$ref": "https://a.example/c"}', "schema.json:1:1"),
        ('{"properties": {"a":', "schema.json:1:21"),
        ("", "schema.json"),
    ],
)
def test_what_is_no_schema_is_said_at_its_place(text, place):
    with pytest.raises(UnreadableProblem) as caught:
        read_json_schema("schema.json", text.encode())
    assert str(caught.value.place).startswith(place)


def test_files_beside_it_are_read():
    parts = {"types/text.json": b'{"type": "string"}'}
    whole = read_json_schema(
        "orders/order.json", b'{"properties": {"a": {"$ref": "../types/text.json"}}}', parts.__getitem__
    )
    other = schema({"properties": {"a": INTEGER}})
    assert [each.id for each in obstacles(other, whole)] == ["type-narrowed"]
    assert list(obstacles(schema({"properties": {"a": TEXT}}), whole)) == []


VALUES = st.recursive(
    st.sampled_from([None, True, 0, 1, 2.5, "", "a", "bb"]),
    lambda values: st.lists(values, max_size=2) | st.dictionaries(st.sampled_from("ab"), values, max_size=2),
    max_leaves=4,
)
SCHEMAS = st.recursive(
    st.sampled_from(
        [
            *({}, TEXT, INTEGER, NUMBER, {"type": "null"}, {"type": ["string", "integer"]}, {"enum": [1, "a"]}),
            *({"const": 1}, {"minimum": 1}, {"type": "string", "maxLength": 1}, {"type": "array"}, {"maxItems": 1}),
            *({"type": "object", "required": ["a"]}, {"not": TEXT}, {"$ref": "#/$defs/deep"}),
        ]
    ),
    lambda schemas: (
        st.builds(lambda items: {"type": "array", "items": items}, schemas)
        | st.builds(
            lambda properties, closed: thing(closed, **properties),
            st.dictionaries(st.sampled_from("ab"), schemas, max_size=2),
            st.sampled_from([None, True, False]),
        )
        | st.builds(
            lambda keyword, members: {keyword: members},
            st.sampled_from(["anyOf", "oneOf", "allOf"]),
            st.lists(schemas, min_size=1, max_size=2),
        )
    ),
    max_leaves=5,
)


@pytest.mark.requirement("CON-05")
@given(SCHEMAS, SCHEMAS, SCHEMAS, st.lists(VALUES, min_size=5, max_size=30))
def test_what_meets_no_obstacle_is_allowed_by_the_validator(reader, writer, deep, values):
    reads, wrote = ({"$defs": {"deep": thing(a=deep)}, **each} for each in (reader, writer))
    if list(obstacles(schema(reads), schema(wrote))):
        return
    before, after = jsonschema_rs.validator_for(wrote), jsonschema_rs.validator_for(reads)
    for value in values:
        assert after.is_valid(value) or not before.is_valid(value)


@given(SCHEMAS)
def test_a_schema_allows_what_it_allows(value):
    whole = {"$defs": {"deep": thing(a=TEXT)}, **value}
    assert [each for each in obstacles(schema(whole), schema(whole)) if each.certain] == []
