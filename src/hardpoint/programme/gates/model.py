"""What must hold before something is released: the `gates` section of the manifest."""

from collections.abc import Mapping
from typing import Annotated, Literal

from annotated_types import Ge, Le, MinLen

from hardpoint.kernel.declarations import By, Section, declared
from hardpoint.kernel.duration import Duration
from hardpoint.kernel.evidence import Assurance
from hardpoint.programme.gates.condition import Condition

MAX_WITNESSES = 99
Name = Annotated[str, MinLen(1)]
Weight = Literal["blocking", "advisory"]


@declared
class CheckCriterion:
    """Rules of `hardpoint check` that must have looked at something and found nothing."""

    kind: Literal["check"]
    id: Name
    """Names the criterion in every report; stable."""
    rules: Annotated[tuple[Name, ...], MinLen(1)]
    """Ids of rules, such as DOC001."""
    allow_baseline: bool = False
    """Let findings pass that the baseline knows (`hardpoint baseline`); new ones still fail."""
    severity: Weight = "blocking"
    """An advisory criterion is shown, and does not decide."""
    max_age: Duration | None = None
    """How old the check may be."""
    assurance: Assurance = Assurance.DECLARED
    """How its evidence must have come about, at the least: declared, ran or ci."""
    owner: str = ""
    """Who answers for it."""


@declared
class ReportCriterion:
    """Facts of another tool's report that must meet their conditions."""

    kind: Literal["report"]
    id: Name
    """Names the criterion in every report; stable."""
    report: Name
    """The kind of report, such as junit or sarif."""
    require: Annotated[Mapping[str, Condition], MinLen(1)]
    """A condition for each fact: `failures: 0`, `tests: ">= 1"`."""
    severity: Weight = "blocking"
    """An advisory criterion is shown, and does not decide."""
    max_age: Duration | None = None
    """How old the report may be, counted from the time inside it."""
    assurance: Assurance = Assurance.DECLARED
    """How its evidence must have come about, at the least: declared, ran or ci."""
    owner: str = ""
    """Who answers for it."""


Criterion = Annotated[CheckCriterion | ReportCriterion, By("kind")]


@declared
class Gate:
    """A named set of criteria; one of them that fails is NO-GO, whatever the others say."""

    name: Name
    """What `hardpoint gate NAME` calls it."""
    criteria: Annotated[tuple[Criterion, ...], MinLen(1)]
    """What must hold."""
    witnesses: Annotated[int, Ge(0), Le(MAX_WITNESSES)] = 0
    """How many of `trust.witnesses` must have co-signed a checkpoint over all that the verdict rests on."""


GATES: Section[tuple[Gate, ...]] = Section("gates", tuple[Gate, ...], ())
