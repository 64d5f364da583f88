"""Inference: what is proposed of traffic, and that a patch makes the contract one that the traffic keeps."""

import copy
import json

import pytest

from hardpoint.assurance.contracts.operations import read_contract
from hardpoint.assurance.contracts.traffic.examination import Examiner, digest_of
from hardpoint.assurance.contracts.traffic.exchange import Body, Exchange, Form
from hardpoint.assurance.contracts.traffic.inference import Inference, Patch
from hardpoint.assurance.contracts.traffic.lattice import Seen

SPEC = {
    "openapi": "3.1.0",
    "info": {"title": "Orders", "version": "1.0.0"},
    "paths": {
        "/orders/{id}": {
            "get": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {
                    "200": {
                        "description": "one",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}},
                    }
                },
            }
        }
    },
    "components": {"schemas": {"Order": {"type": "object", "properties": {"id": {"type": "integer"}}}}},
}


def exchange(method="GET", path="/orders/1", status=200, given=None, sent=None, query="", media="application/json"):
    return Exchange(
        method=method,
        path=path,
        status=status,
        query=query,
        sent={},
        given={},
        request=Body(Form.VALUE, sent) if sent is not None else Body(Form.ABSENT),
        response=Body(Form.VALUE, given) if given is not None else Body(Form.ABSENT),
        sent_media="application/json" if sent is not None else None,
        given_media=media if given is not None else None,
    )


def applied(spec, patch):
    spec = copy.deepcopy(spec)
    for each in patch:
        at = spec
        *way, last = [key.replace("~1", "/").replace("~0", "~") for key in each["path"].split("/")[1:]]
        for key in way:
            at = at[key]
        if last == "-":
            at.append(each["value"])
        else:
            at[last] = each["value"]
    return spec


def drifts(spec, exchanges):
    contract = read_contract("api.json", json.dumps(spec).encode())
    examiner = Examiner(contract, digest_of(contract))
    for each in exchanges:
        examiner.examine(each)
    return [each.kind for each in examiner.summary.drifts()]


@pytest.mark.requirement("INN-02")
def test_traffic_keeps_the_contract_with_what_is_proposed_for_it():
    drifted = [
        *[exchange(given={"id": 1, "color": "red", "parts": [{"n": 1}]}, query="deep=1") for _ in range(3)],
        *[exchange(status=202, given={"queued": True}) for _ in range(3)],
        *[exchange(given="text", media="text/plain") for _ in range(3)],
        *[exchange("DELETE", status=204) for _ in range(3)],
        *[exchange("POST", "/refunds", 201, given={"id": 1}, sent={"order": 1}) for _ in range(3)],
    ]
    assert set(drifts(SPEC, drifted)) == {
        "undocumented-field",
        "undocumented-parameter",
        "undocumented-status",
        "undocumented-media",
        "undocumented-method",
        "undocumented-operation",
    }
    patch = Patch(read_contract("api.json", json.dumps(SPEC).encode()))
    for each in drifted:
        patch.see(each)
    additions = patch.additions(3)
    assert all(each["count"] >= 3 for each in additions)
    assert len({each["path"] for each in additions}) == len(additions)
    assert drifts(applied(SPEC, additions), drifted) == []


def test_what_is_rare_is_not_proposed():
    patch = Patch(read_contract("api.json", json.dumps(SPEC).encode()))
    patch.see(exchange(given={"id": 1, "color": "red"}))
    patch.see(exchange("DELETE", status=204))
    assert patch.additions(3) == []


@pytest.mark.requirement("INN-02")
def test_a_whole_contract_is_proposed_and_kept_by_its_traffic():
    seen = [
        exchange(
            path=f"/orders/{n}",
            given={"id": n, "note": None if n % 2 else "x", **({"rare": 1} if n else {})},
            query=f"limit={n}",
        )
        for n in range(9)
    ]
    seen += [exchange("POST", "/orders", 201, given={"id": n}, sent={"qty": n}) for n in range(9)]
    inferred = Inference()
    for each in seen:
        inferred.see(each)
    document = inferred.document(3)
    assert set(document["paths"]) == {"/orders", "/orders/{orderId}"}
    get = document["paths"]["/orders/{orderId}"]["get"]
    schema = get["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema["properties"]["note"]["type"] == ["string", "null"]
    assert schema["required"] == ["id", "note"]
    assert get["x-observed"] == 9
    assert drifts(document, seen) == []


def test_words_that_lead_on_alike_are_values():
    inferred = Inference()
    for letter in "abcdefghijklmnopqrstuvwxyz":
        inferred.see(exchange(path=f"/users/{letter}ob/posts", given=[]))
    assert set(inferred.document(1)["paths"]) == {"/users/{userId}/posts"}


def test_no_recorded_value_is_proposed():
    inferred = Inference()
    for _ in range(5):
        inferred.see(exchange(given={"password": "hunter2", "hunter2@example.org": 1}, query="q=hunter2"))
    assert "hunter2" not in json.dumps(inferred.document(1))


def test_joining_is_the_same_in_any_order():
    values = [{"a": 1}, {"a": 1.5, "b": []}, {"b": [{"c": None}]}, "x", None]
    one, two = Seen(), Seen()
    parts = []
    for value in values:
        one.see(value)
        part = Seen()
        part.see(value)
        parts.append(part)
    for part in reversed(parts):
        two.join(part)
    assert one.schema() == two.schema()
