"""`hardpoint contract coverage`: which operations that matter consumers' tests verify."""

import json

import pytest
from tests.assurance.contracts.consumers.test_verify import Shop, order, pact, serving, url

OPENAPI = """openapi: 3.1.0
info: {title: Shop, version: 1.0.0}
servers: [{url: 'https://shop.example/'}]
paths:
  /orders/{id}:
    get: {responses: {'200': {description: One.}}}
  /orders:
    post: {responses: {'201': {description: New.}}}
  /health:
    get: {responses: {'200': {description: Fine.}}}
"""
MANIFEST = """version: 1
services: [{{name: shop}}]
contracts:
  - {{name: orders, path: openapi.yaml, steward: api, critical: {critical}}}
"""


def report(**calls):
    rows = {"orders": "POST /orders", "order": "GET /orders/{id}", "health": "GET /health"}
    operations = [
        {"method": rows[name].split()[0], "path": rows[name].split()[1], "count": count}
        for name, count in calls.items()
    ]
    return json.dumps(
        {"schema": "contract-traffic/v1", "counts": {"judged": 100, "violating": 2}, "operations": operations}
    )


@pytest.fixture
def world(repository, cli):
    def world(critical, *interactions):
        files = {"hardpoint.yaml": MANIFEST.format(critical=critical), "openapi.yaml": OPENAPI}
        root = repository({**files, "web.json": pact(*interactions), "traffic.json": report(order=9, orders=5)})
        with serving(Shop) as server:
            cli(
                *("contract", "verify", "web.json", "--provider", url(server), "--states", url(server, "/states")),
                *("--consumer-version", "1", "--provider-version", "2", "--record"),
                folder=root,
            )
        return lambda *more: cli("contract", "coverage", "--format", "json", *more, folder=root)

    return world


@pytest.mark.requirement("CON-09", "CON-10")
def test_the_share_of_critical_operations_that_are_verified(world):
    look = world("['GET /orders/{id}']")
    ran = look()
    assert (ran.exit, ran.json["facts"]["percent"]) == (0, 100.0)
    ran = look("--traffic", "traffic.json", "--record")
    assert (ran.exit, ran.json["facts"]["violation_rate"]) == (0, 0.02)
    assert [(each["rank"], each["operation"], each["tested"]) for each in ran.json["operations"]] == [
        (1, "GET /orders/{id}", True),
        (2, "POST /orders", False),
        (3, "GET /health", False),
    ]


@pytest.mark.requirement("CON-10")
def test_what_is_critical_and_not_verified_is_told(world):
    ran = world("['GET /orders/{id}', 'POST /orders', 'GET /lost']")()
    assert (ran.exit, ran.json["facts"]["tested"], ran.json["facts"]["measured"]) == (1, 1, 3)
    assert ran.json["missing"] == ["GET /lost"]
    assert sorted(each["text"] for each in ran.json["findings"]) == [
        "GET /lost: it is critical, and not in the contract",
        "POST /orders: no consumer's test verifies it",
    ]


@pytest.mark.requirement("CON-09")
def test_without_critical_operations_the_most_used_count_and_without_traffic_nothing_is_known(world):
    look = world("[]")
    assert look().exit == 3
    ran = look("--traffic", "traffic.json", "--top", "1")
    assert (ran.exit, ran.json["facts"]["measured"]) == (0, 1)
    assert look("--traffic", "traffic.json").exit == 1


def test_an_operation_that_fails_for_somebody_is_not_verified(world):
    failing = order(description="other", request={"method": "GET", "path": "/orders/8"})
    assert world("['GET /orders/{id}']", order(), failing)().exit == 1


def test_what_another_commit_or_version_gave_does_not_count(world, git, tmp_path):
    look = world("['GET /orders/{id}']")
    git(tmp_path / "repository", "commit", "-q", "--allow-empty", "-m", "more")
    assert look().exit == 1
    assert (look("--version", "2").exit, look("--version", "3").exit) == (0, 1)
