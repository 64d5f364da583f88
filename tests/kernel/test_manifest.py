"""The manifest: one key for each capability, its version, and its schema."""

import pytest

from hardpoint.kernel.declarations import DeclarationProblem, Section, declared
from hardpoint.kernel.manifest import MANIFEST_FILE, Manifest, json_schema
from hardpoint.kernel.place import Place


@declared
class Size:
    width: int
    """How wide, in metres."""


SIZE = Section("size", Size, Size(width=1))
TEAMS = Section("teams", tuple[str, ...], ())


def mistakes(text: str | bytes) -> list[str]:
    content = text.encode() if isinstance(text, str) else text
    with pytest.raises(DeclarationProblem) as caught:
        Manifest.load(content, [SIZE, TEAMS])
    return [str(each) for each in caught.value.mistakes]


def test_sections_are_read_and_absent_ones_have_their_default():
    manifest = Manifest.load(b"version: 1\nteams: [a]\n", [SIZE, TEAMS])
    assert manifest.exists
    assert manifest[TEAMS] == ("a",)
    assert manifest[SIZE] == Size(width=1)


def test_no_manifest_is_all_defaults():
    manifest = Manifest.load(None, [SIZE])
    assert not manifest.exists
    assert manifest[SIZE].width == 1
    assert manifest.place("size") == Place(MANIFEST_FILE)


def test_places_of_values_are_known():
    manifest = Manifest.load(b"version: 1\nsize:\n  width: 3\n", [SIZE])
    assert manifest.place("size", "width") == Place(MANIFEST_FILE, 3, 10)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "",
            "hardpoint.yaml:1:1: expected keys and values; delete it, and `hardpoint init` writes a first one",
        ),
        (
            "- 1",
            "hardpoint.yaml:1:1: expected keys and values; delete it, and `hardpoint init` writes a first one",
        ),
        ("teams: []", "hardpoint.yaml:1:1: version: is required: version: 1"),
        ("version: 2", "hardpoint.yaml:1:10: version: expected 1, got 2"),
        ("version: '1'", "hardpoint.yaml:1:10: version: expected 1, got '1'"),
        ("version: true", "hardpoint.yaml:1:10: version: expected 1, got True"),
        ("version: 1\nteam: []", "hardpoint.yaml:2:1: team: unknown key (did you mean 'teams'?)"),
        ("version: 1\nversion: 1", "hardpoint.yaml:2:1: has the key 'version' twice"),
        ("version: 1\nsize: ~", "hardpoint.yaml:2:7: size: expected keys and values, got None"),
        (b"\xff", "hardpoint.yaml: is not UTF-8 (byte 0)"),
    ],
)
def test_a_mistake_is_told_with_its_place(text, said):
    assert mistakes(text) == [said]


def test_mistakes_of_all_sections_are_told_at_once():
    found = mistakes("version: 3\nsizes: 1\nsize: {width: x, hight: 1}\nteams: [1]\n")
    assert [each.split(":")[1] for each in found] == ["1", "2", "3", "3", "4"]


def test_the_schema_names_every_section_and_explains_it():
    schema = json_schema([SIZE, TEAMS])
    assert set(schema["properties"]) == {"version", "size", "teams"}
    assert schema["additionalProperties"] is False
    assert schema["$defs"]["Size"]["properties"]["width"]["description"] == "How wide, in metres."
    assert schema["$defs"]["Size"]["additionalProperties"] is False
