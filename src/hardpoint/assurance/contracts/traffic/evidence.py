"""Traffic as evidence: what the record keeps of a report."""

import hardpoint
from hardpoint.assurance.contracts.traffic.report import Report
from hardpoint.assurance.reports.intake import service_of
from hardpoint.kernel import git
from hardpoint.kernel.clock import format_instant
from hardpoint.kernel.evidence import Assurance, Evidence, Producer, drafted
from hardpoint.kernel.rooms.cli import Context

KIND = "contract-traffic"


def append(
    context: Context,
    report: Report,
    spec: str,
    service: str | None,
    environment: str | None,
    commit: str | None,
    identity_token: str | None,
) -> int:
    """Record a report; its population is the exchanges that were judged. Returns the index of the entry."""
    root = context.workspace.root
    evidence = Evidence(
        kind=KIND,
        name=spec,
        service=service_of(context, service),
        producer=Producer(name="hardpoint", version=hardpoint.__version__),
        population=int(report.facts["judged"]),
        facts=report.facts,
        findings=report.findings,
        commit=git.resolve(root, commit) if commit and root else commit,
        environment=environment,
        time=format_instant(context.clock()),
        assurance=Assurance.CI if identity_token else Assurance.RAN,
    )
    with context.record(identity_token) as record:
        return record.append(drafted(evidence)).index
