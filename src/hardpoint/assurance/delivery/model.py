"""What a team declares of its delivery: the `delivery` section of the manifest."""

from typing import Annotated, Literal

from annotated_types import Gt

from hardpoint.kernel.declarations import Section, declared

Layer = Literal["unit", "component", "integration", "e2e", "performance", "security"]


@declared
class Delivery:
    """How changes reach users, and which exported facts say what the files cannot."""

    branches: tuple[str, ...] = ()
    """The protected branches; left out, those of `main`, `master` and `trunk` that a pipeline names."""
    layers: tuple[Layer, ...] | None = None
    """The test layers that a pipeline has to run."""
    protection: tuple[str, ...] = ()
    """Files that `gh api repos/OWNER/NAME/branches/main/protection`, `…/rules/branches/main`, `glab api projects/ID` or
    `…/protected_branches` wrote."""
    build_minutes: Annotated[float, Gt(0)] | None = None
    """The most that the median build may take."""
    runs: tuple[str, ...] = ()
    """Files with recent builds, as `gh run list --json createdAt,updatedAt,startedAt,conclusion,status,name` or
    `glab api projects/ID/pipelines/ID` wrote them."""
    test_reports: tuple[str, ...] = ()
    """JUnit files, or patterns of them in the syntax of .gitignore; the files of one folder are of one commit. What git
    ignores is found by its whole name only."""
    scripts: tuple[str, ...] = ()
    """Shell scripts that CI runs, where no file of a known host says so."""
    exclude: tuple[str, ...] = ()
    """Pipelines and scripts that are not the team's, in the syntax of .gitignore."""


DELIVERY = Section("delivery", Delivery, Delivery())
