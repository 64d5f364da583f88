"""A review: findings, tolerance and gates of one change as one verdict."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hardpoint.faces.cli.review.comparison import Comparison, base_of, compare
from hardpoint.faces.cli.review.outlook import Outlook, outlooks
from hardpoint.faces.cli.review.tolerance import Tolerance, silencers, stopping, tolerances
from hardpoint.kernel.baseline import read_baseline
from hardpoint.kernel.change import SHORT
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.problem import Exit, UnreadableProblem
from hardpoint.kernel.rooms.cli import Context
from hardpoint.kernel.rule import Rule
from hardpoint.kernel.ruleset import judging
from hardpoint.kernel.verdict import Answer
from hardpoint.programme.gates.would_become import WouldBecome, would_become

GO, NO_GO, NO_RESULT = "GO", "NO-GO", "NO RESULT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What one family of rules says of a change; `rules` is what their ids begin with."""

    rules: str
    examined: int
    new: int
    failing: int
    repaired: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The verdict on a change, and everything that it rests on; `failing` are the new findings that stop it."""

    against: str
    base: str
    commit: str
    touched: int
    findings: Sequence[Finding] = ()
    failing: Sequence[Finding] = ()
    repaired: int = 0
    known: int = 0
    tolerances: Sequence[Tolerance] = ()
    gates: Sequence[Outlook] = ()
    would_become: Sequence[WouldBecome] = ()
    sections: Sequence[Section] = ()
    errors: Sequence[str] = ()
    has_base_manifest: bool = True

    @property
    def unreasoned(self) -> Sequence[Tolerance]:
        """The tolerances that give no reason."""
        return [each for each in self.tolerances if not each.reason]

    @property
    def answer(self) -> str:
        """`NO RESULT` if a rule came to none, `NO-GO` if anything speaks against the change, else `GO`."""
        if self.errors:
            return NO_RESULT
        caused = any(each.caused for each in self.gates)
        return NO_GO if self.failing or self.unreasoned or caused else GO

    @property
    def exit(self) -> Exit:
        """The exit code of the answer."""
        return {GO: Exit.OK, NO_GO: Exit.FOUND, NO_RESULT: Exit.FAILED}[self.answer]

    @property
    def headline(self) -> str:
        """The answer with its reasons, in one line."""
        if not self.touched:
            return f"GO: nothing to review, nothing has changed since {self.against}"
        if self.errors:
            return f"{NO_RESULT}: {'; '.join(self.errors)}"
        return f"{self.answer} for this change: {'; '.join([', '.join(self._said), *self._said_of_gates])}"

    @property
    def _said(self) -> Sequence[str]:
        counts = Counter(each.severity for each in self.findings)
        said = [_counted(counts[each], f"new {each.value}") for each in reversed(Severity) if counts[each]]
        silent = len(self.unreasoned) + len(silencers(self.findings))
        said += [_counted(silent, "tolerance") + " without a reason"] * bool(silent)
        reasoned = len(self.tolerances) - len(self.unreasoned)
        whose = "its" if reasoned == 1 else "their"
        said += [f"{_counted(reasoned, 'tolerance')} with {whose} reason"] * bool(reasoned)
        said = said or ["no new finding"]
        return [*said, *[f"{self.repaired} repaired"] * bool(self.repaired)]

    @property
    def _said_of_gates(self) -> Sequence[str]:
        several = len({each.service for each in self.gates}) > 1
        return [
            f"gate {each.gate}{f' of {each.service}' if several else ''}: {each.answer}"
            + (f" ({each.because})" if each.because else "")
            + ", for what was there before" * (each.answer == Answer.NO_GO.value and not each.caused)
            for each in self.gates[:_GATES_SAID]
        ] + [f"{len(self.gates) - _GATES_SAID} gates more"] * (len(self.gates) > _GATES_SAID)


_GATES_SAID = 3


def review(context: Context, rules: Sequence[Rule[Any]], against: str, fail_on: Severity) -> Review:
    """Judge what the working tree changes since it left `against`. Nothing is recorded, and nothing executed.

    Raises UsageProblem if there is no such commit, DeclarationProblem for a manifest that cannot be used,
    IntegrityProblem if the record does not hold.
    """
    workspace = context.workspace
    base, change = base_of(workspace, against), workspace.change
    assert change is not None
    assert base.commit is not None
    if not change.touched:
        return Review(against=against, base=base.commit, commit=workspace.commit or "", touched=0)
    governed = _is_governed(context)
    workspace = workspace if governed else workspace.governing_itself()
    in_force = judging(rules, workspace, context.protected if governed else None)
    compared = compare(workspace, base, change, in_force, context.progress)
    new = compared.new
    failing = stopping(new, fail_on)
    return Review(
        against=against,
        base=base.commit,
        commit=workspace.commit or "",
        touched=len(change.written | change.deleted | frozenset(change.renamed)),
        findings=new,
        failing=failing,
        repaired=len(compared.repaired),
        known=compared.known,
        tolerances=tolerances(compared, fail_on),
        gates=outlooks(context, compared.runs, _charged(compared)) if governed else (),
        would_become=would_become(base, workspace) if compared.manifest and base.manifest.exists else (),
        sections=_sections(compared, failing),
        errors=compared.errors,
        has_base_manifest=governed and compared.manifest,
    )


def _charged(compared: Comparison) -> Sequence[str]:
    """The rules whose findings are the change's: those that are new, and those that its baseline knows no longer."""
    known, still = (each.derive(read_baseline) for each in (compared.base, compared.head))
    unlisted = {each.rule for each in known.beyond(still)} & {run.rule for run in compared.runs if run.new}
    return sorted({each.rule for each in compared.new} | unlisted)


def _is_governed(context: Context) -> bool:
    """Whether the manifest that decides can be used; one that cannot must not keep the change out that repairs it."""
    try:
        _ = context.protected
    except UnreadableProblem:
        return False
    return True


def _sections(compared: Comparison, failing: Sequence[Finding]) -> Sequence[Section]:
    """A family for each beginning of a rule's id: a rule that is added to Hardpoint needs nothing else to take part."""
    examined: Counter[str] = Counter()
    for run in compared.runs:
        examined[_family(run.rule)] += run.examined
    counts = [Counter(_family(each.rule) for each in found) for found in (compared.new, failing, compared.repaired)]
    new, stopping, repaired = counts
    return [
        Section(rules=each, examined=count, new=new[each], failing=stopping[each], repaired=repaired[each])
        for each, count in sorted(examined.items())
        if count or new[each] or repaired[each]
    ]


def _family(rule: str) -> str:
    return re.sub(r"\d+$", "", rule)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def short(commit: str) -> str:
    """A commit as people name it."""
    return commit[:SHORT]
