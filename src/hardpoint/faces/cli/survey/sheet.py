"""A survey in a few lines for people, and whole as data."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from hardpoint.faces.cli.survey.assessment import Assessment, Gap, counted, debt
from hardpoint.faces.cli.survey.inventory import Inventory
from hardpoint.faces.cli.survey.languages import MAX_NAMED
from hardpoint.faces.cli.survey.services import MAX_SERVICES
from hardpoint.faces.forms.characters import one_line
from hardpoint.kernel import encoding

WIDTH = 80
MAX_STRONG, MAX_WEAK, MAX_NOTES = 4, 5, 2
"""How many of each are shown; JSON has all of them."""
_LABEL, _WHAT = 9, 33


def lines(found: Inventory, assessment: Assessment, notes: Sequence[str], *, is_known: bool) -> Iterator[str]:
    """Found, strong, weak, debt and notes, each line no wider than a terminal."""
    held = textwrap.wrap(_counts(assessment), WIDTH - _LABEL, break_on_hyphens=False)
    yield from _labelled("found", [_cut(_languages(found)), _cut(_services(found)), *held])
    yield from _labelled("strong", [_pair(each.what, each.proof) for each in assessment.strengths[:MAX_STRONG]])
    yield from _labelled("weak", [_pair(each.what, each.command) for each in shown_gaps(assessment)])
    if assessment.findings:
        kept = " in the baseline" if is_known else ""
        yield from _labelled("debt", [f"{counted(len(assessment.findings), 'finding')}{kept}: {_weighed(assessment)}"])
    yield from _labelled("note", [*notes, *assessment.notes][:MAX_NOTES])


def shown_gaps(assessment: Assessment) -> Sequence[Gap]:
    """The gaps that are shown: the cheapest to close."""
    return assessment.gaps[:MAX_WEAK]


def data(found: Inventory, assessment: Assessment, notes: Sequence[str]) -> Mapping[str, object]:
    """The same and all the rest, as values."""
    return {
        "service": found.services.services[0].name,
        "services": encoding.plain(found.services.services),
        "languages": encoding.plain(found.languages),
        "found": encoding.plain(assessment.inventory),
        "strong": encoding.plain(assessment.strengths),
        "weak": encoding.plain(assessment.gaps),
        "debt": debt(assessment.findings),
        "notes": [*notes, *assessment.notes],
    }


def _labelled(label: str, texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        if text:
            yield f"{label:<{_LABEL}}{one_line(text)}".rstrip()
            label = ""


def _pair(what: str, how: str) -> str:
    """What is said, and the file or the command, which is copied and so never cut."""
    return f"{_cut(what, _WHAT):<{_WHAT}} {how}"


def _languages(found: Inventory) -> str:
    named = ", ".join(f"{each.name} {each.percent} %" for each in found.languages[:MAX_NAMED] if each.percent)
    return f"{named or 'no language that is known'}; {counted(len(found.files), 'file')}"


def _services(found: Inventory) -> str:
    listed = found.services.services
    if len(listed) == 1:
        each = listed[0]
        return f"service {each.name}" + (f", owned by {each.owner} ({each.owned_by})" if each.owner else "")
    names = ", ".join(each.name for each in listed[1:MAX_SERVICES])
    return f"{counted(len(listed) - 1, 'service')} in {listed[0].name}: {names}"


def _counts(assessment: Assessment) -> str:
    others = [each for each in assessment.inventory if each.what != "service"]
    return ", ".join(counted(each.count, each.what) for each in others)


def _weighed(assessment: Assessment) -> str:
    """How many of the findings are of each severity, the gravest first."""
    counts = Counter(finding.severity for finding in assessment.findings)
    return ", ".join(counted(counts[each], each.value) for each in sorted(counts, reverse=True))


def _cut(text: str, width: int = WIDTH - _LABEL) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
