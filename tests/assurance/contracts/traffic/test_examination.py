"""The examination: what drifts, what only looks as if it did, and what is kept of it."""

import json

import pytest

from hardpoint.assurance.contracts.operations import read_contract
from hardpoint.assurance.contracts.traffic.examination import Examiner, Tenant, digest_of
from hardpoint.assurance.contracts.traffic.exchange import ABSENT, Body, Exchange, Form, media_of
from hardpoint.assurance.contracts.traffic.summary import MAX_DRIFTS, MAX_UNKNOWN, Summary, from_bytes, to_bytes
from hardpoint.kernel.problem import UnreadableProblem

JSON = "application/json"


def spec(operation=None, *, path="/orders/{id}", method="get", schemas=None, version="3.1.0", **more):
    told = {"responses": {"200": {"description": "ok", "content": {JSON: {"schema": {}}}}}, **(operation or {})}
    return {
        "openapi": version,
        "info": {"title": "Orders", "version": "1.0.0"},
        "paths": {path: {method: told}},
        "components": {"schemas": schemas or {}},
        **more,
    }


def answering(schema, **more):
    return spec({"responses": {"200": {"description": "ok", "content": {JSON: {"schema": schema}}}}}, **more)


def taking(schema, **more):
    body = {"required": True, "content": {JSON: {"schema": schema}}}
    return spec({"requestBody": body}, method="post", **more)


def exchange(
    method="GET", url="/orders/1", status=200, given=None, sent=None, media=JSON, headers=(), answered=(), **more
):
    path, _, query = url.partition("?")
    return Exchange(
        method=method,
        path=path,
        query=query,
        status=status,
        sent=dict(headers),
        given=dict(answered),
        request=Body(Form.VALUE, sent) if sent is not None else ABSENT,
        response=Body(Form.VALUE, given) if given is not None else ABSENT,
        sent_media=JSON if sent is not None else None,
        given_media=media_of(media) if given is not None else None,
        **more,
    )


def examined(document, *exchanges, **more):
    contract = read_contract("api.json", json.dumps(document).encode())
    examiner = Examiner(contract, digest_of(contract), **more)
    for each in exchanges:
        examiner.examine(each)
    return examiner.summary


def drifts(document, *exchanges, **more):
    return sorted((each.kind, each.pointer) for each in examined(document, *exchanges, **more).drifts())


ORDER = {"type": "object", "properties": {"id": {"type": "integer"}}}


@pytest.mark.parametrize(
    "schema",
    [
        ORDER,
        {**ORDER, "additionalProperties": True},
        {**ORDER, "additionalProperties": {}},
        {**ORDER, "additionalProperties": False},
        {"allOf": [ORDER, {"properties": {"note": {}}, "additionalProperties": True}]},
        {"oneOf": [ORDER, {"type": "string"}]},
        {"anyOf": [ORDER, {"type": "object", "required": ["x"], "properties": {"x": {}, "color": {}}}]},
    ],
)
@pytest.mark.requirement("INN-02")
def test_an_unknown_field_is_found_however_open_the_schema_is(schema):
    assert drifts(answering(schema), exchange(given={"id": 1, "color": "red"})) == [("undocumented-field", "/color")]
    assert drifts(answering({"type": "array", "items": schema}), exchange(given=[{"id": 1}, {"color": 1}])) == [
        ("undocumented-field", "/*/color")
    ]
    assert drifts(answering(schema), exchange(given={"id": 1})) == []


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object"},
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": "object", "properties": {"id": {}}, "additionalProperties": {"type": "string"}},
        {"type": "object", "properties": {"id": {}}, "patternProperties": {"^c": {"type": "string"}}},
        {"allOf": [{"type": "object", "properties": {"id": {}}}, {"properties": {"color": {}}}]},
        {"oneOf": [{"properties": {"id": {}}}, {"properties": {"color": {}, "id": {}}}]},
    ],
)
def test_a_map_and_what_any_part_names_is_documented(schema):
    assert drifts(answering(schema), exchange(given={"id": "1", "color": "red"})) == []


