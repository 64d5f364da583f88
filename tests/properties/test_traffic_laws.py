"""Laws of traffic: planted drift is found, nothing else is, and any split of a recording gives the same summary."""

import copy
import itertools
import json
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardpoint.assurance.contracts.operations import read_contract
from hardpoint.assurance.contracts.traffic.examination import Examiner, digest_of
from hardpoint.assurance.contracts.traffic.recordings.reading import read_recording
from hardpoint.assurance.contracts.traffic.summary import Summary, from_bytes, to_bytes
from hardpoint.kernel.problem import UnreadableProblem

WORDS = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "haven", "inlet", "juniper"]
VERBS = ["get", "post", "put", "patch", "delete"]
JSON = {"content-type": "application/json"}


class World:
    """A random contract, traffic that keeps it, and drift that is planted in it."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.old = self.chance.random() < 0.4
        self.components: dict[str, Any] = {}
        self.operations: list[dict[str, Any]] = []
        self.spec = self._spec()

    def _spec(self) -> dict[str, Any]:
        paths: dict[str, Any] = {}
        for number in range(self.chance.randint(1, 5)):
            path = f"/{WORDS[number]}" + ("/{id}" if self.chance.random() < 0.6 else "")
            for verb in self.chance.sample(VERBS, self.chance.randint(1, 3)):
                operation = self._operation(path, verb)
                paths.setdefault(path, {})[verb] = operation
                self.operations.append({"path": path, "verb": verb, "what": operation})
        return {
            "openapi": "3.0.3" if self.old else "3.1.0",
            "info": {"title": "World", "version": "1.0.0"},
            "servers": [{"url": "https://api.example.org/v2"}],
            "paths": paths,
            "components": {"schemas": self.components},
        }

    def _operation(self, path: str, verb: str) -> dict[str, Any]:
        parameters: list[dict[str, Any]] = [
            {
                "name": name,
                "in": self.chance.choice(["query", "query", "header"]),
                "required": self.chance.random() < 0.4,
                "schema": self._scalar(),
            }
            for name in self.chance.sample(["limit", "sort-by", "state", "since"], self.chance.randint(0, 3))
        ]
        if "{id}" in path:
            parameters.append({"name": "id", "in": "path", "required": True, "schema": {"type": "string"}})
        made: dict[str, Any] = {"parameters": parameters, "responses": {}}
        for status in self.chance.sample(["200", "201", "202"], self.chance.randint(1, 2)):
            made["responses"][status] = {
                "description": "",
                "content": {"application/json": {"schema": self._object(0)}},
            }
        if self.chance.random() < 0.5:
            made["responses"]["404"] = {"description": "gone"}
        if verb in ("post", "put", "patch"):
            made["requestBody"] = {"required": True, "content": {"application/json": {"schema": self._object(0)}}}
        return made

    def _scalar(self) -> dict[str, Any]:
        return self.chance.choice(
            [
                {"type": "string", "minLength": 1},
                {"type": "integer", "minimum": 0},
                {"type": "boolean"},
                {"type": "string", "enum": ["open", "paid", "sent"]},
                {"type": "string", "format": "uuid"},
                {"type": "string", "format": "date-time"},
                {"type": "number"},
            ]
        )

    def _schema(self, depth: int) -> dict[str, Any]:
        roll = self.chance.random()
        if depth < 3 and roll < 0.25:
            return self._object(depth)
        if depth < 3 and roll < 0.45:
            return {"type": "array", "items": self._schema(depth + 1)}
        if depth < 2 and roll < 0.5:
            return {"type": "object", "additionalProperties": self._scalar()}
        scalar = self._scalar()
        if self.chance.random() < 0.15 and "enum" not in scalar:
            return {**scalar, "nullable": True} if self.old else {**scalar, "type": [scalar["type"], "null"]}
        return scalar

    def _object(self, depth: int, *, plain: bool = False) -> dict[str, Any]:
        names = self.chance.sample(WORDS, self.chance.randint(1, 4))
        made: dict[str, Any] = {"type": "object", "properties": {name: self._schema(depth + 1) for name in names}}
        required = [name for name in names if self.chance.random() < 0.5]
        if required:
            made["required"] = required
        if plain:
            return made
        roll = self.chance.random()
        if roll < 0.15:
            made["additionalProperties"] = False
        elif roll < 0.3:
            made["additionalProperties"] = True
        elif roll < 0.5:
            other = self._object(3, plain=True)
            made = {"allOf": [made, other]} if not set(other["properties"]) & set(names) else made
        elif roll < 0.65 and depth:
            one, two = (
                {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string", "enum": ["one"]}}},
                made,
            )
            two = {**copy.deepcopy(made), "required": [*made.get("required", []), "kind"]}
            two["properties"]["kind"] = {"type": "string", "enum": ["two"]}
            made = {"oneOf": [one, two]}
        if self.chance.random() < 0.4:
            name = f"S{len(self.components)}"
            self.components[name] = made
            return {"$ref": f"#/components/schemas/{name}"}
        return made

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        return self.components[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema

    def value(self, schema: dict[str, Any]) -> Any:
        schema = self._resolved(schema)
        if "oneOf" in schema:
            return self.value(self.chance.choice(schema["oneOf"]))
        if "allOf" in schema:
            return {name: each for part in schema["allOf"] for name, each in self.value(part).items()}
        if "enum" in schema:
            return self.chance.choice(schema["enum"])
        return self._typed(schema)

    def _typed(self, schema: dict[str, Any]) -> Any:
        kind = schema["type"][0] if isinstance(schema["type"], list) else schema["type"]
        if (schema.get("nullable") or isinstance(schema["type"], list)) and self.chance.random() < 0.2:
            return None
        if kind == "object":
            if "properties" not in schema:
                return {f"key-{n}": self.value(schema["additionalProperties"]) for n in range(2)}
            return {
                name: self.value(each)
                for name, each in schema["properties"].items()
                if name in schema.get("required", ()) or self.chance.random() < 0.7
            }
        if kind == "array":
            return [self.value(schema["items"]) for _ in range(self.chance.randint(0, 3))]
        texts = {"uuid": "9b2f8c52-6a44-4f4e-9a5c-0d6a2c3b1e11", "date-time": "2026-01-01T10:00:00Z"}
        plain = {"string": texts.get(schema.get("format", ""), "text"), "integer": 7, "number": 1.5, "boolean": True}
        return plain[kind]

    def exchange(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """An exchange that keeps the contract, and the operation that it is of."""
        operation = self.chance.choice(self.operations)
        what = operation["what"]
        query, headers = [], {"accept": "application/json"}
        for each in what["parameters"]:
            if each["in"] == "path" or not (each["required"] or self.chance.random() < 0.5):
                continue
            text = json.dumps(self.value(each["schema"])).strip('"')
            if each["in"] == "query":
                query.append(f"{each['name']}={text}")
            else:
                headers[each["name"]] = text
        request: dict[str, Any] = {"method": operation["verb"].upper(), "headers": headers}
        request["url"] = "https://api.example.org/v2" + operation["path"].replace(
            "{id}", str(self.chance.randrange(99))
        )
        request["url"] += f"?{'&'.join(query)}" if query else ""
        if "requestBody" in what:
            request["headers"] |= JSON
            request["body"] = self.value(what["requestBody"]["content"]["application/json"]["schema"])
        status = self.chance.choice([each for each in what["responses"] if each != "404"])
        body = self.value(what["responses"][status]["content"]["application/json"]["schema"])
        return {
            "time": f"2026-01-01T00:{self.chance.randrange(60):02}:{self.chance.randrange(60):02}Z",
            "request": request,
            "response": {"status": int(status), "headers": dict(JSON), "body": body},
        }, operation

    def planted(self) -> tuple[dict[str, Any], tuple[str, str] | None]:
        """An exchange with one drift, and what it is; None where there was nothing to plant it in."""
        exchange, operation = self.exchange()
        name = f"{operation['verb'].upper()} {operation['path']}"
        drift = self.chance.choice(list(PLANTS))
        done = PLANTS[drift](self, exchange, operation)
        if done is None:
            return self.exchange()[0], None
        return exchange, (drift, name if done is True else done)


def _operation(world: World, exchange: dict[str, Any], operation: dict[str, Any]) -> Any:
    exchange["request"]["url"] = "https://api.example.org/v2/hidden/77"
    return f"{exchange['request']['method']} /v2/hidden/{{number}}"


def _method(world: World, exchange: dict[str, Any], operation: dict[str, Any]) -> Any:
    taken = {each["verb"] for each in world.operations if each["path"] == operation["path"]}
    free = [each for each in VERBS if each not in taken]
    exchange["request"]["method"] = free[0].upper()
    return f"{free[0].upper()} {operation['path']}"


def _status(world: World, exchange: dict[str, Any], operation: dict[str, Any]) -> Any:
    exchange["response"]["status"] = 503
    return True


def _media(world: World, exchange: dict[str, Any], operation: dict[str, Any]) -> Any:
    exchange["response"]["headers"] = {"content-type": "text/html"}
    exchange["response"]["text"] = "<html>"
    del exchange["response"]["body"]
    return True


def _parameter(world: World, exchange: dict[str, Any], operation: dict[str, Any]) -> Any:
    url = exchange["request"]["url"]
    exchange["request"]["url"] = f"{url}{'&' if '?' in url else '?'}debug=1"
    return True


def _header(world: World, exchange: dict[str, Any], operation: dict[str, Any]) -> Any:
    world.chance.choice([exchange["request"], exchange["response"]])["headers"]["X-Debug-Trail"] = "1"
    return True


def _objects(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        below = [each for one in value.values() for each in _objects(one)]
        return below if any(key.startswith("key-") for key in value) else [value, *below]
    return [each for one in value for each in _objects(one)] if isinstance(value, list) else []


def _bodies(exchange: dict[str, Any]) -> list[Any]:
    return [each["body"] for each in (exchange["request"], exchange["response"]) if "body" in each]


def _field(world: World, exchange: dict[str, Any], operation: dict[str, Any]) -> Any:
    world.chance.choice(_objects(world.chance.choice(_bodies(exchange))))["unheardOf"] = {"secret": "hunter2"}
    return True


def _scalars(exchange: dict[str, Any], wanted: Any) -> list[tuple[dict[str, Any], str]]:
    return [
        (each, key)
        for body in _bodies(exchange)
        for each in _objects(body)
        for key in each
        if key != "kind" and wanted(each[key])
    ]


def _replace(world: World, exchange: dict[str, Any], wanted: Any, value: Any) -> Any:
    found = _scalars(exchange, wanted)
    if not found:
        return None
    holder, key = world.chance.choice(found)
    holder[key] = value
    return True


def _type(world: World, exchange: dict[str, Any], operation: dict[str, Any]) -> Any:
    return _replace(world, exchange, lambda each: each is not None and not isinstance(each, list | dict), ["hunter2"])


def _enum(world: World, exchange: dict[str, Any], operation: dict[str, Any]) -> Any:
    return _replace(world, exchange, lambda each: each in ("open", "paid", "sent"), "hunter2")


def _format(world: World, exchange: dict[str, Any], operation: dict[str, Any]) -> Any:
    return _replace(world, exchange, lambda each: str(each).startswith(("2026-", "9b2f")), "hunter2")


def _missing(world: World, exchange: dict[str, Any], operation: dict[str, Any]) -> Any:
    what = operation["what"]
    status = str(exchange["response"]["status"])
    schema = world._resolved(what["responses"][status]["content"]["application/json"]["schema"])
    required = [each for part in schema.get("allOf", [schema]) for each in world._resolved(part).get("required", ())]
    if not required:
        return None
    del exchange["response"]["body"][world.chance.choice(required)]
    return True


PLANTS = {
    "undocumented-operation": _operation,
    "undocumented-method": _method,
    "undocumented-status": _status,
    "undocumented-media": _media,
    "undocumented-parameter": _parameter,
    "undocumented-header": _header,
    "undocumented-field": _field,
    "wrong-type": _type,
    "wrong-enum": _enum,
    "wrong-format": _format,
    "missing-required": _missing,
}


def summary_of(spec: dict[str, Any], exchanges: list[dict[str, Any]], folder: Path) -> Summary:
    contract = read_contract("api.json", json.dumps(spec).encode())
    examiner = Examiner(contract, digest_of(contract))
    file = folder / "exchanges.ndjson"
    file.write_text("".join(f"{json.dumps(each)}\n" for each in exchanges))
    for each in read_recording(file, "exchanges.ndjson"):
        assert not isinstance(each, Summary)
        examiner.examine(each)
    return examiner.summary


def found_in(summary: Summary) -> set[tuple[str, str]]:
    return {(each.kind, each.operation) for each in summary.drifts()}


@pytest.mark.requirement("INN-02")
def test_what_is_planted_is_found_and_nothing_else(tmp_path):
    planted_in_all = found_in_all = right = 0
    kinds = set()
    for seed in range(150):
        world = World(seed)
        kept = [world.exchange()[0] for _ in range(15)]
        assert found_in(summary_of(world.spec, kept, tmp_path)) == set(), seed
        planted = [world.planted() for _ in range(15)]
        expected = {each for _, each in planted if each is not None}
        found = found_in(summary_of(world.spec, [*kept, *(each for each, _ in planted)], tmp_path))
        assert expected <= found, (seed, expected - found)
        planted_in_all, found_in_all, right = (
            planted_in_all + len(expected),
            found_in_all + len(found),
            right + len(expected & found),
        )
        kinds |= {kind for kind, _ in expected}
    assert kinds == set(PLANTS)
    assert right / planted_in_all == 1.0
    assert right / found_in_all >= 0.95, f"precision {right / found_in_all}"


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), cuts=st.lists(st.integers(0, 40), max_size=4), shuffle=st.randoms())
@pytest.mark.requirement("INN-02")
def test_any_split_of_traffic_gives_the_same_summary(tmp_path_factory, seed, cuts, shuffle):
    folder = tmp_path_factory.mktemp("split")
    world = World(seed)
    exchanges = [world.planted()[0] for _ in range(40)]
    whole = summary_of(world.spec, exchanges, folder)
    edges = sorted({0, *cuts, len(exchanges)})
    parts = [exchanges[start:end] for start, end in itertools.pairwise(edges)]
    shuffle.shuffle(parts)
    merged = Summary(whole.contract)
    for part in parts:
        merged.add(from_bytes(to_bytes(summary_of(world.spec, part, folder))))
    assert to_bytes(merged) == to_bytes(whole)


def test_no_value_of_a_body_is_kept(tmp_path):
    for seed in range(20):
        world = World(seed)
        written = to_bytes(summary_of(world.spec, [world.planted()[0] for _ in range(30)], tmp_path))
        assert b"hunter2" not in written


RECORDINGS = (
    b'{"log": {"entries": [{"request": {"method": "GET", "url": "/x"}, "response": {"status": 200}}]}}',
    b'{"request": {"method": "GET", "url": "/x"}, "response": {"status": 200, "body": {"a": [1]}}}\n' * 2,
    b'10.0.0.1 - - [01/Jan/2026:10:00:00 +0000] "GET /x HTTP/1.1" 200 12\n' * 2,
    b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"kind": 2, "attributes": []}]}]}]}',
    b"53:7:request;0:}4:type;4:http;8:response;11:11:status_code;3:200#}}",
)


@settings(max_examples=300, deadline=None)
@given(
    recording=st.sampled_from(RECORDINGS),
    edits=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 9), st.binary(max_size=6)), max_size=3),
)
@pytest.mark.requirement("INN-02")
def test_a_damaged_recording_is_read_or_refused(tmp_path_factory, recording, edits):
    damaged = bytearray(recording)
    for at, removed, inserted in edits:
        damaged[at : at + removed] = inserted
    file = tmp_path_factory.mktemp("damaged") / "recording"
    file.write_bytes(bytes(damaged))
    with suppress(UnreadableProblem):
        list(read_recording(file, "recording"))
