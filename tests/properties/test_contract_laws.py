"""Laws of `contract diff`: no known breaking change goes unseen, and neither order nor repetition has a part in it."""

import contextlib
import copy
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardpoint.assurance.contracts.catalogue import Level
from hardpoint.assurance.contracts.change import Change
from hardpoint.assurance.contracts.diff import compare_contracts
from hardpoint.assurance.contracts.lifecycle import Calendar
from hardpoint.assurance.contracts.operations import read_contract
from hardpoint.kernel.problem import UnreadableProblem

Tree = dict[str, Any]
CALENDAR = Calendar(date(2026, 1, 1))
NAMES = ("id", "name", "size", "items")
MORE_NAMES = ("colour", "weight")
SCHEMAS = ("Pet", "Owner", "Visit", "Bill")


def differences(base: Tree, revision: Tree) -> tuple[Change, ...]:
    one = read_contract("base.json", json.dumps(base).encode())
    return compare_contracts(one, read_contract("revision.json", json.dumps(revision).encode()), CALENDAR)


def ids(base: Tree, revision: Tree) -> list[tuple[str, str | None, str, str]]:
    return [(each.id, each.path, each.member, each.level.value) for each in differences(base, revision)]


def breaks(base: Tree, revision: Tree) -> bool:
    return any(each.level is Level.ERROR for each in differences(base, revision))


scalars: st.SearchStrategy[Tree] = st.sampled_from(
    [
        {"type": "string", "minLength": 1, "maxLength": 20},
        {"type": "string", "enum": ["a", "b", "c"]},
        {"type": "integer", "minimum": 1, "maximum": 100},
        {"type": "number"},
        {"type": "boolean"},
        {"type": "string", "format": "date"},
    ]
)
references = st.sampled_from(SCHEMAS).map(lambda name: {"$ref": f"#/components/schemas/{name}"})
unions = st.tuples(st.sampled_from(["oneOf", "anyOf"]), st.permutations(SCHEMAS)).map(
    lambda drawn: {drawn[0]: [{"$ref": f"#/components/schemas/{name}"} for name in drawn[1][:2]]}
)


def objects(values: st.SearchStrategy[Tree], names: tuple[str, ...] = NAMES) -> st.SearchStrategy[Tree]:
    return st.tuples(
        st.dictionaries(st.sampled_from(names), values, min_size=1), st.lists(st.sampled_from(names), unique=True)
    ).map(
        lambda drawn: {
            "type": "object",
            "properties": drawn[0],
            "required": [name for name in drawn[1] if name in drawn[0]],
        }
    )


