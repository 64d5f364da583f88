"""B-TRAFFIC: recorded exchanges beside a contract with many routes and planted drift, beside redocly drift."""

import json
import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.measure import Row, hardpoint, in_turn, peak_mb

ROUTES = 500
FEW, MANY = 2_000, 122_000
"""The marginal rate is what the second recording takes longer than the first."""
PLANTED = 100
"""One exchange of so many has a field that is not documented."""
PEER = "@redocly/cli@2.77.0"


def rows() -> Iterator[Row]:
    """The marginal rate of exchanges, the memory for all of them, and the drift that was planted and found."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        plant(folder)
        peer = redocly(folder)
        ours = [
            [hardpoint(), "contract", "traffic", "spec.json", f"{name}.har", "--format", "json"]
            for name in ("few", "many")
        ]
        theirs = [[*peer, "drift", f"{name}.har", "--api", "spec.json", "--format", "json"] for name in ("few", "many")]
        costs = in_turn([*ours, *theirs], folder, runs=3)
        rate, peers_rate = ((MANY - FEW) / (costs[at + 1].cpu_ms - costs[at].cpu_ms) * 1000 for at in (0, 2))
        yield Row(
            benchmark="B-TRAFFIC",
            work=f"`hardpoint contract traffic`, HTTP archive, {ROUTES} routes, marginal, of one core",
            figure=rate,
            peer="redocly drift",
            peer_figure=peers_rate,
            unit="exchanges/s",
            goal="at least 40,000",
            met=rate >= 40_000,
        )
        small, large, peers = peak_mb(ours[0], folder), peak_mb(ours[1], folder), peak_mb(theirs[1], folder)
        yield Row(
            benchmark="B-TRAFFIC",
            work=f"peak memory for {MANY:,} exchanges",
            figure=large,
            peer="redocly drift",
            peer_figure=peers,
            unit="MB",
            goal=f"at most 20 MB more than for {FEW:,}",
            met=large <= small + 20,
        )
        found, peers_found = found_by(ours[1], folder), found_by(theirs[1], folder)
        yield Row(
            benchmark="B-TRAFFIC",
            work=f"undocumented fields found, of {MANY // PLANTED:,} planted where additional properties are open",
            figure=found,
            peer="redocly drift",
            peer_figure=peers_found,
            unit="exchanges",
            goal="all",
            met=found == MANY // PLANTED,
        )


def redocly(folder: Path) -> list[str]:
    """The peer: on the path, or fetched with npm into a folder beside the work."""
    found = shutil.which("redocly")
    if found is None:
        cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "hardpoint-bench"
        found = str(cache / "node_modules" / ".bin" / "redocly")
        if not Path(found).exists():
            cache.mkdir(parents=True, exist_ok=True)
            fetched = subprocess.run(
                ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(cache), PEER], check=False, cwd=folder
            )
            if fetched.returncode:
                raise SystemExit(f"B-TRAFFIC needs {PEER}: npm could not fetch it")
    return [found]


def found_by(command: list[str], folder: Path) -> int:
    """How many exchanges a report says to have an undocumented field."""
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    report = json.loads(ended.stdout)
    if "drift" in report:
        return sum(each["count"] for each in report["drift"] if each["id"] == "undocumented-field")
    return sum("color" in json.dumps(each) for each in report.get("problems", ()))


def plant(folder: Path) -> None:
    """Write the contract, and two recordings of traffic for it."""
    chance = random.Random(7)
    (folder / "spec.json").write_text(json.dumps(_spec()), encoding="utf-8")
    for name, number in (("few", FEW), ("many", MANY)):
        with (folder / f"{name}.har").open("w", encoding="utf-8") as archive:
            archive.write('{"log": {"version": "1.2", "creator": {"name": "bench", "version": "1"}, "entries": [')
            for at in range(number):
                archive.write((",\n" if at else "") + json.dumps(_entry(at, chance)))
            archive.write("]}}")


def _spec() -> dict[str, Any]:
    item = {
        "type": "object",
        "required": ["sku", "quantity"],
        "properties": {"sku": {"type": "string"}, "quantity": {"type": "integer"}, "price": {"type": "number"}},
    }
    order = {
        "type": "object",
        "required": ["id", "items", "status"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "status": {"type": "string", "enum": ["open", "paid"]},
            "items": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}},
            "note": {"type": ["string", "null"]},
            "created": {"type": "string", "format": "date-time"},
        },
    }
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}, "description": "one"}
    parameters = [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
        {"name": "limit", "in": "query", "schema": {"type": "integer"}},
    ]
    operation = {"parameters": parameters, "responses": {"200": answer, "404": {"description": "none"}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Many routes", "version": "1.0.0"},
        "servers": [{"url": "https://api.example.org/v1"}],
        "paths": {
            f"/resource{route}/{{id}}": {"get": {"operationId": f"get{route}", **operation}} for route in range(ROUTES)
        },
        "components": {"schemas": {"Item": item, "Order": order}},
    }


def _entry(number: int, chance: random.Random) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": "9b2f8c52-6a44-4f4e-9a5c-0d6a2c3b1e11",
        "status": chance.choice(["open", "paid"]),
        "note": None,
        "created": "2026-01-01T00:00:00Z",
        "items": [{"sku": f"sku-{each}-abcdef", "quantity": each, "price": 1.5} for each in range(8)],
    }
    if number % PLANTED == 0:
        body["color"] = "red"
    text = json.dumps(body)
    sent = {
        "Accept": "application/json",
        "User-Agent": "bench/1",
        "Host": "api.example.org",
        "X-Request-Id": str(number),
    }
    given = {"Content-Type": "application/json; charset=utf-8", "Content-Length": str(len(text)), "Server": "nginx"}
    limit = number % 50
    return {
        "startedDateTime": f"2026-01-01T00:{number // 60 % 60:02}:{number % 60:02}.000Z",
        "time": 12,
        "request": {
            "method": "GET",
            "url": f"https://api.example.org/v1/resource{chance.randrange(ROUTES)}/{number}?limit={limit}",
            "httpVersion": "HTTP/1.1",
            "headers": _headers(sent),
            "queryString": [{"name": "limit", "value": str(limit)}],
            "cookies": [],
            "headersSize": -1,
            "bodySize": 0,
        },
        "response": {
            "status": 200,
            "statusText": "OK",
            "httpVersion": "HTTP/1.1",
            "headers": _headers(given),
            "cookies": [],
            "content": {"size": len(text), "mimeType": "application/json", "text": text},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": len(text),
        },
        "cache": {},
        "timings": {"send": 0, "wait": 1, "receive": 0},
    }


def _headers(headers: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.items()]
