"""Reading other tools' reports: bytes to facts and findings, the reader found by the content."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from hardpoint.kernel.evidence import Fact, Producer
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.problem import UnreadableProblem

MAX_REPORT_BYTES = 512 * 1024 * 1024
SNIFF_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a report says: who produced it and when, how much was looked at, what was measured and found."""

    producer: Producer
    population: int
    facts: Mapping[str, Fact]
    findings: tuple[Finding, ...] = ()
    commit: str | None = None
    time: str | None = None
    error: str | None = field(default=None)


Sniff = Callable[[bytes], bool]
Read = Callable[[bytes], Report]


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """A reader of one kind of report.

    `facts` says what each fact is; that of a part of what was looked at, such as an endpoint, is `PART.fact`.
    `recognises` looks at the first SNIFF_BYTES; `read` raises UnreadableProblem with the place of what is wrong. The
    examples test and explain it: `good` is read, `bad` looks like the kind and is refused. `made_by` names the tools,
    with versions, that made the reports it is tested with; without it they are written to the published schema.
    """

    kind: str
    title: str
    facts: Mapping[str, str]
    recognises: Sniff
    read: Read
    good: bytes
    bad: bytes
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class OwnReport:
    """A kind of report that Hardpoint writes itself, which a criterion may ask for, and its facts.

    A capability keeps it in its model.
    """

    kind: str
    facts: tuple[str, ...]


def importer(
    kind: str, *, title: str, facts: Mapping[str, str], recognises: Sniff, good: bytes, bad: bytes, made_by: str = ""
) -> Callable[[Read], Importer]:
    """Make an importer of a function from bytes to a Report; `facts` documents each fact that it gives."""

    def decorate(read: Read) -> Importer:
        return Importer(
            kind=kind,
            title=title,
            facts=facts,
            recognises=recognises,
            read=read,
            good=good,
            bad=bad,
            made_by=made_by,
        )

    return decorate


def read_report(data: bytes, importers: Sequence[Importer]) -> tuple[str, Report]:
    """The kind of a report, found by its content, and what it says.

    Raises UnreadableProblem if it is empty, too large, of no known kind, of several, or malformed.
    """
    if not data.strip():
        raise UnreadableProblem("is empty, so it says nothing", remedy="Did the tool that writes it run?")
    if len(data) > MAX_REPORT_BYTES:
        raise UnreadableProblem(f"is larger than {MAX_REPORT_BYTES // 2**20} MiB")
    start = data[:SNIFF_BYTES]
    matching = [each for each in importers if each.recognises(start)]
    if len(matching) != 1:
        kinds = ", ".join(each.kind for each in matching or importers)
        said = "looks like several kinds of report" if matching else "is no kind of report that is known"
        raise UnreadableProblem(f"{said} ({kinds})")
    report = matching[0].read(data)
    for name, fact in report.facts.items():
        if isinstance(fact, float) and not math.isfinite(fact):
            raise UnreadableProblem(f"{name} is {fact}, which is no number that can be judged")
    return matching[0].kind, report
