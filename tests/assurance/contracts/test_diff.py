"""What changes in a contract: each kind of change by its id and level, on the smallest pair that shows it."""

import json
from datetime import date
from typing import Any

import pytest

from hardpoint.assurance.contracts.change import Change
from hardpoint.assurance.contracts.diff import compare_contracts
from hardpoint.assurance.contracts.lifecycle import Calendar
from hardpoint.assurance.contracts.operations import read_contract

TODAY = date(2026, 1, 1)


def contract(operation: dict[str, Any] | None = None, *, version: str = "3.1.0", **rest: Any) -> dict[str, Any]:
    return {
        "openapi": version,
        "info": {"title": "x", "version": "1"},
        "paths": {"/pets": {"post": operation}} if operation else {},
        **rest,
    }


def changes(base: Any, revision: Any, **days: int) -> tuple[Change, ...]:
    sides = [read_contract(f"{name}.json", json.dumps(each).encode()) for name, each in (("a", base), ("b", revision))]
    return compare_contracts(*sides, Calendar(TODAY, **days))


def told(base: Any, revision: Any, **days: int) -> list[str]:
    return [f"{each.id} {each.level.value}" for each in changes(base, revision, **days)]


def taking(schema: Any, media: str = "application/json") -> dict[str, Any]:
    return contract({"requestBody": {"content": {media: {"schema": schema}}}})


def giving(schema: Any, media: str = "application/json") -> dict[str, Any]:
    return contract({"responses": {"200": {"content": {media: {"schema": schema}}}}})


def having(name: str, schema: Any, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {name: schema}, **more}


NULLABLE = {"oneOf": [{"type": "null"}, {"type": "string"}]}
A = {"type": "object", "title": "A", "properties": {"a": {"type": "string"}}}
B = {"type": "object", "title": "B", "properties": {"b": {"type": "string"}}}
C = {"type": "object", "properties": {"c": {"type": "string"}}}
STRING, INTEGER = {"type": "string"}, {"type": "integer"}
KIND_A, KIND_B = (
    {"type": "object", "required": ["kind"], "properties": {"kind": {"const": each}}} for each in ("a", "b")
)
LESS_IN_IT = "min-contains-decreased error"


