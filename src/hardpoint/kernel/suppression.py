"""Suppressions: a line that says which rule may be broken here, and why."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hardpoint.kernel.finding import Finding
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

# In whatever a file's comments look like: `<!-- hardpoint: allow DOC001 -- the page is generated -->`.
_ALLOW = re.compile(
    r"hardpoint:[ \t]*allow[ \t]+(?P<rules>[A-Z]+\d+(?:[ \t]*,[ \t]*[A-Z]+\d+)*)(?:[ \t]+--[ \t]+(?P<reason>.*))?"
)
_COMMENT_ENDS = re.compile(r"\s*(?:-->|\*/|#\}|%\})\s*$")
_COMMENT_BEGINS = re.compile(r"^\s*(?:<!--|/\*|\{#|\{%|//|#|;|--|\*)*\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """A finding that somebody allows, and why."""

    finding: Finding
    reason: str


def split_suppressed(findings: Iterable[Finding], workspace: Workspace) -> tuple[list[Finding], list[Suppressed]]:
    """The findings that stand, and those that their own line allows, or a comment alone on the line before.

    A suppression without a reason allows nothing.
    """
    standing: list[Finding] = []
    suppressed: list[Suppressed] = []
    allowed: dict[str, Mapping[tuple[int, str], str]] = {}
    for finding in findings:
        file = finding.place.file
        if file not in allowed:
            allowed[file] = _allowed(file, workspace)
        reason = allowed[file].get((finding.place.line, finding.rule))
        if reason is None:
            standing.append(finding)
        else:
            suppressed.append(Suppressed(finding=finding, reason=reason))
    return standing, suppressed


def _allowed(file: str, workspace: Workspace) -> Mapping[tuple[int, str], str]:
    """Line and rule to the reason, for every suppression in a file."""
    try:
        content = workspace.read(file) if file in workspace.paths else b""
    except UnreadableProblem:
        return {}
    if b"hardpoint:" not in content:
        return {}
    found: dict[tuple[int, str], str] = {}
    for number, line in enumerate(content.decode("utf-8", "replace").split("\n"), 1):
        said = _ALLOW.search(line)
        if said is None:
            continue
        reason = _COMMENT_ENDS.sub("", said["reason"] or "").strip()
        if not reason:
            continue
        lines = [number, number + 1] if _COMMENT_BEGINS.match(line[: said.start()]) else [number]
        found |= {(each, rule.strip()): reason for each in lines for rule in said["rules"].split(",")}
    return found
