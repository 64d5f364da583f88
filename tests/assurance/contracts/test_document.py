"""Documents: read in both languages, references followed, places found, everything else refused at its place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.assurance.contracts.document import Document, Node, pointer_of
from hardpoint.assurance.contracts.operations import read_contract
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem

JSON = b"""{
  "openapi": "3.0.3", "info": {"title": "x"},
  "paths": {
    "/a~b": {"get": {"parameters": [{"name": "q"}, {"$ref": "#/paths/~1a~0b/get/parameters/0"}]}}
  }
}
"""
YAML = b"""openapi: 3.1.0
info: {title: x}
paths:
  /a~b:
    get:
      parameters:
        - name: q
        - $ref: '#/paths/~1a~0b/get/parameters/0'
"""


@pytest.mark.parametrize(("name", "content", "lines"), [("a.json", JSON, (4, 4)), ("a.yaml", YAML, (7, 8))])
def test_references_are_followed_and_places_found(name, content, lines):
    document = Document(name, content)
    first, second = document.root["paths"]["/a~b"]["get"]["parameters"].each()
    assert document.follow(second).value == {"name": "q"}
    assert document.follow(second).pointer == "/paths/~1a~0b/get/parameters/0"
    assert (first.place.line, second.place.line) == lines


def test_a_place_that_is_not_there_is_the_next_above():
    for name, content, line in (("a.json", JSON, 2), ("a.yaml", YAML, 2)):
        root = Document(name, content).root
        assert Node(None, root.source, ("info", "version")).place.line == line


trees = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=4), below, max_size=3),
)


@given(st.dictionaries(st.text(max_size=4), trees, min_size=1), st.sampled_from([None, 2]), st.booleans())
def test_every_value_stands_where_its_place_says(tree, indent, ascii_only):
    text = json.dumps(tree, indent=indent, ensure_ascii=ascii_only)
    source = Document("a.json", text.encode()).root.source
    for path, value in walk(tree, ()):
        place = source.place(path)
        line = text.split("\n")[place.line - 1][place.column - 1 :]
        starts = json.dumps(path[-1] if isinstance(path[-1], str) else value, ensure_ascii=ascii_only)
        assert line.startswith(starts if not isinstance(value, dict | list) or isinstance(path[-1], str) else starts[0])


def walk(value, path):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        yield (*path, key), each
        yield from walk(each, (*path, key))


def test_files_are_followed_beside_the_one_that_refers():
    files = {
        "api/schemas/pet.yaml": b"type: object\nproperties:\n  owner: {$ref: '../owner.yaml#/Owner'}\n",
        "api/owner.yaml": b"Owner: {type: string}\n",
    }
    content = b'{"a": {"$ref": "schemas/pet.yaml"}}'
    document = Document("api/root.json", content, files.__getitem__)
    pet = document.follow(document.root["a"])
    owner = document.follow(pet["properties"]["owner"])
    assert owner.value == {"type": "string"}
    assert owner.place == Place("api/owner.yaml", 1, 1)


def test_anchors_and_ids_are_names():
    document = Document(
        "a.json",
        b'{"x": {"$anchor": "here", "v": 1}, "y": {"$id": "https://x.test/y", "v": 2},'
        b' "a": {"$ref": "#here"}, "b": {"$ref": "https://x.test/y"}}',
    )
    assert document.follow(document.root["a"]).value["v"] == 1
    assert document.follow(document.root["b"]).value["v"] == 2


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("#/nowhere", "refers to '#/nowhere', which is not there"),
        ("#/a", "refers to itself"),
        ("https://example.com/a.json", "which is not read"),
        ("/etc/passwd", "which is not read"),
        ("other.json", "which is not read"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told_at_its_place(reference, says):
    document = Document("a.json", json.dumps({"a": {"$ref": reference}}).encode())
    with pytest.raises(UnreadableProblem, match=r"^a\.json:1:2: ") as told:
        document.follow(document.root["a"])
    assert says in str(told.value)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.json", b"", "a.json: is empty"),
        ("a.yaml", b" \n", "a.yaml: is empty"),
        ("a.json", b'{"openapi": "3.0.0",', "a.json:1:21: is not the JSON that it should be"),
        ("a.json", b'{\n "openapi": nope}', "a.json:2:17: is not the JSON"),
        (
            "a.json",
            b'{"openapi": "3.0.0", "info": {}, "info": {}}',
            "a.json: is not the JSON that it should be: an object",
        ),
        ("a.yaml", b"openapi: [3", "a.yaml:2:1: is not YAML"),
        ("a.yaml", b"a: 1\na: 2", "a.yaml:2:1: has the key 'a' twice"),
        ("a.yaml", b"just words", "a.yaml:1:1: is no OpenAPI document: it is no mapping"),
        ("a.yaml", b"kind: Service", "a.yaml:1:1: is no OpenAPI document: it has no `openapi`"),
        ("a.yaml", b"\nswagger: '2.0'", "a.yaml:2:1: is Swagger 2.0"),
        ("a.yaml", b"openapi: 4.0.0", "a.yaml:1:1: is OpenAPI '4.0.0'"),
        ("a.yaml", b"openapi: 3.1.0\npaths: []", "a.yaml:2:1: has a 'paths' that is no mapping"),
        ("a.json", b"[" * 3000, "a.json: is not the JSON"),
        ("a.yaml", b"\xff\xfe", "a.yaml: is not UTF-8"),
    ],
)
def test_what_is_no_contract_is_refused_at_its_place(name, content, says):
    with pytest.raises(UnreadableProblem) as told:
        read_contract(name, content)
    assert str(told.value).startswith(says)
    assert told.value.exit == 3


def test_a_pointer_is_escaped():
    assert pointer_of(("paths", "/a~b", 0)) == "/paths/~1a~0b/0"
