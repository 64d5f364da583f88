"""What a header says of a body against what was signed: the log signs the one, and a holder the other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from hardpoint.kernel import encoding
from hardpoint.kernel.evidence import KIND as EVIDENCE
from hardpoint.kernel.evidence import PREDICATE, topic_among
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.record.envelope import STATEMENT_TYPE
from hardpoint.kernel.record.model import Header
from hardpoint.kernel.verdict import Answer

VERDICT = "verdict"
"""The kind of the record's entries that hold verdicts."""
SUMMARY = "https://slsa.dev/verification_summary/v1"
DECISION = "https://hardpoint.dev/decision/v1"
"""The extension field with the decision in full; the specification has such names be URIs."""
LEVELS = {Answer.GO: "GATE_GO", Answer.GO_BY_WAIVER: "GATE_GO_BY_WAIVER", Answer.NO_GO: "FAILED"}
"""What is stated as `verifiedLevels`: custom values may not begin with SLSA_."""
UNSTATED = "its header says something else than what was signed"

_KINDS = {PREDICATE: EVIDENCE, SUMMARY: VERDICT}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    name: str
    digest: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    predicateType: str  # noqa: N815 - in-toto's name
    subject: tuple[_Subject, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bound:
    service: str
    kind: str
    name: str
    commit: str | None = None
    environment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    predicate: _Bound


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verdict:
    predicate: dict[str, Any]


_read = encoding.reader(_Statement, what="The statement")
_read_evidence = encoding.reader(_Evidence, what="The statement")
_read_verdict = encoding.reader(_Verdict, what="The statement")


def is_stated(header: Header, payload: bytes) -> bool:
    """Whether the header of evidence or of a verdict says what its signer did: kind, subject and topic.

    A verdict whose result is not its decision's answer says nothing that a header could say.

    Else whoever writes the log could put a genuine statement about one service under the name of another. A header of
    any other kind fits, unless the payload is one of these two; of a version that is not known here, only the subject
    is compared.
    """
    ours = header.kind in _KINDS.values()
    if header.payload_type != STATEMENT_TYPE:
        return not ours
    try:
        statement = _read(payload)
        kind = _KINDS.get(statement.predicateType, header.kind)
        if not ours or kind != header.kind:
            return kind == header.kind
        (subject,) = statement.subject
        return subject.name == header.subject and (
            statement.predicateType not in _KINDS or _service_and_topic(kind, subject, payload) == _said(header)
        )
    except (UnreadableProblem, ValueError):
        return not ours


def verdict_topic(gate: str, commit: str | None) -> str:
    """The topic that the verdicts of a gate on a commit are recorded under."""
    return sha256(encoding.encode((gate, commit))).hexdigest()


def result_of(answer: Answer) -> tuple[str, list[str]]:
    """What a summary states as `verificationResult` and `verifiedLevels`."""
    return "FAILED" if answer is Answer.NO_GO else "PASSED", [LEVELS[answer]]


def _said(header: Header) -> tuple[str, str]:
    return header.subject, header.topic


def _service_and_topic(kind: str, subject: _Subject, payload: bytes) -> tuple[object, str]:
    commit = subject.digest.get("gitCommit")
    if kind == EVIDENCE:
        said = _read_evidence(payload).predicate
        if said.commit != commit:
            raise ValueError("the statement is about another commit than its predicate")
        return said.service, topic_among(said.kind, said.name, said.commit, said.environment)
    predicate = _read_verdict(payload).predicate
    policy, decision = predicate.get("policy"), predicate.get(DECISION)
    if not isinstance(policy, Mapping) or not isinstance(decision, Mapping) or decision.get("commit") != commit:
        raise ValueError("the statement is about another commit than its decision")
    result = (predicate.get("verificationResult"), predicate.get("verifiedLevels"))
    if result != result_of(Answer(str(decision.get("answer")))):
        raise ValueError("the statement's result is not its decision's answer")
    return decision.get("service"), verdict_topic(str(policy.get("name")), commit)
