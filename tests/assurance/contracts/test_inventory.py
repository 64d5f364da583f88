"""What a contract holds, and where it is not what OpenAPI says a document is."""

import copy
import itertools

import pytest

from hardpoint.assurance.contracts.inventory import Inventory
from hardpoint.assurance.contracts.operations import read_contract
from hardpoint.assurance.contracts.specimen import FILE, SPECIMEN
from hardpoint.assurance.contracts.verbs.lint import rules_named
from hardpoint.kernel import encoding, yaml
from hardpoint.kernel.workspace import Workspace

TREE = yaml.load(SPECIMEN.encode(), FILE).data
VERSIONS = ("3.0.3", "3.1.0", "3.2.0")
JUNK = (
    *(None, [], {}, "x", 1, True, 1.5, -1, "{", [1], ["x"], [[]], [{}], {"a": 1}, {"x": {}}),
    *({"$ref": "#/nowhere"}, {"$ref": "#"}, {"$ref": 5}, {"$ref": "https://shop.example/x"}),
)


def inventory(tree, file="openapi.json"):
    return Inventory(read_contract(file, encoding.encode_as_is(tree)))


def faults(tree):
    return [(each.node.pointer, each.text) for each in inventory(tree).found.faults]


def paths(value, path=()):
    yield path
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in below:
        yield from paths(each, (*path, key))


def put(path, value, version="3.1.0"):
    """The specimen with another value at a path."""
    tree = copy.deepcopy(TREE)
    tree["openapi"] = version
    at = tree
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return tree


def test_the_specimen_is_in_good_form_in_every_version():
    for version in VERSIONS:
        assert faults({**TREE, "openapi": version}) == []


@pytest.mark.requirement("CON-02")
@pytest.mark.parametrize(
    ("path", "value", "pointer", "text"),
    [
        (("info",), {"title": "x"}, "/info", "info has no 'version'"),
        (("info", "license"), [], "/info/license", "is no license: a mapping stands here"),
        (("info", "title"), 7, "/info/title", "'title' is not text"),
        (("paths",), {"orders": {}}, "/paths/orders", "the path 'orders' does not begin with /"),
        (
            ("paths", "/orders", "get", "responses"),
            {},
            "/paths/~1orders/get/responses",
            "there is no response: at least",
        ),
        (
            ("paths", "/orders", "get", "responses", "2000"),
            {"description": ""},
            "/paths/~1orders/get/responses/2000",
            "'2000' is no status",
        ),
        (
            ("paths", "/orders/{id}", "parameters", 0, "required"),
            False,
            "/paths/~1orders~1{id}/parameters/0/name",
            "the parameter 'id' of the path is not `required: true`",
        ),
        (
            ("paths", "/orders", "get", "parameters", 0, "in"),
            "body",
            "/paths/~1orders/get/parameters/0/in",
            "a parameter is in cookie, header, path, query, and not in 'body'",
        ),
        (
            ("components", "schemas", "Order", "type"),
            "objekt",
            "/components/schemas/Order/type",
            "'objekt' is no type (did you mean 'object'?)",
        ),
        (("components", "schemas", "a b"), {}, "/components/schemas", "the component 'a b' is named with other signs"),
        (
            ("components", "securitySchemes", "token"),
            {"type": "apiKey", "in": "header"},
            "/components/securitySchemes/token",
            "security scheme of type apiKey has no 'name'",
        ),
        (("components", "schemas", "Order", "required"), "id", "/components/schemas/Order/required", "is no list"),
        (("components", "schemas", "Order", "minLength"), "1", "/components/schemas/Order/minLength", "a whole number"),
    ],
)
def test_what_is_malformed_is_told_at_its_place(path, value, pointer, text):
    found = faults(put(path, value))
    assert any(at == pointer and text in said for at, said in found), found


def test_what_a_later_version_brought_is_unknown_to_an_earlier_one():
    tree = put(("webhooks",), {}, "3.0.3")
    (fault,) = inventory(tree).found.faults
    assert (fault.known, fault.text) == (False, "'webhooks' is a field of OpenAPI 3.1")
    assert faults(put(("webhooks",), {})) == []


def test_what_3_0_and_3_1_write_otherwise_is_told_apart():
    schema = ("components", "schemas", "Order")
    assert faults(put(schema, {"type": ["object", "null"]})) == []
    assert "one name in OpenAPI 3.0" in faults(put(schema, {"type": ["object", "null"]}, "3.0.3"))[0][1]
    assert faults(put(schema, {"type": "integer", "minimum": 1, "exclusiveMinimum": True}, "3.0.3")) == []
    assert "is not a number" in faults(put(schema, {"exclusiveMinimum": True}))[0][1]
    assert faults(put(schema, {"anything": 1})) == []  # JSON Schema lets anybody add keywords


def test_another_file_is_looked_at_where_a_reference_leads_there():
    beside = {"responses.yaml": b"Gone:\n  description: x\n  content: {application/json: {schema: {type: strin}}}\n"}
    tree = put(("paths", "/orders", "get", "responses", "410"), {"$ref": "responses.yaml#/Gone"})
    found = Inventory(read_contract("openapi.json", encoding.encode(tree), beside.__getitem__)).found
    (fault,) = found.faults
    assert (fault.node.source.file, fault.node.place.line) == ("responses.yaml", 3)
    assert "did you mean 'string'?" in fault.text


def test_what_stands_beside_a_reference_counts_from_3_1_on():
    schema = {"$ref": "#/components/schemas/Problem", "type": "objekt"}
    assert faults(put(("components", "schemas", "Order"), schema, "3.0.3")) == []
    assert len(faults(put(("components", "schemas", "Order"), schema))) == 1


def test_a_reference_back_to_the_first_file_is_walked_once():
    beside = {"more.yaml": b"Gone: {allOf: [{$ref: 'openapi.json#/components/schemas/Order'}]}\n"}
    tree = put(("components", "schemas", "Problem"), {"$ref": "more.yaml#/Gone"})
    tree["components"]["schemas"]["Order"] = {"type": "objekt"}
    found = Inventory(read_contract("openapi.json", encoding.encode(tree), beside.__getitem__)).found
    assert len(found.faults) == 1


def test_circles_and_depth_come_to_an_end():
    circle = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Order"}}}
    assert faults(put(("components", "schemas", "Order"), circle)) == []
    deep = {"type": "string"}
    for _ in range(400):
        deep = {"type": "array", "items": deep}
    assert faults(put(("components", "schemas", "Order"), deep)) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_no_rule_stumbles_over_what_is_malformed(version):
    rules, workspace = rules_named(()), Workspace.of({})
    told = 0
    for path, junk in itertools.product(list(paths(TREE))[1:], JUNK):
        if path[0] == "openapi" or (
            len(path) == 1 and path[0] in {"info", "paths", "components", "servers", "security"}
        ):
            continue  # refused when it is read
        found = inventory(put(path, junk, version))
        told += sum(1 for rule in rules for finding in rule.judge(found, workspace) if finding.place.line)
    assert told
