"""A verdict as findings: what hosts show that know nothing of gates, criteria and exit codes."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from hardpoint.faces.forms.sheet import Sheet
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.manifest import MANIFEST_FILE
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import Exit, Problem
from hardpoint.kernel.result import Result
from hardpoint.kernel.verdict import Judgement, Verdict

NOWHERE = Place(MANIFEST_FILE, 1)
"""Where a host shows what has no place of its own."""

_DECIDED = frozenset({Exit.OK, Exit.FOUND, Exit.WAIVED})
"""The exit codes of a judgement that was come to."""


def is_decided(sheet: Sheet) -> bool:
    """Whether a judgement was come to, good or bad; else something failed on the way."""
    return sheet.exit in _DECIDED


def as_findings(sheet: Sheet) -> list[Finding]:
    """What is found and what decides, the worst first: of level error exactly where the exit code is not 0.

    Where it is 0, what is bad without deciding is a warning; where nothing else says why it is not, the headline does.
    """
    found = [*_criteria(sheet), *sheet.findings]
    if sheet.exit is Exit.OK:
        found = [replace(each, severity=min(each.severity, Severity.WARNING)) for each in found]
    elif not is_decided(sheet) or all(each.severity is not Severity.ERROR for each in found):
        found = [_headline(sheet), *found]
    return sorted(found, key=lambda each: each.severity, reverse=True)


def as_result(problem: Problem) -> Result:
    """A problem as a result, each mistake of a declaration as a finding at its place."""
    from hardpoint.kernel.declarations import DeclarationProblem  # results are written without its reader

    mistakes = problem.mistakes if isinstance(problem, DeclarationProblem) else ()
    return Result(
        schema="problem/v1",
        headline=str(problem),
        about={"code": problem.code, "place": problem.place},
        items={
            "mistakes": [
                Finding(
                    rule="hardpoint/declaration",
                    severity=Severity.ERROR,
                    place=each.place,
                    text=str(each).removeprefix(f"{each.place}: "),
                )
                for each in mistakes
            ]
        },
        next_steps=(problem.remedy,) if problem.remedy else (),
        exit=problem.exit,
    )


def _headline(sheet: Sheet) -> Finding:
    place = sheet.about.get("place")
    place = place if isinstance(place, Place) else Place("")
    return Finding(
        rule=f"hardpoint/{sheet.about.get('code', 'verdict')}",
        severity=Severity.ERROR,
        place=place,
        text=sheet.headline.removeprefix(f"{place}: ") if place.file else sheet.headline,
        remedy=" ".join(sheet.next_steps),
    )


def _criteria(sheet: Sheet) -> Iterator[Finding]:
    places = _criteria_places(sheet.root) if sheet.decisions else {}
    for decision in sheet.decisions:
        for judgement in decision.criteria:
            if judgement.verdict.blocks or judgement.verdict is Verdict.WAIVED:
                place = places.get((decision.gate, judgement.criterion), NOWHERE)
                yield _criterion(decision.gate, judgement, place)


def _criterion(gate: str, judgement: Judgement, place: Place) -> Finding:
    decides = judgement.blocking and judgement.verdict.blocks
    waived = judgement.verdict is Verdict.WAIVED
    return Finding(
        rule=f"gate/{gate}/{judgement.criterion}",
        severity=Severity.ERROR if decides else Severity.NOTE if waived else Severity.WARNING,
        place=place,
        text=f"{'' if judgement.blocking else 'advisory, '}{judgement.verdict.value}: {judgement.reason}",
        remedy=judgement.remedy,
    )


def _criteria_places(root: Path | None) -> Mapping[tuple[str, str], Place]:
    """Where the manifest declares each criterion; nothing where it cannot be read: the first line will do then."""
    from hardpoint.kernel import yaml

    if root is None:
        return {}
    with suppress(Problem, OSError, TypeError, KeyError, AttributeError):
        document = yaml.load((root / MANIFEST_FILE).read_bytes(), MANIFEST_FILE)
        return {
            (str(gate["name"]), str(criterion["id"])): document.places["gates", at, "criteria", number]
            for at, gate in enumerate(document.data["gates"])
            for number, criterion in enumerate(gate["criteria"])
        }
    return {}
