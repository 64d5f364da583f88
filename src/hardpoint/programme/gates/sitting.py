"""A sitting: the gates that are judged, the subject, and everything that is heard about it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from hardpoint.kernel.database import Database
from hardpoint.kernel.identity.model import TRUST
from hardpoint.kernel.identity.voices import Voices
from hardpoint.kernel.manifest import MANIFEST_FILE
from hardpoint.kernel.ownership.model import SERVICES, service_named
from hardpoint.kernel.problem import UsageProblem
from hardpoint.kernel.record.scan import Scan, scanned
from hardpoint.kernel.record.witnessed import covered
from hardpoint.kernel.rooms.cli import Context
from hardpoint.kernel.spelling import did_you_mean
from hardpoint.kernel.waiver import WAIVERS
from hardpoint.programme.findings.heard import ledger_of
from hardpoint.programme.findings.ledger import Ledger
from hardpoint.programme.gates.hearing import Scope, hear_all, hear_gone
from hardpoint.programme.gates.judge import Hearing
from hardpoint.programme.gates.lookback import Lookback
from hardpoint.programme.gates.model import GATES, FindingsCriterion, Gate
from hardpoint.programme.gates.standing import Subject, no_commit


class Local(NamedTuple):
    """Why a verdict is local, and what would make it count."""

    reason: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """What is judged, and what was heard; `local` says why its verdicts release nothing, and is empty where they do."""

    gates: Sequence[Gate]
    subject: Subject
    hearing: Hearing
    local: Sequence[Local]
    view: Database
    lookback: Lookback


@contextmanager
def sitting(
    context: Context,
    name: str | None,
    *,
    service: str | None = None,
    at: datetime | None = None,
    accepted: bool = False,
) -> Iterator[Sitting]:
    """Hear what the record says by an instant, by default now, about gate NAME or all of them.

    With `accepted`, also of the findings that waivers are about, where no gate asks for findings.
    Raises UsageProblem if there is no such gate, IntegrityProblem if the record does not hold.
    """
    gates = named(context, name)
    workspace, governing = context.workspace, context.governing.manifest
    about = service_named(workspace.manifest[SERVICES], service).name
    with context.stored() as database, scanned(database, context.memory) as scan:
        context.expected.refuse_other(scan.origin)
        voices = context.voices(scan)
        scan.refuse_broken(voices.keys, context.witnesses)
        local = _local_because(context, voices)
        base = context.at_base.commit if context.at_base is not None else None
        subject = Subject(
            service=about,
            commit=workspace.commit,
            at=at or context.clock(),
            local=bool(local),
            in_git=workspace.in_git,
            base=base,
        )
        scope = Scope(
            commits=frozenset({subject.commit, *([base] if base else [])}),
            environments=frozenset(each.environment for gate in gates for each in gate.criteria if each.environment),
        )
        hearing = Hearing(
            recorded=hear_all(scan, voices, subject, scope, until=at),
            gone=hear_gone(scan, subject, scope, until=at),
            witnessed=_witnessed(scan, context, voices, subject),
            waivers=governing[WAIVERS],
            ledger=_ledger(context, gates, scan, voices, subject, until=at, accepted=accepted),
            functions={each.name: frozenset(each.holders) for each in governing[TRUST].functions},
        )
        yield Sitting(
            gates=gates,
            subject=subject,
            hearing=hearing,
            local=local,
            view=scan.view,
            lookback=Lookback(scan, voices),
        )


def named(context: Context, name: str | None) -> Sequence[Gate]:
    """The gate of that name, or every gate.

    Raises UsageProblem if there is none.
    """
    if not context.workspace.manifest.exists:
        raise UsageProblem(f"There is no {MANIFEST_FILE} here", remedy="`hardpoint init` writes a first one.")
    gates = context.governing.manifest[GATES]
    where = MANIFEST_FILE if context.protected is None else f"{MANIFEST_FILE} at {context.base}"
    names = [each.name for each in gates]
    if not gates:
        raise UsageProblem(f"{where} declares no gate", remedy="Add one under `gates:`.")
    if name is not None and name not in names:
        if name in [each.name for each in context.workspace.manifest[GATES]]:
            raise UsageProblem(
                f"{where} has no gate {name!r}: it is declared in this change alone",
                remedy="It decides once it is merged. Without a base it gives a local verdict.",
            )
        raise UsageProblem(f"No gate is named {name!r}{did_you_mean(name, names)}", remedy=f"Known: {', '.join(names)}")
    return [each for each in gates if name in (None, each.name)]


def _local_because(context: Context, voices: Voices) -> list[Local]:
    """Why a verdict releases nothing; empty where it does.

    The change that is judged says itself by which gates and whom to trust, the tree is dirty, or its signer is nobody
    that the team vouches for now.
    """
    found = []
    if context.workspace.commit is None:
        found.append(Local(no_commit(in_git=context.workspace.in_git), "Commit first."))
    if context.base is None:
        found.append(
            Local("no base is named, so the change judges itself", "Name the protected branch: --base, HARDPOINT_BASE.")
        )
    elif context.protected is None:
        found.append(
            Local(
                f"{context.base} has no {MANIFEST_FILE} yet, so the change judges itself", "Merge the manifest first."
            )
        )
    if context.workspace.dirty and context.workspace.commit is not None:
        found.append(Local("the working tree has changes that are not committed", "Commit everything."))
    own = context.own_key
    if own is None or not voices.vouches(own, context.clock()):
        found.append(
            Local("your key is none that the team vouches for", "Have it added to `trust.keys` (hardpoint record key).")
        )
    return found


def _ledger(
    context: Context,
    gates: Sequence[Gate],
    scan: Scan,
    voices: Voices,
    subject: Subject,
    *,
    until: datetime | None,
    accepted: bool,
) -> Ledger | None:
    """The problems that were reported, if any gate asks for them: that takes every report of the line."""
    asked = any(isinstance(each, FindingsCriterion) for gate in gates for each in gate.criteria)
    accepted = accepted and any(each.finding is not None for each in context.governing.manifest[WAIVERS])
    if not (asked or accepted):
        return None
    return ledger_of(context, scan, voices, subject.service, local=subject.local, until=until)


def _witnessed(scan: Scan, context: Context, voices: Voices, subject: Subject) -> Mapping[str, int]:
    """How many entries each witness vouches for; a key counts once, and one that signs the record is no witness."""
    witnesses = {name: key for name, key in context.witnesses.items() if key not in voices.keys}
    sizes = covered(scan.view, witnesses, subject.at, scan.tree.roots)
    by_key = {witnesses[name]: name for name in sorted(sizes, key=lambda name: sizes[name])}
    return {name: sizes[name] for name in by_key.values()}
