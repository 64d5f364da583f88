"""The baseline: findings that a team knows of and has not repaired yet. It may shrink, and never grow by itself."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from hardpoint.kernel import encoding
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.workspace import Workspace

BASELINE_FILE = "hardpoint.baseline.json"
SCHEMA = "baseline/v1"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Known:
    """How often a rule finds the very same in a file; where in it may change."""

    rule: str
    file: str
    text: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Why the baseline took in findings that it did not know: on which day (ISO 8601), and how many."""

    day: str
    count: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    schema: str
    known: tuple[Known, ...]
    grown: tuple[Growth, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The known findings, and each time that somebody let their number grow."""

    known: tuple[Known, ...] = ()
    grown: tuple[Growth, ...] = ()

    @property
    def count(self) -> int:
        """How many findings are known."""
        return sum(each.count for each in self.known)

    def split(self, findings: Iterable[Finding]) -> tuple[list[Finding], list[Finding]]:
        """The findings that are new, and those that are known; of more than are known, the last are new."""
        left = Counter({_identity(each): each.count for each in self.known})
        new: list[Finding] = []
        known: list[Finding] = []
        for finding in findings:
            identity = (finding.rule, finding.place.file, finding.text)
            if left[identity] > 0:
                left[identity] -= 1
                known.append(finding)
            else:
                new.append(finding)
        return new, known

    def beyond(self, other: "Baseline") -> tuple[Known, ...]:
        """What is known here, and was not, or not as often, there."""
        before = {_identity(each): each.count for each in other.known}
        return tuple(
            replace(each, count=each.count - before.get(_identity(each), 0))
            for each in self.known
            if each.count > before.get(_identity(each), 0)
        )

    def without(self, others: Iterable[Known]) -> "Baseline":
        """This baseline less what others count."""
        less = {_identity(each): each.count for each in others}
        left = (replace(each, count=each.count - less.get(_identity(each), 0)) for each in self.known)
        return replace(self, known=tuple(each for each in left if each.count > 0))

    def shared(self, other: "Baseline") -> "Baseline":
        """What is known here and there."""
        return self.without(self.beyond(other))

    def written(self) -> bytes:
        """The file: sorted, a finding a line, so that a repair is one line less in a diff."""
        grown = f',\n  "grown": [\n{_lines(self.grown)}\n  ]' if self.grown else ""
        return f'{{\n  "schema": "{SCHEMA}",\n  "known": [\n{_lines(self.known)}\n  ]{grown}\n}}\n'.encode()


def baseline_of(findings: Iterable[Finding]) -> Baseline:
    """The baseline that knows all of these findings."""
    counts = Counter((finding.rule, finding.place.file, finding.text) for finding in findings)
    return Baseline(
        known=tuple(
            Known(rule=rule, file=file, text=text, count=count) for (rule, file, text), count in sorted(counts.items())
        )
    )


def read_baseline(workspace: Workspace) -> Baseline:
    """The workspace's baseline; an empty one where it has none.

    Raises UnreadableProblem for a file that is no baseline: what it forgives must not be guessed.
    """
    if BASELINE_FILE not in workspace.paths:
        return Baseline()
    try:
        file = encoding.decode(workspace.read(BASELINE_FILE), _File, what=BASELINE_FILE)
    except UnreadableProblem as problem:
        raise UnreadableProblem(problem.sentence, remedy=_ANEW) from problem
    twice = len({_identity(each) for each in file.known}) < len(file.known)
    if file.schema != SCHEMA or twice or any(each.count < 1 for each in file.known):
        raise UnreadableProblem(f"is not a {SCHEMA!r}", place=Place(BASELINE_FILE), remedy=_ANEW)
    return Baseline(known=file.known, grown=file.grown)


_ANEW = "Take it back from git, or delete it: `hardpoint baseline` writes it anew."


def _lines(rows: Iterable[Known | Growth]) -> str:
    return ",\n".join("    " + encoding.encode(each).decode() for each in rows)


def _identity(known: Known) -> tuple[str, str, str]:
    return (known.rule, known.file, known.text)