@pytest.mark.parametrize(
    ("schema", "value", "kind"),
    [
        ({"type": "integer"}, "7", "wrong-type"),
        ({"enum": ["a", "b"]}, "c", "wrong-enum"),
        ({"const": 1}, 2, "wrong-enum"),
        ({"type": "string", "format": "uuid"}, "x", "wrong-format"),
        ({"type": "string", "pattern": "^a"}, "x", "wrong-format"),
        ({"type": "integer", "maximum": 3}, 4, "wrong-value"),
        ({"type": "array", "maxItems": 1}, [1, 2], "wrong-value"),
        ({"type": "object", "required": ["id"]}, {}, "missing-required"),
        ({"not": {"type": "string"}}, "x", "wrong-value"),
        ({"if": {"type": "string"}, "then": {"enum": ["a"]}}, "x", "wrong-enum"),
    ],
)
@pytest.mark.requirement("INN-02")
def test_a_value_that_is_not_as_promised_is_told_by_its_kind(schema, value, kind):
    found = drifts(answering({"properties": {"at": schema}, "type": "object"}), exchange(given={"at": value}))
    assert found == [(kind, "/at/id" if kind == "missing-required" else "/at")]


def test_the_nearest_alternative_is_judged():
    one = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"const": "one"}, "size": {"type": "integer"}},
    }
    two = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "two"}, "name": {"type": "string"}}}
    schema = {"oneOf": [one, two]}
    assert drifts(answering(schema), exchange(given={"kind": "two", "name": 7})) == [("wrong-type", "/name")]
    assert drifts(answering(schema), exchange(given={"kind": "one", "name": "x"})) == [("undocumented-field", "/name")]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "nullable": True},
        {"allOf": [{"$ref": "#/components/schemas/S"}], "nullable": True},
        {"type": "string", "enum": ["a"], "nullable": True},
    ],
)
def test_null_of_openapi_3_0_is_no_drift(schema):
    document = answering(
        {"type": "object", "properties": {"at": schema}}, version="3.0.3", schemas={"S": {"type": "string"}}
    )
    assert drifts(document, exchange(given={"at": None})) == []


def test_a_cycle_is_followed_as_deep_as_the_value():
    tree = {
        "type": "object",
        "properties": {"below": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}},
    }
    document = answering({"$ref": "#/components/schemas/Tree"}, schemas={"Tree": tree})
    assert drifts(document, exchange(given={"below": [{"below": [{"odd": 1}]}]})) == [
        ("undocumented-field", "/below/*/below/*/odd")
    ]


def test_many_schemas_that_refer_to_each_other_are_judged_alike():
    schemas = {
        f"S{n}": {
            "type": "object",
            "properties": {"next": {"$ref": f"#/components/schemas/S{(n + 1) % 300}"}, "n": {"type": "integer"}},
        }
        for n in range(300)
    }
    document = answering({"$ref": "#/components/schemas/S0"}, schemas=schemas)
    assert drifts(document, exchange(given={"next": {"next": {"n": "x", "odd": 1}}})) == [
        ("undocumented-field", "/next/next/odd"),
        ("wrong-type", "/next/next/n"),
    ]


@pytest.mark.requirement("INN-02")
def test_what_is_only_read_is_not_asked_of_requests_and_the_other_way():
    schema = {
        "type": "object",
        "required": ["id", "secret", "name"],
        "properties": {"id": {"readOnly": True}, "secret": {"writeOnly": True}, "name": {}},
    }
    assert drifts(taking(schema), exchange("POST", sent={"secret": 1, "name": 1}, given={})) == []
    assert drifts(taking(schema), exchange("POST", sent={"id": 1}, given={})) == [
        ("missing-required", "/name"),
        ("missing-required", "/secret"),
    ]
    assert drifts(answering(schema), exchange(given={"id": 1, "name": 1})) == []


@pytest.mark.requirement("INN-02")
def test_a_request_that_was_refused_is_no_drift():
    document = taking(ORDER)
    document["paths"]["/orders/{id}"]["post"]["responses"]["4XX"] = {"description": "no"}
    wrong = {"url": "/orders/1?odd=1", "headers": {"x-odd": "1"}, "sent": {"odd": 1}}
    assert drifts(document, exchange("POST", status=422, **wrong)) == []
    assert len(drifts(document, exchange("POST", given={}, **wrong))) == 3
    assert drifts(document, exchange("GET", "/nowhere", status=404), exchange("POST", status=400, sent=[])) == []