@pytest.mark.requirement("CON-03")
@pytest.mark.parametrize(
    ("was", "now", "in_request", "in_response"),
    [
        (STRING, INTEGER, "type-changed error", "type-changed error"),
        (INTEGER, {"type": "number"}, "type-generalized info", "type-generalized error"),
        ({"type": "number"}, INTEGER, "type-changed error", "type-specialized info"),
        (INTEGER, {"type": "integer", "format": "int64"}, None, None),
        ({"type": "integer", "format": "int32"}, INTEGER, "type-generalized info", "type-changed error"),
        (STRING, {"type": ["string", "null"]}, "became-nullable info", "became-nullable error"),
        ({"type": ["string", "null"]}, NULLABLE, None, None),
        (STRING, NULLABLE, "became-nullable info", "became-nullable error"),
        (STRING, {"type": "string", "maxLength": 5}, "max-length-set warning", None),
        ({"type": "string", "maxLength": 5}, STRING, None, "max-length-unset error"),
        ({"maximum": 5}, {"exclusiveMaximum": 5}, "exclusive-max-decreased error", None),
        ({"minimum": 5}, {"exclusiveMinimum": 5}, "exclusive-min-increased error", None),
        ({"minimum": 5, "exclusiveMinimum": True}, {"exclusiveMinimum": 5}, None, None),
        ({"multipleOf": 2}, {"multipleOf": 4}, "multiple-of-changed error", None),
        ({"multipleOf": 4}, {"multipleOf": 2}, None, "multiple-of-changed error"),
        ({"enum": ["a"]}, {"enum": ["a", "b"]}, "enum-value-added info", "enum-value-added warning"),
        ({"const": "a"}, {"enum": ["a"]}, None, None),
        ({"oneOf": [A, B]}, {"oneOf": [B, A]}, None, None),
        ({"oneOf": [A]}, {"oneOf": [A, B]}, "one-of-added info", "one-of-added error"),
        (
            {"oneOf": [{"type": "null"}, C]},
            {"oneOf": [{"type": "null"}, C, B]},
            "one-of-added info",
            "one-of-added error",
        ),
        (C, {"oneOf": [{"type": "null"}, C]}, "became-nullable info", "became-nullable error"),
        ({"anyOf": [C, B]}, {"anyOf": [C]}, "any-of-removed error", "any-of-removed info"),
        ({"enum": ["a"]}, {"const": "b"}, "enum-value-removed error", "enum-value-added warning"),
        (STRING, {"enum": ["a"]}, "became-enum error", None),
        (A, {"oneOf": [A, B]}, "one-of-added info", "one-of-added error"),
        ({**STRING, "description": "d"}, {"oneOf": [STRING, C]}, "one-of-added info", "one-of-added error"),
        (
            {**STRING, "maxLength": 5},
            {"anyOf": [C, {**STRING, "maxLength": 9}]},
            "any-of-added info",
            "max-length-increased error",
        ),
        ({"anyOf": [A, B]}, A, "any-of-removed error", "any-of-removed info"),
        ({"oneOf": [A, B]}, STRING, "unwrapped error", "unwrapped error"),
        ({"allOf": [A, B]}, {**A, "properties": {**A["properties"], **B["properties"]}}, None, None),
        ({"not": INTEGER}, {"not": STRING}, "not-changed error", "not-changed error"),
        ({"uniqueItems": False}, {"uniqueItems": True}, "unique-items-added error", None),
        ({"const": 1}, {"const": True}, "const-changed error", "const-changed error"),
        ({"const": 1}, {"const": 1.0}, None, None),
        ({"enum": [0]}, {"enum": [False]}, "enum-value-removed error", "type-changed error"),
        (
            {"type": ["string", "null"], "enum": ["a", None]},
            {"type": ["string", "null"], "enum": ["a"]},
            "enum-value-removed error",
            "enum-value-removed info",
        ),
        ({"contains": STRING}, {"contains": STRING, "minContains": 1}, None, None),
        ({"contains": STRING}, {"contains": STRING, "minContains": 0}, "min-contains-decreased info", LESS_IN_IT),
        ({"anyOf": [A, B]}, {"oneOf": [A, B]}, "any-of-became-one-of error", "any-of-became-one-of info"),
        ({"oneOf": [A, B]}, {"anyOf": [A, B]}, "one-of-became-any-of info", "one-of-became-any-of warning"),
        ({"anyOf": [KIND_A, KIND_B]}, {"oneOf": [KIND_A, KIND_B]}, None, None),
        (
            {"prefixItems": [STRING]},
            {"prefixItems": [STRING, INTEGER]},
            "type-changed error",
            "prefix-items-added error",
        ),
        (
            {"x-stability-level": "beta"},
            {"x-stability-level": "alpha"},
            "stability-decreased error",
            "stability-decreased error",
        ),
        ({}, {"x-stability-level": "stable"}, None, None),
        ({"xml": {"name": "a"}}, {"xml": {"name": "b"}}, None, None),
        (True, {}, None, None),
        ({}, False, "type-changed error", "type-changed error"),
    ],
)
def test_a_property_changes(was: Any, now: Any, in_request: str | None, in_response: str | None) -> None:
    for wrap, prefix, expected in ((taking, "request", in_request), (giving, "response", in_response)):
        found = told(wrap(having("p", was)), wrap(having("p", now)))
        assert found[:1] == ([f"{prefix}-property-{expected}"] if expected else [])


@pytest.mark.requirement("CON-03")
@pytest.mark.parametrize(
    ("was", "now", "in_request", "in_response"),
    [
        ({"p"}, set(), ["request-property-became-optional info"], ["response-property-became-optional error"]),
        (set(), {"p"}, ["request-property-became-required error"], ["response-property-became-required info"]),
    ],
)
def test_requiredness_changes(was: set[str], now: set[str], in_request: list[str], in_response: list[str]) -> None:
    for wrap, expected in ((taking, in_request), (giving, in_response)):
        assert told(*(wrap(having("p", STRING, required=sorted(each))) for each in (was, now))) == expected


