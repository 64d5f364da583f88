"""Evidence: what was found, about which service and commit, by whom; an in-toto Statement."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import total_ordering
from hashlib import sha256
from typing import Any

from hardpoint.kernel import encoding
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.record.envelope import STATEMENT_TYPE
from hardpoint.kernel.record.model import Draft

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://hardpoint.dev/evidence/v1"
KIND = "evidence"
"""The kind of the record's entries that hold evidence."""

Fact = int | float | bool | str
"""A measured value; a name such as `failures` says what it is of."""


@total_ordering
class Assurance(Enum):
    """How evidence came about, from the weakest to the strongest."""

    DECLARED = "declared"
    """A person or a script says so."""
    RAN = "ran"
    """Hardpoint ran it."""
    CI = "ci"
    """A CI runner recorded it, whose identity its issuer vouches for."""

    def __lt__(self, other: Any) -> bool:
        if not isinstance(other, Assurance):
            return NotImplemented
        return _STRENGTH[self] < _STRENGTH[other]


_STRENGTH = {assurance: strength for strength, assurance in enumerate(Assurance)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Producer:
    """The tool that found it, with its version where the report says so."""

    name: str
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The report that evidence was read from: its name, SHA-256 in hex, and size; the bytes are not kept."""

    name: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one run of one tool says of one service.

    `kind` is what sort of result it is (`check`, `junit`, `sarif`) and `name` tells several of that kind apart; newer
    evidence of the same service, commit, kind and name supersedes older. `time` is when it happened, RFC 3339, where
    that is known. `population` is how much was looked at: nothing found in nothing is no pass. `error` says why the
    run came to no result. Without `commit` it is bound to no revision. `assurance` is what it says of itself; its
    signature decides how much of that is believed.
    """

    kind: str
    name: str
    service: str
    producer: Producer
    population: int
    facts: Mapping[str, Fact]
    findings: tuple[Finding, ...] = ()
    commit: str | None = None
    dirty: bool = False
    environment: str | None = None
    time: str | None = None
    error: str | None = None
    source: Source | None = None
    assurance: Assurance = Assurance.DECLARED


def to_statement(evidence: Evidence) -> bytes:
    """The evidence as the bytes that are signed: an in-toto Statement v1 about the service at its commit.

    Raises UnreadableProblem for a fact that JSON cannot write, which nobody could read again.
    """
    for name, fact in evidence.facts.items():
        if isinstance(fact, float) and not math.isfinite(fact):
            raise UnreadableProblem(f"The fact {name} is {fact}, which is no number that can be judged")
    predicate = encoding.plain(evidence)
    commit = predicate["commit"]
    # A subject needs a digest; evidence that is bound to no commit is about itself.
    digest = {"gitCommit": commit} if commit else {"sha256": sha256(encoding.encode(predicate)).hexdigest()}
    return statement(evidence.service, digest, PREDICATE, predicate)


def statement(name: str, digest: Mapping[str, str], predicate_type: str, predicate: object) -> bytes:
    """An in-toto Statement v1 about one subject, as the bytes that are signed."""
    subject = {"name": name, "digest": digest}
    return encoding.encode(
        {"_type": STATEMENT, "subject": [subject], "predicateType": predicate_type, "predicate": predicate}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    name: str
    digest: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    predicateType: str  # noqa: N815 - in-toto's name
    subject: tuple[_Subject, ...]
    predicate: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What sort of result evidence is, of which commit or environment, and when it happened."""

    kind: str
    commit: str | None = None
    time: str | None = None
    environment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bound:
    predicate: Binding


_read_bound = encoding.reader(_Bound, what="The statement")


def drafted(evidence: Evidence) -> Draft:
    """The evidence as it is appended to the record; its topic is what newer evidence supersedes it by."""
    return Draft(
        kind=KIND,
        subject=evidence.service,
        topic=topic_of(evidence),
        payload_type=STATEMENT_TYPE,
        payload=to_statement(evidence),
    )


def topic_of(evidence: Evidence) -> str:
    """The topic that evidence is recorded under."""
    return topic_among(evidence.kind, evidence.name, evidence.commit, evidence.environment)


def topic_among(kind: str, name: str, commit: str | None, environment: str | None) -> str:
    """The topic of evidence by what tells it from other evidence of its service."""
    return sha256(encoding.encode((kind, name, commit, environment))).hexdigest()


def binding_of(payload: bytes) -> Binding:
    """The binding alone, at a fraction of what it costs to read the evidence.

    Raises UnreadableProblem if the payload states none.
    """
    return _read_bound(payload).predicate


def from_statement(payload: bytes) -> Evidence:
    """Read what to_statement wrote.

    Raises UnreadableProblem for anything else, an unknown version of the predicate above all.
    """
    statement = encoding.decode(payload, _Statement, what="The statement")
    if statement.predicateType != PREDICATE:
        raise UnreadableProblem(
            f"The statement is of type {statement.predicateType!r}, which this Hardpoint cannot read",
            remedy="Upgrade Hardpoint.",
        )
    evidence = encoding.convert(statement.predicate, Evidence, what="The statement's predicate")
    named = [(each.name, each.digest.get("gitCommit")) for each in statement.subject]
    if named != [(evidence.service, evidence.commit)]:
        raise UnreadableProblem("The statement's subject is not what its predicate is about")
    return evidence
