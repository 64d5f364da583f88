"""Suppressions."""

import pytest

from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.suppression import split_suppressed
from hardpoint.kernel.workspace import Workspace


def reasons(text: str | bytes, line: int = 1, rule: str = "DOC001") -> list[str]:
    finding = Finding(rule=rule, severity=Severity.ERROR, place=Place("a.md", line, 1), text="is wrong")
    standing, suppressed = split_suppressed([finding], Workspace.of({"a.md": text}))
    assert len(standing) + len(suppressed) == 1
    return [each.reason for each in suppressed]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[x](y.md) <!-- hardpoint: allow DOC001 -- made by the build -->", 1),
        ("<!-- hardpoint: allow DOC001 -- made by the build -->\n[x](y.md)", 2),
        ("npm test || true  # hardpoint: allow CI001, DOC001 -- made by the build", 1),
        ("  # hardpoint: allow DOC001 -- made by the build\n  x: y", 2),
        ("/* hardpoint: allow DOC001 -- made by the build */\nx", 2),
    ],
)
def test_a_comment_allows_what_its_line_or_the_next_breaks(text, line):
    assert reasons(text, line) == ["made by the build"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[x](y.md) <!-- hardpoint: allow DOC001 -->", 1),
        ("[x](y.md) <!-- hardpoint: allow DOC001 --  -->", 1),
        ("[x](y.md) <!-- hardpoint: allow DOC0011 -- why -->", 1),
        ("[x](y.md) <!-- hardpoint: allow DOC002 -- why -->", 1),
        ("[x](y.md) <!-- hardpoint: allow DOC001 -- why -->\n[x](y.md)", 2),
        ("<!-- hardpoint: allow DOC001 -- why -->\n\n[x](y.md)", 3),
        ("hardpoint allow DOC001 -- why", 1),
    ],
)
def test_without_a_reason_or_elsewhere_it_allows_nothing(text, line):
    assert reasons(text, line) == []


def test_a_file_that_cannot_be_read_allows_nothing():
    finding = Finding(rule="DOC001", severity=Severity.ERROR, place=Place("gone.md", 1), text="is wrong")
    assert split_suppressed([finding], Workspace.of({}))[0] == [finding]