def test_a_removed_property_breaks_only_who_is_refused_for_sending_it() -> None:
    was, now = having("p", STRING), {"type": "object"}
    assert told(taking(was), taking(now)) == ["request-property-removed warning"]
    closed = {"type": "object", "additionalProperties": False}
    assert "request-property-removed error" in told(taking(was), taking(closed))
    typed = {"type": "object", "additionalProperties": INTEGER}
    assert "request-property-type-changed error" in told(taking(was), taking(typed))


def test_a_union_that_asks_for_what_was_required_narrows_nothing() -> None:
    was = having("p", STRING, required=["p"])
    assert told(taking(was), taking({**was, "anyOf": [{"required": ["p"]}, {"required": ["q"]}]})) == []
    found = told(taking(was), taking({**was, "oneOf": [{"required": ["p"]}, {"required": ["q"]}]}))
    assert found == ["request-body-wrapped-in-one-of error"]


def test_what_a_direction_does_not_carry_breaks_nobody() -> None:
    was, now = ({"type": "string", "maxLength": each, "readOnly": True} for each in (5, 3))
    found = told(taking(having("p", was)), taking(having("p", now)))
    assert found == ["request-read-only-property-max-length-decreased info"]
    was, now = ({"type": each, "writeOnly": True} for each in ("string", "integer"))
    assert told(giving(having("p", was)), giving(having("p", now))) == ["response-property-type-changed info"]


def test_circles_are_judged_once_and_what_is_in_them_is_found() -> None:
    def with_tree(required: list[str], kind: str) -> Any:
        node = {
            "type": "object",
            "required": required,
            "properties": {"value": {"type": kind}, "left": {"$ref": "#/components/schemas/T"}},
        }
        schemas = {"T": {"allOf": [{"$ref": "#/components/schemas/U"}]}, "U": node}
        return {**giving({"$ref": "#/components/schemas/T"}), "components": {"schemas": schemas}}

    assert told(with_tree(["value"], "string"), with_tree(["value"], "string")) == []
    found = told(with_tree(["value"], "string"), with_tree([], "integer"))
    assert found == ["response-property-became-optional error", "response-property-type-changed error"]


def test_a_schema_that_refers_to_itself_alone_is_no_crash() -> None:
    def with_loop(more: Any) -> Any:
        schemas = {"T": {"allOf": [{"$ref": "#/components/schemas/T"}], **more}}
        return {**taking({"$ref": "#/components/schemas/T"}), "components": {"schemas": schemas}}

    assert told(with_loop({}), with_loop({"type": "string"})) == ["request-body-type-changed error"]


def test_deep_schemas_are_compared_to_the_bottom() -> None:
    def nested(kind: str) -> Any:
        schema: Any = {"type": kind}
        for _ in range(150):
            schema = having("p", schema)
        return giving(schema)

    assert told(nested("string"), nested("integer")) == ["response-property-type-changed error"]


