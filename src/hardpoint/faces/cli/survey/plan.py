"""What `init` would add to a repository, and what it knows by then."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from hardpoint.faces.cli.survey.assessment import Assessment, assess
from hardpoint.faces.cli.survey.declaration import first_manifest, foundation
from hardpoint.faces.cli.survey.inventory import Inventory, take
from hardpoint.faces.cli.survey.strict import STRICT_FILE, strict_script
from hardpoint.faces.cli.survey.workflows import workflow
from hardpoint.kernel import git
from hardpoint.kernel.atomic import add_file
from hardpoint.kernel.baseline import BASELINE_FILE, baseline_of
from hardpoint.kernel.manifest import MANIFEST_FILE
from hardpoint.kernel.problem import UsageProblem
from hardpoint.kernel.progress import Progress, quiet
from hardpoint.kernel.rule import Rule
from hardpoint.kernel.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The files to add, in this order, and what was found on the way."""

    found: Inventory
    assessment: Assessment
    files: dict[str, bytes]
    there: tuple[str, ...]
    """Files that would have been added and are there already."""
    by_hand: tuple[str, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())

    @property
    def known(self) -> dict[str, int]:
        """The findings that the baseline takes in, by rule."""
        return {run.rule: len(run.findings) for run in self.assessment.runs if run.findings}


def refuse_what_is_none(workspace: Workspace, folder: Path) -> None:
    """Raises UsageProblem for a repository without a working tree, and for a folder that holds nothing."""
    refuse_a_bare_one(workspace, folder)
    if not workspace.files:
        raise UsageProblem(
            f"{workspace.name} holds no file yet, so there is nothing to find",
            remedy="Add the first file, such as README.md, and run it again.",
        )


def refuse_a_bare_one(workspace: Workspace, folder: Path) -> None:
    """Raises UsageProblem for a repository without a working tree: that nothing was found there says nothing."""
    if not workspace.in_git and git.is_bare(folder):
        raise UsageProblem(
            f"{workspace.name} is a bare repository: it has no files to look at",
            remedy="Run it in a checkout: git clone, then cd into it.",
        )


def circumstances(workspace: Workspace) -> list[str]:
    """What of the repository limits what can be known, a sentence each."""
    if not workspace.in_git:
        return ["no git here: verdicts are about commits, so begin with `git init` and a commit"]
    if workspace.commit is None:
        return ["no commit yet: verdicts are about commits, so make the first one"]
    if workspace.root is not None and git.is_shallow(workspace.root):
        return ["a shallow clone: what the history would show is not judged (git fetch --unshallow)"]
    return []


def plan(
    workspace: Workspace,
    rules: Sequence[Rule[Any]],
    now: datetime,
    *,
    gates: Sequence[str] = (),
    host: str | None = None,
    strict: bool = False,
    progress: Progress = quiet,
) -> Plan:
    """Look at the repository as it would be with the files, and say which they are; nothing is written."""
    found = take(workspace)
    files: dict[str, bytes] = {}
    by_hand: list[str] = []
    if strict:
        script = strict_script(workspace, found)
        files |= {STRICT_FILE: script.encode()} if script else {}
        by_hand += (
            [] if script else ["Nothing that is known lints, tests or builds here: write scripts/ci-strict yourself"]
        )
    strict = strict and STRICT_FILE in files
    if host is not None:
        branch = git.branch(workspace.root) if workspace.in_git and workspace.root else ""
        file, text, to_do = workflow(host, found, branch)
        files[file] = text.encode()
        by_hand += [to_do] if to_do else []
    there = [file for file in files if file in workspace.paths]
    files = {file: content for file, content in files.items() if file not in there}
    if workspace.has_manifest:
        assessment = assess(workspace.adding(files), found, rules, progress)
        return Plan(
            found=found, assessment=assessment, files=files, there=(MANIFEST_FILE, *there), by_hand=tuple(by_hand)
        )
    draft = {**files, MANIFEST_FILE: foundation(found, strict=strict).encode()}
    assessment = assess(workspace.adding(draft), found, rules, progress)
    if BASELINE_FILE in workspace.paths:
        there.append(BASELINE_FILE)
    else:
        files[BASELINE_FILE] = baseline_of(assessment.findings).written()
    examined = {run.rule for run in assessment.runs if run.examined and run.error is None}
    # The manifest comes last: as long as it is not there, nothing was begun.
    files[MANIFEST_FILE] = first_manifest(found, examined, gates, now, strict=strict).encode()
    notes = () if examined else ("no README.md and no pipeline: until a test report is recorded, merge is NO-GO",)
    return Plan(
        found=found, assessment=assessment, files=files, there=tuple(there), by_hand=tuple(by_hand), notes=notes
    )


def ignored(root: Path, files: Iterable[str]) -> list[str]:
    """Those of the files that git ignores, so that no check would see them."""
    seen = Workspace.open(root, looks_for_changes=False).file_names
    return [file for file in files if file not in seen]


def write(root: Path, files: dict[str, bytes]) -> None:
    """Add the files; one that appeared meanwhile is left as it is.

    Raises UsageProblem if one did, or cannot be written.
    """
    for name, content in files.items():
        add_file(root, name, content)
