"""JSON in and out."""

from dataclasses import dataclass

import pytest

from hardpoint.kernel import encoding
from hardpoint.kernel.finding import Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem


@dataclass(frozen=True)
class Point:
    x: int
    y: int = 0


def test_equal_values_give_equal_bytes_whatever_their_order():
    assert encoding.encode({"b": 1, "a": [2]}) == encoding.encode({"a": [2], "b": 1}) == b'{"a":[2],"b":1}'


def test_pretty_keeps_the_given_order():
    assert encoding.pretty({"b": 1, "a": 2}) == '{\n  "b": 1,\n  "a": 2\n}'


def test_plain_turns_dataclasses_and_enums_into_json_values():
    assert encoding.plain({"at": Place("a", 1), "how": Severity.ERROR}) == {
        "at": {"file": "a", "line": 1, "column": 0},
        "how": "error",
    }


def test_decoding_is_typed_and_ignores_unknown_fields():
    assert encoding.decode(b'{"x": 1, "z": 3}', Point, what="The point") == Point(1)
    assert encoding.convert({"x": 1, "y": 2}, Point, what="The point") == Point(1, 2)


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b'{"x": "1"}', b'{"x": 1.5}', b'{"y": 1}', b"[]", b'{"x": 1} {"x": 2}', b'{"x": \xff}', b"[" * 99999],
)
def test_anything_else_is_refused_with_what_it_should_be(data):
    with pytest.raises(UnreadableProblem, match="The point is not the JSON"):
        encoding.decode(data, Point, what="The point")


def test_deep_json_is_refused_even_where_anything_is_taken():
    with pytest.raises(UnreadableProblem):
        encoding.decode(b"[" * 100_000 + b"]" * 100_000, object, what="It")


def test_values_of_another_shape_are_refused_with_their_path():
    with pytest.raises(UnreadableProblem, match=r"\$\.x"):
        encoding.convert({"x": None}, Point, what="The point")


def test_text_that_utf_8_cannot_write_is_a_problem():
    with pytest.raises(UnreadableProblem, match="not text that UTF-8 can write"):
        encoding.encode({"file": "\udcff"})