def test_a_schema_of_many_operations_is_told_of_some_and_counted_for_all() -> None:
    def api(kind: str) -> Any:
        answer = {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S"}}}}}
        paths = {f"/p{at:03}": {"get": {"responses": answer}} for at in range(100)}
        return {**contract(), "paths": paths, "components": {"schemas": {"S": {"type": kind}}}}

    found = changes(api("string"), api("integer"))
    assert [each.path for each in found] == [f"/p{at:03}" for at in range(20)]
    assert {each.uses for each in found} == {100}


def test_uses_are_counted_through_what_lies_between() -> None:
    def api(kind: str) -> Any:
        def of(name: str) -> dict[str, str]:
            return {"$ref": f"#/components/schemas/{name}"}

        answer = {"200": {"content": {"application/json": {"schema": of("Outer")}}}}
        paths = {f"/p{at}": {"get": {"responses": answer}} for at in range(3)}
        schemas = {
            "Outer": having("m", of("Middle")),
            "Middle": having("i", of("Inner")),
            "Inner": having("v", {"type": kind}),
        }
        return {**contract(), "paths": paths, "components": {"schemas": schemas}}

    found = changes(api("string"), api("integer"))
    assert [(each.path, each.member, each.uses) for each in found] == [(f"/p{at}", "m/i/v", 3) for at in range(3)]


def parameter(**more: Any) -> dict[str, Any]:
    return contract({"parameters": [{"name": "q", "in": "query", "schema": STRING, **more}]})


@pytest.mark.requirement("CON-03")
@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ({}, {"required": True}, ["request-parameter-became-required error"]),
        ({"schema": INTEGER}, {}, ["request-parameter-type-generalized info"]),
        ({}, {"schema": INTEGER}, ["request-parameter-type-changed error"]),
        ({"style": "form"}, {}, []),
        ({}, {"style": "spaceDelimited"}, ["request-parameter-style-changed error"]),
        ({"explode": False}, {"explode": True}, []),
        (
            {"schema": {"type": "array"}},
            {"schema": {"type": "array"}, "explode": False},
            ["request-parameter-style-changed error"],
        ),
        ({"allowEmptyValue": True}, {}, ["request-parameter-empty-value-forbidden error"]),
        ({}, {"schema": {**STRING, "default": "x"}}, ["request-parameter-default-value-added error"]),
        (
            {"required": True},
            {"required": True, "schema": {**STRING, "default": "x"}},
            ["request-parameter-default-value-added info"],
        ),
        ({}, {"in": "header"}, ["request-parameter-removed warning", "new-optional-request-parameter info"]),
    ],
)
def test_a_parameter_changes(was: Any, now: Any, expected: list[str]) -> None:
    assert told(parameter(**was), parameter(**now)) == expected


def test_parameters_of_a_path_are_those_of_its_operations() -> None:
    def api(most: int, name: str) -> Any:
        shared = [{"name": name, "in": "path", "required": True, "schema": {"type": "integer", "maximum": most}}]
        return {**contract(), "paths": {f"/pets/{{{name}}}": {"parameters": shared, "get": {"responses": {}}}}}

    assert told(api(9, "id"), api(9, "petId")) == []
    assert told(api(9, "id"), api(5, "petId")) == ["request-parameter-max-decreased error"]


def test_media_types_may_be_covered_by_a_range() -> None:
    found = told(taking(STRING), taking(INTEGER, "application/*"))
    assert found == ["request-body-type-changed error", "request-body-media-type-added info"]
    found = told(giving(STRING), giving(STRING, "*/*"))
    assert found == ["response-media-type-name-generalized error", "response-media-type-added info"]
    assert told(giving(STRING, "*/*"), giving(STRING)) == []
    assert told(taking(STRING), taking(STRING, "application/json; charset=utf-8")) == []
    found = told(taking(STRING), taking(STRING, "text/plain"))
    assert found == ["request-body-media-type-removed error", "request-body-media-type-added info"]


@pytest.mark.requirement("CON-03")
@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ([{"a": []}], [{"a": []}], []),
        ([], [{"a": []}], ["api-security-added error"]),
        ([{"a": []}], [], ["api-security-dropped info"]),
        ([{"a": []}], [{"a": []}, {"b": []}], ["api-security-alternative-added info"]),
        ([{"a": []}, {"b": []}], [{"a": []}], ["api-security-removed error"]),
        ([{"a": []}], [{"a": [], "b": []}], ["api-security-added error"]),
        ([{"a": ["r"]}], [{"a": ["r", "w"]}], ["api-security-scope-added error"]),
        ([{"a": ["r", "w"]}], [{"a": ["r"]}], ["api-security-scope-removed info"]),
    ],
)
def test_who_was_let_in_is_let_in_still(was: Any, now: Any, expected: list[str]) -> None:
    assert told(contract({"security": was}), contract({"security": now})) == expected
    everywhere = [each.replace("api-security", "api-global-security") for each in expected]
    assert told(contract({"responses": {}}, security=was), contract({"responses": {}}, security=now)) == everywhere


