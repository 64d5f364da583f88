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
        ("| [x](y.md) | table <!-- hardpoint: allow DOC001 -- made by the build --> |", 1),
        ("[x](y.md) <!-- hardpoint: allow DOC001 \u2014 made by the build -->", 1),
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


@pytest.mark.parametrize(
    ("comment", "why"),
    [
        ("hardpoint: allow DOC001", "it gives no reason, ` -- why`"),
        ("hardpoint: allow DOC001 -- ", "it gives no reason, ` -- why`"),
        ("hardpoint: allow DOC001 made by the build", "write `allow ID -- why`"),
        ("hardpoint: ignore DOC001 -- made by the build", "write `allow`, not `ignore`"),
        ("hardpoint: allow DOC999 -- made by the build", "it is about DOC999, and this is DOC001"),
    ],
)
def test_a_suppression_that_does_not_work_says_why(comment, why):
    finding = Finding(rule="DOC001", severity=Severity.ERROR, place=Place("a.md", 1), text="is wrong", remedy="Mend it")
    ((standing,), suppressed) = split_suppressed([finding], Workspace.of({"a.md": f"[x](y.md) <!-- {comment} -->"}))
    assert suppressed == []
    assert standing.remedy == f"Mend it. The comment beside it allows nothing: {why}"


def test_a_file_that_cannot_be_read_allows_nothing():
    finding = Finding(rule="DOC001", severity=Severity.ERROR, place=Place("gone.md", 1), text="is wrong")
    assert split_suppressed([finding], Workspace.of({}))[0] == [finding]
