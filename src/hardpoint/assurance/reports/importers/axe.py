"""Results of axe-core as JSON: accessibility of pages, from axe's command line, jest-axe, Playwright and others."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hardpoint.assurance.reports.outcomes import instants_stated
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place

TOOL = "axe"
MAX_TEXT = 500
_IMPACTS: Mapping[str, Severity] = {
    "critical": Severity.ERROR,
    "serious": Severity.ERROR,
    "moderate": Severity.WARNING,
    "minor": Severity.NOTE,
}
_UNKNOWN = "serious"
"""What an element counts as whose impact is not said: a broken rule is never taken for a mild one."""
_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?\s*[\[{]")
_ITS_OWN = (b'"testEngine"', b'"toolOptions"', b'"inapplicable"', b'"helpUrl"', b'"violations"')
_LEAST = 2


@dataclass(slots=True, kw_only=True)
class _Node:
    impact: str | None = None
    target: list[Any] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Rule:
    id: str
    nodes: list[_Node]
    impact: str | None = None
    help: str = ""
    helpUrl: str = ""  # noqa: N815 - the names here and below are axe's


@dataclass(slots=True, kw_only=True)
class _Engine:
    version: str = ""


@dataclass(slots=True, kw_only=True)
class _Page:
    violations: list[_Rule]
    passes: list[_Rule]
    incomplete: list[_Rule]
    testEngine: _Engine = field(default_factory=_Engine)  # noqa: N815
    url: str = ""
    timestamp: str = ""


@importer(
    "axe",
    title="axe-core's JSON on the accessibility of pages",
    facts={
        "violations": "elements that break a rule, each once for each rule",
        "critical": "those of impact critical",
        "serious": "those of impact serious, or whose impact is not said",
        "moderate": "those of impact moderate",
        "minor": "those of impact minor",
        "incomplete": "elements that a person has to look at",
        "pages": "pages that were looked at",
        "rules": "rules that applied to them",
    },
    recognises=lambda start: _BEGINS.match(start) is not None and sum(key in start for key in _ITS_OWN) >= _LEAST,
    good=b'{"testEngine": {"name": "axe-core", "version": "4.14.1"}, "url": "https://shop.example/", "toolOptions": {},'
    b' "passes": [{"id": "image-alt", "nodes": [{"target": ["img"]}]}], "incomplete": [], "violations": []}',
    bad=b'[{"testEngine": {"name": "axe-core"}, "toolOptions": {}, "violations": [{"id": "image-alt", "nodes": [',
    made_by="axe-core 4.14",
)
def axe(data: bytes) -> Report:
    """One finding for each element that breaks a rule; one page, or a list of pages as axe's command line saves it.

    Its population is the rules that applied: a page on which none did was not looked at.
    """
    content = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    what = "axe's JSON"
    pages = encoding.decode(content, list[_Page], what=what) if content[:1] == b"[" else None
    pages = [encoding.decode(content, _Page, what=what)] if pages is None else pages
    findings, impacts = [], Counter[str]()
    for page, rule, node in _broken(pages):
        impact = node.impact or rule.impact or ""
        impacts[impact if impact in _IMPACTS else _UNKNOWN] += 1
        findings.append(_finding(page, rule, node, impact))
    applied = [rule for page in pages for rule in (*page.passes, *page.violations, *page.incomplete)]
    return Report(
        producer=Producer(name=TOOL, version=next((page.testEngine.version for page in pages), "")),
        population=len(applied),
        facts={
            "violations": len(findings),
            **{impact: impacts[impact] for impact in _IMPACTS},
            "incomplete": sum(max(len(rule.nodes), 1) for page in pages for rule in page.incomplete),
            "pages": len(pages),
            "rules": len({rule.id for rule in applied}),
        },
        findings=tuple(findings),
        time=min((each for page in pages for each in instants_stated(page.timestamp)), default=None),
    )


def _broken(pages: list[_Page]) -> Iterator[tuple[_Page, _Rule, _Node]]:
    """Every element that breaks a rule; a rule that is broken by no element that is named is broken once."""
    for page in pages:
        for rule in page.violations:
            for node in rule.nodes or [_Node()]:
                yield page, rule, node


def _finding(page: _Page, rule: _Rule, node: _Node, impact: str) -> Finding:
    element = " ".join(_selector(each) for each in node.target)
    doubt = "" if impact in _IMPACTS else f" (its impact is {impact[:40] or 'not said'!r})"
    where = " at ".join(filter(None, (element, page.url)))
    return Finding(
        rule=rule.id,
        severity=_IMPACTS.get(impact, _IMPACTS[_UNKNOWN]),
        place=Place(""),
        text=f"{rule.help or rule.id}{doubt}: {where}"[:MAX_TEXT],
        remedy=rule.helpUrl,
        fingerprint=where,
        tool=TOOL,
    )


def _selector(target: Any) -> str:
    """A selector, or several that lead through frames and shadow roots."""
    return " ".join(str(each) for each in target) if isinstance(target, list) else str(target)