@pytest.mark.requirement("CON-08")
@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ({}, None, ["api-path-removed-without-deprecation error"]),
        ({"deprecated": True}, None, ["api-path-removed-with-deprecation info"]),
        ({"deprecated": True, "x-sunset": "2025-12-31"}, None, ["api-path-removed-with-deprecation info"]),
        ({"deprecated": True, "x-sunset": "2026-02-01"}, None, ["api-path-removed-before-sunset error"]),
        ({"deprecated": True, "x-sunset": "soon"}, None, ["api-path-sunset-parse error"]),
        ({"x-stability-level": "alpha"}, None, []),
        ({}, {"deprecated": True}, ["api-deprecated-sunset-missing error"]),
        ({}, {"deprecated": True, "x-sunset": "2026-01-11"}, ["endpoint-deprecated-with-sunset info"]),
        ({}, {"deprecated": True, "x-sunset": "2026-01-10"}, ["api-sunset-date-too-small error"]),
        ({"deprecated": True, "x-sunset": "2026-09-01"}, {"deprecated": True}, ["sunset-deleted error"]),
        ({"x-stability-level": "beta"}, {"x-stability-level": "alpha"}, ["api-stability-decreased error"]),
        ({"x-stability-level": "beta"}, {"x-stability-level": "stabel"}, ["api-invalid-stability-level error"]),
    ],
)
def test_an_operation_ends(was: Any, now: Any, expected: list[str]) -> None:
    operations = [contract({"responses": {}, **each}) if each is not None else contract() for each in (was, now)]
    assert told(*operations, min_stable_days=10) == expected


def test_webhooks_and_callbacks_go_the_other_way() -> None:
    def hook(required: list[str]) -> Any:
        body = {"content": {"application/json": {"schema": having("p", STRING, required=required)}}}
        called = {"{$request.body#/url}": {"post": {"requestBody": body}}}
        return contract(
            {"callbacks": {"done": called}}, webhooks={"created": {"post": {"requestBody": body, "responses": {}}}}
        )

    assert told(hook(["p"]), hook([])) == ["response-property-became-optional error"] * 2
    assert told(hook([]), hook(["p"])) == ["response-property-became-required info"] * 2
    assert told(hook([]), contract({"responses": {}})) == ["callback-removed error", "webhook-removed error"]


def test_text_knows_no_numbers_and_json_does() -> None:
    assert told(taking(having("p", INTEGER)), taking(having("p", STRING))) == ["request-property-type-changed error"]
    form = "application/x-www-form-urlencoded"
    found = told(taking(having("p", INTEGER), form), taking(having("p", STRING), form))
    assert found == ["request-property-type-generalized info"]


def test_both_sides_have_their_place() -> None:
    (found,) = changes(giving(having("p", STRING)), giving(having("p", INTEGER)))
    assert found.pointer == "/paths/~1pets/post/responses/200/content/application~1json/schema/properties/p/type"
    assert str(found.place).startswith("b.json:1:")
    assert found.base is not None
    assert str(found.base.place).startswith("a.json:1:")
    assert (found.method, found.path, found.member, found.direction) == ("POST", "/pets", "p", "response")


PAYLOAD = {"content": {"application/json": {"schema": having("p", STRING)}}}
OTHER = {"content": {"application/json": {"schema": having("p", INTEGER)}}}
XML = {"application/xml": {"schema": having("p", STRING)}}
SENT = {"name": "X-Id", "in": "header", "required": True, "schema": STRING}


@pytest.mark.requirement("CON-03")
@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ({"requestBody": PAYLOAD}, {}, ["sent-body-removed error"]),
        (
            {"requestBody": {**PAYLOAD, "required": True}},
            {"requestBody": PAYLOAD},
            ["sent-body-became-optional error"],
        ),
        (
            {"requestBody": PAYLOAD},
            {"requestBody": {"content": {**PAYLOAD["content"], **XML}}},
            ["response-media-type-added warning"],
        ),
        ({"parameters": [SENT]}, {}, ["sent-parameter-removed error"]),
        (
            {"parameters": [SENT]},
            {"parameters": [{**SENT, "required": False}]},
            ["sent-parameter-became-optional error"],
        ),
        (
            {"parameters": [{**SENT, "schema": INTEGER}]},
            {"parameters": [SENT]},
            ["sent-parameter-type-changed error"],
        ),
        ({"responses": {"200": {}, "202": {}}}, {"responses": {"200": {}}}, ["answer-status-removed error"]),
        ({"responses": {"2XX": PAYLOAD}}, {"responses": {"200": OTHER}}, ["answer-status-removed error"]),
        ({"responses": {"200": PAYLOAD}}, {"responses": {"2XX": OTHER}}, ["request-property-type-changed error"]),
        ({"x-stability-level": "alpha", "requestBody": PAYLOAD}, {}, []),
        ({}, None, ["webhook-removed error"]),
        ({"deprecated": True}, None, ["webhook-removed info"]),
        ({"deprecated": True, "x-sunset": "2030-01-01"}, None, ["webhook-removed error"]),
        ({"x-stability-level": "alpha"}, None, []),
    ],
)
def test_what_a_webhook_sends_and_takes_changes(was: Any, now: Any, expected: list[str]) -> None:
    def hook(called: Any) -> Any:
        return contract(webhooks={"w": {"post": {"responses": {}, **called}}} if called is not None else {})

    assert told(hook(was), hook(now)) == expected