@pytest.mark.parametrize(
    ("parameter", "query", "expected"),
    [
        ({"name": "n", "schema": {"type": "integer"}}, "n=7", []),
        ({"name": "n", "schema": {"type": "integer"}}, "n=x", [("wrong-type", "n")]),
        ({"name": "n", "schema": {"type": "integer"}, "required": True}, "", [("missing-required", "n")]),
        ({"name": "n", "schema": {"enum": ["a"]}}, "n=b", [("wrong-enum", "n")]),
        ({"name": "n", "schema": {"type": "integer"}}, "m=7", [("undocumented-parameter", "m")]),
        ({"name": "n", "schema": {"type": "array", "items": {"type": "integer"}}}, "n=1&n=2", []),
        ({"name": "n", "schema": {"type": "array", "items": {"type": "integer"}}}, "n=1&n=x", [("wrong-type", "n/*")]),
        ({"name": "n", "explode": False, "schema": {"type": "array", "items": {"type": "integer"}}}, "n=1,2", []),
        ({"name": "n", "style": "deepObject", "schema": ORDER}, "n[id]=1", []),
        ({"name": "n", "style": "deepObject", "schema": ORDER}, "n%5Bid%5D=1", []),
        ({"name": "n", "style": "deepObject", "schema": ORDER}, "n[odd]=1", [("undocumented-parameter", "n/odd")]),
        ({"name": "n", "schema": ORDER}, "id=1", []),
        ({"name": "n", "schema": {"type": "object", "additionalProperties": {"type": "string"}}}, "any=1", []),
        ({"name": "n", "content": {JSON: {"schema": ORDER}}}, 'n={"id":1}', []),
        ({"name": "n", "content": {JSON: {"schema": ORDER}}}, 'n={"id":"x"}', [("wrong-type", "n/id")]),
        ({"name": "n", "schema": {"type": "boolean"}, "deprecated": True}, "n=true", [("deprecated-used", "n")]),
        ({"name": "n", "in": "querystring", "content": {JSON: {"schema": {}}}}, "any=1", []),
    ],
)
@pytest.mark.requirement("INN-02")
def test_parameters_of_every_style_are_read(parameter, query, expected):
    document = spec({"parameters": [{"in": "query", **parameter}]})
    assert drifts(document, exchange(url=f"/orders/1?{query}", given={})) == expected


def test_headers_that_no_contract_names_are_usual():
    usual = {
        "user-agent": "x",
        "x-forwarded-for": "1",
        "traceparent": "1",
        "sec-fetch-mode": "cors",
        "x-request-id": "1",
    }
    assert drifts(spec(), exchange(given={}, headers=usual, answered={"server": "x", "etag": "1", "cf-ray": "1"})) == []
    assert drifts(spec(), exchange(given={}, headers={"x-odd": "1"}, answered={"x-trail": "1"})) == [
        ("undocumented-header", "x-odd"),
        ("undocumented-header", "x-trail"),
    ]


def test_the_header_of_a_key_is_documented():
    scheme = {"type": "apiKey", "in": "header", "name": "X-Api-Key"}
    document = spec()
    document["components"]["securitySchemes"] = {"key": scheme}
    assert drifts(document, exchange(given={}, headers={"x-api-key": "1"})) == []


@pytest.mark.parametrize(
    ("seen", "documented", "expected"),
    [
        ("application/json; charset=utf-8", JSON, []),
        ("application/hal+json", "application/*", []),
        ("text/html", "*/*", []),
        ("text/html", JSON, [("undocumented-media", "")]),
    ],
)
def test_media_types_are_compared_without_parameters_and_by_range(seen, documented, expected):
    document = spec({"responses": {"200": {"description": "", "content": {documented: {}}}}})
    assert [(kind, "") for kind, _ in drifts(document, exchange(given={}, media=seen))] == expected


@pytest.mark.parametrize(
    ("servers", "url", "known"),
    [
        ([{"url": "https://a.example/v1"}], "/v1/orders/1", True),
        ([{"url": "https://a.example/v1/"}], "/v1/orders/1", True),
        ([{"url": "/v1"}, {"url": "/v2"}], "/v2/orders/1", True),
        ([{"url": "https://a.example/v1"}], "/orders/1", False),
        (
            [{"url": "https://{host}/{base}", "variables": {"base": {"enum": ["x", "y"], "default": "x"}}}],
            "/y/orders/1",
            True,
        ),
        ([], "/orders/1%2F2", True),
        ([], "/orders/", False),
    ],
)
def test_paths_begin_where_servers_say(servers, url, known):
    found = drifts(spec(servers=servers), exchange(url=url, given={}))
    assert found == ([] if known else [("undocumented-operation", "")])


