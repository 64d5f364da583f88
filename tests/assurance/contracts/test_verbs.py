"""`hardpoint contract diff`: what it reads, what it says, and how it ends."""

import json
import os
import subprocess
import sys

import pytest

BASE = """openapi: 3.1.0
info: {title: Pets, version: 1.0.0}
paths:
  /pets:
    get:
      responses:
        '200':
          description: All of them.
          content:
            application/json:
              schema: {$ref: 'schemas.yaml#/Pets'}
"""
SCHEMAS = """Pets:
  type: array
  items:
    type: object
    required: [name]
    properties:
      name: {type: string}
"""


@pytest.fixture
def kept(repository, git):
    root = repository({"api/openapi.yaml": BASE, "api/schemas.yaml": SCHEMAS})
    (root / "api/schemas.yaml").write_text(SCHEMAS.replace("[name]", "[]"))
    return root


@pytest.mark.requirement("CON-03")
def test_a_break_is_told_with_its_place_and_ends_with_1(kept, cli):
    ran = cli("contract", "diff", "main:api/openapi.yaml", "api/openapi.yaml", folder=kept)
    assert ran.exit == 1
    assert "api/schemas.yaml:7:7: error   response-property-became-optional GET /pets: items/name in the" in ran.out
    assert "Breaks consumers: 1 breaking change, 1 compatible change" in ran.out


def test_the_changes_are_a_list_in_json(kept, cli):
    ran = cli("contract", "diff", "main:api/openapi.yaml", "api/openapi.yaml", "--format", "json", folder=kept)
    told = ran.json
    assert (told["schema"], told["breaks"], told["counts"]) == (
        "contract-diff/v1",
        True,
        {"error": 1, "warning": 0, "info": 1},
    )
    assert told["changes"][0] == {
        "id": "response-property-became-optional",
        "level": "error",
        "direction": "response",
        "method": "GET",
        "path": "/pets",
        "property": "items/name",
        "pointer": "/Pets/items/properties/name",
        "place": {"file": "api/schemas.yaml", "line": 7, "column": 7},
        "base_pointer": "/Pets/items/properties/name",
        "base_place": {"file": "main:api/schemas.yaml", "line": 7, "column": 7},
        "text": "items/name in the response 200 (application/json) is not always there any more",
        "remedy": told["changes"][0]["remedy"],
        "uses": 1,
    }


def test_what_breaks_nobody_ends_with_0(kept, cli):
    ran = cli("contract", "diff", "api/openapi.yaml", "main:api/openapi.yaml", folder=kept)
    assert (ran.exit, ran.out.splitlines()[-1]) == (0, "Breaks nobody: 1 compatible change")
    ran = cli("contract", "diff", "main:api/openapi.yaml", "HEAD:api/openapi.yaml", folder=kept)
    assert (ran.exit, ran.out) == (0, "Nothing changed\n")


def test_no_repository_is_needed(tmp_path, cli):
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(BASE)
    (tmp_path / "schemas.yaml").write_text(SCHEMAS)
    assert cli("contract", "diff", "a.yaml", "b.yaml", folder=tmp_path).exit == 0


@pytest.mark.parametrize(
    ("arguments", "exit_code", "says"),
    [
        (("nowhere.yaml", "api/openapi.yaml"), 3, "nowhere.yaml: cannot be read: No such file or directory"),
        (("main:nowhere.yaml", "api/openapi.yaml"), 3, "nowhere.yaml: is not there at main"),
        (("none:api/openapi.yaml", "api/openapi.yaml"), 2, "'none' names no commit"),
        (("api", "api/openapi.yaml"), 3, "api: is not a file"),
        (("api/schemas.yaml", "api/openapi.yaml"), 3, "api/schemas.yaml:1:1: is no OpenAPI document"),
        (("api/openapi.yaml", "api/openapi.yaml", "--at", "soon"), 2, "'soon' is no date"),
    ],
)
def test_what_cannot_be_read_is_no_pass(kept, cli, arguments, exit_code, says):
    ran = cli("contract", "diff", *arguments, folder=kept)
    assert ran.exit == exit_code
    assert says in ran.err


def test_a_reference_out_of_the_repository_is_not_read(kept, cli):
    (kept.parent / "secret.yaml").write_text("Pets: {type: string}")
    (kept / "api/openapi.yaml").write_text(BASE.replace("schemas.yaml", "../../secret.yaml"))
    ran = cli("contract", "diff", "main:api/openapi.yaml", "api/openapi.yaml", folder=kept)
    assert ran.exit == 3
    assert "is outside of the repository" in ran.err


@pytest.mark.requirement("CON-08")
def test_the_day_is_an_input(tmp_path, cli):
    base = json.loads(json.dumps({"openapi": "3.0.3", "info": {"title": "x", "version": "1"}, "paths": {}}))
    (tmp_path / "b.json").write_text(json.dumps(base))
    base["paths"]["/p"] = {"get": {"deprecated": True, "x-sunset": "2026-06-30", "responses": {}}}
    (tmp_path / "a.json").write_text(json.dumps(base))
    assert cli("contract", "diff", "a.json", "b.json", "--at", "2026-06-29", folder=tmp_path).exit == 1
    assert cli("contract", "diff", "a.json", "b.json", "--at", "2026-06-30", folder=tmp_path).exit == 0


def test_the_hash_seed_has_no_part_in_it(kept):
    (kept / "api/openapi.yaml").write_text(BASE.replace("get:", "put:").replace("'200'", "'201'"))
    told = set()
    for seed in ("0", "1", "2"):
        argv = [sys.executable, "-m", "hardpoint", "contract", "diff", "main:api/openapi.yaml", "api/openapi.yaml"]
        ended = subprocess.run(
            argv, cwd=kept, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=False
        )
        told.add(ended.stdout)
    assert len(told) == 1
