"""Attestations of others: in-toto statements, bare, in a DSSE envelope or in a Sigstore bundle."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hardpoint.kernel import encoding
from hardpoint.kernel.clock import format_instant, parse_instant
from hardpoint.kernel.evidence import Fact
from hardpoint.kernel.problem import UnreadableProblem, UsageProblem
from hardpoint.kernel.record.envelope import STATEMENT_TYPE, Envelope, read_envelope

KIND = "attestation"
SIGNATURE = "signature"
"""The fact that says what is known of its signature: none, unverified or verified."""
SIGNER = "signer"
MAX_ATTESTATION_BYTES = 16 * 1024 * 1024
_STATEMENTS = ("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1")
_COMMIT_DIGESTS = ("gitCommit", "sha1")
_COMMIT_LENGTHS = (40, 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is attested of: a name and its digests in hex, by algorithm."""

    name: str = ""
    digest: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    _type: str
    predicateType: str  # noqa: N815 - the names here and below are in-toto's
    subject: list[Subject]
    predicate: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bundle:
    dsseEnvelope: dict[str, Any]  # noqa: N815 - Sigstore's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """A statement, and the envelope that it came in; None for a bare one, which nobody signed."""

    predicate_type: str
    subjects: tuple[Subject, ...]
    predicate: Mapping[str, Any]
    envelope: Envelope | None

    @property
    def facts(self) -> Mapping[str, Fact]:
        """What a gate can ask; what the predicate does not say has no fact."""
        said = {
            "predicate": self.predicate_type,
            "subject": self.subjects[0].name,
            "sha256": self.subjects[0].digest.get("sha256", ""),
            "builder": self.builder,
            "build_type": self._text("buildDefinition", "buildType") or self._text("buildType"),
            "result": self._text("verificationResult"),
        }
        known: dict[str, Fact] = {name: value for name, value in said.items() if value}
        return {
            **known,
            "subjects": len(self.subjects),
            SIGNATURE: "unverified" if self.envelope else "none",
            SIGNER: "",
        }

    @property
    def builder(self) -> str:
        """Who built or verified it, as the predicate says (SLSA provenance 0.2 and 1, verification summary 1)."""
        return self._text("runDetails", "builder", "id") or self._text("builder", "id") or self._text("verifier", "id")

    @property
    def time(self) -> str | None:
        """When it happened, if the predicate says so."""
        for path in (
            ("runDetails", "metadata", "finishedOn"),
            ("runDetails", "metadata", "startedOn"),
            ("metadata", "buildFinishedOn"),
            ("metadata", "buildStartedOn"),
            ("timeVerified",),
        ):
            try:
                return format_instant(parse_instant(self._text(*path)))
            except UsageProblem:
                continue
        return None

    @property
    def commit(self) -> str | None:
        """The one commit that it is about: its subject, the source of its build, or the only one that it names."""
        for commits in (self._subject_commits(), self._source_commits(), self._named_commits()):
            found = {commit.lower() for commit in commits if len(commit) in _COMMIT_LENGTHS}
            if found:
                return found.pop() if len(found) == 1 else None
        return None

    def _subject_commits(self) -> Iterator[str]:
        return (each.digest["gitCommit"] for each in self.subjects if "gitCommit" in each.digest)

    def _source_commits(self) -> Iterator[str]:
        """Of the repository that the build was told to build."""
        yield from _commits([self._at("invocation", "configSource")])
        source = self._text("buildDefinition", "externalParameters", "workflow", "repository")
        if source:
            whole = (source, f"git+{source}")
            for each in self._materials():
                uri = str(each.get("uri", "")) if isinstance(each, Mapping) else ""
                if uri.partition("@")[0].removesuffix(".git") in whole:
                    yield from _commits([each])

    def _named_commits(self) -> Iterator[str]:
        return _commits(self._materials())

    def _materials(self) -> list[Any]:
        found = self._at("buildDefinition", "resolvedDependencies") or self._at("materials")
        return found if isinstance(found, list) else []

    def _at(self, *path: str) -> Any:
        value: Any = self.predicate
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def _text(self, *path: str) -> str:
        value = self._at(*path)
        return value if isinstance(value, str) else ""


def _commits(materials: list[Any]) -> Iterator[str]:
    for each in materials:
        digest = each.get("digest") if isinstance(each, Mapping) else None
        is_git = isinstance(each, Mapping) and str(each.get("uri", "")).startswith("git+")
        for name in _COMMIT_DIGESTS if is_git else _COMMIT_DIGESTS[:1]:
            if isinstance(digest, Mapping) and isinstance(digest.get(name), str):
                yield digest[name]
                break


def read_attestation(data: bytes) -> Attestation:
    """An attestation from its JSON; no signature is verified.

    Raises UnreadableProblem if it is none, is about nothing, is of a version that is not known, or is not the only one.
    """
    if len(data) > MAX_ATTESTATION_BYTES:
        raise UnreadableProblem(f"is larger than {MAX_ATTESTATION_BYTES} bytes")
    lines = [line for line in data.splitlines() if line.strip()]
    if len(lines) > 1 and all(line.lstrip().startswith(b"{") and line.rstrip().endswith(b"}") for line in lines):
        raise UnreadableProblem(
            f"holds {len(lines)} attestations", remedy="Import each of its lines as a file of its own."
        )
    data = data.removeprefix(b"\xef\xbb\xbf")
    found = encoding.decode(data, dict[str, Any], what="The attestation")
    encoding.refuse_doubles(data, what="The attestation")
    envelope = _envelope(found)
    payload = encoding.encode(found) if envelope is None else envelope.payload
    statement = encoding.decode(payload, dict[str, Any], what="The statement")
    encoding.refuse_doubles(payload, what="The statement")
    if statement.get("_type") not in _STATEMENTS:
        raise UnreadableProblem(f"is a statement of type {statement.get('_type')!r}; read are {', '.join(_STATEMENTS)}")
    read = encoding.convert(
        {"predicate": {}, **{key: value for key, value in statement.items() if value is not None}},
        _Statement,
        what="The statement",
    )
    if not read.subject or not read.predicateType:
        raise UnreadableProblem("is a statement about nothing" if not read.subject else "has no type of predicate")
    return Attestation(
        predicate_type=read.predicateType, subjects=tuple(read.subject), predicate=read.predicate, envelope=envelope
    )


def _envelope(found: Mapping[str, Any]) -> Envelope | None:
    if "dsseEnvelope" in found:
        found = encoding.convert(dict(found), _Bundle, what="The bundle").dsseEnvelope
    elif "payloadType" not in found:
        return None
    envelope = read_envelope(encoding.encode(found))
    if envelope.payload_type != STATEMENT_TYPE:
        raise UnreadableProblem(f"is an envelope of {envelope.payload_type!r}, and {STATEMENT_TYPE!r} is read")
    return envelope