def test_a_literal_path_wins_and_a_method_is_looked_for_in_both():
    document = spec()
    document["paths"]["/orders/latest"] = {"delete": {"responses": {"204": {"description": ""}}}}
    document["paths"]["/orders/{id}.pdf"] = {"get": {"responses": {"202": {"description": ""}}}}
    summary = examined(
        document,
        exchange(url="/orders/latest", given={}),
        exchange("DELETE", "/orders/latest", 204),
        exchange(url="/orders/7.pdf", status=202),
        exchange("PUT", "/orders/latest", 204),
        exchange("HEAD", "/orders/7"),
        exchange("OPTIONS", "/orders/7", 204, headers={"access-control-request-method": "GET"}),
    )
    assert {name: usage.sight.count for name, usage in summary.usages.items()} == {
        "GET /orders/{id}": 2,
        "DELETE /orders/latest": 1,
        "GET /orders/{id}.pdf": 1,
    }
    assert [(each.kind, each.operation) for each in summary.drifts()] == [("undocumented-method", "PUT /orders/latest")]


PROBLEM = {"type": "about:blank", "title": "No", "status": 404, "code": "ORD-1"}


@pytest.mark.parametrize(
    ("body", "media", "codes", "expected"),
    [
        (PROBLEM, "application/problem+json", None, []),
        (PROBLEM, "application/problem+json", {"ORD-1"}, []),
        (PROBLEM, "application/problem+json", {"ORD-2"}, [("unregistered-code", "/code")]),
        ({"title": "No"}, "application/problem+json", {"ORD-2"}, [("unregistered-code", "/code")]),
        ({**PROBLEM, "status": 500}, "application/problem+json", None, [("error-envelope", "/status")]),
        ({**PROBLEM, "title": 7}, "application/problem+json", None, [("error-envelope", "/title")]),
        ([], "application/problem+json", None, [("error-envelope", "")]),
    ],
)
@pytest.mark.requirement("ERR-04")
def test_errors_are_problems_with_registered_codes(body, media, codes, expected):
    document = spec()
    document["paths"]["/orders/{id}"]["get"]["responses"]["404"] = {
        "description": "",
        "content": {"application/problem+json": {}},
    }
    registered = frozenset(codes) if codes else None
    assert drifts(document, exchange(status=404, given=body, media=media), codes=registered) == expected


@pytest.mark.requirement("ERR-04")
def test_an_error_in_another_form_is_told_where_the_contract_has_envelopes():
    document = spec()
    responses = document["paths"]["/orders/{id}"]["get"]["responses"]
    responses["404"] = {"description": "", "content": {"application/problem+json": {}}}
    responses["409"] = {"description": "", "content": {JSON: {}}}
    assert ("error-envelope", "") in drifts(document, exchange(status=404, given={"error": 1}))
    assert ("error-envelope", "") in drifts(document, exchange(status=500, given={"error": 1}))
    assert drifts(document, exchange(status=409, given={"error": 1})) == []
    assert drifts(document, exchange(status=409, given={"error": 1}), envelope=True) == [("error-envelope", "")]


def test_deprecated_operations_and_fields_that_are_used_are_told():
    schema = {"type": "object", "properties": {"old": {"deprecated": True}, "new": {}}}
    document = taking(schema)
    assert drifts(document, exchange("POST", sent={"new": 1}, given={})) == []
    assert drifts(document, exchange("POST", sent={"old": 1}, given={})) == [("deprecated-used", "/old")]
    document["paths"]["/orders/{id}"]["post"]["deprecated"] = True
    assert ("deprecated-used", "") in drifts(document, exchange("POST", sent={"new": 1}, given={}))


def shape(told):
    body = Body(Form.SHAPE, told)
    return Exchange("GET", "/orders/{number}", 200, response=body, given_media=JSON, shows_values=False)


def test_a_shape_is_judged_by_its_types_and_names_alone():
    schema = {
        "type": "object",
        "required": ["state"],
        "properties": {"state": {"enum": ["open"]}, "n": {"type": "integer", "minimum": 5}, "at": {"format": "uuid"}},
    }
    assert drifts(answering(schema), shape({"state": "string", "n": "integer", "at": "string"})) == []
    assert drifts(answering(schema), shape({"n": "string", "odd": ["string"]})) == [
        ("missing-required", "/state"),
        ("undocumented-field", "/odd"),
        ("wrong-type", "/n"),
    ]


