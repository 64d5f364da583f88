"""Examples against their schemas."""

import pytest

from hardpoint.assurance.contracts.examples import untrue_examples
from hardpoint.assurance.contracts.inventory import Inventory
from hardpoint.assurance.contracts.operations import read_contract
from hardpoint.kernel import encoding


def found(schema, *examples, version="3.1.0", **components):
    """What is wrong with examples of a schema: of each the position, and what is said."""
    content = {
        "application/json": {
            "schema": schema,
            "examples": {str(at): {"value": each} for at, each in enumerate(examples)},
        }
    }
    tree = {
        "openapi": version,
        "info": {"title": "x", "version": "1.0.0"},
        "paths": {"/x": {"get": {"responses": {"200": {"description": "", "content": content}}}}},
        "components": {"schemas": components},
    }
    inventory = Inventory(read_contract("openapi.json", encoding.encode_as_is(tree)))
    assert inventory.found.faults == []
    return {int(each.node.path[-2]): each.text for each in untrue_examples(inventory)}


@pytest.mark.requirement("CON-02")
def test_an_example_that_its_schema_refuses_is_told_with_the_place_in_it():
    order = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    assert found(order, {"id": 1}, {"id": "1"}, {}) == {
        1: 'the example at /id: the value is not of type "integer"',
        2: 'the example: "id" is a required property',
    }


def test_references_and_circles_are_followed():
    tree = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Tree"}, "n": {"type": "integer"}}}
    schema = {"$ref": "#/components/schemas/Tree"}
    assert list(found(schema, {"next": {"next": {"n": 1}}}, {"next": {"next": {"n": "1"}}}, Tree=tree)) == [1]


def test_null_is_allowed_as_each_version_writes_it():
    assert list(found({"type": "string", "nullable": True}, None, 1, version="3.0.3")) == [1]
    assert list(found({"type": ["string", "null"]}, None, 1)) == [1]
    assert list(found({"type": "string"}, None)) == [0]
    refers = {"allOf": [{"$ref": "#/components/schemas/A"}], "nullable": True}
    assert found(refers, None, {}, version="3.0.3", A={"type": "object"}) == {}


def test_limits_are_read_as_each_version_writes_them():
    assert list(found({"type": "integer", "minimum": 1, "exclusiveMinimum": True}, 1, 2, version="3.0.3")) == [0]
    assert list(found({"type": "integer", "exclusiveMinimum": 1}, 1, 2)) == [0]
    assert list(found({"type": "integer"}, 1.0, 1.5)) == [1]


def test_what_only_one_direction_has_is_not_missed():
    order = {
        "type": "object",
        "required": ["id", "name"],
        "properties": {"id": {"type": "string", "readOnly": True}, "name": {"type": "string"}},
    }
    assert list(found(order, {"name": "x"}, {"id": "1"})) == [1]


@pytest.mark.parametrize(
    ("schema", "example"),
    [
        ({"type": "string", "format": "date"}, "yesterday"),  # formats are annotations
        ({"type": "object"}, '{"id": 1}'),  # written by hand as text
        ({"$ref": "#/components/schemas/Gone"}, 1),  # told by itself
        ({"$dynamicRef": "#x"}, 1),
        ({"type": "string", "pattern": "(?<!a)["}, "x"),  # no regular expression
        ({"type": "string", "x-anything": {"type": 1}}, "x"),
    ],
)
def test_what_is_not_certain_is_not_told(schema, example):
    assert found(schema, example) == {}


def test_one_pattern_that_is_none_spoils_no_other_example():
    bad = {"type": "object", "properties": {"a": {"type": "string", "pattern": "["}, "b": {"type": "integer"}}}
    assert list(found(bad, {"a": "x", "b": 1}, {"a": "x", "b": "1"})) == [1]


def test_what_patterns_would_have_matched_is_not_told_when_they_are_left_out():
    bad = {
        "patternProperties": {"^x": {}},
        "additionalProperties": False,
        "properties": {"pattern": {"type": "string"}},
    }
    assert found({"allOf": [bad, {"properties": {"b": {"pattern": "["}}}]}, {"x1": 1, "pattern": "a"}) == {}
    assert list(found({**bad, "properties": {}}, {"x1": 1}, {"y": 1})) == [1]


def test_another_dialect_is_not_judged():
    tree = {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://shop.example/dialect",
        "info": {"title": "x", "version": "1.0.0"},
        "components": {"schemas": {"A": {"type": "integer", "example": "x"}}},
    }
    assert not list(untrue_examples(Inventory(read_contract("openapi.json", encoding.encode(tree)))))


def test_examples_that_cannot_be_judged_do_not_pass_in_silence():
    tree = {
        "openapi": "3.1.0",
        "info": {"title": "x", "version": "1.0.0"},
        "components": {"schemas": {"A": {"type": "objekt", "example": {}}}},
    }
    (fault,) = untrue_examples(Inventory(read_contract("openapi.json", encoding.encode(tree))))
    assert "could not be judged" in fault.text