def schemas(*choices: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    return st.recursive(
        scalars | references,
        lambda below: st.one_of(
            objects(below),
            below.map(lambda item: {"type": "array", "items": item}),
            st.tuples(references, objects(below, MORE_NAMES)).map(lambda parts: {"allOf": list(parts)}),
            *choices,
        ),
        max_leaves=4,
    )


def sample() -> Tree:
    """An object that every known change can be made to."""
    return {
        "type": "object",
        "required": ["kept", "kind"],
        "properties": {
            "kept": {"type": "string", "minLength": 1, "maxLength": 20},
            "left": {"type": "integer", "minimum": 1, "maximum": 100},
            "kind": {"type": "string", "enum": ["a", "b", "c"]},
            "either": {"oneOf": [{"$ref": "#/components/schemas/Pet"}, {"$ref": "#/components/schemas/Owner"}]},
        },
    }


@st.composite
def contracts(draw: st.DrawFn) -> Tree:
    """A contract of two operations, whose schemas refer to each other in circles."""
    body, answer, *components = (draw(objects(schemas(unions))) for _ in range(6))
    for root in (body, answer):
        root["properties"]["sample"] = {"$ref": "#/components/schemas/Sample"}
    limit = {"name": "limit", "in": "query", "schema": draw(scalars)}
    operation = {
        "parameters": [limit],
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "responses": {
            "200": {"description": "", "content": {"application/json": {"schema": answer}}},
            "404": {"description": ""},
        },
    }
    return {
        "openapi": draw(st.sampled_from(["3.0.3", "3.1.0", "3.2.0"])),
        "info": {"title": "clinic", "version": "1.0.0"},
        "paths": {"/pets/{id}": {"post": operation, "get": {"responses": {"204": {"description": ""}}}}},
        "components": {"schemas": {**dict(zip(SCHEMAS, components, strict=True)), "Sample": sample()}},
    }


def within(contract: Tree, root: Tree) -> list[Tree]:
    """Every schema that a value of a schema may have to satisfy."""
    found = [resolved(contract, root)]
    for schema in found:
        below = [resolved(contract, each) for each in children(schema)]
        found += [each for each in below if not any(each is known for known in found)]
    return found


def children(schema: Tree) -> list[Tree]:
    found = list(schema.get("properties", {}).values())
    found += [schema["items"]] if "items" in schema else []
    return found + [each for keyword in ("allOf", "oneOf", "anyOf") for each in schema.get(keyword, ())]


def resolved(contract: Tree, schema: Tree) -> Tree:
    while "$ref" in schema:
        schema = contract["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def break_somewhere(data: st.DataObject, contract: Tree, root: Tree, breaking: "Break") -> None:
    """Change one of the schemas below a root, of those that the change can be made to."""
    able = [at for at, each in enumerate(within(contract, root)) if breaking(copy.deepcopy(each))]
    assert breaking(within(contract, root)[data.draw(st.sampled_from(able), label="schema")])


Break = Callable[[Tree], bool]
"""Changes a schema in place so that it breaks; says whether it could."""


def require_a_new_property(schema: Tree) -> bool:
    if schema.get("type") != "object":
        return False
    schema["properties"]["brand_new"] = {"type": "string"}
    schema["required"] = [*schema["required"], "brand_new"]
    return True


def require_an_old_property(schema: Tree) -> bool:
    optional = [name for name in schema.get("properties", ()) if name not in schema["required"]]
    if optional:
        schema["required"] = [*schema["required"], optional[0]]
    return bool(optional)


def take_fewer_values(schema: Tree) -> bool:
    return "enum" in schema and bool(schema["enum"].pop())


def limit_more(schema: Tree) -> bool:
    for keyword, by in (("maxLength", -1), ("maximum", -1), ("minLength", 1), ("minimum", 1)):
        if keyword in schema:
            schema[keyword] += by
            return True
    return False


def limit_less(schema: Tree) -> bool:
    for keyword, by in (("maxLength", 1), ("maximum", 1), ("minLength", -1), ("minimum", -1)):
        if keyword in schema:
            schema[keyword] += by
            return True
    return False


def change_the_type(schema: Tree) -> bool:
    if schema.get("type") not in ("string", "boolean"):
        return False
    kept = "boolean" if schema["type"] == "string" else "string"
    schema.clear()
    schema["type"] = kept
    return True


def close(schema: Tree) -> bool:
    schema["additionalProperties"] = False
    return schema.get("type") == "object"


def drop_a_required_property(schema: Tree) -> bool:
    if not schema.get("required"):
        return False
    del schema["properties"][schema["required"].pop()]
    return True


def stop_requiring(schema: Tree) -> bool:
    return bool(schema.get("required")) and bool(schema["required"].pop())


def drop_an_alternative(schema: Tree) -> bool:
    for keyword in ("oneOf", "anyOf"):
        if keyword in schema:
            schema[keyword].pop()
            return True
    return False


def another_alternative(schema: Tree) -> bool:
    if "oneOf" in schema:
        schema["oneOf"].append({"type": "object", "title": "Stranger", "properties": {"stranger": {"type": "string"}}})
    return "oneOf" in schema


IN_REQUESTS: tuple[Break, ...] = (
    require_a_new_property,
    require_an_old_property,
    take_fewer_values,
    limit_more,
    change_the_type,
    close,
    drop_an_alternative,
)
IN_RESPONSES: tuple[Break, ...] = (
    drop_a_required_property,
    stop_requiring,
    limit_less,
    change_the_type,
    another_alternative,
)


def body_of(contract: Tree) -> Tree:
    schema: Tree = contract["paths"]["/pets/{id}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return schema


def answer_of(contract: Tree) -> Tree:
    schema: Tree = contract["paths"]["/pets/{id}"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    return schema


@pytest.mark.requirement("CON-03")
@pytest.mark.parametrize("breaking", IN_REQUESTS, ids=lambda each: each.__name__)
@settings(max_examples=25)
@given(data=st.data(), base=contracts())
def test_no_break_of_a_request_goes_unseen(breaking: Break, data: st.DataObject, base: Tree) -> None:
    revision = copy.deepcopy(base)
    break_somewhere(data, revision, body_of(revision), breaking)
    assert breaks(base, revision)


@pytest.mark.requirement("CON-03")
@pytest.mark.parametrize("breaking", IN_RESPONSES, ids=lambda each: each.__name__)
@settings(max_examples=25)
@given(data=st.data(), base=contracts())
def test_no_break_of_a_response_goes_unseen(breaking: Break, data: st.DataObject, base: Tree) -> None:
    revision = copy.deepcopy(base)
    break_somewhere(data, revision, answer_of(revision), breaking)
    assert breaks(base, revision)


def remove_the_operation(contract: Tree) -> None:
    del contract["paths"]["/pets/{id}"]["get"]


def remove_the_path(contract: Tree) -> None:
    contract["paths"] = {}


def require_a_parameter(contract: Tree) -> None:
    contract["paths"]["/pets/{id}"]["get"]["parameters"] = [
        {"name": "tenant", "in": "header", "required": True, "schema": {"type": "string"}}
    ]


def require_one_for_the_path(contract: Tree) -> None:
    contract["paths"]["/pets/{id}"]["parameters"] = [
        {"name": "tenant", "in": "query", "required": True, "schema": {"type": "string"}}
    ]


def require_the_body(contract: Tree) -> None:
    contract["paths"]["/pets/{id}"]["post"]["requestBody"]["required"] = True


def remove_the_answer(contract: Tree) -> None:
    del contract["paths"]["/pets/{id}"]["post"]["responses"]["200"]


def answer_in_another_type(contract: Tree) -> None:
    content = contract["paths"]["/pets/{id}"]["post"]["responses"]["200"]["content"]
    content["application/xml"] = content.pop("application/json")


def take_another_type(contract: Tree) -> None:
    content = contract["paths"]["/pets/{id}"]["post"]["requestBody"]["content"]
    content["application/xml"] = content.pop("application/json")


def ask_for_a_token(contract: Tree) -> None:
    contract["security"] = [{"token": []}]
    contract["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}


def ask_for_a_token_of_one(contract: Tree) -> None:
    contract["paths"]["/pets/{id}"]["get"]["security"] = [{"token": ["read"]}]


OF_OPERATIONS = (
    remove_the_operation,
    remove_the_path,
    require_a_parameter,
    require_one_for_the_path,
    require_the_body,
    remove_the_answer,
    answer_in_another_type,
    take_another_type,
    ask_for_a_token,
    ask_for_a_token_of_one,
)


@pytest.mark.requirement("CON-03")
@pytest.mark.parametrize("breaking", OF_OPERATIONS, ids=lambda each: each.__name__)
@settings(max_examples=10)
@given(base=contracts())
def test_no_break_of_an_operation_goes_unseen(breaking: Callable[[Tree], None], base: Tree) -> None:
    revision = copy.deepcopy(base)
    breaking(revision)
    assert breaks(base, revision)


@given(contracts())
def test_nothing_changed_is_no_change(contract: Tree) -> None:
    assert differences(contract, copy.deepcopy(contract)) == ()


@settings(max_examples=25)
@given(contracts(), contracts())
def test_the_order_of_keys_has_no_part_in_it(base: Tree, revision: Tree) -> None:
    assert ids(base, revision) == ids(turned(base), turned(revision))


@settings(max_examples=25)
@given(contracts(), contracts())
def test_any_two_contracts_are_compared(base: Tree, revision: Tree) -> None:
    assert all(each.text and each.place is not None for each in differences(base, revision))


GARBAGE = st.sampled_from(
    [None, True, 7, -1.5, "x", "", [], [1], ["x", {}], {}, {"x": "y"}, {"$ref": 5}, {"$ref": "#/x"}]
)


@settings(max_examples=150)
@given(st.data(), contracts(), GARBAGE)
def test_what_is_not_as_openapi_has_it_is_compared_or_refused(data: st.DataObject, base: Tree, garbage: Any) -> None:
    revision = copy.deepcopy(base)
    holders = [each for each in everything(revision) if each]
    holder = data.draw(st.sampled_from(range(len(holders))), label="where")
    holders[holder][data.draw(st.sampled_from(keys(holders[holder])), label="key")] = garbage
    for one, other in ((base, revision), (revision, base)):
        with contextlib.suppress(UnreadableProblem):
            differences(one, other)


def everything(tree: Any) -> list[Any]:
    """Every mapping and list in a tree, itself included."""
    below = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return [
        *([tree] if isinstance(tree, dict | list) else []),
        *(found for each in below for found in everything(each)),
    ]


def keys(tree: Any) -> list[Any]:
    return list(tree) if isinstance(tree, dict) else list(range(len(tree)))


@given(objects(schemas()), objects(scalars), st.sampled_from(["3.0.3", "3.1.0"]))
def test_references_and_what_they_stand_for_are_the_same(body: Tree, component: Tree, version: str) -> None:
    contract = {
        "openapi": version,
        "info": {"title": "clinic", "version": "1.0.0"},
        "paths": {"/pets": {"post": {"requestBody": {"content": {"application/json": {"schema": body}}}}}},
        "components": {"schemas": dict.fromkeys(SCHEMAS, component)},
    }
    plain = {**contract, "paths": inlined(contract, contract["paths"])}
    assert differences(contract, plain) == ()
    assert differences(plain, contract) == ()


def turned(tree: Any) -> Any:
    """The same with the keys of every mapping the other way round."""
    if isinstance(tree, dict):
        return {key: turned(value) for key, value in reversed(tree.items())}
    return [turned(each) for each in tree] if isinstance(tree, list) else tree


def inlined(contract: Tree, tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: inlined(contract, value) for key, value in resolved(contract, tree).items()}
    return [inlined(contract, each) for each in tree] if isinstance(tree, list) else tree
