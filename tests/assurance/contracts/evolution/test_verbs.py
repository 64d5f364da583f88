"""`hardpoint contract compatible`, from the command line."""

import json

import pytest

ORDER = {"type": "record", "name": "Order", "fields": [{"name": "id", "type": "string"}]}
TOTAL = {"name": "total", "type": "int"}
OPEN = {"type": "object", "properties": {"a": {"type": "string"}}}


@pytest.fixture
def written(tmp_path):
    """Writes values as JSON, one a file, and returns the folder."""

    def written(**files):
        for name, value in files.items():
            (tmp_path / name.replace("_", ".")).write_text(json.dumps(value, indent=1))
        return tmp_path

    return written


@pytest.mark.requirement("CON-05")
def test_an_obstacle_is_told_at_its_line(cli, written):
    folder = written(one_avsc=ORDER, two_avsc={**ORDER, "fields": [*ORDER["fields"], TOTAL]})
    ran = cli("contract", "compatible", "one.avsc", "two.avsc", folder=folder)
    assert ran.exit == 1
    assert "two.avsc:9:3: error   reader-field-missing-default-value /fields/1" in ran.out
    assert "Not BACKWARD compatible: 1 obstacle" in ran.out
    assert cli("contract", "compatible", "one.avsc", "two.avsc", "--mode", "forward", folder=folder).exit == 0


@pytest.mark.requirement("CON-05")
def test_every_version_is_asked_where_the_mode_is_transitive(cli, written):
    kept = {**ORDER, "fields": [*ORDER["fields"], TOTAL]}
    folder = written(one_avsc=ORDER, two_avsc=kept, three_avsc=kept)
    names = ("one.avsc", "two.avsc", "three.avsc")
    assert cli("contract", "compatible", *names, folder=folder).exit == 0
    ran = cli("contract", "compatible", *names, "--mode", "BACKWARD_TRANSITIVE", "--format", "json", folder=folder)
    assert (ran.exit, ran.json["compatible"]) == (1, False)
    assert [(each["reader"], each["writer"]) for each in ran.json["incompatibilities"]] == [("three.avsc", "one.avsc")]


@pytest.mark.requirement("CON-05")
def test_open_and_closed_content_models_are_told_apart(cli, written):
    more = {**OPEN, "properties": {**OPEN["properties"], "b": {"type": "string"}}}
    folder = written(one_json=OPEN, two_json=more)
    ran = cli("contract", "compatible", "one.json", "two.json", folder=folder)
    assert (ran.exit, "--declared-only" in ran.out) == (1, True)
    assert cli("contract", "compatible", "one.json", "two.json", "--declared-only", folder=folder).exit == 0


@pytest.mark.requirement("CON-05")
def test_what_could_not_be_shown_passes_only_where_that_is_said(cli, written):
    folder = written(one_json={"type": "string", "pattern": "^ab"}, two_json={"type": "string", "pattern": "^a"})
    ran = cli("contract", "compatible", "one.json", "two.json", folder=folder)
    assert (ran.exit, "Not shown to be BACKWARD compatible" in ran.out) == (1, True)
    assert cli("contract", "compatible", "one.json", "two.json", "--fail-on", "error", folder=folder).exit == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["one.avsc"], 2, "One version goes with itself"),
        (["one.avsc", "two.json"], 2, "written in avro and json-schema"),
        (["one.avsc", "gone.avsc"], 3, "gone.avsc: cannot be read"),
        (["one.avsc", "broken.avsc"], 3, "broken.avsc:1:"),
        (["api.proto", "api.proto"], 3, "buf build"),
    ],
)
def test_what_cannot_be_compared_is_no_pass(cli, written, arguments, code, said):
    folder = written(one_avsc=ORDER, two_json=OPEN)
    (folder / "broken.avsc").write_text('{"type": "rec')
    (folder / "api.proto").write_text('syntax = "proto3";')
    ran = cli("contract", "compatible", *arguments, folder=folder)
    assert (ran.exit, said in ran.err) == (code, True), ran.err


@pytest.mark.requirement("CON-05")
@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "paths": {}}, "hardpoint contract diff"),
        ({"asyncapi": "3.0.0", "id": "urn:a", "info": {"title": "a", "version": "1"}}, "hardpoint contract diff"),
        ({"total": 7}, "it has none of its keywords"),
    ],
)
def test_what_is_no_schema_is_compatible_with_nothing(cli, written, document, told):
    folder = written(one_json=document, two_json=document)
    for more in ((), ("--declared-only",), ("--language", "json-schema")):
        ran = cli("contract", "compatible", "one.json", "two.json", *more, folder=folder)
        assert (ran.exit, told in ran.err) == (3, True), ran


def test_a_schema_that_allows_anything_is_one(cli, written):
    folder = written(one_json=OPEN, two_json={}, three_json={"$defs": {"a": OPEN}}, four_json={"title": "Anything"})
    for each in ("two.json", "three.json", "four.json"):
        assert cli("contract", "compatible", "one.json", each, folder=folder).exit == 0, each
