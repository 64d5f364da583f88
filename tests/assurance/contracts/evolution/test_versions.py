"""What a schema is written in, where nobody says."""

import json

import pytest

from hardpoint.assurance.contracts.evolution.versions import Language, language_of
from hardpoint.assurance.contracts.sides import Side

DRAFT_7 = "http://json-schema.org/draft-07/schema#"


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "array", "items": "int"}, Language.AVRO),
        ({"type": "array", "items": [{"type": "string"}], "$schema": DRAFT_7}, Language.JSON_SCHEMA),
        ({"type": "object"}, Language.JSON_SCHEMA),
        (["null", "int"], Language.AVRO),
    ],
)
def test_a_schema_says_what_it_is_written_in(schema, expected):
    content = json.dumps(schema).encode()
    assert language_of(Side("s.json", content, lambda _: b"")) is expected
