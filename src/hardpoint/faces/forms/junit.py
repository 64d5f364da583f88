"""JUnit XML: a suite for each gate with a case for each criterion, a suite of rules, and one case for the verdict."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from hardpoint.faces.forms.characters import xml_text
from hardpoint.faces.forms.sheet import Sheet
from hardpoint.faces.forms.verdict import as_findings, as_result, is_decided
from hardpoint.kernel import encoding
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.problem import Exit, Problem
from hardpoint.kernel.result import Result
from hardpoint.kernel.verdict import Judgement, Verdict

_PASSED, _SKIPPED, _FAILURE, _ERROR = "", "skipped", "failure", "error"
_COUNTED = {"failures": _FAILURE, "errors": _ERROR, "skipped": _SKIPPED}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One test case: how it ended, why in a line, and in full."""

    name: str
    outcome: str = _PASSED
    why: str = ""
    text: str = ""


def write_result(result: Result, out: TextIO) -> None:
    """Write a result; failures and errors are in it exactly where the exit code is not 0."""
    sheet = Sheet.of(result)
    root = Element("testsuites", name="hardpoint")
    for decision in sheet.decisions:
        cases = [_criterion(each, decides=sheet.exit is not Exit.OK) for each in decision.criteria]
        _suite(root, f"gate {decision.gate}", cases)
    rules = list(_rules(sheet))
    if rules:
        _suite(root, "rules", rules)
    _suite(root, sheet.schema.partition("/")[0], [_verdict(sheet)])
    for name in ("tests", *_COUNTED):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    indent(root)
    out.write(f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n')


def write_problem(problem: Problem, out: TextIO) -> None:
    """Write a problem as an error."""
    write_result(as_result(problem), out)


def _suite(root: Element, name: str, cases: Sequence[_Case]) -> None:
    name = xml_text(name)
    suite = SubElement(root, "testsuite", name=name, tests=str(len(cases)))
    for counter, outcome in _COUNTED.items():
        suite.set(counter, str(sum(each.outcome == outcome for each in cases)))
    for each in cases:
        case = SubElement(suite, "testcase", classname=name, name=xml_text(each.name))
        if each.outcome:
            SubElement(case, each.outcome, message=xml_text(each.why)).text = xml_text(each.text) or None
        elif each.why or each.text:
            SubElement(case, "system-out").text = xml_text("\n".join(filter(None, (each.why, each.text))))


def _criterion(judgement: Judgement, *, decides: bool) -> _Case:
    said = f"{judgement.verdict.value}: {judgement.reason}"
    places = [_line(each) for each in judgement.findings]
    text = "\n".join(filter(None, (judgement.remedy if judgement.verdict.blocks else "", *places)))
    if not judgement.verdict.blocks:
        skipped = judgement.verdict is Verdict.NOT_APPLICABLE
        return _Case(name=judgement.criterion, outcome=_SKIPPED if skipped else _PASSED, why=said, text=text)
    if not (judgement.blocking and decides):
        aside = "does not decide here" if judgement.blocking else "advisory"
        return _Case(name=judgement.criterion, outcome=_SKIPPED, why=f"{aside}, {said}", text=text)
    outcome = _ERROR if judgement.verdict is Verdict.ERROR else _FAILURE
    return _Case(name=judgement.criterion, outcome=outcome, why=said, text=text)


def _rules(sheet: Sheet) -> Iterator[_Case]:
    """A case for each rule that ran or found something; what is mild stands beside a rule that passes."""
    errors = dict(_run(sheet))
    by_rule: dict[str, list[Finding]] = {rule: [] for rule in errors}
    for each in as_findings(sheet):
        if not each.rule.startswith(("gate/", "hardpoint/")):  # these are cases by themselves
            by_rule.setdefault(each.rule, []).append(each)
    for rule, found in by_rule.items():
        bad = any(each.severity is Severity.ERROR for each in found)
        counted = f"{len(found)} finding{'s' * (len(found) != 1)}" if found else ""
        yield _Case(
            name=rule,
            outcome=_ERROR if errors.get(rule) and not is_decided(sheet) else _FAILURE if bad else _PASSED,
            why=errors.get(rule) or counted,
            text="\n".join(map(_line, found)),
        )


def _run(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """The rules that a check ran, and what kept each from a result."""
    for row in sheet.tables.get("rules", ()):
        plain = encoding.plain(row)
        if isinstance(plain, Mapping) and "rule" in plain:
            yield str(plain["rule"]), str(plain.get("error") or "")


def _verdict(sheet: Sheet) -> _Case:
    failed = _FAILURE if is_decided(sheet) else _ERROR
    mistakes = [_line(each) for each in sheet.findings if each.rule.startswith("hardpoint/")]
    return _Case(
        name="verdict",
        outcome=_PASSED if sheet.exit is Exit.OK else failed,
        why=sheet.headline,
        text="\n".join([*mistakes, *sheet.next_steps]),
    )


def _line(finding: Finding) -> str:
    at = f"{finding.place}: " if finding.place.file else ""
    remedy = f" ({finding.remedy})" if finding.remedy else ""
    return f"{at}{finding.severity.value} {finding.rule} {finding.text}{remedy}"
