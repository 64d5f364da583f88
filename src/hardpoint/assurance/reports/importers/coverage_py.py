"""JSON of coverage.py (`coverage json`): coverage of Python."""

from dataclasses import dataclass, field

from hardpoint.assurance.reports.coverage import COVERAGE_FACTS, Covered, coverage_report
from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.problem import UnreadableProblem

_ITS_OWN = (b'"meta"', b'"branch_coverage"', b'"show_contexts"')


@dataclass(slots=True, kw_only=True)
class _Meta:
    version: str
    branch_coverage: bool


@dataclass(slots=True, kw_only=True)
class _Summary:
    covered_lines: int
    num_statements: int
    num_branches: int = 0
    covered_branches: int = 0


@dataclass(slots=True, kw_only=True)
class _File:
    summary: _Summary


@dataclass(slots=True, kw_only=True)
class _Coverage:
    meta: _Meta
    totals: _Summary
    files: dict[str, _File] = field(default_factory=dict)


@importer(
    "coverage-py",
    title="coverage.py's JSON on Python",
    facts=COVERAGE_FACTS,
    recognises=lambda start: all(key in start for key in _ITS_OWN),
    good=b'{"meta": {"version": "7.17", "branch_coverage": true, "show_contexts": false}, "files": {"shop.py": '
    b'{"summary": {"covered_lines": 3, "num_statements": 4, "num_branches": 2, "covered_branches": 1}}}, "totals": '
    b'{"covered_lines": 3, "num_statements": 4, "num_branches": 2, "covered_branches": 1}}',
    bad=b'{"meta": {"branch_coverage": false, "show_contexts": false}, "files": {"shop.py": {"summary"',
    made_by="coverage.py 7.17",
)
def coverage_py(data: bytes) -> Report:
    """The totals, or the sum over the files where that claims less; its time has no offset, so it names no instant."""
    report = encoding.decode(data.removeprefix(b"\xef\xbb\xbf"), _Coverage, what="coverage.py's JSON")
    summaries = [each.summary for each in report.files.values()]
    if any(not _holds(each) for each in (report.totals, *summaries)):
        raise UnreadableProblem("says that more is covered than there is (`$.totals` or `$.files`)")
    totals = report.totals
    return coverage_report(
        Producer(name="coverage.py", version=report.meta.version),
        lines=Covered(totals.num_statements, totals.covered_lines).worse(
            Covered(sum(each.num_statements for each in summaries), sum(each.covered_lines for each in summaries))
        ),
        branches=Covered(totals.num_branches, totals.covered_branches).worse(
            Covered(sum(each.num_branches for each in summaries), sum(each.covered_branches for each in summaries))
        ),
        files=len(summaries),
    )


def _holds(summary: _Summary) -> bool:
    return (
        0 <= summary.covered_lines <= summary.num_statements and 0 <= summary.covered_branches <= summary.num_branches
    )
