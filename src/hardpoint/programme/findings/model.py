"""How findings are judged: the `findings` section of the manifest."""

from typing import Annotated

from annotated_types import Gt, Le, MinLen

from hardpoint.kernel.declarations import Section, declared
from hardpoint.kernel.duration import Duration
from hardpoint.kernel.finding import Risk

DAY_S = 86_400
LONGEST = {Risk.CRITICAL: Duration(DAY_S), Risk.HIGH: Duration(7 * DAY_S), Risk.MEDIUM: Duration(30 * DAY_S)}
"""The time that there is to repair a finding, unless a team gives a reason for more."""
SHORTEST_REASON = 20

Name = Annotated[str, MinLen(1)]


@declared
class Sla:
    """The time that there is to repair a finding, from its first detection by any tool."""

    critical: Duration = LONGEST[Risk.CRITICAL]
    """For critical ones."""
    high: Duration = LONGEST[Risk.HIGH]
    """For high ones."""
    medium: Duration = LONGEST[Risk.MEDIUM]
    """For medium ones."""
    low: Duration | None = None
    """For low ones; without it they have no deadline."""
    reason: str = ""
    """Why there is more time than 24h for critical, 7d for high or 30d for medium."""

    def __post_init__(self) -> None:
        longer = [risk.value for risk, most in LONGEST.items() if getattr(self, risk.value) > most]
        if longer and len(self.reason) < SHORTEST_REASON:
            raise ValueError(
                f"more time than 24h for critical, 7d for high and 30d for medium takes a `reason` of at least "
                f"{SHORTEST_REASON} characters ({', '.join(longer)})"
            )

    def target(self, risk: Risk) -> Duration | None:
        """The time that there is for a risk, if it has a deadline."""
        return None if risk is Risk.INFO else getattr(self, risk.value)


@declared
class Rated:
    """The risk of findings whose report states none, by their level."""

    report: Name
    """The kind of report, such as sarif."""
    error: Risk = Risk.HIGH
    """What level error is."""
    warning: Risk = Risk.MEDIUM
    """What level warning is."""
    note: Risk = Risk.LOW
    """What level note is."""


@declared
class Replaced:
    """A report that is no longer made, and the one that took its place."""

    report: Name
    """The old report as KIND/NAME; `*` stands for any text."""
    by: Name
    """The new one as KIND/NAME: what it no longer has is repaired."""
    reason: Annotated[str, MinLen(SHORTEST_REASON)]
    """Why the new one looks at no less than the old one did."""

    def __post_init__(self) -> None:
        if any("/" not in each for each in (self.report, self.by)):
            raise ValueError("expected reports as KIND/NAME, such as trivy/reports/trivy.json")


@declared
class FindingsPolicy:
    """How bad findings are, and how long they may stay. Whatever stands here raises a risk, and nothing lowers it."""

    sla: Sla = Sla()
    """The time that there is to repair them."""
    cvss: bool = False
    """Let a CVSS base score raise a risk that the tool rates lower."""
    kev: Name | None = None
    """CISA's catalogue of known exploited vulnerabilities, a JSON file: what is in it is critical."""
    epss: Name | None = None
    """FIRST's EPSS scores, a CSV file."""
    epss_threshold: Annotated[float, Gt(0), Le(1)] = 0.5
    """The probability of exploitation from which on a risk is raised by one level."""
    rated: tuple[Rated, ...] = ()
    """The risk of findings in reports that state none."""
    replaced: tuple[Replaced, ...] = ()
    """Reports that others took the place of, so that what only they had can be seen to be repaired."""


FINDINGS: Section[FindingsPolicy] = Section("findings", FindingsPolicy, FindingsPolicy())
