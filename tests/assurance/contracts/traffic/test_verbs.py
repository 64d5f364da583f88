"""`contract traffic` and `contract infer` as commands: what they say, their exits, and what gates hear of them."""

import json

import pytest

SPEC = {
    "openapi": "3.1.0",
    "info": {"title": "Orders", "version": "1.0.0"},
    "paths": {
        "/orders": {"get": {"responses": {"200": {"description": "all"}}}},
        "/orders/{id}": {
            "get": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {
                    "200": {
                        "description": "one",
                        "content": {
                            "application/json": {
                                "schema": {"type": "object", "properties": {"id": {"type": "integer"}}}
                            }
                        },
                    }
                },
            },
            "delete": {"deprecated": True, "responses": {"204": {"description": "gone"}}},
        },
    },
}
MANIFEST = """\
version: 1
services: [{name: keystone}]
gates:
  - name: production
    criteria:
      - {id: traffic, kind: report, report: contract-traffic, require: {errors: == 0, judged: ">= 2"}}
"""


def line(path="/orders/1", method="GET", status=200, body=None, tenant="acme", time="2026-01-01T10:00:00Z"):
    sides = {"request": {"method": method, "url": path, "headers": {"x-forwarded-for": "1", "x-envoy-tenant": tenant}}}
    answer = {"status": status, "headers": {"content-type": "application/json"} if body is not None else {}}
    return json.dumps({"time": time, **sides, "response": answer | ({"body": body} if body is not None else {})}) + "\n"


KEPT = line(body={"id": 1}) + line("/orders") + line(method="DELETE", status=204, tenant="bolt")


@pytest.fixture
def at(repository):
    def make(exchanges, **more):
        return repository(
            {"hardpoint.yaml": MANIFEST, "openapi.json": json.dumps(SPEC, indent=1), "seen.ndjson": exchanges, **more}
        )

    return make


@pytest.mark.requirement("INN-02")
def test_drift_is_told_with_its_place_its_count_and_its_shape_and_exits_1(cli, at):
    drifted = line(body={"id": 1, "color": "hunter2"}) + line(body={"color": "hunter2"}, time="2026-01-02T10:00:00Z")
    ran = cli("contract", "traffic", "openapi.json", "seen.ndjson", "--format", "json", folder=at(KEPT + drifted))
    assert ran.exit == 1
    (drift,) = [each for each in ran.json["drift"] if each["level"] != "info"]
    assert drift | {"place": None} == {
        "id": "undocumented-field",
        "level": "warning",
        "method": "GET",
        "path": "/orders/{id}",
        "where": "response 200 application/json",
        "pointer": "/color",
        "count": 2,
        "first_seen": "2026-01-01T10:00:00.000Z",
        "last_seen": "2026-01-02T10:00:00.000Z",
        "shape": '"string"',
        "place": None,
    }
    assert drift["place"]["line"] > 1
    assert "hunter2" not in ran.out


def test_what_keeps_the_contract_exits_0(cli, at):
    ran = cli("contract", "traffic", "openapi.json", "seen.ndjson", folder=at(KEPT))
    assert ran.exit == 0
    assert "As promised: 3 of 3 exchanges judged" in ran.out
    assert "is deprecated, and used" in ran.out


@pytest.mark.requirement("INN-02")
@pytest.mark.parametrize("exchanges", ["", line("/nowhere", status=404), line(status=0)])
def test_nothing_that_was_seen_is_no_pass(cli, at, exchanges):
    folder = at(exchanges)
    assert cli("contract", "traffic", "openapi.json", "seen.ndjson", folder=folder).exit == 3
    assert cli("contract", "infer", "seen.ndjson", folder=folder).exit == 3


@pytest.mark.requirement("INN-02")
def test_summaries_add_up(cli, at):
    folder = at(KEPT + line(body={"color": 1}), **{"more.ndjson": line(body={"color": 1}) + line("/hidden/1")})
    whole = cli("contract", "traffic", "openapi.json", "seen.ndjson", "more.ndjson", "--format", "json", folder=folder)
    cli("contract", "traffic", "openapi.json", "seen.ndjson", "--save", "sum.json", folder=folder)
    parts = cli("contract", "traffic", "openapi.json", "sum.json", "more.ndjson", "--format", "json", folder=folder)
    for report in (whole.json, parts.json):
        del report["recordings"]
    assert whole.json["drift"] == parts.json["drift"]
    assert whole.json["operations"] == parts.json["operations"]


