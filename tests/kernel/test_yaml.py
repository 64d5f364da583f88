"""YAML 1.2 in the core schema: values, places, and everything that is refused."""

import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.yaml import MAX_DEPTH, load, load_all


def refusal(text: str | bytes, **limits: int) -> UnreadableProblem:
    content = text.encode() if isinstance(text, str) else text
    with pytest.raises(UnreadableProblem) as caught:
        load(content, "a.yaml", **limits)
    return caught.value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("2026-03-31", "2026-03-31"),
        ("1_000", "1_000"),
        ("=", "="),
        ("<<", "<<"),
        ("0b11", "0b11"),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("Null", None),
        ("", None),
        ("010", 10),
        ("0o10", 8),
        ("0xfF", 255),
        ("-7", -7),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-.inf", -math.inf),
        ("'7'", "7"),
        ('"true"', "true"),
        ("!!str 7", "7"),
        ("!!int '7'", 7),
    ],
)
def test_scalars_follow_the_core_schema(written, value):
    found = load(f"key: {written}".encode(), "a.yaml").data["key"]
    assert found == value
    assert type(found) is type(value)


def test_not_a_number_is_a_float():
    assert math.isnan(load(b"key: .NaN", "a.yaml").data["key"])


@pytest.mark.parametrize("content", [b"", b"\n\n", b"# only a comment\n", b"---\n"])
def test_an_empty_document_is_none(content):
    assert load(content, "a.yaml").data is None


def test_a_byte_order_mark_is_no_content():
    assert load(b"\xef\xbb\xbfkey: 1", "a.yaml").data == {"key": 1}


def test_places_are_of_values_and_of_keys():
    document = load("a:\n  - ä: x\n    b: y\n".encode(), "a.yaml")
    assert document.places[("a", 0, "b")] == Place("a.yaml", 3, 8)
    assert document.key_places[("a", 0, "b")] == Place("a.yaml", 3, 5)
    assert document.places[("a", 0, "ä")] == Place("a.yaml", 2, 8)


def test_an_alias_is_expanded_at_its_own_path():
    document = load(b"a: &x {b: 1}\nc: *x\n", "a.yaml")
    assert document.data == {"a": {"b": 1}, "c": {"b": 1}}
    assert ("c", "b") in document.places


@pytest.mark.parametrize(
    ("text", "sentence", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", "twice", 3),
        ("a: !!python/object/apply:os.system [x]\n", "tag", 1),
        ("a: !secret x\n", "tag", 1),
        ("a: !!set {x}\n", "tag", 1),
        ("a: !!binary aGk=\n", "tag", 1),
        ("? [a]\n: 1\n", "not text", 1),
        ("a: &x [*x]\n", "itself", 1),
        ("a: 1\n---\nb: 2\n", "expected a single document", 2),
        ("a: [1\nb: 2\n", "expected ',' or ']'", 2),
        ("a: *gone\n", "undefined alias", 1),
        ("a: !!int x\n", "invalid literal", 1),
        ("\ta: 1\n", "cannot start any token", 1),
        ("a: " + "9" * 5000, "", 1),
    ],
)
def test_what_is_refused_is_refused_at_its_place(text, sentence, line):
    problem = refusal(text)
    assert sentence in problem.sentence
    assert problem.place.line == line
    assert problem.place.column >= 1


@pytest.mark.parametrize("text", ["a: b: c\n", "a:\n\t- b\n", "a: [b\n"])
def test_what_is_no_yaml_is_said_in_a_sentence_that_follows_the_file(text):
    with pytest.raises(UnreadableProblem) as caught:
        load(text.encode(), "x.yml")
    assert caught.value.sentence.startswith("is not YAML: ")


def test_text_that_is_not_utf8_is_refused():
    assert refusal(b"a: \xff").sentence == "is not UTF-8 (byte 3)"


def test_a_control_character_is_refused():
    refusal(b"a: \x00")


def test_more_bytes_than_the_limit_are_refused():
    assert refusal("a: 12345", max_bytes=7).sentence == "is larger than 7 bytes"
    assert load(b"a: 1", "a.yaml", max_bytes=4).data == {"a": 1}


def test_deep_nesting_is_refused_before_it_overflows_the_stack():
    assert "deeper" in refusal("[" * 100_000).sentence
    assert load(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, "a.yaml").data == load(b"[" * 60 + b"]" * 60, "b").data


def test_aliases_cannot_nest_deeper_than_text():
    chain = "- &a0 [x]\n" + "".join(f"- &a{n} [*a{n - 1}]\n" for n in range(1, 600))
    assert "deeper" in refusal(chain).sentence


def test_aliases_cannot_multiply_without_bound():
    laughs = "a0: &a0 [" + "x," * 20 + "]\n"
    laughs += "".join(f"a{n}: &a{n} [" + f"*a{n - 1}," * 20 + "]\n" for n in range(1, 12))
    assert "expands to more than" in refusal(laughs).sentence


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_read_or_refused(content):
    with suppress(UnreadableProblem):
        load(content, "a.yaml")


def test_every_document_of_a_file_is_read_with_its_places():
    first, second = load_all(b"a: 1\n---\nb:\n  c: 2\n", "x.yaml")
    assert (first.data, second.data) == ({"a": 1}, {"b": {"c": 2}})
    assert second.places[("b", "c")] == Place("x.yaml", 4, 6)
    assert load_all(b"", "x.yaml") == []


@pytest.mark.parametrize("content", [b"a: 1\n---\na: 1\na: 2\n", b"---\n[\n", b"\xff", b"[" * 100])
def test_one_bad_document_is_refused_with_its_file(content):
    with pytest.raises(UnreadableProblem):
        load_all(content, "x.yaml")
