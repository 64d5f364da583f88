"""Shell scripts: their structure, and what this reader refuses."""

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardpoint.assurance.delivery import shell
from hardpoint.assurance.delivery.tokens import MAX_SCRIPT, ShellError


def words(text: str) -> list[tuple[str, ...]]:
    return [command.words for command in shell.commands(shell.parse(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pytest -x", [("pytest", "-x")]),
        ("a && b || c; d & e | f", [("a",), ("b",), ("c",), ("d",), ("e",), ("f",)]),
        ("echo 'a b' \"c d\" e\\ f", [("echo", "a b", "c d", "e f")]),
        ("echo a \\\n  b", [("echo", "a", "b")]),
        ('echo "$(ls || true)" `x || y`', [("echo", "$(ls || true)", "`x || y`")]),
        ('echo ${A:-"x || y"}', [("echo", '${A:-"x || y"}')]),
        ("${{ matrix.a || 'b' }} test", [("${{ matrix.a || 'b' }}", "test")]),
        ("a # || true", [("a",)]),
        ("a >log 2>&1 <in", [("a",)]),
        ("cat <<E\nb || true\nE\nc", [("cat",), ("c",)]),
        ("cat <<-'E'\n\tb\n\tE\nc", [("cat",), ("c",)]),
        ("if a; then b; elif c; then d; else e; fi", [("a",), ("b",), ("c",), ("d",), ("e",)]),
        ("while a; do b; done", [("a",), ("b",)]),
        ("for x in 1 2; do b $x; done", [("b", "$x")]),
        ("case $x in a|b) c;; *) d;; esac", [("c",), ("d",)]),
        ("f() { a; }; f", [("a",), ("f",)]),
        ("( cd x && a )", [("cd", "x"), ("a",)]),
        ("[[ a || b ]] && c", [("[[",), ("c",)]),
        ("(( a || b )); c", [("c",)]),
        ("x=(a b); c", [("x=",), ("c",)]),
        ("! a", [("a",)]),
    ],
)
def test_the_commands_of_a_script_are_found_in_order(text, expected):
    assert words(text) == expected


def test_a_command_knows_its_span_and_whether_its_output_goes_to_a_file():
    (command,) = shell.commands(shell.parse("  npm audit --json > a.json"))
    assert (command.start, command.end, command.to_file) == (2, 27, True)
    (command,) = shell.commands(shell.parse("npm audit >/dev/null"))
    assert not command.to_file


@pytest.mark.parametrize("text", ["a )", "if a; then b", "echo 'a", "a (b)", "fi", "{ a", "x" * (MAX_SCRIPT + 1)])
def test_what_is_no_script_is_refused(text):
    with pytest.raises(ShellError):
        shell.parse(text)


@pytest.mark.parametrize(
    "text", ["(" * 5000, "a() " * 5000, "{{" * 50_000, "'" * 50_001, "$(" * 50_000, "a || " * 40_000 + "b"]
)
def test_hostile_text_costs_little_and_never_more_than_an_error(text):
    begun = time.monotonic()
    with contextlib.suppress(ShellError):
        shell.parse(text)
    assert time.monotonic() - begun < 10


@given(st.text(alphabet="ab '\"`$(){}[]|&;<>\\\n#=!-", max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        sequence = shell.parse(text)
    except ShellError:
        return
    for command in shell.commands(sequence):
        assert 0 <= command.start < command.end <= len(text)
