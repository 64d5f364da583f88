"""What is heard of a service's findings: from the record and the repository to the ledger."""

from collections.abc import Iterator
from datetime import datetime

from hardpoint.kernel import git
from hardpoint.kernel.check import KIND as CHECK
from hardpoint.kernel.evidence import KIND, Binding, binding_of
from hardpoint.kernel.hearing import Ear, Gone, Recorded, believed, believed_instant, gone_from
from hardpoint.kernel.identity.voices import Voices
from hardpoint.kernel.record.imported import KIND as IMPORTED
from hardpoint.kernel.record.scan import Scan
from hardpoint.kernel.rooms.cli import Context
from hardpoint.kernel.waiver import APPROVAL, WAIVERS
from hardpoint.programme.findings.acceptance import Approval, Approvals
from hardpoint.programme.findings.ledger import Ledger, Lost
from hardpoint.programme.findings.look import Look, look_at
from hardpoint.programme.findings.model import FINDINGS, FindingsPolicy
from hardpoint.programme.findings.threats import threats_of


def ledger_of(
    context: Context, scan: Scan, voices: Voices, service: str, *, local: bool, until: datetime | None = None
) -> Ledger:
    """All that counts of what was ever said of a service's findings; with `until`, what was in the record by then.

    What counts is of a commit that the workspace's descends from, or of an environment. Raises UnreadableProblem for a
    file of the policy that cannot be read.
    """
    governing, workspace = context.governing, context.workspace
    line = git.line(workspace.root, workspace.commit) if workspace.root and workspace.commit else git.Line({})
    policy = governing.manifest[FINDINGS]
    heard = [each for each in _heard(scan, voices, service, line, local=local, until=until) if not each.voice.why_not]
    gone = gone_from(scan, service, lambda binding: _is_on(line, binding), until=until)
    return Ledger(
        looks=list(_looks(heard, line, policy, local=local)),
        lost=[_lost(each) for each in gone],
        policy=policy,
        threats=threats_of(policy, governing.read),
        waivers=[each for each in governing.manifest[WAIVERS] if each.finding is not None],
        approvals=Approvals([_approval(each) for each in heard if each.evidence.kind == APPROVAL]),
    )


def _heard(
    scan: Scan, voices: Voices, service: str, line: git.Line, *, local: bool, until: datetime | None
) -> Iterator[Recorded]:
    def is_in_scope(binding: Binding) -> bool:
        return binding.kind == APPROVAL or _is_on(line, binding)

    ear = Ear(voices, scan.earliest(), local)
    for entry in scan.entries(kind=KIND, subject=service, until=until):
        if entry.payload is not None and entry.signature is not None and is_in_scope(binding_of(entry.payload)):
            yield ear.hear(entry)
    yield from ear.hear_imported(scan.entries(kind=IMPORTED, subject=service, until=until), is_in_scope)


def _is_on(line: git.Line, binding: Binding) -> bool:
    """Whether something is a report on the line that is judged; its own check finds nothing that is exposed."""
    if binding.kind in {CHECK, APPROVAL}:
        return False
    on_line = binding.commit is not None and line.position(binding.commit) is not None
    return on_line or binding.environment is not None


def _looks(heard: list[Recorded], line: git.Line, policy: FindingsPolicy, *, local: bool) -> Iterator[Look]:
    for recorded in heard:
        evidence = recorded.evidence
        if evidence.kind == APPROVAL or (evidence.dirty and not local):
            continue
        # What runs somewhere may be taken back to an older commit, so there only time tells.
        position = None if evidence.environment or evidence.commit is None else line.position(evidence.commit)
        yield look_at(recorded, position or 0, policy)


def _approval(recorded: Recorded) -> Approval:
    facts = recorded.evidence.facts
    return Approval(
        waiver=str(facts.get("waiver")),
        digest=str(facts.get("digest")),
        holder=recorded.voice.holder,
        at=believed(recorded)[0],
    )


def _lost(gone: Gone) -> Lost:
    binding = gone.binding
    return Lost(kind=binding.kind if binding else None, at=believed_instant(gone.at, binding.time if binding else None))
