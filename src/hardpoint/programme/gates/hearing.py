"""What a service's evidence says at one instant, and who says it: from the record to what the judge takes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from hardpoint.kernel.clock import parse_instant
from hardpoint.kernel.evidence import KIND, Binding, binding_of, from_statement
from hardpoint.kernel.identity.voices import Voice, Voices
from hardpoint.kernel.record.erasure import order_in
from hardpoint.kernel.record.imported import KIND as IMPORTED
from hardpoint.kernel.record.model import Entry
from hardpoint.kernel.record.scan import Scan
from hardpoint.kernel.record.stated import UNSTATED, is_stated
from hardpoint.kernel.waiver import APPROVAL
from hardpoint.programme.gates.imported import hear_imported
from hardpoint.programme.gates.standing import Gone, Recorded, Subject


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
    ear = _Ear(voices, scan.earliest())
    own = scan.entries(kind=KIND, subject=subject.service, until=until)
    taken = scan.entries(kind=IMPORTED, subject=subject.service, until=until)
    heard = hear_imported(taken, voices, scope.holds, ear.instant, local=subject.local)
    return [*_recorded(own, scope, ear, local=subject.local), *heard]


def hear_gone(scan: Scan, subject: Subject, scope: Scope, *, until: datetime | None = None) -> list[Gone]:
    """The evidence of a service that was erased or archived and is, or may be, in scope.

    An order is read whenever it came: what it took out is gone for every instant.
    """
    found: list[Gone] = []
    for kind in (KIND, IMPORTED):
        indexes = scan.indexes(kind=kind, subject=subject.service, until=until)
        found += [*_erased(scan, indexes), *_archived(scan, indexes)]
    return [each for each in found if each.binding is None or scope.holds(each.binding)]


def _erased(scan: Scan, indexes: Sequence[int]) -> Iterator[Gone]:
    orders = {index: order for index in indexes if (order := scan.orders.erasure_of(index)) is not None}
    gone = [entry for entry in scan.read(list(orders)) if entry.payload is None]
    by = {entry.index: entry for entry in scan.read(sorted({orders[entry.index] for entry in gone}))}
    for entry in gone:
        said = order_in(by[orders[entry.index]])
        yield _gone(entry, orders[entry.index], f"erased: {said.reason}", said.erased)


def _archived(scan: Scan, indexes: Sequence[int]) -> Iterator[Gone]:
    for archival in scan.orders.archivals:
        for entry in scan.read(archival.among(indexes)):
            if entry.payload is None and scan.orders.erasure_of(entry.index) is None:
                how = f"archived in {archival.file}"
                yield _gone(entry, archival.order, how, archival.bound.get(entry.index))


def _gone(entry: Entry, order: int, how: str, binding: Binding | None) -> Gone:
    return Gone(
        entry=entry.index,
        at=entry.header.at,
        topic=entry.header.topic,
        order=order,
        how=how,
        binding=binding,
        imported=entry.header.kind == IMPORTED,
    )


@dataclass(frozen=True, slots=True)
class _Ear:
    """Hears who says what an entry holds; an entry is no older than those before it, whatever it states."""

    voices: Voices
    earliest: Sequence[str]

    def hear(self, entry: Entry, *, local: bool) -> Recorded:
        evidence = from_statement(entry.payload or b"")
        voice = self.voices.hear(entry, evidence, self.instant(entry), local=local)
        if not is_stated(entry.header, entry.payload or b""):  # the log's word, and not that of who signed the evidence
            voice = Voice(holder="nobody", why_not=UNSTATED)
        return Recorded(entry=entry.index, at=entry.header.at, evidence=evidence, voice=voice)

    def instant(self, entry: Entry) -> datetime:
        """When an entry was recorded, as far as that is believed."""
        return parse_instant(self.earliest[entry.index])


def _recorded(entries: Iterable[Entry], scope: Scope, ear: _Ear, *, local: bool) -> list[Recorded]:
    ours: list[Entry] = []
    elsewhere: dict[str, Entry] = {}
    for entry in entries:
        if entry.payload is None or entry.signature is None:
            continue
        if scope.holds(binding := binding_of(entry.payload)):
            ours.append(entry)
        else:
            elsewhere[binding.kind] = entry
    return [ear.hear(each, local=local) for each in (*elsewhere.values(), *ours)]
