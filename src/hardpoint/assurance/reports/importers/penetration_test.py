"""Penetration tests: what was attacked, what was found, and what has become of it."""

from collections.abc import Mapping
from typing import Annotated, Literal

from annotated_types import MinLen

from hardpoint.assurance.reports.exposures import RISK_FACTS, aliases_in, exposed, risk_facts
from hardpoint.assurance.reports.records import Form, require, require_once, require_order
from hardpoint.kernel.clock import Instant, format_instant
from hardpoint.kernel.declarations import declared
from hardpoint.kernel.evidence import Producer
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.importer import Report, importer
from hardpoint.kernel.place import Place

TOOL = "penetration-test"
Words = Annotated[str, MinLen(1)]


@declared
class Weakness:
    """One finding of the test, and its remediation."""

    id: Words
    """What the testers call it; stable from one version of the record to the next."""
    title: Words
    """What is wrong, in a line."""
    risk: Literal["critical", "high", "medium", "low", "info"]
    """How bad the testers say it is."""
    aliases: tuple[Words, ...] = ()
    """Its names in public databases, such as CVE-2026-0001."""
    due: Instant | None = None
    """When its remediation is due."""
    closed: Instant | None = None
    """When its remediation was done."""
    verified_by: str = ""
    """Who has tried it again since. Without, it is still open."""
    remediation: str = ""
    """What was done, or is to be done."""


@declared
class PenetrationTest:
    """A penetration test, with the remediations of what it found as they stand at `as_of`."""

    schema: Literal["penetration-test/v1"]
    """Says that this is such a record."""
    tested_by: Words
    """Who tested: a company, or people who did not build it."""
    targets: Annotated[tuple[Words, ...], MinLen(1)]
    """What was attacked: URLs, hosts or applications."""
    authentication: bool
    """Whether it was tested who one can pass for."""
    authorization: bool
    """Whether it was tested what one may do as each role, and see of other tenants."""
    started: Instant
    """When the test began."""
    ended: Instant
    """When it ended. The age of the test counts from here, however often the record is brought up to date."""
    as_of: Instant
    """When this record was last brought up to date."""
    findings: tuple[Weakness, ...]
    """Everything that was found; an empty list where nothing was."""
    report: str = ""
    """Where the report is: a URL or a path."""


FORM = Form("penetration-test/v1", PenetrationTest)
_OPEN: Mapping[str, str] = {"findings": "findings whose remediation is not closed, or closed and verified by nobody"}


@importer(
    "penetration-test",
    title="A record of a penetration test (`penetration-test/v1`)",
    facts={
        **RISK_FACTS,
        **_OPEN,
        "reported": "findings in all",
        "closed": "those whose remediation is closed and verified",
        "unverified": "open ones whose remediation is said to be closed",
        "overdue": "open ones that were due when the record was last brought up to date",
        "authn": "whether authentication was tested",
        "authz": "whether authorization was tested",
        "targets": "what was attacked",
    },
    recognises=FORM.begins,
    good=b'{"schema": "penetration-test/v1", "tested_by": "Acme Security", "targets": ["https://shop.example"], '
    b'"authentication": true, "authorization": true, "started": "2026-03-02T08:00:00Z", "ended": '
    b'"2026-03-06T17:00:00Z", "as_of": "2026-03-31T10:00:00Z", "findings": [{"id": "PT-1", "title": "Orders of others '
    b'can be read", "risk": "high", "due": "2026-03-20T00:00:00Z", "closed": "2026-03-12T09:00:00Z", "verified_by": '
    b'"Acme Security"}]}',
    bad=b'{"schema": "penetration-test/v1", "tested_by": "Acme Security", "finding": []}',
)
def penetration_test(data: bytes) -> Report:
    """Read strictly: [its keys](records.md#penetration-testv1). One finding for each that is open."""
    test = FORM.read(data)
    require_order(test.started, test.ended, "ended", "ended before it began")
    require_order(test.ended, test.as_of, "as_of", "was brought up to date before the test ended")
    require_once(test.targets, "targets")
    for at, each in enumerate(test.findings):
        path = f"findings[{at}]"
        closed = each.closed
        require(closed is None or test.started <= closed, f"{path}.closed", "closes a finding before the test began")
        require(closed is None or closed <= test.as_of, f"{path}.closed", "closes a finding after it was last updated")
        require(closed is not None or not each.verified_by, f"{path}.verified_by", "verifies what is not closed")
    open_ = [each for each in test.findings if not _is_closed(each)]
    findings = tuple(_finding(each) for each in open_)
    return Report(
        producer=Producer(name=TOOL, version=""),
        population=len(test.targets),
        facts={
            **risk_facts(findings),
            "reported": len(test.findings),
            "closed": len(test.findings) - len(open_),
            "unverified": sum(each.closed is not None for each in open_),
            "overdue": sum(each.due is not None and each.due <= test.as_of for each in open_),
            "authn": test.authentication,
            "authz": test.authorization,
            "targets": len(test.targets),
        },
        findings=findings,
        time=format_instant(test.ended),
    )


def _is_closed(weakness: Weakness) -> bool:
    return weakness.closed is not None and bool(weakness.verified_by.strip())


def _finding(weakness: Weakness) -> Finding:
    unverified = " (closed, and verified by nobody)" if weakness.closed else ""
    return exposed(
        rule=weakness.id,
        word=weakness.risk,
        place=Place(""),
        text=f"{weakness.title}{unverified}",
        remedy=weakness.remediation,
        tool=TOOL,
        fingerprint=weakness.id,
        aliases=aliases_in(*weakness.aliases),
    )