@pytest.mark.requirement("CON-03")
@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ({"2XX": PAYLOAD}, {"200": PAYLOAD}, ["success-status-added info", "success-status-removed info"]),
        (
            {"2XX": PAYLOAD},
            {"200": OTHER},
            ["property-type-changed error", "success-status-added info", "success-status-removed info"],
        ),
        ({"4XX": PAYLOAD}, {"4XX": PAYLOAD, "404": {}}, ["media-type-removed error", "non-success-status-added info"]),
        (
            {"default": PAYLOAD},
            {"default": PAYLOAD, "404": OTHER},
            ["property-type-changed error", "non-success-status-added info"],
        ),
        ({"default": PAYLOAD}, {"default": PAYLOAD, "404": {}}, ["non-success-status-added info"]),
        ({"default": PAYLOAD}, {"default": PAYLOAD, "200": OTHER}, ["success-status-added info"]),
        (
            {"404": PAYLOAD},
            {"default": OTHER},
            ["property-type-changed error", "non-success-status-removed info"],
        ),
    ],
)
def test_a_status_was_described_by_its_range_or_the_default(was: Any, now: Any, expected: list[str]) -> None:
    found = told(contract({"responses": was}), contract({"responses": now}))
    assert found == [f"response-{each}" for each in expected]


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ({"schema": having("a", STRING)}, {"schema": having("a", STRING), "explode": True}, ["style-changed error"]),
        ({"schema": STRING}, {"schema": STRING, "explode": True}, []),
        ({"content": PAYLOAD["content"]}, {"content": OTHER["content"]}, ["property-type-changed error"]),
        ({"content": PAYLOAD["content"]}, {"content": XML}, ["content-changed error"]),
    ],
)
def test_a_header_is_written_in_another_way(was: Any, now: Any, expected: list[str]) -> None:
    base, revision = (contract({"responses": {"200": {"headers": {"X-A": each}}}}) for each in (was, now))
    assert told(base, revision) == [f"response-header-{each}" for each in expected]


@pytest.mark.parametrize(("kind", "expected"), [("string", []), ("array", ["request-parameter-style-changed error"])])
def test_only_what_has_parts_is_exploded(kind: str, expected: list[str]) -> None:
    def api(*, explode: bool) -> Any:
        schema = {"$ref": "#/components/schemas/S"}
        return {**parameter(schema=schema, explode=explode), "components": {"schemas": {"S": {"type": kind}}}}

    assert told(api(explode=False), api(explode=True)) == expected


def test_parameters_of_media_types_tell_versions_apart() -> None:
    one, other = (f"application/json; version={each}" for each in (1, 2))
    for wrap, kind in ((taking, "request-body"), (giving, "response")):
        assert f"{kind}-media-type-removed error" in told(wrap(STRING, one), wrap(STRING, other))
        assert told(wrap(STRING), wrap(STRING, one)) == []
    both = contract({"requestBody": {"content": {one: {"schema": STRING}, other: {"schema": STRING}}}})
    changed = contract({"requestBody": {"content": {one: {"schema": INTEGER}, other: {"schema": STRING}}}})
    assert told(both, changed) == ["request-body-type-changed error"]