@pytest.mark.requirement("CON-09")
def test_operations_are_ranked_by_use(cli, at):
    ran = cli(
        "contract", "traffic", "openapi.json", "seen.ndjson", "--format", "json", folder=at(KEPT + line("/orders") * 4)
    )
    assert [(each["rank"], each["method"], each["path"], each["count"]) for each in ran.json["operations"]] == [
        (1, "GET", "/orders", 5),
        (2, "DELETE", "/orders/{id}", 1),
        (3, "GET", "/orders/{id}", 1),
    ]


@pytest.mark.requirement("PRD-02")
def test_what_is_hardly_used_is_a_candidate_with_the_tenants_that_it_would_affect(cli, at):
    arguments = ("--low-usage", "1", "--tenant", "header:X-Envoy-Tenant", "--tenants", "plain", "--format", "json")
    exchanges = line("/orders") * 9 + line(method="DELETE", status=204, tenant="bolt")
    ran = cli("contract", "traffic", "openapi.json", "seen.ndjson", *arguments, folder=at(exchanges))
    assert [(each["method"], each["count"], each["tenants"]) for each in ran.json["candidates"]] == [
        ("GET", 0, []),
        ("DELETE", 1, [{"tenant": "bolt", "count": 1}]),
    ]
    assert ran.json["facts"]["never_seen"] == 1


@pytest.mark.requirement("INN-02")
def test_a_gate_hears_of_traffic_that_is_recorded_or_imported(cli, at, git):
    folder = at(KEPT)
    commit = git(folder, "rev-parse", "HEAD").strip()
    missing = cli("gate", "production", folder=folder)
    assert missing.exit == 1
    ran = cli("contract", "traffic", "openapi.json", "seen.ndjson", "--record", "--commit", commit, folder=folder)
    assert ran.exit == 0, ran.err
    assert cli("gate", "production", folder=folder).exit == 0
    (folder / "seen.ndjson").write_text(KEPT + line(status=500))
    told = cli("contract", "traffic", "openapi.json", "seen.ndjson", "--format", "json", folder=folder)
    (folder / "report.json").write_text(told.out)
    imported = cli("evidence", "import", "--commit", commit, "report.json", folder=folder)
    assert imported.exit in (0, 1), imported.err
    assert cli("gate", "production", folder=folder).exit == 1


@pytest.mark.requirement("INN-02")
def test_infer_proposes_and_changes_nothing(cli, at):
    folder = at((KEPT + line(body={"id": 1, "color": "hunter2"})) * 3)
    before = (folder / "openapi.json").read_text()
    ran = cli("contract", "infer", "seen.ndjson", "--contract", "openapi.json", "--format", "json", folder=folder)
    assert ran.exit == 0
    assert [(each["path"], each["count"]) for each in ran.json["patch"]] == [
        (
            "/paths/~1orders~1{id}/get/responses/200/content/application~1json/schema/properties/color",
            3,
        )
    ]
    assert (folder / "openapi.json").read_text() == before
    whole = cli("contract", "infer", "seen.ndjson", "--out", "proposed.json", folder=folder)
    assert whole.exit == 0
    assert set(json.loads((folder / "proposed.json").read_text())["paths"]) == {"/orders", "/orders/{orderId}"}


@pytest.mark.parametrize("tenant", ["X-Tenant", "body:x", "header:"])
def test_a_tenant_that_is_named_nowhere_is_a_mistake(cli, at, tenant):
    assert cli("contract", "traffic", "openapi.json", "seen.ndjson", "--tenant", tenant, folder=at(KEPT)).exit == 2


@pytest.mark.requirement("ERR-04")
def test_codes_that_nobody_registered_are_told(cli, at):
    problem = {"title": "no", "code": "ORD-9"}
    exchanges = line(status=200, body={"id": 1}) + json.dumps(
        {
            "request": {"method": "GET", "url": "/orders/1"},
            "response": {"status": 409, "headers": {"content-type": "application/problem+json"}, "body": problem},
        }
    )
    folder = at(exchanges, **{"errors.yaml": "codes:\n  ORD-1: {category: conflict}\n"})
    ran = cli(
        "contract",
        "traffic",
        "openapi.json",
        "seen.ndjson",
        "--errors",
        "errors.yaml",
        "--format",
        "json",
        folder=folder,
    )
    assert "unregistered-code" in {each["id"] for each in ran.json["drift"]}
