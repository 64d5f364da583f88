"""The lattice of verdicts, its join, and the decision of a gate."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import total_ordering
from typing import Any, Self

from hardpoint.kernel.finding import Finding


@total_ordering
class Verdict(Enum):
    """What is known about one promise, from best to worst; a mean of verdicts does not exist."""

    rank: int
    """0 is the best."""

    def __new__(cls, word: str) -> Self:
        verdict = object.__new__(cls)
        verdict._value_, verdict.rank = word, len(cls.__members__)
        return verdict

    PASS = "pass"  # noqa: S105
    WAIVED = "waived"
    NOT_APPLICABLE = "not-applicable"
    STALE = "stale"
    MISSING = "missing"
    ERROR = "error"
    FAIL = "fail"

    def __lt__(self, other: Any) -> bool:
        if not isinstance(other, Verdict):
            return NotImplemented
        return self.rank < other.rank

    @property
    def blocks(self) -> bool:
        """Whether a blocking criterion with this verdict makes its gate NO-GO."""
        return self.rank >= Verdict.STALE.rank


def join(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of them; of none, `pass`, the lattice's bottom (a caller with an empty population says `missing`)."""
    return max(verdicts, key=lambda verdict: verdict.rank, default=Verdict.PASS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict on one criterion with what it rests on.

    `value` and `threshold` are shown as written, and `margin` is how far the one is from the other, less than 0 beyond
    it. `evidence` names record entries by index, and `source` says what they are and who gives them. `happened` and
    `stale_at` are instants: of the oldest of them, and from which on one will be too old. `findings` are the first few
    of those behind a failure. `before` is what it would be without `waiver`, the id of the one that covers it; of
    several, all ids with a comma between.
    """

    criterion: str
    verdict: Verdict
    reason: str
    blocking: bool = True
    value: str = ""
    threshold: str = ""
    margin: str = ""
    remedy: str = ""
    owner: str = ""
    evidence: tuple[int, ...] = ()
    source: str = ""
    happened: str | None = None
    stale_at: str | None = None
    findings: tuple[Finding, ...] = ()
    before: Verdict | None = None
    waiver: str = ""

    @property
    def waivers(self) -> tuple[str, ...]:
        """The ids of the waivers that cover it."""
        return tuple(filter(None, self.waiver.split(", ")))


class Answer(StrEnum):
    """What a gate says."""

    GO = "GO"
    GO_BY_WAIVER = "GO BY WAIVER"
    NO_GO = "NO-GO"


def decide(judgements: Sequence[Judgement]) -> Answer:
    """NO-GO if one blocking criterion blocks or none is applicable; GO is told apart from GO by waiver."""
    blocking = [judgement.verdict for judgement in judgements if judgement.blocking]
    applicable = [verdict for verdict in blocking if verdict is not Verdict.NOT_APPLICABLE]
    if not applicable or join(blocking).blocks:
        return Answer.NO_GO
    return Answer.GO_BY_WAIVER if Verdict.WAIVED in applicable else Answer.GO


def worst(answers: Iterable[Answer]) -> Answer:
    """What several gates say together: NO-GO if one does; GO only if all do."""
    return max(answers, key=list(Answer).index, default=Answer.NO_GO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A gate's answer for one service at one instant, with every judgement, the weakest first.

    `without_waivers` is what it would be if nothing were waived. `local` means that it reads a working tree or a key
    that nobody vouches for, and releases nothing.
    """

    gate: str
    service: str
    answer: Answer
    at: str
    commit: str | None
    local: bool
    criteria: tuple[Judgement, ...]
    without_waivers: Answer | None = None
