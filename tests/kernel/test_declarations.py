"""Declarations: YAML into frozen dataclasses, every mistake at once at its place."""

from collections.abc import Mapping
from dataclasses import FrozenInstanceError, field
from typing import Annotated, Literal

import pytest
from annotated_types import Ge, MinLen

from hardpoint.kernel.declarations import By, DeclarationProblem, Mistake, declared, validate
from hardpoint.kernel.duration import Duration
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import Exit
from hardpoint.kernel.spelling import did_you_mean
from hardpoint.kernel.yaml import load


@declared
class Circle:
    kind: Literal["circle"]
    radius: Annotated[int, Ge(1)]


@declared
class Box:
    kind: Literal["box"]
    sides: tuple[int, ...]
    every: Duration | None = None


Shape = Annotated[Circle | Box, By("kind")]


@declared
class Drawing:
    name: Annotated[str, MinLen(1)]
    shapes: tuple[Shape, ...] = ()
    labels: Mapping[str, int] = field(default_factory=dict)
    mode: Literal["fine", "coarse"] = "fine"
    window: Duration | None = None


def read(text: str) -> tuple[Drawing | None, list[str]]:
    value, mistakes = validate(load(text.encode(), "d.yaml"), (), Drawing)
    return value, [str(mistake) for mistake in sorted(mistakes, key=lambda mistake: mistake.place)]


def mistake(text: str) -> str:
    value, mistakes = read(text)
    assert value is None
    (only,) = mistakes
    return only


def test_a_declaration_becomes_a_frozen_dataclass():
    drawing, mistakes = read("name: d\nwindow: 30d\nshapes:\n  - {kind: box, sides: [1, 2]}\n")
    assert not mistakes
    assert drawing == Drawing(name="d", window=Duration(2_592_000), shapes=(Box(kind="box", sides=(1, 2)),))
    with pytest.raises(FrozenInstanceError):
        drawing.name = "other"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nam: x\nname: d", "d.yaml:1:1: nam: unknown key (did you mean 'name'?)"),
        ("name: d\nzzz: 1", "d.yaml:2:1: zzz: unknown key; known are labels, mode, name, shapes, window"),
        ("mode: fine", "d.yaml:1:1: name: is required"),
        ("name: 7", "d.yaml:1:7: name: expected a valid string, got 7"),
        ("name: no\nmode: fin", "d.yaml:2:7: mode: expected 'fine' or 'coarse', got 'fin' (did you mean 'fine'?)"),
        (
            "name: d\nwindow: monthly",
            "d.yaml:2:9: window: expected a duration such as 30d, got 'monthly' (did you mean '30d'?)",
        ),
        ("name: d\nshapes: box", "d.yaml:2:9: shapes: expected a list, got 'box'"),
        ("name: d\nshapes:\n  - {radius: 1}", "d.yaml:3:5: shapes[0]: needs 'kind', which says what it is"),
        (
            "name: d\nshapes:\n  - {kind: circl, radius: 1}",
            "d.yaml:3:5: shapes[0]: expected 'circle', 'box', got 'circl' (did you mean 'circle'?)",
        ),
        (
            "name: d\nshapes:\n  - {kind: circle, radus: 1, radius: 2}",
            "d.yaml:3:20: shapes[0].radus: unknown key (did you mean 'radius'?)",
        ),
        ("name: d\nshapes:\n  - {kind: circle}", "d.yaml:3:5: shapes[0].radius: is required"),
        (
            "name: d\nlabels: {a: x}",
            "d.yaml:2:13: labels.a: expected a valid integer, got 'x'",
        ),
    ],
)
def test_a_mistake_names_its_place_its_path_and_what_was_expected(text, said):
    assert mistake(text) == said


def test_every_mistake_is_told_at_once():
    _, mistakes = read("nam: d\nmode: x\nshapes:\n  - {kind: circle, radius: 0}\n  - {kind: box, sides: [1, x]}\n")
    assert [each.split(": ")[1] for each in mistakes] == [
        "name",
        "nam",
        "mode",
        "shapes[0].radius",
        "shapes[1].sides[1]",
    ]


def test_a_boolean_is_no_number_and_a_number_is_no_text():
    assert "radius" in mistake("name: d\nshapes: [{kind: circle, radius: true}]")
    assert "radius" in mistake("name: d\nshapes: [{kind: circle, radius: '1'}]")


@pytest.mark.parametrize("value", ["99999999999999999999999999", ".inf", ".nan", "~", "[]", "{}", '"\\u0000"'])
def test_odd_values_are_values_or_mistakes(value):
    _, mistakes = read(f"name: {value}")
    assert bool(mistakes) == (value != '"\\u0000"')


def test_a_declaration_that_is_no_mapping_is_a_mistake():
    assert mistake("[1]") == "d.yaml:1:1: expected keys and values, got [1]"


def test_two_of_one_name_are_a_mistake_at_the_second():
    @declared
    class Named:
        name: str

    _, mistakes = validate(load(b"- name: a\n- name: b\n- name: a\n", "d.yaml"), (), tuple[Named, ...])
    assert [str(each) for each in mistakes] == ["d.yaml:3:9: [2].name: 'a' stands already in line 1"]


def test_a_repeated_name_is_told_beside_other_mistakes():
    @declared
    class Named:
        id: str
        size: int

    text = b"- {id: a, size: 1}\n- {id: a, size: x}\n"
    _, mistakes = validate(load(text, "d.yaml"), (), tuple[Named, ...])
    assert len(mistakes) == 2


def test_the_nearest_known_word_is_meant():
    assert did_you_mean("repotr", ["report", "check"]) == " (did you mean 'report'?)"
    assert did_you_mean("xyz", ["report", "check"]) == ""


def test_a_problem_counts_and_orders_its_mistakes():
    mistakes = [Mistake(Place("d", 9), "b", "x"), Mistake(Place("d", 2), "a", "y")]
    problem = DeclarationProblem("d", mistakes)
    assert str(problem) == "d has 2 mistakes"
    assert [each.path for each in problem.mistakes] == ["a", "b"]
    assert problem.exit is Exit.USAGE
    assert str(DeclarationProblem("d", mistakes[:1])) == "d has 1 mistake"


def test_a_mistake_in_an_item_does_not_make_its_list_too_short():
    @declared
    class Filled:
        items: Annotated[tuple[int, ...], MinLen(1)]

    for text, path in ((b"items: [x]", "items[0]"), (b"items: []", "items")):
        _, found = validate(load(text, "d.yaml"), (), Filled)
        assert [each.path for each in found] == [path]
    assert found[0].text == "needs at least 1, got 0"


def test_a_key_that_reads_like_the_kind_of_its_mapping_is_no_mistake():
    @declared
    class Report:
        kind: Literal["report"]
        report: str
        require: int

    @declared
    class Other:
        kind: Literal["other"]

    shape = Annotated[Report | Other, By("kind")]
    _, found = validate(load(b"{kind: report, report: junit, require: x}", "d.yaml"), (), shape)
    assert [each.path for each in found] == ["require"]
    _, found = validate(load(b"{kind: report, report: 1}", "d.yaml"), (), shape)
    assert sorted(each.path for each in found) == ["report", "require"]
