"""What is not of the kind that OpenAPI says is refused at its place, and never judged."""

import json
from datetime import date
from typing import Any

import pytest

from hardpoint.assurance.contracts.diff import compare_contracts
from hardpoint.assurance.contracts.lifecycle import Calendar
from hardpoint.assurance.contracts.operations import read_contract
from hardpoint.kernel.problem import UnreadableProblem


def api(schema: Any, *, operation: Any = None, **rest: Any) -> Any:
    answer = {"200": {"content": {"application/json": {"schema": schema}}}}
    paths = {"/p": {"get": {"responses": answer, **(operation or {})}}}
    return {"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": paths, **rest}


def compared(*documents: Any) -> Any:
    sides = [read_contract(f"{at}.json", json.dumps(each).encode()) for at, each in enumerate(documents)]
    return compare_contracts(*sides, Calendar(date(2026, 1, 1)))


GOOD = api({"type": "object", "description": "d"})


@pytest.mark.requirement("CON-03")
@pytest.mark.parametrize(
    "wrong",
    [
        *(
            api({each: "x"})
            for each in ("properties", "enum", "allOf", "oneOf", "items", "not", "xml", "discriminator")
        ),
        *(api({each: "5"}) for each in ("maximum", "maxLength", "exclusiveMinimum", "multipleOf")),
        *(api({each: "true"}) for each in ("nullable", "readOnly", "uniqueItems", "additionalProperties")),
        *(api({each: 5}) for each in ("type", "pattern", "format", "$ref", "required")),
        *(api({each: True}) for each in ("maximum", "minLength")),
        api({"items": [{}]}),
        api({"allOf": [5]}),
        api({"properties": {"p": "string"}}),
        *(api(each) for each in ("x", [], 5)),
        *(api({}, operation={each: "x"}) for each in ("parameters", "requestBody", "responses", "security", "servers")),
        api({}, operation={"deprecated": "true"}),
        api({}, operation={"requestBody": {"required": "true", "content": {}}}),
        api({}, operation={"parameters": [{"name": "q", "in": "query", "required": "yes"}]}),
        api({}, operation={"responses": {"200": {"content": []}}}),
        api({}, operation={"security": ["key"]}),
        *(api({}, **{each: "x"}) for each in ("paths", "components", "servers", "security", "webhooks", "info")),
        {**GOOD, "paths": {"/p": {"get": "x"}}},
        {**GOOD, "paths": {"/p": []}},
        {"openapi": "3.0.3", "info": {"title": "x", "version": "1"}},
    ],
    ids=lambda each: json.dumps(each)[70:],
)
def test_what_is_of_another_kind_is_refused_on_either_side(wrong: Any) -> None:
    for documents in ((wrong, GOOD), (GOOD, wrong)):
        with pytest.raises(UnreadableProblem) as raised:
            compared(*documents)
        assert raised.value.place is not None


def test_what_is_left_empty_is_as_if_it_was_not_there() -> None:
    assert compared(GOOD, api({"type": "object", "properties": None, "required": True, "enum": None})) == ()