def test_a_body_that_is_no_json_is_told():
    seen = exchange(given={})
    seen.response = Body(Form.TEXT, "{ no")
    assert drifts(answering(ORDER), seen) == [("wrong-format", "")]


def test_no_name_that_may_be_a_secret_is_kept():
    seen = exchange(
        url="/people/ann.smith@example.org/4711?eyJhbGciOiJIUzI1NiJ9.4711=1",
        given={"ann@example.org": 1, "4711": {"hunter2": "x"}},
    )
    known = exchange(url="/orders/1?token4711token4711abc=1", given={"ann@example.org": {"x": "hunter2"}})
    written = to_bytes(examined(answering(ORDER), seen, known)).decode()
    assert "/people/{text}/{number}" in written
    for secret in ("ann", "4711", "hunter2", "eyJ"):
        assert secret not in written


@pytest.mark.requirement("INN-02")
def test_what_is_kept_is_bounded_by_the_contract_and_the_rest_is_counted():
    letters = ["".join(chr(97 + (n // 26**p) % 26) for p in range(4)) for n in range(3000)]
    fields = [exchange(given={letter: 1}) for letter in letters]
    paths = [exchange(url=f"/{letter}", given={}) for letter in letters]
    summary = examined(answering(ORDER), *fields, *paths)
    assert len(list(summary.drifts())) == MAX_DRIFTS + MAX_UNKNOWN
    assert summary.left_out == 6000 - MAX_DRIFTS - MAX_UNKNOWN
    backwards = examined(answering(ORDER), *reversed(paths), *reversed(fields))
    assert to_bytes(summary) == to_bytes(backwards)


@pytest.mark.requirement("PRD-02")
def test_tenants_are_counted_hashed_or_plain():
    seen = [exchange(given={}, headers={"x-tenant": name}) for name in ("acme", "acme", "bolt")]
    hashed = examined(spec(), *seen, tenant=Tenant("header", "X-Tenant"))
    plain = examined(spec(), *seen, tenant=Tenant("header", "X-Tenant", plain=True))
    (usage,) = plain.usages.values()
    assert [(key[0], sight.count) for key, sight in usage.tenants.items()] == [("acme", 2), ("bolt", 1)]
    assert b"acme" not in to_bytes(hashed)
    assert [sight.count for _, sight in next(iter(hashed.usages.values())).tenants.items()] in ([2, 1], [1, 2])


def test_a_summary_of_another_contract_is_refused():
    with pytest.raises(UnreadableProblem, match="another contract"):
        Summary("a" * 64).add(from_bytes(to_bytes(Summary("b" * 64))))


def test_what_breaks_the_promise_is_kept_before_what_is_only_undocumented():
    many = {f"field_{chr(97 + at // 26)}{chr(97 + at % 26)}": 1 for at in range(600)}
    document = answering({"type": "object", "properties": {"id": {"type": "integer"}}})
    parts = [exchange(given=dict(list(many.items())[at : at + 40])) for at in range(0, 600, 40)]
    for order in ([*parts, exchange(given={"id": "x"})], [exchange(given={"id": "x"}), *parts]):
        summary = examined(document, *order)
        assert ("wrong-type", "/id") in [(each.kind, each.pointer) for each in summary.drifts()]
        assert from_bytes(to_bytes(summary)).left_out == summary.left_out > 0


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("counts", "judged"), -5),
        (("counts", "violating"), 2),
        (("counts", "violating"), 0),
        (("operations", 0, "count"), -1),
        (("operations", 0, "statuses"), {"200": -1}),
        (("operations", 0, "drifts", "total"), 9),
        (("operations", 0, "drifts", "total"), 0),
        (("operations", 0, "drifts", "kept"), []),
        (("operations", 0, "drifts", "kept", 0, "count"), 0),
        (("operations", 0, "drifts", "kept", 0, "key"), ["wrong-type"]),
        (("operations", 0, "drifts", "kept", 0, "key", 0), "harmless"),
    ],
)
def test_a_summary_that_does_not_add_up_is_refused(path, value):
    document = answering({"type": "object", "properties": {"id": {"type": "integer"}}})
    told = json.loads(to_bytes(examined(document, exchange(given={"id": "x"}))))
    *way, last = path
    at = told
    for each in way:
        at = at[each]
    at[last] = value
    with pytest.raises(UnreadableProblem):
        from_bytes(json.dumps(told).encode())