def test_paths_that_differ_in_their_variables_alone_are_told_apart() -> None:
    def api(*required: bool) -> Any:
        parameters = [[{"name": "q", "in": "query", "schema": STRING, "required": each}] for each in required]
        paths = {f"/p/{{{name}}}": {"get": {"parameters": each}} for name, each in zip("ab", parameters, strict=True)}
        return {**contract(), "paths": paths}

    for at in range(2):
        assert told(api(False, False), api(at == 0, at == 1)) == ["request-parameter-became-required error"]


def test_a_path_that_refers_elsewhere_has_its_own_operations_too() -> None:
    def api(**own: Any) -> Any:
        items = {"X": {"get": {"responses": {}}}}
        paths = {"/p": {"$ref": "#/components/pathItems/X", **own}}
        return {**contract(), "paths": paths, "components": {"pathItems": items}}

    assert told(api(post={"responses": {}}), api()) == ["api-removed-without-deprecation error"]


@pytest.mark.parametrize("where", ["root", "item", "operation"])
def test_servers_change_wherever_they_are_named(where: str) -> None:
    def api(*urls: str, **more: Any) -> Any:
        servers = {"servers": [{"url": each, **more} for each in urls]}
        operation = {"responses": {}, **(servers if where == "operation" else {})}
        item = {"post": operation, **(servers if where == "item" else {})}
        return {**contract(), "paths": {"/p": item}, **(servers if where == "root" else {})}

    assert told(api("https://a"), api("https://b")) == ["server-removed warning", "server-added info"]
    variables = [{"variables": {"h": {"default": "x", "enum": each}}} for each in (["x", "y"], ["x"])]
    assert told(api("{h}", **variables[0]), api("{h}", **variables[1])) == ["server-variable-changed warning"]
    assert told(api("{h}", **variables[1]), api("{h}", **variables[0])) == []


@pytest.mark.requirement("CON-03")
def test_a_scheme_is_known_by_what_it_is() -> None:
    def api(name: str, *, flow: str = "implicit", everywhere: bool = False) -> Any:
        security = [{name: ["r"]}]
        operation = {"responses": {}, **({} if everywhere else {"security": security})}
        scheme = {"type": "oauth2", "flows": {flow: {"scopes": {"r": ""}}}}
        rest = {"security": security} if everywhere else {}
        return contract(operation, components={"securitySchemes": {name: scheme}}, **rest)

    renamed = ["api-security-component-added info", "api-security-component-removed info"]
    for everywhere in (True, False):
        assert told(api("a", everywhere=everywhere), api("b", everywhere=everywhere)) == renamed
    assert told(api("a"), api("a", flow="password")) == ["api-security-component-oauth-flow-removed error"]
    assert "api-security-added error" in told(api("a"), api("b", flow="password"))


def test_security_of_all_matters_where_an_operation_leaves_it_to_that() -> None:
    for more in ({"security": []}, {"x-stability-level": "alpha"}):
        operation = {"responses": {}, **more}
        assert told(contract(operation), contract(operation, security=[{"k": []}])) == []
    own = contract({"responses": {}, "security": []}, security=[{"k": []}])
    assert told(contract({"responses": {}}), own) == []


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ("image/png", "image/gif", ["request-body-encoding-changed error"]),
        ("image/png", "image/gif, image/png", []),
        (None, "image/png", ["request-body-encoding-changed warning"]),
        ("image/png", None, []),
    ],
)
def test_a_part_of_a_body_is_encoded_in_another_way(was: str | None, now: str | None, expected: list[str]) -> None:
    def api(kind: str | None) -> Any:
        encoding = {"encoding": {"p": {"contentType": kind}}} if kind else {}
        content = {"multipart/form-data": {"schema": having("p", STRING), **encoding}}
        return contract({"requestBody": {"content": content}})

    assert told(api(was), api(now)) == expected


def test_a_new_part_of_a_body_has_its_own_encoding() -> None:
    content = {"schema": having("q", STRING)}
    more = {"schema": having("q", STRING), "encoding": {"p": {"style": "deepObject"}}}
    more["schema"]["properties"]["p"] = STRING
    base, revision = (contract({"requestBody": {"content": {"multipart/form-data": each}}}) for each in (content, more))
    assert told(base, revision) == ["new-optional-request-property info"]


