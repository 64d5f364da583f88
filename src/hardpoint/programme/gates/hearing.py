"""What a service's evidence says at one instant, and who says it: from the record to what the judge takes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from hardpoint.kernel.evidence import KIND, Binding, binding_of
from hardpoint.kernel.hearing import Ear, Gone, Recorded, gone_from
from hardpoint.kernel.identity.voices import Voices
from hardpoint.kernel.record.imported import KIND as IMPORTED
from hardpoint.kernel.record.model import Entry
from hardpoint.kernel.record.scan import Scan
from hardpoint.kernel.waiver import APPROVAL
from hardpoint.programme.gates.standing import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a gate may rest on: evidence of these commits or environments, and approvals, which are of neither."""

    commits: frozenset[str | None]
    environments: frozenset[str] = frozenset()

    def holds(self, binding: Binding) -> bool:
        """Whether evidence that is bound so is in scope."""
        return binding.commit in self.commits or binding.environment in self.environments or binding.kind == APPROVAL


def hear_all(
    scan: Scan, voices: Voices, subject: Subject, scope: Scope, *, until: datetime | None = None
) -> list[Recorded]:
    """The evidence in scope, and the newest of each kind that is not, which tells why there is none.

    With `until`, what was in the record by then. A body that is gone says nothing here: hear_gone tells of it.
    """
    ear = Ear(voices, scan.earliest(), subject.local)
    own = scan.entries(kind=KIND, subject=subject.service, until=until)
    taken = scan.entries(kind=IMPORTED, subject=subject.service, until=until)
    heard = ear.hear_imported(taken, scope.holds)
    return [*_recorded(own, scope, ear), *heard]


def hear_gone(scan: Scan, subject: Subject, scope: Scope, *, until: datetime | None = None) -> list[Gone]:
    """The evidence of a service that was erased or archived and is, or may be, in scope."""
    return gone_from(scan, subject.service, scope.holds, until=until)


def _recorded(entries: Iterable[Entry], scope: Scope, ear: Ear) -> list[Recorded]:
    ours: list[Entry] = []
    elsewhere: dict[str, Entry] = {}
    for entry in entries:
        if entry.payload is None or entry.signature is None:
            continue
        if scope.holds(binding := binding_of(entry.payload)):
            ours.append(entry)
        else:
            elsewhere[binding.kind] = entry
    return [ear.hear(each) for each in (*elsewhere.values(), *ours)]
