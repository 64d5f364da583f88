"""A comparison: what the rules find in a change that they do not find at its base, and what they no longer find."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hardpoint.kernel import git
from hardpoint.kernel.change import Change
from hardpoint.kernel.check import RuleRun, run_rules, worst_first
from hardpoint.kernel.declarations import DeclarationProblem
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.manifest import MANIFEST_FILE
from hardpoint.kernel.problem import UsageProblem
from hardpoint.kernel.progress import Progress, quiet
from hardpoint.kernel.rule import Rule
from hardpoint.kernel.suppression import Suppressed
from hardpoint.kernel.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A change beside its base, which is the commit that both descend from.

    `new` are the findings that neither the base has nor its baseline knows, `repaired` those of the base that the
    change does not have, `suppressed` what comments of the change allow and those of the base did not. `at_base` are
    the findings of the base, at the places that their files have now, and `undeclared` are findings that the manifest
    of the base would have made in the change, and its own does not; of those that a first manifest hides, the new ones.
    Without `manifest` what the base declares cannot be used, and nothing is taken from the findings.
    """

    head: Workspace
    base: Workspace
    change: Change
    runs: Sequence[RuleRun]
    new: Sequence[Finding]
    repaired: Sequence[Finding]
    suppressed: Sequence[Suppressed]
    at_base: Sequence[Finding]
    undeclared: Sequence[Finding] = ()
    manifest: bool = True

    @property
    def errors(self) -> Sequence[str]:
        """The rules that came to no result, and why."""
        return [f"{run.rule} came to no result: {run.error}" for run in self.runs if run.error is not None]

    @property
    def known(self) -> int:
        """How many findings stand that are not new."""
        return sum(len(run.findings) for run in self.runs) - len(self.new)


def base_of(workspace: Workspace, against: str) -> Workspace:
    """The repository at the commit that a change left `against` at.

    Raises UsageProblem if there is no such commit.
    """
    if workspace.root is None or workspace.commit is None:
        raise UsageProblem(
            f"There is nothing to compare with: {workspace.name} is no git repository with a commit",
            remedy="Run it in a checkout, on the branch of the change.",
        )
    left = git.merge_base(workspace.root, git.resolve(workspace.root, against))
    return workspace.at(left or against)


def compare(
    head: Workspace, base: Workspace, change: Change, rules: Iterable[Rule[Any]], progress: Progress = quiet
) -> Comparison:
    """Run the rules over both.

    Raises DeclarationProblem for a manifest of the change that cannot be used.
    """
    rules = list(rules)
    runs = run_rules(head, rules, progress, base=base)
    before, usable = _runs_of_base(base, rules, progress)
    moved = _Moved.by(change)
    found = moved.all(finding for run in before for finding in run.findings)
    allowed = moved.all(each.finding for run in before for each in run.suppressed)
    failed = {run.rule for run in runs if run.error is not None}
    standing = [finding for run in runs for finding in run.findings]
    hidden = [each.finding for run in runs for each in run.suppressed]
    fresh = Counter(_identity(each) for each in _less(standing, found))
    unknown = [replace(run, findings=tuple(_at_most(run.new, fresh))) for run in runs]
    excused = [*standing, *hidden] if usable and base.manifest.exists else [*standing, *hidden, *found]
    newly_allowed = Counter(_identity(each) for each in _less(hidden, allowed))
    return Comparison(
        head=head,
        base=base,
        change=change,
        runs=runs,
        new=worst_first(unknown),
        repaired=[each for each in _less(found, [*standing, *hidden]) if each.rule not in failed],
        suppressed=[each for run in runs for each in run.suppressed if _take(newly_allowed, _identity(each.finding))],
        at_base=found,
        undeclared=_less(_as_base_declares(head, base, change, rules), excused) if usable else (),
        manifest=usable,
    )


def _runs_of_base(base: Workspace, rules: Sequence[Rule[Any]], progress: Progress) -> tuple[Sequence[RuleRun], bool]:
    """With a manifest that cannot be used nothing is known of the base: then every finding of the change is new."""
    try:
        _ = base.manifest
        return run_rules(base, rules, progress), True
    except DeclarationProblem:
        return (), False


def _as_base_declares(
    head: Workspace, base: Workspace, change: Change, rules: Sequence[Rule[Any]]
) -> Sequence[Finding]:
    """The findings in a change by the manifest of its base, where it edits that: exclusions hide what they exclude."""
    if MANIFEST_FILE not in change.touched:
        return ()
    found = worst_first(run_rules(head.declared_by(base), rules))
    return [each for each in found if each.place.file != MANIFEST_FILE]


@dataclass(frozen=True, slots=True)
class _Moved:
    """Where the files of the base are now: a finding moves with its file, also where its text names that."""

    to: Mapping[str, str]

    @classmethod
    def by(cls, change: Change) -> "_Moved":
        return cls({old: new for new, old in change.renamed.items()})

    def all(self, findings: Iterable[Finding]) -> list[Finding]:
        return [self._one(each) for each in findings]

    def _one(self, finding: Finding) -> Finding:
        old = _legible(finding.place.file)
        new = self.to.get(old, old)
        text = _legible(finding.text)
        return replace(
            finding,
            place=replace(finding.place, file=new),
            text=text.replace(old, new) if new != old else text,
        )


def _legible(text: str) -> str:
    """As the working tree knows a name that is not UTF-8."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _identity(finding: Finding) -> tuple[str, str, str]:
    return (finding.rule, finding.place.file, finding.text)


def _less(findings: Iterable[Finding], others: Iterable[Finding]) -> list[Finding]:
    """The findings of which there are more than there are of the others."""
    left = Counter(_identity(each) for each in others)
    return [each for each in findings if not _take(left, _identity(each))]


def _at_most(findings: Iterable[Finding], counts: Counter[tuple[str, str, str]]) -> list[Finding]:
    """The findings, each no more often than it is counted."""
    return [each for each in findings if _take(counts, _identity(each))]


def _take(counts: Counter[tuple[str, str, str]], identity: tuple[str, str, str]) -> bool:
    if counts[identity] <= 0:
        return False
    counts[identity] -= 1
    return True
