"""Suppressions: a line that says which rule may be broken here, and why."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from hardpoint.kernel.finding import Finding
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

# In whatever a file's comments look like: `<!-- hardpoint: allow DOC001 -- the page is generated -->`.
_SAID = re.compile(r"hardpoint:[ \t]*(?P<word>allow|ignore|disable|suppress|noqa)\b[ \t]*(?P<rest>.*)", re.IGNORECASE)
_ALLOWED = re.compile(
    r"(?P<rules>[A-Z]+\d+(?:[ \t]*,[ \t]*[A-Z]+\d+)*)(?:[ \t]+(?:--|[\u2013\u2014])(?:[ \t]+(?P<reason>.*))?)?"
)
_COMMENT_ENDS = re.compile(r"\s*(?:-->|\*/|#\}|%\}).*$")
_COMMENT_BEGINS = re.compile(r"^\s*(?:<!--|/\*|\{#|\{%|//|#|;|--|\*)*\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """A finding that somebody allows, and why."""

    finding: Finding
    reason: str


def split_suppressed(findings: Iterable[Finding], workspace: Workspace) -> tuple[list[Finding], list[Suppressed]]:
    """The findings that stand, and those that their own line allows, or a comment alone on the line before.

    A suppression without a reason allows nothing; a finding that stands beside one that does not work says why.
    """
    standing: list[Finding] = []
    suppressed: list[Suppressed] = []
    said: dict[str, Mapping[int, list[_Said]]] = {}
    for finding in findings:
        file = finding.place.file
        if file not in said:
            said[file] = _said(file, workspace)
        beside = said[file].get(finding.place.line, [])
        allowing = next((each for each in beside if finding.rule in each.rules and each.reason), None)
        if allowing is None:
            standing.append(_explained(finding, beside) if beside else finding)
        else:
            suppressed.append(Suppressed(finding=finding, reason=allowing.reason))
    return standing, suppressed


@dataclass(frozen=True, slots=True)
class _Said:
    """A comment that is meant to allow something; `wrong` says why it does not."""

    rules: frozenset[str]
    reason: str = ""
    wrong: str = ""


def _explained(finding: Finding, beside: Sequence[_Said]) -> Finding:
    wrong = next((each.wrong for each in beside if each.wrong), "")
    named = ", ".join(sorted(rule for each in beside for rule in each.rules))
    why = wrong or f"it is about {named}, and this is {finding.rule}"
    remedy = f"{finding.remedy}. " if finding.remedy else ""
    return replace(finding, remedy=f"{remedy}The comment beside it allows nothing: {why}")


def _said(file: str, workspace: Workspace) -> Mapping[int, list[_Said]]:
    """Each line with the suppressions that are about it."""
    try:
        content = workspace.read(file) if file in workspace.paths else b""
    except UnreadableProblem:
        return {}
    if b"hardpoint:" not in content:
        return {}
    found: dict[int, list[_Said]] = {}
    for number, line in enumerate(content.decode("utf-8", "replace").split("\n"), 1):
        if said := _SAID.search(line):
            lines = [number, number + 1] if _COMMENT_BEGINS.match(line[: said.start()]) else [number]
            for each in lines:
                found.setdefault(each, []).append(_read(said["word"], _COMMENT_ENDS.sub("", said["rest"]).strip()))
    return found


def _read(word: str, rest: str) -> _Said:
    if word != "allow":
        return _Said(frozenset(), wrong=f"write `allow`, not `{word}`")
    allowed = _ALLOWED.fullmatch(rest)
    if allowed is None:
        return _Said(frozenset(), wrong="write `allow ID -- why`")
    rules = frozenset(each.strip() for each in allowed["rules"].split(","))
    reason = (allowed["reason"] or "").strip()
    return _Said(rules, reason, wrong="" if reason else "it gives no reason, ` -- why`")
