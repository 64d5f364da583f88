"""Deployability: whether a version of a service works with all that runs where it is to go, from the record alone."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import hardpoint
from hardpoint.assurance.contracts.consumers.heard import Heard
from hardpoint.assurance.contracts.model import VERIFICATION
from hardpoint.kernel.evidence import Assurance, Binding, Evidence, Producer
from hardpoint.kernel.hearing import Gone, Recorded, believed

DEPLOYMENT = "deployment"
"""The kind of evidence that says which version of a service runs in an environment."""
GONE = ""
"""The version of a service that does not run there."""


def deployment(service: str, version: str, environment: str, at: str, *, ci: bool) -> Evidence:
    """What says that a version runs in an environment, or that none does."""
    return Evidence(
        kind=DEPLOYMENT,
        name=service,
        service=service,
        producer=Producer(name="hardpoint", version=hardpoint.__version__),
        population=1,
        facts={"version": version},
        environment=environment,
        time=at,
        assurance=Assurance.CI if ci else Assurance.DECLARED,
    )


@dataclass(frozen=True, slots=True)
class Party:
    """A service at a version."""

    service: str
    version: str

    def __str__(self) -> str:
        return f"{self.service} {self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the record says: of each consumer with each provider the newest verification by each file, and what runs
    where."""

    verified: Mapping[tuple[Party, Party], Mapping[str, Recorded]] = field(default_factory=dict)
    running: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """By service and environment the version, GONE for none."""
    lost: Mapping[str, Sequence[Gone]] = field(default_factory=dict)
    """By service what was said of it and is no longer there."""

    @classmethod
    def of(cls, heard: Heard) -> "Known":
        """What evidence that counts says; newer of the same name, or the same environment, takes the place of older."""
        verified: dict[tuple[Party, Party], dict[str, Recorded]] = {}
        running: dict[tuple[str, str], str] = {}
        for each in sorted(heard.evidence, key=believed):
            facts, evidence = each.evidence.facts, each.evidence
            version = facts.get("version")
            if evidence.kind == VERIFICATION.kind and evidence.service == facts.get("provider"):
                consumer = Party(str(facts.get("consumer")), str(facts.get("consumer_version")))
                provider = Party(evidence.service, str(facts.get("provider_version")))
                verified.setdefault((consumer, provider), {})[evidence.name] = each
            elif (
                evidence.kind == DEPLOYMENT
                and evidence.environment
                and isinstance(version := facts.get("version"), str)
            ):
                running[evidence.service, evidence.environment] = version
        return cls(verified=verified, running=running, lost=heard.lost)

    def lost_deployment(self, service: str, environment: str) -> Gone | None:
        """What may have said last which version of a service runs there."""
        return self._lost(service, DEPLOYMENT, lambda each: each.environment in {None, environment})

    def lost_verification(self, service: str, commits: Collection[str | None]) -> Gone | None:
        """What may have said of a provider, at one of these commits, that it does not do what a consumer expects."""
        return self._lost(service, VERIFICATION.kind, lambda each: each.commit in commits)

    def _lost(self, service: str, kind: str, is_it: Callable[[Binding], bool]) -> Gone | None:
        lost = ((each, each.binding) for each in self.lost.get(service, ()))
        return next((each for each, was in lost if was is None or (was.kind == kind and is_it(was))), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """Two services that meet in an environment, and whether they are known to work together.

    `holds` is None where there is not enough evidence, and that is no.
    """

    consumer: Party
    provider: Party
    holds: bool | None
    why: str
    entry: int | None = None


def pairings(candidate: Party, environment: str, known: Known, declared: Iterable[tuple[str, str]]) -> list[Pairing]:
    """Every pairing that a deployment brings about; `declared` are consumers, each with its provider, by name."""
    met = {(consumer.service, provider.service) for consumer, provider in known.verified}
    ours = sorted(each for each in {*met, *declared} if candidate.service in each and each[0] != each[1])
    return list(_pairings(candidate, environment, known, ours))


def _pairings(candidate: Party, environment: str, known: Known, ours: Sequence[tuple[str, str]]) -> Iterator[Pairing]:
    for consumer, provider in ours:
        other = provider if consumer == candidate.service else consumer
        version = known.running.get((other, environment))
        there = Party(other, version or "?")
        sides = (candidate, there) if consumer == candidate.service else (there, candidate)
        if lost := known.lost_deployment(other, environment):
            why = f"which version of {other} runs in {environment} was recorded, and is {lost.how} (entry {lost.entry})"
            yield Pairing(consumer=sides[0], provider=sides[1], holds=None, why=why, entry=lost.entry)
        elif version == GONE and other == consumer:
            why = f"{other} does not run in {environment}, and needs nothing there"
            yield Pairing(consumer=there, provider=candidate, holds=True, why=why)
        else:
            yield _judged(*sides, version, other, environment, known)


def _judged(
    consumer: Party, provider: Party, version: str | None, other: str, environment: str, known: Known
) -> Pairing:
    if version is None:
        why = f"nobody recorded which version of {other} runs in {environment}"
        return Pairing(consumer=consumer, provider=provider, holds=None, why=why)
    if version == GONE:
        why = f"{other} does not run in {environment}"
        return Pairing(consumer=consumer, provider=provider, holds=False, why=why)
    found = known.verified.get((consumer, provider))
    if not found:
        why = f"nobody verified {consumer} with {provider}"
        return Pairing(consumer=consumer, provider=provider, holds=None, why=why)
    said = [_by(each, consumer, provider) for each in found.values()]
    commits = {each.evidence.commit for each in found.values()}
    if lost := known.lost_verification(provider.service, commits):
        why = f"a verification of {provider.service} at the same commit is {lost.how} (entry {lost.entry})"
        said.append(Pairing(consumer=consumer, provider=provider, holds=None, why=why, entry=lost.entry))
    return min(said, key=_worst_first)


def _by(recorded: Recorded, consumer: Party, provider: Party) -> Pairing:
    """What one verification says."""
    evidence, facts = recorded.evidence, recorded.evidence.facts
    holds: bool | None = facts.get("holds") is True
    why = f"{facts.get('verified')} verified, {facts.get('failed')} failed, {facts.get('unverified')} not judged"
    if evidence.error is not None or evidence.population <= 0:
        holds, why = None, f"the verification came to no result: {evidence.error or 'it looked at nothing'}"
    return Pairing(consumer=consumer, provider=provider, holds=holds, why=why, entry=recorded.entry)


def _worst_first(pairing: Pairing) -> int:
    return [False, None, True].index(pairing.holds)
