"""A check: what it looks at, what it finds, and the good and bad example that test and explain it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.workspace import Workspace

Subject = TypeVar("Subject")
Example = Mapping[str, str]
"""A small workspace: file name to text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[Subject]):
    """A check over every subject of a workspace (each document, each decision, …).

    `over` names the subjects, so that a run knows how many it examined: none is never a pass.
    `good` has subjects and no finding; `bad` has at least one finding. A rule about changes says in `before` what both
    are changes of. Ids are never reused.
    """

    id: str
    severity: Severity
    title: str
    why: str
    good: Example
    bad: Example
    over: Callable[[Workspace], Iterable[Subject]]
    judge: Callable[[Subject, Workspace], Iterator[Finding]]
    before: Example | None = None
    since: int = 1
    """The ruleset that first had it, in this form: what gets stricter gets a new number, or a new id."""

    def finding(
        self,
        place: Place,
        text: str,
        *,
        remedy: str = "",
        suggestion: str | None = None,
        replaces: str | None = None,
    ) -> Finding:
        """A finding of this rule; `replaces` is the text at the place that the suggestion is to stand for."""
        return Finding(
            rule=self.id,
            severity=self.severity,
            place=place,
            text=text,
            remedy=remedy,
            suggestion=suggestion,
            replaces=replaces,
        )


Judge = Callable[[Subject, Workspace], Iterator[Finding]]


def rule(
    id: str,  # noqa: A002 - the field's word
    severity: Severity,
    *,
    over: Callable[[Workspace], Iterable[Subject]],
    title: str,
    why: str,
    good: Example,
    bad: Example,
    before: Example | None = None,
    since: int = 1,
) -> Callable[[Judge[Subject]], Rule[Subject]]:
    """Make a rule of a function that yields what is wrong with one subject."""

    def decorate(judge: Judge[Subject]) -> Rule[Subject]:
        return Rule(
            id=id,
            severity=severity,
            title=title,
            why=why,
            good=good,
            bad=bad,
            over=over,
            judge=judge,
            before=before,
            since=since,
        )

    return decorate
