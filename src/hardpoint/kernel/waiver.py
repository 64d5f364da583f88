"""Waivers: what need not hold for a while, for whom, why, and who says so; one form for every exception."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Literal

from annotated_types import MinLen

from hardpoint.kernel import encoding
from hardpoint.kernel.clock import Instant, format_instant
from hardpoint.kernel.declarations import Section, declared
from hardpoint.kernel.verdict import Verdict

LONGEST = timedelta(days=90)
LONGEST_OF_BLOCKING = timedelta(days=30)
LONGEST_BREAK_GLASS = timedelta(hours=24)
WARNED_BEFORE = (timedelta(days=14), timedelta(days=7), timedelta(days=1))
"""How long before its end a waiver is spoken of, each time louder."""
SHORTEST_REASON = 20

_OF_PLANS = frozenset({"contract", "rule", "pointer"})

APPROVAL = "approval"
"""The kind of evidence that says that somebody approves of a waiver."""

Name = Annotated[str, MinLen(1)]
Sentence = Annotated[str, MinLen(SHORTEST_REASON)]


@declared
class Waiver:
    """An exception with an end. It covers what it names and no more, and only while every approver has signed it."""

    id: Name
    """Names it in verdicts and approvals; never used again."""
    criterion: Name | None = None
    """What it is about: a criterion of one gate, as GATE/CRITERION."""
    finding: Name | None = None
    """Or a finding that is accepted: its id, or a name such as CVE-2026-1234."""
    subject: Name | None = None
    """Where the finding is accepted: a package URL or a path; anywhere else it still counts."""
    contract: Name | None = None
    """Or a change that breaks the contract of this name: then it is the plan by which its consumers stay compatible."""
    rule: Name | None = None
    """The id of that change, such as api-removed-without-deprecation; one plan is about one."""
    pointer: Annotated[str, MinLen(1)] | None = None
    """The JSON Pointer (RFC 6901) of what changes; `/*` at its end stands for all below it. What stands in another file
    than the contract's own has that file before it: `schemas.yaml#/Pet`."""
    covers: Literal["stale", "missing", "fail"] = "fail"
    """The worst verdict that a criterion may have and be waived; what cannot be judged at all never is."""
    reason: Sentence
    """Why it need not hold now."""
    mitigation: Sentence
    """What keeps the harm small meanwhile."""
    owner: Name
    """Who sees to it that it is not needed again."""
    approvers: Annotated[tuple[Name, ...], MinLen(1)]
    """Who approves: holders under `trust.keys`, none of them the owner."""
    created: Instant
    """From this instant on it counts."""
    expires: Instant
    """From this instant on it does not."""
    break_glass: bool = False
    """For an emergency: at most 24 hours, and its end is a defect by itself until the waiver is gone."""

    def __post_init__(self) -> None:
        if sum(each is not None for each in (self.criterion, self.finding, self.contract)) != 1:
            raise ValueError("a waiver is about a `criterion`, a `finding` or a `contract`")
        if any((each is None) != (self.contract is None) for each in (self.rule, self.pointer)):
            raise ValueError("a plan names a `contract`, the `rule` that its change breaks, and the `pointer` of that")
        if self.criterion is not None and self.criterion.count("/") != 1:
            raise ValueError(f"expected a criterion as GATE/CRITERION, got {self.criterion!r}")
        if self.finding is not None and self.subject is None:
            raise ValueError("a finding is accepted for one `subject`: a package URL or a path")
        people = [_person(each) for each in self.approvers]
        if _person(self.owner) in people:
            raise ValueError(f"{self.owner} owns the waiver and cannot approve it")
        if len(set(people)) < len(people):
            raise ValueError("an approver stands twice")
        for name in ("reason", "mitigation"):
            if len(getattr(self, name).strip()) < SHORTEST_REASON:
                raise ValueError(f"a {name} takes at least {SHORTEST_REASON} characters")
        longest = LONGEST_BREAK_GLASS if self.break_glass else LONGEST
        if not self.created < self.expires <= self.created + longest:
            raise ValueError(f"expires after `created`, and at most {_spoken(longest)} later")

    @property
    def digest(self) -> str:
        """SHA-256 in hex of all that it says: what an approver signs."""
        said = encoding.plain(self)
        # What was approved before there were plans stays approved: they did not say of themselves that they are none.
        said = {name: value for name, value in said.items() if value is not None or name not in _OF_PLANS}
        return sha256(encoding.encode(said)).hexdigest()

    def why_not(self, at: datetime, approved_by: Iterable[str], *, blocking: bool = False, signed_by: int = 1) -> str:
        """Why it does not count at an instant; empty if it does.

        `approved_by` are those whose signature counts, `signed_by` how many it takes for what it is about.
        """
        missing = [each for each in self.approvers if each not in set(approved_by)]
        if at < self.created:
            return f"it begins at {format_instant(self.created)}"
        if at >= self.expires:
            return f"it ended at {format_instant(self.expires)}"
        if blocking and self.expires - self.created > LONGEST_OF_BLOCKING:
            return f"it is longer than {_spoken(LONGEST_OF_BLOCKING)}, the most for a blocking criterion"
        if len(self.approvers) < signed_by:
            return f"it names {len(self.approvers)} of the {signed_by} approvers that this takes"
        if missing:
            return f"{' and '.join(missing)} did not approve it as it is now"
        return ""

    def plans(self, contract: str, rule: str, pointer: str) -> bool:
        """Whether it is a plan for a change of a contract, by the change's rule and pointer."""
        if self.pointer is None or (self.contract, self.rule) != (contract, rule):
            return False
        return pointer.startswith(self.pointer[:-1]) if self.pointer.endswith("/*") else pointer == self.pointer

    def about(self, gate: str, criterion: str, verdict: Verdict) -> bool:
        """Whether it is about a criterion of a gate that has this verdict."""
        named = self.criterion == f"{gate}/{criterion}"
        return named and verdict is not Verdict.ERROR and verdict <= Verdict(self.covers)


WAIVERS: Section[tuple[Waiver, ...]] = Section("waivers", tuple[Waiver, ...], ())


def topic_name(waiver: str, approver: str) -> str:
    """The name of the evidence in which somebody approves of a waiver."""
    return f"waivers/{waiver}/{approver}"


def _person(name: str) -> str:
    """A name however it is written."""
    return " ".join(name.split()).casefold()


def _spoken(length: timedelta) -> str:
    return f"{length.days} days" if length.days > 1 else f"{length // timedelta(hours=1)} hours"
