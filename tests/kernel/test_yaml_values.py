"""The fast reader of YAML says what the careful one says, of whatever text."""

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.kernel import yaml
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.yaml_values import load_values, positions

TEXT = st.text(st.sampled_from("abnoyes~01.-+:#'\"&*!|>{}[], \n\tefNTx_"), max_size=40)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=12), TEXT)
TREES = st.recursive(
    SCALARS, lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=6), below, max_size=4)
)


def same(one: object, other: object) -> bool:
    return repr(one) == repr(other)


def read(reader: object, text: str) -> object:
    try:
        return reader(text.encode(), "a.yaml")  # type: ignore[operator]
    except UnreadableProblem:
        return UnreadableProblem


def carefully(content: bytes, file: str) -> object:
    return yaml.load(content, file).data


@given(TREES, st.booleans())
def test_what_is_written_is_read_as_the_careful_reader_does(tree: object, flow: bool) -> None:
    text = pyyaml.safe_dump(tree, default_flow_style=flow)
    assert same(read(load_values, text), read(carefully, text))


@given(st.lists(TEXT, max_size=4).map("\n".join))
def test_any_text_is_read_or_refused_as_by_the_careful_reader(text: str) -> None:
    careful = read(carefully, text)
    if "<<" not in text:
        assert same(read(load_values, text), careful)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing",
        "no",
        "a: 1:30\nb: 0o17\nc: 0x1F\nd: .inf\ne: 1e3\nf: !!str 1\ng: '1'\nh: ~\ni:\n",
        "a: &x [1, {b: 2}]\nc: *x\n",
        "200: ok\n1.0: x\nnull: y\n",
        "a: 1\na: 2",
        "a: 1\n---\nb: 2",
        "a: !local 1",
        "a: *nowhere",
        "a: &x [*x]",
        "? [1]\n: 2",
        "a: [1",
        "a: !!binary aGk=",
        "&k a: 1\nb: *k\n",
        "a: !!int x",
        "\ufeffa: 1",
    ],
)
def test_both_readers_agree(text: str) -> None:
    assert same(read(load_values, text), read(carefully, text))


@pytest.mark.parametrize(
    "text",
    [
        "base: &b {x: 1, y: 2}\nown: {<<: *b, y: 3}",
        "a: &a {x: 1}\nb: &b {x: 2, z: 3}\nown:\n  <<: [*a, *b]\n  q: 1",
        "a: &a {x: 1}\nown: {<<: *a, <<: {y: 1}}",
        "own: {<<: 3}",
    ],
)
def test_merge_keys_are_merged_as_the_foreign_reader_does(text: str) -> None:
    careful = read(lambda content, file: yaml.load(content, file, foreign=True).data, text)
    assert read(load_values, text) == careful


def test_aliases_of_aliases_end() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(UnreadableProblem, match="expands to more"):
        load_values("\n".join(lines).encode(), "bomb.yaml")


def test_depth_ends() -> None:
    with pytest.raises(UnreadableProblem, match="nested deeper than 200 levels"):
        load_values(b"[" * 300 + b"]" * 300, "deep.yaml")


@given(TREES)
def test_places_are_those_of_the_careful_reader(tree: object) -> None:
    text = pyyaml.safe_dump(tree).encode()
    careful = yaml.load(text, "a.yaml")
    expected = {path: (place.line, place.column) for path, place in ({**careful.places, **careful.key_places}).items()}
    assert {path: at for path, at in positions(text, "a.yaml").items() if path in expected} == expected
