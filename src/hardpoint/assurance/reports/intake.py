"""Reports as evidence: what is read from a file, and whom and what it is about."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from hardpoint.assurance.reports.attestations import KIND as ATTESTATION
from hardpoint.assurance.reports.attestations import SIGNATURE, SIGNER, read_attestation
from hardpoint.kernel import git
from hardpoint.kernel.clock import format_instant, parse_instant
from hardpoint.kernel.evidence import Evidence, Fact, Source
from hardpoint.kernel.finding import Finding
from hardpoint.kernel.identity.model import TRUST
from hardpoint.kernel.importer import MAX_REPORT_BYTES, Importer, read_report
from hardpoint.kernel.ownership.model import SERVICES, service_named
from hardpoint.kernel.place import Place
from hardpoint.kernel.problem import UnreadableProblem
from hardpoint.kernel.rooms.cli import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """One report file and what was read from it, or why nothing was; `entry` is its index in the record."""

    file: str
    kind: str | None = None
    facts: Mapping[str, Fact] | None = None
    findings: tuple[Finding, ...] | None = None
    error: str | None = None
    entry: int | None = None
    added: bool = False


def read_file(context: Context, file: str, importers: Sequence[Importer]) -> tuple[Imported, Evidence | None]:
    """What a file says, as a row and as evidence that is not yet about any service."""
    try:
        data = _content(context.folder / file)
        kind, report = read_report(data, importers)
    except UnreadableProblem as problem:
        place = Place(file, problem.place.line, problem.place.column) if problem.place else Place(file)
        return Imported(file=file, error=f"{place}: {problem.sentence}"), None
    source = Source(name=file, sha256=sha256(data).hexdigest(), size_bytes=len(data))
    evidence = Evidence(
        kind=kind,
        name=file,
        service="",
        producer=report.producer,
        population=report.population,
        facts=report.facts,
        findings=tuple(_placed(finding, file) for finding in report.findings),
        commit=report.commit,
        time=report.time,
        error=report.error,
        source=source,
    )
    return Imported(
        file=file, kind=kind, facts=evidence.facts, findings=evidence.findings, error=evidence.error
    ), evidence


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_REPORT_BYTES + 1)
    except OSError as error:
        raise UnreadableProblem(f"cannot be read: {error.strerror}") from error


def _placed(finding: Finding, file: str) -> Finding:
    """A finding whose report names no source file stands in the report itself."""
    return finding if finding.place.file else replace(finding, place=replace(finding.place, file=file))


def about(
    context: Context,
    *,
    service: str | None,
    commit: str | None,
    when: str | None,
    environment: str | None,
    name: str | None,
) -> Callable[[Evidence], Evidence]:
    """What the caller says of the reports, wherever they do not say it themselves."""
    workspace = context.workspace
    whom = service_of(context, service)
    revision = git.resolve(workspace.root, commit) if commit and workspace.root else commit
    time = format_instant(parse_instant(when)) if when else None

    def complete(evidence: Evidence) -> Evidence:
        bound = evidence.commit or revision
        return replace(
            verified(context, evidence),
            name=named(evidence, name, told_apart(context, evidence.name)),
            service=whom,
            commit=bound,
            dirty=workspace.dirty and bound == workspace.commit,
            time=evidence.time or time,
            environment=environment,
        )

    return complete


def named(evidence: Evidence, run: str | None, file: str) -> str:
    """A report's name: the run that it is of, and its file; before that an attestation's type, which gates go by."""
    predicate = str(evidence.facts.get("predicate", "")) if evidence.kind == ATTESTATION else None
    return "/".join(filter(None, (predicate, run, file)))


def verified(context: Context, evidence: Evidence) -> Evidence:
    """An attestation with what is known of its signature: by a key that is trusted now, or by none.

    Raises UnreadableProblem if its file is no longer what was read.
    """
    if evidence.kind != ATTESTATION or evidence.source is None:
        return evidence
    data = _content(context.folder / evidence.source.name)
    if sha256(data).hexdigest() != evidence.source.sha256:
        raise UnreadableProblem(f"{evidence.source.name} changed while it was read", remedy="Import it again.")
    envelope = read_attestation(data).envelope
    now = context.clock()
    trusted = [
        each
        for each in context.governing.manifest[TRUST].keys
        if (each.from_ is None or each.from_ <= now)
        and (each.until is None or now < each.until)
        and (each.revoked is None or now < each.revoked)
    ]
    signed = {key.id for key in envelope.signers(each.key for each in trusted)} if envelope else set()
    holders = sorted({each.holder for each in trusted if each.key.id in signed})
    if not holders:
        return evidence
    return replace(evidence, facts={**evidence.facts, SIGNATURE: "verified", SIGNER: ", ".join(holders)})


def service_of(context: Context, name: str | None) -> str:
    """The service that evidence is about: the one that was named, or the only one.

    Raises UsageProblem if that is none, or one of several.
    """
    return service_named(context.workspace.manifest[SERVICES], name).name


def told_apart(context: Context, file: str) -> str:
    """A report's name from the repository's root: evidence of one name supersedes, so two files never share one."""
    path, root = (context.folder / file).resolve(), context.workspace.root
    return (path.relative_to(root) if root and path.is_relative_to(root) else path).as_posix()
