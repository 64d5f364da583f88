"""Verification: every interaction of a consumer, asked of a provider build, and what came of it as evidence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

import hardpoint
from hardpoint.assurance.contracts.consumers.interaction import Expectations, Interaction
from hardpoint.assurance.contracts.consumers.matching import mismatches
from hardpoint.assurance.contracts.consumers.provider import Provider
from hardpoint.assurance.contracts.model import VERIFICATION
from hardpoint.kernel.evidence import Assurance, Evidence, Fact, Producer
from hardpoint.kernel.finding import Finding, Severity
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import ToolProblem

EXCHANGE = "exchange "
"""Begins the fact that says whether one method and path was verified: `exchange GET /orders/7`."""


class Outcome(Enum):
    """What came of an interaction."""

    VERIFIED = "verified"
    FAILED = "failed"
    PENDING = "pending"
    """It failed, and the provider was not asked for it yet."""
    UNVERIFIED = "unverified"
    """It was not judged: no HTTP, no answer, or a state that could not be set."""


_ANSWER = "Answer what the consumer needs, or agree with its team on another expectation"
_REMEDIES = {Outcome.UNVERIFIED: "Start the provider, and see that it can be put into that state"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """One interaction and what came of it; `why` are the differences, or why it was not judged."""

    name: str
    method: str
    path: str
    outcome: Outcome
    why: Sequence[str] = ()


def verify(expected: Expectations, provider: Provider) -> Iterator[Verified]:
    """Ask for each interaction, in order."""
    for interaction in expected.interactions:
        yield _verified(interaction, expected.consumer, provider)


def _verified(interaction: Interaction, consumer: str, provider: Provider) -> Verified:
    outcome, why = _judged(interaction, consumer, provider)
    request = interaction.request
    return Verified(name=interaction.name, method=request.method, path=request.path, outcome=outcome, why=tuple(why))


def _judged(interaction: Interaction, consumer: str, provider: Provider) -> tuple[Outcome, Sequence[str]]:
    if interaction.unverified:
        return Outcome.UNVERIFIED, [interaction.unverified]
    try:
        if provider.sets_states:
            for state in interaction.states:
                provider.put_into(state, consumer)
        answer = provider.ask(interaction.request)
    except ToolProblem as problem:
        return Outcome.UNVERIFIED, [problem.sentence]
    why = mismatches(interaction.response, answer.status, answer.headers, answer.body)
    if not why:
        return Outcome.VERIFIED, ()
    if interaction.states and not provider.sets_states:
        names = ", ".join(repr(each.name) for each in interaction.states)
        why = [*why, f"nobody put the provider into the state {names}: give --states"]
    return (Outcome.PENDING if interaction.pending else Outcome.FAILED), why


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """All interactions of a consumer's version against a provider's version."""

    file: str
    consumer: str
    consumer_version: str
    provider: str
    provider_version: str
    results: Sequence[Verified]

    def count(self, outcome: Outcome) -> int:
        """How many interactions came out so."""
        return sum(each.outcome is outcome for each in self.results)

    @property
    def holds(self) -> bool:
        """Whether the provider keeps what the consumer expects: all was judged, something was, and nothing failed."""
        return bool(self.count(Outcome.VERIFIED)) and not (self.count(Outcome.FAILED) + self.count(Outcome.UNVERIFIED))

    @property
    def error(self) -> str | None:
        """Why it came to no result, if nothing at all was judged."""
        judged = [each for each in self.results if each.outcome is not Outcome.UNVERIFIED]
        if judged:
            return None
        return f"no interaction was judged: {self.results[0].why[0]}" if self.results else "it has no interaction"

    def findings(self) -> Iterator[Finding]:
        """What did not hold, or was not judged."""
        for each in self.results:
            if each.outcome is not Outcome.VERIFIED:
                pending = each.outcome is Outcome.PENDING
                yield Finding(
                    rule=f"expectation-{each.outcome.value}",
                    severity=Severity.NOTE if pending else Severity.ERROR,
                    place=Place(self.file),
                    text=f"{self.consumer}: {each.name} ({each.method} {each.path}): {'; '.join(each.why)}",
                    remedy=_REMEDIES.get(each.outcome, _ANSWER),
                )

    def evidence(self, service: str, commit: str | None, at: str, *, dirty: bool, ci: bool) -> Evidence:
        """The verification for the record; its name tells pairs of versions and files apart: each has its own."""
        facts: dict[str, Fact] = {
            "consumer": self.consumer,
            "consumer_version": self.consumer_version,
            "provider": self.provider,
            "provider_version": self.provider_version,
            "verified": self.count(Outcome.VERIFIED),
            "failed": self.count(Outcome.FAILED),
            "pending": self.count(Outcome.PENDING),
            "unverified": self.count(Outcome.UNVERIFIED),
            "holds": self.holds,
        }
        for each in self.results:
            key = f"{EXCHANGE}{each.method} {each.path}"
            facts[key] = facts.get(key, True) is True and each.outcome is Outcome.VERIFIED
        return Evidence(
            kind=VERIFICATION.kind,
            name=f"{self.consumer}@{self.consumer_version} {self.provider}@{self.provider_version} {self.file}",
            service=service,
            producer=Producer(name="hardpoint", version=hardpoint.__version__),
            population=len(self.results) - self.count(Outcome.UNVERIFIED),
            facts=facts,
            findings=tuple(self.findings()),
            commit=commit,
            dirty=dirty,
            time=at,
            error=self.error,
            assurance=Assurance.CI if ci else Assurance.RAN,
        )