def test_names_in_xml_count_in_xml_alone() -> None:
    was, now = (having("p", {**STRING, "xml": {"name": each}}) for each in ("a", "b"))
    for wrap, prefix in ((taking, "request"), (giving, "response")):
        assert told(wrap(was, "text/xml"), wrap(now, "text/xml")) == [f"{prefix}-property-xml-changed error"]


@pytest.mark.requirement("CON-03")
def test_what_was_read_only_and_has_to_be_sent_breaks_whoever_did_not_send_it() -> None:
    def api(**more: Any) -> Any:
        return having("p", {**STRING, **more}, required=["p"])

    found = told(taking(api(readOnly=True)), taking(api()))
    assert found == ["request-required-property-became-not-read-only error"]
    found = told(giving(api()), giving(api(writeOnly=True)))
    assert found == ["response-required-property-became-write-only warning"]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (STRING, []),
        ({"anyOf": [STRING, {"enum": [""]}]}, []),
        ({"$ref": "#/components/schemas/Loop"}, []),
        ({"anyOf": [having("a", STRING), {"enum": [""]}]}, ["request-body-encoding-changed error"]),
    ],
)
def test_a_style_counts_where_there_are_parts(schema: Any, expected: list[str]) -> None:
    def api(**encoding: Any) -> Any:
        form = {"schema": having("p", schema), "encoding": {"p": encoding}}
        refs = [{"$ref": f"#/components/schemas/{name}"} for name in ("Loop", "Back")]
        schemas = {"Loop": {"oneOf": [STRING, refs[1]]}, "Back": {"oneOf": [STRING, refs[0]]}}
        body = {"content": {"application/x-www-form-urlencoded": form}}
        return contract({"requestBody": body}, components={"schemas": schemas})

    assert told(api(), api(style="deepObject")) == expected


def test_a_component_that_is_only_called_otherwise_is_no_change() -> None:
    def api(wrap: Any, name: str, kind: str = "string") -> Any:
        refs = [{"$ref": f"#/components/schemas/{each}"} for each in (name, "Other")]
        schemas = {name: having("a", {"type": kind}), "Other": having("b", INTEGER)}
        return {**wrap({"oneOf": refs}), "components": {"schemas": schemas}}

    for wrap, prefix in ((taking, "request"), (giving, "response")):
        assert told(api(wrap, "A"), api(wrap, "B")) == ["api-schema-removed info"]
        found = told(api(wrap, "A"), api(wrap, "B", "integer"))
        assert found == [f"{prefix}-property-type-changed error", "api-schema-removed info"]


def test_a_reference_that_is_wrapped_is_no_change() -> None:
    def api(*, wrapped: bool) -> Any:
        refs = [{"$ref": f"#/components/schemas/{each}"} for each in "AB"]
        offered = [{"allOf": [each], "description": "d"} for each in refs] if wrapped else refs
        return {**giving({"oneOf": offered}), "components": {"schemas": {"A": A, "B": B}}}

    assert told(api(wrapped=False), api(wrapped=True)) == told(api(wrapped=True), api(wrapped=False)) == []


def test_a_reference_that_is_written_out_is_no_change() -> None:
    shared = {"$ref": "#/components/schemas/S"}
    schemas = {"S": STRING, "A": having("a", shared), "B": having("b", shared)}
    refs = [{"$ref": f"#/components/schemas/{each}"} for each in "AB"]
    inline = [{**having("b", STRING), "title": "Bee"}, {**having("a", STRING), "title": "Ay"}]
    for wrap in (taking, giving):
        referring, written = ({**wrap({"oneOf": each}), "components": {"schemas": schemas}} for each in (refs, inline))
        assert told(referring, written) == told(written, referring) == []


@pytest.mark.requirement("CON-03")
def test_a_chain_of_references_is_walked_however_long_it_is() -> None:
    def chained(kind: str) -> dict[str, Any]:
        links = {f"S{at}": {"allOf": [{"$ref": f"#/components/schemas/S{at + 1}"}]} for at in range(1_000)}
        whole = giving({"$ref": "#/components/schemas/S0"})
        return {**whole, "components": {"schemas": {**links, "S1000": {"type": kind}}}}

    assert [each for each in told(chained("string"), chained("integer")) if each.endswith("error")]
    assert told(chained("string"), chained("string")) == []
